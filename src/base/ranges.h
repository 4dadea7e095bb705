/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of ranges of sequence numbers, ordered and disjoint, in an array of its user's: what has
 * arrived out of order. Adjacent and overlapping ranges become one. When the array is full, an
 * insertion that would need one range more is refused and the set stays as it is; ranges_move() gives it a larger one.
 * All numbers of a set must lie within 2^31 of each other (a window).
 */
#ifndef WEIR_BASE_RANGES_H
#define WEIR_BASE_RANGES_H

#include "base/seq.h"

struct range {
	seq_t start, end; /* end is behind the last byte */
};

struct ranges {
	uint16_t count, room;
	struct range *range; /* ascending */
};

/* Empty, in an array with that room. */
void ranges_init(struct ranges *set, struct range *array, uint16_t room);
/* The same ranges in another array, which has room for them. Returns the old array. */
struct range *ranges_move(struct ranges *set, struct range *array, uint16_t room);
/* Adds [start, end), start < end. false: full, nothing changed. */
bool ranges_add(struct ranges *set, seq_t start, seq_t end);
/* Drops everything before seq. */
void ranges_drop_before(struct ranges *set, seq_t seq);
/* The first range that ends behind seq: its place, count = none. */
unsigned ranges_find(const struct ranges *set, seq_t seq);
/* The range that begins at or before seq and holds it: its end; else seq itself. */
seq_t ranges_end_of(const struct ranges *set, seq_t seq);
/* Bytes in all ranges. */
uint32_t ranges_bytes(const struct ranges *set);

#endif
