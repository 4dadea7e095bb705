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
	if (likely(tcb->tuning == NULL) || tcb->tuning->window_clamp == 0)
		return tcb->rqs;
	return least(tcb->rqs, tcb->tuning->window_clamp);
}

/* How far behind RCV.NXT the right edge could be now. */
static uint32_t possible(const struct tcb *tcb, uint32_t most)
{
	uint32_t used = ring_used(&tcb->rcvq), room = used < tcb->rqs ? tcb->rqs - used : 0;

	return least(least(room, most), UINT32_C(65535) << tcb->rcv.shift);
}

/* How much of it the window field can say. */
static uint32_t whole_steps(const struct tcb *tcb, uint32_t window)
{
	return window >> tcb->rcv.shift << tcb->rcv.shift;
}

/* [9293 MUST-39] The edge moves by at least half of RQS or a segment, as the peer sees it, or not at all. */
static bool worth_moving(const struct tcb *tcb, uint32_t window, uint32_t wider, uint32_t step, uint32_t most)
{
	return wider > window && wider - whole_steps(tcb, window) >= least((most + 1) / 2, step);
}

/* With weir_config.eager_window: it is no silly one. */
static bool follows(const struct host *h, uint32_t window, uint32_t most)
{
	return __builtin_expect(h->config.eager_window, 0) && window >= most / 2;
}

/*
 * Is the window worth a segment of its own? When the peer may be stuck, as soon as the edge may move; otherwise after
 * an eighth of RQS, which keeps a bulk transfer from one such segment a read.
 */
bool tcp_window_update_worth(const struct tcb *tcb)
{
	uint32_t window = tcb_receive_window(tcb), most = largest(tcb), step = tcb->rcv.mss;
	uint32_t wider = whole_steps(tcb, possible(tcb, most));

	if (wider <= window || tcb->fin_received || tcb->orphan)
		return false;
	if (window >= 2 * step)
		step = most / 8 > 2 * step ? most / 8 : 2 * step;
	return worth_moving(tcb, window, wider, step, most);
}

uint16_t tcp_window_advertise(const struct host *h, struct tcb *tcb, bool syn)
{
	uint8_t shift = syn ? 0 : tcb->rcv.shift; /* [7323 s2.2] never scaled on a SYN */
	uint32_t most = largest(tcb), wider = possible(tcb, most), window = tcb_receive_window(tcb), field;

	if (syn)
		wider = least(wider, 65535);
	if (wider > window && (worth_moving(tcb, window, wider, tcb->rcv.mss, most) || follows(h, window, most)) &&
	    wider >> shift << shift > window)
		window = wider >> shift << shift;
	field = (window + (UINT32_C(1) << shift) - 1) >> shift;
	if (field << shift > window) {
		if (field << shift <= wider)
			window = field << shift;
		else
			field--;
	}
	tcb->rcv.adv = seq_add(tcb->rcv.nxt, window);
	return (uint16_t)least(field, 65535);
}

/* RecvQ must hold what was promised even when RQS was lowered since. */
void tcp_window_fit_limit(struct tcb *tcb)
{
	uint32_t needed = ring_used(&tcb->rcvq) + tcb_receive_window(tcb);

	tcb->rcvq.limit = needed > tcb->rqs ? needed : tcb->rqs;
}
