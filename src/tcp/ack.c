/* SPDX-License-Identifier: Apache-2.0
 *
 * What an acceptable acknowledgement does: SendQ shrinks, the round trip is measured, the congestion
 * window moves, losses are repaired (NewReno: RFC 6582), the send window follows.
 */
#include "tcp/internal.h"

static void restart_or_stop(struct host *h, struct tcb *tcb)
{
	if (seq_eq(tcb->snd.una, tcb->snd.max)) {
		tcb_timer_stop(tcb, TCB_TIMER_RETRANSMIT); /* [6298 5.2] */
		tcb->persist = false;
		return;
	}
	tcp_arm_retransmit(h, tcb); /* [6298 5.3] */
}

void tcp_arm_retransmit(struct host *h, struct tcb *tcb)
{
	tcb->persist = false;
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, tcb->rto));
}

static void sample(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if (tcb->rtt_running) {
		if (seq_le(seg->ack, tcb->rtt_seq))
			return;
		tcb->rtt_running = false;
		tcp_rtt_sample(h, tcb, weir_time_since(h->now, tcb->rtt_sent));
		return;
	}
	/* After a retransmission only the echo tells which copy was acknowledged [7323 s4.1]; one from the future or
	 * from long ago tells nothing. */
	if (tcb->timestamps && seg->opt.has_timestamps && tcb->retransmits > 0) {
		weir_duration rtt = weir_ms((int32_t)(tcp_ts_now(h, tcb) - seg->opt.ts_ecr));

		if (rtt.ns >= 0 && rtt.ns <= TCP_MAX_RTO.ns)
			tcp_rtt_sample(h, tcb, rtt);
	}
}

/* [6582 s3.2] An acknowledgement of new data during fast recovery. */
static void recovering(struct tcb *tcb, uint32_t acked)
{
	uint32_t mss = tcb->snd.mss, flight = tcb_flight(tcb);

	if (seq_ge(tcb->snd.una, tcb->recover)) {
		uint32_t small = (flight > mss ? flight : mss) + mss;

		tcb->cwnd = tcb->ssthresh < small ? tcb->ssthresh : small;
		tcb->in_recovery = false;
		tcb->recover = seq_sub(tcb->snd.una, 1); /* the next loss is a new one */
		return;
	}
	tcb->resend_now = true; /* partial: the next hole begins at UNA */
	tcb->cwnd = tcb->cwnd > acked ? tcb->cwnd - acked : 0;
	if (acked >= mss)
		tcb->cwnd += mss;
	if (tcb->cwnd < mss)
		tcb->cwnd = mss;
}

void tcp_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t acked = seq_dist(tcb->snd.una, seg->ack), flight = tcb_flight(tcb);
	seq_t head = tcb_send_head(tcb);

	if (seq_gt(seg->ack, head)) {
		uint32_t bytes = seq_dist(head, seg->ack), used = ring_used(&tcb->sndq);

		ring_consume(&tcb->sndq, bytes < used ? bytes : used);
		ring_trim(&tcb->sndq, &h->memory, false);
		tcb->changed = true;
	}
	tcb->snd.una = seg->ack;
	if (seq_lt(tcb->snd.nxt, tcb->snd.una))
		tcb->snd.nxt = tcb->snd.una;
	tcb->stuck_since = h->now;
	sample(h, tcb, seg);
	tcb->retransmits = 0;
	tcb->resend_now = false;
	if (tcb->in_recovery)
		recovering(tcb, acked);
	else
		tcb->cc->acked(h, tcb, acked, flight);
	tcb->dup_acks = 0;
	restart_or_stop(h, tcb);
}

/* [5681 s2] Nothing but the same acknowledgement again while data is under way. */
void tcp_duplicate_ack(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if (tcp_segment_len(seg) != 0 || seq_eq(tcb->snd.una, tcb->snd.max) ||
	    (uint32_t)seg->wnd << tcb->snd.shift != tcb->snd.wnd)
		return;
	if (tcb->dup_acks < UINT16_MAX)
		tcb->dup_acks++;
	if (tcb->in_recovery) {
		tcb->cwnd += tcb->snd.mss; /* a segment has left the network */
		return;
	}
	if (tcb->dup_acks != TCP_DUP_THRESHOLD || seq_lt(tcb->snd.una, tcb->recover))
		return;
	tcb->cc->loss(h, tcb, seq_dist(tcb->snd.una, tcb->snd.max));
	tcb->recover = tcb->snd.max;
	tcb->in_recovery = true;
	tcb->resend_now = true;
	tcb->rtt_running = false;
}

/* [W-SM-39] Old segments do not change the window. */
void tcp_update_send_window(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t wnd = (uint32_t)seg->wnd << tcb->snd.shift;

	if (!seq_lt(tcb->snd.wl1, seg->seq) && !(seq_eq(tcb->snd.wl1, seg->seq) && seq_le(tcb->snd.wl2, seg->ack)))
		return;
	tcb->snd.wl1 = seg->seq;
	tcb->snd.wl2 = seg->ack;
	if (wnd > 0 && tcb->snd.wnd == 0) {
		tcb->persist_backoff = 0;
		if (!seq_eq(tcb->snd.una, tcb->snd.max)) /* it had been closed over what is under way */
			tcp_arm_retransmit(h, tcb);
	}
	tcb->snd.wnd = wnd;
	if (wnd > tcb->snd.max_wnd)
		tcb->snd.max_wnd = wnd;
	tcp_persist_check(h, tcb);
}

/*
 * Nothing under way, something to send, and the rules do not let it go: then a timer must end the wait. With a closed
 * window it asks the peer [9293 MUST-36, SHLD-29, SHLD-30]; with an open one it is the override of silly-window
 * avoidance and of TCP_CORK [MUST-38, MUST-60].
 */
void tcp_persist_check(struct host *h, struct tcb *tcb)
{
	bool fin, waiting = seq_lt(tcb->snd.nxt, seq_add(tcb_send_end(tcb), tcb->fin_queued));
	weir_duration wait = tcb->snd.wnd == 0 ? tcb->rto : weir_ms(200);
	uint8_t doublings = tcb->persist_backoff;

	if (!tcb_synchronised(tcb) || !seq_eq(tcb->snd.una, tcb->snd.max))
		return;
	if (!waiting || tcp_sendable(tcb, &fin) > 0 || fin) {
		if (tcb->persist)
			tcb_timer_stop(tcb, TCB_TIMER_RETRANSMIT);
		tcb->persist = false;
		return;
	}
	if (tcb->persist)
		return;
	while (doublings-- > 0 && wait.ns < weir_s(60).ns)
		wait.ns *= 2;
	if (wait.ns > weir_s(60).ns)
		wait = weir_s(60);
	tcb->persist = true;
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, wait));
}
