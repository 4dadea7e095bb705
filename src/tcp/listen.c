/* SPDX-License-Identifier: Apache-2.0
 *
 * LISTEN [9293 s3.10.7.2] and the two lists of a listener (T5.3 ... T5.6). A child is a whole control block
 * from its SYN on. Both lists are bounded: a SYN for which the incomplete list has no place is answered with a cookie
 * (cookie.h); one for a listener whose accept list is full is dropped and counted, and its sender repeats it.
 */
#include "tcp/autotune.h"
#include "tcp/cookie.h"
#include "tcp/fastopen.h"
#include "tcp/internal.h"

void tcp_listener_init(struct tcp_listener *l, uint32_t backlog)
{
	list_init(&l->incomplete);
	list_init(&l->accept);
	l->incomplete_len = l->accept_len = 0;
	l->backlog = backlog;
	l->dropped = 0;
	l->cookies_until = (weir_time){0};
	l->changed = false;
	list_init(&l->fast);
	l->fast_pending = l->fast_held = 0;
}

void tcp_listener_deinit(struct tcp_listener *l)
{
	list_each_safe (node, &l->fast) {
		struct fast_open *fast = weir_container(node, struct fast_open, link);

		list_remove(node);
		fast->listener = NULL;
	}
}

void tcp_listener_completed(struct tcb *tcb)
{
	struct tcp_listener *l = tcb->listener;

	list_remove(&tcb->listener_link);
	l->incomplete_len--;
	list_push_back(&l->accept, &tcb->listener_link);
	l->accept_len++;
	tcb->in_accept_list = true;
	l->changed = true;
}

struct tcb *tcp_listener_accept(struct tcp_listener *l)
{
	struct list *node = list_first(&l->accept);
	struct tcb *tcb;

	if (!node)
		return NULL;
	tcb = weir_container(node, struct tcb, listener_link);
	tcb_leave_listener(tcb);
	return tcb;
}

bool tcp_listener_has_room(const struct tcp_listener *l)
{
	return l->accept_len <= l->backlog && l->incomplete_len < tcp_listener_incomplete_limit(l);
}

bool tcp_third_message_waits(const struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	weir_duration wait = tcb->rto;

	if (tcb->defer_accept <= tcb->retransmits || tcb->fast_child || seg->text_bytes > 0 || (seg->flags & TCP_FIN))
		return false;
	if (!tcb->third_waits && !tcb->sent_again) { /* the round trip is over now, not when text comes */
		tcp_rtt_sample(h, tcb, tcp_round_trip(h, tcb->sent_at), true);
		tcb->rto = wait; /* the SYN,ACK's steps stay what they are */
	}
	tcb->third_waits = tcb->sent_again = true;
	return true;
}

static enum tcp_listen_step refuse(struct tcp_listener *l, struct tcp_verdict *verdict, enum drop reason)
{
	verdict->drop = reason;
	l->dropped++;
	return TCP_LISTEN_DONE;
}

static enum tcp_listen_step syn_arrives(const struct host *h, struct tcp_listener *l, struct tcp_verdict *verdict)
{
	if (l->accept_len > l->backlog)
		return refuse(l, verdict, drop_tcp_accept_full);
	if (l->incomplete_len >= tcp_listener_incomplete_limit(l) && h->config.syn_cookies == TCP_COOKIES_NEVER)
		return refuse(l, verdict, drop_tcp_backlog_full);
	return tcp_listener_has_room(l) && h->config.syn_cookies != TCP_COOKIES_ALWAYS ? TCP_LISTEN_CHILD
	                                                                               : TCP_LISTEN_COOKIE;
}

enum tcp_listen_step tcp_listen_arrives(struct host *h, struct tcp_listener *l, const struct tcp_segment *seg,
                                        struct tcp_verdict *verdict)
{
	verdict->drop = verdict->reset = DROP_NONE;
	if (seg->flags & TCP_RST) { /* [W-SM-20] */
		verdict->drop = drop_tcp_flags;
		return TCP_LISTEN_DONE;
	}
	if ((seg->flags & (TCP_ACK | TCP_SYN)) == TCP_ACK && tcp_cookies_out(h, l))
		return TCP_LISTEN_CHECK_COOKIE;
	if (seg->flags & TCP_ACK) {
		tcp_closed_arrives(seg, verdict);
		return TCP_LISTEN_DONE;
	}
	if ((seg->flags & (TCP_SYN | TCP_FIN)) != TCP_SYN) { /* S-5: odd flags make no state */
		verdict->drop = drop_tcp_flags;
		return TCP_LISTEN_DONE;
	}
	return syn_arrives(h, l, verdict);
}

void tcp_open_passive(struct host *h, struct tcb *tcb, struct tcp_listener *l, const struct tcp_segment *syn, seq_t iss,
                      uint16_t mtu, uint32_t gso_max)
{
	tcp_set_path(tcb, mtu, gso_max);
	tcb->passive = true;
	tcb->iss = iss;
	tcb->snd.una = tcb->snd.nxt = tcb->snd.max = iss;
	tcb->irs = syn->seq;
	tcb->rcv.nxt = tcb->rcv.adv = tcb->last_ack_sent = seq_add(syn->seq, 1);
	tcb->rqs = tcb->rcvq.limit;
	tcb->rcv.shift = tcp_window_shift(h, tcp_largest_rqs(h, tcb->rqs, !tcb->rcv_auto));
	tcb->snd.wnd = tcb->snd.max_wnd = syn->wnd;
	tcb->snd.wl1 = syn->seq;
	tcb->ts_offset = tcp_ts_offset(iss);
	tcp_options_offer(h, tcb);
	tcp_options_agree(h, tcb, syn);
	tcb_set_state(tcb, WEIR_TCP_SYN_RECEIVED);
	tcb->listener = l;
	list_push_back(&l->incomplete, &tcb->listener_link);
	l->incomplete_len++;
}

/*
 * [9293 MAY-2, SHLD-4; 6191 s2] A new SYN for a pair in TIME_WAIT proves to be new by a later timestamp, or
 * by a sequence number beyond all of the old connection.
 */
bool tcp_time_wait_reusable(const struct tcb *tcb, const struct tcp_segment *seg, seq_t *iss_floor)
{
	bool later = false;

	if (tcb->state != WEIR_TCP_TIME_WAIT || (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return false;
	if (tcb->timestamps && seg->opt.has_timestamps) {
		if ((int32_t)(seg->opt.ts_val - tcb->ts_recent) < 0)
			return false; /* older than the old connection, whatever its number */
		later = seg->opt.ts_val != tcb->ts_recent;
	}
	if (!later && !seq_gt(seg->seq, tcb->rcv.nxt))
		return false;
	*iss_floor = seq_add(tcb->snd.max, 65537);
	return true;
}
