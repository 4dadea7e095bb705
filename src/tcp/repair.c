/* SPDX-License-Identifier: Apache-2.0
 *
 * The episodes of loss recovery: from the loss, which other files find, to the acknowledgement of all that was under
 * way then; what is sent again in between, and at which rate [9937]. After a time-out what is taken for lost is sent
 * again in slow start, not everything behind SND.UNA. Without SACK, duplicate acknowledgements stand for segments that
 * have arrived somewhere [6582].
 */
#include "base/likely.h"
#include "tcp/internal.h"

#include <string.h>

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

struct recovery *tcp_recovery_get(struct host *h, struct tcb *tcb)
{
	struct recovery *r = tcb->rec;

	if (r)
		return r;
	r = memory_buffer_get(&h->memory, RECOVERY_ORDER);
	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	sent_init(&r->sent, tcb->snd.una);
	r->fack = r->rack_end = tcb->snd.una;
	r->due = WEIR_NEVER;
	if (!seq_eq(tcb->snd.una, tcb->snd.max)) {
		sent_append(&r->sent, &h->memory, seq_dist(tcb->snd.una, tcb->snd.max), tcb->sent_at);
		if (tcb->sent_again && r->sent.chunks > 0)
			sent_mark(&r->sent, &h->memory, sent_first(), SENT_AGAIN, tcb->sent_at);
	}
	tcb->rec = r;
	return r;
}

void tcp_recovery_free(struct host *h, struct tcb *tcb)
{
	if (!tcb->rec)
		return;
	sent_deinit(&tcb->rec->sent, &h->memory);
	memory_buffer_put(&h->memory, tcb->rec, RECOVERY_ORDER);
	tcb->rec = NULL;
}

FAST_PATH void tcp_recovery_sent(struct host *h, struct tcb *tcb, uint32_t len)
{
	struct recovery *r = tcb->rec;

	if (likely(!r)) {
		if (likely(seq_eq(tcb->snd.una, tcb->snd.max))) {
			tcb->sent_at = h->now;
			tcb->sent_again = false;
			return;
		}
		if (tcb->sent_at.ns == h->now.ns && !tcb->sent_again)
			return;
		r = tcp_recovery_get(h, tcb);
		if (!r) { /* all that is forgotten is that some of it left earlier */
			tcb->sent_at = h->now;
			return;
		}
	}
	tcb->sent_at = h->now;
	sent_append(&r->sent, &h->memory, len, h->now);
	r->prr_out += len;
}

/* One segment of what was sent from seq on, len bytes: mss of text, and our FIN where it follows. */
static uint32_t one_segment(const struct tcb *tcb, seq_t seq, uint32_t len, uint32_t mss)
{
	seq_t end = seq_add(seq, len);

	if (len != mss + 1 || !seq_gt(end, tcb_send_end(tcb)))
		len = least(len, mss);
	return tcb_records(tcb) ? tcp_record_limit(tcb, seq, len) : len;
}

bool tcp_recovery_next(const struct tcb *tcb, uint32_t mss, seq_t *seq, uint32_t *len)
{
	struct recovery *r = tcb->rec;
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max), offset;
	struct sent_place p;

	if (!r || r->sent.lost_bytes == 0) {
		*seq = tcb->snd.una;
		*len = one_segment(tcb, *seq, flight, mss);
		return tcb->resend_now && flight > 0;
	}
	p = sent_find_lost(&r->sent);
	if (sent_at_end(&r->sent, p))
		return false;
	*seq = sent_run(&r->sent, p)->start;
	*len = one_segment(tcb, *seq, seq_dist(*seq, sent_run_end(&r->sent, p)), mss);
	if (tcb->resend_now)
		return true;
	offset = seq_dist(tcb->snd.una, *seq);
	/* [9293 SHLD-16] What lies inside the window, also when that has shrunk. */
	if (tcb->pace_wait || r->frto == FRTO_SECOND || offset >= tcb->snd.wnd)
		return false;
	*len = least(*len, tcb->snd.wnd - offset);
	return tcp_pipe(tcb) + *len <= tcb->cwnd;
}

