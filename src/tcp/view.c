/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection shows: readiness as Linux's poll() sees it, and its part of a snapshot.
 */
#include "tcp/fastopen.h"
#include "tcp/internal.h"
#include "tcp/rounds.h"

const char *weir_tcp_state_name(enum weir_tcp_state state)
{
	switch (state) {
	case WEIR_TCP_ESTABLISHED:
		return "ESTABLISHED";
	case WEIR_TCP_SYN_SENT:
		return "SYN_SENT";
	case WEIR_TCP_SYN_RECEIVED:
		return "SYN_RCVD";
	case WEIR_TCP_FIN_WAIT_1:
		return "FIN_WAIT_1";
	case WEIR_TCP_FIN_WAIT_2:
		return "FIN_WAIT_2";
	case WEIR_TCP_TIME_WAIT:
		return "TIME_WAIT";
	case WEIR_TCP_CLOSED:
		return "CLOSED";
	case WEIR_TCP_CLOSE_WAIT:
		return "CLOSE_WAIT";
	case WEIR_TCP_LAST_ACK:
		return "LAST_ACK";
	case WEIR_TCP_LISTEN:
		return "LISTEN";
	case WEIR_TCP_CLOSING:
		return "CLOSING";
	}
	return "?";
}

/* Writable again when a third of SQS is free: not at every byte. */
static bool writable(const struct tcb *tcb)
{
	uint32_t room = ring_room(&tcb->sndq);

	if (unlikely(tcb->tuning && !tcp_unsent_writable(tcb)))
		return false;
	return room > 0 && room >= tcb->sndq.limit / 3;
}

/* The urgent byte alone is nothing to read, except where it fills RecvQ. */
static bool has_text(const struct tcb *tcb)
{
	uint32_t skip, used = ring_used(&tcb->rcvq);

	if (likely(tcb->urgent == NULL))
		return used > 0;
	return tcp_urgent_readable(tcb, &skip) > 0 || (used > 0 && used >= tcb->rcvq.limit);
}

unsigned tcp_poll(const struct tcb *tcb)
{
	unsigned ready = 0;
	bool no_more_in = tcb->fin_received || tcb->receive_shut, no_more_out = tcb->fin_queued;

	if (tcb->state == WEIR_TCP_SYN_SENT)
		return tcp_fast_open_waits(tcb) ? WEIR_OUT : 0;
	if (tcb->state == WEIR_TCP_SYN_RECEIVED && !tcb->fast_child)
		return 0;
	if (tcb->state == WEIR_TCP_CLOSED || tcb->state == WEIR_TCP_TIME_WAIT)
		no_more_in = no_more_out = true;
	if (no_more_in || has_text(tcb))
		ready |= WEIR_IN;
	if (unlikely(tcb->urgent && tcp_urgent_waits(tcb)))
		ready |= WEIR_PRI;
	if (no_more_in)
		ready |= WEIR_RDHUP;
	if (no_more_out || writable(tcb))
		ready |= WEIR_OUT;
	if (no_more_in && no_more_out)
		ready |= WEIR_HUP;
	if (tcb->error)
		ready |= WEIR_ERR;
	return ready;
}

static enum weir_timer_kind shown_timer(const struct tcb *tcb, weir_time *at)
{
	if (tcb_timer_runs(tcb, TCB_TIMER_RETRANSMIT)) {
		*at = tcb->timer[TCB_TIMER_RETRANSMIT];
		return tcb->persist ? WEIR_TIMER_PERSIST : WEIR_TIMER_RETRANSMIT;
	}
	if (tcb_timer_runs(tcb, TCB_TIMER_WAIT)) {
		*at = tcb->timer[TCB_TIMER_WAIT];
		return WEIR_TIMER_TIME_WAIT;
	}
	if (tcb_timer_runs(tcb, TCB_TIMER_KEEPALIVE)) {
		*at = tcb->timer[TCB_TIMER_KEEPALIVE];
		return WEIR_TIMER_KEEPALIVE;
	}
	return WEIR_TIMER_NONE;
}

