/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the wire room: packets in blocks of exactly their size, so that a sanitizer sees each read past the
 * end, the checksum computed the plain way, and both families by one index.
 */
#ifndef TESTS_UNIT_WIRE_FIXTURE_H
#define TESTS_UNIT_WIRE_FIXTURE_H

#include "base/bytes.h"
#include "base_fixture.h"
#include "wire/ip.h"

#include <weir/packet.h>

/* A copy that ends where its block ends. */
static inline uint8_t *exact(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

/* RFC 1071 by the letter: 16-bit words in network order, carries brought back. Returns the folded sum. */
static inline uint16_t plain_sum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

/* The pseudo-header of the family, by the letter. */
static inline uint16_t plain_pseudo(const weir_addr *src, const weir_addr *dst, uint8_t protocol, uint32_t len)
{
	bool v4 = weir_addr_is_v4(src);
	uint8_t tail[8] = {
	    (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, protocol};
	uint16_t sum = plain_sum(0, v4 ? src->b + 12 : src->b, v4 ? 4 : 16);

	sum = plain_sum(sum, v4 ? dst->b + 12 : dst->b, v4 ? 4 : 16);
	return plain_sum(sum, tail, sizeof(tail));
}

/* 0: 10.0.0.1 to 10.0.0.2; 1: fd00::1 to fd00::2. */
static inline struct wire_ip ip_header(int family, uint8_t protocol, size_t payload_bytes)
{
	struct wire_ip ip = {
	    .src = weir_addr_v4(10, 0, 0, 1),
	    .dst = weir_addr_v4(10, 0, 0, 2),
	    .version = family ? 6 : 4,
	    .protocol = protocol,
	    .ttl = 64,
	    .payload_bytes = (uint16_t)payload_bytes,
	};

	if (family) {
		ip.src = ip.dst = (weir_addr){.b = {0xfd}};
		ip.src.b[15] = 1;
		ip.dst.b[15] = 2;
	}
	return ip;
}

#endif
