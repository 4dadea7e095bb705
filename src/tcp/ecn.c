/* SPDX-License-Identifier: Apache-2.0
 *
 * See ecn.h.
 */
#include "tcp/internal.h"

enum { SYNS_THAT_ASK = 2, BITS = TCP_ECE | TCP_CWR };

/* Until it is agreed, ecn_sends says that it is the accurate one which we ask for, or grant. */
void tcp_ecn_offer(const struct host *h, struct tcb *tcb)
{
	enum weir_ecn ecn = h->config.ecn;

	if (tcb->passive) {
		tcb->ecn = ecn != WEIR_ECN_OFF;
		tcb->ecn_sends = ecn >= WEIR_ECN_ACCURATE;
	} else {
		tcb->ecn = ecn == WEIR_ECN_ON || ecn == WEIR_ECN_ACCURATE || ecn == WEIR_ECN_GRANT_ACCURATE;
		tcb->ecn_sends = ecn == WEIR_ECN_ACCURATE;
	}
}

void tcp_ecn_for_syn(const struct tcb *tcb, struct tcp_segment *seg)
{
	seg->ae = false;
	if (tcb->state == WEIR_TCP_SYN_RECEIVED) {
		if (tcb->accurate)
			tcp_accurate_set_flags(seg, tcb->accurate->answer);
		else if (tcb->ecn)
			seg->flags |= TCP_ECE;
	} else if (tcb->ecn && tcb->retransmits < SYNS_THAT_ASK) {
		seg->flags |= BITS;
		seg->ae = tcb->ecn_sends;
	}
}

/* [3168 s6.1.1; 3360] Any other bits than these two patterns mean nothing, and are no reason to refuse anything. */
void tcp_ecn_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn)
{
	uint8_t bits = syn->flags & BITS;

	if (tcb->ecn_sends && tcp_accurate_agree(h, tcb, syn))
		return;
	/* Where both have opened, both must have asked. */
	tcb->ecn = tcb->ecn && bits == (syn->flags & TCP_ACK ? TCP_ECE : BITS);
	tcb->ecn_sends = tcb->ecn;
}

void tcp_ecn_forget_syn(const struct tcb *tcb, struct tcp_segment *seg)
{
	tcp_accurate_set_flags(seg, tcb->accurate ? tcb->accurate->s_marks & 7u : 0);
	seg->ecn = IP_NOT_ECT;
}

/* FlightSize of RFC 5681 before this acknowledgement. */
static uint32_t flight_size(const struct tcb *tcb)
{
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max);

	return flight < tcb->cwnd ? flight : tcb->cwnd;
}

/* [3168 s6.1.2] Once a window, and not while a loss reduces it already. */
static void marked(struct host *h, struct tcb *tcb)
{
	if (tcb->in_recovery || tcb->in_loss || tcb->ecn_reducing)
		return;
	tcb->ecn_prior = tcb->cwnd;
	if (tcb->cc->marked)
		tcb->cc->marked(h, tcb, flight_size(tcb));
	else
		tcb->cc->loss(h, tcb, flight_size(tcb));
	tcb->ecn_recover = tcb->snd.max;
	tcb->ecn_reducing = true;
	tcb->ecn_cwr = !tcb->accurate;
	host_count(h, drop_tcp_ecn_reduced);
}

static void take_mark(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if (seg->flags & TCP_CWR) /* what comes with it is newer than what it answers */
		tcb->ecn_echo = false;
	if (seg->ecn == IP_NOT_ECT)
		return;
	tcb->ecn_seen = true;
	if (seg->ecn == IP_CE) {
		tcb->ecn_echo = true;
		tcb->ack_now = true;
		tcp_rare_marked_in(h, tcb, seg->text_bytes);
	}
}

void tcp_ecn_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	if (tcb->accurate) {
		if (tcp_accurate_arrives(tcb, seg))
			marked(h, tcb);
		return;
	}
	take_mark(h, tcb, seg);
	if ((seg->flags & TCP_ECE) && seq_ge(seg->ack, tcb->snd.una)) {
		tcp_rare_marked_out(h, tcb, seq_dist(tcb->snd.una, seg->ack));
		marked(h, tcb);
	}
}

void tcp_ecn_tell(struct tcb *tcb, struct tcp_segment *seg)
{
	if (tcb->accurate)
		tcp_accurate_tell(tcb, seg);
	else if (tcb->ecn_echo)
		seg->flags |= TCP_ECE;
}

void tcp_ecn_new_data(struct tcb *tcb, struct tcp_segment *seg)
{
	if (tcb->ecn_sends)
		seg->ecn = IP_ECT0;
	if (tcb->ecn_cwr)
		seg->flags |= TCP_CWR;
	tcb->ecn_cwr = false;
}

/* Of what cwnd was above ssthresh, the share is left that has yet to be acknowledged. It ends with the acknowledgement
 * of what was sent after it: what comes before that may still echo the same mark. */
void tcp_ecn_reduce_on(struct tcb *tcb)
{
	uint32_t excess = tcb->ecn_prior > tcb->ssthresh ? tcb->ecn_prior - tcb->ssthresh : 0, left;

	left = seq_lt(tcb->snd.una, tcb->ecn_recover) ? seq_dist(tcb->snd.una, tcb->ecn_recover) : 0;
	if (left < tcb->ecn_prior)
		excess = (uint32_t)((uint64_t)excess * left / tcb->ecn_prior);
	tcb->ecn_reducing = seq_le(tcb->snd.una, tcb->ecn_recover);
	if (tcb->cwnd > tcb->ssthresh + excess)
		tcb->cwnd = tcb->ssthresh + excess;
}

void tcp_ecn_reduced(struct tcb *tcb)
{
	tcb->ecn_reducing = false;
	tcb->ecn_cwr = tcb->ecn && !tcb->accurate;
}
