/* SPDX-License-Identifier: Apache-2.0
 *
 * What to send next: SYN, what was lost, data, FIN, acknowledgement, probe; in that order. Asked for segment
 * by segment; text is referenced in SendQ, not copied. The rules that hold text back (windows, Nagle
 * [9293 SHLD-7], silly-window avoidance [MUST-38], TCP_CORK) stand in tcp_sendable(), nowhere else.
 */
#include "base/likely.h"
#include "tcp/fastopen.h"
#include "tcp/internal.h"

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* States in which text or our FIN may still have to go out. */
static bool may_send_text(const struct tcb *tcb)
{
	if (likely(tcb->state == WEIR_TCP_ESTABLISHED))
		return true;
	switch (tcb->state) {
	case WEIR_TCP_CLOSE_WAIT:
	case WEIR_TCP_FIN_WAIT_1:
	case WEIR_TCP_CLOSING:
	case WEIR_TCP_LAST_ACK:
		return true;
	default:
		return false;
	}
}

/* The same of new text; a FIN waits for the third message. */
static bool may_send_new(const struct tcb *tcb)
{
	return may_send_text(tcb) || (tcb->state == WEIR_TCP_SYN_RECEIVED && tcb->fast_child);
}

/* Is our SYN, or our SYN,ACK, to be sent? */
static bool syn_due(const struct tcb *tcb)
{
	return seq_eq(tcb->snd.nxt, tcb->iss) && !tcp_fast_open_waits(tcb);
}

/* Bytes that the peer's window and the congestion window leave for what was never sent. What has arrived out of order
 * leaves room: so the first two duplicates let new segments go [3042]. Beyond a window that has shrunk nothing new goes
 * [9293 SHLD-15]. */
static uint32_t usable_window(const struct tcb *tcb, uint32_t flight, uint32_t syn)
{
	uint32_t pipe = unlikely(tcb->rec != NULL) ? tcp_pipe(tcb) - least(tcp_pipe(tcb), syn) : flight;
	uint32_t room = tcb->cwnd > pipe ? tcb->cwnd - pipe : 0;

	return least(room, tcb->snd.wnd > flight ? tcb->snd.wnd - flight : 0); /* [9293 MUST-34] it may have shrunk */
}

/* Did the program say that more is to come? */
static bool is_held(const struct tcb *tcb)
{
	return tcb->cork || tcb->more;
}

/* May a segment that empties SendQ and is not full go now [9293 SHLD-7, MUST-17]? A cork gathers what more is to come
 * [MAY-16]. */
static bool tail_may_go(const struct tcb *tcb, uint32_t flight)
{
	return tcb->force_send || tcb->fin_queued || (!is_held(tcb) && (tcb->no_delay || flight == 0));
}

static __attribute__((noinline)) uint32_t queued_sendable(const struct tcb *tcb, bool *fin)
{
	uint32_t flight = tcb_flight(tcb), queued = 0, usable, len, mss = tcb->snd.mss, syn;
	seq_t end = tcb_send_end(tcb);

	if (unlikely(tcb->pace_wait || !may_send_new(tcb) || seq_gt(tcb->snd.nxt, end)))
		return 0;
	queued = seq_dist(tcb->snd.nxt, end);
	/* Our SYN is nothing that Nagle's rule waits for, nor in the peer's window, nor in ours. */
	syn = unlikely(tcb->state == WEIR_TCP_SYN_RECEIVED) && flight > 0;
	flight -= syn;
	usable = usable_window(tcb, flight, syn);
	len = least(queued, usable);
	if (len > 0 && len < mss) {
		bool enough = len == queued ? tail_may_go(tcb, flight) : tcb->force_send;

		/* Half of the largest window seen is as good as a full segment to a peer with small buffers. */
		if (unlikely(!enough) && (flight == 0 || tcb->no_delay) && !is_held(tcb) &&
		    len >= (tcb->snd.max_wnd + 1) / 2)
			enough = true;
		/* What ends a record, and is not the last of all, has nothing to wait for. */
		if (unlikely(!enough) && tcb_records(tcb) && len == queued &&
		    tcp_record_limit(tcb, tcb->snd.nxt, len) < len) {
			len = tcp_record_limit(tcb, tcb->snd.nxt, len);
			enough = true;
		}
		if (!enough)
			return 0;
	}
	*fin = unlikely(tcb->fin_queued) && len == queued && tcb->snd.wnd > flight + len &&
	       tcb->state != WEIR_TCP_SYN_RECEIVED;
	return len;
}

