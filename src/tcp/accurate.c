/* SPDX-License-Identifier: Apache-2.0
 *
 * See accurate.h.
 */
#include "tcp/internal.h"

#include <string.h>

enum { COUNTER_MASK = 7, BYTES_MASK = 0xffffff };
enum { MARKS_BEGIN = TCP_ACCURATE_MARKS_BEGIN, MARKS_AFTER_CE };

/* What the handshake says of a packet that arrived so, by its two bits [9768 table 3]; and what it says of ours. */
static const uint8_t answer_for[] = {[IP_NOT_ECT] = 2, [IP_ECT1] = 3, [IP_ECT0] = 4, [IP_CE] = 6};
enum { ANSWER_NONE = 0, ANSWER_PLAIN = 1, ANSWER_NOT_ECT = 2, ANSWER_RESERVED = 5, ANSWER_CE = 6, ASKS = 7 };

/* SYN and SYN,ACK leave as not capable: another answer tells of a path that changes the bits, on which nothing can be
 * learned from marks [9768 s3.2.2.3]. */
static void hear_answer(struct tcb *tcb, unsigned answer)
{
	struct accurate *a = tcb->accurate;

	a->s_marks = answer == ANSWER_CE ? MARKS_AFTER_CE : MARKS_BEGIN;
	if (answer != ANSWER_NOT_ECT && answer != ANSWER_RESERVED)
		tcb->ecn_sends = false;
}

bool tcp_accurate_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn)
{
	bool answers = (syn->flags & TCP_ACK) != 0;
	unsigned flags = tcp_accurate_flags(syn);
	struct accurate *a;

	if (answers ? flags == ANSWER_NONE || flags == ANSWER_PLAIN || flags == ASKS : flags != ASKS)
		return false;
	a = memory_buffer_get(&h->memory, ACCURATE_ORDER);
	if (!a)
		return false;
	memset(a, 0, sizeof(*a));
	a->answer = answer_for[syn->ecn];
	a->r_marks = syn->ecn == IP_CE ? MARKS_AFTER_CE : MARKS_BEGIN;
	for (unsigned i = 0; i < TCP_ACCURATE_COUNTERS; i++)
		a->r_bytes[i] = a->s_bytes[i] = tcp_accurate_bytes_begin(i);
	a->s_marks = MARKS_BEGIN;
	a->tells_handshake = answers;
	a->expects_handshake = tcb->passive;
	tcb->accurate = a;
	tcb->ecn = tcb->ecn_sends = true;
	if (answers)
		hear_answer(tcb, flags);
	return true;
}

void tcp_accurate_free(struct host *h, struct tcb *tcb)
{
	if (tcb->accurate)
		memory_buffer_put(&h->memory, tcb->accurate, ACCURATE_ORDER);
	tcb->accurate = NULL;
}

static void count_arrival(struct tcb *tcb, const struct tcp_segment *seg)
{
	static const uint8_t counter[] = {
	    [IP_ECT0] = TCP_ACCURATE_ECT0, [IP_ECT1] = TCP_ACCURATE_ECT1, [IP_CE] = TCP_ACCURATE_CE};
	struct accurate *a = tcb->accurate;

	if (seg->ecn == IP_NOT_ECT)
		return;
	tcb->ecn_seen = true;
	a->r_bytes[counter[seg->ecn]] += seg->text_bytes;
	a->option_due |= seg->text_bytes > 0;
	if (seg->ecn != IP_CE)
		return;
	a->r_marks++;
	/* [9768 s3.2.2.5.1] An acknowledgement for every two marks, three where nothing waits for one: the counter has
	 * three bits, and wraps. */
	if (++a->untold >= (seg->text_bytes > 0 || tcb->rcv.unacked > 0 ? 2 : 3))
		tcb->ack_now = true;
}

/* The option's bytes tell of marks that the three bits cannot, when they have gone round. */
static bool hear_option(struct accurate *a, const struct tcp_options *opt)
{
	uint32_t marked = a->s_bytes[TCP_ACCURATE_CE];

	for (unsigned i = 0; i < TCP_ACCURATE_COUNTERS; i++) {
		if (opt->accurate & 1u << i) {
			a->s_bytes[i] += (opt->accurate_bytes[i] - a->s_bytes[i]) & BYTES_MASK;
			a->option_seen = true;
		}
	}
	return a->s_bytes[TCP_ACCURATE_CE] != marked;
}

/* [9768 s3.2.2.1, s3.2.2.4] The flags of one segment that is not older than what was heard before. */
static bool hear(struct tcb *tcb, const struct tcp_segment *seg)
{
	struct accurate *a = tcb->accurate;
	unsigned flags = tcp_accurate_flags(seg), more;
	bool marked;

	if (a->expects_handshake) {
		a->expects_handshake = false;
		/* What the handshake does not say is a counter already: the segment that said it was lost. */
		if (flags != ANSWER_PLAIN && flags != ASKS)
			hear_answer(tcb, flags);
		return false;
	}
	if (!a->told && flags == 0) { /* cleared on the way: it began with another number */
		a->told = true;
		tcb->ecn_sends = false;
		return false;
	}
	a->told = true;
	more = (flags - a->s_marks) & COUNTER_MASK;
	a->s_marks += more;
	marked = hear_option(a, &seg->opt) || more > 0;
	return marked;
}

bool tcp_accurate_arrives(struct tcb *tcb, const struct tcp_segment *seg)
{
	count_arrival(tcb, seg);
	return seq_ge(seg->ack, tcb->snd.una) && seq_ge(seg->seq, tcb->snd.wl1) && hear(tcb, seg);
}

void tcp_accurate_tell(struct tcb *tcb, struct tcp_segment *seg)
{
	struct accurate *a = tcb->accurate;
	bool opening = !tcb_synchronised(tcb);

	tcp_accurate_set_flags(seg, a->tells_handshake && !opening ? a->answer : a->r_marks & COUNTER_MASK);
	if (opening)
		return;
	a->tells_handshake = false;
	a->untold = 0;
}

void tcp_accurate_option(struct tcb *tcb, struct tcp_segment *seg)
{
	struct accurate *a = tcb->accurate;

	if (!a->option_due)
		return;
	a->option_due = false;
	seg->opt.accurate = (1u << TCP_ACCURATE_COUNTERS) - 1;
	for (unsigned i = 0; i < TCP_ACCURATE_COUNTERS; i++)
		seg->opt.accurate_bytes[i] = a->r_bytes[i] & BYTES_MASK;
}
