/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a control block: its start, its states, its end, its invariants.
 */
#include "tcp/fastopen.h"
#include "tcp/internal.h"
#include "tcp/rounds.h"

#include <string.h>

void tcb_init(struct tcb *tcb, const struct host *h, uint64_t id, bool is_v6)
{
	memset(tcb, 0, sizeof(*tcb));
	tcb->id = id;
	tcb->is_v6 = is_v6;
	tcb->state = WEIR_TCP_CLOSED;
	ring_init(&tcb->sndq, h->config.sndbuf_bytes);
	ring_init(&tcb->rcvq, h->config.rcvbuf_bytes);
	tcb->rqs = h->config.rcvbuf_bytes;
	for (int i = 0; i < TCB_TIMERS; i++)
		tcb->timer[i] = WEIR_NEVER;
	tcb->rto = TCP_INITIAL_RTO;
	tcb->cc = tcp_cc_at(0);
	tcb->ssthresh = UINT32_MAX;
	tcb->keep_idle_s = 7200; /* [9293 MUST-28] */
	tcb->keep_interval_s = 75;
	tcb->keep_count = 9;
	tcb->syn_retries = h->config.syn_retries;
	tcb->last_received = tcb->stuck_since = tcb->rcv.text_at = h->now;
	list_init(&tcb->listener_link);
}

void tcb_leave_listener(struct tcb *tcb)
{
	struct tcp_listener *l = tcb->listener;

	if (!l)
		return;
	if (tcb->in_accept_list)
		l->accept_len--;
	else
		l->incomplete_len--;
	list_remove(&tcb->listener_link);
	tcb->listener = NULL;
	tcb->in_accept_list = false;
}

void tcb_deinit(struct tcb *tcb, struct host *h)
{
	tcb_leave_listener(tcb);
	ring_deinit(&tcb->sndq, &h->memory);
	ring_deinit(&tcb->rcvq, &h->memory);
	tcp_ahead_free(h, tcb);
	tcp_rare_free(h, tcb);
	tcp_recovery_free(h, tcb);
	tcp_accurate_free(h, tcb);
	tcp_mtu_search_free(h, tcb);
	tcp_pace_free(h, tcb);
	tcp_urgent_free(h, tcb);
	tcp_fast_open_free(h, tcb);
	tcp_rounds_free(h, tcb);
}

void tcb_set_state(struct tcb *tcb, enum weir_tcp_state state)
{
	tcb->state = (uint8_t)state;
	tcb->changed = true;
}

void tcb_timer_start(struct tcb *tcb, enum tcb_timer timer, weir_time at)
{
	tcb->timer[timer] = at;
}

void tcb_timer_stop(struct tcb *tcb, enum tcb_timer timer)
{
	tcb->timer[timer] = WEIR_NEVER;
}

static void stop_everything(struct tcb *tcb)
{
	for (int i = 0; i < TCB_TIMERS; i++)
		tcb->timer[i] = WEIR_NEVER;
	tcb->ack_now = tcb->probe_now = tcb->resend_now = tcb->force_send = false;
	tcb->persist = tcb->tail_probe = tcb->reorder_wait = false;
	tcb->dsack_due = false;
	tcb->rcv.dup_acks_owed = 0;
}

void tcb_end(struct host *h, struct tcb *tcb, int error)
{
	stop_everything(tcb);
	if (ring_used(&tcb->sndq) > 0)
		tcb->busy_ticks += tcp_ticks(h) - tcb->busy_from;
	ring_clear(&tcb->sndq, &h->memory);
	tcp_ahead_free(h, tcb);
	tcp_records_free(h, tcb);
	tcp_recovery_free(h, tcb);
	tcp_pace_free(h, tcb);
	if (tcb->urgent)
		tcb->urgent->sending = false;
	tcp_fast_open_free(h, tcb);
	tcp_accurate_free(h, tcb);
	tcp_mtu_search_free(h, tcb);
	if (tcb->orphan)
		tcb_forget_measured(h, tcb);
	if (error)
		tcb->error = (uint8_t)error;
	if (!tcb->in_accept_list)
		tcb_leave_listener(tcb);
	tcb_set_state(tcb, WEIR_TCP_CLOSED);
}