void tcp_recovery_resent(struct host *h, struct tcb *tcb, seq_t seq, uint32_t len)
{
	struct recovery *r = tcp_recovery_get(h, tcb);
	struct sent_place p;

	if (!r) {
		tcb->sent_at = h->now;
		tcb->sent_again = true;
		return;
	}
	tcb->sent_at = h->now;
	r->prr_out += len;
	r->undo_bytes += len;
	if (!r->sent_any) {
		r->sent_any = true;
		r->undo_ts = tcp_ts_now(h, tcb);
	}
	if (r->sent.chunks == 0)
		return;
	/* Where it cannot be told from the rest of its run, all of that is under way again, so that repair ends. */
	if (!sent_split(&r->sent, &h->memory, seq_add(seq, len), &p) || !sent_split(&r->sent, &h->memory, seq, &p))
		p = sent_find(&r->sent, seq);
	sent_mark(&r->sent, &h->memory, p, SENT_AGAIN, h->now);
}

void tcp_recovery_acknowledge(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	uint32_t counted;
	bool again = false;

	news->acked = news->delivered = seq_dist(tcb->snd.una, seg->ack);
	if (!r) {
		news->newest = tcb->sent_at;
		if (!tcb->sent_again)
			news->rtt = tcp_round_trip(h, tcb->sent_at);
		return;
	}
	for (struct sent_place p = sent_first(); !sent_at_end(&r->sent, p); p = sent_next(&r->sent, p)) {
		struct sent_run *run = sent_run(&r->sent, p);
		seq_t end = sent_run_end(&r->sent, p);

		if (seq_ge(run->start, seg->ack))
			break;
		if (seq_gt(end, seg->ack))
			end = seg->ack;
		again = again || (run->flags & SENT_AGAIN);
		if (run->flags & SENT_SACKED)
			news->delivered -= seq_dist(run->start, end);
		else
			tcp_rack_delivered(h, tcb, run, end, seg, news);
	}
	if (again) /* what followed it may have waited for it: no sample [9293 MUST-18] */
		news->rtt.ns = 0;
	sent_acknowledge(&r->sent, &h->memory, seg->ack);
	/* [6582] All but the segment that was missing have been counted by a duplicate. */
	counted = least(r->reno_bytes, news->acked > tcb->snd.mss ? news->acked - tcb->snd.mss : 0);
	r->reno_bytes -= counted;
	news->delivered -= counted;
}

void tcp_recovery_mark_lost(struct host *h, struct tcb *tcb, seq_t start, seq_t end, struct tcp_news *news)
{
	struct sent *s = &tcb->rec->sent;
	struct sent_place p;

	if (!sent_split(s, &h->memory, end, &p) || !sent_split(s, &h->memory, start, &p))
		return;
	while (!sent_at_end(s, p) && seq_lt(sent_run(s, p)->start, end)) {
		struct sent_run *run = sent_run(s, p);

		if (!(run->flags & (SENT_SACKED | SENT_LOST))) {
			uint32_t bytes = seq_dist(run->start, sent_run_end(s, p));

			news->lost += bytes;
			if (tcb->pace)
				tcp_delivery_lost(h, tcb, run->at, bytes);
			p = sent_mark(s, &h->memory, p, (run->flags & SENT_AGAIN) | SENT_LOST, run->at);
		}
		p = sent_next(s, p);
	}
}

/* [6582 s3.2] Without SACK: the third duplicate, and each partial acknowledgement, tell of one lost segment. */
static void reno_detect(struct host *h, struct tcb *tcb, struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max), mss = tcb->snd.mss;
	bool partial = tcb->in_recovery && news->acked > 0 && seq_lt(tcb->snd.una, tcb->recover);

	if (news->duplicate && !tcb->in_loss) {
		if (flight > r->sent.lost_bytes + r->reno_bytes + mss) { /* [attacks C-6] no more than there can be */
			r->reno_bytes += mss;
			news->delivered += mss;
		}
		if (tcb->dup_acks != TCP_DUP_THRESHOLD || tcb->in_recovery || seq_le(tcb->snd.una, tcb->recover))
			return;
	} else if (!partial) {
		return;
	}
	tcp_recovery_mark_lost(h, tcb, tcb->snd.una, seq_add(tcb->snd.una, one_segment(tcb, tcb->snd.una, flight, mss)),
	                       news);
	tcb->resend_now = partial;
}

/* FlightSize of RFC 5681: what limited transmit added does not count. */
static uint32_t flight_size(const struct tcb *tcb, uint32_t acked)
{
	return least(tcb->cwnd, seq_dist(tcb->snd.una, tcb->snd.max) + acked);
}

