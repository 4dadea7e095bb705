/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that hand out SendQ's and RecvQ's memory instead of copying, and the totals of a connection.
 */
#include "support/packet_test.h"

#include <string.h>

/* The pattern that the framework expects on the wire. */
static uint8_t pattern(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

/* Fills what was reserved as the stream's bytes from `at` on. */
static void fill(const struct weir_mut_slice piece[2], uint64_t at)
{
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < piece[i].len; k++)
			piece[i].data[k] = pattern(at++);
}

/* Commits through the stack and lets it send. */
static void commit(uint32_t n)
{
	CHECK_EQ(weir_send_commit(sock(), n), 0);
	after_ns(1);
}

TEST(output, reserved_memory_is_sent_when_committed)
{
	struct weir_mut_slice piece[2];

	established();
	CHECK_EQ(weir_send_reserve(sock(), 300, piece), 300);
	CHECK_EQ(piece[0].len + piece[1].len, 300);
	fill(piece, 0);
	sendq_is(0);
	commit(200);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 200);
	sendq_is(200);
}

TEST(output, more_than_reserved_cannot_be_committed)
{
	struct weir_mut_slice piece[2];

	established(.sqs = 100);
	CHECK_EQ(weir_send_reserve(sock(), 1000, piece), 100);
	CHECK_EQ(weir_send_commit(sock(), 101), -WEIR_EINVAL);
	fill(piece, 0);
	commit(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(weir_send_reserve(sock(), 1, piece), -WEIR_EAGAIN);
}

/* Nothing committed: nothing sent, and no memory held. */
TEST(output, reservation_given_up_holds_nothing)
{
	struct weir_mut_slice piece[2];

	established();
	CHECK_EQ(weir_send_reserve(sock(), 1000, piece), 1000);
	CHECK_EQ(weir_send_commit(sock(), 0), 0);
	after_ms(100);
	emits_nothing();
	CHECK(tcb()->sndq.buffer == NULL);
}

/* Around the end of the ring the memory comes in two pieces, and the bytes stay in order. */
TEST(output, reserved_memory_may_come_in_two_pieces)
{
	struct weir_mut_slice piece[2];
	bool two = false;
	uint64_t at = 0;

	established(.sqs = 1000, .no_delay = true);
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(weir_send_reserve(sock(), 70, piece), 70);
		two = two || piece[1].len > 0;
		fill(piece, at);
		commit(70);
		emits(ACK | PSH, .seq = (long long)at + 1, .ack = 1, .len = 70);
		at += 70;
		if (i % 7 == 6)
			arrives(ACK, .seq = 1, .ack = (long long)at + 1);
	}
	CHECK(two);
}

TEST(output, reserve_fails_as_send_does)
{
	struct weir_mut_slice piece[2];

	fin_wait_1();
	CHECK_EQ(weir_send_reserve(sock(), 10, piece), -WEIR_EPIPE);
}

TEST(output, view_shows_recvq_and_consume_takes)
{
	struct weir_slice piece[2];

	established(.rqs = 1000);
	CHECK_EQ(weir_recv_view(sock(), piece), -WEIR_EAGAIN);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 600);
	CHECK_EQ(weir_recv_view(sock(), piece), 600);
	CHECK_EQ(piece[0].len + piece[1].len, 600);
	CHECK_EQ(piece[0].data[0], pattern(0));
	CHECK_EQ(weir_recv_consume(sock(), 601), -WEIR_EINVAL);
	CHECK_EQ(weir_recv_consume(sock(), 500), 0);
	readable(100);
	CHECK_EQ(weir_recv_view(sock(), piece), 100);
	CHECK_EQ(piece[0].data[0], pattern(500));
	CHECK_EQ(weir_recv_consume(sock(), 100), 0);
	after_ms(40);
	take_emitted();
	arrives(FIN | ACK, .seq = 601, .ack = 1);
	emits(ACK, .seq = 1, .ack = 602);
	CHECK_EQ(weir_recv_view(sock(), piece), 0);
}

/* Peeking takes nothing off. */
TEST(output, peek_leaves_the_bytes)
{
	uint8_t byte[10];

	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	CHECK_EQ(weir_recv(sock(), byte, sizeof(byte), WEIR_MSG_PEEK), 10);
	CHECK_EQ(byte[9], pattern(9));
	readable(10);
	user_reads(10);
	after_ms(40);
	take_emitted();
}

/* A vector of pieces, empty ones among them, is one write. */
TEST(output, send_takes_a_vector)
{
	uint8_t text[10];
	struct weir_slice vec[4] = {{text, 3}, {NULL, 0}, {text + 3, 2}, {text + 5, 5}};

	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = pattern(i);
	established();
	CHECK_EQ(weir_send(sock(), vec, 4, 0), 10);
	after_ns(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	CHECK_EQ(weir_send(sock(), NULL, 0, 0), 0);
}

/* Totals that views show. */
TEST(output, segments_are_counted)
{
	struct weir_socket_info before;

	established();
	before = info();
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	arrives(ACK, .seq = 1, .ack = 11);
	arrives(ACK | PSH, .seq = 1, .ack = 11, .len = 5);
	user_reads(5);
	CHECK_EQ(info().segs_in - before.segs_in, 2);
	CHECK_EQ(info().segs_out - before.segs_out, 1);
	CHECK_EQ(info().written_bytes, 10);
	CHECK_EQ(info().delivered_bytes, 5);
	CHECK_EQ(info().snd_nxt, our_isn() + 11);
	CHECK_EQ(info().snd_una, our_isn() + 11);
	CHECK_EQ(info().rcv_nxt, peer_isn() + 6);
	CHECK_EQ(info().iss, our_isn());
	CHECK_EQ(info().irs, peer_isn());
	after_ms(40);
	take_emitted();
}
