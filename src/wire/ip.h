/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers, into one structure for both. Lengths are checked
 * against the bytes that are really there; what the header claims beyond them is an error, what the
 * frame has beyond the header's claim is padding.
 */
#ifndef WEIR_WIRE_IP_H
#define WEIR_WIRE_IP_H

#include "base/drop.h"

#include <weir/addr.h>

enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMPV6 = 58 };
enum { IPV4_HEADER_BYTES = 20, IPV6_HEADER_BYTES = 40 };
/* The lower two bits of the type of service, and of the traffic class [3168 s5]. */
enum ip_ecn { IP_NOT_ECT = 0, IP_ECT1 = 1, IP_ECT0 = 2, IP_CE = 3, IP_ECN_MASK = 3 };

struct wire_ip {
	weir_addr src, dst;
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* of the payload, behind all extension headers */
	uint8_t ttl;      /* hop limit */
	uint8_t tos;      /* DSCP and ECN; IPv6 traffic class */
	bool
	    fragment; /* offset or more-fragments: the payload is not whole (atomic IPv6 fragments are not fragments) */
	bool dont_fragment;
	uint16_t id;
	uint16_t header_bytes; /* options and extension headers included */
	uint16_t payload_bytes;
};

/*
 * head: the first contiguous bytes of the packet (starting at the IP header), total: bytes of the whole packet.
 * DROP_NONE, or the reason. *more is set, and drop_ip_short returned, when head ends before the headers
 * do although the packet goes on: linearise and call again.
 * IPv4: version, header length, total length, header checksum (unless trusted), options (bad lengths, LSRR and SSRR
 * dropped: RFC 7126). IPv6: chain of hop-by-hop, destination options, routing (type 0 with segments left dropped),
 * atomic fragment; at most 8 extension headers and 32 options.
 */
enum drop wire_ip_parse(const uint8_t *head, size_t head_len, size_t total, bool trusted, struct wire_ip *ip,
                        bool *more);

/* Writes a header of IPV4_HEADER_BYTES or IPV6_HEADER_BYTES (by the addresses' family) for payload_bytes; returns its
 * length. Uses src, dst, protocol, ttl, tos, id, dont_fragment, payload_bytes. */
size_t wire_ip_emit(uint8_t *out, const struct wire_ip *ip);

#endif
