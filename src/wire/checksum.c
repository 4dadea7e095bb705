/* SPDX-License-Identifier: Apache-2.0
 *
 * See checksum.h. The sum of 32-bit words in 64-bit lanes, folded to 16 bits at the end, equals the sum of 16-bit words
 * in ones' complement (RFC 1071 s2). Vector extensions of the compiler, so every target gets its best.
 */
#include "wire/checksum.h"

#include <string.h>

typedef uint32_t words __attribute__((vector_size(32)));
typedef uint64_t lanes __attribute__((vector_size(32)));

/* Long runs: eight 32-bit words at a time, even and odd ones into separate 64-bit lanes. */
static uint64_t sum_blocks(const uint8_t *p, size_t blocks)
{
	lanes low = {0}, high = {0};
	const lanes mask = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};

	for (; blocks > 0; blocks--, p += 64) {
		lanes a, b;

		memcpy(&a, p, 32);
		memcpy(&b, p + 32, 32);
		low += (a & mask) + (b & mask);
		high += (a >> 32) + (b >> 32);
	}
	low += high;
	return low[0] + low[1] + low[2] + low[3];
}

/* Adds with the carry brought back, so that sums of sums stay right. */
static uint64_t add_carry(uint64_t a, uint64_t b)
{
	a += b;
	return a + (a < b);
}

uint64_t checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t words8;
	uint32_t word4;
	uint16_t word2;

	if (len >= 64) {
		sum = add_carry(sum, sum_blocks(p, len / 64));
		p += len & ~(size_t)63;
		len &= 63;
	}
	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&words8, p, 8);
		sum = add_carry(sum, words8);
	}
	if (len >= 4) {
		memcpy(&word4, p, 4);
		sum = add_carry(sum, word4);
		p += 4;
		len -= 4;
	}
	if (len >= 2) {
		memcpy(&word2, p, 2);
		sum = add_carry(sum, word2);
		p += 2;
		len -= 2;
	}
	if (len > 0) {
		uint8_t last[2] = {*p, 0};

		memcpy(&word2, last, 2);
		sum = add_carry(sum, word2);
	}
	return sum;
}

static uint64_t fold16(uint64_t sum)
{
	return (uint16_t)~checksum_finish(sum);
}

/* A piece that begins at an odd offset has its bytes in the other half of each word: its sum is swapped. */
uint64_t checksum_slices(uint64_t sum, const struct weir_slice *slice, unsigned n)
{
	bool odd = false;

	for (unsigned i = 0; i < n; i++) {
		if (!odd) {
			sum = checksum_add(sum, slice[i].data, slice[i].len);
		} else {
			uint64_t part = fold16(checksum_add(0, slice[i].data, slice[i].len));

			sum = add_carry(sum, (part << 8 | part >> 8) & 0xffff);
		}
		odd ^= slice[i].len & 1;
	}
	return sum;
}

uint64_t checksum_pseudo(const weir_addr *src, const weir_addr *dst, uint8_t protocol, uint32_t len)
{
	uint8_t tail[8] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, protocol};
	uint64_t sum = checksum_add(0, tail, sizeof(tail));

	if (weir_addr_is_v4(src)) {
		sum += src->w[3];
		return sum + dst->w[3];
	}
	sum = add_carry(sum, src->q[0]);
	sum = add_carry(sum, src->q[1]);
	sum = add_carry(sum, dst->q[0]);
	return add_carry(sum, dst->q[1]);
}
