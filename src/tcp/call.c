/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls that open, close and set a connection [9293 s3.10.1, s3.10.4, s3.10.5], and ICMP errors that
 * concern it. Those that move data are in queue.c.
 */
#include "tcp/autotune.h"
#include "tcp/internal.h"

/* [W-SM-1] */
void tcp_open_active(struct host *h, struct tcb *tcb, seq_t iss, uint16_t mtu, uint32_t gso_max)
{
	tcp_set_path(tcb, mtu, gso_max);
	tcb->iss = iss;
	tcb->snd.una = tcb->snd.nxt = tcb->snd.max = iss;
	tcb->rqs = tcb->rcvq.limit;
	tcb->rcv.shift = tcp_window_shift(h, tcp_largest_rqs(h, tcb->rqs, !tcb->rcv_auto));
	tcb->ts_offset = tcp_ts_offset(iss);
	tcp_options_offer(h, tcb);
	tcb->stuck_since = h->now;
	tcb_set_state(tcb, WEIR_TCP_SYN_SENT);
}

/* [W-SM-4] */
void tcp_close_send(struct host *h, struct tcb *tcb)
{
	if (tcb->fin_queued)
		return;
	switch (tcb->state) {
	case WEIR_TCP_SYN_SENT:
		tcb_end(h, tcb, 0);
		return;
	case WEIR_TCP_SYN_RECEIVED: /* FIN_WAIT_1 once our SYN is acknowledged */
		tcb->fin_queued = true;
		return;
	case WEIR_TCP_ESTABLISHED:
		tcb->fin_queued = true;
		tcb_set_state(tcb, WEIR_TCP_FIN_WAIT_1);
		break;
	case WEIR_TCP_CLOSE_WAIT:
		tcb->fin_queued = true;
		tcb_set_state(tcb, WEIR_TCP_LAST_ACK);
		break;
	default:
		return;
	}
	tcp_persist_check(h, tcb);
}

void tcp_shut_receive(struct host *h, struct tcb *tcb)
{
	(void)h;
	tcb->receive_shut = true;
	tcb->changed = true;
}

/* [W-SM-5] States in which the peer must be told. */
static bool abort_sends_reset(const struct tcb *tcb)
{
	switch (tcb->state) {
	case WEIR_TCP_SYN_RECEIVED:
	case WEIR_TCP_ESTABLISHED:
	case WEIR_TCP_FIN_WAIT_1:
	case WEIR_TCP_FIN_WAIT_2:
	case WEIR_TCP_CLOSE_WAIT:
		return true;
	default:
		return false;
	}
}

bool tcp_abort(struct host *h, struct tcb *tcb, struct tcp_segment *rst)
{
	bool tell = abort_sends_reset(tcb);

	if (tell)
		tcp_reset_now(h, tcb, rst);
	if (tcb->state != WEIR_TCP_CLOSED)
		tcb_end(h, tcb, 0);
	return tell;
}

/* [W-SM-44] The protocol would wait for ever (T6.6); a program that has gone does not. */
bool tcp_orphan_waits(struct host *h, struct tcb *tcb)
{
	int32_t own = tcb->tuning ? tcb->tuning->linger2_s : 0;
	weir_duration wait = own > 0 ? weir_s(own) : h->config.fin_wait_2;

	if (own < 0)
		return false;
	if (wait.ns > 0)
		tcb_timer_start(tcb, TCB_TIMER_WAIT, weir_time_add(h->now, wait));
	return true;
}

bool tcp_close(struct host *h, struct tcb *tcb, bool abortive, struct tcp_segment *rst, enum drop *reason)
{
	tcb->orphan = true; /* [9293 MAY-1] nothing is read any more */
	if (abortive && tcb->state != WEIR_TCP_TIME_WAIT) {
		*reason = drop_rst_linger_zero;
		return tcp_abort(h, tcb, rst);
	}
	if (ring_used(&tcb->rcvq) > 0 && abort_sends_reset(tcb)) { /* [9293 SHLD-3] */
		*reason = drop_rst_unread_data;
		return tcp_abort(h, tcb, rst);
	}
	ring_clear(&tcb->rcvq, &h->memory);
	if (tcb->urgent)
		tcb->urgent->mark = MARK_NONE;
	tcp_close_send(h, tcb);
	if (tcb->state == WEIR_TCP_TIME_WAIT)
		tcb_forget_measured(h, tcb);
	if (tcb->state == WEIR_TCP_FIN_WAIT_2 && !tcp_orphan_waits(h, tcb)) {
		*reason = drop_rst_linger2;
		return tcp_abort(h, tcb, rst);
	}
	return false;
}

/* [9293 MUST-56, SHLD-26; 5927] Only about what is under way; hard ones end an opening, never a connection. */
bool tcp_icmp_error(struct host *h, struct tcb *tcb, seq_t seq, int error, bool hard)
{
	if (tcb->state == WEIR_TCP_CLOSED || !seq_in(seq, tcb->snd.una, seq_dist(tcb->snd.una, tcb->snd.max) + 1))
		return false;
	if (tcb_synchronised(tcb) || !hard) { /* [9293 SHLD-25] it can be asked for, and ends nothing */
		tcb->soft_error = (uint8_t)error;
		return true;
	}
	host_count(h, drop_tcp_failed_opens);
	if (!tcp_reopen_failed(h, tcb))
		tcb_end(h, tcb, tcp_opening_error(tcb, error));
	return true;
}

void tcp_push(struct tcb *tcb)
{
	if (tcb_synchronised(tcb) && seq_lt(tcb->snd.nxt, tcb_send_end(tcb)))
		tcb->force_send = true;
}

void tcp_option_changed(struct host *h, struct tcb *tcb)
{
	if (!tcb_synchronised(tcb) || tcb->state == WEIR_TCP_TIME_WAIT)
		return;
	if (!tcb->keepalive)
		tcb_timer_stop(tcb, TCB_TIMER_KEEPALIVE);
	else
		tcb_timer_start(tcb, TCB_TIMER_KEEPALIVE, weir_time_add(tcb->last_received, weir_s(tcb->keep_idle_s)));
	tcp_persist_check(h, tcb);
}

void tcp_set_sndbuf(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	(void)h;
	tcb->snd_auto = false;
	tcb->sndq.limit = bytes; /* what is over a lowered bound drains; no more is taken until it has */
	tcb->changed = true;
}

void tcp_set_rcvbuf(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	(void)h;
	tcb->rcv_auto = false;
	tcb->rqs = bytes;
	if (tcb->rqs < UINT32_C(1) << tcb->rcv.shift) /* one step of the window field, or it could not open again */
		tcb->rqs = UINT32_C(1) << tcb->rcv.shift;
	tcp_window_fit_limit(tcb);
}

int tcp_take_error(struct tcb *tcb)
{
	int error = tcb->error;

	tcb->error = 0;
	return error;
}
