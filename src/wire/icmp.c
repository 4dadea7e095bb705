/* SPDX-License-Identifier: Apache-2.0
 *
 * See icmp.h.
 */
#include "wire/icmp.h"

#include "base/bytes.h"
#include "wire/checksum.h"

enum { QUOTED_PAYLOAD_BYTES = 8 };

static enum icmp_kind kind_v4(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {
		[0] = ICMP_NET_UNREACHABLE, [1] = ICMP_HOST_UNREACHABLE, [2] = ICMP_PROTOCOL_UNREACHABLE,
		[3] = ICMP_PORT_UNREACHABLE, [4] = ICMP_PACKET_TOO_BIG,  [6] = ICMP_NET_UNREACHABLE,
		[7] = ICMP_HOST_UNREACHABLE, [9] = ICMP_PROHIBITED,      [10] = ICMP_PROHIBITED,
		[13] = ICMP_PROHIBITED,
	};

	switch (type) {
	case ICMP4_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP4_ECHO_REPLY:
		return ICMP_ECHO_ANSWER;
	case ICMP4_UNREACHABLE:
		return code < sizeof(unreachable) ? (enum icmp_kind)unreachable[code] : ICMP_OTHER;
	case ICMP4_TIME_EXCEEDED:
		return code == 0 ? ICMP_TTL_EXCEEDED : ICMP_OTHER;
	case ICMP4_PARAMETER:
		return ICMP_PARAMETER_PROBLEM;
	default:
		return ICMP_OTHER;
	}
}

static enum icmp_kind kind_v6(uint8_t type, uint8_t code)
{
	static const uint8_t unreachable[] = {
		[0] = ICMP_NET_UNREACHABLE,
		[1] = ICMP_PROHIBITED,
		[3] = ICMP_HOST_UNREACHABLE,
		[4] = ICMP_PORT_UNREACHABLE,
	};

	switch (type) {
	case ICMP6_ECHO:
		return ICMP_ECHO_REQUEST;
	case ICMP6_ECHO_REPLY:
		return ICMP_ECHO_ANSWER;
	case ICMP6_UNREACHABLE:
		return code < sizeof(unreachable) ? (enum icmp_kind)unreachable[code] : ICMP_OTHER;
	case ICMP6_TOO_BIG:
		return ICMP_PACKET_TOO_BIG;
	case ICMP6_TIME_EXCEEDED:
		return code == 0 ? ICMP_TTL_EXCEEDED : ICMP_OTHER;
	case ICMP6_PARAMETER:
		return code == 1 ? ICMP_PROTOCOL_UNREACHABLE : ICMP_PARAMETER_PROBLEM;
	default:
		return ICMP_OTHER;
	}
}

/* The quoted packet is cut, so its length field says more than there is: only its own header must be whole. */
static void parse_quote(const uint8_t *p, size_t len, uint8_t version, struct wire_icmp *icmp)
{
	struct reader r = reader_make(p, len);
	const uint8_t *fixed = read_bytes(&r, version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES), *payload;

	if (!fixed || fixed[0] >> 4 != version)
		return;
	if (version == 4) {
		if ((fixed[0] & 15) < 5 || (load_be16(fixed + 6) & 0x1fff) != 0)
			return;
		read_bytes(&r, (size_t)((fixed[0] & 15) - 5) * 4);
		icmp->quoted_src = icmp->quoted_dst = WEIR_ADDR_ANY4;
		memcpy(icmp->quoted_src.b + 12, fixed + 12, 4);
		memcpy(icmp->quoted_dst.b + 12, fixed + 16, 4);
		icmp->quoted_protocol = fixed[9];
	} else { /* we send no extension headers: a quote with some is not of ours */
		memcpy(icmp->quoted_src.b, fixed + 8, 16);
		memcpy(icmp->quoted_dst.b, fixed + 24, 16);
		icmp->quoted_protocol = fixed[6];
	}
	payload = read_bytes(&r, QUOTED_PAYLOAD_BYTES);
	if (!payload)
		return;
	icmp->quoted_src_port = load_be16(payload);
	icmp->quoted_dst_port = load_be16(payload + 2);
	icmp->quoted_seq = load_be32(payload + 4);
	icmp->quoted_valid = true;
}

enum drop wire_icmp_parse(const uint8_t *data, size_t len, const struct wire_ip *ip, bool trusted, struct wire_icmp *icmp)
{
	uint64_t sum = 0;

	if (len < ICMP_HEADER_BYTES)
		return drop_icmp_malformed;
	if (ip->version == 6)
		sum = checksum_pseudo(&ip->src, &ip->dst, IP_ICMPV6, (uint32_t)len);
	if (!trusted && checksum_finish(checksum_add(sum, data, len)) != 0)
		return drop_icmp_checksum;
	icmp->type = data[0];
	icmp->code = data[1];
	icmp->kind = ip->version == 4 ? kind_v4(data[0], data[1]) : kind_v6(data[0], data[1]);
	icmp->rest = load_be32(data + 4);
	icmp->mtu_bytes = 0;
	if (icmp->kind == ICMP_PACKET_TOO_BIG)
		icmp->mtu_bytes = ip->version == 4 ? (uint16_t)icmp->rest : (uint16_t)(icmp->rest > 65535 ? 65535 : icmp->rest);
	icmp->quoted_valid = false;
	if (icmp->kind > ICMP_ECHO_ANSWER)
		parse_quote(data + ICMP_HEADER_BYTES, len - ICMP_HEADER_BYTES, ip->version, icmp);
	return DROP_NONE;
}

size_t wire_icmp_emit(uint8_t *out, const weir_addr *src, const weir_addr *dst, uint8_t type, uint8_t code, uint32_t rest,
                      const uint8_t *body, size_t body_len)
{
	size_t len = ICMP_HEADER_BYTES + body_len;
	uint64_t sum = weir_addr_is_v4(src) ? 0 : checksum_pseudo(src, dst, IP_ICMPV6, (uint32_t)len);
	uint16_t field;

	out[0] = type;
	out[1] = code;
	store_be16(out + 2, 0);
	store_be32(out + 4, rest);
	if (body_len > 0)
		memcpy(out + ICMP_HEADER_BYTES, body, body_len);
	field = checksum_finish(checksum_add(sum, out, len));
	memcpy(out + 2, &field, 2);
	return len;
}
