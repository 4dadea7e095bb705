/* SPDX-License-Identifier: Apache-2.0
 *
 * See checksum.h. The sum is taken modulo 65535, and 2^16 is 1 there: so words of any even number of bytes
 * may be added in the machine's own order and folded once at the end. The inner loop adds the two
 * 32-bit halves of each 64-bit lane of a vector to 64-bit lanes, which cannot overflow within any
 * length that exists; compilers turn it into whatever vector instructions the target has.
 */
#include "wire/checksum.h"

#include "base/likely.h"

#include <string.h>

/* As wide as the target's registers: wider vectors are taken apart badly. */
#ifdef __AVX2__
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif
enum { LANES = VECTOR_BYTES / 8, BLOCK_BYTES = 4 * VECTOR_BYTES };

typedef uint64_t lanes __attribute__((vector_size(VECTOR_BYTES)));

/* Values as a 32-bit or 16-bit load of their bytes in network order would give them. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_OF_BE32(x) ((uint32_t)(x))
#define FIRST_OF_TWO(byte) ((uint16_t)((byte) << 8))
#else
#define HOST_OF_BE32(x) __builtin_bswap32(x)
#define FIRST_OF_TWO(byte) ((uint16_t)(byte))
#endif

/* The sum of whole blocks. Four sums that do not wait for each other. */
static uint64_t add_blocks(uint64_t sum, const uint8_t *p, size_t blocks)
{
	lanes low0 = {0}, low1 = {0}, high0 = {0}, high1 = {0};

	for (; blocks > 0; blocks--, p += BLOCK_BYTES) {
		lanes a, b, c, d;

		memcpy(&a, p, VECTOR_BYTES);
		memcpy(&b, p + VECTOR_BYTES, VECTOR_BYTES);
		memcpy(&c, p + 2 * VECTOR_BYTES, VECTOR_BYTES);
		memcpy(&d, p + 3 * VECTOR_BYTES, VECTOR_BYTES);
		low0 += (a & UINT32_MAX) + (b & UINT32_MAX);
		high0 += (a >> 32) + (b >> 32);
		low1 += (c & UINT32_MAX) + (d & UINT32_MAX);
		high1 += (c >> 32) + (d >> 32);
	}
	low0 += low1 + high0 + high1;
	for (unsigned i = 0; i < LANES; i++)
		sum += low0[i];
	return sum;
}

uint64_t checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t word;
	uint32_t half;
	uint16_t quarter;

	if (len >= BLOCK_BYTES) {
		sum = add_blocks(sum, p, len / BLOCK_BYTES);
		p += len - len % BLOCK_BYTES;
		len %= BLOCK_BYTES;
	}
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += (word & UINT32_MAX) + (word >> 32);
	}
	if (len & 4) {
		memcpy(&half, p, sizeof(half));
		sum += half;
		p += sizeof(half);
	}
	if (len & 2) {
		memcpy(&quarter, p, sizeof(quarter));
		sum += quarter;
		p += sizeof(quarter);
	}
	if (len & 1)
		sum += FIRST_OF_TWO(*p);
	return sum;
}

uint64_t checksum_slices(uint64_t sum, const struct weir_slice *slice, unsigned n)
{
	bool odd = false;

	for (unsigned i = 0; i < n; i++) {
		/* A piece that begins in the middle of a 16-bit word contributes its sum with the bytes swapped. */
		if (unlikely(odd)) {
			uint16_t piece = (uint16_t)~checksum_finish(checksum_add(0, slice[i].data, slice[i].len));

			sum += __builtin_bswap16(piece);
		} else {
			sum = checksum_add(sum, slice[i].data, slice[i].len);
		}
		odd ^= slice[i].len & 1;
	}
	return sum;
}

uint64_t checksum_pseudo(const weir_addr *src, const weir_addr *dst, uint8_t protocol, uint32_t len)
{
	uint64_t sum = (uint64_t)HOST_OF_BE32(len) + HOST_OF_BE32(protocol);

	/* The prefix of a mapped IPv4 address adds ffff, which is nothing modulo 65535; and since the
	 * protocol is not 0 the sum is not 0 either, where ffff and 0 would differ. */
	for (unsigned i = 0; i < 4; i++)
		sum += (uint64_t)src->w[i] + dst->w[i];
	return sum;
}
