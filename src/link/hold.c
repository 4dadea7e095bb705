/* SPDX-License-Identifier: Apache-2.0
 *
 * A binary heap of packets by (due, order).
 */
#include "link/hold.h"

#include "link/frame.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

struct link_held *link_held_new(const struct weir_packet *packet)
{
	struct link_held *held = malloc(sizeof *held + packet->len);

	if (held == NULL)
		return NULL;
	*held = (struct link_held){.len = packet->len, .flags = packet->flags};
	link_frame_copy(packet, held->data);
	return held;
}

struct link_held *link_held_copy(const struct link_held *held)
{
	struct link_held *copy = malloc(sizeof *copy + held->len);

	if (copy == NULL)
		return NULL;
	memcpy(copy, held, sizeof *held + held->len);
	copy->next = NULL;
	return copy;
}

void link_held_free(struct link_held *held)
{
	free(held);
}

struct weir_packet link_held_packet(const struct link_held *held)
{
	return (struct weir_packet){
	    .slice[0] = {held->data, held->len},
	    .slices = 1,
	    .flags = held->flags,
	    .len = held->len,
	};
}

void link_hold_init(struct link_hold *hold)
{
	*hold = (struct link_hold){0};
}

void link_hold_deinit(struct link_hold *hold)
{
	for (size_t i = 0; i < hold->count; i++)
		link_held_free(hold->heap[i]);
	free(hold->heap);
	link_hold_init(hold);
}

static bool before(const struct link_held *a, const struct link_held *b)
{
	if (a->due.ns != b->due.ns)
		return weir_time_before(a->due, b->due);
	return a->order < b->order;
}

static bool make_room(struct link_hold *hold)
{
	size_t capacity = hold->capacity ? hold->capacity * 2 : FIRST_CAPACITY;
	struct link_held **heap;

	if (hold->count < hold->capacity)
		return true;
	heap = realloc(hold->heap, capacity * sizeof(*heap));
	if (heap == NULL)
		return false;
	hold->heap = heap;
	hold->capacity = capacity;
	return true;
}

bool link_hold_add(struct link_hold *hold, struct link_held *take_held, weir_time due)
{
	size_t at = hold->count;

	if (!make_room(hold))
		return false;
	take_held->due = due;
	take_held->order = hold->next_order++;
	while (at > 0 && before(take_held, hold->heap[(at - 1) / 2])) {
		hold->heap[at] = hold->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	hold->heap[at] = take_held;
	hold->count++;
	hold->bytes += take_held->len;
	return true;
}

weir_time link_hold_deadline(const struct link_hold *hold)
{
	return hold->count > 0 ? hold->heap[0]->due : WEIR_NEVER;
}

struct link_held *link_hold_take(struct link_hold *hold, weir_time now)
{
	struct link_held *first, *last;
	size_t at = 0, child;

	if (hold->count == 0 || weir_time_before(now, hold->heap[0]->due))
		return NULL;
	first = hold->heap[0];
	last = hold->heap[--hold->count];
	while ((child = 2 * at + 1) < hold->count) {
		if (child + 1 < hold->count && before(hold->heap[child + 1], hold->heap[child]))
			child++;
		if (!before(hold->heap[child], last))
			break;
		hold->heap[at] = hold->heap[child];
		at = child;
	}
	hold->heap[at] = last;
	hold->bytes -= first->len;
	return first;
}
