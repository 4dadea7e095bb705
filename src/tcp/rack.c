/* SPDX-License-Identifier: Apache-2.0
 *
 * RACK [8985 s6]: what left before something that has arrived is lost, once it has had time to be overtaken. The time
 * is nothing while the path has never reordered and three segments have overtaken it, else a part of the round trip; it
 * grows when duplicates tell that it was too short.
 *
 * One pass looks only into chunks that hold something old enough, and waits for an instant that it has found: the work
 * for an acknowledgement does not grow with what is merely under way [attacks C-2].
 */
#include "tcp/internal.h"

enum { ROUNDS_KEPT = 16, FACTOR_MAX = 16 };

static bool left_after(weir_time at, seq_t end, weir_time than, seq_t than_end)
{
	return at.ns != than.ns ? weir_time_before(than, at) : seq_gt(end, than_end);
}

/* Does the echo say that an earlier copy than the last one has arrived? */
static bool is_earlier_copy(const struct host *h, const struct tcb *tcb, const struct sent_run *run,
                            const struct tcp_segment *seg)
{
	uint32_t ago = (uint32_t)(h->now.ns / WEIR_NS_PER_MS - run->at.ns / WEIR_NS_PER_MS);

	return tcb->timestamps && seg->opt.has_timestamps &&
	       (int32_t)(seg->opt.ts_ecr - (tcp_ts_now(h, tcb) - ago)) < 0;
}

/* [8985 s6.2 steps 1 to 3] */
void tcp_rack_delivered(struct host *h, struct tcb *tcb, const struct sent_run *run, seq_t end,
                        const struct tcp_segment *seg, struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	weir_duration rtt = tcp_round_trip(h, run->at);

	if (seq_lt(end, news->fack) && !(run->flags & SENT_AGAIN)) {
		tcb->reordering = true;
		tcp_rare_reordering(h, tcb, seq_dist(run->start, r->fack));
	}
	r->fack = seq_max(r->fack, end);
	if (run->flags & SENT_AGAIN) {
		if (is_earlier_copy(h, tcb, run, seg) || rtt.ns < tcb->min_rtt.ns)
			return;
	} else {
		news->rtt = rtt;
		if (seq_le(end, tcb->recover))
			news->original = true;
	}
	if (weir_time_before(news->newest, run->at))
		news->newest = run->at;
	if (r->rack && !left_after(run->at, end, r->rack_at, r->rack_end))
		return;
	r->rack_at = run->at;
	r->rack_end = end;
	r->rack_rtt = weir_time_since(h->now, run->at);
	r->rack = true;
}

/* [8985 s6.2 step 4; 6675 s4 IsLost] */
static weir_duration reorder_window(const struct tcb *tcb)
{
	uint32_t three = (TCP_DUP_THRESHOLD - 1) * (uint32_t)tcb->snd.mss;
	weir_duration window = {tcb->min_rtt.ns / 4 * (tcb->reorder_factor > 0 ? tcb->reorder_factor : 1)};

	if (!tcb->reordering && (tcb->in_recovery || tcb->in_loss || tcb->rec->sent.sacked_bytes > three ||
	                         tcb->dup_acks >= TCP_DUP_THRESHOLD))
		return (weir_duration){0};
	return window.ns < tcb->srtt.ns ? window : tcb->srtt;
}

/* One run that is neither sacked nor lost. True when it is lost now. */
static bool judge(const struct host *h, struct recovery *r, const struct sent_run *run, seq_t end, weir_duration window)
{
	weir_time due = weir_time_add(weir_time_add(run->at, r->rack_rtt), window);

	if (!left_after(r->rack_at, r->rack_end, run->at, end))
		return false;
	if (!weir_time_before(h->now, due))
		return true;
	r->due = weir_time_min(r->due, due);
	return false;
}

/* [8985 s6.2 step 5] */
void tcp_rack_detect(struct host *h, struct tcb *tcb, struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	struct sent *s = &r->sent;
	weir_duration window = reorder_window(tcb);
	const struct sent_chunk *looking = NULL;

	if (s->sacked_bytes == 0 && !tcb->in_recovery && !tcb->in_loss && seq_le(r->rack_end, s->una)) {
		r->due = WEIR_NEVER; /* all in order: nothing has overtaken anything */
		return;
	}
	if (!r->rack || (window.ns > 0 && !weir_time_is_never(r->due) && weir_time_before(h->now, r->due)))
		return;
	r->due = WEIR_NEVER;
	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p)) {
		struct sent_chunk *c = s->chunk[p.chunk];
		struct sent_run *run = sent_run(s, p);
		seq_t end;

		if (c != looking && weir_time_before(r->rack_at, c->oldest)) { /* nothing old enough in all of it */
			p.run = (uint16_t)(c->count - 1);
			continue;
		}
		if (c != looking) {
			c->oldest = WEIR_NEVER;
			looking = c;
		}
		if (run->flags & (SENT_SACKED | SENT_LOST))
			continue;
		end = sent_run_end(s, p);
		if (judge(h, r, run, end, window)) {
			news->lost += seq_dist(run->start, end);
			if (tcb->pace)
				tcp_delivery_lost(h, tcb, run->at, seq_dist(run->start, end));
			p = sent_mark(s, &h->memory, p, (run->flags & SENT_AGAIN) | SENT_LOST, run->at);
		} else {
			c->oldest = weir_time_min(c->oldest, run->at);
		}
	}
}

/* [8985 s6.2 step 4] Repeated for nothing: the window was too small, once a round trip. */
void tcp_rack_dsack(struct tcb *tcb)
{
	struct recovery *r = tcb->rec;

	if (r->has_round && seq_lt(tcb->snd.una, r->dsack_round))
		return;
	r->has_round = true;
	r->dsack_round = tcb->snd.max;
	if (tcb->reorder_factor == 0)
		tcb->reorder_factor = 1;
	if (tcb->reorder_factor < FACTOR_MAX)
		tcb->reorder_factor++;
	tcb->reorder_rounds = ROUNDS_KEPT;
}

/* [8985 s6.3] */
void tcp_rack_timeout(struct host *h, struct tcb *tcb)
{
	struct tcp_news news = {.pipe = tcp_pipe(tcb)};
	bool recovering = tcb->in_recovery;

	tcb->rec->due = WEIR_NEVER;
	tcp_recovery_lost(h, tcb, &news);
	if (tcb->in_recovery && !recovering) /* [9937 s6] nothing has just arrived: the first repetition, and no more */
		tcb->cwnd = tcp_pipe(tcb) > tcb->snd.mss ? tcp_pipe(tcb) : tcb->snd.mss;
	tcp_arm_retransmit(h, tcb);
}
