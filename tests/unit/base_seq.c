/* SPDX-License-Identifier: Apache-2.0
 *
 * Sequence numbers on their circle (RFC 9293 s3.4), lists, and bounded readers.
 */
#include "base/bytes.h"
#include "base/list.h"
#include "base/seq.h"
#include "base_fixture.h"

static void order_holds_up_to_half_the_circle(void **state)
{
	const uint32_t bases[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff};
	const uint32_t steps[] = {1, 2, 1000, 0x7ffffffe, 0x7fffffff};

	(void)state;
	for (int b = 0; b < 5; b++) {
		seq_t a = seq_make(bases[b]);

		assert_true(seq_eq(a, a) && seq_le(a, a) && seq_ge(a, a) && !seq_lt(a, a) && !seq_gt(a, a));
		for (int i = 0; i < 5; i++) {
			seq_t later = seq_add(a, steps[i]);

			assert_true(seq_lt(a, later) && seq_le(a, later) && !seq_lt(later, a) && !seq_le(later, a));
			assert_true(seq_gt(later, a) && seq_ge(later, a) && !seq_eq(a, later));
			assert_int_equal(seq_dist(a, later), steps[i]);
			assert_true(seq_eq(seq_sub(later, steps[i]), a));
			assert_true(seq_eq(seq_max(a, later), later) && seq_eq(seq_max(later, a), later));
		}
	}
}

static void at_half_the_circle_neither_is_less(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		seq_t a = seq_make(i * 4294967), b = seq_add(a, UINT32_C(0x80000000));

		assert_false(seq_lt(a, b) || seq_lt(b, a) || seq_le(a, b) || seq_ge(a, b));
	}
}

static void window_holds_its_first_and_not_its_end(void **state)
{
	seq_t low = seq_make(0xfffffff0);

	(void)state;
	assert_true(seq_in(low, low, 1));
	assert_false(seq_in(low, low, 0));
	assert_true(seq_in(seq_make(0x0f), low, 0x20));
	assert_false(seq_in(seq_make(0x10), low, 0x20));
	assert_false(seq_in(seq_make(0xffffffef), low, 0xffffffff));
}

static void list_keeps_order(void **state)
{
	struct list head, node[4];
	int i = 0;

	(void)state;
	list_init(&head);
	assert_true(list_empty(&head));
	assert_null(list_first(&head));
	for (int k = 0; k < 4; k++)
		list_init(&node[k]);
	assert_false(list_linked(&node[0]));
	list_push_back(&head, &node[1]);
	list_push_back(&head, &node[2]);
	list_push_front(&head, &node[0]);
	list_push_back(&head, &node[3]);
	list_each (at, &head)
		assert_ptr_equal(at, &node[i++]);
	assert_int_equal(i, 4);
	list_each_safe (at, &head)
		if (at == &node[1] || at == &node[3])
			list_remove(at);
	assert_false(list_linked(&node[1]));
	assert_ptr_equal(list_first(&head), &node[0]);
	assert_ptr_equal(node[0].next, &node[2]);
	assert_ptr_equal(node[2].next, &head);
}

static void reader_stays_failed(void **state)
{
	const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct reader r = reader_make(data, sizeof(data));

	(void)state;
	assert_int_equal(read_u8(&r), 1);
	assert_int_equal(read_u16(&r), 0x0203);
	assert_int_equal(read_u32(&r), 0x04050607);
	assert_int_equal(reader_left(&r), 2);
	assert_int_equal(read_u32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(read_u8(&r), 0);
	assert_null(read_bytes(&r, 0));
}

static void stores_are_what_loads_read(void **state)
{
	uint8_t out[4];

	(void)state;
	store_be32(out, 0x01020304);
	assert_memory_equal(out, "\1\2\3\4", 4);
	assert_int_equal(load_be32(out), 0x01020304);
	store_be16(out, 0xfffe);
	assert_int_equal(load_be16(out), 0xfffe);
	store_be32(out, 0xfffefdfc);
	assert_int_equal(load_be32(out), 0xfffefdfc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_holds_up_to_half_the_circle),
	    cmocka_unit_test(at_half_the_circle_neither_is_less),
	    cmocka_unit_test(window_holds_its_first_and_not_its_end),
	    cmocka_unit_test(list_keeps_order),
	    cmocka_unit_test(reader_stays_failed),
	    cmocka_unit_test(stores_are_what_loads_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
