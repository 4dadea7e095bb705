/* SPDX-License-Identifier: Apache-2.0
 *
 * A segment arrives [9293 s3.10.7.4], in the order of the RFC: sequence number, RST, (security), SYN, ACK,
 * URG, text, FIN; the checks of RFC 5961 and RFC 7323 at their places. Each step says NEXT or STOP; none
 * sends: replies are wishes in the control block (ack_now) or a RST in the verdict.
 * Left out: security and compartment.
 */
#include "base/likely.h"
#include "tcp/fastopen.h"
#include "tcp/internal.h"

enum step { NEXT, STOP };

struct arrival {
	struct host *h;
	struct tcb *tcb;
	const struct tcp_segment *came;
	const struct tcp_segment *seg; /* as it is processed: the one that came, or the trimmed copy */
	struct tcp_verdict *verdict;
	struct tcp_segment trimmed;
};

static COLD enum step drop(struct arrival *a, enum drop reason)
{
	a->verdict->drop = reason;
	return STOP;
}

/* [5961 s7] An acknowledgement that a stranger can provoke, at most one in a while for each connection. */
void tcp_challenge_ack(struct host *h, struct tcb *tcb)
{
	if (weir_time_before(h->now, tcb->challenge_at)) {
		host_count(h, drop_tcp_challenge_limited);
		return;
	}
	tcb->challenge_at = weir_time_add(h->now, h->config.challenge_interval);
	tcb->ack_now = true;
}

/* [W-SM-13; 5961 s7; attacks Q-5] Text outside the window is answered as often as a peer needs that sends a whole
 * window again for nothing, and not as often as anybody likes. */
static COLD bool may_answer_old(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	uint32_t now_ms = (uint32_t)(a->h->now.ns / WEIR_NS_PER_MS);

	if (now_ms - tcb->rcv.old_since_ms >= (uint32_t)(a->h->config.challenge_interval.ns / WEIR_NS_PER_MS)) {
		tcb->rcv.old_since_ms = now_ms;
		tcb->rcv.old_answers = 0;
	}
	if (tcb->rcv.old_answers >= TCP_OLD_ANSWERS_MAX) {
		host_count(a->h, drop_tcp_old_text_limited);
		return false;
	}
	tcb->rcv.old_answers++;
	return true;
}

static COLD void owe_ack_for(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	if (a->seg->text_bytes == 0 && !(a->seg->flags & TCP_FIN))
		tcp_challenge_ack(a->h, tcb);
	else if (tcb->rcv.dup_acks_owed < TCP_DUP_ACKS_MAX && may_answer_old(a))
		tcb->rcv.dup_acks_owed++;
}

/* The segment without its first and last bytes that lie outside the window. */
static __attribute__((noinline)) void trim(struct arrival *a, uint32_t front, uint32_t keep, bool keep_fin)
{
	struct tcp_segment *t = &a->trimmed;
	unsigned n = 0;

	if (a->seg != t)
		*t = *a->seg;
	t->seq = seq_add(t->seq, front);
	t->text_bytes = keep;
	if ((t->flags & TCP_URG) && front > 0) { /* the pointer counts from SEG.SEQ */
		if (t->up > front)
			t->up = (uint16_t)(t->up - front);
		else
			t->flags &= (uint8_t)~TCP_URG;
	}
	if (!keep_fin)
		t->flags &= (uint8_t)~TCP_FIN;
	for (unsigned i = 0; i < t->text_slices; i++) {
		struct weir_slice s = t->text[i];
		size_t cut = front < s.len ? front : s.len;

		front -= (uint32_t)cut;
		s.data += cut;
		s.len -= cut;
		if (s.len > keep)
			s.len = keep;
		keep -= (uint32_t)s.len;
		if (s.len > 0)
			t->text[n++] = s;
	}
	t->text_slices = (uint8_t)n;
	a->seg = t;
}

