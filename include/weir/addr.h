/* SPDX-License-Identifier: Apache-2.0
 *
 * One address type for both families: sixteen bytes in network order, IPv4 as v4-mapped
 * (::ffff:a.b.c.d, RFC 4291 s2.5.5.2). The wildcards of the two families are different values:
 * 0.0.0.0 is ::ffff:0.0.0.0, and :: is all zero.
 */
#ifndef WEIR_ADDR_H
#define WEIR_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	union {
		uint8_t b[16];
		uint32_t w[4]; /* network order */
		uint64_t q[2]; /* network order */
	};
} weir_addr;

/* A port (host order) at an address; ifindex is the zone of a link-local address, else 0. */
struct weir_endpoint {
	weir_addr addr;
	uint16_t port;
	uint16_t ifindex;
};

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WEIR_V4_PREFIX UINT32_C(0x0000ffff)
#else
#define WEIR_V4_PREFIX UINT32_C(0xffff0000)
#endif

#define WEIR_ADDR_ANY6 ((weir_addr){.q = {0, 0}})
#define WEIR_ADDR_ANY4 ((weir_addr){.w = {0, 0, WEIR_V4_PREFIX, 0}})

static inline weir_addr weir_addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	weir_addr addr = WEIR_ADDR_ANY4;

	addr.b[12] = a;
	addr.b[13] = b;
	addr.b[14] = c;
	addr.b[15] = d;
	return addr;
}

static inline bool weir_addr_is_v4(const weir_addr *a)
{
	return a->q[0] == 0 && a->w[2] == WEIR_V4_PREFIX;
}

static inline bool weir_addr_equal(const weir_addr *a, const weir_addr *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

/* True for the wildcard of either family. */
static inline bool weir_addr_is_any(const weir_addr *a)
{
	return a->q[0] == 0 && a->w[3] == 0 && (a->w[2] == 0 || a->w[2] == WEIR_V4_PREFIX);
}

/* 224.0.0.0/4 or ff00::/8. */
static inline bool weir_addr_is_multicast(const weir_addr *a)
{
	return weir_addr_is_v4(a) ? (a->b[12] & 0xf0) == 0xe0 : a->b[0] == 0xff;
}

/* 127.0.0.0/8 or ::1. */
static inline bool weir_addr_is_loopback(const weir_addr *a)
{
	if (weir_addr_is_v4(a))
		return a->b[12] == 127;
	return a->q[0] == 0 && a->w[2] == 0 && a->b[12] == 0 && a->b[13] == 0 && a->b[14] == 0 && a->b[15] == 1;
}

/* fe80::/10. */
static inline bool weir_addr_is_link_local6(const weir_addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

/* Longest text of an address, the final NUL included: "ffff:...:255.255.255.255". */
#define WEIR_ADDR_TEXT 46

/*
 * Text of an address (RFC 5952; v4-mapped prints as dotted quad). Returns the length written,
 * without the NUL. The buffer must hold WEIR_ADDR_TEXT bytes.
 */
size_t weir_addr_format(const weir_addr *addr, char *text);

/* Parses either family (RFC 4291 s2.2, dotted quad). 0, or -WEIR_EINVAL with *addr untouched. */
int weir_addr_parse(const char *text, weir_addr *addr);

#endif
