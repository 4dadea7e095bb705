/* SPDX-License-Identifier: Apache-2.0
 *
 * The hash table: empty ones cost nothing, none of its calls does work in proportion to its size, a missing array
 * stops nothing; and a random run against a flag for each key.
 */
#include "base/hashtab.h"
#include "base_fixture.h"

struct item {
	struct hash_node node;
	uint32_t key;
};

static struct store store;
static struct memory m;

static int setup(void **state)
{
	(void)state;
	store_init(&store, &m);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_deinit(&store, &m);
	return 0;
}

static bool same_key(const struct hash_node *node, const void *key)
{
	const struct item *item = (const struct item *)(const void *)node;

	return item->key == *(const uint32_t *)key;
}

static uint32_t hash_of(uint32_t key)
{
	uint32_t h = key * UINT32_C(0x9e3779b1);

	return h ^ h >> 15;
}

static struct item *find(const struct hashtab *t, uint32_t key)
{
	hashtab_prefetch(t, hash_of(key));
	return (struct item *)(void *)hashtab_find(t, hash_of(key), same_key, &key);
}

static void empty_and_small_tables_hold_no_memory(void **state)
{
	struct hashtab t;
	struct item item[HASHTAB_INLINE];

	(void)state;
	hashtab_init(&t, &m);
	assert_null(find(&t, 1));
	for (uint32_t i = 0; i < HASHTAB_INLINE; i++) {
		item[i].key = i;
		hashtab_insert(&t, &item[i].node, hash_of(i));
	}
	assert_int_equal(m.held_bytes, 0);
	for (uint32_t i = 0; i < HASHTAB_INLINE; i++)
		assert_ptr_equal(find(&t, i), &item[i]);
	assert_int_equal(t.count, HASHTAB_INLINE);
	hashtab_deinit(&t);
}

static void equal_hashes_are_told_apart_by_match(void **state)
{
	struct hashtab t;
	struct item item[100];
	uint32_t key;

	(void)state;
	hashtab_init(&t, &m);
	for (uint32_t i = 0; i < 100; i++) {
		item[i].key = i;
		hashtab_insert(&t, &item[i].node, 0xabcdef01);
	}
	for (key = 0; key < 100; key++)
		assert_ptr_equal(hashtab_find(&t, 0xabcdef01, same_key, &key), &item[key].node);
	for (key = 0; key < 100; key += 2)
		hashtab_remove(&t, &item[key].node);
	for (key = 0; key < 100; key++)
		assert_ptr_equal(hashtab_find(&t, 0xabcdef01, same_key, &key), key % 2 ? &item[key].node : NULL);
	key = 1;
	assert_null(hashtab_find(&t, 0xabcdef02, same_key, &key));
	hashtab_deinit(&t);
}

enum { MANY = 20000 };

static void grows_a_little_at_a_time_and_shrinks_again(void **state)
{
	static struct item item[MANY];
	struct hashtab t;

	(void)state;
	hashtab_init(&t, &m);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t moved = t.moved, mask = t.mask;

		item[i].key = i;
		hashtab_insert(&t, &item[i].node, hash_of(i));
		if (t.old && t.mask == mask)
			assert_true(t.moved - moved <= 8);
		/* Growth is over before the next is due. */
		assert_true(t.count <= t.mask + 1);
		if (i % 97 == 0)
			for (uint32_t k = 0; k <= i; k += 31)
				assert_ptr_equal(find(&t, k), &item[k]);
	}
	assert_true(t.mask + 1 >= MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_ptr_equal(find(&t, i), &item[i]);
		hashtab_remove(&t, &item[i].node);
		assert_null(find(&t, i));
		assert_ptr_equal(find(&t, MANY - 1), i == MANY - 1 ? NULL : &item[MANY - 1]);
	}
	assert_int_equal(t.count, 0);
	assert_int_equal(m.held_bytes, 0);
	hashtab_deinit(&t);
}

static void without_memory_it_goes_on_as_it_is(void **state)
{
	static struct item item[1000];
	struct hashtab t;

	(void)state;
	hashtab_init(&t, &m);
	store.empty = true;
	for (uint32_t i = 0; i < 1000; i++) {
		item[i].key = i;
		hashtab_insert(&t, &item[i].node, hash_of(i));
	}
	assert_int_equal(t.mask, HASHTAB_INLINE - 1);
	for (uint32_t i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, i), &item[i]);
	store.empty = false;
	for (int round = 0; round < 1000; round++) {
		hashtab_remove(&t, &item[5].node);
		hashtab_insert(&t, &item[5].node, hash_of(5));
	}
	assert_int_equal(t.mask, 2047);
	for (uint32_t i = 0; i < 1000; i++)
		assert_ptr_equal(find(&t, i), &item[i]);
	hashtab_deinit(&t);
}

enum { KEYS = 3000 };

static void random_run_equals_a_flag_for_each_key(void **state)
{
	static struct item item[KEYS];
	static bool in[KEYS];
	struct hashtab t;
	struct numbers n = {11};
	uint32_t count = 0;

	(void)state;
	memset(in, 0, sizeof(in));
	hashtab_init(&t, &m);
	for (uint32_t step = 0; step < 300000; step++) {
		uint32_t key = number_below(&n, KEYS), chance = number_below(&n, 8);
		bool rising = step / 20000 % 2 == 0;

		store.empty = number_below(&n, 3) == 0;
		assert_ptr_equal(find(&t, key), in[key] ? &item[key] : NULL);
		if (!in[key] && chance < (rising ? 7u : 1u)) {
			item[key].key = key;
			hashtab_insert(&t, &item[key].node, hash_of(key));
			in[key] = true;
			count++;
		} else if (in[key] && chance < (rising ? 1u : 7u)) {
			hashtab_remove(&t, &item[key].node);
			in[key] = false;
			count--;
		}
		assert_int_equal(t.count, count);
	}
	for (uint32_t key = 0; key < KEYS; key++)
		assert_ptr_equal(find(&t, key), in[key] ? &item[key] : NULL);
	hashtab_deinit(&t);
}

int main(void)
{
#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TABLE_TEST(empty_and_small_tables_hold_no_memory),      TABLE_TEST(equal_hashes_are_told_apart_by_match),
	    TABLE_TEST(grows_a_little_at_a_time_and_shrinks_again), TABLE_TEST(without_memory_it_goes_on_as_it_is),
	    TABLE_TEST(random_run_equals_a_flag_for_each_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