/* [7323 s5.3 R1] */
static enum step check_timestamp(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	const struct tcp_segment *seg = a->seg;

	if (!tcb->timestamps || !seg->opt.has_timestamps || (seg->flags & TCP_RST))
		return NEXT;
	if (likely((int32_t)(seg->opt.ts_val - tcb->ts_recent) >= 0))
		return NEXT;
	if (weir_time_since(a->h->now, tcb->ts_recent_at).ns > TCP_PAWS_IDLE.ns)
		return NEXT;
	if (tcp_ahead_may_be_late(tcb, seg))
		return NEXT;
	owe_ack_for(a);
	return drop(a, drop_tcp_paws);
}

/* [W-SM-37] Does it acknowledge our SYN? */
static bool opens(const struct tcb *tcb, seq_t ack)
{
	return seq_in(ack, seq_add(tcb->snd.una, 1), seq_dist(tcb->snd.una, tcb->snd.max));
}

/* [W-SM-13] Dropped, and told where we are; the state stays. */
static COLD enum step not_acceptable(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	const struct tcp_segment *seg = a->seg;

	if (seg->text_bytes > 0 && seq_le(seq_add(seg->seq, seg->text_bytes), tcb->rcv.nxt))
		tcp_sack_duplicate(tcb, seg->seq, seq_add(seg->seq, seg->text_bytes));
	/* [W-SM-40] The peer's FIN again, and no other: a stranger could make the quiet time last for ever. */
	if (tcb->state == WEIR_TCP_TIME_WAIT && (seg->flags & TCP_FIN) &&
	    seq_eq(seq_add(seg->seq, tcp_segment_len(seg)), tcb->rcv.nxt))
		tcb_enter_time_wait(a->h, tcb);
	owe_ack_for(a);
	/* [W-SM-45] A probe, or an ACK that crossed ours: its acknowledgement counts. */
	if (tcp_segment_len(seg) == 0 && seq_eq(seq_add(seg->seq, 1), tcb->rcv.nxt) &&
	    (tcb->state != WEIR_TCP_SYN_RECEIVED || opens(tcb, seg->ack)))
		return NEXT;
	return drop(a, drop_tcp_out_of_window);
}

/* [W-SM-34] The peer's SYN once more while we wait for its ACK: our answer was lost. */
static COLD enum step repeated_syn(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	if ((a->seg->flags & TCP_ACK) && !opens(tcb, a->seg->ack))
		return not_acceptable(a);
	if (a->seg->flags & TCP_ACK) { /* simultaneous open: both SYNs crossed, this acknowledges ours [W-SM-45] */
		trim(a, 0, 0, false);
		a->trimmed.flags &= (uint8_t)~TCP_SYN;
		tcp_ecn_forget_syn(tcb, &a->trimmed);
		a->trimmed.seq = tcb->rcv.nxt;
		tcb->ack_now = true;
		return NEXT;
	}
	tcb->snd.nxt = tcb->iss; /* SYN,ACK again */
	return STOP;
}

