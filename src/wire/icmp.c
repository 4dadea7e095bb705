/* SPDX-License-Identifier: Apache-2.0
 *
 * See icmp.h. Whether an error is believed is for the transport that sent the quoted packet; here it is
 * only read, and never past its end [W-ICMP-4].
 */
#include "wire/icmp.h"

#include "base/bytes.h"
#include "wire/checksum.h"

/* What must be there of the quoted packet's payload: ports, and TCP's sequence number. */
enum { QUOTED_PAYLOAD_BYTES = 8 };

static enum icmp_kind kind4_unreachable(uint8_t code)
{
	switch (code) {
	case 0:
	case 6:
	case 11:
		return ICMP_NET_UNREACHABLE;
	case 2:
		return ICMP_PROTOCOL_UNREACHABLE;
	case 3:
		return ICMP_PORT_UNREACHABLE;
	case 4:
		return ICMP_PACKET_TOO_BIG;
	case 9:
	case 10:
	case 13:
		return ICMP_PROHIBITED;
	case 1:
	case 5:
	case 7:
	case 8:
	case 12:
	case 14:
	case 15:
		return ICMP_HOST_UNREACHABLE;
	default:
		return ICMP_OTHER;
	}
}

static enum icmp_kind kind4(uint8_t type, uint8_t code)
{
	switch (type) {
	case ICMP4_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP4_ECHO_REPLY:
		return ICMP_ECHO_ANSWER;
	case ICMP4_UNREACHABLE:
		return kind4_unreachable(code);
	case ICMP4_TIME_EXCEEDED:
		return code <= 1 ? ICMP_TTL_EXCEEDED : ICMP_OTHER;
	case ICMP4_PARAMETER:
		return ICMP_PARAMETER_PROBLEM;
	default:
		return ICMP_OTHER;
	}
}

static enum icmp_kind kind6_unreachable(uint8_t code)
{
	switch (code) {
	case 0:
		return ICMP_NET_UNREACHABLE;
	case 1:
	case 5:
	case 6:
		return ICMP_PROHIBITED;
	case 2:
	case 3:
		return ICMP_HOST_UNREACHABLE;
	case 4:
		return ICMP_PORT_UNREACHABLE;
	default:
		return ICMP_OTHER;
	}
}

static enum icmp_kind kind6(uint8_t type, uint8_t code)
{
	switch (type) {
	case ICMP6_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP6_ECHO_REPLY:
		return ICMP_ECHO_ANSWER;
	case ICMP6_UNREACHABLE:
		return kind6_unreachable(code);
	case ICMP6_TOO_BIG:
		return ICMP_PACKET_TOO_BIG;
	case ICMP6_TIME_EXCEEDED:
		return code <= 1 ? ICMP_TTL_EXCEEDED : ICMP_OTHER;
	case ICMP6_PARAMETER:
		return code == 1 ? ICMP_PROTOCOL_UNREACHABLE : ICMP_PARAMETER_PROBLEM;
	default:
		return ICMP_OTHER;
	}
}

static bool is_error(enum icmp_kind kind)
{
	return kind != ICMP_OTHER && kind != ICMP_ECHO_REQUEST && kind != ICMP_ECHO_ANSWER;
}

static uint16_t quoted_bytes(const struct wire_ip *ip)
{
	uint32_t bytes = (uint32_t)ip->header_bytes + ip->payload_bytes;

	return bytes < UINT16_MAX ? (uint16_t)bytes : UINT16_MAX;
}

/*
 * Reads the quote as the beginning of a packet that is as long as it claims to be: only its headers and the
 * first bytes behind them need be here. Its header checksum may be stale, since routers change the TTL.
 */
static void read_quote(const uint8_t *quote, size_t len, uint8_t version, struct wire_icmp *icmp)
{
	struct wire_ip ip;
	const uint8_t *payload;
	bool more;

	if (wire_ip_parse(quote, len, len + IPV6_HEADER_BYTES + UINT16_MAX, true, &ip, &more) != DROP_NONE)
		return;
	if (ip.version != version || ip.fragment || ip.payload_bytes < QUOTED_PAYLOAD_BYTES ||
	    len - ip.header_bytes < QUOTED_PAYLOAD_BYTES)
		return;
	payload = quote + ip.header_bytes;
	icmp->quoted_valid = true;
	icmp->quoted_src = ip.src;
	icmp->quoted_dst = ip.dst;
	icmp->quoted_bytes = quoted_bytes(&ip);
	icmp->quoted_protocol = ip.protocol;
	if (ip.protocol == IP_TCP || ip.protocol == IP_UDP) {
		icmp->quoted_src_port = load_be16(payload);
		icmp->quoted_dst_port = load_be16(payload + 2);
	}
	if (ip.protocol == IP_TCP)
		icmp->quoted_seq = load_be32(payload + 4);
}

static uint16_t mtu_of(const struct wire_icmp *icmp, uint8_t version)
{
	if (icmp->kind != ICMP_PACKET_TOO_BIG)
		return 0;
	if (version == 4)
		return (uint16_t)icmp->rest;
	return icmp->rest < UINT16_MAX ? (uint16_t)icmp->rest : UINT16_MAX;
}

enum drop wire_icmp_parse(const uint8_t *data, size_t len, const struct wire_ip *ip, bool trusted,
                          struct wire_icmp *icmp)
{
	if (len < ICMP_HEADER_BYTES)
		return drop_icmp_malformed;
	if (!trusted) {
		uint64_t sum = 0;

		if (ip->version == 6)
			sum = checksum_pseudo(&ip->src, &ip->dst, IP_ICMPV6, (uint32_t)len);
		if (checksum_finish(checksum_add(sum, data, len)) != 0)
			return drop_icmp_checksum;
	}
	*icmp = (struct wire_icmp){.type = data[0], .code = data[1], .rest = load_be32(data + 4)};
	icmp->kind = ip->version == 6 ? kind6(data[0], data[1]) : kind4(data[0], data[1]);
	icmp->mtu_bytes = mtu_of(icmp, ip->version);
	if (is_error(icmp->kind))
		read_quote(data + ICMP_HEADER_BYTES, len - ICMP_HEADER_BYTES, ip->version, icmp);
	return DROP_NONE;
}

size_t wire_icmp_emit(uint8_t *out, const weir_addr *src, const weir_addr *dst, uint8_t type, uint8_t code,
                      uint32_t rest, const uint8_t *body, size_t body_len)
{
	size_t len = ICMP_HEADER_BYTES + body_len;
	uint64_t sum = 0;
	uint16_t field;

	out[0] = type;
	out[1] = code;
	store_be16(out + 2, 0);
	store_be32(out + 4, rest);
	if (body_len > 0)
		memcpy(out + ICMP_HEADER_BYTES, body, body_len);
	if (!weir_addr_is_v4(dst))
		sum = checksum_pseudo(src, dst, IP_ICMPV6, (uint32_t)len);
	field = checksum_finish(checksum_add(sum, out, len));
	memcpy(out + 2, &field, sizeof(field));
	return len;
}
