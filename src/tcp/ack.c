/* SPDX-License-Identifier: Apache-2.0
 *
 * What an acceptable acknowledgement does: SendQ shrinks, the round trip is measured, the scoreboard learns, recovery
 * and congestion control follow (recovery.h), the send window follows.
 */
#include "base/likely.h"
#include "tcp/internal.h"
#include "tcp/rounds.h"

void tcp_arm_retransmit(struct host *h, struct tcb *tcb)
{
	weir_duration wait = tcb->rto;

	tcb->persist = tcb->tail_probe = tcb->reorder_wait = false;
	if (seq_eq(tcb->snd.una, tcb->snd.max)) {
		tcb_timer_stop(tcb, TCB_TIMER_RETRANSMIT); /* [6298 5.2] */
		return;
	}
	if (unlikely(tcb->rec != NULL) && !weir_time_is_never(tcb->rec->due)) {
		tcb->reorder_wait = true;
		tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, tcb->rec->due);
		return;
	}
	if (tcb->sack)
		tcb->tail_probe = tcp_tail_wait(tcb, &wait);
	if (unlikely(tcb->user_timeout_ms | tcb->peer_timeout_s))
		wait = tcp_user_timeout_left(h, tcb, wait);
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, wait));
}

/* The round trip that an echo tells of, if it can be true: nothing was waited for longer [attacks C-14]. 0 = none. */
static weir_duration echoed(const struct host *h, const struct tcb *tcb, const struct tcp_segment *seg)
{
	weir_duration rtt = weir_ms((int32_t)(tcp_ts_now(h, tcb) - seg->opt.ts_ecr));

	if (!tcb->timestamps || !seg->opt.has_timestamps || seg->opt.ts_ecr == 0 || rtt.ns <= 0 ||
	    rtt.ns > weir_time_since(h->now, tcb->stuck_since).ns + tcb->rto.ns)
		return (weir_duration){0};
	return rtt;
}

/* Of what was sent once (Karn); of what was sent again the echo tells which copy it was [7323 s4.1]. True: a round of
 * samples is over. */
static FAST_PATH bool sample(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, weir_duration rtt)
{
	bool round;

	if (unlikely(rtt.ns == 0) && tcb->retransmits > 0)
		rtt = echoed(h, tcb, seg);
	if (rtt.ns == 0)
		return false;
	round = tcb->retransmits > 0 || seq_ge(seg->ack, tcb->rtt_seq);
	if (round)
		tcb->rtt_seq = seq_add(tcb->snd.max, 1);
	tcp_rtt_sample(h, tcb, rtt, round);
	return round;
}

/* Takes off SendQ what has arrived. */
static FAST_PATH void consume(struct host *h, struct tcb *tcb, seq_t ack)
{
	seq_t head = tcb_send_head(tcb);
	uint32_t bytes = seq_dist(head, ack), used = ring_used(&tcb->sndq);

	if (!seq_gt(ack, head))
		return;
	ring_consume(&tcb->sndq, bytes < used ? bytes : used);
	if (bytes >= used)
		tcb->busy_ticks += tcp_ticks(h) - tcb->busy_from;
	ring_trim(&tcb->sndq, &h->memory, false);
	if (unlikely(tcb_records(tcb) != NULL))
		tcp_records_acknowledged(h, tcb);
	tcb->changed = true;
}

static FAST_PATH void advance(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, weir_duration rtt)
{
	bool round = sample(h, tcb, seg, rtt);

	if (round || seq_eq(seg->ack, tcb->snd.max))
		if (tcb->sndq.head >= ROUNDS_FROM_BYTES)
			tcp_rounds_acknowledged(h, tcb, seg->ack, rtt);
	consume(h, tcb, seg->ack);
	tcb->snd.una = seg->ack;
	if (seq_lt(tcb->snd.nxt, tcb->snd.una))
		tcb->snd.nxt = tcb->snd.una;
	tcb->stuck_since = h->now;
	if (unlikely(tcb->retransmits > 0))
		tcp_rare_timeout_over(h, tcb);
	tcb->retransmits = 0;
	tcb->resend_now = false;
	tcb->more = false;
	tcb->dup_acks = 0;
}

