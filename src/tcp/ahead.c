/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of what has arrived out of order: nothing for most connections, the size of a page for a bad path, and a
 * bound for a bad peer [attacks Q-1].
 */
#include "tcp/internal.h"

static uint16_t room(unsigned order)
{
	return (uint16_t)(((size_t)1 << order) / sizeof(struct range));
}

struct ahead *tcp_ahead_get(struct host *h, struct tcb *tcb)
{
	struct ahead *a = tcb->ahead;
	void *array;

	if (a)
		return a;
	array = memory_buffer_get(&h->memory, AHEAD_ORDER_FIRST);
	if (!array)
		return NULL;
	a = memory_alloc(&h->memory, sizeof(*a));
	if (!a) {
		memory_buffer_put(&h->memory, array, AHEAD_ORDER_FIRST);
		return NULL;
	}
	ranges_init(&a->ranges, array, room(AHEAD_ORDER_FIRST));
	a->order = AHEAD_ORDER_FIRST;
	a->recent_count = 0;
	a->ts_edge = tcb->rcv.adv;
	a->ts_then = a->ts_before = tcb->ts_recent;
	tcb->ahead = a;
	return a;
}

void tcp_ahead_free(struct host *h, struct tcb *tcb)
{
	if (!tcb->ahead)
		return;
	memory_buffer_put(&h->memory, tcb->ahead->ranges.range, tcb->ahead->order);
	memory_free(&h->memory, tcb->ahead, sizeof(*tcb->ahead));
	tcb->ahead = NULL;
}

void tcp_ahead_advanced(struct tcb *tcb)
{
	struct ahead *a = tcb->ahead;

	if (seq_lt(tcb->rcv.nxt, a->ts_edge))
		return;
	a->ts_edge = tcb->rcv.adv;
	a->ts_before = a->ts_then;
	a->ts_then = tcb->ts_recent;
}

/*
 * Between two gaps, a repetition that fills the first moves TS.Recent past the timestamps of everything that left
 * before it and is still under way: on a path that reorders, that which fills the second would be thrown away
 * [7323 s5.3 R1]. The peer sent nothing of this window before it was told of it, so its timestamps are not older than
 * what TS.Recent was then; from a former round of the numbers they would be.
 */
bool tcp_ahead_may_be_late(const struct tcb *tcb, const struct tcp_segment *seg)
{
	return tcb->ahead && seq_ge(seg->seq, tcb->rcv.nxt) && (int32_t)(seg->opt.ts_val - tcb->ahead->ts_before) >= 0;
}

/* A range for each KiB of RecvQ, within bounds. */
static unsigned last_order(const struct tcb *tcb)
{
	unsigned order = AHEAD_ORDER_LAST;

	while (order < AHEAD_ORDER_HUGE && tcb->rqs / 1024 > room(order))
		order++;
	return order;
}

enum drop tcp_ahead_add(struct host *h, struct tcb *tcb, seq_t start, seq_t end)
{
	struct ahead *ahead = tcb->ahead;
	void *array;

	if (ranges_add(&ahead->ranges, start, end))
		return DROP_NONE;
	if (ahead->order >= last_order(tcb))
		return drop_tcp_ranges_full;
	array = memory_buffer_get(&h->memory, ahead->order + 1u);
	if (!array)
		return drop_no_memory;
	array = ranges_move(&ahead->ranges, array, room(ahead->order + 1u));
	memory_buffer_put(&h->memory, array, ahead->order++);
	ranges_add(&ahead->ranges, start, end);
	return DROP_NONE;
}