/* Asked after each call on a connection, and mostly there is nothing. */
uint32_t tcp_sendable(const struct tcb *tcb, bool *fin)
{
	*fin = false;
	if (seq_eq(tcb->snd.nxt, tcb_send_end(tcb)) && !tcb->fin_queued)
		return 0;
	return queued_sendable(tcb, fin);
}

/* Something again, or a probe of the tail. Apart from tcp_output_wanted(), which is asked after each call on a
 * connection and mostly needs no more than the first look. */
static __attribute__((noinline)) bool repair_wanted(const struct tcb *tcb)
{
	uint32_t len;
	seq_t seq;

	return may_send_text(tcb) && ((tcb->rec && tcb->rec->probe_now) ||
	                              tcp_recovery_next(tcb, tcb->snd.mss - tcp_sack_bytes(tcb), &seq, &len));
}

/* Nothing is under way, there is something to send, and no timer stands for what the rules hold back: then, as
 * tcp_persist_check() has it, it may go. What a program writes is mostly this. */
static bool first_may_go(const struct tcb *tcb)
{
	return seq_eq(tcb->snd.una, tcb->snd.max) && !tcb->persist && !tcb->pace_wait && may_send_text(tcb);
}

static bool new_wanted(const struct tcb *tcb)
{
	bool fin = false;

	if (!seq_lt(tcb->snd.nxt, seq_add(tcb_send_end(tcb), tcb->fin_queued)))
		return false;
	return first_may_go(tcb) || queued_sendable(tcb, &fin) > 0 || fin;
}

bool tcp_output_wanted(const struct tcb *tcb)
{
	bool fin;

	switch (tcb->state) {
	case WEIR_TCP_CLOSED:
	case WEIR_TCP_LISTEN:
		return false;
	case WEIR_TCP_SYN_SENT:
	case WEIR_TCP_SYN_RECEIVED:
		return syn_due(tcb) || tcb->ack_now || tcb->rcv.dup_acks_owed ||
		       (tcb->fast_child && tcp_sendable(tcb, &fin) > 0);
	default:
		return tcb->ack_now || tcb->rcv.dup_acks_owed || tcb->probe_now || tcb->timeout_due ||
		       (unlikely(tcp_recovery_wants(tcb)) && repair_wanted(tcb)) || new_wanted(tcb) ||
		       tcp_window_update_due(tcb);
	}
}

static void begin(struct host *h, struct tcb *tcb, struct tcp_segment *seg, seq_t seq)
{
	seg->seq = seq;
	seg->flags = TCP_ACK;
	seg->ae = false;
	seg->ecn = IP_NOT_ECT;
	seg->ack = tcb->rcv.nxt;
	seg->up = 0;
	seg->text_bytes = 0;
	seg->text_slices = 0;
	seg->opt.has_mss = seg->opt.has_wscale = seg->opt.sack_permitted = seg->opt.has_cookie =
	    seg->opt.cookie_experimental = false;
	seg->opt.sack_blocks = 0;
	seg->opt.accurate = 0;
	seg->opt.user_timeout_s = 0;
	seg->opt.has_timestamps = tcb->timestamps;
	if (likely(tcb->timestamps)) {
		seg->opt.ts_val = tcp_ts_now(h, tcb);
		seg->opt.ts_ecr = tcb->ts_recent;
	}
	if (tcb->sack && unlikely(tcb->ahead || tcb->dsack_due))
		tcp_sack_fill(tcb, &seg->opt);
	seg->wnd = tcp_window_advertise(h, tcb, false);
	if (tcb->ecn)
		tcp_ecn_tell(tcb, seg);
	tcb->segs_out++;
	if (unlikely(tcb->urgent != NULL))
		tcp_urgent_emit(h, tcb, seg);
}