void tcb_forget_measured(struct host *h, struct tcb *tcb)
{
	tcp_rare_free(h, tcb);
	tcp_rounds_free(h, tcb);
}

/* [9293 MUST-13] 2 MSL from now on; [9293 s3.10.7.4] every arriving FIN starts it again. */
void tcb_enter_time_wait(struct host *h, struct tcb *tcb)
{
	bool ack = tcb->ack_now || tcb->rcv.dup_acks_owed > 0;

	stop_everything(tcb);
	tcb->ack_now = ack;
	if (tcb->state != WEIR_TCP_TIME_WAIT)
		tcb_set_state(tcb, WEIR_TCP_TIME_WAIT);
	ring_trim(&tcb->sndq, &h->memory, false);
	tcp_mtu_search_free(h, tcb);
	if (tcb->orphan)
		tcb_forget_measured(h, tcb);
	tcb_timer_start(tcb, TCB_TIMER_WAIT, weir_time_add(h->now, h->config.time_wait));
}

void tcb_check(const struct tcb *tcb)
{
	weir_assert(ring_used(&tcb->rcvq) <= tcb->rcvq.limit);
	weir_assert(tcb->rcvq.limit >= tcb->rqs || tcb->rqs == 0);
	tcp_urgent_check(tcb);
	if (tcb->state == WEIR_TCP_CLOSED || tcb->state == WEIR_TCP_LISTEN)
		return;
	weir_assert(seq_le(tcb->snd.una, tcb->snd.nxt));
	weir_assert(seq_le(tcb->snd.nxt, tcb->snd.max));
	if (tcb->rec) {
		weir_assert(seq_eq(tcb->rec->sent.una, tcb->snd.una) && seq_eq(tcb->rec->sent.end, tcb->snd.max));
		sent_check(&tcb->rec->sent);
	}
	weir_assert(!tcb->pace_wait || tcb->pace);
	weir_assert(!tcb->pace || !tcb->pace->model == !tcb->pace->delivery);
	weir_assert(seq_le(tcb->snd.max, seq_add(tcb_send_end(tcb), tcb->fin_queued)));
	weir_assert(!tcb->fast || !tcb->fast->listener || (tcb->fast_child && tcb->state == WEIR_TCP_SYN_RECEIVED));
	if (tcb->state == WEIR_TCP_SYN_SENT)
		return;
	weir_assert(seq_le(tcb->rcv.nxt, tcb->rcv.adv));
	weir_assert(seq_eq(tcb->rcv.nxt, seq_add(tcb->irs, 1 + (uint32_t)tcb->rcvq.tail + tcb->fin_received)));
	if (!tcb->fin_received)
		weir_assert(ring_used(&tcb->rcvq) + tcb_receive_window(tcb) <= tcb->rcvq.limit);
	if (tcb_records(tcb))
		tcp_records_check(tcb);
	weir_assert(!tcb->rare || !tcb->rare->quiet.there || tcb->state == WEIR_TCP_SYN_RECEIVED);
	if (tcb->ahead)
		for (unsigned i = 0; i < tcb->ahead->ranges.count; i++)
			weir_assert(seq_gt(tcb->ahead->ranges.range[i].start, tcb->rcv.nxt) || tcb->fin_received);
	if (tcb->search && tcb->search->probing)
		weir_assert(seq_lt(tcb->search->probe_seq, tcb->search->probe_end) &&
		            seq_le(tcb->search->probe_end, tcb->snd.max));
	weir_assert(tcb->ecn || !tcb->accurate);
	weir_assert(tcb->ecn || !(tcb->ecn_sends || tcb->ecn_echo || tcb->ecn_cwr || tcb->ecn_reducing));
	if (!tcb_synchronised(tcb))
		return;
	weir_assert(seq_eq(tcb->snd.nxt, tcb->snd.max));
	if (!tcb_fin_acked(tcb))
		weir_assert(seq_eq(tcb->snd.una, tcb_send_head(tcb)));
	if (tcb->state == WEIR_TCP_ESTABLISHED || tcb->state == WEIR_TCP_CLOSE_WAIT)
		weir_assert(!tcb->fin_queued);
}
