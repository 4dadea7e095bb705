/* SPDX-License-Identifier: Apache-2.0
 *
 * Random segments, calls and waits in every state: no invariant breaks, no memory stays, nothing is answered
 * more than is right. What each single one should do is the other folders' business.
 */
#include "support/packet_test.h"

enum { STEPS = 60, WALKS = 60 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % below;
}

/* A number near one that matters, or anywhere. */
static long long near(long long here)
{
	static const int step[] = {0, 0, 0, 1, -1, 2, 10, 100, 1000, -100, 9999, 10000, 10001, 65536};

	if (draw(20) == 0)
		return (long long)(int32_t)state;
	return here + step[draw(sizeof(step) / sizeof(step[0]))];
}

static void random_segment(void)
{
	static const uint8_t flags[] = {ACK, ACK,       ACK, ACK | PSH, FIN | ACK, SYN,      SYN | ACK,
	                                RST, RST | ACK, 0,   FIN,       SYN | FIN, ACK | URG};
	struct weir_socket_info before = info();
	uint8_t flag = draw(10) == 0 ? (uint8_t)draw(256) : flags[draw(sizeof(flags))];
	long long seq = near(before.state == WEIR_TCP_LISTEN ? 0 : relative_ack(seq_make(before.rcv_nxt)));
	long long ack = near(before.state == WEIR_TCP_LISTEN ? 1 : relative_seq(seq_make(before.snd_nxt)));
	/* A quiet one among the wild ones, or no connection would live for long. */
	bool kind = flag & RST ? draw(20) != 0 : false;
	unsigned emitted;

	if (kind)
		flag = ACK;
	arrives(flag, .seq = seq, .ack = ack, .len = draw(3) ? 0 : draw(1500), .wnd = (int)draw(65536),
	        .up = (uint16_t)(draw(2) ? draw(9) : draw(65536)), .mss = flag & SYN ? (int)draw(2000) : NONE,
	        .wscale = flag & SYN ? (int)draw(20) : NONE);
	emitted = talk_emitted();
	while (talk_emitted() > 0)
		if (next_emitted()->flags & RST)
			CHECK(!(flag & RST)); /* [W-SM-10] */
	CHECK(emitted <= 70);
}

static void random_call(void)
{
	static uint8_t byte[3000];

	if (!has_sock()) {
		if (has_listener() && listener_info().accept_len > 0)
			user_accept_result();
		return;
	}
	switch (draw(9)) {
	case 8: /* both ways of urgent data */
		if (draw(2))
			weir_send(sock(), &(struct weir_slice){byte, 1 + draw(2000)}, 1, WEIR_MSG_OOB);
		else
			weir_recv(sock(), byte, 1, WEIR_MSG_OOB);
		break;
	case 0:
	case 1:
		user_send_result(1 + draw(3000));
		break;
	case 2:
	case 3:
	case 4:
		user_read_result(byte, 1 + draw(sizeof(byte)));
		break;
	case 5:
		if (draw(10) == 0)
			weir_shutdown(sock(), WEIR_SHUT_WR);
		break;
	case 6:
		if (draw(40) == 0)
			user_closes();
		break;
	default:
		user_sets(LEVEL_SOCKET, draw(2) ? OPT_RCVBUF : OPT_SNDBUF, (int)(1 + draw(20000)));
	}
	take_emitted();
}

/* The connection is over: a program would close its socket. */
static void close_what_is_over(void)
{
	if (has_sock() && info().state == WEIR_TCP_CLOSED)
		user_closes();
}

static void walk(uint64_t seed)
{
	anything_goes();
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < STEPS; i++) {
		switch (draw(10)) {
		case 0:
			after_ms(draw(1000));
			take_emitted();
			break;
		case 1:
		case 2:
			random_call();
			break;
		default:
			random_segment();
		}
		close_what_is_over();
	}
}

/* Whatever happened: in the end nothing is left. */
static void end_walk(void)
{
	if (has_sock())
		user_aborts();
	if (has_listener())
		user_closes_listener();
	take_emitted();
	after_s(4000);
	take_emitted();
	gone();
	start_again();
}

#define WALK_FROM(from)                                                                                                \
	TEST(walk, from_##from)                                                                                        \
	{                                                                                                              \
		for (uint64_t seed = 1; seed <= WALKS; seed++) {                                                       \
			from(.timestamps = seed % 3 == 0, .wscale = seed % 2 ? NONE : 3);                              \
			walk(seed);                                                                                    \
			end_walk();                                                                                    \
		}                                                                                                      \
	}

WALK_FROM(listening)
WALK_FROM(syn_sent)
WALK_FROM(syn_received)
WALK_FROM(syn_received_active)
WALK_FROM(established)
WALK_FROM(fin_wait_1)
WALK_FROM(fin_wait_2)
WALK_FROM(close_wait)
WALK_FROM(closing)
WALK_FROM(last_ack)
WALK_FROM(time_wait)
