/* SPDX-License-Identifier: Apache-2.0
 *
 * The Internet checksum (RFC 1071). A running sum is 64 bits wide, unfolded, in the machine's byte order; pieces of odd
 * length may follow each other when the caller tracks the parity through checksum_slices().
 */
#ifndef WEIR_WIRE_CHECKSUM_H
#define WEIR_WIRE_CHECKSUM_H

#include <weir/addr.h>
#include <weir/packet.h>

/* sum + the 16-bit words of data; an odd last byte is padded with zero. Fast for long data (SIMD by
 * compiler vectors, no run-time dispatch needed). */
uint64_t checksum_add(uint64_t sum, const void *data, size_t len);

/* The same over slices that form one run of bytes; slices may be of odd length. */
uint64_t checksum_slices(uint64_t sum, const struct weir_slice *slice, unsigned n);

/* The pseudo-header of either family (RFC 9293 s3.1, RFC 8200 s8.1), by the addresses' family. */
uint64_t checksum_pseudo(const weir_addr *src, const weir_addr *dst, uint8_t protocol, uint32_t len);

/* The field's value in network byte order (store with memcpy): complement of the folded sum. */
static inline uint16_t checksum_finish(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* A sum of 32-bit words by their values, as a running sum. What has just been built in registers is added there:
 * reading back bytes that were written one by one waits for them. */
static inline uint64_t checksum_of_values(uint64_t values)
{
	uint16_t value = (uint16_t)~checksum_finish(values);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return value;
#else
	return __builtin_bswap16(value);
#endif
}

#endif
