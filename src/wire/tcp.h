/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP segments (RFC 9293 s3.1) and their options (MSS; window scale and timestamps: RFC 7323; SACK: RFC 2018; Fast
 * Open cookies: RFC 7413).
 * struct tcp_segment is what the protocol works on: SEG.* in the RFC's words.
 */
#ifndef WEIR_WIRE_TCP_H
#define WEIR_WIRE_TCP_H

#include "base/seq.h"
#include "wire/ip.h"

#include <weir/packet.h>

enum { TCP_HEADER_BYTES = 20, TCP_MAX_HEADER_BYTES = 60, TCP_MAX_SACK_BLOCKS = 4 };
enum { TCP_MIN_COOKIE_BYTES = 4, TCP_MAX_COOKIE_BYTES = 16 }; /* of Fast Open [7413 s4.1.1] */

/* Two NOPs, kind and length of timestamps: how the options of nearly every segment of an established connection begin,
 * and how many bytes they are. */
#define TCP_NOP_NOP_TIMESTAMPS UINT32_C(0x0101080a)
enum { TCP_TIMESTAMPS_BYTES = 12 };

enum tcp_flags {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* Counters of text bytes in an option of accurate ECN, by how they were marked [9768 s3.2.3]. */
enum { TCP_ACCURATE_ECT0, TCP_ACCURATE_CE, TCP_ACCURATE_ECT1, TCP_ACCURATE_COUNTERS };

struct tcp_sack_block {
	seq_t start, end;
};

struct tcp_options {
	bool has_mss, has_wscale, has_timestamps, sack_permitted, has_cookie;
	bool bsd_order;           /* of what is emitted on a SYN: as FreeBSD has it */
	bool cookie_experimental; /* with has_cookie: in the form from before RFC 7413 */
	uint8_t wscale;           /* as received, limited to 14 [7323 s2.3] */
	uint8_t sack_blocks;
	uint8_t cookie_bytes; /* with has_cookie: 0 = asks for one */
	uint16_t mss_bytes;
	uint16_t accurate;       /* which of accurate_bytes are there: a bit each [9768 s3.2.3] */
	uint32_t user_timeout_s; /* [5482]; 0 = none */
	uint32_t ts_val, ts_ecr;
	struct tcp_sack_block sack[TCP_MAX_SACK_BLOCKS];
	uint8_t cookie[TCP_MAX_COOKIE_BYTES];
	uint32_t accurate_bytes[TCP_ACCURATE_COUNTERS]; /* 24 bits each */
};

struct tcp_segment {
	uint16_t src_port, dst_port;
	seq_t seq;           /* SEG.SEQ */
	seq_t ack;           /* SEG.ACK; 0 without the ACK bit */
	uint32_t text_bytes; /* payload */
	uint16_t wnd;        /* the window field, unscaled, unsigned [9293 MUST-1] */
	uint16_t up;         /* urgent pointer */
	uint8_t flags;
	uint8_t text_slices;
	bool ae;     /* the ninth flag: accurate ECN [9768] */
	uint8_t ecn; /* of the IP header: ip_ecn */
	struct weir_slice text[WEIR_PACKET_SLICES];
	struct tcp_options opt;
};

/* SEG.LEN: payload, plus one each for SYN and FIN. */
static inline uint32_t tcp_segment_len(const struct tcp_segment *seg)
{
	return seg->text_bytes + ((seg->flags & TCP_SYN) != 0) + ((seg->flags & TCP_FIN) != 0);
}

/*
 * payload: the IP payload as slices; the first must hold the whole TCP header, or *more is set and drop_tcp_malformed
 * returned (linearise, call again). Verifies data offset and checksum (unless trusted) [9293 MUST-3]. The text slices
 * point into payload. Illegal option lengths end option parsing without error [9293 MUST-7]; unknown kinds are skipped
 * [MUST-6]. DROP_NONE, drop_tcp_malformed, drop_tcp_checksum.
 */
enum drop wire_tcp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted,
                         struct tcp_segment *seg, bool *more);

/*
 * Writes header and options of seg (MSS only where has_mss, ...: in the order MSS, SACK permitted, timestamps, NOP,
 * window scale, Fast Open cookie with NOPs behind it on a SYN; NOP NOP timestamps, NOP NOP SACK else, with as many SACK
 * blocks as there is room for; behind that of accurate_bytes at least two, or none). The checksum covers seg->text;
 * no_checksum leaves it 0. out holds TCP_MAX_HEADER_BYTES. Returns the header's length.
 */
size_t wire_tcp_emit(uint8_t *out, const struct tcp_segment *seg, const weir_addr *src, const weir_addr *dst,
                     bool no_checksum);

/* Bytes of options that wire_tcp_emit() would write. */
size_t wire_tcp_options_bytes(const struct tcp_options *opt, bool syn);

/*
 * The option area alone, at most 40 bytes. MSS, window scale, SACK permitted and cookies count on a SYN only, SACK
 * blocks only off it; of options that come twice the last counts; SACK blocks that are empty or run backwards are left
 * out, and so are cookies of an odd length or one that none may have.
 */
void wire_tcp_options_parse(const uint8_t *data, size_t len, bool syn, struct tcp_options *opt);
/* Returns the bytes written, a multiple of 4. */
size_t wire_tcp_options_emit(uint8_t *out, const struct tcp_options *opt, bool syn);

#endif
