/* SPDX-License-Identifier: Apache-2.0
 *
 * A burst of odd segments, as tools send it that tell systems apart by their answers: every combination of flags,
 * options in every order and out of order, windows from 1 on. It changes no connection and leaves nothing behind
 * [W-SM-10, W-SM-20, W-SM-35; attacks S-5, B-6, B-7].
 */
#include "support/packet.h"
#include "support/packet_test.h"

#include <string.h>

struct odd_options {
	uint8_t bytes[20], len;
};

/* Orders and values that fingerprinting uses, and broken ones: no length, length 1, too long, of no kind. */
static const struct odd_options odd[] = {
    {{3, 3, 10, 1, 2, 4, 5, 0xb4, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 4, 2}, 20},
    {{2, 4, 5, 0x78, 3, 3, 0, 4, 2, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 0}, 20},
    {{8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 1, 1, 3, 3, 5, 1, 2, 4, 2, 0x80}, 20},
    {{4, 2, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 3, 3, 10, 0}, 16},
    {{2, 4, 1, 9, 4, 2, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0}, 16},
    {{3, 3, 15, 1, 2, 4, 1, 9, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 4, 2}, 20},
    {{3, 3, 10, 1, 2, 4, 5, 0xb4, 4, 2, 1, 1}, 12},
    {{2, 0, 0, 0}, 4},
    {{8, 1, 5, 255}, 4},
    {{5, 10, 0, 0, 0, 9, 0, 0, 0, 1, 254, 200}, 12},
    {{34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1}, 20},
    {{0}, 0},
};
static const uint16_t window[] = {1, 2, 3, 4, 16, 63, 128, 256, 512, 1024, 31337, 32768, 65535};

enum { ODD = sizeof(odd) / sizeof(odd[0]), WINDOWS = sizeof(window) / sizeof(window[0]) };

/* How many answers there were: at most one each, no RST to a RST. */
static unsigned probe(uint8_t flags, unsigned i, long long seq, long long ack, uint16_t port, uint32_t len)
{
	unsigned answers;

	arrives(flags, .seq = seq, .ack = ack, .port = port, .len = len, .fill = 7, .wnd = window[i % WINDOWS],
	        .up = i % 5 ? 0 : 0xf7f5, .no_ts = true, .options = odd[i % ODD].bytes,
	        .options_bytes = odd[i % ODD].len);
	answers = take_emitted();
	CHECK(answers <= 1);
	if (answers && (flags & RST))
		CHECK_EQ(last_emitted()->flags & RST, 0);
	return answers;
}

/* All flags against all options, from elsewhere. */
static void burst_from(uint16_t port)
{
	for (unsigned flags = 0; flags < 256; flags++)
		for (unsigned i = 0; i < ODD; i++)
			probe((uint8_t)flags, i + flags, 77777, 99999, (uint16_t)(port + i), i % 3 == 2 ? 120 : 0);
}

/* Something of both queues, and something under way. */
static void busy_connection(void)
{
	anything_goes();
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 500);
	arrives(ACK | PSH, .seq = 901, .ack = 1, .len = 100);
	take_emitted();
	user_send(3000);
	take_emitted();
}

static void goes_on(void)
{
	user_reads(500);
	arrives(ACK | PSH, .seq = 501, .ack = 3001, .len = 400);
	take_emitted();
	user_reads(500);
	sendq_is(0);
	user_send(10);
	CHECK_EQ(next_emitted()->text_bytes, 10);
	arrives(ACK, .seq = 1001, .ack = 3011);
	sendq_is(0);
	state_is(ESTABLISHED);
}

TEST(odd_segments, from_elsewhere_they_change_no_connection_to_the_byte)
{
	static struct tcb before;
	size_t memory;

	busy_connection();
	before = *tcb();
	memory = weir_memory(stack());
	burst_from(10000);
	CHECK(memcmp(&before, tcb(), sizeof(before)) == 0);
	CHECK_EQ(listener_info().accept_len, 0);
	CHECK(weir_memory(stack()) <= memory + 65536);
	goes_on();
	after_s(300);
	take_emitted();
	CHECK_EQ(listener_info().incomplete_len, 0);
}

