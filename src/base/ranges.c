/* SPDX-License-Identifier: Apache-2.0
 *
 * See ranges.h. A sorted array: what is added is mostly the last; else it is found by bisection.
 */
#include "base/ranges.h"

#include <string.h>

void ranges_init(struct ranges *set, struct range *array, uint16_t room)
{
	set->count = 0;
	set->room = room;
	set->range = array;
}

struct range *ranges_move(struct ranges *set, struct range *array, uint16_t room)
{
	struct range *old = set->range;

	memcpy(array, old, set->count * sizeof(array[0]));
	set->range = array;
	set->room = room;
	return old;
}

/* The first range that ends at or behind seq. */
static unsigned first_reaching(const struct ranges *set, seq_t seq)
{
	unsigned low = 0, high = set->count;

	if (high > 0 && seq_lt(set->range[high - 1].end, seq)) /* as mostly */
		return high;
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (seq_le(seq, set->range[middle].end))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

unsigned ranges_find(const struct ranges *set, seq_t seq)
{
	return first_reaching(set, seq_add(seq, 1));
}

static void delete_ranges(struct ranges *set, unsigned from, unsigned to)
{
	if (from == to)
		return;
	memmove(&set->range[from], &set->range[to], (set->count - to) * sizeof(set->range[0]));
	set->count = (uint16_t)(set->count - (to - from));
}

bool ranges_add(struct ranges *set, seq_t start, seq_t end)
{
	unsigned i = first_reaching(set, start), j;

	/* i: the first range that ends at or behind start; j: behind the last that begins at or before end */
	for (j = i; j < set->count && seq_le(set->range[j].start, end); j++)
		continue;
	if (i == j) {
		if (set->count == set->room)
			return false;
		memmove(&set->range[i + 1], &set->range[i], (set->count - i) * sizeof(set->range[0]));
		set->range[i] = (struct range){start, end};
		set->count++;
		return true;
	}
	if (seq_lt(set->range[i].start, start))
		start = set->range[i].start;
	if (seq_gt(set->range[j - 1].end, end))
		end = set->range[j - 1].end;
	set->range[i] = (struct range){start, end};
	delete_ranges(set, i + 1, j);
	return true;
}

void ranges_drop_before(struct ranges *set, seq_t seq)
{
	unsigned n = ranges_find(set, seq);

	delete_ranges(set, 0, n);
	if (set->count > 0 && seq_lt(set->range[0].start, seq))
		set->range[0].start = seq;
}

seq_t ranges_end_of(const struct ranges *set, seq_t seq)
{
	unsigned i = ranges_find(set, seq);

	return i < set->count && seq_le(set->range[i].start, seq) ? set->range[i].end : seq;
}

uint32_t ranges_bytes(const struct ranges *set)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < set->count; i++)
		bytes += seq_dist(set->range[i].start, set->range[i].end);
	return bytes;
}
