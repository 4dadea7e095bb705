/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of base and wire: cmocka with what it needs, numbers that are the same in every run, and an
 * allocator that counts what it gave out, checks the sizes it gets back, and can be told to have nothing.
 */
#ifndef TESTS_UNIT_BASE_FIXTURE_H
#define TESTS_UNIT_BASE_FIXTURE_H

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Weyl sequence and a mix of three steps: every seed starts far from every other. */
struct numbers {
	uint64_t state;
};

static inline uint64_t number(struct numbers *n)
{
	uint64_t z = n->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 .. bound - 1 */
static inline uint32_t number_below(struct numbers *n, uint32_t bound)
{
	return (uint32_t)((number(n) >> 32) * bound >> 32);
}

static inline void number_fill(struct numbers *n, uint8_t *p, size_t len)
{
	while (len-- > 0)
		*p++ = (uint8_t)(number(n) >> 56);
}

struct store {
	size_t bytes;   /* given out now */
	size_t blocks;  /* the same, counted */
	size_t calls;   /* allocations asked for, refused ones included */
	size_t largest; /* a larger request is refused */
	bool empty;     /* refuse all */
};

/* Before each block: its size, and room to keep the alignment of 16. */
enum { STORE_HEADER = 16 };

static inline void *store_alloc(void *ctx, size_t bytes)
{
	struct store *s = ctx;
	char *p;

	s->calls++;
	if (s->empty || bytes > s->largest)
		return NULL;
	p = malloc(STORE_HEADER + bytes);
	assert_non_null(p);
	memcpy(p, &bytes, sizeof(bytes));
	memset(p + STORE_HEADER, 0xa5, bytes);
	s->bytes += bytes;
	s->blocks++;
	return p + STORE_HEADER;
}

static inline void store_free(void *ctx, void *memory, size_t bytes)
{
	struct store *s = ctx;
	char *p = (char *)memory - STORE_HEADER;
	size_t given;

	memcpy(&given, p, sizeof(given));
	assert_int_equal(bytes, given);
	s->bytes -= bytes;
	s->blocks--;
	free(p);
}

static inline void store_init(struct store *s, struct memory *m)
{
	struct weir_allocator allocator = {store_alloc, store_free, s};

	*s = (struct store){.largest = SIZE_MAX};
	memory_init(m, &allocator);
}

/* Everything is back where it came from. */
static inline void store_deinit(struct store *s, struct memory *m)
{
	assert_int_equal(m->held_bytes, s->bytes);
	memory_deinit(m);
	assert_int_equal(m->held_bytes, 0);
	assert_int_equal(s->bytes, 0);
	assert_int_equal(s->blocks, 0);
}

#endif