/* Whoever knows the four-tuple, but not the numbers. */
static void burst_at_connection(long long seq, long long ack)
{
	for (unsigned flags = 0; flags < 256; flags++)
		for (unsigned i = 0; i < ODD; i++)
			probe((uint8_t)flags, i + flags, seq, ack, PEER_PORT, i % 3 == 2 ? 120 : 0);
}

static void nothing_has_changed(const struct weir_socket_info *was)
{
	struct weir_socket_info is = info();

	CHECK_EQ(is.state, was->state);
	CHECK_EQ(is.error, 0);
	CHECK_EQ(is.snd_una, was->snd_una);
	CHECK_EQ(is.snd_nxt, was->snd_nxt);
	CHECK_EQ(is.snd_wnd, was->snd_wnd);
	CHECK_EQ(is.snd_wscale, was->snd_wscale);
	CHECK_EQ(is.snd_mss, was->snd_mss);
	CHECK_EQ(is.rcv_nxt, was->rcv_nxt);
	CHECK_EQ(is.rcv_wnd, was->rcv_wnd);
	CHECK_EQ(is.cwnd_bytes, was->cwnd_bytes);
	CHECK_EQ(is.recvq_bytes, was->recvq_bytes);
	CHECK_EQ(is.out_of_order_bytes, was->out_of_order_bytes);
	CHECK_EQ(is.sendq_bytes, was->sendq_bytes);
	CHECK_EQ(is.resent, was->resent);
	CHECK_EQ(is.timestamps, was->timestamps);
	CHECK_EQ(is.sack, was->sack);
}

TEST(odd_segments, outside_the_window_they_change_nothing)
{
	struct weir_socket_info was;

	busy_connection();
	was = info();
	burst_at_connection(0x40000000, 0x40000000);
	nothing_has_changed(&was);
	burst_at_connection(-100000, -100000);
	nothing_has_changed(&was);
	goes_on();
}

/* In the window, with an acknowledgement that cannot be. */
TEST(odd_segments, in_the_window_with_a_wrong_acknowledgement_neither)
{
	struct weir_socket_info was;

	busy_connection();
	was = info();
	burst_at_connection(700, 0x40000000);
	nothing_has_changed(&was);
	burst_at_connection(700, -100000);
	nothing_has_changed(&was);
	goes_on();
}

/* And their answers are few: a challenge now and then. */
TEST(odd_segments, answers_to_them_are_limited)
{
	unsigned answers = 0;

	busy_connection();
	for (unsigned flags = 0; flags < 256; flags++)
		if (!(flags & FIN)) /* that could be the repetition of one whose acknowledgement was lost */
			answers += probe((uint8_t)flags, flags, 0x40000000, 0x40000000, PEER_PORT, 0);
	CHECK(answers <= 2);
}

/* [W-SM-20] At a port where somebody listens only SYNs make something, and only half of it. */
TEST(odd_segments, a_listener_makes_nothing_of_them_but_of_syns)
{
	anything_goes();
	listening();
	for (unsigned flags = 0; flags < 256; flags++) {
		unsigned answers = probe((uint8_t)flags, flags, 77777, 99999, (uint16_t)(1024 + flags), 0);
		uint8_t odd_flags = (uint8_t)flags & (SYN | FIN | RST | ACK);

		if (odd_flags & RST)
			CHECK_EQ(answers, 0);
		else if (odd_flags & ACK)
			CHECK(answers == 1 && last_emitted()->flags == RST);
		else if (odd_flags == SYN)
			CHECK(answers == 1 && (last_emitted()->flags & (SYN | ACK)) == (SYN | ACK));
		else
			CHECK_EQ(answers, 0);
	}
	CHECK_EQ(listener_info().accept_len, 0);
	after_s(300);
	take_emitted();
	CHECK_EQ(listener_info().incomplete_len, 0);
}

/* [W-SM-11] At a port where nobody does, each is answered with a RST, and a RST with nothing. */
TEST(odd_segments, a_closed_port_answers_with_resets)
{
	config()->reset_rate = 0; /* otherwise so many of them at one instant are too many */
	closed();
	for (unsigned flags = 0; flags < 256; flags++)
		for (unsigned i = 0; i < ODD; i++) {
			unsigned answers = probe((uint8_t)flags, i, 77777, 99999, PEER_PORT, 0);

			CHECK_EQ(answers, !(flags & RST));
			if (answers)
				CHECK_EQ(last_emitted()->flags & ~ACK, RST);
		}
}