/* The segment carries our acknowledgement: nothing is owed any more. */
static void acknowledges(struct tcb *tcb)
{
	tcb->ack_now = false;
	tcb->dsack_due = false;
	tcb->rcv.unacked = 0;
	tcb->last_ack_sent = tcb->rcv.nxt;
	tcb_timer_stop(tcb, TCB_TIMER_DELAYED_ACK);
}

/* Something leaves for the first time. */
static FAST_PATH void sent(struct host *h, struct tcb *tcb, uint32_t len)
{
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max);

	if (unlikely(tcb->pace != NULL))
		tcp_pace_sent(h, tcb, len);
	tcp_recovery_sent(h, tcb, len);
	tcb->snd.max = tcb->snd.nxt = seq_add(tcb->snd.max, len);
	if (unlikely(tcb->tuning != NULL))
		tcp_unsent_left(tcb, len);
	if (flight == 0)
		tcb->stuck_since = h->now;
	/* [6298 5.1] A wait for the probe of the tail that runs is moved when it is over, except where this makes it
	 * shorter. */
	if (!tcb_timer_runs(tcb, TCB_TIMER_RETRANSMIT) || tcb->persist || (tcb->tail_probe && flight <= tcb->snd.mss))
		tcp_arm_retransmit(h, tcb);
}

/* Something leaves again. */
static __attribute__((noinline)) void resent(struct host *h, struct tcb *tcb, seq_t seq, uint32_t len)
{
	tcb->resend_now = false;
	if (tcb->search)
		tcp_mtu_resent(tcb, seq, len);
	if (tcb->pace)
		tcp_pace_sent(h, tcb, len);
	tcp_recovery_resent(h, tcb, seq, len);
	tcb->resent++;
	tcp_rare_resent(h, tcb, len);
	host_count(h, drop_tcp_resent);
	if (seq_eq(seq, tcb->snd.una) || !tcb_timer_runs(tcb, TCB_TIMER_RETRANSMIT) || tcb->tail_probe)
		tcp_arm_retransmit(h, tcb);
}

static __attribute__((noinline)) bool emit_syn(struct host *h, struct tcb *tcb, struct tcp_segment *seg)
{
	bool answer = tcb->state == WEIR_TCP_SYN_RECEIVED;

	begin(h, tcb, seg, tcb->iss);
	seg->flags = answer ? TCP_SYN | TCP_ACK : TCP_SYN;
	if (!answer)
		seg->ack = seq_make(0);
	seg->wnd = tcp_window_advertise(h, tcb, true);
	tcp_options_for_syn(h, tcb, &seg->opt);
	tcp_ecn_for_syn(tcb, seg);
	if (tcb->fast)
		tcp_fast_open_syn(tcb, seg);
	if (!seg->opt.has_cookie) /* there is no room for both */
		tcp_user_timeout_tell(h, tcb, &seg->opt);
	if (answer)
		acknowledges(tcb);
	if (seq_eq(tcb->snd.max, tcb->iss)) {
		sent(h, tcb, 1 + seg->text_bytes);
	} else {
		tcb->snd.nxt = tcb->snd.max; /* text that was sent with it, or after it, stays sent [7413] */
		resent(h, tcb, tcb->iss, 1);
	}
	return true;
}

/* [9293 MUST-61] What empties SendQ is pushed, unless the last write, as a SEND without PUSH, said that more follows.
 */
static bool is_pushed(const struct tcb *tcb, seq_t end)
{
	if (seq_eq(end, tcb_send_end(tcb)))
		return !tcb->no_push || tcb->fin_queued;
	return tcb_records(tcb) && tcp_record_ends_at(tcb, end);
}

