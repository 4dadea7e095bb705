/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP Fast Open [7413]: text on the SYN, taken from a peer that shows a cookie which this host once gave it. The room
 * above keeps the cookies and decides; here is what the protocol does with its decision.
 *
 * Active: a first SYN with a cookie and text, or with the question for a cookie. The SYN,ACK says how much of the text
 * was taken; the rest counts as never sent. A SYN that is repeated has neither (the path may not like them).
 *
 * Passive: text goes to RecvQ, the connection to the accept list, and what the program writes to the peer, before the
 * third message. How many such connections a listener may have is bounded; a RST frees no place for a minute, so that
 * who has a cookie cannot make room for himself [s5.1].
 *
 * All state is in a side structure that lives until the handshake is over.
 */
#ifndef WEIR_TCP_FASTOPEN_H
#define WEIR_TCP_FASTOPEN_H

#include "tcp/tcp.h"

enum {
	TCP_FAST_OPEN_CLIENT = 1,
	TCP_FAST_OPEN_SERVER = 2,
	TCP_FAST_OPEN_ALL = 4,
	TCP_FAST_OPEN_NO_COOKIE = 8,
	TCP_FAST_OPEN_CLIENT_NO_COOKIE = 16
};
enum { TCP_FAST_OPEN_ORDER = 8 };

struct fast_open {
	/* on our first SYN, or on our SYN,ACK */
	bool option;
	bool experimental; /* in the form from before the RFC [7413 s4.1.1, appendix] */
	uint8_t cookie_bytes;
	uint8_t cookie[TCP_MAX_COOKIE_BYTES];
	/* active */
	bool deferred; /* the SYN waits for the program's first text */
	bool repeated; /* the first SYN was not answered in time */
	uint16_t mss;  /* what the peer took when it was last met */
	/* ... as the SYN,ACK told */
	uint16_t told_mss;
	bool told_experimental;
	uint8_t told_bytes; /* 0 = no cookie */
	uint8_t told[TCP_MAX_COOKIE_BYTES];
	/* passive: counted by this listener; NULL = by none */
	struct tcp_listener *listener;
	struct list link;
};

_Static_assert(sizeof(struct fast_open) <= 1u << TCP_FAST_OPEN_ORDER, "it fits its buffer");

/* What is known of the peer. */
struct tcp_fast_open_known {
	bool text;            /* the SYN may carry some; else it asks for a cookie */
	bool experimental;    /* ... in the form from before the RFC */
	uint8_t cookie_bytes; /* 0 with text: none is needed */
	uint8_t cookie[TCP_MAX_COOKIE_BYTES];
	uint16_t mss;
};

/* After tcp_open_active(). True: the SYN waits for text. Without memory it is an ordinary opening. */
bool tcp_fast_open_begin(struct host *h, struct tcb *tcb, const struct tcp_fast_open_known *known);
/* Bytes that the SYN has room for, if it waits for them. */
uint32_t tcp_fast_open_room(struct tcb *tcb);
/* It waits no more. */
void tcp_fast_open_go(struct tcb *tcb);
/* The first text: as much as there is room for; then the SYN may go. As tcp_send(). */
int64_t tcp_fast_open_write(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n);
/* Gives the first SYN, or the SYN,ACK, its option and its text. */
void tcp_fast_open_syn(const struct tcb *tcb, struct tcp_segment *seg);
/* [1191 s3] A router says that our first SYN, with its text, was too big: the next one goes at once. */
bool tcp_fast_open_too_big(struct host *h, struct tcb *tcb, uint16_t mtu);
/* The SYN,ACK is here; what it does not acknowledge was not sent. */
void tcp_fast_open_answered(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);

/* May one more connection of this listener be open before the handshake is over? */
bool tcp_fast_open_has_room(const struct host *h, struct tcp_listener *l, uint32_t limit);
/* After tcp_open_passive() with that SYN: takes its text and puts the connection on the accept list. false: no memory.
 */
bool tcp_fast_open_accept(struct host *h, struct tcb *tcb, const struct tcp_segment *syn);
/* The SYN,ACK brings the peer this cookie. */
void tcp_fast_open_offer(struct host *h, struct tcb *tcb, const uint8_t *cookie, uint8_t bytes, bool experimental);
/* The peer has reset it before the third message. */
void tcp_fast_open_reset(const struct host *h, struct tcb *tcb);

void tcp_fast_open_free(struct host *h, struct tcb *tcb);

/* Does our SYN wait for text? */
static inline bool tcp_fast_open_waits(const struct tcb *tcb)
{
	return tcb->fast && tcb->fast->deferred;
}

#endif
