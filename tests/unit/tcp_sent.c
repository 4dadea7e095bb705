/* SPDX-License-Identifier: Apache-2.0
 *
 * The scoreboard against a model that keeps one entry a byte: random sends, marks and acknowledgements, near the wrap
 * of sequence numbers, with and without memory; and its bounds.
 */
#include "tcp/sent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WINDOW = 4000 };

/* What is known of each byte from una on. */
struct model {
	uint8_t flags[WINDOW];
	int64_t at[WINDOW];
	uint32_t len;
};

struct bench {
	struct memory memory;
	struct sent sent;
	struct model model;
	uint64_t random;
	int allocations; /* that still succeed; < 0 = all */
	size_t held;
};

static void *counted_alloc(void *ctx, size_t bytes)
{
	struct bench *b = ctx;
	void *p;

	if (b->allocations == 0)
		return NULL;
	if (b->allocations > 0)
		b->allocations--;
	p = malloc(bytes);
	b->held += p ? bytes : 0;
	return p;
}

static void counted_free(void *ctx, void *p, size_t bytes)
{
	struct bench *b = ctx;

	b->held -= p ? bytes : 0;
	free(p);
}

static struct bench *bench_new(uint64_t seed, uint32_t first)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct weir_allocator allocator = {counted_alloc, counted_free, b};

	assert_non_null(b);
	b->random = seed * 0x9e3779b97f4a7c15u + 1;
	b->allocations = -1;
	memory_init(&b->memory, &allocator);
	sent_init(&b->sent, seq_make(first));
	return b;
}

static void bench_free(struct bench *b)
{
	sent_deinit(&b->sent, &b->memory);
	memory_deinit(&b->memory);
	assert_int_equal(b->held, 0);
	free(b);
}

static uint32_t draw(struct bench *b, uint32_t below)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 7;
	b->random ^= b->random << 17;
	return (uint32_t)(b->random >> 20) % below;
}

static void compare(const struct bench *b)
{
	const struct sent *s = &b->sent;
	uint32_t i = 0, sacked = 0, lost = 0;

	sent_check(s);
	assert_int_equal(seq_dist(s->una, s->end), b->model.len);
	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p)) {
		const struct sent_run *r = sent_run(s, p);
		uint32_t bytes = seq_dist(r->start, sent_run_end(s, p));

		for (uint32_t k = 0; k < bytes; k++, i++) {
			assert_int_equal(r->flags, b->model.flags[i]);
			if (!(r->flags & (SENT_SACKED | SENT_LOST)))
				assert_int_equal(r->at.ns, b->model.at[i]);
			sacked += r->flags & SENT_SACKED ? 1 : 0;
			lost += r->flags & SENT_LOST ? 1 : 0;
		}
	}
	assert_int_equal(i, b->model.len);
	assert_int_equal(s->sacked_bytes, sacked);
	assert_int_equal(s->lost_bytes, lost);
}

static void send_some(struct bench *b, int64_t now)
{
	uint32_t n = 1 + draw(b, 300);

	if (b->model.len + n > WINDOW)
		return;
	sent_append(&b->sent, &b->memory, n, (weir_time){now});
	for (uint32_t k = 0; k < n; k++) {
		b->model.flags[b->model.len] = 0;
		b->model.at[b->model.len++] = now;
	}
}

static void acknowledge_some(struct bench *b)
{
	uint32_t n = draw(b, b->model.len + 1);

	if (draw(b, 4) > 0)
		n = n < 200 ? n : 200;
	sent_acknowledge(&b->sent, &b->memory, seq_add(b->sent.una, n));
	b->model.len -= n;
	memmove(b->model.flags, b->model.flags + n, b->model.len);
	memmove(b->model.at, b->model.at + n, b->model.len * sizeof(b->model.at[0]));
}

/* All runs of a random part get the same mark. */
static void mark_some(struct bench *b, int64_t now)
{
	static const uint8_t mark[] = {SENT_SACKED, SENT_LOST, SENT_AGAIN, SENT_LOST | SENT_AGAIN};
	uint8_t flags = mark[draw(b, 4)];
	uint32_t from, to;
	struct sent_place p;

	if (b->model.len == 0)
		return;
	from = draw(b, b->model.len);
	to = from + 1 + draw(b, draw(b, 2) ? 5 : 200);
	if (to > b->model.len)
		to = b->model.len;
	if (!sent_split(&b->sent, &b->memory, seq_add(b->sent.una, to), &p) ||
	    !sent_split(&b->sent, &b->memory, seq_add(b->sent.una, from), &p))
		return;
	while (!sent_at_end(&b->sent, p) && seq_lt(sent_run(&b->sent, p)->start, seq_add(b->sent.una, to)))
		p = sent_next(&b->sent, sent_mark(&b->sent, &b->memory, p, flags, (weir_time){now}));
	for (uint32_t i = from; i < to; i++) {
		b->model.flags[i] = flags;
		b->model.at[i] = now;
	}
}

