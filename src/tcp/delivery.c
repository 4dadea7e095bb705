/* SPDX-License-Identifier: Apache-2.0
 *
 * The delivery rate: see pace.h.
 */
#include "tcp/internal.h"
#include "tcp/pace.h"

enum { NOTES_A_ROUND = 100 };

static struct delivery_note *note_at(struct delivery *d, unsigned i)
{
	return &d->note[(d->first + i) % DELIVERY_NOTES];
}

/* What was known when that left, or the oldest that is known. */
static const struct delivery_note *find(struct delivery *d, weir_time at)
{
	unsigned low = 0, high = d->count;

	if (d->count == 0)
		return NULL;
	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (weir_time_before(at, note_at(d, middle)->at))
			high = middle;
		else
			low = middle;
	}
	return note_at(d, low);
}

static struct delivery_note *append(struct delivery *d)
{
	if (d->count == DELIVERY_NOTES) {
		d->first = (uint16_t)((d->first + 1) % DELIVERY_NOTES);
		d->count--;
	}
	return note_at(d, d->count++);
}

void tcp_delivery_sent(struct host *h, struct tcb *tcb, uint32_t len)
{
	struct delivery *d = tcb->pace->delivery;
	uint32_t pipe = tcp_pipe(tcb);
	struct delivery_note *last = d->count > 0 ? note_at(d, d->count - 1u) : NULL;

	if (pipe == 0) {
		if (d->limited_until != 0)
			tcb->cc->model_idle(h, tcb);
		d->first_sent_at = d->delivered_at = h->now;
	} else if (last && weir_time_since(h->now, last->at).ns < tcb->srtt.ns / NOTES_A_ROUND) {
		if (last->at.ns == h->now.ns)
			last->in_flight = (pipe + len) & INT32_MAX;
		return;
	}
	*append(d) = (struct delivery_note){.at = h->now,
	                                    .delivered = d->delivered,
	                                    .delivered_at = d->delivered_at,
	                                    .first_sent_at = d->first_sent_at,
	                                    .lost = d->lost,
	                                    .in_flight = (pipe + len) & INT32_MAX,
	                                    .limited = d->limited_until != 0};
}

void tcp_delivery_mark_limited(struct tcb *tcb)
{
	struct delivery *d = tcb->pace->delivery;

	d->limited_until = d->delivered + tcp_pipe(tcb);
	if (d->limited_until == 0)
		d->limited_until = 1;
}

void tcp_delivery_lost(struct host *h, struct tcb *tcb, weir_time at, uint32_t bytes)
{
	struct delivery *d = tcb->pace->delivery;
	const struct delivery_note *note;
	struct tcp_cc_lost lost = {.bytes = bytes};

	if (!d)
		return;
	d->lost += bytes;
	note = find(d, at);
	if (!note)
		return;
	lost.in_flight = note->in_flight;
	lost.since_sent = d->lost - note->lost;
	lost.limited = note->limited;
	tcb->cc->model_lost(h, tcb, &lost);
}

/* [s4.1.2.4] There was nothing to send although the window was open: before this acknowledgement. */
static void check_limited(struct tcb *tcb, const struct tcp_news *news)
{
	bool unsent = seq_lt(tcb->snd.nxt, tcb_send_end(tcb));
	bool lost = tcb->rec && tcb->rec->sent.lost_bytes > 0;

	if (!unsent && !lost && news->pipe < tcb->cwnd)
		tcp_delivery_mark_limited(tcb);
}

void tcp_delivery_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_news *news)
{
	struct delivery *d = tcb->pace->delivery;
	struct tcp_cc_sample s = {.acked = news->delivered, .lost = news->lost, .rtt = news->rtt, .pipe = news->pipe};
	const struct delivery_note *note = news->newest.ns != 0 ? find(d, news->newest) : NULL;
	int64_t sending, arriving;

	check_limited(tcb, news);
	d->delivered += news->delivered;
	if (news->delivered > 0)
		d->delivered_at = h->now;
	if (d->limited_until != 0 && d->delivered > d->limited_until)
		d->limited_until = 0;
	if (note) {
		sending = weir_time_since(news->newest, note->first_sent_at).ns;
		arriving = weir_time_since(h->now, note->delivered_at).ns;
		s.interval.ns = sending > arriving ? sending : arriving;
		s.prior_delivered = note->delivered;
		s.delivered = (uint32_t)(d->delivered - note->delivered);
		s.in_flight = note->in_flight;
		s.since_sent = d->lost - note->lost;
		s.limited = note->limited;
		s.valid = true;
		if (s.interval.ns > 0 && s.interval.ns >= tcb->min_rtt.ns)
			s.rate = (uint64_t)s.delivered * (uint64_t)WEIR_NS_PER_S / (uint64_t)s.interval.ns;
		if (weir_time_before(d->first_sent_at, news->newest))
			d->first_sent_at = news->newest;
	}
	s.total = d->delivered;
	tcb->cc->model_acked(h, tcb, &s);
}
