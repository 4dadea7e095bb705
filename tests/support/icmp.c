/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors about our segments, as a router or the peer would send them.
 */
#include "support/talk.h"

#include "base/bytes.h"
#include "wire/icmp.h"

#include <string.h>

enum { QUOTED_TEXT = 8 };

/* The first bytes of a segment of ours with this sequence number. */
static size_t quote(uint8_t *out, long long seq, uint16_t tcp_bytes)
{
	struct wire_ip ip = {
	    .src = our_end(0).addr,
	    .dst = peer_end(0).addr,
	    .protocol = IP_TCP,
	    .ttl = 63,
	    .payload_bytes = tcp_bytes,
	};
	size_t header = wire_ip_emit(out, &ip);

	store_be16(out + header, OUR_PORT);
	store_be16(out + header + 2, PEER_PORT);
	store_be32(out + header + 4, talk.iss + (uint32_t)seq);
	return header + QUOTED_TEXT;
}

static void arrives_about(uint8_t type, uint8_t code, uint32_t rest, long long quoted_seq, uint16_t tcp_bytes)
{
	uint8_t body[64], packet[160];
	size_t body_len = quote(body, quoted_seq, tcp_bytes), header;
	struct wire_ip ip = {
	    .src = peer_end(0).addr,
	    .dst = our_end(0).addr,
	    .protocol = talk.v6 ? IP_ICMPV6 : IP_ICMP,
	    .ttl = 64,
	    .payload_bytes = (uint16_t)(ICMP_HEADER_BYTES + body_len),
	};

	header = wire_ip_emit(packet, &ip);
	wire_icmp_emit(packet + header, &ip.src, &ip.dst, type, code, rest, body, body_len);
	talk_note(">  ICMP %u/%u about seq=%lld", type, code, quoted_seq);
	arrives_raw(packet, header + ICMP_HEADER_BYTES + body_len);
}

void icmp_arrives(uint8_t type, uint8_t code, long long quoted_seq)
{
	arrives_about(type, code, 0, quoted_seq, TCP_HEADER_BYTES);
}

void icmp_too_big(long long quoted_seq, uint32_t mtu)
{
	uint16_t header = talk.v6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;

	arrives_about(talk.v6 ? ICMP6_TOO_BIG : ICMP4_UNREACHABLE, talk.v6 ? 0 : 4, mtu, quoted_seq,
	              (uint16_t)(talk.mtu - header));
}
