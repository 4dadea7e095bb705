/* SPDX-License-Identifier: Apache-2.0
 *
 * weir_ready(): each change that a program may wait for shows once, and weir_poll() has the level. A change that is not
 * told is a program that sleeps for ever.
 */
#include "support/packet_test.h"

/* What has changed so far is of no interest. */
static void forget_changes(void)
{
	struct weir_socket *s[16];

	while (weir_ready(stack(), s, 16) > 0)
		continue;
}

/* This socket, and no other, has changed; its readiness has all of these bits now. */
static void told(struct weir_socket *expected, unsigned bits)
{
	struct weir_socket *s[16];

	CHECK_EQ(weir_ready(stack(), s, 16), 1);
	CHECK(s[0] == expected);
	CHECK_EQ(weir_poll(expected) & bits, bits);
	CHECK_EQ(weir_ready(stack(), s, 16), 0);
}

TEST(readiness, connection_to_accept)
{
	syn_received();
	forget_changes();
	CHECK_EQ(weir_poll(listener()), 0);
	arrives(ACK, .seq = 1, .ack = 1);
	told(listener(), WEIR_IN);
}

TEST(readiness, connected)
{
	syn_sent();
	forget_changes();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	told(sock(), WEIR_OUT);
}

TEST(readiness, refused)
{
	syn_sent();
	forget_changes();
	arrives(RST | ACK, .seq = 0, .ack = 1);
	told(sock(), WEIR_IN | WEIR_OUT | WEIR_ERR | WEIR_HUP);
}

TEST(readiness, opening_timed_out)
{
	syn_sent();
	forget_changes();
	after_s(400);
	take_emitted();
	told(sock(), WEIR_ERR | WEIR_HUP);
}

TEST(readiness, bytes_to_read)
{
	established();
	forget_changes();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	told(sock(), WEIR_IN);
	after_ms(40);
	take_emitted();
}

/* Bytes ahead of a gap are nothing to read; those that fill it are. */
TEST(readiness, gap_filled)
{
	established();
	forget_changes();
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	take_emitted();
	CHECK_EQ(weir_poll(sock()) & WEIR_IN, 0);
	forget_changes();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	take_emitted();
	told(sock(), WEIR_IN);
}

TEST(readiness, end_of_stream)
{
	established();
	forget_changes();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	take_emitted();
	told(sock(), WEIR_IN | WEIR_RDHUP);
}

TEST(readiness, reset)
{
	established();
	forget_changes();
	arrives(RST, .seq = 1);
	told(sock(), WEIR_IN | WEIR_OUT | WEIR_ERR | WEIR_HUP | WEIR_RDHUP);
}

TEST(readiness, room_to_write)
{
	established(.sqs = 100);
	user_send(100);
	take_emitted();
	CHECK_EQ(weir_poll(sock()) & WEIR_OUT, 0);
	forget_changes();
	arrives(ACK, .seq = 1, .ack = 101);
	told(sock(), WEIR_OUT);
}

TEST(readiness, room_by_a_larger_bound)
{
	established(.sqs = 100);
	user_send(100);
	take_emitted();
	forget_changes();
	user_sets(LEVEL_SOCKET, OPT_SNDBUF, 1000);
	told(sock(), WEIR_OUT);
}

TEST(readiness, reading_shut)
{
	established();
	forget_changes();
	user_shuts(WEIR_SHUT_RD);
	told(sock(), WEIR_IN | WEIR_RDHUP);
}

TEST(readiness, writing_shut_and_peer_gone)
{
	fin_wait_2();
	forget_changes();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	take_emitted();
	told(sock(), WEIR_IN | WEIR_OUT | WEIR_HUP | WEIR_RDHUP);
}

/* The last acknowledgement empties SendQ: who lingers waits for that. */
TEST(readiness, all_is_acknowledged)
{
	fin_wait_1();
	forget_changes();
	arrives(ACK, .seq = 1, .ack = 2);
	told(sock(), WEIR_OUT);
}

TEST(readiness, gave_up)
{
	established();
	user_send(10);
	forget_changes();
	after_s(4000);
	take_emitted();
	told(sock(), WEIR_ERR | WEIR_HUP);
}

/* SO_RCVLOWAT is about the level. */
TEST(readiness, nothing_changed_nothing_told)
{
	struct weir_socket *s[4];

	established();
	forget_changes();
	after_s(1000);
	CHECK_EQ(weir_ready(stack(), s, 4), 0);
}
