/* SPDX-License-Identifier: Apache-2.0
 *
 * Slabs: aligned, zeroed, disjoint objects; chunks that go back; no memory; a random run.
 */
#include "base/slab.h"
#include "base_fixture.h"

static void objects_are_aligned_zeroed_and_disjoint(void **state)
{
	const size_t sizes[] = {1, 8, 9, 16, 24, 40, 56, 100, 376, 4000, 20000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct store store;
		struct memory m;
		struct slab slab;
		uint8_t *object[600];

		store_init(&store, &m);
		slab_init(&slab, &m, sizes[i]);
		for (int k = 0; k < 600; k++) {
			object[k] = slab_get(&slab);
			assert_true(((uintptr_t)object[k] & 15) == 0);
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(object[k][b], 0);
			memset(object[k], k & 255, sizes[i]);
		}
		for (int k = 0; k < 600; k++)
			for (size_t b = 0; b < sizes[i]; b++)
				assert_int_equal(object[k][b], k & 255);
		/* Eight bytes and the alignment are all that an object costs beyond its own size. */
		assert_true(m.held_bytes <= (600 + 8) * ((sizes[i] + 23) / 16 * 16) + 16384 * 2);
		slab_deinit(&slab);
		store_deinit(&store, &m);
	}
}

static void chunks_go_back_but_for_one(void **state)
{
	struct store store;
	struct memory m;
	struct slab slab;
	void *object[1000];

	(void)state;
	store_init(&store, &m);
	slab_init(&slab, &m, 100);
	assert_int_equal(store.blocks, 0);
	for (int i = 0; i < 1000; i++)
		object[i] = slab_get(&slab);
	assert_int_equal(slab.used, 1000);
	assert_true(store.blocks >= 4);
	for (int i = 0; i < 1000; i++)
		slab_put(&slab, object[i]);
	assert_int_equal(slab.used, 0);
	assert_int_equal(store.blocks, 1);
	/* The one that is kept serves without the allocator. */
	store.empty = true;
	object[0] = slab_get(&slab);
	assert_non_null(object[0]);
	slab_put(&slab, object[0]);
	slab_deinit(&slab);
	store_deinit(&store, &m);
}

static void no_memory_changes_nothing(void **state)
{
	struct store store;
	struct memory m;
	struct slab slab;
	unsigned n = 0;

	(void)state;
	store_init(&store, &m);
	slab_init(&slab, &m, 3000);
	store.empty = true;
	assert_null(slab_get(&slab));
	assert_int_equal(slab.used, 0);
	store.empty = false;
	assert_non_null(slab_get(&slab));
	store.empty = true;
	while (slab_get(&slab))
		n++;
	/* Eight objects at least in a chunk. */
	assert_int_equal(n, 7);
	assert_int_equal(slab.used, 8);
	slab_deinit(&slab);
	store_deinit(&store, &m);
}

enum { LIVE = 2000 };

static void random_run_keeps_every_object(void **state)
{
	static uint32_t *object[LIVE];
	struct store store;
	struct memory m;
	struct slab slab;
	struct numbers n = {3};
	uint32_t live = 0;

	(void)state;
	store_init(&store, &m);
	slab_init(&slab, &m, 72);
	for (uint32_t step = 0; step < 200000; step++) {
		/* Tides: it fills in one half of a period and empties in the other. */
		bool rising = step / 10000 % 2 == 0;

		if (live < LIVE && number_below(&n, 4) < (rising ? 3u : 1u)) {
			object[live] = slab_get(&slab);
			assert_int_equal(object[live][0], 0);
			assert_int_equal(object[live][17], 0);
			object[live][0] = object[live][17] = step + 1;
			live++;
		} else if (live > 0) {
			uint32_t i = number_below(&n, live);

			assert_true(object[i][0] != 0 && object[i][0] == object[i][17]);
			slab_put(&slab, object[i]);
			object[i] = object[--live];
		}
		assert_int_equal(slab.used, live);
		assert_true(slab.empty_chunks <= 1);
	}
	for (uint32_t i = 0; i < live; i++)
		slab_put(&slab, object[i]);
	assert_int_equal(store.blocks, 1);
	slab_deinit(&slab);
	store_deinit(&store, &m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(objects_are_aligned_zeroed_and_disjoint),
	    cmocka_unit_test(chunks_go_back_but_for_one),
	    cmocka_unit_test(no_memory_changes_nothing),
	    cmocka_unit_test(random_run_keeps_every_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
