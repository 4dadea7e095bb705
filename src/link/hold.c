/* SPDX-License-Identifier: Apache-2.0
 *
 * A binary heap of packets by (due, order).
 */
#include "link/hold.h"

#include "link/frame.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64, ORDINARY_BYTES = 2048, SPARES_MAX = 4096 };

static struct link_held *allocate(struct link_hold *hold, uint32_t len)
{
	struct link_held *held = hold->spare;

	if (len > ORDINARY_BYTES)
		return malloc(sizeof *held + len);
	if (held == NULL)
		return malloc(sizeof *held + ORDINARY_BYTES);
	hold->spare = held->next;
	hold->spares--;
	return held;
}

struct link_held *link_held_new(struct link_hold *hold, const struct weir_packet *packet)
{
	struct link_held *held = allocate(hold, packet->len);

	if (held == NULL)
		return NULL;
	*held = (struct link_held){.len = packet->len, .flags = packet->flags};
	link_frame_copy(packet, held->data);
	return held;
}

struct link_held *link_held_copy(struct link_hold *hold, const struct link_held *held)
{
	struct link_held *copy = allocate(hold, held->len);

	if (copy == NULL)
		return NULL;
	memcpy(copy, held, sizeof *held + held->len);
	copy->next = NULL;
	return copy;
}

void link_held_free(struct link_hold *hold, struct link_held *held)
{
	if (held->len > ORDINARY_BYTES || hold->spares == SPARES_MAX) {
		free(held);
		return;
	}
	held->next = hold->spare;
	hold->spare = held;
	hold->spares++;
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

static struct link_hold_place *place(const struct link_hold *hold, size_t i)
{
	return &hold->row[(hold->first + i) & (hold->room - 1)];
}

void link_hold_deinit(struct link_hold *hold)
{
	for (size_t i = 0; i < hold->waiting; i++)
		free(place(hold, i)->held);
	free(hold->row);
	for (size_t i = 0; i < hold->count; i++)
		free(hold->heap[i]);
	free(hold->heap);
	while (hold->spare != NULL) {
		struct link_held *next = hold->spare->next;

		free(hold->spare);
		hold->spare = next;
	}
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

static bool add_to_heap(struct link_hold *hold, struct link_held *held)
{
	size_t at = hold->count;

	if (!make_room(hold))
		return false;
	while (at > 0 && before(held, hold->heap[(at - 1) / 2])) {
		hold->heap[at] = hold->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	hold->heap[at] = held;
	hold->count++;
	return true;
}

static struct link_held *take_from_heap(struct link_hold *hold)
{
	struct link_held *first = hold->heap[0], *last = hold->heap[--hold->count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < hold->count) {
		if (child + 1 < hold->count && before(hold->heap[child + 1], hold->heap[child]))
			child++;
		if (!before(hold->heap[child], last))
			break;
		hold->heap[at] = hold->heap[child];
		at = child;
	}
	hold->heap[at] = last;
	return first;
}

static bool lengthen(struct link_hold *hold)
{
	size_t room = hold->room ? hold->room * 2 : FIRST_CAPACITY;
	struct link_hold_place *row = malloc(room * sizeof *row);

	if (row == NULL)
		return false;
	for (size_t i = 0; i < hold->waiting; i++)
		row[i] = *place(hold, i);
	free(hold->row);
	hold->row = row;
	hold->first = 0;
	hold->room = room;
	return true;
}

static bool add_to_row(struct link_hold *hold, struct link_held *held)
{
	if (hold->waiting == hold->room && !lengthen(hold))
		return false;
	*place(hold, hold->waiting++) = (struct link_hold_place){held->due, held};
	return true;
}

bool link_hold_add(struct link_hold *hold, struct link_held *take_held, weir_time due)
{
	bool in_order = hold->waiting == 0 || !weir_time_before(due, place(hold, hold->waiting - 1)->due);

	take_held->due = due;
	take_held->order = hold->next_order;
	if (!(in_order ? add_to_row(hold, take_held) : add_to_heap(hold, take_held)))
		return false;
	hold->next_order++;
	hold->bytes += take_held->len;
	return true;
}

/* Does the earliest of all stand in the row? */
static bool row_is_next(const struct link_hold *hold)
{
	return hold->waiting > 0 && (hold->count == 0 || before(place(hold, 0)->held, hold->heap[0]));
}

weir_time link_hold_deadline(const struct link_hold *hold)
{
	if (row_is_next(hold))
		return place(hold, 0)->due;
	return hold->count > 0 ? hold->heap[0]->due : WEIR_NEVER;
}

struct link_held *link_hold_take(struct link_hold *hold, weir_time now)
{
	enum { LINE = 64, LINES = 4 };
	struct link_held *held;

	if (hold->waiting + hold->count == 0 || weir_time_before(now, link_hold_deadline(hold)))
		return NULL;
	if (row_is_next(hold)) {
		held = place(hold, 0)->held;
		hold->first = (hold->first + 1) & (hold->room - 1);
		hold->waiting--;
		for (unsigned i = 0; hold->waiting > 0 && i < LINES; i++)
			__builtin_prefetch((const char *)place(hold, 0)->held + (size_t)i * LINE);
	} else {
		held = take_from_heap(hold);
	}
	hold->bytes -= held->len;
	return held;
}
