/* SPDX-License-Identifier: Apache-2.0
 *
 * Segments made by hand and looked at by hand. Building and the checksums are written here a second time, simply, so
 * that a mistake in the stack's own emitter or checksum is not made twice.
 */
#ifndef WEIR_TESTS_SUPPORT_PACKET_H
#define WEIR_TESTS_SUPPORT_PACKET_H

#include "wire/tcp.h"

#include <stdio.h>

enum { PACKET_MAX_BYTES = 66000 };

/* A segment in absolute numbers, everything as it shall be on the wire. */
struct packet_segment {
	weir_addr src, dst;
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t wnd, up;
	bool ae;
	uint8_t tos;
	uint8_t options[40];
	unsigned options_bytes; /* padded to a multiple of 4 by packet_build() */
	const uint8_t *text;
	size_t text_bytes;
};

/* Appends one option in network order. */
void packet_option_mss(struct packet_segment *seg, uint16_t mss);
void packet_option_wscale(struct packet_segment *seg, uint8_t shift);
void packet_option_timestamps(struct packet_segment *seg, uint32_t val, uint32_t ecr);
void packet_option_raw(struct packet_segment *seg, const uint8_t *bytes, size_t n);

/* Writes the whole IP packet; returns its length. out holds PACKET_MAX_BYTES. */
size_t packet_build(uint8_t *out, const struct packet_segment *seg);

/* Sets the transport checksum anew after bytes were changed. */
void packet_fix_checksum(uint8_t *packet, size_t len);

/* NULL, or what is wrong with the IP or TCP header or with a checksum of this packet. */
const char *packet_wrong(const uint8_t *packet, size_t len);

/* Into one piece; returns the length. */
size_t packet_linear(uint8_t *out, const struct weir_packet *packet);

/* Parses what packet_wrong() found right. false: not TCP. */
bool packet_parse(const uint8_t *packet, size_t len, struct wire_ip *ip, struct tcp_segment *seg);

/* "SYN,ACK", "FIN,PSH,ACK", "none". out holds PACKET_FLAGS_TEXT bytes. */
enum { PACKET_FLAGS_TEXT = 40 };
const char *packet_flags_text(uint8_t flags, char *out);

#endif