/* [W-SM-30] */
static enum step first_check_sequence(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	const struct tcp_segment *seg = a->seg;
	uint32_t wnd = tcb_receive_window(tcb), len = tcp_segment_len(seg), front, room;
	bool fin = (seg->flags & TCP_FIN) != 0;

	/* A SYN,ACK answers our own SYN: to who has only answered a SYN it is as any other odd segment. */
	if (unlikely(tcb->state == WEIR_TCP_SYN_RECEIVED) && (seg->flags & (TCP_SYN | TCP_RST)) == TCP_SYN &&
	    seq_eq(seg->seq, tcb->irs) && !(tcb->passive && (seg->flags & TCP_ACK)))
		return repeated_syn(a);
	if (unlikely(seg->flags & TCP_RST)) { /* [W-SM-32] its own number counts, whatever text it has */
		if (seq_eq(seg->seq, tcb->rcv.nxt) || seq_in(seg->seq, tcb->rcv.nxt, wnd))
			return NEXT;
		return drop(a, drop_tcp_rst_outside);
	}
	if (len == 0) {
		/* The right edge itself counts as inside: there stands the ACK of a peer whose data, which
		 * filled the window, was lost. */
		if (unlikely(!seq_in(seg->seq, tcb->rcv.nxt, wnd + 1)))
			return not_acceptable(a);
		return NEXT;
	}
	if (unlikely(wnd == 0) && seq_eq(seg->seq, tcb->rcv.nxt)) {
		/* [9293 MUST-66] No room for text, but RST, SYN and ACK are processed. */
		if (!(seg->flags & TCP_SYN)) {
			owe_ack_for(a);
			a->verdict->drop = drop_tcp_out_of_window;
		}
		trim(a, 0, 0, false);
		return NEXT;
	}
	if (unlikely(!seq_in(seg->seq, tcb->rcv.nxt, wnd)) && !seq_in(seq_add(seg->seq, len - 1), tcb->rcv.nxt, wnd) &&
	    !(seq_lt(seg->seq, tcb->rcv.nxt) && seq_gt(seq_add(seg->seq, len), tcb->rcv.nxt) && wnd > 0))
		return not_acceptable(a);
	if (unlikely(seg->flags & TCP_SYN))
		return NEXT; /* never gets to its text */
	front = seq_lt(seg->seq, tcb->rcv.nxt) ? seq_dist(seg->seq, tcb->rcv.nxt) : 0;
	room = seq_dist(seq_add(seg->seq, front), tcb->rcv.adv);
	if (unlikely(front > 0) && (seg->flags & TCP_ACK)) /* without, it says nothing and nothing is said of it */
		tcp_sack_duplicate(tcb, seg->seq, tcb->rcv.nxt);
	if (unlikely(front > 0 || seg->text_bytes - front + fin > room))
		trim(a, front, seg->text_bytes - front < room ? seg->text_bytes - front : room,
		     fin && seg->text_bytes - front + 1 <= room);
	return NEXT;
}

/* [W-SM-33] */
static COLD void reset_by_peer(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	int error = WEIR_ECONNRESET;

	host_count(a->h, drop_tcp_resets_received);
	if (tcp_reopen_failed(a->h, tcb))
		return;
	if (tcb->state == WEIR_TCP_SYN_RECEIVED) { /* [9293 MUST-11] */
		error = tcp_opening_error(tcb, tcb->passive ? WEIR_ECONNRESET : WEIR_ECONNREFUSED);
		tcp_fast_open_reset(a->h, tcb);
	}
	if (tcb->state == WEIR_TCP_CLOSE_WAIT)
		error = WEIR_EPIPE; /* as Linux: the program has seen the end of the stream already */
	tcb->reset = true;
	tcb_end(a->h, tcb, error);
}

/*
 * [attacks B-5] A peer that has sent up to there, and knows by our SACK that we have it, resets there. As hard to hit
 * for a stranger as RCV.NXT.
 */
static bool at_sack_edge(const struct tcb *tcb, seq_t seq)
{
	const struct ahead *ahead = tcb->sack ? tcb->ahead : NULL;

	return ahead && ahead->ranges.count > 0 && seq_eq(seq, ahead->ranges.range[ahead->ranges.count - 1].end);
}

/* [W-SM-32; 5961 s3] Text on it changes nothing [9293 SHLD-2]. */
static enum step second_check_rst(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	if (likely(!(a->seg->flags & TCP_RST)))
		return NEXT;
	if (tcb->state == WEIR_TCP_TIME_WAIT) /* [1337] */
		return drop(a, drop_tcp_time_wait_rst);
	if (!seq_eq(a->seg->seq, tcb->rcv.nxt) && !at_sack_edge(tcb, a->seg->seq)) {
		tcp_challenge_ack(a->h, tcb);
		return drop(a, drop_tcp_rst_in_window);
	}
	reset_by_peer(a);
	return STOP;
}

/* [W-SM-34; 5961 s4] */
static enum step fourth_check_syn(struct arrival *a)
{
	if (likely(!(a->seg->flags & TCP_SYN)))
		return NEXT;
	tcp_challenge_ack(a->h, a->tcb);
	return drop(a, drop_tcp_syn_in_window);
}

