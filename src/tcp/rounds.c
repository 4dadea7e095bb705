/* SPDX-License-Identifier: Apache-2.0
 *
 * See rounds.h.
 */
#include "tcp/rounds.h"

#include "tcp/internal.h"

#include <string.h>

struct rounds *tcp_rounds_get(struct host *h, struct tcb *tcb)
{
	if (!tcb->rounds) {
		tcb->rounds = memory_buffer_get(&h->memory, ROUNDS_ORDER);
		if (tcb->rounds)
			memset(tcb->rounds, 0, sizeof(*tcb->rounds));
	}
	return tcb->rounds;
}

void tcp_rounds_free(struct host *h, struct tcb *tcb)
{
	if (tcb->rounds)
		memory_buffer_put(&h->memory, tcb->rounds, ROUNDS_ORDER);
	tcb->rounds = NULL;
}

/* -- delivery */

static uint32_t unsent(const struct tcb *tcb)
{
	return seq_lt(tcb->snd.nxt, tcb_send_end(tcb)) ? seq_dist(tcb->snd.nxt, tcb_send_end(tcb)) : 0;
}

/* There is too little to fill the window with, this side of an acknowledgement of all up to there. */
static bool starved(const struct tcb *tcb, seq_t ack)
{
	uint32_t window = tcb->cwnd < tcb->snd.wnd ? tcb->cwnd : tcb->snd.wnd;

	return seq_dist(ack, tcb->snd.max) + unsent(tcb) < window - window / 8;
}

static void begin(const struct host *h, const struct tcb *tcb, struct rounds *r, seq_t ack, weir_duration rtt)
{
	r->sent_from = h->now;
	r->sent_rtt = rtt;
	r->sent_delivered = seq_raw(ack) + (tcb->rec ? tcb->rec->sent.sacked_bytes : 0);
	r->sent_una = ack;
	r->idle = seq_eq(ack, tcb->snd.max);
	r->limited = r->limited_next || starved(tcb, ack);
	r->limited_next = starved(tcb, ack);
}

/* The first acknowledgement since nothing was under way. */
static void leave_idle(const struct tcb *tcb, struct rounds *r)
{
	r->idle = false;
	r->sent_from = tcb->stuck_since; /* when the first of it left */
	r->sent_rtt.ns = 0;
	r->limited = r->limited_next;
	r->limited_next = false;
}

/* In steps of 64 ns, so that a product with bytes has 64 bits. */
static uint64_t coarse(weir_duration d)
{
	uint64_t steps = (uint64_t)d.ns >> 6;

	return steps < UINT32_MAX ? steps : UINT32_MAX;
}

static void take_sample(struct rounds *r, uint32_t bytes, weir_duration time, bool limited)
{
	if (time.ns <= 0 ||
	    bytes > INT32_MAX) /* a peer that has taken back what its SACK told of delivers less than nothing */
		return;
	if (limited && r->sample_bytes * coarse(time) > bytes * coarse(r->sample_time))
		return;
	r->sample_bytes = bytes;
	r->sample_time = time;
	r->sample_limited = limited;
}

void tcp_rounds_acknowledged(struct host *h, struct tcb *tcb, seq_t ack, weir_duration rtt)
{
	struct rounds *r = tcp_rounds_get(h, tcb);
	bool all = seq_eq(ack, tcb->snd.max), whole = !all;
	weir_duration time;
	uint32_t delivered;

	if (!r)
		return;
	if (r->idle) {
		/* Else something repeated was acknowledged before. */
		whole = seq_eq(tcb->snd.una, r->sent_una);
		leave_idle(tcb, r);
		if (whole && !all)
			return;
	}
	if (r->sent_from.ns > 0) {
		/* What ends because there is no more to send tells of its tail, and of the delay of an acknowledgement.
		 */
		time = weir_time_since(h->now, r->sent_from);
		if (time.ns < r->sent_rtt.ns)
			time = r->sent_rtt;
		delivered = seq_raw(ack) + (tcb->rec ? tcb->rec->sent.sacked_bytes : 0);
		take_sample(r, delivered - r->sent_delivered, time, r->limited || !whole);
	}
	begin(h, tcb, r, ack, rtt);
}

