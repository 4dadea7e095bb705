/* SPDX-License-Identifier: Apache-2.0
 *
 * Segment text and FIN [9293 s3.10.7.4, seventh and eighth]: bytes go straight into RecvQ at their
 * offset, in order or not; a set of ranges remembers what lies ahead of the gap [9293 SHLD-31].
 * The segment has been trimmed to the window before it comes here.
 */
#include "base/likely.h"
#include "tcp/internal.h"
#include "tcp/rounds.h"

#define ACK_CREDIT_GAP weir_ms(4)

static FAST_PATH bool place(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	uint32_t offset = seq_dist(tcb->rcv.nxt, seg->seq);

	for (unsigned i = 0; i < seg->text_slices; i++) {
		if (unlikely(!ring_place(&tcb->rcvq, &h->memory, offset, seg->text[i].data, seg->text[i].len)))
			return false;
		offset += (uint32_t)seg->text[i].len;
	}
	return true;
}

static void owe_ack(struct tcb *tcb)
{
	if (tcb->rcv.dup_acks_owed < TCP_DUP_ACKS_MAX)
		tcb->rcv.dup_acks_owed++;
}

static weir_duration ack_delay(const struct host *h, const struct tcb *tcb)
{
	weir_duration most = h->config.delayed_ack;

	if (unlikely(tcb->tuning != NULL) && tcb->tuning->delack_max_us &&
	    weir_us(tcb->tuning->delack_max_us).ns < most.ns)
		most = weir_us(tcb->tuning->delack_max_us);
	return most;
}

/*
 * Text comes after a gap. After a long one the peer starts slowly. While large segments come slowly its window is one
 * of few, which waits for each: it gets an acknowledgement in 4 ms more than every second segment's.
 */
static __attribute__((noinline)) void credit_quick_acks(const struct host *h, struct tcb *tcb, weir_duration gap,
                                                        uint32_t bytes)
{
	int64_t credit = gap.ns / ACK_CREDIT_GAP.ns + tcb->rcv.quick_acks;

	if (gap.ns <= tcb->rto.ns && bytes < TCP_DEFAULT_MSS_V4)
		return;
	if (gap.ns > tcb->rto.ns || credit > h->config.quick_acks)
		credit = h->config.quick_acks;
	if (credit > tcb->rcv.quick_acks)
		tcb->rcv.quick_acks = (uint8_t)credit;
}

/*
 * [9293 SHLD-18, SHLD-19, MUST-40] At once for every second full segment, else within the delay. At once, too, for the
 * first segments, those after a silence, and those of a slow stream: unless the program is one that answers.
 */
FAST_PATH void tcp_ack_in_order(struct host *h, struct tcb *tcb, uint32_t bytes)
{
	weir_duration gap = weir_time_since(h->now, tcb->rcv.text_at);

	if (gap.ns >= ACK_CREDIT_GAP.ns)
		credit_quick_acks(h, tcb, gap, bytes);
	tcb->rcv.text_at = h->now;
	tcb->rcv.unacked += bytes;
	if (tcb->rcv.quick_acks > 0 && !tcb->answers) {
		tcb->rcv.quick_acks--;
		tcb->ack_now = true;
	} else if (tcb->rcv.unacked >= 2u * tcb->rcv.mss) {
		tcb->ack_now = true;
	} else if (!tcb_timer_runs(tcb, TCB_TIMER_DELAYED_ACK)) {
		tcb_timer_start(tcb, TCB_TIMER_DELAYED_ACK, weir_time_add(h->now, ack_delay(h, tcb)));
	}
}

/* [2883 s4] What of it was there already. */
static void note_overlap(struct tcb *tcb, seq_t start, seq_t end)
{
	const struct ranges *set = &tcb->ahead->ranges;

	for (unsigned i = ranges_find(set, start); i < set->count && seq_lt(set->range[i].start, end); i++) {
		seq_t low = seq_max(start, set->range[i].start);

		if (seq_lt(low, set->range[i].end))
			tcp_sack_duplicate(tcb, low, seq_lt(end, set->range[i].end) ? end : set->range[i].end);
	}
}

static __attribute__((noinline)) enum drop take_ahead(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	seq_t end = seq_add(seg->seq, seg->text_bytes);
	enum drop full;

	tcp_rare_out_of_order(h, tcb);
	owe_ack(tcb); /* [5681 s4.2; 9293 MAY-13] every out-of-order arrival is told at once */
	if (!tcp_ahead_get(h, tcb))
		return drop_no_memory;
	if (!place(h, tcb, seg))
		return drop_no_memory;
	note_overlap(tcb, seg->seq, end);
	full = tcp_ahead_add(h, tcb, seg->seq, end);
	if (full != DROP_NONE)
		return full;
	tcp_sack_note(tcb->ahead, seg->seq);
	return DROP_NONE;
}

