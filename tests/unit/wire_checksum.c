/* SPDX-License-Identifier: Apache-2.0
 *
 * The Internet checksum against the plain loop: every length and alignment, every cut into slices, both pseudo-headers.
 */
#include "wire/checksum.h"
#include "wire_fixture.h"

/* The field's bytes as a number in network order. */
static uint16_t field(uint64_t sum)
{
	uint16_t value = checksum_finish(sum);
	uint8_t bytes[2];

	memcpy(bytes, &value, 2);
	return load_be16(bytes);
}

static void example_of_the_rfc(void **state)
{
	const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(field(checksum_add(0, data, sizeof(data))), 0xffff & ~0xddf2);
	assert_int_equal(field(0), 0xffff);
}

static void every_length_at_every_alignment(void **state)
{
	struct numbers n = {1};
	uint8_t data[1600];

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		if (kind == 0)
			number_fill(&n, data, sizeof(data));
		else
			memset(data, kind == 1 ? 0xff : 0, sizeof(data));
		for (size_t len = 0; len <= 1500; len += len < 300 ? 1 : 37) {
			for (size_t at = 0; at < 33; at += kind ? 11 : 1) {
				uint16_t expected = (uint16_t)~plain_sum(0, data + at, len);

				assert_int_equal(field(checksum_add(0, data + at, len)), expected);
			}
		}
	}
}

static void ends_are_not_overrun(void **state)
{
	struct numbers n = {2};

	(void)state;
	for (size_t len = 0; len < 300; len++) {
		uint8_t data[300], *copy;

		number_fill(&n, data, len);
		copy = exact(data, len);
		assert_int_equal(field(checksum_add(0, copy, len)), (uint16_t)~plain_sum(0, data, len));
		free(copy);
	}
}

static void sums_follow_each_other(void **state)
{
	struct numbers n = {3};
	uint8_t data[2000];
	uint64_t sum = 0;
	uint16_t plain = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint32_t len = 2 * number_below(&n, 100);

		number_fill(&n, data, len);
		sum = checksum_add(sum, data, len);
		plain = plain_sum(plain, data, len);
		assert_int_equal(field(sum), (uint16_t)~plain);
	}
	/* A large packet of the largest words still fits the running sum. */
	memset(data, 0xff, sizeof(data));
	for (int i = 0; i < 50; i++)
		sum = checksum_add(sum, data, sizeof(data));
	assert_int_equal(field(sum), (uint16_t)~plain);
}

static void slices_of_any_length_form_one_run(void **state)
{
	struct numbers n = {4};
	uint8_t data[700];

	(void)state;
	number_fill(&n, data, sizeof(data));
	for (size_t a = 0; a <= 40; a++) {
		for (size_t b = a; b <= 80; b++) {
			struct weir_slice piece[3] = {{data, a}, {data + a, b - a}, {data + b, 90 - b}};

			assert_int_equal(field(checksum_slices(0, piece, 3)), (uint16_t)~plain_sum(0, data, 90));
		}
	}
	for (int i = 0; i < 20000; i++) {
		struct weir_slice piece[4];
		size_t at = number_below(&n, 17), start = at;

		for (int k = 0; k < 4; k++) {
			size_t len = number_below(&n, 4) == 0 ? number_below(&n, 3) : number_below(&n, 170);

			piece[k] = (struct weir_slice){data + at, len};
			at += len;
		}
		assert_int_equal(field(checksum_slices(0, piece, 4)),
		                 (uint16_t)~plain_sum(0, data + start, at - start));
	}
}

static void pseudo_headers_of_both_families(void **state)
{
	struct numbers n = {5};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		weir_addr src, dst;
		uint8_t bytes[32], protocol = (uint8_t)(1 + number_below(&n, 255));
		uint32_t len = number_below(&n, 3) ? number_below(&n, 65536) : (uint32_t)number(&n);

		number_fill(&n, bytes, sizeof(bytes));
		if (i % 8 == 7)
			memset(bytes, i % 16 == 7 ? 0xff : 0, sizeof(bytes));
		memcpy(src.b, bytes, 16);
		memcpy(dst.b, bytes + 16, 16);
		if (i % 2 == 0) {
			src = weir_addr_v4(bytes[0], bytes[1], bytes[2], bytes[3]);
			dst = weir_addr_v4(bytes[4], bytes[5], bytes[6], bytes[7]);
		}
		assert_int_equal(field(checksum_pseudo(&src, &dst, protocol, len)),
		                 (uint16_t)~plain_pseudo(&src, &dst, protocol, len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(example_of_the_rfc),
	    cmocka_unit_test(every_length_at_every_alignment),
	    cmocka_unit_test(ends_are_not_overrun),
	    cmocka_unit_test(sums_follow_each_other),
	    cmocka_unit_test(slices_of_any_length_form_one_run),
	    cmocka_unit_test(pseudo_headers_of_both_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