/* [5681 s2] Nothing but the same acknowledgement again while data is under way. */
static bool is_duplicate(const struct tcb *tcb, const struct tcp_segment *seg)
{
	return tcp_segment_len(seg) == 0 && !seq_eq(tcb->snd.una, tcb->snd.max) &&
	       (uint32_t)seg->wnd << tcb->snd.shift == tcb->snd.wnd;
}

/* [7661 s4.3] Was the window in use, in this round trip? Else its growth would say nothing about the path. To be asked
 * before SND.UNA moves. */
bool tcp_window_limited(struct tcb *tcb)
{
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max);

	if (flight > tcb->flight_most || seq_ge(tcb->snd.una, tcb->flight_round)) {
		tcb->flight_most = flight;
		tcb->flight_round = tcb->snd.max;
	}
	return tcb->flight_most > tcb->cwnd / 2;
}

static void tell_model(struct host *h, struct tcb *tcb, const struct tcp_news *news)
{
	if (tcb->pace->delivery)
		tcp_delivery_acknowledged(h, tcb, news);
}

/* As it mostly is: all that is under way left at once, and nothing is said but how much of it has arrived. */
static FAST_PATH void advance_in_peace(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max);
	struct tcp_cc_ack ack = {.acked = seq_dist(tcb->snd.una, seg->ack), .pipe = flight};

	ack.window_limited = tcp_window_limited(tcb);
	if (likely(!tcb->sent_again))
		ack.rtt = tcp_round_trip(h, tcb->sent_at);
	advance(h, tcb, seg, ack.rtt);
	if (likely(!tcb->ecn_reducing))
		tcb->cc->acked(h, tcb, &ack);
	else
		tcp_ecn_reduce_on(tcb);
	tcp_arm_retransmit(h, tcb);
	if (unlikely(tcb->pace != NULL)) {
		struct tcp_news news = {
		    .pipe = flight, .acked = ack.acked, .delivered = ack.acked, .rtt = ack.rtt, .newest = tcb->sent_at};

		tell_model(h, tcb, &news);
	}
}

/* What needs the scoreboard, or may. */
static void learn(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	bool advances = seq_gt(seg->ack, tcb->snd.una), in_open = !tcb->in_recovery && !tcb->in_loss;
	struct tcp_news news = {.pipe = tcp_pipe(tcb), .fack = tcb->rec ? tcb->rec->fack : tcb->snd.una};

	news.window_limited = tcp_window_limited(tcb);
	if (advances) {
		tcp_recovery_acknowledge(h, tcb, seg, &news);
		advance(h, tcb, seg, news.rtt);
	} else {
		news.duplicate = is_duplicate(tcb, seg);
	}
	if (tcb->sack && seg->opt.sack_blocks > 0) {
		tcp_sack_arrives(h, tcb, seg, &news);
		news.delivered += news.sacked;
		if (!advances && news.rtt.ns > 0) /* behind a gap, too, a queue grows that the time-out must outlast */
			sample(h, tcb, seg, news.rtt);
	}
	/* With SACK a duplicate is one that tells of something new [6675 s2]. */
	if (!advances && (tcb->sack ? news.sacked > 0 : news.duplicate) && tcb->dup_acks < UINT16_MAX)
		tcb->dup_acks++;
	if (news.duplicate && !tcb->sack && !tcp_recovery_get(h, tcb))
		return;
	if (advances || news.sacked > 0 || news.duplicate || news.dsack)
		tcp_recovery_decide(h, tcb, seg, &news);
	if (tcb->pace && (news.delivered > 0 || news.lost > 0))
		tell_model(h, tcb, &news);
	/* [6298 5.3; 8985 s6.2, s7.2] */
	if (advances || (tcb->rec && !weir_time_is_never(tcb->rec->due)) || (in_open && tcb->in_recovery))
		tcp_arm_retransmit(h, tcb);
}

FAST_PATH void tcp_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if (!tcb->rec && seg->opt.sack_blocks == 0 && seq_gt(seg->ack, tcb->snd.una))
		advance_in_peace(h, tcb, seg);
	else
		learn(h, tcb, seg);
}

