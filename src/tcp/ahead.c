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

enum drop tcp_ahead_add(struct host *h, struct ahead *ahead, seq_t start, seq_t end)
{
	void *array;

	if (ranges_add(&ahead->ranges, start, end))
		return DROP_NONE;
	if (ahead->order == AHEAD_ORDER_LAST)
		return drop_tcp_ranges_full;
	array = memory_buffer_get(&h->memory, ahead->order + 1u);
	if (!array)
		return drop_no_memory;
	array = ranges_move(&ahead->ranges, array, room(ahead->order + 1u));
	memory_buffer_put(&h->memory, array, ahead->order++);
	ranges_add(&ahead->ranges, start, end);
	return DROP_NONE;
}
