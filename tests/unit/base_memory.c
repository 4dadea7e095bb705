/* SPDX-License-Identifier: Apache-2.0
 *
 * The allocator's books, and the free lists of buffers with their bounds.
 */
#include "base_fixture.h"

static void books_are_exact(void **state)
{
	struct store store;
	struct memory m;
	uint8_t *a, *b;

	(void)state;
	store_init(&store, &m);
	a = memory_alloc(&m, 100);
	b = memory_alloc_zero(&m, 33);
	assert_int_equal(m.held_bytes, 133);
	assert_int_equal(store.bytes, 133);
	for (int i = 0; i < 33; i++)
		assert_int_equal(b[i], 0);
	memory_free(&m, a, 100);
	assert_int_equal(m.held_bytes, 33);
	memory_free(&m, b, 33);
	memory_free(&m, NULL, 5);
	assert_int_equal(m.held_bytes, 0);
	store_deinit(&store, &m);
}

static void nothing_is_booked_when_there_is_no_memory(void **state)
{
	struct store store;
	struct memory m;

	(void)state;
	store_init(&store, &m);
	store.empty = true;
	assert_null(memory_alloc(&m, 1));
	assert_null(memory_alloc_zero(&m, 1));
	assert_null(memory_buffer_get(&m, MEMORY_MIN_CLASS));
	assert_int_equal(m.held_bytes, 0);
	store_deinit(&store, &m);
}

static void buffer_comes_back_without_the_allocator(void **state)
{
	struct store store;
	struct memory m;
	void *a, *b, *c;

	(void)state;
	store_init(&store, &m);
	a = memory_buffer_get(&m, 12);
	b = memory_buffer_get(&m, 12);
	memset(a, 1, 4096);
	memset(b, 2, 4096);
	memory_buffer_put(&m, a, 12);
	memory_buffer_put(&m, b, 12);
	assert_int_equal(m.held_bytes, 8192);
	assert_int_equal(m.free_count[12], 2);
	c = memory_buffer_get(&m, 13);
	assert_int_equal(store.calls, 3);
	/* The one put back last is the warm one. */
	assert_ptr_equal(memory_buffer_get(&m, 12), b);
	assert_ptr_equal(memory_buffer_get(&m, 12), a);
	assert_int_equal(store.calls, 3);
	assert_int_equal(m.free_count[12], 0);
	memory_buffer_put(&m, a, 12);
	memory_buffer_put(&m, b, 12);
	memory_buffer_put(&m, c, 13);
	store_deinit(&store, &m);
}

/* Takes n buffers of a class and puts them back: how many stay. */
static unsigned kept(unsigned order, unsigned n)
{
	struct store store;
	struct memory m;
	void *buffer[100];
	unsigned stay;

	store_init(&store, &m);
	assert_true(n <= 100);
	for (unsigned i = 0; i < n; i++)
		buffer[i] = memory_buffer_get(&m, order);
	for (unsigned i = 0; i < n; i++)
		memory_buffer_put(&m, buffer[i], order);
	stay = m.free_count[order];
	assert_int_equal(m.held_bytes, (size_t)stay << order);
	store_deinit(&store, &m);
	return stay;
}

static void free_lists_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(kept(8, 100), 64);
	assert_int_equal(kept(16, 100), 64);
	assert_int_equal(kept(17, 100), 32);
	assert_int_equal(kept(20, 10), 4);
	assert_int_equal(kept(22, 3), 1);
	assert_int_equal(kept(23, 3), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(books_are_exact),
	    cmocka_unit_test(nothing_is_booked_when_there_is_no_memory),
	    cmocka_unit_test(buffer_comes_back_without_the_allocator),
	    cmocka_unit_test(free_lists_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