/* What a scoreboard shows. */
static void fill_recovery(const struct tcb *tcb, struct weir_socket_info *info)
{
	const struct recovery *r = tcb->rec;

	info->pipe_bytes = tcp_pipe(tcb);
	if (!r) {
		info->again_bytes = tcb->sent_again ? info->pipe_bytes : 0;
		return;
	}
	info->sacked_bytes = r->sent.sacked_bytes + r->reno_bytes;
	info->lost_bytes = r->sent.lost_bytes;
	for (struct sent_place p = sent_first(); !sent_at_end(&r->sent, p); p = sent_next(&r->sent, p))
		if (sent_run(&r->sent, p)->flags == SENT_AGAIN)
			info->again_bytes += seq_dist(sent_run(&r->sent, p)->start, sent_run_end(&r->sent, p));
}

static void fill_urgent(const struct tcb *tcb, struct weir_socket_info *info)
{
	const struct urgent *u = tcb->urgent;

	if (!u)
		return;
	info->urgent_sending = u->sending && seq_lt(tcb->snd.una, u->snd_up);
	info->urgent_waiting = u->mark == MARK_UNREAD;
	info->urgent_offset = u->mark == MARK_NONE ? 0 : u->at;
}

static void fill_marks(const struct tcb *tcb, struct weir_socket_info *info)
{
	const struct accurate *a = tcb->accurate;
	uint32_t mss = tcb->snd.mss ? tcb->snd.mss : 1;

	if (tcb->rare) {
		info->marked_in = tcb->rare->marked_in;
		info->ce_bytes_in = tcb->rare->marked_in_bytes;
		info->marked_out = (uint32_t)((tcb->rare->marked_out + mss - 1) / mss);
	}
	if (!a)
		return;
	info->marked_in = a->r_marks - TCP_ACCURATE_MARKS_BEGIN;
	info->marked_out = a->s_marks - TCP_ACCURATE_MARKS_BEGIN;
	info->ect0_bytes_in = a->r_bytes[TCP_ACCURATE_ECT0] - tcp_accurate_bytes_begin(TCP_ACCURATE_ECT0);
	info->ect1_bytes_in = a->r_bytes[TCP_ACCURATE_ECT1] - tcp_accurate_bytes_begin(TCP_ACCURATE_ECT1);
	info->ce_bytes_in = a->r_bytes[TCP_ACCURATE_CE];
	info->ect0_bytes_out = a->s_bytes[TCP_ACCURATE_ECT0] - tcp_accurate_bytes_begin(TCP_ACCURATE_ECT0);
	info->ect1_bytes_out = a->s_bytes[TCP_ACCURATE_ECT1] - tcp_accurate_bytes_begin(TCP_ACCURATE_ECT1);
	info->ce_bytes_out = a->s_bytes[TCP_ACCURATE_CE];
	info->accurate_bytes = a->option_seen;
}

/* Segments that have arrived, our SYN too. Where large ones are cut by the link nobody counts them: as many as the
 * bytes fill. Else those that left once more than are under way or had to leave again. */
static uint64_t delivered_segs(const struct tcb *tcb, const struct weir_socket_info *info)
{
	uint32_t mss = tcb->snd.mss ? tcb->snd.mss : 1, gone = tcb->resent + (info->pipe_bytes + mss - 1) / mss;
	uint64_t left = tcb->text_out + tcb_synchronised(tcb);

	if (tcb->gso_max > 0)
		return (tcb->sndq.head + info->sacked_bytes + mss - 1) / mss + tcb_synchronised(tcb);
	return left > gone ? left - gone : 0;
}

