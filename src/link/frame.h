/* SPDX-License-Identifier: Apache-2.0
 *
 * A packet as a run of bytes: where its IP and transport headers are, a linear copy, and checksums that
 * the stack left to the link.
 */
#ifndef WEIR_LINK_FRAME_H
#define WEIR_LINK_FRAME_H

#include "wire/ip.h"

#include <weir/packet.h>
#include <weir/stack.h>

struct link_frame {
	size_t ip_at;        /* offset of the IP header */
	size_t transport_at; /* offset of what it carries */
	struct wire_ip ip;
};

static inline uint32_t link_header_bytes(enum weir_link_kind kind)
{
	return kind == WEIR_LINK_ETHERNET ? 14 : 0;
}

/* Finds the headers of an IP packet whose first head_len bytes are contiguous and which has len bytes in
 * all. false: it is something else, or malformed. */
bool link_frame_parse(const uint8_t *head, size_t head_len, size_t len, enum weir_link_kind kind,
                      struct link_frame *frame);

/* Copies all slices to out, which holds packet->len bytes. */
void link_frame_copy(const struct weir_packet *packet, uint8_t *out);

/* Computes the TCP, UDP or ICMPv6 checksum of a linear frame in place. What has none, and fragments, stay as
 * they are. */
void link_frame_complete(uint8_t *data, size_t len, enum weir_link_kind kind);

/* Marks a linear frame: congestion experienced [3168 s5]. false: it is no IP packet, or says not to understand that;
 * nothing was changed. */
bool link_frame_mark(uint8_t *data, size_t len, enum weir_link_kind kind);

#endif
