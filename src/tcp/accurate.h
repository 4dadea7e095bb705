/* SPDX-License-Identifier: Apache-2.0
 *
 * Accurate feedback of congestion marks [9768]: three flags of every segment count the marked packets that have come,
 * so that the sender learns how many there were, not only that there were some; an option counts bytes. On the
 * handshake the same flags tell how the other side's first packet arrived, which shows a path that spoils the bits.
 *
 * A connection has a struct accurate where both sides agreed on it, and only then.
 */
#ifndef WEIR_TCP_ACCURATE_H
#define WEIR_TCP_ACCURATE_H

#include "tcp/tcb.h"

enum { ACCURATE_ORDER = 8 };

struct accurate {
	uint8_t answer;             /* what the handshake tells of the peer's first packet: three flags */
	uint8_t untold;             /* marks since the last segment of ours */
	bool tells_handshake : 1;   /* our next segment carries the answer */
	bool expects_handshake : 1; /* the peer's does */
	bool told : 1;              /* the peer's counter has been seen */
	bool option_due : 1;        /* the bytes have changed since they were told */
	bool option_seen : 1;       /* the peer has told of bytes */
	/* Counters: as many bits as the wire has of them are told, or heard of; they begin where those do. */
	uint32_t r_marks;                                                        /* packets that came marked */
	uint32_t s_marks;                                                        /* ... as the peer has told of ours */
	uint32_t r_bytes[TCP_ACCURATE_COUNTERS], s_bytes[TCP_ACCURATE_COUNTERS]; /* the same in bytes of text */
};

_Static_assert(sizeof(struct accurate) <= 1u << ACCURATE_ORDER, "it fits its buffer");

enum { TCP_ACCURATE_MARKS_BEGIN = 5 }; /* [9768 s3.2.1] no number that a path clears or sets by accident */

/* [9768 s3.2.1] So that an option which a path has cleared is no beginning. */
static inline uint32_t tcp_accurate_bytes_begin(unsigned counter)
{
	return counter == TCP_ACCURATE_CE ? 0 : 1;
}

/* The three flags as a number, AE first. */
static inline unsigned tcp_accurate_flags(const struct tcp_segment *seg)
{
	return (unsigned)seg->ae << 2 | (seg->flags & TCP_CWR ? 2u : 0u) | (seg->flags & TCP_ECE ? 1u : 0u);
}

static inline void tcp_accurate_set_flags(struct tcp_segment *seg, unsigned flags)
{
	seg->ae = flags >> 2 & 1;
	seg->flags &= (uint8_t) ~(TCP_CWR | TCP_ECE);
	seg->flags |= (uint8_t)((flags & 2 ? TCP_CWR : 0) | (flags & 1 ? TCP_ECE : 0));
}

/* The peer's SYN asks for it, or its answer grants it. false: it grants less, or there is no memory. */
bool tcp_accurate_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn);
void tcp_accurate_free(struct host *h, struct tcb *tcb);

/* An acceptable segment: true when it tells of marks that were not known. */
bool tcp_accurate_arrives(struct tcb *tcb, const struct tcp_segment *seg);
/* A segment but a SYN leaves, and whether it has text is not known yet. */
void tcp_accurate_tell(struct tcb *tcb, struct tcp_segment *seg);
/* It has none: there is room for the option. */
void tcp_accurate_option(struct tcb *tcb, struct tcp_segment *seg);

#endif
