/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of ranges: merging, the bound, and a random run against one flag for each byte, across the wrap of
 * sequence numbers.
 */
#include "base/ranges.h"
#include "base_fixture.h"

enum { ROOM = 32 };

static seq_t s(uint32_t n)
{
	return seq_make(n);
}

static void assert_ranges(const struct ranges *set, unsigned n, const uint32_t *bounds)
{
	assert_int_equal(set->count, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(seq_raw(set->range[i].start), bounds[2 * i]);
		assert_int_equal(seq_raw(set->range[i].end), bounds[2 * i + 1]);
	}
}

static void neighbours_become_one(void **state)
{
	struct range array[ROOM];
	struct ranges set;

	(void)state;
	ranges_init(&set, array, ROOM);
	assert_true(ranges_add(&set, s(10), s(20)));
	assert_true(ranges_add(&set, s(20), s(30)));
	assert_true(ranges_add(&set, s(5), s(10)));
	assert_ranges(&set, 1, (const uint32_t[]){5, 30});
	assert_true(ranges_add(&set, s(31), s(32)));
	assert_true(ranges_add(&set, s(1), s(4)));
	assert_ranges(&set, 3, (const uint32_t[]){1, 4, 5, 30, 31, 32});
	assert_true(ranges_add(&set, s(7), s(8)));
	assert_ranges(&set, 3, (const uint32_t[]){1, 4, 5, 30, 31, 32});
	assert_true(ranges_add(&set, s(30), s(31)));
	assert_ranges(&set, 2, (const uint32_t[]){1, 4, 5, 32});
	assert_true(ranges_add(&set, s(0), s(100)));
	assert_ranges(&set, 1, (const uint32_t[]){0, 100});
	assert_int_equal(ranges_bytes(&set), 100);
}

static void full_set_refuses_and_stays(void **state)
{
	struct range array[ROOM], before[ROOM];
	struct ranges set;

	(void)state;
	ranges_init(&set, array, ROOM);
	for (uint32_t i = 0; i < ROOM; i++)
		assert_true(ranges_add(&set, s(10 * i), s(10 * i + 5)));
	memcpy(before, array, sizeof(before));
	assert_false(ranges_add(&set, s(10 * ROOM), s(10 * ROOM + 1)));
	assert_false(ranges_add(&set, s(7), s(8)));
	assert_false(ranges_add(&set, s(0xfffffff0), s(0xfffffff1)));
	assert_int_equal(set.count, ROOM);
	assert_memory_equal(array, before, sizeof(before));
	/* What needs no further range is still taken. */
	assert_true(ranges_add(&set, s(5), s(6)));
	assert_true(ranges_add(&set, s(10 * ROOM - 10), s(10 * ROOM)));
	assert_int_equal(set.count, ROOM);
	assert_true(ranges_add(&set, s(6), s(10)));
	assert_int_equal(set.count, ROOM - 1);
	assert_true(ranges_add(&set, s(10 * ROOM + 50), s(10 * ROOM + 51)));
	assert_int_equal(set.count, ROOM);
}

/* The same ranges in a larger array, and there is room again. */
static void moves_to_a_larger_array(void **state)
{
	struct range array[2], larger[4];
	struct ranges set;

	(void)state;
	ranges_init(&set, array, 2);
	assert_true(ranges_add(&set, s(10), s(20)));
	assert_true(ranges_add(&set, s(30), s(40)));
	assert_false(ranges_add(&set, s(50), s(60)));
	assert_ptr_equal(ranges_move(&set, larger, 4), array);
	assert_true(ranges_add(&set, s(50), s(60)));
	assert_ranges(&set, 3, (const uint32_t[]){10, 20, 30, 40, 50, 60});
	assert_int_equal(ranges_find(&set, s(19)), 0);
	assert_int_equal(ranges_find(&set, s(20)), 1);
	assert_int_equal(ranges_find(&set, s(60)), 3);
}