/* It lets the window stand open: what it had written before has all left. */
void tcp_rounds_written(struct tcb *tcb, size_t bytes)
{
	if (unsent(tcb) < bytes + tcb->snd.mss && tcp_pipe(tcb) < tcb->cwnd &&
	    (!tcb->rec || tcb->rec->sent.lost_bytes == 0))
		tcb->rounds->limited_next = true;
}

uint64_t tcp_delivery_rate(const struct tcb *tcb, bool *limited)
{
	const struct rounds *r = tcb->rounds;

	if (r && r->sample_time.ns > 0) {
		*limited = r->sample_limited;
		return (uint64_t)r->sample_bytes * (uint64_t)WEIR_NS_PER_S / (uint64_t)r->sample_time.ns;
	}
	/* Few bytes say little: what was under way in the last round trip, unless that was the FIN. */
	*limited = tcb->sndq.head > 0;
	if (tcb->sndq.head == 0 || tcb->srtt.ns == 0 || tcb_fin_acked(tcb))
		return 0;
	return (uint64_t)tcb->flight_most * (uint64_t)WEIR_NS_PER_S / (uint64_t)tcb->srtt.ns;
}

/* -- the round trip of a receiver */

/* More than a minute is a pause, or a peer that echoes what it likes. */
static void note_rtt(struct rounds *r, int64_t ns)
{
	if (ns > 60 * WEIR_NS_PER_S)
		return;
	r->rtt_us[r->next_rtt] = ns < WEIR_NS_PER_US ? 1 : (uint32_t)(ns / WEIR_NS_PER_US);
	r->next_rtt = (uint8_t)((r->next_rtt + 1) % ROUNDS_RTTS);
}

/* The echo is of what the peer had heard last when it sent this. A peer that had paused heard it long before, and so
 * the least of some counts. Within one tick of the clock the handshake's round trip tells more. */
static void by_echo(const struct host *h, const struct tcb *tcb, struct rounds *r, const struct tcp_segment *seg)
{
	int32_t ms = (int32_t)(tcp_ts_now(h, tcb) - seg->opt.ts_ecr);
	bool fine = tcb->srtt.ns > 0 && tcb->srtt.ns < WEIR_NS_PER_MS;

	if (!seg->opt.has_timestamps || seg->opt.ts_ecr == 0 || ms < 0)
		return;
	note_rtt(r, ms > 0 ? weir_ms(ms).ns : fine ? tcb->srtt.ns : WEIR_NS_PER_MS);
}

/* What lay behind the right edge could only be sent when that had been told to move: a round trip at least. */
static void by_window(const struct host *h, const struct tcb *tcb, struct rounds *r)
{
	if (r->edge_waits && !seq_gt(tcb->rcv.nxt, r->edge))
		return;
	if (r->edge_waits)
		note_rtt(r, weir_time_since(h->now, r->edge_at).ns);
	r->edge_waits = true;
	r->edge = tcb->rcv.adv;
	r->edge_at = h->now;
}

void tcp_rounds_text(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	struct rounds *r;

	if (tcb->rcvq.tail < ROUNDS_FROM_BYTES)
		return;
	r = tcp_rounds_get(h, tcb);
	if (!r)
		return;
	if (tcb->timestamps)
		by_echo(h, tcb, r, seg);
	else
		by_window(h, tcb, r);
}

weir_duration tcp_receiver_rtt(const struct tcb *tcb)
{
	const struct rounds *r = tcb->rounds;
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0; r && i < ROUNDS_RTTS; i++)
		if (r->rtt_us[i] > 0 && r->rtt_us[i] < least)
			least = r->rtt_us[i];
	return least == UINT32_MAX ? (weir_duration){0} : weir_us(least);
}
