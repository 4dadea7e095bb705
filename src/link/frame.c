/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames as bytes. Parsing is wire's; this file only knows where a checksum field lies.
 */
#include "link/frame.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

#include <string.h>

enum { TCP_CHECKSUM_AT = 16, UDP_CHECKSUM_AT = 6, ICMPV6_CHECKSUM_AT = 2 };

bool link_frame_parse(const uint8_t *head, size_t head_len, size_t len, enum weir_link_kind kind,
                      struct link_frame *frame)
{
	bool more = false;

	frame->ip_at = 0;
	if (kind == WEIR_LINK_ETHERNET) {
		struct wire_eth eth;

		if (wire_eth_parse(head, head_len, &eth) != DROP_NONE)
			return false;
		if (eth.type != ETH_IPV4 && eth.type != ETH_IPV6)
			return false;
		frame->ip_at = ETH_HEADER_BYTES;
	}
	if (wire_ip_parse(head + frame->ip_at, head_len - frame->ip_at, len - frame->ip_at, true, &frame->ip, &more) !=
	    DROP_NONE)
		return false;
	frame->transport_at = frame->ip_at + frame->ip.header_bytes;
	return true;
}

void link_frame_copy(const struct weir_packet *packet, uint8_t *out)
{
	for (unsigned i = 0; i < packet->slices; i++) {
		if (packet->slice[i].len > 0)
			memcpy(out, packet->slice[i].data, packet->slice[i].len);
		out += packet->slice[i].len;
	}
}

static size_t checksum_offset(uint8_t protocol)
{
	switch (protocol) {
	case IP_TCP:
		return TCP_CHECKSUM_AT;
	case IP_UDP:
		return UDP_CHECKSUM_AT;
	case IP_ICMPV6:
		return ICMPV6_CHECKSUM_AT;
	default:
		return SIZE_MAX;
	}
}

void link_frame_complete(uint8_t *data, size_t len, enum weir_link_kind kind)
{
	struct link_frame frame;
	uint16_t sum;
	size_t at;

	if (!link_frame_parse(data, len, len, kind, &frame) || frame.ip.fragment)
		return;
	at = checksum_offset(frame.ip.protocol);
	if (at == SIZE_MAX || at + 2 > frame.ip.payload_bytes)
		return;
	memset(data + frame.transport_at + at, 0, 2);
	sum = checksum_finish(
	    checksum_add(checksum_pseudo(&frame.ip.src, &frame.ip.dst, frame.ip.protocol, frame.ip.payload_bytes),
	                 data + frame.transport_at, frame.ip.payload_bytes));
	/* Zero in a UDP header means "not computed" (RFC 768); the other zero stands for the same sum. */
	if (sum == 0 && frame.ip.protocol == IP_UDP)
		sum = 0xffff;
	memcpy(data + frame.transport_at + at, &sum, sizeof sum);
}

bool link_frame_mark(uint8_t *data, size_t len, enum weir_link_kind kind)
{
	enum { IPV4_TOS_AT = 1, IPV4_SUM_AT = 10, IPV6_CLASS_AT = 1, IPV6_CLASS_SHIFT = 4 };
	struct link_frame frame;
	uint8_t *ip;
	uint16_t sum;

	if (!link_frame_parse(data, len, len, kind, &frame) || (frame.ip.tos & IP_ECN_MASK) == IP_NOT_ECT)
		return false;
	ip = data + frame.ip_at;
	if (frame.ip.version == 6) { /* the class's lower half is in the second byte's upper */
		ip[IPV6_CLASS_AT] |= IP_CE << IPV6_CLASS_SHIFT;
		return true;
	}
	ip[IPV4_TOS_AT] |= IP_CE;
	memset(ip + IPV4_SUM_AT, 0, 2);
	sum = checksum_finish(checksum_add(0, ip, frame.ip.header_bytes));
	memcpy(ip + IPV4_SUM_AT, &sum, sizeof sum);
	return true;
}
