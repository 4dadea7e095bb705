/* SPDX-License-Identifier: Apache-2.0
 *
 * See rare.h.
 */
#include "tcp/internal.h"

#include <string.h>

struct rare *tcp_rare_get(struct host *h, struct tcb *tcb)
{
	if (!tcb->rare) {
		tcb->rare = memory_buffer_get(&h->memory, RARE_ORDER);
		if (tcb->rare)
			memset(tcb->rare, 0, sizeof(*tcb->rare));
	}
	return tcb->rare;
}

void tcp_rare_free(struct host *h, struct tcb *tcb)
{
	if (!tcb->rare)
		return;
	tcp_records_free(h, tcb);
	memory_buffer_put(&h->memory, tcb->rare, RARE_ORDER);
	tcb->rare = NULL;
}

void tcp_rare_resent(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (r)
		r->bytes_resent += bytes;
}

void tcp_rare_dsack(struct host *h, struct tcb *tcb)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (r)
		r->dsacks++;
}

void tcp_rare_reordering(struct host *h, struct tcb *tcb, uint32_t bytes_late)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (!r)
		return;
	r->reorderings++;
	if (bytes_late > r->reorder_most)
		r->reorder_most = bytes_late;
}

void tcp_rare_out_of_order(struct host *h, struct tcb *tcb)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (r)
		r->out_of_order++;
}

void tcp_rare_timeout(struct host *h, struct tcb *tcb, bool first)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (!r)
		return;
	r->timeouts++;
	if (first) {
		r->timeout_episodes++;
		r->timeout_from = tcp_ticks(h);
	}
}

void tcp_rare_marked_in(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (!r)
		return;
	r->marked_in++;
	r->marked_in_bytes += bytes;
}

void tcp_rare_marked_out(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	struct rare *r = tcp_rare_get(h, tcb);

	if (r)
		r->marked_out += bytes;
}

void tcp_rare_timeout_over(struct host *h, struct tcb *tcb)
{
	struct rare *r = tcb->rare;

	if (r && r->timeout_episodes > 0)
		r->timeout_ticks += tcp_ticks(h) - r->timeout_from;
}

weir_duration tcp_rare_limited(const struct host *h, const struct tcb *tcb, enum rare_limit limit)
{
	const struct rare *r = tcb->rare;
	uint32_t ticks;

	if (!r)
		return (weir_duration){0};
	ticks = limit == RARE_LIMIT_WINDOW ? r->window_ticks : r->queue_ticks;
	if (r->limit == (uint8_t)limit)
		ticks += tcp_ticks(h) - r->limit_from;
	return tcp_ticks_time(ticks);
}

/* The peer's window holds back what the congestion window would let go; or all is under way, the window has room, and
 * it is SendQ that takes no more. */
static enum rare_limit limit_now(const struct tcb *tcb, bool refused_write)
{
	uint32_t flight = tcb_flight(tcb), unsent = seq_dist(tcb->snd.nxt, tcb_send_end(tcb));
	uint32_t window = tcb->snd.wnd > flight ? tcb->snd.wnd - flight : 0;
	uint32_t room = tcb->cwnd > flight ? tcb->cwnd - flight : 0;

	if (seq_gt(tcb->snd.nxt, tcb_send_end(tcb)))
		return RARE_LIMIT_NONE;
	if (unsent > window && window < room)
		return RARE_LIMIT_WINDOW;
	return refused_write && flight > 0 && unsent < room && unsent <= window ? RARE_LIMIT_QUEUE : RARE_LIMIT_NONE;
}

void tcp_rare_check_limit(struct host *h, struct tcb *tcb, bool refused_write)
{
	enum rare_limit now = limit_now(tcb, refused_write);
	struct rare *r = now == RARE_LIMIT_NONE ? tcb->rare : tcp_rare_get(h, tcb);
	uint32_t ticks = tcp_ticks(h);

	if (!r || r->limit == (uint8_t)now)
		return;
	if (r->limit == RARE_LIMIT_WINDOW)
		r->window_ticks += ticks - r->limit_from;
	else if (r->limit == RARE_LIMIT_QUEUE)
		r->queue_ticks += ticks - r->limit_from;
	r->limit = (uint8_t)now;
	r->limit_from = ticks;
}
