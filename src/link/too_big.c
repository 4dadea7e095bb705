/* SPDX-License-Identifier: Apache-2.0
 *
 * See too_big.h.
 */
#include "link/too_big.h"

#include "link/frame.h"
#include "wire/icmp.h"

#include <string.h>

enum { QUOTE4_BYTES = 576, QUOTE6_BYTES = 1280, MAC_BYTES = 6, NEEDS_CUT = 4 };

static bool may_be_answered(const struct link_frame *frame)
{
	return frame->ip.dont_fragment && !frame->ip.fragment && frame->ip.protocol != IP_ICMP &&
	       frame->ip.protocol != IP_ICMPV6;
}

size_t link_too_big(uint8_t out[LINK_TOO_BIG_BYTES], const struct weir_packet *packet, enum weir_link_kind kind,
                    uint16_t mtu_bytes)
{
	const uint8_t *data = packet->slice[0].data;
	bool v6;
	size_t room, quoted, len;
	struct link_frame frame;
	struct wire_ip ip;

	if (!link_frame_parse(data, packet->len, packet->len, kind, &frame) || !may_be_answered(&frame))
		return 0;
	v6 = frame.ip.version == 6;
	room = v6 ? QUOTE6_BYTES - IPV6_HEADER_BYTES - ICMP_HEADER_BYTES
	          : QUOTE4_BYTES - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES;
	quoted = packet->len - frame.ip_at < room ? packet->len - frame.ip_at : room;
	ip = (struct wire_ip){.src = frame.ip.dst,
	                      .dst = frame.ip.src,
	                      .version = frame.ip.version,
	                      .protocol = v6 ? IP_ICMPV6 : IP_ICMP,
	                      .ttl = 64,
	                      .payload_bytes = (uint16_t)(ICMP_HEADER_BYTES + quoted)};
	if (frame.ip_at > 0) { /* back to the station that it came from */
		memcpy(out, data + MAC_BYTES, MAC_BYTES);
		memcpy(out + MAC_BYTES, data, MAC_BYTES);
		memcpy(out + 2 * MAC_BYTES, data + 2 * MAC_BYTES, frame.ip_at - 2 * MAC_BYTES);
	}
	len = frame.ip_at + wire_ip_emit(out + frame.ip_at, &ip);
	return len + wire_icmp_emit(out + len, &ip.src, &ip.dst, v6 ? ICMP6_TOO_BIG : ICMP4_UNREACHABLE,
	                            v6 ? 0 : NEEDS_CUT, mtu_bytes, data + frame.ip_at, quoted);
}
