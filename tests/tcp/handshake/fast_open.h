/* SPDX-License-Identifier: Apache-2.0
 *
 * A client that opens fast, again and again, with the usual ends.
 */
#ifndef WEIR_TESTS_TCP_HANDSHAKE_FAST_OPEN_H
#define WEIR_TESTS_TCP_HANDSHAKE_FAST_OPEN_H

#include "support/talk.h"

#include <string.h>

enum { OPT_FASTOPEN_CONNECT = 30, OPT_FASTOPEN_NO_COOKIE = 34 };

/* A cookie as the server sends it. */
static const uint8_t gives[] = {34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1};

static inline struct weir_socket *fresh(void)
{
	talk_start();
	CHECK_EQ(weir_socket_new(stack(), over_ipv6() ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &talk.sock), 0);
	return talk.sock;
}

static inline void set(int name, int value)
{
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, name, &value, sizeof(value)), 0);
}

/* Bound to OUR_PORT, so that the conversation is the usual one. */
static inline void fresh_bound(void)
{
	struct weir_endpoint ours = our_end(OUR_PORT);
	int on = 1;

	fresh();
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_SOCKET, OPT_REUSEADDR, &on, sizeof(on)), 0);
	CHECK_EQ(weir_bind(sock(), &ours), 0);
	talk.sent_bytes = 0;
	talk.promised = -1;
}

/* sendto(MSG_FASTOPEN) */
static inline int64_t sends_open(uint32_t n)
{
	static uint8_t text[5000];
	struct weir_slice vec = {text, n};
	struct weir_endpoint peer = peer_end(PEER_PORT);
	int64_t r;

	for (uint32_t i = 0; i < n; i++)
		text[i] = talk_pattern(i);
	weir_stack_now(stack(), now());
	r = weir_connect_send(sock(), &vec, 1, &peer);
	if (r > 0)
		talk.sent_bytes = (uint64_t)r;
	talk_settle();
	return r;
}

static inline void ends(void)
{
	user_aborts();
	take_emitted();
	gone();
}

/* A first connection, by which the cookie and the segment size are known. */
static inline void learns(void)
{
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .options = gives, .options_bytes = 12);
	emits(ACK, .seq = 1, .ack = 1);
	ends();
}

static inline void shows_cookie(const struct tcp_segment *seg)
{
	CHECK(seg->opt.has_cookie);
	CHECK_EQ(seg->opt.cookie_bytes, 8);
	CHECK(memcmp(seg->opt.cookie, gives + 2, 8) == 0);
}

#endif
