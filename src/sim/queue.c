/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: a binary heap that knows where each source lies in it.
 */
#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

void sim_queue_init(struct sim_queue *q)
{
	*q = (struct sim_queue){.heap = NULL};
}

void sim_queue_deinit(struct sim_queue *q)
{
	free(q->heap);
	free(q->place);
	free(q->at);
	sim_queue_init(q);
}

bool sim_queue_grow(struct sim_queue *q, uint32_t sources)
{
	uint32_t *heap, *place;
	weir_time *at;

	if (sources <= q->sources)
		return true;
	heap = realloc(q->heap, sources * sizeof(*heap));
	if (heap == NULL)
		return false;
	q->heap = heap;
	place = realloc(q->place, sources * sizeof(*place));
	if (place == NULL)
		return false;
	q->place = place;
	at = realloc(q->at, sources * sizeof(*at));
	if (at == NULL)
		return false;
	q->at = at;
	memset(place + q->sources, 0, (sources - q->sources) * sizeof(*place));
	q->sources = sources;
	return true;
}

static bool before(const struct sim_queue *q, uint32_t a, uint32_t b)
{
	return q->at[a].ns != q->at[b].ns ? q->at[a].ns < q->at[b].ns : a < b;
}

static void put(struct sim_queue *q, uint32_t where, uint32_t source)
{
	q->heap[where] = source;
	q->place[source] = where + 1;
}

static void rise(struct sim_queue *q, uint32_t where)
{
	uint32_t source = q->heap[where];

	while (where > 0 && before(q, source, q->heap[(where - 1) / 2])) {
		put(q, where, q->heap[(where - 1) / 2]);
		where = (where - 1) / 2;
	}
	put(q, where, source);
}

static void sink(struct sim_queue *q, uint32_t where)
{
	uint32_t source = q->heap[where];

	for (;;) {
		uint32_t child = 2 * where + 1;

		if (child + 1 < q->count && before(q, q->heap[child + 1], q->heap[child]))
			child++;
		if (child >= q->count || !before(q, q->heap[child], source))
			break;
		put(q, where, q->heap[child]);
		where = child;
	}
	put(q, where, source);
}

static void take_out(struct sim_queue *q, uint32_t source)
{
	uint32_t where = q->place[source] - 1, last = q->heap[--q->count];

	q->place[source] = 0;
	if (last == source)
		return;
	put(q, where, last);
	rise(q, where);
	sink(q, q->place[last] - 1);
}

void sim_queue_set(struct sim_queue *q, uint32_t source, weir_time at)
{
	if (q->place[source] != 0) {
		if (q->at[source].ns == at.ns)
			return;
		take_out(q, source);
	}
	if (weir_time_is_never(at))
		return;
	q->at[source] = at;
	put(q, q->count++, source);
	rise(q, q->count - 1);
}

weir_time sim_queue_next(const struct sim_queue *q)
{
	return q->count > 0 ? q->at[q->heap[0]] : WEIR_NEVER;
}

bool sim_queue_take(struct sim_queue *q, weir_time now, uint32_t *source)
{
	if (q->count == 0 || weir_time_before(now, q->at[q->heap[0]]))
		return false;
	*source = q->heap[0];
	take_out(q, *source);
	return true;
}
