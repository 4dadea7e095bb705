/* SPDX-License-Identifier: Apache-2.0
 *
 * See ranges.h. A sorted array: few ranges are the rule, and the newest is mostly the last.
 */
#include "base/ranges.h"

#include <string.h>

void ranges_init(struct ranges *set)
{
	set->count = 0;
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
	unsigned i = set->count, j;

	while (i > 0 && seq_le(start, set->range[i - 1].end))
		i--;
	/* i: the first range that ends at or behind start; j: behind the last that begins at or before end */
	for (j = i; j < set->count && seq_le(set->range[j].start, end); j++)
		continue;
	if (i == j) {
		if (set->count == RANGES_MAX)
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
	unsigned n = 0;

	while (n < set->count && seq_le(set->range[n].end, seq))
		n++;
	delete_ranges(set, 0, n);
	if (set->count > 0 && seq_lt(set->range[0].start, seq))
		set->range[0].start = seq;
}

seq_t ranges_end_of(const struct ranges *set, seq_t seq)
{
	for (unsigned i = 0; i < set->count && seq_le(set->range[i].start, seq); i++)
		if (seq_gt(set->range[i].end, seq))
			return set->range[i].end;
	return seq;
}

uint32_t ranges_bytes(const struct ranges *set)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < set->count; i++)
		bytes += seq_dist(set->range[i].start, set->range[i].end);
	return bytes;
}