static void note_segment_size(struct tcb *tcb, uint32_t bytes)
{
	uint32_t largest = tcb->mtu - tcp_header_bytes(tcb);

	if (bytes > largest)
		bytes = largest;
	if (bytes > tcb->rcv.mss)
		tcb->rcv.mss = (uint16_t)bytes;
}

FAST_PATH enum drop tcp_take_text(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	seq_t end = seq_add(seg->seq, seg->text_bytes);
	bool filled = false;

	if (unlikely(tcb->fin_seen && seq_gt(end, tcb->fin_seq)))
		return drop_tcp_text_after_fin;
	tcb->text_in++;
	note_segment_size(tcb, seg->text_bytes);
	if (unlikely(tcb->text_in % ROUNDS_TEXT_SEGMENTS == 0))
		tcp_rounds_text(h, tcb, seg);
	if (unlikely(!seq_eq(seg->seq, tcb->rcv.nxt)))
		return take_ahead(h, tcb, seg);
	if (unlikely(!place(h, tcb, seg)))
		return drop_no_memory;
	if (unlikely(tcb->ahead != NULL) && tcb->ahead->ranges.count > 0) {
		note_overlap(tcb, seg->seq, end);
		end = ranges_end_of(&tcb->ahead->ranges, end);
		ranges_drop_before(&tcb->ahead->ranges, end);
		filled = true;
		if (tcb->ahead->ranges.count == 0)
			tcp_ahead_free(h, tcb);
	}
	ring_advance(&tcb->rcvq, seq_dist(tcb->rcv.nxt, end));
	tcb->rcv.nxt = end;
	tcb->changed = true;
	tcp_ack_in_order(h, tcb, seg->text_bytes);
	if (unlikely(filled)) {
		tcb->ack_now = true; /* [5681 s4.2] also while a later gap remains */
		if (tcb->ahead)
			tcp_ahead_advanced(tcb);
		tcb->rcv.dup_acks_owed = 0; /* [9293 MUST-59] within one batch it was none */
	}
	return DROP_NONE;
}

bool tcp_take_syn_text(struct host *h, struct tcb *tcb, const struct tcp_segment *syn)
{
	struct tcp_segment text = *syn;
	uint32_t room = tcb_receive_window(tcb);

	text.flags = TCP_ACK;
	text.seq = tcb->rcv.nxt;
	text.text_bytes = 0;
	text.text_slices = 0;
	for (unsigned i = 0; i < syn->text_slices && room > 0; i++) {
		struct weir_slice *piece = &text.text[text.text_slices++];

		piece->data = syn->text[i].data;
		piece->len = syn->text[i].len < room ? syn->text[i].len : room;
		room -= (uint32_t)piece->len;
		text.text_bytes += (uint32_t)piece->len;
	}
	if (text.text_bytes > 0 && tcp_take_text(h, tcb, &text) != DROP_NONE) {
		host_count(h, drop_no_memory);
		return false;
	}
	return text.text_bytes == syn->text_bytes;
}

/* [W-SM-43] */
bool tcp_take_fin(struct host *h, struct tcb *tcb)
{
	if (likely(!tcb->fin_seen) || tcb->fin_received || !seq_eq(tcb->fin_seq, tcb->rcv.nxt))
		return false;
	tcb->fin_received = true;
	tcb->rcv.nxt = seq_add(tcb->rcv.nxt, 1);
	tcb->rcv.adv = seq_max(tcb->rcv.adv, tcb->rcv.nxt);
	tcb->ack_now = true;
	tcb->changed = true;
	ring_trim(&tcb->rcvq, &h->memory, false);
	switch (tcb->state) {
	case WEIR_TCP_ESTABLISHED:
		tcb_set_state(tcb, WEIR_TCP_CLOSE_WAIT);
		break;
	case WEIR_TCP_FIN_WAIT_1:
		if (tcb_fin_acked(tcb))
			tcb_enter_time_wait(h, tcb);
		else
			tcb_set_state(tcb, WEIR_TCP_CLOSING);
		break;
	case WEIR_TCP_FIN_WAIT_2:
		tcb_enter_time_wait(h, tcb);
		break;
	default:
		break;
	}
	return true;
}
