/* SPDX-License-Identifier: Apache-2.0
 *
 * See ip.h. Here: the choice by version, and IPv4 (RFC 791). Only syntax: whether an address may be a
 * source, or is ours, is for the room above. TTL is not looked at [W-IP-3].
 */
#include "wire/ip.h"
#include "base/likely.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/ipv6.h"

enum { FLAG_DF = 0x4000, FLAG_MF = 0x2000, OFFSET_MASK = 0x1fff };
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_LSRR = 131, OPTION_SSRR = 137 };

/* Unknown options are passed over [9293 MUST-50]; source routes are refused whole (RFC 7126 s4.3, s4.4). */
static COLD enum drop check_options(const uint8_t *option, size_t len)
{
	struct reader r = reader_make(option, len);

	while (reader_left(&r) > 0) {
		uint8_t kind = read_u8(&r), option_len;

		if (kind == OPTION_END)
			break;
		if (kind == OPTION_NOP)
			continue;
		if (kind == OPTION_LSRR || kind == OPTION_SSRR)
			return drop_ip_source_route;
		option_len = read_u8(&r);
		if (option_len < 2 || !read_bytes(&r, option_len - 2u))
			return drop_ip_options;
	}
	return DROP_NONE;
}

static uint64_t header_sum(const uint8_t *head, size_t len)
{
	uint32_t word[IPV4_HEADER_BYTES / 4];

	if (unlikely(len > IPV4_HEADER_BYTES))
		return checksum_add(0, head, len);
	memcpy(word, head, sizeof(word));
	return (uint64_t)word[0] + word[1] + word[2] + word[3] + word[4];
}

/* Written as it will be read, eight bytes at a time: a wider read of smaller writes waits for them. */
static weir_addr ipv4_addr(const uint8_t b[4])
{
	uint32_t half[2] = {WEIR_V4_PREFIX};
	weir_addr addr = {.q = {0}};

	memcpy(&half[1], b, sizeof(half[1]));
	memcpy(&addr.q[1], half, sizeof(addr.q[1]));
	return addr;
}

static enum drop ipv4_parse(const uint8_t *head, size_t head_len, size_t total, bool trusted, struct wire_ip *ip,
                            bool *more)
{
	size_t header, claimed;
	unsigned fragment;

	if (unlikely(head_len < IPV4_HEADER_BYTES)) {
		*more = total >= IPV4_HEADER_BYTES;
		return drop_ip_short;
	}
	header = (head[0] & 15u) * 4u;
	claimed = load_be16(head + 2);
	/* [W-IP-1] */
	if (unlikely(header < IPV4_HEADER_BYTES))
		return drop_ip_header_length;
	if (unlikely(claimed > total || claimed < header))
		return drop_ip_total_length;
	if (unlikely(head_len < header)) {
		*more = true;
		return drop_ip_short;
	}
	if (!trusted && unlikely(checksum_finish(header_sum(head, header)) != 0))
		return drop_ip_checksum;
	fragment = load_be16(head + 6);
	*ip = (struct wire_ip){
	    .src = ipv4_addr(head + 12),
	    .dst = ipv4_addr(head + 16),
	    .version = 4,
	    .protocol = head[9],
	    .ttl = head[8],
	    .tos = head[1],
	    .fragment = (fragment & (FLAG_MF | OFFSET_MASK)) != 0,
	    .dont_fragment = (fragment & FLAG_DF) != 0,
	    .id = load_be16(head + 4),
	    .header_bytes = (uint16_t)header,
	    .payload_bytes = (uint16_t)(claimed - header),
	};
	return likely(header == IPV4_HEADER_BYTES)
	           ? DROP_NONE
	           : check_options(head + IPV4_HEADER_BYTES, header - IPV4_HEADER_BYTES);
}

FAST_PATH enum drop wire_ip_parse(const uint8_t *head, size_t head_len, size_t total, bool trusted, struct wire_ip *ip,
                                  bool *more)
{
	*more = false;
	if (head_len > total)
		head_len = total;
	if (unlikely(head_len == 0)) {
		*more = total > 0;
		return drop_ip_short;
	}
	switch (head[0] >> 4) {
	case 4:
		return ipv4_parse(head, head_len, total, trusted, ip, more);
	case 6:
		return ipv6_parse(head, head_len, total, ip, more);
	default:
		return drop_ip_version;
	}
}

static void ipv4_emit(uint8_t *out, const struct wire_ip *ip)
{
	uint32_t src = load_be32(ip->src.b + 12), dst = load_be32(ip->dst.b + 12);
	uint32_t length = UINT32_C(0x45000000) | (uint32_t)ip->tos << 16 | (IPV4_HEADER_BYTES + ip->payload_bytes);
	uint32_t fragment = (uint32_t)ip->id << 16 | (ip->dont_fragment ? FLAG_DF : 0);
	uint32_t protocol = (uint32_t)ip->ttl << 24 | (uint32_t)ip->protocol << 16;

	weir_assert(ip->payload_bytes <= UINT16_MAX - IPV4_HEADER_BYTES);
	protocol |= checksum_finish((uint64_t)length + fragment + protocol + src + dst);
	store_be32(out, length);
	store_be32(out + 4, fragment);
	store_be32(out + 8, protocol);
	store_be32(out + 12, src);
	store_be32(out + 16, dst);
}

size_t wire_ip_emit(uint8_t *out, const struct wire_ip *ip)
{
	if (weir_addr_is_v4(&ip->dst)) {
		ipv4_emit(out, ip);
		return IPV4_HEADER_BYTES;
	}
	ipv6_emit(out, ip);
	return IPV6_HEADER_BYTES;
}
