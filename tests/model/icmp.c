/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors about segments of ours, on both sides: they end an opening, never a connection, and only when they quote
 * a number that is under way [9293 MUST-54, MUST-56, SHLD-26; RFC 5927].
 */
#include "real.h"

#include "base/bytes.h"
#include "wire/icmp.h"

#include <weir/error.h>

enum { QUOTED_TEXT = 8 };

void model_icmp(struct model *m, uint32_t seq, uint8_t error)
{
	m->reply = R_NONE;
	if (m->state != M_SYN_SENT && m->state != M_SYN_RECEIVED)
		return;
	if (within(seq, m->una, m->nxt - m->una + 1))
		model_ends(m, m->state == M_SYN_RECEIVED && m->passive ? 0 : error);
}

/* The beginning of a segment with that number. */
static size_t quote(const struct real *r, uint32_t seq, uint8_t *out)
{
	struct wire_ip ip = {
	    .src = real_address(r, 1),
	    .dst = real_address(r, 2),
	    .version = r->v6 ? 6 : 4,
	    .protocol = IP_TCP,
	    .ttl = 63,
	    .payload_bytes = TCP_HEADER_BYTES,
	};
	size_t header = wire_ip_emit(out, &ip);

	store_be16(out + header, REAL_OUR_PORT);
	store_be16(out + header + 2, REAL_PEER_PORT);
	store_be32(out + header + 4, seq);
	return header + QUOTED_TEXT;
}

/* Port unreachable, or host unreachable. */
uint8_t real_icmp(struct real *r, uint32_t seq, bool port)
{
	uint8_t body[64], bytes[160], type = r->v6 ? 1 : 3, code = r->v6 ? (port ? 4 : 3) : (port ? 3 : 1);
	size_t body_len = quote(r, seq, body), header;
	struct wire_ip ip = {
	    .src = real_address(r, 2),
	    .dst = real_address(r, 1),
	    .version = r->v6 ? 6 : 4,
	    .protocol = r->v6 ? IP_ICMPV6 : IP_ICMP,
	    .ttl = 64,
	    .payload_bytes = (uint16_t)(ICMP_HEADER_BYTES + body_len),
	};
	struct weir_packet packet;

	header = wire_ip_emit(bytes, &ip);
	wire_icmp_emit(bytes + header, &ip.src, &ip.dst, type, code, 0, body, body_len);
	packet = (struct weir_packet){.slice = {{bytes, header + ICMP_HEADER_BYTES + body_len}},
	                              .slices = 1,
	                              .len = (uint32_t)(header + ICMP_HEADER_BYTES + body_len)};
	real_note(r, ">  ICMP %s unreachable about seq=%u", port ? "port" : "host", seq);
	weir_input(r->stack, r->ifindex, &packet, 1, r->now);
	return port ? WEIR_ECONNREFUSED : WEIR_EHOSTUNREACH;
}
