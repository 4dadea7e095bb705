/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash: the published vectors for 2-4, and that every byte, the length, the key and the use matter in both variants.
 */
#include "base/siphash.h"
#include "base_fixture.h"

/* Bytes 00 .. 0f as two little-endian words: the key of the authors' vectors. */
static const struct siphash_key published_key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void published_vectors(void **state)
{
	uint8_t in[16];

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		in[i] = i;
	assert_true(siphash24(&published_key, in, 0) == UINT64_C(0x726fdb47dd0e0e31));
	assert_true(siphash24(&published_key, in, 15) == UINT64_C(0xa129ca6149be45e5));
}

static void every_bit_and_the_length_matter(void **state)
{
	uint64_t (*const hash[])(const struct siphash_key *, const void *, size_t) = {siphash24, siphash13};

	(void)state;
	for (int h = 0; h < 2; h++) {
		for (size_t len = 0; len < 40; len++) {
			uint8_t in[41] = {0};
			uint64_t plain = hash[h](&published_key, in, len);

			assert_true(hash[h](&published_key, in, len + 1) != plain);
			for (size_t bit = 0; bit < 8 * len; bit++) {
				in[bit / 8] ^= (uint8_t)(1 << bit % 8);
				assert_true(hash[h](&published_key, in, len) != plain);
				in[bit / 8] ^= (uint8_t)(1 << bit % 8);
			}
			assert_true(hash[h](&published_key, in, len) == plain);
		}
	}
}

static void every_bit_of_the_key_matters(void **state)
{
	(void)state;
	for (int bit = 0; bit < 128; bit++) {
		struct siphash_key key = published_key;

		if (bit < 64)
			key.k0 ^= UINT64_C(1) << bit;
		else
			key.k1 ^= UINT64_C(1) << (bit - 64);
		assert_true(siphash24(&key, "weir", 4) != siphash24(&published_key, "weir", 4));
		assert_true(siphash13(&key, "weir", 4) != siphash13(&published_key, "weir", 4));
	}
}

static void alignment_does_not_matter(void **state)
{
	struct numbers n = {5};
	uint8_t in[64], moved[72];

	(void)state;
	number_fill(&n, in, sizeof(in));
	for (size_t shift = 0; shift < 8; shift++) {
		for (size_t len = 0; len <= sizeof(in); len++) {
			memcpy(moved + shift, in, len);
			assert_true(siphash24(&published_key, moved + shift, len) ==
			            siphash24(&published_key, in, len));
		}
	}
}

static void one_use_tells_nothing_of_another(void **state)
{
	struct siphash_key derived[100];

	(void)state;
	for (uint64_t use = 0; use < 100; use++) {
		derived[use] = siphash_derive(&published_key, use);
		assert_true(derived[use].k0 != derived[use].k1);
		for (uint64_t other = 0; other < use; other++)
			assert_true(derived[use].k0 != derived[other].k0 && derived[use].k1 != derived[other].k1);
	}
	/* The same again: it is a function. */
	assert_true(siphash_derive(&published_key, 5).k1 == derived[5].k1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(published_vectors),
	    cmocka_unit_test(every_bit_and_the_length_matter),
	    cmocka_unit_test(every_bit_of_the_key_matters),
	    cmocka_unit_test(alignment_does_not_matter),
	    cmocka_unit_test(one_use_tells_nothing_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