/* Text at seq, and our FIN behind it when fin. */
static FAST_PATH void emit_text(struct host *h, struct tcb *tcb, struct tcp_segment *seg, seq_t seq, uint32_t len,
                                bool fin)
{
	uint32_t offset = seq_dist(tcb_send_head(tcb), seq);

	begin(h, tcb, seg, seq);
	if (len > 0) {
		seg->text_slices = (uint8_t)ring_slices(&tcb->sndq, offset, len, (struct weir_slice *)seg->text);
		seg->text_bytes = len;
		tcb->text_out++;
		if (is_pushed(tcb, seq_add(seq, len)))
			seg->flags |= TCP_PSH;
	}
	if (fin)
		seg->flags |= TCP_FIN;
	acknowledges(tcb);
	if (unlikely(seq_lt(seq, tcb->snd.max))) {
		resent(h, tcb, seq, len + fin);
		return;
	}
	if (tcb->ecn && len > 0)
		tcp_ecn_new_data(tcb, seg);
	sent(h, tcb, len + fin);
}

/* What was sent from seq on, len bytes of it, our FIN counted. */
static void emit_again(struct host *h, struct tcb *tcb, struct tcp_segment *seg, seq_t seq, uint32_t len)
{
	bool fin = seq_gt(seq_add(seq, len), tcb_send_end(tcb));

	emit_text(h, tcb, seg, seq, len - fin, fin);
}

/* [8985 s7.3] A new segment if there is one, or the last one again; no congestion window holds it back. */
static void emit_tail_probe(struct host *h, struct tcb *tcb, struct tcp_segment *seg, uint32_t mss)
{
	uint32_t flight = tcb_flight(tcb), queued, len;
	struct recovery *r = tcb->rec;

	r->probe_now = false;
	queued = seq_lt(tcb->snd.nxt, tcb_send_end(tcb)) ? seq_dist(tcb->snd.nxt, tcb_send_end(tcb)) : 0;
	len = least(least(queued, mss), tcb->snd.wnd > flight ? tcb->snd.wnd - flight : 0);
	r->probe_again = len == 0;
	if (len > 0) {
		if (tcb_records(tcb))
			len = tcp_record_limit(tcb, tcb->snd.nxt, len);
		emit_text(h, tcb, seg, tcb->snd.nxt, len, false);
	} else {
		len = least(least(flight, mss), tcp_tail_length(tcb));
		if (tcb_records(tcb))
			len = tcp_record_last(tcb, seq_sub(tcb->snd.max, len), len);
		emit_again(h, tcb, seg, seq_sub(tcb->snd.max, len), len);
	}
	r->probe_end = tcb->snd.max;
}

static __attribute__((noinline)) bool emit_repair(struct host *h, struct tcb *tcb, struct tcp_segment *seg)
{
	uint32_t len, mss = tcb->snd.mss - tcp_sack_bytes(tcb);
	seq_t seq;

	if (!may_send_text(tcb) || seq_eq(tcb->snd.una, tcb->snd.max)) {
		tcb->resend_now = false;
		return false;
	}
	if (tcb->rec && tcb->rec->probe_now) {
		emit_tail_probe(h, tcb, seg, mss);
		return true;
	}
	if (!tcp_recovery_next(tcb, mss, &seq, &len))
		return false;
	emit_again(h, tcb, seg, seq, len);
	return true;
}

/* How much of what may go fits one segment, or one large segment that the link will cut. Where one write ended and the
 * next began plays no part: segments are as large as can be [9293 SHLD-27, SHLD-28]. */
