/* SPDX-License-Identifier: Apache-2.0
 *
 * Rings: exact bounds, bytes ahead of the tail that survive growth, memory that comes late, grows by doubling
 * and goes back; and a long random run against a plain array.
 */
#include "base/ring.h"
#include "base_fixture.h"

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

static size_t write_text(struct ring *r, const char *text)
{
	struct weir_slice slice = {(const uint8_t *)text, strlen(text)};

	return ring_write(r, &m, &slice, 1);
}

static void write_zeros(struct ring *r, size_t len)
{
	static const uint8_t zeros[1 << 17];
	struct weir_slice slice = {zeros, len};

	assert_int_equal(ring_write(r, &m, &slice, 1), len);
}

static void bound_is_exact_from_one_byte_up(void **state)
{
	(void)state;
	for (uint32_t limit = 1; limit < 1100; limit += limit < 20 ? 1 : 107) {
		struct ring r;
		struct weir_mut_slice piece[2];
		uint8_t data[2048] = {0};
		struct weir_slice one = {data, 1}, many = {data, sizeof(data)};

		ring_init(&r, limit);
		for (uint32_t i = 0; i < limit; i++) {
			assert_int_equal(ring_room(&r), limit - i);
			assert_int_equal(ring_write(&r, &m, &one, 1), 1);
		}
		assert_int_equal(ring_write(&r, &m, &one, 1), 0);
		assert_int_equal(ring_reserve(&r, &m, 5, piece), 0);
		assert_null(piece[0].data);
		ring_consume(&r, 1);
		assert_int_equal(ring_write(&r, &m, &many, 1), 1);
		assert_int_equal(ring_used(&r), limit);
		ring_deinit(&r, &m);
	}
}

static void no_memory_is_held_while_idle(void **state)
{
	struct ring r;
	uint8_t out[5];

	(void)state;
	ring_init(&r, 1 << 20);
	assert_int_equal(m.held_bytes, 0);
	assert_int_equal(write_text(&r, ""), 0);
	assert_null(r.buffer);
	assert_int_equal(write_text(&r, "hello"), 5);
	assert_int_equal(m.held_bytes, 256);
	ring_trim(&r, &m, false);
	assert_non_null(r.buffer);
	ring_copy_out(&r, 0, out, 5);
	assert_memory_equal(out, "hello", 5);
	ring_consume(&r, 5);
	ring_trim(&r, &m, true);
	assert_non_null(r.buffer);
	ring_trim(&r, &m, false);
	assert_null(r.buffer);
	assert_int_equal(m.free_count[8], 1);
}

static void memory_grows_by_doubling_and_no_further_than_the_limit(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, 3000);
	write_zeros(&r, 256);
	assert_int_equal(r.order, 8);
	write_zeros(&r, 1);
	assert_int_equal(r.order, 9);
	write_zeros(&r, 900);
	assert_int_equal(r.order, 11);
	write_zeros(&r, 3000 - 1157);
	assert_int_equal(r.order, 12);
	assert_int_equal(ring_room(&r), 0);
	ring_deinit(&r, &m);

	/* 4096 is enough for this limit, whatever was needed when it was higher. */
	ring_init(&r, 4096);
	r.hint = 20;
	write_zeros(&r, 1);
	assert_int_equal(r.order, 12);
	ring_deinit(&r, &m);
}

static void placed_bytes_survive_growth(void **state)
{
	struct ring r;
	uint8_t out[512];

	(void)state;
	ring_init(&r, 4096);
	write_zeros(&r, 250);
	ring_consume(&r, 250);
	/* Around the end of the buffer of 256: "ab" at 250, "ef" ahead at 254 .. 255, "gh" at 256. */
	assert_int_equal(write_text(&r, "ab"), 2);
	assert_true(ring_place(&r, &m, 2, (const uint8_t *)"efgh", 4));
	assert_int_equal(r.order, 8);
	assert_true(ring_place(&r, &m, 400, (const uint8_t *)"z", 1));
	assert_int_equal(r.order, 9);
	assert_true(ring_place(&r, &m, 0, (const uint8_t *)"cd", 2));
	assert_int_equal(ring_used(&r), 2);
	ring_advance(&r, 6);
	ring_copy_out(&r, 0, out, 8);
	assert_memory_equal(out, "abcdefgh", 8);
	ring_advance(&r, 395);
	ring_copy_out(&r, 402, out, 1);
	assert_int_equal(out[0], 'z');
	ring_deinit(&r, &m);
}