static void begin_recovery(struct host *h, struct tcb *tcb, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;

	tcp_undo_save(tcb);
	if (!tcb->ecn_reducing) /* [3168 s6.1.2] a mark in the same window has set ssthresh already */
		tcb->cc->loss(h, tcb, flight_size(tcb, news->acked));
	tcp_ecn_reduced(tcb);
	tcb->recover = tcb->snd.max;
	tcb->in_recovery = true;
	tcb->resend_now = true;
	r->prr_delivered = r->prr_out = 0;
	/* [9937 s6.1] what can still be delivered, this acknowledgement included */
	r->prr_flight = seq_dist(tcb->snd.una, tcb->snd.max) - r->sent.sacked_bytes - r->reno_bytes + news->delivered;
	if (r->prr_flight == 0)
		r->prr_flight = 1;
}

/* [9937 s6.2] */
static void reduce(struct tcb *tcb, const struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	uint32_t pipe = tcp_pipe(tcb), mss = tcb->snd.mss;
	int64_t more;

	if (news->delivered == 0 || tcb->cc->model_acked)
		return;
	r->prr_delivered += news->delivered;
	if (pipe > tcb->ssthresh) {
		uint64_t share = (uint64_t)r->prr_delivered * tcb->ssthresh + r->prr_flight - 1;

		more = (int64_t)(share / r->prr_flight) - r->prr_out;
	} else {
		more = (int64_t)r->prr_delivered - r->prr_out;
		if (more < news->delivered)
			more = news->delivered;
		if (news->acked > 0 && news->lost == 0)
			more += mss;
		if (more > (int64_t)tcb->ssthresh - pipe)
			more = (int64_t)tcb->ssthresh - pipe;
	}
	tcb->cwnd = most(pipe + (more > 0 ? (uint32_t)more : 0), mss);
}

static void end_recovery(struct tcb *tcb)
{
	uint32_t mss = tcb->snd.mss, small = most(seq_dist(tcb->snd.una, tcb->snd.max), mss) + mss;

	tcb->in_recovery = false;
	tcb->resend_now = false;
	if (!tcb->cc->model_acked)
		tcb->cwnd = most(tcb->ssthresh, mss);
	if (!tcb->sack) /* [6582 s3.2 (3)] the acknowledgement of all of it must set no burst free */
		tcb->cwnd = least(tcb->cwnd, small);
	tcb->recover = seq_sub(tcb->snd.una, 1); /* the next loss is a new one */
	tcb->dup_acks = 0;
	if (tcb->reorder_rounds > 0 && --tcb->reorder_rounds == 0) /* [8985 s6.2 step 4] */
		tcb->reorder_factor = 1;
}

static void end_loss(struct tcb *tcb)
{
	tcb->in_loss = false;
	tcb->dup_acks = 0;
	tcb->rec->frto = FRTO_NONE;
}

static void grow(struct host *h, struct tcb *tcb, const struct tcp_news *news)
{
	struct tcp_cc_ack ack = {
	    .acked = news->acked, .pipe = news->pipe, .rtt = news->rtt, .window_limited = news->window_limited};

	/* After a time-out, what had arrived before it does not count now, nor what may have [3465 s2.3]. Where the
	 * path reorders, what arrives behind a gap counts when it arrives: the gap may be a loss, or none. */
	if (tcb->in_loss && news->acked > 0)
		ack.acked = tcb->sack ? news->delivered : least(news->delivered, 2u * tcb->snd.mss);
	else if (!tcb->in_loss && tcb->reordering && tcb->sack)
		ack.acked = news->delivered;
	if (tcb->ecn_reducing)
		tcp_ecn_reduce_on(tcb);
	else if (ack.acked > 0 || ack.rtt.ns > 0) /* behind a gap, too, slow start sees a queue that grows */
		tcb->cc->acked(h, tcb, &ack);
}

/* What is under way and what is remembered are done with. */
static void forget(struct host *h, struct tcb *tcb)
{
	struct recovery *r = tcb->rec;

	if ((r->undo && r->undo_bytes > 0) || r->probe) {
		if (!r->kept) {
			r->kept = true;
			return;
		}
	}
	tcp_recovery_free(h, tcb);
}

void tcp_recovery_lost(struct host *h, struct tcb *tcb, struct tcp_news *news)
{
	if (tcb->sack)
		tcp_rack_detect(h, tcb, news);
	else
		reno_detect(h, tcb, news);
	if (!tcb->in_recovery && !tcb->in_loss && tcb->rec->sent.lost_bytes > 0 &&
	    !(tcb->search && tcp_mtu_probe_lost(h, tcb)))
		begin_recovery(h, tcb, news);
}

