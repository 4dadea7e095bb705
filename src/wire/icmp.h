/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): echo, and errors with the packet they quote.
 */
#ifndef WEIR_WIRE_ICMP_H
#define WEIR_WIRE_ICMP_H

#include "wire/ip.h"

enum { ICMP_HEADER_BYTES = 8 };
enum { ICMP4_ECHO_REPLY = 0, ICMP4_UNREACHABLE = 3, ICMP4_ECHO = 8, ICMP4_TIME_EXCEEDED = 11, ICMP4_PARAMETER = 12 };
enum {
	ICMP6_UNREACHABLE = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_TIME_EXCEEDED = 3,
	ICMP6_PARAMETER = 4,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129
};

/* One meaning for both families. */
enum icmp_kind {
	ICMP_OTHER, /* known to nobody here */
	ICMP_ECHO_REQUEST,
	ICMP_ECHO_ANSWER,
	ICMP_NET_UNREACHABLE,      /* v4 3/0 3/6 3/11, v6 1/0 */
	ICMP_HOST_UNREACHABLE,     /* v4 3/1 3/5 3/7 3/8 3/12 3/14 3/15, v6 1/2 1/3 */
	ICMP_PROTOCOL_UNREACHABLE, /* v4 3/2; v6 4/1 */
	ICMP_PORT_UNREACHABLE,     /* v4 3/3, v6 1/4 */
	ICMP_PROHIBITED,           /* v4 3/9 3/10 3/13, v6 1/1 1/5 1/6 */
	ICMP_PACKET_TOO_BIG,       /* v4 3/4, v6 2 */
	ICMP_TTL_EXCEEDED,         /* v4 11/0 11/1, v6 3/0 3/1 */
	ICMP_PARAMETER_PROBLEM,
};

struct wire_icmp {
	enum icmp_kind kind;
	uint8_t type, code;
	uint32_t rest;      /* bytes 4..7: id and sequence of an echo, MTU, pointer */
	uint16_t mtu_bytes; /* ICMP_PACKET_TOO_BIG */
	/* Errors: the quoted packet, as far as it is there. quoted_valid: its IP header parsed and at least 8 bytes of
	 * payload follow. The quoted source is ours, the destination the peer. */
	bool quoted_valid;
	weir_addr quoted_src, quoted_dst;
	uint16_t quoted_bytes; /* of the whole packet, by its own claim; 65535 at most */
	uint8_t quoted_protocol;
	uint16_t quoted_src_port, quoted_dst_port;
	uint32_t quoted_seq; /* TCP: bytes 4..7 of the quoted payload */
};

/* data: the whole message, contiguous; version 4 or 6. Checks the checksum (v6: with the pseudo-header) unless trusted.
 * DROP_NONE, drop_icmp_malformed, drop_icmp_checksum. */
enum drop wire_icmp_parse(const uint8_t *data, size_t len, const struct wire_ip *ip, bool trusted,
                          struct wire_icmp *icmp);

/* Writes a message: type, code, rest, then body; computes the checksum (ICMPv6's with the pseudo-header). out holds
 * ICMP_HEADER_BYTES + body_len. Returns that length. */
size_t wire_icmp_emit(uint8_t *out, const weir_addr *src, const weir_addr *dst, uint8_t type, uint8_t code,
                      uint32_t rest, const uint8_t *body, size_t body_len);

#endif
