/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens when a timer of a connection goes off:
 *	RETRANSMIT   SYN, SYN,ACK or data again with a doubled wait [6298 5.4-5.6]; or a probe of the tail, or the
 *	             end of the reordering window [8985]; or, as persist timer, a probe of the closed window; at R2
 *	             the connection ends [9293 MUST-20, MUST-22]
 *	DELAYED_ACK  the acknowledgement goes
 *	WAIT         TIME_WAIT is over, or FIN_WAIT_2 without a program [W-SM-44]
 *	KEEPALIVE    a probe after silence [9293 MAY-5, MUST-26]
 */
#include "tcp/internal.h"

weir_time tcp_deadline(const struct tcb *tcb)
{
	weir_time first = tcb->timer[0];

	for (int i = 1; i < TCB_TIMERS; i++)
		first = weir_time_min(first, tcb->timer[i]);
	if (unlikely(tcb->pace_wait))
		first = weir_time_min(first, tcb->pace->wake);
	return first;
}

static void give_up(struct host *h, struct tcb *tcb)
{
	host_count(h, drop_tcp_timed_out);
	if (!tcb_synchronised(tcb))
		host_count(h, drop_tcp_failed_opens);
	if (tcp_reopen_failed(h, tcb))
		return;
	/* What the network said is the better reason. */
	tcb_end(h, tcb, tcp_opening_error(tcb, tcb->soft_error ? tcb->soft_error : WEIR_ETIMEDOUT));
}

/* [9293 MUST-37; RFC 6429; attacks E-2, E-5] Nobody is there any more to decide how long the peer may keep its window
 * closed: then it is so many probes, answered or not. */
static bool orphan_is_over(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	if (!tcb->orphan || h->config.orphan_probes == 0 || tcb->persist_backoff < h->config.orphan_probes)
		return false;
	verdict->reset = drop_rst_orphan;
	tcp_reset_now(h, tcb, &verdict->reply);
	host_count(h, drop_tcp_orphan_expired);
	tcb_end(h, tcb, 0);
	return true;
}

static void persist_timeout(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	tcb->persist = false;
	if (tcb->snd.wnd > 0) { /* silly-window avoidance or a cork held it long enough */
		tcb->force_send = true;
		tcb->no_push = false;
		return;
	}
	/* [9293 MUST-37] As long as probes are answered, for ever; without any answer, as long as data. */
	if (tcb->probes++ >= h->config.data_retries || tcp_past_user_timeout(h, tcb)) {
		give_up(h, tcb);
		return;
	}
	if (orphan_is_over(h, tcb, verdict))
		return;
	tcb->probe_now = true;
	if (tcb->persist_backoff < 16)
		tcb->persist_backoff++;
	tcp_persist_check(h, tcb);
}

/* [9293 MUST-35, SHLD-17] The window was closed over what is under way: the peer is asked, and as long as it answers,
 * nothing times out. */
static void shrunk_window_timeout(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	weir_duration wait = tcb->rto;

	if (tcb->probes++ >= h->config.data_retries || tcp_past_user_timeout(h, tcb)) {
		give_up(h, tcb);
		return;
	}
	if (orphan_is_over(h, tcb, verdict))
		return;
	tcb->probe_now = true;
	tcb->tail_probe = tcb->reorder_wait = false;
	for (uint8_t i = 0; i < tcb->persist_backoff && wait.ns < weir_s(60).ns; i++)
		wait.ns *= 2;
	if (tcb->persist_backoff < 16)
		tcb->persist_backoff++;
	wait = tcp_user_timeout_left(h, tcb, wait);
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, wait));
}

static uint8_t synack_retries(const struct host *h, const struct tcb *tcb)
{
	return tcb->third_waits && tcb->defer_accept > h->config.synack_retries ? tcb->defer_accept
	                                                                        : h->config.synack_retries;
}

/* The peer has our SYN,ACK: it goes again only when the wait for text is over, so that the answer completes the
 * opening. */
static bool waits_for_text(const struct tcb *tcb)
{
	return tcb->third_waits && tcb->retransmits + 1 < tcb->defer_accept;
}

static uint8_t retries(const struct host *h, const struct tcb *tcb)
{
	if (tcb->state == WEIR_TCP_SYN_SENT)
		return tcb->syn_retries;
	if (tcb->state == WEIR_TCP_SYN_RECEIVED)
		return tcb->passive ? synack_retries(h, tcb) : tcb->syn_retries;
	return h->config.data_retries;
}

/* [9293 MUST-21, MUST-22] R2 is a number of repetitions, or for a connection the time that the program has set, however
 * long that is; an opening ends by either. */
static bool is_over(const struct host *h, const struct tcb *tcb)
{
	if (tcp_past_user_timeout(h, tcb))
		return true;
	return (tcp_user_timeout_ms(tcb) == 0 || !tcb_synchronised(tcb)) && tcb->retransmits >= retries(h, tcb);
}

