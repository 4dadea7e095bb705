/* SPDX-License-Identifier: Apache-2.0
 *
 * Large TCP segments into real ones. RFC 9293 s3.1 for the fields, RFC 3168 s6.1.2 for CWR (on the first
 * segment only), RFC 6864 for the IPv4 id (a fresh one each, although most carry DF).
 */
#include "link/gso.h"

#include "base/bytes.h"
#include "base/seq.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

#include <string.h>

enum { TCP_SEQ_AT = 4, TCP_OFFSET_AT = 12, TCP_FLAGS_AT = 13, TCP_SUM_AT = 16, TCP_URGENT_AT = 18 };
enum { IPV4_LENGTH_AT = 2, IPV4_ID_AT = 4, IPV4_SUM_AT = 10, IPV6_LENGTH_AT = 4 };

bool link_gso_start(struct link_gso *gso, const struct weir_packet *packet, enum weir_link_kind kind, bool checksums)
{
	const struct weir_slice *head = &packet->slice[0];
	uint32_t tcp_bytes;

	*gso = (struct link_gso){.packet = packet};
	if (packet->slices == 0 || packet->gso_bytes == 0 ||
	    !link_frame_parse(head->data, head->len, packet->len, kind, &gso->frame))
		return false;
	if (gso->frame.ip.protocol != IP_TCP || gso->frame.ip.fragment ||
	    gso->frame.transport_at + TCP_HEADER_BYTES > head->len)
		return false;
	tcp_bytes = (uint32_t)(head->data[gso->frame.transport_at + TCP_OFFSET_AT] >> 4) * 4;
	gso->header_bytes = (uint32_t)gso->frame.transport_at + tcp_bytes;
	if (tcp_bytes < TCP_HEADER_BYTES || tcp_bytes > gso->frame.ip.payload_bytes || gso->header_bytes > head->len ||
	    gso->header_bytes > LINK_GSO_HEADER_MAX)
		return false;
	/* A segment is its own headers and pieces of the payload: these must fit the slices that are left. */
	if (packet->slices == WEIR_PACKET_SLICES && head->len > gso->header_bytes)
		return false;
	gso->payload_bytes = gso->frame.ip.payload_bytes - tcp_bytes;
	gso->compute = checksums || (packet->flags & WEIR_PACKET_TRUSTED) == 0;
	return true;
}

static void write_ip(const struct link_gso *gso, uint8_t *ip, uint32_t len)
{
	uint32_t bytes = gso->header_bytes - (uint32_t)gso->frame.ip_at + len;
	uint16_t sum;

	if (gso->frame.ip.version == 6) {
		store_be16(ip + IPV6_LENGTH_AT, (uint16_t)(bytes - IPV6_HEADER_BYTES));
		return;
	}
	store_be16(ip + IPV4_LENGTH_AT, (uint16_t)bytes);
	store_be16(ip + IPV4_ID_AT, (uint16_t)(gso->frame.ip.id + gso->index));
	memset(ip + IPV4_SUM_AT, 0, 2);
	sum = checksum_finish(checksum_add(0, ip, gso->frame.ip.header_bytes));
	memcpy(ip + IPV4_SUM_AT, &sum, sizeof sum);
}

static void write_tcp(const struct link_gso *gso, uint8_t *tcp, uint32_t len)
{
	uint16_t up = load_be16(tcp + TCP_URGENT_AT);
	uint8_t flags = tcp[TCP_FLAGS_AT];

	store_be32(tcp + TCP_SEQ_AT, seq_raw(seq_add(seq_make(load_be32(tcp + TCP_SEQ_AT)), gso->at)));
	if (gso->at > 0)
		flags &= (uint8_t)~TCP_CWR;
	if (gso->at + len < gso->payload_bytes)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	/* The urgent pointer counts from the segment's own sequence number. */
	if ((flags & TCP_URG) != 0 && up > gso->at) {
		store_be16(tcp + TCP_URGENT_AT, (uint16_t)(up - gso->at));
	} else {
		store_be16(tcp + TCP_URGENT_AT, 0);
		flags &= (uint8_t)~TCP_URG;
	}
	tcp[TCP_FLAGS_AT] = flags;
	memset(tcp + TCP_SUM_AT, 0, 2);
}

/* Appends the payload [gso->at, gso->at + len) to the segment's slices. */
static void reference_payload(const struct link_gso *gso, uint32_t len, struct weir_packet *segment)
{
	size_t skip = gso->header_bytes + gso->at;

	for (unsigned i = 0; i < gso->packet->slices && len > 0; i++) {
		const struct weir_slice *piece = &gso->packet->slice[i];
		size_t take;

		if (skip >= piece->len) {
			skip -= piece->len;
			continue;
		}
		take = piece->len - skip < len ? piece->len - skip : len;
		segment->slice[segment->slices++] = (struct weir_slice){piece->data + skip, take};
		len -= (uint32_t)take;
		skip = 0;
	}
}

static void write_checksum(const struct link_gso *gso, uint8_t *tcp, const struct weir_packet *segment)
{
	uint32_t tcp_bytes = gso->header_bytes - (uint32_t)gso->frame.transport_at;
	struct weir_slice covered[WEIR_PACKET_SLICES];
	uint16_t sum;

	memcpy(covered, segment->slice, sizeof covered);
	covered[0] = (struct weir_slice){tcp, tcp_bytes};
	sum = checksum_finish(checksum_slices(checksum_pseudo(&gso->frame.ip.src, &gso->frame.ip.dst, IP_TCP,
	                                                      segment->len - (uint32_t)gso->frame.transport_at),
	                                      covered, segment->slices));
	memcpy(tcp + TCP_SUM_AT, &sum, sizeof sum);
}

bool link_gso_next(struct link_gso *gso, uint8_t *header, struct weir_packet *segment)
{
	uint32_t left = gso->payload_bytes - gso->at;
	uint32_t len = left < gso->packet->gso_bytes ? left : gso->packet->gso_bytes;

	if (left == 0 && gso->index > 0)
		return false;
	memcpy(header, gso->packet->slice[0].data, gso->header_bytes);
	*segment = (struct weir_packet){
	    .slice[0] = {header, gso->header_bytes},
	    .slices = 1,
	    .flags = gso->packet->flags,
	    .len = gso->header_bytes + len,
	};
	write_ip(gso, header + gso->frame.ip_at, len);
	write_tcp(gso, header + gso->frame.transport_at, len);
	reference_payload(gso, len, segment);
	if (gso->compute) {
		write_checksum(gso, header + gso->frame.transport_at, segment);
		segment->flags &= (uint8_t)~WEIR_PACKET_TRUSTED;
	}
	gso->at += len;
	gso->index++;
	return true;
}
