/* SPDX-License-Identifier: Apache-2.0
 *
 * The receive window [9293 s3.8.6]. RQS is a hard bound: the right edge that we promise (rcv.adv) never
 * lies beyond the room in RecvQ, and never moves left [9293 SHLD-14]. The field on the wire
 * has a granularity of 1 << shift: it is rounded up when there is room for that, else down; what
 * was promised before is taken in either case. As long as nobody reads, it stays shut [9293 MAY-8].
 */
#include "tcp/internal.h"

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The largest window that may ever be told: RQS, or TCP_WINDOW_CLAMP. */
static uint32_t largest(const struct tcb *tcb)
{
	return tcb->tuning && tcb->tuning->window_clamp ? least(tcb->rqs, tcb->tuning->window_clamp) : tcb->rqs;
}

/* Where the right edge could be now. */
static seq_t possible_edge(const struct tcb *tcb)
{
	uint32_t used = ring_used(&tcb->rcvq);
	uint32_t room = used < tcb->rqs ? tcb->rqs - used : 0;

	return seq_add(tcb->rcv.nxt, least(least(room, largest(tcb)), UINT32_C(65535) << tcb->rcv.shift));
}

/* How much of it the window field can say. */
static seq_t whole_steps(const struct tcb *tcb, seq_t edge)
{
	return seq_add(tcb->rcv.nxt, seq_dist(tcb->rcv.nxt, edge) >> tcb->rcv.shift << tcb->rcv.shift);
}

/* [9293 MUST-39] The edge moves by at least half of RQS or a segment, as the peer sees it, or not at all. */
static bool worth_moving(const struct tcb *tcb, seq_t edge, uint32_t step)
{
	uint32_t least_step = least((largest(tcb) + 1) / 2, step);

	return seq_lt(tcb->rcv.adv, edge) && seq_dist(whole_steps(tcb, tcb->rcv.adv), edge) >= least_step;
}

/*
 * Is the window worth a segment of its own? When the peer may be stuck, as soon as the edge may move; otherwise after
 * an eighth of RQS, which keeps a bulk transfer from one such segment a read.
 */
bool tcp_window_update_due(const struct tcb *tcb)
{
	uint32_t step = tcb->rcv.mss;

	if (tcb->fin_received || tcb->orphan)
		return false;
	if (tcb_receive_window(tcb) >= 2u * tcb->rcv.mss) {
		step = largest(tcb) / 8;
		if (step < 2u * tcb->rcv.mss)
			step = 2u * tcb->rcv.mss;
	}
	return worth_moving(tcb, whole_steps(tcb, possible_edge(tcb)), step);
}

uint16_t tcp_window_advertise(struct tcb *tcb, bool syn)
{
	uint8_t shift = syn ? 0 : tcb->rcv.shift; /* [7323 s2.2] never scaled on a SYN */
	seq_t edge = possible_edge(tcb);
	uint32_t window, field;

	if (syn)
		edge = seq_add(tcb->rcv.nxt, least(seq_dist(tcb->rcv.nxt, edge), 65535));
	if (worth_moving(tcb, edge, tcb->rcv.mss)) {
		window = seq_dist(tcb->rcv.nxt, edge) >> shift << shift;
		if (seq_lt(tcb->rcv.adv, seq_add(tcb->rcv.nxt, window)))
			tcb->rcv.adv = seq_add(tcb->rcv.nxt, window);
	}
	window = tcb_receive_window(tcb);
	field = (window + (UINT32_C(1) << shift) - 1) >> shift;
	if (field << shift > window) {
		seq_t rounded = seq_add(tcb->rcv.nxt, field << shift);

		if (seq_le(rounded, edge))
			tcb->rcv.adv = rounded;
		else
			field--;
	}
	return (uint16_t)least(field, 65535);
}

/* RecvQ must hold what was promised even when RQS was lowered since. */
void tcp_window_fit_limit(struct tcb *tcb)
{
	uint32_t needed = ring_used(&tcb->rcvq) + tcb_receive_window(tcb);

	tcb->rcvq.limit = needed > tcb->rqs ? needed : tcb->rqs;
}
