/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN-SENT [9293 s3.10.7.3], and the step into ESTABLISHED that both kinds of opening share.
 */
#include "tcp/fastopen.h"
#include "tcp/internal.h"

/* The peer's SYN is here: take its numbers. What our SYN promised as window counts from there. */
static void take_syn(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t promised = tcb_receive_window(tcb);

	if (promised > 65535) /* the field on a SYN has no scale */
		promised = 65535;
	tcb->irs = seg->seq;
	tcb->rcv.nxt = seq_add(seg->seq, 1);
	tcb->rcv.adv = seq_add(tcb->rcv.nxt, promised);
	tcb->last_ack_sent = tcb->rcv.nxt;
	tcb->snd.wnd = tcb->snd.max_wnd = seg->wnd; /* never scaled on a SYN [7323 s2.2] */
	tcb->snd.wl1 = seg->seq;
	tcb->snd.wl2 = seg->ack;
	tcp_options_agree(h, tcb, seg);
	tcp_window_fit_limit(tcb);
}

/* Both SYNs are acknowledged. */
void tcp_established(struct host *h, struct tcb *tcb)
{
	tcb->rcv.quick_acks = h->config.quick_acks;
	tcb->last_received = tcb->rcv.text_at = h->now;
	tcb->recover = tcb->flight_round = tcb->rtt_seq = tcb->iss;
	tcb_set_state(tcb, WEIR_TCP_ESTABLISHED);
	if (h->config.user_timeout_option && tcb->user_timeout_ms > 0)
		tcb->timeout_due = true;
	if (tcb->fin_queued) /* closed while opening [W-SM-4] */
		tcb_set_state(tcb, WEIR_TCP_FIN_WAIT_1);
	if (tcb->keepalive)
		tcb_timer_start(tcb, TCB_TIMER_KEEPALIVE, weir_time_add(h->now, weir_s(tcb->keep_idle_s)));
}

/* [W-SM-24] What else the SYN,ACK brings: the sixth to the eighth check. */
static void take_rest(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if ((seg->flags & TCP_URG) && seg->up > 0) {
		struct tcp_segment behind = *seg;

		behind.seq = tcb->rcv.nxt;
		behind.up--;
		tcp_urgent_arrives(h, tcb, &behind);
	}
	if (!tcp_take_syn_text(h, tcb, seg) || !(seg->flags & TCP_FIN) || tcb_receive_window(tcb) == 0)
		return;
	tcb->fin_seq = tcb->rcv.nxt;
	tcb->fin_seen = true;
	tcp_take_fin(h, tcb);
}

/* A SYN,ACK that echoes a time at which no SYN of this opening has left answers another one. */
static bool echo_is_odd(const struct host *h, const struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t now = tcp_ts_now(h, tcb),
	         since_ms = (uint32_t)(weir_time_since(h->now, tcb->stuck_since).ns / WEIR_NS_PER_MS);

	return (seg->flags & TCP_SYN) && tcb->timestamps && seg->opt.has_timestamps && seg->opt.ts_ecr != 0 &&
	       now - seg->opt.ts_ecr > since_ms + 1;
}

void tcp_syn_sent_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_verdict *verdict)
{
	bool ack = (seg->flags & TCP_ACK) != 0;

	/* [W-SM-12, W-SM-22] ISS < ACK <= SND.NXT */
	if (ack &&
	    (!seq_in(seg->ack, seq_add(tcb->iss, 1), seq_dist(tcb->iss, tcb->snd.max)) || echo_is_odd(h, tcb, seg))) {
		verdict->drop = drop_tcp_bad_ack;
		if (seg->flags & TCP_RST)
			return;
		verdict->reset = drop_rst_bad_ack_opening;
		tcp_reset_at(seg->ack, &verdict->reply);
		return;
	}
	if (seg->flags & TCP_RST) { /* [W-SM-23] */
		verdict->drop = ack ? DROP_NONE : drop_tcp_rst_outside;
		if (ack) {
			host_count(h, drop_tcp_resets_received);
			host_count(h, drop_tcp_failed_opens);
			tcb->reset = true;
			tcb_end(h, tcb, WEIR_ECONNREFUSED);
		}
		return;
	}
	if (!(seg->flags & TCP_SYN)) { /* [W-SM-26] */
		verdict->drop = drop_tcp_flags;
		return;
	}
	take_syn(h, tcb, seg);
	if (ack) { /* [W-SM-24] */
		if (tcb->fast)
			tcp_fast_open_answered(h, tcb, seg);
		tcp_established(h, tcb);
		tcp_acknowledged(h, tcb, seg);
		tcb->ack_now = true;
		if (seg->text_bytes > 0 || (seg->flags & (TCP_FIN | TCP_URG)))
			take_rest(h, tcb, seg);
		return;
	}
	if (seg->text_bytes > 0 || (seg->flags & TCP_FIN)) /* not taken, not acknowledged: it will come again */
		host_count(h, drop_tcp_syn_text);
	/* [W-SM-25; 9293 MUST-10] Both have opened: SYN,ACK with the same ISS. */
	tcb_set_state(tcb, WEIR_TCP_SYN_RECEIVED);
	tcb->snd.nxt = tcb->iss;
}
