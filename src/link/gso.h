/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts a large TCP segment (a packet with gso_bytes set) into the segments it stands for, as a network card
 * would: each gets the headers of the whole with lengths, IPv4 id, sequence number and flags put right.
 * The payload is referenced, not copied. TCP over IPv4 and IPv6; nothing else is cut.
 */
#ifndef WEIR_LINK_GSO_H
#define WEIR_LINK_GSO_H

#include "link/frame.h"

/* Ethernet, IP with options or extension headers, TCP with options. */
enum { LINK_GSO_HEADER_MAX = 256 };

struct link_gso {
	const struct weir_packet *packet;
	struct link_frame frame;
	uint32_t header_bytes; /* link, IP and TCP */
	uint32_t payload_bytes;
	uint32_t at;    /* payload bytes already given */
	uint32_t index; /* segments already given */
	bool compute;   /* write the TCP checksum */
};

/*
 * Begins to cut packet, which must stay valid. The TCP checksum of the segments is computed when the packet is not
 * trusted, or when checksums is true (they then lose the mark). false: not TCP, malformed, headers
 * longer than LINK_GSO_HEADER_MAX or not in slice[0], or payload in four pieces.
 */
bool link_gso_start(struct link_gso *gso, const struct weir_packet *packet, enum weir_link_kind kind, bool checksums);

/* The next segment, its headers written to `header` (LINK_GSO_HEADER_MAX bytes), which it references. false: no more.
 */
bool link_gso_next(struct link_gso *gso, uint8_t *header, struct weir_packet *segment);

#endif