static void slices_break_at_the_end_of_the_buffer(void **state)
{
	struct ring r;
	struct weir_slice piece[2];
	struct weir_mut_slice free_piece[2];

	(void)state;
	ring_init(&r, 256);
	write_zeros(&r, 254);
	ring_consume(&r, 254);
	assert_int_equal(ring_reserve(&r, &m, 1000, free_piece), 256);
	assert_int_equal(free_piece[0].len, 2);
	assert_int_equal(free_piece[1].len, 254);
	assert_int_equal(ring_reserve(&r, &m, 2, free_piece), 2);
	assert_null(free_piece[1].data);
	assert_int_equal(write_text(&r, "abcd"), 4);
	assert_int_equal(ring_slices(&r, 0, 4, piece), 2);
	assert_memory_equal(piece[0].data, "ab", 2);
	assert_memory_equal(piece[1].data, "cd", 2);
	assert_int_equal(piece[0].len + piece[1].len, 4);
	assert_int_equal(ring_slices(&r, 0, 2, piece), 1);
	assert_int_equal(ring_slices(&r, 2, 2, piece), 1);
	assert_int_equal(ring_slices(&r, 4, 0, piece), 0);
	ring_deinit(&r, &m);
}

static void lowered_limit_leaves_no_room(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, 1000);
	write_zeros(&r, 600);
	r.limit = 100;
	assert_int_equal(ring_room(&r), 0);
	assert_int_equal(write_text(&r, "x"), 0);
	ring_consume(&r, 501);
	assert_int_equal(ring_room(&r), 1);
	assert_int_equal(write_text(&r, "xy"), 1);
	ring_deinit(&r, &m);
}

static void without_memory_only_what_fits_is_taken(void **state)
{
	struct ring r;
	uint8_t data[300] = {0};
	struct weir_slice slice = {data, sizeof(data)};
	struct weir_mut_slice piece[2];

	(void)state;
	ring_init(&r, 1000);
	store.empty = true;
	assert_int_equal(ring_write(&r, &m, &slice, 1), 0);
	assert_false(ring_place(&r, &m, 3, data, 1));
	assert_int_equal(ring_reserve(&r, &m, 1, piece), 0);
	store.empty = false;
	assert_int_equal(write_text(&r, "0123456789"), 10);
	store.empty = true;
	assert_int_equal(ring_reserve(&r, &m, 300, piece), 246);
	assert_false(ring_place(&r, &m, 200, data, 100));
	assert_int_equal(ring_write(&r, &m, &slice, 1), 246);
	assert_int_equal(ring_write(&r, &m, &slice, 1), 0);
	assert_int_equal(ring_used(&r), 256);
	ring_copy_out(&r, 0, data, 10);
	assert_memory_equal(data, "0123456789", 10);
	ring_deinit(&r, &m);
}

static void large_hint_is_no_reason_to_fail(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, 1 << 20);
	r.hint = 20;
	store.largest = 4096;
	assert_int_equal(write_text(&r, "x"), 1);
	assert_int_equal(r.order, 8);
	ring_deinit(&r, &m);
}

static void hint_follows_what_is_used(void **state)
{
	struct ring r;

	(void)state;
	ring_init(&r, 1 << 20);
	write_zeros(&r, 50000);
	ring_consume(&r, 50000);
	ring_trim(&r, &m, false);
	write_zeros(&r, 1);
	assert_int_equal(r.order, 16);
	/* Each round in which little would have done takes it down by one class. */
	for (int order = 16; order > 8; order--) {
		assert_int_equal(r.order, order);
		ring_consume(&r, 1);
		ring_trim(&r, &m, false);
		write_zeros(&r, 1);
	}
	assert_int_equal(r.order, 8);
	ring_clear(&r, &m);
	assert_int_equal(ring_used(&r), 0);
	assert_null(r.buffer);
	assert_true(r.head == r.tail && r.head > 50000);
}

static void lengths_of_a_vector_do_not_overflow(void **state)
{
	struct ring r;
	uint8_t byte[8] = {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};
	struct weir_slice vec[] = {{byte, 3}, {NULL, 0}, {byte + 3, SIZE_MAX}};

	(void)state;
	ring_init(&r, 5);
	assert_int_equal(ring_write(&r, &m, vec, 3), 5);
	ring_copy_out(&r, 0, byte, 5);
	assert_memory_equal(byte, "abcde", 5);
	ring_deinit(&r, &m);
}

static void positions_are_kept_beyond_32_bits(void **state)
{
	struct ring r;
	uint8_t out[4];

	(void)state;
	ring_init(&r, 1000);
	r.head = r.tail = UINT64_C(0x1fffffffe);
	assert_int_equal(write_text(&r, "wrap"), 4);
	assert_true(ring_place(&r, &m, 0, (const uint8_t *)"!", 1));
	ring_copy_out(&r, 0, out, 4);
	assert_memory_equal(out, "wrap", 4);
	assert_int_equal(ring_used(&r), 4);
	ring_deinit(&r, &m);
}

/* --- against a model --- */

enum { MODEL = 9000 };