static uint32_t segment_text(const struct host *h, const struct tcb *tcb, uint32_t len, uint16_t *gso_bytes)
{
	uint32_t options = tcp_sack_bytes(tcb), mss = tcb->snd.mss - options, most = mss;
	uint32_t header = tcp_header_bytes(tcb) + options;

	if (len <= mss)
		return len;
	if (tcb->timestamps)
		header += TCP_TS_OPTION_BYTES;
	if (tcb->gso_max > header + mss)
		most = least(tcb->gso_max, 65535) - header;
	/* Not all that may be under way at once: acknowledgements of one half pay for the other. */
	most = least(most, tcb->cwnd / 2);
	if (h->config.gso_time.ns > 0)
		most = least(most, tcp_burst(h, tcb, mss));
	if (tcb->pace)
		most = least(most, tcp_pace_quantum(tcb));
	if (most < 2 * mss)
		return mss;
	if (len > most && h->config.gso_time.ns > 0) {
		len = most - most % mss;
	} else if (len > most) { /* several of one size, not the largest possible and then a small one */
		uint32_t segments = (len + mss - 1) / mss, packets = (segments - 1) / (most / mss) + 1;

		len = (segments - 1) / packets * mss + mss;
	}
	/* A tail that may not go alone stays. */
	if (len % mss != 0 &&
	    (!tail_may_go(tcb, tcb_flight(tcb)) || !seq_eq(seq_add(tcb->snd.nxt, len), tcb_send_end(tcb))) &&
	    !(tcb_records(tcb) && tcp_record_ends_at(tcb, seq_add(tcb->snd.nxt, len))))
		len -= len % mss;
	if (len > mss)
		*gso_bytes = (uint16_t)mss;
	return len;
}

static FAST_PATH bool emit_data(struct host *h, struct tcb *tcb, struct tcp_segment *seg, uint16_t *gso_bytes)
{
	bool fin;
	uint32_t all = tcp_sendable(tcb, &fin), len, probe;

	if (all == 0 && !fin)
		return false;
	len = unlikely(tcb_records(tcb) != NULL) ? tcp_record_limit(tcb, tcb->snd.nxt, all) : all;
	probe = unlikely(tcb->search != NULL) ? tcp_mtu_probe_bytes(h, tcb, len) : 0;
	if (probe == MTU_PROBE_WAITS)
		return false;
	if (unlikely(probe > 0))
		tcp_mtu_probe_sent(tcb, tcb->snd.nxt, probe);
	len = probe > 0 ? probe : segment_text(h, tcb, len, gso_bytes);
	fin = fin && len == all;
	emit_text(h, tcb, seg, tcb->snd.nxt, len, fin);
	if (*gso_bytes) /* a receiver that joins the pieces again learns that there is no more to join */
		seg->flags |= TCP_PSH;
	tcb->force_send = unlikely(tcb->urgent != NULL) && tcp_urgent_unsent(tcb);
	return true;
}

static void emit_ack(struct host *h, struct tcb *tcb, struct tcp_segment *seg)
{
	begin(h, tcb, seg, tcb->snd.max);
	acknowledges(tcb);
	if (unlikely(tcb->timeout_due) && seg->opt.sack_blocks == 0)
		tcp_user_timeout_tell(h, tcb, &seg->opt);
	tcb->timeout_due = false; /* where SACK takes its room it is left out */
	if (tcb->accurate)
		tcp_accurate_option(tcb, seg);
}

FAST_PATH bool tcp_output(struct host *h, struct tcb *tcb, struct tcp_segment *seg, uint16_t *gso_bytes)
{
	*gso_bytes = 0;
	if (unlikely(!tcb_synchronised(tcb))) {
		if (tcb->state == WEIR_TCP_CLOSED || tcb->state == WEIR_TCP_LISTEN)
			return false;
		if (syn_due(tcb))
			return emit_syn(h, tcb, seg);
		if (tcb->state == WEIR_TCP_SYN_SENT)
			return false;
	}
	if (unlikely(tcp_recovery_wants(tcb)) && emit_repair(h, tcb, seg))
		return true;
	if (unlikely(tcb->rcv.dup_acks_owed > 0)) { /* each tells of one segment, so none rides on data */
		tcb->rcv.dup_acks_owed--;
		emit_ack(h, tcb, seg);
		return true;
	}
	if (emit_data(h, tcb, seg, gso_bytes))
		return true;
	if (unlikely(
	        tcb->probe_now)) { /* [9293 MUST-36, SHLD-12] without text, left of the window: the peer must answer */
		tcb->probe_now = false;
		begin(h, tcb, seg, seq_sub(tcb->snd.una, 1));
		return true;
	}
	if (tcb->ack_now || tcb->timeout_due || tcp_window_update_due(tcb)) {
		emit_ack(h, tcb, seg);
		return true;
	}
	return false;
}