/* An old segment (the peer's probe is one) that acknowledges something new leaves the right edge where it was: the
 * window is less by what was acknowledged. */
static void keep_right_edge(struct tcb *tcb)
{
	uint32_t gone;

	if (!seq_lt(tcb->snd.wl2, tcb->snd.una))
		return;
	gone = seq_dist(tcb->snd.wl2, tcb->snd.una);
	tcb->snd.wnd = tcb->snd.wnd > gone ? tcb->snd.wnd - gone : 0;
	tcb->snd.wl2 = tcb->snd.una;
}

/* [W-SM-39] Old segments do not change the window. */
FAST_PATH void tcp_update_send_window(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t wnd = (uint32_t)seg->wnd << tcb->snd.shift;

	if (unlikely(!seq_lt(tcb->snd.wl1, seg->seq) &&
	             !(seq_eq(tcb->snd.wl1, seg->seq) && seq_le(tcb->snd.wl2, seg->ack)))) {
		keep_right_edge(tcb);
		if (tcb->rare || wnd < tcb->cwnd)
			tcp_rare_check_limit(h, tcb, false);
		tcp_persist_check(h, tcb); /* all may be acknowledged now, and the rest wait for the window */
		return;
	}
	tcb->snd.wl1 = seg->seq;
	tcb->snd.wl2 = seg->ack;
	if (unlikely(wnd > 0 && tcb->snd.wnd == 0)) {
		tcb->persist_backoff = 0;
		if (!seq_eq(tcb->snd.una, tcb->snd.max)) /* it had been closed over what is under way */
			tcp_arm_retransmit(h, tcb);
		tcb->snd.wnd = wnd;
		if (ring_used(&tcb->sndq) > 0) /* what was written meanwhile begins to be sent */
			tcp_cc_note_silence(h, tcb);
	}
	tcb->snd.wnd = wnd;
	if (wnd > tcb->snd.max_wnd)
		tcb->snd.max_wnd = wnd;
	if (unlikely(tcb->rare || wnd < tcb->cwnd))
		tcp_rare_check_limit(h, tcb, false);
	tcp_persist_check(h, tcb);
}

/* Apart, because it is rare where the check is not. */
static __attribute__((noinline)) void start_persist(struct host *h, struct tcb *tcb)
{
	weir_duration wait = tcb->snd.wnd == 0 ? tcb->rto : weir_ms(200);
	uint8_t doublings = tcb->persist_backoff;

	if (doublings == 0) /* the user's time-out counts from here */
		tcb->stuck_since = h->now;
	while (doublings-- > 0 && wait.ns < weir_s(60).ns)
		wait.ns *= 2;
	if (wait.ns > weir_s(60).ns)
		wait = weir_s(60);
	if (wait.ns > tcp_rto_max(tcb).ns)
		wait = tcp_rto_max(tcb);
	if (tcb->user_timeout_ms | tcb->peer_timeout_s)
		wait = tcp_user_timeout_left(h, tcb, wait);
	tcb->persist = true;
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, wait));
}

/*
 * Nothing under way, something to send, and the rules do not let it go: then a timer must end the wait. With a closed
 * window it asks the peer [9293 MUST-36, SHLD-29, SHLD-30]; with an open one it is the override of silly-window
 * avoidance and of TCP_CORK [MUST-38, MUST-60].
 */
void tcp_persist_check(struct host *h, struct tcb *tcb)
{
	bool fin;

	if (!tcb_synchronised(tcb) || !seq_eq(tcb->snd.una, tcb->snd.max) || tcb->pace_wait)
		return;
	if (!seq_lt(tcb->snd.nxt, seq_add(tcb_send_end(tcb), tcb->fin_queued)) || tcp_sendable(tcb, &fin) > 0 || fin) {
		if (unlikely(tcb->persist))
			tcb_timer_stop(tcb, TCB_TIMER_RETRANSMIT);
		tcb->persist = false;
	} else if (!tcb->persist) {
		start_persist(h, tcb);
	}
}