static void drop_before_cuts(void **state)
{
	struct range array[ROOM];
	struct ranges set;

	(void)state;
	ranges_init(&set, array, ROOM);
	ranges_drop_before(&set, s(5));
	assert_int_equal(set.count, 0);
	ranges_add(&set, s(0xfffffff8), s(0xfffffffc));
	ranges_add(&set, s(0xfffffffe), s(8));
	ranges_add(&set, s(16), s(17));
	ranges_drop_before(&set, s(0xfffffff8));
	assert_int_equal(set.count, 3);
	ranges_drop_before(&set, s(0xfffffffa));
	assert_ranges(&set, 3, (const uint32_t[]){0xfffffffa, 0xfffffffc, 0xfffffffe, 8, 16, 17});
	ranges_drop_before(&set, s(0xfffffffc));
	assert_ranges(&set, 2, (const uint32_t[]){0xfffffffe, 8, 16, 17});
	ranges_drop_before(&set, s(3));
	assert_ranges(&set, 2, (const uint32_t[]){3, 8, 16, 17});
	ranges_drop_before(&set, s(17));
	assert_int_equal(set.count, 0);
}

static void end_of_finds_what_holds_it(void **state)
{
	struct range array[ROOM];
	struct ranges set;

	(void)state;
	ranges_init(&set, array, ROOM);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(3))), 3);
	ranges_add(&set, s(5), s(9));
	ranges_add(&set, s(11), s(15));
	assert_int_equal(seq_raw(ranges_end_of(&set, s(4))), 4);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(5))), 9);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(8))), 9);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(9))), 9);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(10))), 10);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(11))), 15);
	assert_int_equal(seq_raw(ranges_end_of(&set, s(15))), 15);
}

enum { SPAN = 400 };

/* Whether the set says the same as the flags; *runs = how many runs of flags there are. */
static void compare(const struct ranges *set, const bool *flag, uint32_t base, unsigned *runs)
{
	uint32_t bytes = 0;

	*runs = 0;
	for (uint32_t i = 0; i < SPAN; i++) {
		if (!flag[i])
			continue;
		bytes++;
		if (i == 0 || !flag[i - 1]) {
			assert_true(*runs < set->count);
			assert_int_equal(seq_raw(set->range[*runs].start), base + i);
			++*runs;
		}
		if (i == SPAN - 1 || !flag[i + 1])
			assert_int_equal(seq_raw(set->range[*runs - 1].end), base + i + 1);
	}
	assert_int_equal(set->count, *runs);
	assert_int_equal(ranges_bytes(set), bytes);
}

static void random_add(struct ranges *set, bool *flag, uint32_t base, struct numbers *n)
{
	uint32_t start = number_below(n, SPAN), len = 1 + number_below(n, 8);
	bool before[SPAN];
	unsigned runs = 0;

	if (len > SPAN - start)
		len = SPAN - start;
	memcpy(before, flag, sizeof(before));
	memset(flag + start, true, len);
	if (!ranges_add(set, s(base + start), s(base + start + len))) {
		for (uint32_t i = 0; i < SPAN; i++)
			runs += flag[i] && (i == 0 || !flag[i - 1]);
		assert_int_equal(runs, ROOM + 1);
		memcpy(flag, before, sizeof(before));
	}
}

static void random_run_equals_one_flag_a_byte(void **state)
{
	struct numbers n = {7};
	unsigned most = 0;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct range array[ROOM];
		struct ranges set;
		bool flag[SPAN] = {false};
		uint32_t base = round % 3 == 0 ? 0x7fffff80u : round % 3 == 1 ? 0xffffff80u : (uint32_t)number(&n);
		unsigned runs;

		ranges_init(&set, array, ROOM);
		for (int step = 0; step < 200; step++) {
			if (number_below(&n, 40) == 0) {
				uint32_t cut = number_below(&n, SPAN / 4);

				memset(flag, false, cut * sizeof(flag[0]));
				ranges_drop_before(&set, s(base + cut));
			} else {
				random_add(&set, flag, base, &n);
			}
			compare(&set, flag, base, &runs);
			most = runs > most ? runs : most;
		}
	}
	assert_int_equal(most, ROOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(neighbours_become_one),      cmocka_unit_test(full_set_refuses_and_stays),
	    cmocka_unit_test(moves_to_a_larger_array),    cmocka_unit_test(drop_before_cuts),
	    cmocka_unit_test(end_of_finds_what_holds_it), cmocka_unit_test(random_run_equals_one_flag_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