/* Nothing is missing, and nothing that happened before is in doubt. */
static bool in_peace(const struct tcb *tcb, const struct tcp_news *news)
{
	const struct recovery *r = tcb->rec;

	return news->acked > 0 && !news->dsack && !tcb->in_recovery && !tcb->in_loss && r->sent.sacked_bytes == 0 &&
	       r->sent.lost_bytes == 0 && !r->probe && seq_le(r->rack_end, tcb->snd.una);
}

void tcp_recovery_decide(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news)
{
	bool recovering = tcb->in_recovery;

	if (!tcb->rec) {
		if (news->acked > 0)
			grow(h, tcb, news);
		return;
	}
	if (in_peace(tcb, news)) {
		tcb->rec->due = WEIR_NEVER;
		grow(h, tcb, news);
		if (seq_eq(tcb->snd.una, tcb->snd.max))
			forget(h, tcb);
		return;
	}
	if (news->dsack)
		tcp_undo_dsack(h, tcb, news);
	tcp_tail_acknowledged(h, tcb, seg, news);
	tcp_undo_check(h, tcb, seg, news);
	if (tcb->in_recovery && seq_ge(tcb->snd.una, tcb->recover))
		end_recovery(tcb);
	if (tcb->in_loss && seq_ge(tcb->snd.una, tcb->recover))
		end_loss(tcb);
	tcp_recovery_lost(h, tcb, news);
	if (tcb->in_recovery)
		reduce(tcb, news);
	else if (!recovering && (news->acked > 0 || (news->rtt.ns > 0 && !tcb->ecn_reducing)))
		grow(h, tcb, news);
	if (tcb->rec->frto == FRTO_SECOND) /* [5682 s2.1 (2b)] */
		tcb->cwnd = least(tcb->cwnd, tcp_pipe(tcb) + 2u * tcb->snd.mss);
	if (seq_eq(tcb->snd.una, tcb->snd.max))
		forget(h, tcb);
}

/* [8985 s6.3] After a time-out: the head, and what left so long ago that it should have been acknowledged. */
static void mark_on_timeout(struct host *h, struct tcb *tcb)
{
	struct sent *s = &tcb->rec->sent;
	int64_t long_ago = h->now.ns - tcb->rec->rack_rtt.ns - tcb->rec->rack_rtt.ns / 4;
	bool all = !tcb->sack || !tcb->rec->rack;

	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p)) {
		struct sent_run *run = sent_run(s, p);

		if (!(run->flags & (SENT_SACKED | SENT_LOST)) &&
		    (all || seq_eq(run->start, s->una) || run->at.ns <= long_ago)) {
			if (tcb->pace)
				tcp_delivery_lost(h, tcb, run->at, seq_dist(run->start, sent_run_end(s, p)));
			p = sent_mark(s, &h->memory, p, (run->flags & SENT_AGAIN) | SENT_LOST, run->at);
		}
	}
}

void tcp_recovery_timeout(struct host *h, struct tcb *tcb)
{
	bool first = tcb->retransmits == 0;
	struct recovery *r;

	if (tcp_mtu_stalled(h, tcb))
		return;
	tcp_mtu_timeout(h, tcb);
	r = tcp_recovery_get(h, tcb);
	if (first && r && !tcb->in_recovery && !tcb->in_loss)
		tcp_undo_save(tcb);
	/* [5681 s3.1] Once for each loss, not for each repetition; in an episode ssthresh has been lowered for it. */
	if (first && !tcb->in_recovery)
		tcb->cc->timeout(h, tcb, flight_size(tcb, 0));
	if (first) {
		tcp_ecn_reduced(tcb);
		tcb->recover = tcb->snd.max;
	}
	tcb->cwnd = tcb->snd.mss;
	tcb->resend_now = true;
	tcb->dup_acks = 0;
	tcb->in_loss = r != NULL;
	if (!r) {
		tcb->in_recovery = false;
		return;
	}
	r->frto = first && !tcb->in_recovery ? FRTO_FIRST : FRTO_NONE; /* [5682 s2.1 step 1] */
	tcb->in_recovery = false;
	r->reno_bytes = 0;
	r->due = WEIR_NEVER;
	r->probe = r->probe_now = false;
	if (r->sent.chunks > 0 && (sent_run(&r->sent, sent_first())->flags & SENT_SACKED))
		tcp_sack_reneged(h, tcb);
	mark_on_timeout(h, tcb);
}
