/* SPDX-License-Identifier: Apache-2.0
 *
 * See ip.h. IPv4 here; the chain of IPv6 extension headers is in extension.c.
 */
#include "wire/ip.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/internal.h"

enum { IPV4_DF = 0x4000, IPV4_MF = 0x2000, IPV4_OFFSET = 0x1fff };
enum { OPT_END = 0, OPT_NOP = 1, OPT_LSRR = 131, OPT_SSRR = 137 };

/* [W-IP-1; 7126] Lengths must hold; source routes are refused; the rest is ignored [9293 MUST-50]. */
static enum drop check_options(const uint8_t *option, size_t len)
{
	size_t at = 0;

	while (at < len && option[at] != OPT_END) {
		if (option[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (len - at < 2 || option[at + 1] < 2 || option[at + 1] > len - at)
			return drop_ip_options;
		if (option[at] == OPT_LSRR || option[at] == OPT_SSRR)
			return drop_ip_source_route;
		at += option[at + 1];
	}
	return DROP_NONE;
}

static enum drop parse_v4(const uint8_t *head, size_t head_len, size_t total, bool trusted, struct wire_ip *ip, bool *more)
{
	size_t header, length;
	uint16_t fragment;

	if (total < IPV4_HEADER_BYTES)
		return drop_ip_short;
	if (head_len < IPV4_HEADER_BYTES) {
		*more = true;
		return drop_ip_short;
	}
	header = (size_t)(head[0] & 15) * 4;
	length = load_be16(head + 2);
	if (header < IPV4_HEADER_BYTES || header > total)
		return drop_ip_header_length;
	if (length < header || length > total)
		return drop_ip_total_length;
	if (head_len < header) {
		*more = true;
		return drop_ip_short;
	}
	if (!trusted && checksum_finish(checksum_add(0, head, header)) != 0)
		return drop_ip_checksum;
	if (header > IPV4_HEADER_BYTES) {
		enum drop reason = check_options(head + IPV4_HEADER_BYTES, header - IPV4_HEADER_BYTES);

		if (reason != DROP_NONE)
			return reason;
	}
	ip->src = ip->dst = WEIR_ADDR_ANY4;
	memcpy(ip->src.b + 12, head + 12, 4);
	memcpy(ip->dst.b + 12, head + 16, 4);
	ip->version = 4;
	ip->tos = head[1];
	ip->id = load_be16(head + 4);
	fragment = load_be16(head + 6);
	ip->fragment = (fragment & (IPV4_MF | IPV4_OFFSET)) != 0;
	ip->dont_fragment = (fragment & IPV4_DF) != 0;
	ip->ttl = head[8];
	ip->protocol = head[9];
	ip->header_bytes = (uint16_t)header;
	ip->payload_bytes = (uint16_t)(length - header);
	return DROP_NONE;
}

static enum drop parse_v6(const uint8_t *head, size_t head_len, size_t total, struct wire_ip *ip, bool *more)
{
	size_t length;

	if (total < IPV6_HEADER_BYTES)
		return drop_ip_short;
	if (head_len < IPV6_HEADER_BYTES) {
		*more = true;
		return drop_ip_short;
	}
	length = load_be16(head + 4);
	if (length > total - IPV6_HEADER_BYTES || (length == 0 && head[6] != IPV6_NO_NEXT_HEADER))
		return drop_ip_total_length; /* no jumbograms: X-6 */
	memcpy(ip->src.b, head + 8, 16);
	memcpy(ip->dst.b, head + 24, 16);
	ip->version = 6;
	ip->tos = (uint8_t)(load_be16(head) >> 4);
	ip->id = 0;
	ip->fragment = false;
	ip->dont_fragment = true;
	ip->ttl = head[7];
	if (head_len > IPV6_HEADER_BYTES + length)
		head_len = IPV6_HEADER_BYTES + length;
	return wire_ip_extensions(head, head_len, length, ip, more);
}

enum drop wire_ip_parse(const uint8_t *head, size_t head_len, size_t total, bool trusted, struct wire_ip *ip, bool *more)
{
	*more = false;
	if (total < 1)
		return drop_ip_short;
	if (head_len < 1) {
		*more = true;
		return drop_ip_short;
	}
	if (head_len > total)
		head_len = total;
	if (head[0] >> 4 == 4)
		return parse_v4(head, head_len, total, trusted, ip, more);
	if (head[0] >> 4 == 6)
		return parse_v6(head, head_len, total, ip, more);
	return drop_ip_version;
}

static size_t emit_v6(uint8_t *out, const struct wire_ip *ip)
{
	store_be32(out, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20);
	store_be16(out + 4, ip->payload_bytes);
	out[6] = ip->protocol;
	out[7] = ip->ttl;
	memcpy(out + 8, ip->src.b, 16);
	memcpy(out + 24, ip->dst.b, 16);
	return IPV6_HEADER_BYTES;
}

size_t wire_ip_emit(uint8_t *out, const struct wire_ip *ip)
{
	uint16_t sum;

	if (!weir_addr_is_v4(&ip->src))
		return emit_v6(out, ip);
	out[0] = 0x45;
	out[1] = ip->tos;
	store_be16(out + 2, (uint16_t)(IPV4_HEADER_BYTES + ip->payload_bytes));
	store_be16(out + 4, ip->id);
	store_be16(out + 6, ip->dont_fragment ? IPV4_DF : 0);
	out[8] = ip->ttl;
	out[9] = ip->protocol;
	store_be16(out + 10, 0);
	memcpy(out + 12, ip->src.b + 12, 4);
	memcpy(out + 16, ip->dst.b + 12, 4);
	sum = checksum_finish(checksum_add(0, out, IPV4_HEADER_BYTES));
	memcpy(out + 10, &sum, 2);
	return IPV4_HEADER_BYTES;
}
