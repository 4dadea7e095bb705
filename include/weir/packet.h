/* SPDX-License-Identifier: Apache-2.0
 *
 * A packet as it crosses the border of a stack: a list of slices, not one buffer, so that a
 * segment may reference bytes of a SendQ instead of copying them.
 *
 * Lifetime: the bytes of a packet that weir_output() returned stay valid until the next call on
 * that stack. A link that holds a packet for longer copies it. weir_input() keeps no reference.
 */
#ifndef WEIR_PACKET_H
#define WEIR_PACKET_H

#include <stddef.h>
#include <stdint.h>

enum { WEIR_PACKET_SLICES = 4 };

struct weir_slice {
	const uint8_t *data;
	size_t len;
};

struct weir_mut_slice {
	uint8_t *data;
	size_t len;
};

enum weir_packet_flags {
	/* In: the link vouches for the checksums (they need not even be present).
	 * Out: the interface was configured with WEIR_IF_NO_CHECKSUM or WEIR_IF_CHECKSUM_LATER, and the
	 * transport's checksum field is 0. The IPv4 header checksum is always right. */
	WEIR_PACKET_TRUSTED = 1,
	/* In: the frame was sent to a link-layer broadcast or multicast address. The stack sets
	 * this itself for Ethernet; links without link-layer addresses may. */
	WEIR_PACKET_LINK_BROADCAST = 2,
};

struct weir_packet {
	struct weir_slice slice[WEIR_PACKET_SLICES];
	uint8_t slices;
	uint8_t flags;
	/* 0, or this packet stands for several: its payload is to be cut every gso_bytes. All
	 * headers are in slice[0]. Only where the interface's gso_max_bytes allows. */
	uint16_t gso_bytes;
	/* Sum of the slices' lengths: link header, IP header, payload. */
	uint32_t len;
};

#endif