/* [W-SM-37] The acknowledgement of our SYN; a wrong one is answered with RST [W-SM-12]. */
static __attribute__((noinline)) enum step complete_opening(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	struct tcp_listener *l = tcb->listener;

	if (!opens(tcb, a->seg->ack)) {
		a->verdict->reset = drop_rst_bad_ack_opening;
		tcp_reset_at(a->seg->ack, &a->verdict->reply);
		return drop(a, drop_tcp_bad_ack);
	}
	if (l && !tcb->in_accept_list && l->accept_len > l->backlog) {
		l->dropped++;
		return drop(a, drop_tcp_accept_full);
	}
	if (tcp_third_message_waits(a->h, tcb, a->seg))
		return drop(a, drop_tcp_defer_accept);
	tcb->snd.wl1 = a->seg->seq;
	tcb->snd.wl2 = a->seg->ack;
	tcb->snd.wnd = tcb->snd.max_wnd = (uint32_t)a->seg->wnd << tcb->snd.shift;
	tcp_established(a->h, tcb);
	tcp_reopen_proved(a->h, tcb);
	if (tcb->third_waits)
		tcp_rto_from_rtt(a->h, tcb);
	if (tcb->fast)
		tcp_fast_open_free(a->h, tcb);
	if (l && !tcb->in_accept_list)
		tcp_listener_completed(tcb);
	return NEXT;
}

/* [9293 MAY-12, W-SM-36; 5961 s5] MAX.SND.WND behind UNA at most; [W-SM-38] nothing that was never sent. */
static enum step check_ack_range(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	seq_t ack = a->seg->ack;

	if (likely(seq_in(ack, tcb->snd.una, seq_dist(tcb->snd.una, tcb->snd.max) + 1)))
		return NEXT;
	if (seq_lt(ack, tcb->snd.una) && seq_dist(ack, tcb->snd.una) <= tcb->snd.max_wnd)
		return NEXT;
	tcp_challenge_ack(a->h, tcb);
	return drop(a, seq_lt(ack, tcb->snd.una) ? drop_tcp_old_ack : drop_tcp_bad_ack);
}

/* [W-SM-40] Has our FIN arrived? */
static enum step after_our_fin(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	if (likely(!tcb_fin_acked(tcb)))
		return NEXT;
	switch (tcb->state) {
	case WEIR_TCP_FIN_WAIT_1:
		tcb_set_state(tcb, WEIR_TCP_FIN_WAIT_2);
		if (!tcb->orphan || tcp_orphan_waits(a->h, tcb))
			return NEXT;
		a->verdict->reset = drop_rst_linger2;
		tcp_reset_now(a->h, tcb, &a->verdict->reply);
		tcb_end(a->h, tcb, 0);
		return STOP;
	case WEIR_TCP_CLOSING:
		tcb_enter_time_wait(a->h, tcb);
		return NEXT;
	case WEIR_TCP_LAST_ACK:
		tcb_end(a->h, tcb, 0);
		return STOP;
	default:
		return NEXT;
	}
}

static void note_timestamp(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	/* [7323 s4.3] Only from a segment that spans the last acknowledgement: no stranger moves it far. */
	if (!tcb->timestamps || !a->seg->opt.has_timestamps || seq_gt(a->came->seq, tcb->last_ack_sent))
		return;
	if ((int32_t)(a->seg->opt.ts_val - tcb->ts_recent) < 0 &&
	    weir_time_since(a->h->now, tcb->ts_recent_at).ns <= TCP_PAWS_IDLE.ns) /* [7323 s5.5] */
		return;
	tcb->ts_recent = a->seg->opt.ts_val;
	tcb->ts_recent_at = a->h->now;
}

