/* SPDX-License-Identifier: Apache-2.0
 *
 * Losses that were none: the path only reordered or paused. Three things tell: the echo of a timestamp from before the
 * first repetition (Eifel) [3522]; duplicates reported for everything that was repeated [3708]; acknowledgements, after
 * a time-out, of data that was never repeated (F-RTO) [5682]. Then the windows are put back, once for an episode and
 * never above what they were [attacks C-8].
 */
#include "tcp/internal.h"

void tcp_undo_save(struct tcb *tcb)
{
	struct recovery *r = tcb->rec;

	r->undo = true;
	r->sent_any = false;
	r->undo_bytes = 0;
	r->undo_from = tcb->snd.una;
	r->undo_cwnd = tcb->cwnd;
	r->undo_ssthresh = tcb->ssthresh;
	r->kept = false;
}

/* [4015, 5682 s3.3] */
static void undo(struct host *h, struct tcb *tcb)
{
	struct recovery *r = tcb->rec;
	struct sent *s = &r->sent;

	for (struct sent_place p = sent_first(); s->lost_bytes > 0 && !sent_at_end(s, p); p = sent_next(s, p)) {
		struct sent_run *run = sent_run(s, p);

		if (run->flags & SENT_LOST)
			p = sent_mark(s, &h->memory, p, SENT_AGAIN, h->now);
	}
	if (tcb->cwnd < r->undo_cwnd)
		tcb->cwnd = r->undo_cwnd;
	if (tcb->ssthresh < r->undo_ssthresh)
		tcb->ssthresh = r->undo_ssthresh;
	r->undo = false;
	r->frto = FRTO_NONE;
	if (tcb->in_loss)
		tcp_rto_from_rtt(h, tcb);
	else /* what was repeated had only been overtaken [8985 s6.2 step 3] */
		tcb->reordering = true;
	if (tcb->in_loss || tcb->in_recovery)
		tcb->recover = seq_sub(tcb->snd.una, 1);
	tcb->in_loss = tcb->in_recovery = false;
	tcb->resend_now = false;
	tcb->dup_acks = 0;
	if (tcb->cc->undo)
		tcb->cc->undo(h, tcb);
	host_count(h, drop_tcp_spurious);
}

/* [3708 s2.1] */
void tcp_undo_dsack(struct host *h, struct tcb *tcb, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	uint32_t bytes = seq_dist(news->dsack_block.start, news->dsack_block.end);

	tcp_rare_dsack(h, tcb);
	tcp_rack_dsack(tcb);
	if (!r->undo || !r->sent_any || seq_lt(news->dsack_block.start, r->undo_from) ||
	    seq_gt(news->dsack_block.end, tcb->snd.max))
		return;
	if (bytes < r->undo_bytes) {
		r->undo_bytes -= bytes;
		return;
	}
	r->undo_bytes = 0;
	undo(h, tcb);
}

static bool echo_is_older(const struct tcb *tcb, const struct tcp_segment *seg)
{
	const struct recovery *r = tcb->rec;

	return tcb->timestamps && seg->opt.has_timestamps && r->sent_any && seg->opt.ts_ecr != 0 &&
	       (int32_t)(seg->opt.ts_ecr - r->undo_ts) < 0;
}

/* Is anything left that was sent again, or is to be? Of what SACK tells of it nobody knows which copy arrived. */
static bool repetitions_left(const struct recovery *r)
{
	const struct sent *s = &r->sent;

	if (s->lost_bytes > 0)
		return true;
	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p))
		if (sent_run(s, p)->flags & SENT_AGAIN)
			return true;
	return false;
}

/* [5682 s2.1] True when the time-out was for nothing. */
static bool frto(struct tcb *tcb, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	seq_t end = seq_add(tcb_send_end(tcb), tcb->fin_queued);

	switch ((enum frto)r->frto) {
	case FRTO_NONE:
		return false;
	case FRTO_FIRST:
		r->frto = FRTO_NONE;
		/* (2b) Two new segments instead of repetitions, where there is something new. */
		if (news->acked > 0 && seq_lt(tcb->snd.una, tcb->recover) && seq_lt(tcb->snd.max, end) &&
		    tcb->snd.wnd > seq_dist(tcb->snd.una, tcb->snd.max))
			r->frto = FRTO_SECOND;
		return false;
	case FRTO_SECOND:
		r->frto = FRTO_NONE;
		if ((news->acked > 0 || news->sacked > 0) && news->original) /* (3b) */
			return true;
		tcb->cwnd = 3 * (uint32_t)tcb->snd.mss; /* (3a) two are under way, one goes again */
		return false;
	}
	return false;
}

bool tcp_undo_check(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	bool spurious = tcb->in_loss && r->frto != FRTO_NONE &&
	                (news->acked > 0 || news->sacked > 0 || news->duplicate) && frto(tcb, news);

	if (!r->undo || !(tcb->in_loss || tcb->in_recovery))
		return false;
	/* Before all of the episode is acknowledged, an old echo is of one segment that was late; another may be lost.
	 */
	if (news->acked > 0 && echo_is_older(tcb, seg) &&
	    (tcb->in_loss || seq_ge(tcb->snd.una, tcb->recover) || !repetitions_left(r)))
		spurious = true;
	if (spurious)
		undo(h, tcb);
	return spurious;
}
