/* SPDX-License-Identifier: Apache-2.0
 *
 * Selective acknowledgements [2018], both sides. The receiver tells what lies ahead of the gap, the latest change
 * first, and what arrived twice [2883]. The sender's scoreboard takes a block when it lies within what is under way;
 * others are ignored one by one [attacks P-10]. What is told to be there stays in SendQ until it is acknowledged
 * [attacks C-7].
 */
#include "tcp/internal.h"

#include <string.h>

static bool is_within(const struct tcp_sack_block *inner, const struct tcp_sack_block *outer)
{
	return seq_le(outer->start, inner->start) && seq_le(inner->end, outer->end);
}

/* [2883 s4] The first block tells of a duplicate when it lies before the acknowledgement, or within the second. */
/* Called when SND.UNA has moved: seg->ack is not beyond it. */
static bool is_dsack(const struct tcb *tcb, const struct tcp_segment *seg)
{
	const struct tcp_sack_block *first = &seg->opt.sack[0];

	if (seq_le(first->end, seg->ack)) /* about what was under way not long ago */
		return seq_le(seq_sub(seg->ack, tcb->snd.max_wnd), first->start);
	return seg->opt.sack_blocks > 1 && is_within(first, &seg->opt.sack[1]);
}

static void take_block(struct host *h, struct tcb *tcb, const struct tcp_sack_block *block,
                       const struct tcp_segment *seg, struct tcp_news *news)
{
	struct recovery *r = tcb->rec;
	struct sent *s = &r->sent;
	struct sent_place p;

	if (!sent_split(s, &h->memory, block->end, &p) || !sent_split(s, &h->memory, block->start, &p))
		return; /* too many, or no memory: as if it had not been told */
	while (!sent_at_end(s, p) && seq_lt(sent_run(s, p)->start, block->end)) {
		struct sent_run *run = sent_run(s, p);
		seq_t end = sent_run_end(s, p);

		if (!(run->flags & SENT_SACKED)) {
			news->sacked += seq_dist(run->start, end);
			tcp_rack_delivered(h, tcb, run, end, seg, news);
			p = sent_mark(s, &h->memory, p, SENT_SACKED, run->at);
		}
		p = sent_next(s, p);
	}
}

void tcp_sack_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news)
{
	unsigned i = 0;

	if (is_dsack(tcb, seg)) {
		news->dsack = tcb->rec != NULL;
		news->dsack_block = seg->opt.sack[0];
		i = 1;
	}
	for (; i < seg->opt.sack_blocks; i++) {
		const struct tcp_sack_block *b = &seg->opt.sack[i];

		/* Behind the acknowledgement, not beyond what was sent. */
		if (seq_le(b->start, tcb->snd.una) || seq_gt(b->end, tcb->snd.max) || seq_ge(b->start, b->end))
			continue;
		if (!tcp_recovery_get(h, tcb))
			return;
		take_block(h, tcb, b, seg, news);
	}
}

/* [2018 s8] The head had been told to be there, and is missed: nothing of the kind is believed any more. */
void tcp_sack_reneged(struct host *h, struct tcb *tcb)
{
	struct sent *s = &tcb->rec->sent;

	host_count(h, drop_tcp_sack_reneged);
	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p))
		if (sent_run(s, p)->flags & SENT_SACKED)
			p = sent_mark(s, &h->memory, p, SENT_AGAIN | SENT_LOST, h->now);
}

/* -- the receiver's side */

/* [2018 s4] What has just arrived is told first. */
void tcp_sack_note(struct ahead *ahead, seq_t seq)
{
	unsigned n = ahead->recent_count < TCP_MAX_SACK_BLOCKS ? ahead->recent_count++ : TCP_MAX_SACK_BLOCKS - 1;

	memmove(&ahead->recent[1], &ahead->recent[0], n * sizeof(ahead->recent[0]));
	ahead->recent[0] = seq;
}

void tcp_sack_duplicate(struct tcb *tcb, seq_t start, seq_t end)
{
	if (!tcb->sack || tcb->dsack_due || !seq_lt(start, end))
		return;
	tcb->dsack = (struct tcp_sack_block){start, end};
	tcb->dsack_due = true;
}

static bool range_at(const struct ranges *set, seq_t seq, struct tcp_sack_block *block)
{
	unsigned i = ranges_find(set, seq);

	if (i == set->count || seq_lt(seq, set->range[i].start))
		return false;
	*block = (struct tcp_sack_block){set->range[i].start, set->range[i].end};
	return true;
}

/* Adds a block that is not there yet; the first one, when it is a duplicate's, counts as none. */
static void add_block(struct tcp_options *opt, unsigned from, const struct tcp_sack_block *block)
{
	for (unsigned i = from; i < opt->sack_blocks; i++)
		if (seq_eq(opt->sack[i].start, block->start))
			return;
	opt->sack[opt->sack_blocks++] = *block;
}

void tcp_sack_fill(struct tcb *tcb, struct tcp_options *opt)
{
	unsigned room = opt->has_timestamps ? TCP_MAX_SACK_BLOCKS - 1 : TCP_MAX_SACK_BLOCKS, from = 0;
	struct tcp_sack_block block;

	if (tcb->dsack_due) { /* [2883 s4 (1)] told once, and first */
		opt->sack[opt->sack_blocks++] = tcb->dsack;
		from = 1;
		if (tcb->ahead && range_at(&tcb->ahead->ranges, tcb->dsack.start, &block))
			add_block(opt, from, &block); /* [2883 s4 (3)] what it lies in */
	}
	if (!tcb->ahead)
		return;
	for (unsigned i = 0; i < tcb->ahead->recent_count && opt->sack_blocks < room; i++)
		if (range_at(&tcb->ahead->ranges, tcb->ahead->recent[i], &block))
			add_block(opt, from, &block);
	for (unsigned i = 0; i < tcb->ahead->ranges.count && opt->sack_blocks < room; i++) {
		const struct range *range = &tcb->ahead->ranges.range[i];

		add_block(opt, from, &(struct tcp_sack_block){range->start, range->end});
	}
}

uint32_t tcp_sack_blocks_bytes(const struct tcb *tcb)
{
	uint32_t blocks = tcb->dsack_due, room = tcb->timestamps ? TCP_MAX_SACK_BLOCKS - 1 : TCP_MAX_SACK_BLOCKS;

	if (tcb->ahead)
		blocks += tcb->ahead->ranges.count;
	if (!tcb->sack || blocks == 0)
		return 0;
	return 4 + 8 * (blocks < room ? blocks : room);
}