static void fill_totals(const struct host *h, const struct tcb *tcb, struct weir_socket_info *info)
{
	const struct rare *r = tcb->rare;
	uint32_t busy = tcb->busy_ticks + (ring_used(&tcb->sndq) > 0 ? tcp_ticks(h) - tcb->busy_from : 0);

	info->text_segs_in = tcb->text_in;
	info->text_segs_out = tcb->text_out;
	info->delivered_segs = delivered_segs(tcb, info);
	if (tcb->text_out > 0)
		info->since_sent = weir_time_since(h->now, tcb->sent_at);
	info->since_text = weir_time_since(h->now, tcb->rcv.text_at);
	info->since_heard = weir_time_since(h->now, tcb->last_received);
	info->busy = tcp_ticks_time(busy);
	if (!r)
		return;
	info->window_limited = tcp_rare_limited(h, tcb, RARE_LIMIT_WINDOW);
	info->queue_limited = tcp_rare_limited(h, tcb, RARE_LIMIT_QUEUE);
	info->dsacks = r->dsacks;
	info->reorderings = r->reorderings;
	info->reorder_most_bytes = r->reorder_most;
	info->out_of_order_segs = r->out_of_order;
	info->timeouts = r->timeouts;
	info->timeout_episodes = r->timeout_episodes;
	info->timeout_time = tcp_ticks_time(r->timeout_ticks);
}

void tcp_fill_info(const struct host *h, const struct tcb *tcb, struct weir_socket_info *info)
{
	seq_t unsent_from = seq_max(tcb->snd.max, tcb_send_head(tcb)), end = tcb_send_end(tcb);
	weir_time at = h->now;

	info->state = (enum weir_tcp_state)tcb->state;
	fill_urgent(tcb, info);
	info->recvq_bytes = ring_used(&tcb->rcvq);
	info->recvq_limit = tcb->rqs;
	info->out_of_order_bytes = tcb->ahead ? ranges_bytes(&tcb->ahead->ranges) : 0;
	info->sendq_bytes = ring_used(&tcb->sndq);
	info->sendq_limit = tcb->sndq.limit;
	info->sendq_unsent_bytes = seq_lt(unsent_from, end) ? seq_dist(unsent_from, end) : 0;
	info->written_bytes = tcb->sndq.tail;
	info->delivered_bytes = tcb->rcvq.head;
	info->timer = shown_timer(tcb, &at);
	info->timer_left = weir_time_since(at, h->now);
	info->retransmits = tcb->persist ? tcb->persist_backoff : tcb->retransmits;
	info->iss = seq_raw(tcb->iss);
	info->irs = seq_raw(tcb->irs);
	info->snd_una = seq_raw(tcb->snd.una);
	info->snd_nxt = seq_raw(tcb->snd.nxt);
	info->snd_wnd = tcb->snd.wnd;
	info->rcv_nxt = seq_raw(tcb->rcv.nxt);
	info->rcv_wnd = tcb_receive_window(tcb);
	if (tcb->snd.peer_mss > 0) { /* it is agreed */
		info->snd_wscale = tcb->scaling ? tcb->snd.shift : 0;
		info->rcv_wscale = tcb->scaling ? tcb->rcv.shift : 0;
		info->timestamps = tcb->timestamps;
		info->sack = tcb->sack;
	}
	fill_recovery(tcb, info);
	info->congestion = tcb->cc->name;
	info->snd_mss = tcb->snd.mss;
	info->rcv_mss = tcb->rcv.mss;
	info->cwnd_bytes = tcb->cwnd;
	info->ssthresh_bytes = tcb->ssthresh;
	info->srtt = tcb->srtt;
	info->rttvar = tcb->rttvar;
	info->rto = tcb->rto;
	info->min_rtt = tcb->min_rtt;
	fill_totals(h, tcb, info);
	fill_marks(tcb, info);
	info->delivery_rate = tcp_delivery_rate(tcb, &info->delivery_limited);
	info->rcv_rtt = tcp_receiver_rtt(tcb);
	info->fast_open_fail = (enum weir_fast_open_fail)tcb->fast_open_fail;
	info->segs_in = tcb->segs_in;
	info->segs_out = tcb->segs_out;
	info->bytes_resent = tcb->rare ? tcb->rare->bytes_resent : 0;
	info->resent = tcb->resent;
	info->error = tcb->error;
	info->soft_error = tcb->soft_error;
	info->user_timeout = weir_ms(tcp_user_timeout_ms(tcb));
}