static void check_search(struct bench *b)
{
	uint32_t first = 0;
	struct sent_place p;

	if (b->model.len > 0) {
		uint32_t i = draw(b, b->model.len);
		seq_t seq = seq_add(b->sent.una, i);

		p = sent_find(&b->sent, seq);
		assert_true(seq_le(sent_run(&b->sent, p)->start, seq) && seq_lt(seq, sent_run_end(&b->sent, p)));
	}
	while (first < b->model.len && !(b->model.flags[first] & SENT_LOST))
		first++;
	p = sent_find_lost(&b->sent);
	assert_int_equal(sent_at_end(&b->sent, p), first == b->model.len);
	if (first < b->model.len)
		assert_int_equal(seq_dist(b->sent.una, sent_run(&b->sent, p)->start), first);
}

static void like_the_model(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct bench *b = bench_new(seed, seed % 2 ? 0xfffff000u : 0x7ffff000u);
		int64_t now = 1000;

		for (int step = 0; step < 3000; step++) {
			now += draw(b, 3);
			switch (draw(b, 8)) {
			case 0:
			case 1:
				send_some(b, now);
				break;
			case 2:
				acknowledge_some(b);
				break;
			default:
				mark_some(b, now);
			}
			compare(b);
			check_search(b);
		}
		bench_free(b);
	}
}

/* Without memory nothing breaks: what cannot be told apart is not told. */
static void without_memory(void **state)
{
	(void)state;
	for (int allocations = 0; allocations < 6; allocations++) {
		struct bench *b = bench_new((uint64_t)allocations + 7, 100);
		struct sent_place p;

		b->allocations = allocations;
		for (int i = 0; i < 500; i++) {
			sent_append(&b->sent, &b->memory, 10, (weir_time){i});
			if (i % 3 == 0 &&
			    sent_split(&b->sent, &b->memory, seq_add(b->sent.una, 10 * (uint32_t)i + 5), &p))
				sent_mark(&b->sent, &b->memory, p, i % 2 ? SENT_SACKED : SENT_LOST, (weir_time){i});
			sent_check(&b->sent);
		}
		assert_int_equal(seq_dist(b->sent.una, b->sent.end), 5000);
		sent_acknowledge(&b->sent, &b->memory, seq_add(b->sent.una, 4990));
		sent_check(&b->sent);
		bench_free(b);
	}
}

/* [attacks C-2] Every second byte: the number of runs has a bound, and then splits are refused. */
static void is_bounded(void **state)
{
	struct bench *b = bench_new(1, 0);
	uint32_t marked = 0;
	struct sent_place p, end;

	(void)state;
	sent_append(&b->sent, &b->memory, 100000, (weir_time){1});
	for (uint32_t i = 0; i < 50000; i++) {
		if (!sent_split(&b->sent, &b->memory, seq_make(2 * i + 1), &end) ||
		    !sent_split(&b->sent, &b->memory, seq_make(2 * i), &p))
			continue;
		sent_mark(&b->sent, &b->memory, p, SENT_SACKED, (weir_time){1});
		marked++;
	}
	sent_check(&b->sent);
	assert_true(marked < 10000 && marked > 1000);
	assert_true(b->sent.chunks <= SENT_CHUNKS_MAX);
	assert_true(b->held <= (SENT_CHUNKS_MAX + 2) << SENT_CHUNK_ORDER);
	sent_acknowledge(&b->sent, &b->memory, seq_make(100000));
	assert_int_equal(b->sent.chunks, 0);
	bench_free(b);
}

/* What one call sends is one run, however many segments that is. */
static void one_instant_is_one_run(void **state)
{
	struct bench *b = bench_new(1, 0);

	(void)state;
	for (int i = 0; i < 1000; i++)
		sent_append(&b->sent, &b->memory, 1460, (weir_time){5});
	assert_int_equal(sent_runs(&b->sent), 1);
	sent_append(&b->sent, &b->memory, 1460, (weir_time){6});
	assert_int_equal(sent_runs(&b->sent), 2);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(like_the_model),
	    cmocka_unit_test(without_memory),
	    cmocka_unit_test(is_bounded),
	    cmocka_unit_test(one_instant_is_one_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