static enum step fifth_check_ack(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	const struct tcp_segment *seg = a->seg;

	if (unlikely(!(seg->flags & TCP_ACK))) /* [W-SM-35] */
		return drop(a, drop_tcp_no_ack);
	if (unlikely((unlikely(tcb->state == WEIR_TCP_SYN_RECEIVED) ? complete_opening(a) : check_ack_range(a)) ==
	             STOP))
		return STOP;
	note_timestamp(a);
	if (tcb->ecn)
		tcp_ecn_arrives(a->h, tcb, seg);
	tcb->last_received = a->h->now;
	tcb->probes = 0;
	tcb->soft_error = 0;
	if (seq_ge(seg->ack, tcb->snd.una)) {
		/* Nothing under way, nothing to learn: so it is for each segment of a bulk transfer towards us. */
		if (!seq_eq(tcb->snd.una, tcb->snd.max) || tcb->rec)
			tcp_acknowledged(a->h, tcb, seg);
		tcp_update_send_window(a->h, tcb, seg); /* [W-SM-39] its window counts from its acknowledgement */
	}
	if (unlikely(tcb->search != NULL)) {
		tcp_mtu_acknowledged(a->h, tcb);
		tcp_persist_check(a->h, tcb); /* a full segment may be larger now than what the window lets go */
	}
	return after_our_fin(a);
}

/* [W-SM-41] */
static void sixth_check_urg(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	switch (tcb->state) {
	case WEIR_TCP_ESTABLISHED:
	case WEIR_TCP_FIN_WAIT_1:
	case WEIR_TCP_FIN_WAIT_2:
		if (!tcb->orphan)
			tcp_urgent_arrives(a->h, tcb, a->seg);
		break;
	default: /* the peer's FIN has been here */
		break;
	}
}

/* [W-SM-42] */
static enum step seventh_text(struct arrival *a)
{
	struct tcb *tcb = a->tcb;
	enum drop reason;

	if (a->seg->text_bytes == 0)
		return NEXT;
	switch (tcb->state) {
	case WEIR_TCP_ESTABLISHED:
	case WEIR_TCP_FIN_WAIT_1:
	case WEIR_TCP_FIN_WAIT_2:
		break;
	default:
		return drop(a, drop_tcp_text_after_fin);
	}
	if (unlikely(tcb->orphan)) { /* [9293 SHLD-3] nobody will ever read it */
		a->verdict->reset = drop_rst_data_after_close;
		/* Where the peer stands: our FIN may be lost, and it takes a RST at no other number at once [5961 s3].
		 */
		tcp_reset_at(a->seg->ack, &a->verdict->reply);
		tcb_end(a->h, tcb, WEIR_ECONNRESET);
		return STOP;
	}
	reason = tcp_take_text(a->h, tcb, a->seg);
	if (unlikely(reason != DROP_NONE))
		return drop(a, reason);
	return NEXT;
}

static void eighth_fin(struct arrival *a)
{
	struct tcb *tcb = a->tcb;

	if (unlikely(a->seg->flags & TCP_FIN) && !tcb->fin_received) {
		if (!tcb->fin_seen)
			tcb->fin_seq = seq_add(a->seg->seq, a->seg->text_bytes);
		tcb->fin_seen = true;
		if (!seq_eq(tcb->fin_seq, tcb->rcv.nxt) && a->seg->text_bytes == 0)
			owe_ack_for(a); /* ahead of its turn: a gap */
	}
	tcp_take_fin(a->h, tcb);
}

FAST_PATH void tcp_segment_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg,
                                   struct tcp_verdict *verdict)
{
	struct arrival a;

	verdict->drop = verdict->reset = DROP_NONE;
	tcb->segs_in++;
	if (unlikely(tcb->state == WEIR_TCP_CLOSED)) {
		tcp_closed_arrives(seg, verdict);
		return;
	}
	if (unlikely(tcb->state == WEIR_TCP_SYN_SENT)) {
		tcp_syn_sent_arrives(h, tcb, seg, verdict);
		return;
	}
	a.h = h;
	a.tcb = tcb;
	a.came = a.seg = seg;
	a.verdict = verdict;
	if (unlikely(check_timestamp(&a) == STOP || first_check_sequence(&a) == STOP || second_check_rst(&a) == STOP ||
	             fourth_check_syn(&a) == STOP || fifth_check_ack(&a) == STOP))
		return;
	if (unlikely(a.seg->opt.user_timeout_s > 0))
		tcp_user_timeout_arrives(h, tcb, a.seg->opt.user_timeout_s);
	if (unlikely(a.seg->flags & TCP_URG))
		sixth_check_urg(&a);
	if (likely(seventh_text(&a) == NEXT))
		eighth_fin(&a);
}
