/* SPDX-License-Identifier: Apache-2.0
 *
 * The fuzzer's other end of a few connections. It follows what the stack sends, so that a fuzzer's
 * few bytes become a segment near the window, where the interesting code is, instead of one that any
 * check drops. It keeps no state machine: which flags, which distance, what data is the fuzzer's say.
 * It builds packets by itself and shares no code with what is tested.
 */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FUZZ_FLOWS = 8,           /* four pairs of ports, over IPv4 and IPv6 */
	FUZZ_SERVER_PORT = 7,     /* the stack listens here; the peer's ports are FUZZ_PEER_PORT + flow */
	FUZZ_CLIENT_PORT = 40000, /* the stack connects from here, to FUZZ_PEER_PORT of that flow */
	FUZZ_PEER_PORT = 1000,
	FUZZ_PACKET_BYTES = 256,
	FUZZ_COOKIE_BYTES = 16,
};

/* Flow numbers: 0 to 3 IPv4, 4 to 7 IPv6; of each four the last is the one the stack opens. */
struct fuzz_flow {
	uint32_t peer_next;  /* what the stack acknowledged last */
	uint32_t stack_next; /* what follows what the stack sent last */
	/* for TCP Fast Open, as the stack gave it last */
	uint8_t cookie[FUZZ_COOKIE_BYTES];
	uint8_t cookie_bytes;
};

/* One segment in the fuzzer's words. */
struct fuzz_segment {
	uint8_t flow;
	uint8_t flags;
	int8_t seq_distance; /* from peer_next; scaled by far */
	int8_t ack_distance; /* from stack_next; scaled by far */
	uint8_t window;      /* in units of 64 bytes */
	uint8_t payload_bytes;
	uint8_t options; /* which, see peer.c */
	uint8_t more;    /* further options, and bits of ECN */
	uint8_t urgent;  /* the pointer */
	bool far;        /* distances in units of 2^24: the other side of the sequence space */
};

/* Writes the IP packet of a segment; returns its length, at most FUZZ_PACKET_BYTES + 128. */
size_t fuzz_build(const struct fuzz_flow *flow, const struct fuzz_segment *segment, uint8_t *packet);

/* An ICMP error, as IP payload, about a segment of the stack on this flow: of that kind, quoting a number that far from
 * stack_next. Returns its length, at most FUZZ_PACKET_BYTES. */
size_t fuzz_build_error(const struct fuzz_flow *flow, unsigned number, uint8_t kind, int8_t distance, uint8_t *payload);

/* Puts the header of an IP packet from the peer in front of payload; returns its length. */
size_t fuzz_ip_header(uint8_t *packet, bool ipv6, uint8_t protocol, size_t payload);

/* Learns from an IP packet that the stack sent. */
void fuzz_follow(struct fuzz_flow flows[FUZZ_FLOWS], const uint8_t *packet, size_t len);

#endif