static void retransmit_timeout(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	weir_duration wait;

	if (tcb->persist) {
		persist_timeout(h, tcb, verdict);
		return;
	}
	if (tcb_synchronised(tcb) && tcb->snd.wnd == 0) {
		shrunk_window_timeout(h, tcb, verdict);
		return;
	}
	if (tcb->tail_probe && !tcp_past_user_timeout(h, tcb)) {
		tcp_tail_timeout(h, tcb);
		return;
	}
	if (tcb->reorder_wait) {
		tcp_rack_timeout(h, tcb);
		return;
	}
	if (is_over(h, tcb)) {
		give_up(h, tcb);
		return;
	}
	if (tcb_synchronised(tcb))
		tcp_recovery_timeout(h, tcb);
	else if (!waits_for_text(tcb))
		tcb->snd.nxt = tcb->snd.una;
	if (!tcb->passive || tcb_synchronised(tcb)) /* no memory for who may never have been there */
		tcp_rare_timeout(h, tcb, tcb->retransmits == 0);
	if (tcb->retransmits < UINT8_MAX)
		tcb->retransmits++;
	tcp_rto_back_off(tcb);
	wait = tcp_user_timeout_left(h, tcb, tcb->rto);
	tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(h->now, wait));
}

/* [9293 MUST-29] Not after one probe without an answer. A TCP_USER_TIMEOUT takes the place of the count, as on Linux.
 */
static bool keepalive_is_over(const struct host *h, const struct tcb *tcb)
{
	if (tcb->user_timeout_ms == 0)
		return tcb->probes >= tcb->keep_count;
	return tcb->probes > 0 && weir_time_since(h->now, tcb->last_received).ns >= weir_ms(tcb->user_timeout_ms).ns;
}

static void keepalive_timeout(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	weir_time due = weir_time_add(tcb->last_received, weir_s(tcb->keep_idle_s));

	if (!tcb->keepalive)
		return;
	/* [9293 MUST-26] Only in silence, and with nothing unacknowledged; nor while a closed window is probed. */
	if (weir_time_before(h->now, due) || !seq_eq(tcb->snd.una, tcb->snd.max) || ring_used(&tcb->sndq) > 0) {
		if (!weir_time_before(h->now, due))
			due = weir_time_add(h->now, weir_s(tcb->keep_idle_s));
		tcb->probes = 0;
		tcb_timer_start(tcb, TCB_TIMER_KEEPALIVE, due);
		return;
	}
	if (keepalive_is_over(h, tcb)) {
		verdict->reset = drop_rst_timeout;
		tcp_reset_now(h, tcb, &verdict->reply);
		give_up(h, tcb);
		return;
	}
	if (tcb->probes < UINT8_MAX)
		tcb->probes++;
	tcb->probe_now = true;
	tcb_timer_start(tcb, TCB_TIMER_KEEPALIVE, weir_time_add(h->now, weir_s(tcb->keep_interval_s)));
}

static void wait_timeout(struct host *h, struct tcb *tcb)
{
	if (tcb->state == WEIR_TCP_FIN_WAIT_2)
		host_count(h, drop_tcp_orphan_expired);
	tcb_end(h, tcb, 0);
}

static void tell(struct host *h, const struct tcb *tcb, enum weir_timer_kind kind)
{
	struct weir_event event = {.kind = WEIR_EVENT_TIMEOUT, .at = h->now, .socket_id = tcb->id, .to = kind};

	if (host_observed(h))
		host_observe(h, &event);
}

void tcp_expire(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict)
{
	verdict->drop = verdict->reset = DROP_NONE;
	if (tcb->pace_wait && !weir_time_before(h->now, tcb->pace->wake))
		tcb->pace_wait = false;
	for (int i = 0; i < TCB_TIMERS; i++) {
		if (weir_time_before(h->now, tcb->timer[i]))
			continue;
		tcb_timer_stop(tcb, i);
		switch ((enum tcb_timer)i) {
		case TCB_TIMER_RETRANSMIT:
			tell(h, tcb, tcb->persist ? WEIR_TIMER_PERSIST : WEIR_TIMER_RETRANSMIT);
			retransmit_timeout(h, tcb, verdict);
			break;
		case TCB_TIMER_DELAYED_ACK:
			tcb->ack_now = true;
			tcb->answers = false; /* not this time */
			break;
		case TCB_TIMER_WAIT:
			tell(h, tcb, WEIR_TIMER_TIME_WAIT);
			wait_timeout(h, tcb);
			return;
		case TCB_TIMER_KEEPALIVE:
			tell(h, tcb, WEIR_TIMER_KEEPALIVE);
			keepalive_timeout(h, tcb, verdict);
			break;
		case TCB_TIMERS:
			break;
		}
		if (tcb->state == WEIR_TCP_CLOSED)
			return;
	}
}