/* The stream from head on: what is known of each byte in the ring or ahead of it. */
struct model {
	struct ring r;
	uint8_t byte[MODEL];
	bool known[MODEL];
	struct numbers n;
};

static void model_write(struct model *t)
{
	uint8_t data[700];
	uint32_t used = ring_used(&t->r), len = number_below(&t->n, sizeof(data)), cut = number_below(&t->n, len + 1);
	struct weir_slice vec[2] = {{data, cut}, {data + cut, len - cut}};
	uint32_t room = ring_room(&t->r), expected = len < room ? len : room;

	number_fill(&t->n, data, len);
	assert_int_equal(ring_write(&t->r, &m, vec, 2), expected);
	memcpy(t->byte + used, data, expected);
	memset(t->known + used, true, expected);
}

static void model_place(struct model *t)
{
	uint8_t data[700];
	uint32_t used = ring_used(&t->r), room = ring_room(&t->r), offset = number_below(&t->n, room + 1);
	uint32_t len = number_below(&t->n, sizeof(data));

	if (len > room - offset)
		len = room - offset;
	number_fill(&t->n, data, len);
	assert_true(ring_place(&t->r, &m, offset, data, len));
	memcpy(t->byte + used + offset, data, len);
	memset(t->known + used + offset, true, len);
}

static void model_reserve(struct model *t)
{
	struct weir_mut_slice piece[2];
	uint32_t used = ring_used(&t->r), room = ring_room(&t->r), want = number_below(&t->n, 900);
	size_t len = ring_reserve(&t->r, &m, want, piece);

	assert_int_equal(len, want < room ? want : room);
	assert_int_equal(piece[0].len + piece[1].len, len);
	for (int i = 0; i < 2; i++) {
		number_fill(&t->n, piece[i].data, piece[i].len);
		if (piece[i].len > 0)
			memcpy(t->byte + used, piece[i].data, piece[i].len);
		memset(t->known + used, true, piece[i].len);
		used += (uint32_t)piece[i].len;
	}
}

/* Known bytes behind the tail become the ring's. */
static void model_advance(struct model *t)
{
	uint32_t used = ring_used(&t->r);

	while (used < t->r.limit && t->known[used])
		used++;
	ring_advance(&t->r, used - ring_used(&t->r));
}

static void model_consume(struct model *t)
{
	uint32_t len = number_below(&t->n, ring_used(&t->r) + 1);

	ring_consume(&t->r, len);
	memmove(t->byte, t->byte + len, MODEL - len);
	memmove(t->known, t->known + len, (MODEL - len) * sizeof(t->known[0]));
	memset(t->known + MODEL - len, false, len * sizeof(t->known[0]));
}

static void model_check(struct model *t)
{
	uint8_t out[MODEL];
	uint32_t used = ring_used(&t->r), offset = number_below(&t->n, used + 1);
	bool ahead = false;

	ring_copy_out(&t->r, offset, out, used - offset);
	assert_memory_equal(out, t->byte + offset, used - offset);
	for (uint32_t i = used; i < MODEL; i++)
		ahead = ahead || t->known[i];
	ring_trim(&t->r, &m, ahead);
	assert_true(t->r.buffer || used == 0);
}

static void random_run_equals_a_plain_array(void **state)
{
	static struct model t;

	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		memset(&t, 0, sizeof(t));
		t.n.state = seed;
		ring_init(&t.r, 1 + number_below(&t.n, seed % 2 ? 400 : MODEL));
		t.r.head = t.r.tail = seed % 3 ? number(&t.n) >> 20 : 0;
		for (int step = 0; step < 1000; step++) {
			switch (number_below(&t.n, 6)) {
			case 0:
				model_write(&t);
				break;
			case 1:
				model_reserve(&t);
				break;
			case 2:
				model_place(&t);
				break;
			case 3:
				model_advance(&t);
				break;
			default:
				model_consume(&t);
			}
			model_check(&t);
		}
		ring_deinit(&t.r, &m);
	}
}

int main(void)
{
#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    RING_TEST(bound_is_exact_from_one_byte_up),
	    RING_TEST(no_memory_is_held_while_idle),
	    RING_TEST(memory_grows_by_doubling_and_no_further_than_the_limit),
	    RING_TEST(placed_bytes_survive_growth),
	    RING_TEST(slices_break_at_the_end_of_the_buffer),
	    RING_TEST(lowered_limit_leaves_no_room),
	    RING_TEST(without_memory_only_what_fits_is_taken),
	    RING_TEST(large_hint_is_no_reason_to_fail),
	    RING_TEST(hint_follows_what_is_used),
	    RING_TEST(lengths_of_a_vector_do_not_overflow),
	    RING_TEST(positions_are_kept_beyond_32_bits),
	    RING_TEST(random_run_equals_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
