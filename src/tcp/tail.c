/* SPDX-License-Identifier: Apache-2.0
 *
 * The probe of a lost tail [8985 s7]: behind the last segments nothing follows whose acknowledgement could tell that
 * they are lost. After two round trips of silence one segment is sent, a new one or the last one again; what comes back
 * starts recovery, long before the retransmission timer would.
 */
#include "tcp/internal.h"

/* What the peer's delayed acknowledgement, and the clocks of both, may add. */
#define PEER_DELAY weir_ms(200)
#define CLOCK_DELAY weir_ms(2)

bool tcp_tail_wait(const struct tcb *tcb, weir_duration *wait)
{
	const struct recovery *r = tcb->rec;

	if (tcb->srtt.ns == 0 || tcb->in_recovery || tcb->in_loss || !tcb_synchronised(tcb) || tcb->retransmits > 0)
		return false;
	if (r && (r->probe || r->sent.sacked_bytes > 0 || r->sent.lost_bytes > 0))
		return false;
	wait->ns =
	    2 * tcb->srtt.ns + (seq_dist(tcb->snd.una, tcb->snd.max) <= tcb->snd.mss ? PEER_DELAY.ns : CLOCK_DELAY.ns);
	if (wait->ns > tcb->rto.ns)
		*wait = tcb->rto;
	return true;
}

/* NULL: there is no record of it. */
static const struct sent_run *last_run(const struct tcb *tcb)
{
	const struct sent *s;

	if (!tcb->rec || tcb->rec->sent.chunks == 0)
		return NULL;
	s = &tcb->rec->sent;
	return sent_run(s,
	                (struct sent_place){(uint16_t)(s->chunks - 1), (uint16_t)(s->chunk[s->chunks - 1]->count - 1)});
}

/* When the last segment under way left. */
static weir_time last_sent(const struct tcb *tcb)
{
	const struct sent_run *last = last_run(tcb);

	return last ? last->at : tcb->sent_at;
}

uint32_t tcp_tail_length(const struct tcb *tcb)
{
	const struct sent_run *last = last_run(tcb);

	return seq_dist(last ? last->start : tcb->snd.una, tcb->snd.max);
}

/* [8985 s7.3] */
void tcp_tail_timeout(struct host *h, struct tcb *tcb)
{
	weir_duration wait = tcb->rto;
	struct recovery *r;

	/* [8985 s7.2] The wait counts from the last segment; the timer may have been started for an earlier one. */
	if (tcp_tail_wait(tcb, &wait) && weir_time_before(h->now, weir_time_add(last_sent(tcb), wait))) {
		tcb->tail_probe = true;
		tcb_timer_start(tcb, TCB_TIMER_RETRANSMIT, weir_time_add(last_sent(tcb), wait));
		return;
	}
	if (tcp_mtu_stalled(h, tcb))
		return;
	r = tcp_recovery_get(h, tcb);
	if (r)
		r->probe = r->probe_now = true;
	tcp_arm_retransmit(h, tcb);
}

/* The probe has repaired a loss that nothing else told of: the window answers it all the same. */
static void repaired(struct host *h, struct tcb *tcb)
{
	tcb->cc->loss(h, tcb, tcb->cwnd);
	if (tcb->cwnd > tcb->ssthresh)
		tcb->cwnd = tcb->ssthresh;
}

/* [8985 s7.4] */
void tcp_tail_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;

	if (!r->probe || r->probe_now || seq_lt(seg->ack, r->probe_end))
		return;
	if (!r->probe_again || (news->dsack && seq_eq(news->dsack_block.end, r->probe_end))) {
		r->probe = false; /* nothing was lost */
	} else if (seq_gt(seg->ack, r->probe_end)) {
		r->probe = false;
		repaired(h, tcb);
	} else if (news->duplicate && seg->opt.sack_blocks == 0) {
		r->probe = false; /* the copy and the original have both arrived */
	}
}
