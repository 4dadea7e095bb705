/* SPDX-License-Identifier: Apache-2.0
 *
 * Sequence numbers (RFC 9293 s3.4): a circle of 2^32. A struct, so that <, ==, - and + on them do
 * not compile. At a distance of exactly 2^31 neither of two numbers is less than the other: callers
 * must not assume that one is. The raw value is for this file and the emitters and parsers in wire/ only.
 */
#ifndef WEIR_BASE_SEQ_H
#define WEIR_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	uint32_t raw;
} seq_t;

static inline seq_t seq_make(uint32_t raw)
{
	return (seq_t){raw};
}

static inline uint32_t seq_raw(seq_t s)
{
	return s.raw;
}

static inline seq_t seq_add(seq_t s, uint32_t n)
{
	return (seq_t){s.raw + n};
}

static inline seq_t seq_sub(seq_t s, uint32_t n)
{
	return (seq_t){s.raw - n};
}

/* Bytes from `from` forward to `to`, on the circle: always 0 .. 2^32-1. */
static inline uint32_t seq_dist(seq_t from, seq_t to)
{
	return to.raw - from.raw;
}

static inline bool seq_eq(seq_t a, seq_t b)
{
	return a.raw == b.raw;
}

static inline bool seq_lt(seq_t a, seq_t b)
{
	return (int32_t)(a.raw - b.raw) < 0 && a.raw - b.raw != UINT32_C(0x80000000);
}

static inline bool seq_le(seq_t a, seq_t b)
{
	return a.raw == b.raw || seq_lt(a, b);
}

static inline bool seq_gt(seq_t a, seq_t b)
{
	return seq_lt(b, a);
}

static inline bool seq_ge(seq_t a, seq_t b)
{
	return seq_le(b, a);
}

/* low <= s < low + length, on the circle. */
static inline bool seq_in(seq_t s, seq_t low, uint32_t length)
{
	return s.raw - low.raw < length;
}

static inline seq_t seq_max(seq_t a, seq_t b)
{
	return seq_lt(a, b) ? b : a;
}

#endif
