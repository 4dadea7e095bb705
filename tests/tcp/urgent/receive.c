/* SPDX-License-Identifier: Apache-2.0
 *
 * Urgent data arriving [9293 s3.8.5, MUST-30 ... MUST-33, MUST-62, MUST-66; W-SM-41; attacks U-1 ... U-6]: a mark in
 * the stream, told when it is announced and when its byte is here; what reads do there is as on Linux.
 */
#include "support/packet_test.h"

#include <string.h>

static uint8_t pattern(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

static int64_t read_result(uint8_t *to, size_t n, unsigned flags)
{
	int64_t r;

	weir_stack_now(stack(), now());
	r = weir_recv(sock(), to, n, flags);
	after_ns(1);
	return r;
}

/* A read gives n bytes, those from this offset of the stream on. */
static void reads(uint32_t n, uint64_t offset)
{
	uint8_t got[4096] = {0};

	CHECK_EQ(read_result(got, sizeof(got), 0), n);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(got[i], pattern(offset + i));
}

static int64_t oob_result(void)
{
	uint8_t byte = 0;
	int64_t r = read_result(&byte, 1, WEIR_MSG_OOB);

	return r == 1 ? byte : r;
}

static void set_inline(int on)
{
	enum { OPT_OOBINLINE = 10 };

	user_sets(LEVEL_SOCKET, OPT_OOBINLINE, on);
}

static bool has_pri(void)
{
	return weir_poll(sock()) & WEIR_PRI;
}

/* "abcde" with URG and pointer 3: 'c' is the urgent byte. */
static void five_with_the_third_urgent(void)
{
	established();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 5, .up = 3);
}

/* [9293 MUST-62] The pointer is behind the urgent byte. */
TEST(urgent_receive, byte_in_front_of_the_pointer_is_urgent)
{
	five_with_the_third_urgent();
	CHECK(has_pri());
	CHECK(info().urgent_waiting);
	CHECK_EQ(info().urgent_offset, 2);
	CHECK_EQ(oob_result(), pattern(2));
	CHECK(!has_pri());
	take_emitted();
}

/* [9293 MUST-33] A read stops in front of the mark; the next one leaves the byte out. */
TEST(urgent_receive, reads_stop_at_the_mark)
{
	five_with_the_third_urgent();
	CHECK_EQ(weir_readable(sock()), 2);
	CHECK_EQ(weir_at_mark(sock()), 0);
	reads(2, 0);
	CHECK_EQ(weir_at_mark(sock()), 1);
	CHECK_EQ(weir_readable(sock()), 0);
	CHECK(has_pri());
	reads(2, 3);
	CHECK(!has_pri());
	CHECK_EQ(weir_at_mark(sock()), 0);
	CHECK_EQ(oob_result(), -WEIR_EINVAL); /* passed */
	CHECK(tcb()->urgent == NULL);
	take_emitted();
}

TEST(urgent_receive, read_first_out_of_band)
{
	five_with_the_third_urgent();
	CHECK_EQ(oob_result(), pattern(2));
	CHECK_EQ(oob_result(), -WEIR_EINVAL); /* read already */
	reads(2, 0);
	CHECK_EQ(weir_at_mark(sock()), 1);
	CHECK_EQ(weir_readable(sock()), 0);
	CHECK(weir_poll(sock()) & WEIR_IN);
	reads(2, 3);
	CHECK_EQ(weir_at_mark(sock()), 0);
	CHECK_EQ(weir_readable(sock()), 0);
	take_emitted();
}

TEST(urgent_receive, peeking_changes_nothing)
{
	uint8_t got[8] = {0};

	five_with_the_third_urgent();
	CHECK_EQ(read_result(got, 1, WEIR_MSG_OOB | WEIR_MSG_PEEK), 1);
	CHECK_EQ(got[0], pattern(2));
	CHECK_EQ(read_result(got, 8, WEIR_MSG_PEEK), 2);
	CHECK(has_pri());
	reads(2, 0);
	CHECK_EQ(read_result(got, 8, WEIR_MSG_PEEK), 2);
	CHECK_EQ(got[0], pattern(3));
	CHECK_EQ(weir_at_mark(sock()), 1);
	CHECK_EQ(read_result(got, 1, WEIR_MSG_OOB), 1);
	CHECK_EQ(got[0], pattern(2));
	reads(2, 3);
	take_emitted();
}

TEST(urgent_receive, inline_the_byte_is_ordinary_and_the_mark_remains)
{
	established();
	set_inline(1);
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 5, .up = 3);
	CHECK_EQ(oob_result(), -WEIR_EINVAL);
	CHECK(has_pri());
	CHECK_EQ(weir_readable(sock()), 5);
	reads(2, 0);
	CHECK_EQ(weir_at_mark(sock()), 1);
	reads(3, 2);
	CHECK_EQ(weir_at_mark(sock()), 0);
	CHECK(!has_pri());
	take_emitted();
}

/* Without a copy it is the same. */
TEST(urgent_receive, views_stop_at_the_mark)
{
	struct weir_slice piece[2];

	five_with_the_third_urgent();
	CHECK_EQ(weir_recv_view(sock(), piece), 2);
	CHECK_EQ(weir_recv_consume(sock(), 3), -WEIR_EINVAL);
	CHECK_EQ(weir_recv_consume(sock(), 2), 0);
	CHECK_EQ(weir_at_mark(sock()), 1);
	CHECK_EQ(weir_recv_view(sock(), piece), 2);
	CHECK_EQ(piece[0].data[0], pattern(3));
	CHECK_EQ(weir_recv_consume(sock(), 0), 0);
	CHECK_EQ(weir_at_mark(sock()), 1);
	CHECK_EQ(weir_recv_consume(sock(), 1), 0);
	CHECK_EQ(weir_at_mark(sock()), 0);
	reads(1, 4);
	take_emitted();
}

/* [9293 MUST-31, MUST-32] The pointer lies ahead of all text: told at once, and the byte comes later. */
TEST(urgent_receive, announced_before_it_arrives)
{
	struct weir_socket *ready[4];

	established();
	while (weir_ready(stack(), ready, 4) > 0)
		continue;
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 60000);
	CHECK_EQ(weir_ready(stack(), ready, 4), 1);
	CHECK(info().urgent_waiting);
	CHECK_EQ(info().urgent_offset, 59999);
	CHECK(!has_pri());
	CHECK_EQ(oob_result(), -WEIR_EAGAIN);
	arrives(ACK | URG, .seq = 1, .ack = 1, .len = 3, .up = 60000);
	CHECK_EQ(weir_readable(sock()), 3); /* U-2: readable all the same */
	reads(3, 0);
	CHECK_EQ(oob_result(), -WEIR_EAGAIN);
	take_emitted();
}

/* [9293 MUST-32] Each time the pointer advances. */
TEST(urgent_receive, told_again_when_the_pointer_advances)
{
	struct weir_socket *ready[4];

	established();
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 10);
	while (weir_ready(stack(), ready, 4) > 0)
		continue;
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 10);
	CHECK_EQ(weir_ready(stack(), ready, 4), 0);
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 20);
	CHECK_EQ(weir_ready(stack(), ready, 4), 1);
	CHECK_EQ(info().urgent_offset, 19);
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 5); /* U-4: never back */
	CHECK_EQ(info().urgent_offset, 19);
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 20, .up = 20);
	CHECK_EQ(oob_result(), pattern(19));
	take_emitted();
}

/* A newer mark takes the place of the old one, whose byte is ordinary then. */
TEST(urgent_receive, newer_mark_replaces_an_unread_one)
{
	five_with_the_third_urgent();
	arrives(ACK | PSH | URG, .seq = 6, .ack = 1, .len = 5, .up = 5);
	take_emitted();
	reads(9, 0);
	CHECK_EQ(oob_result(), pattern(9));
}

/* ... except where the reader has reached it. */
TEST(urgent_receive, newer_mark_while_at_the_old_one)
{
	five_with_the_third_urgent();
	reads(2, 0);
	arrives(ACK | PSH | URG, .seq = 6, .ack = 1, .len = 5, .up = 5);
	take_emitted();
	CHECK_EQ(weir_at_mark(sock()), 0);
	reads(6, 3);
	CHECK_EQ(oob_result(), pattern(9));
}

/* [attacks U-1] Pointer 0 is the first byte, as on Linux; nothing underflows. */
TEST(urgent_receive, pointer_zero)
{
	established();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 3, .up = 0);
	CHECK_EQ(oob_result(), pattern(0));
	reads(2, 1);
	take_emitted();
}

/* A pointer to what has been here already says nothing. */
TEST(urgent_receive, old_pointer_is_ignored)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	arrives(ACK | URG, .seq = 101, .ack = 1, .up = 0);
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 100, .up = 50);
	take_emitted();
	arrives(ACK | PSH | URG, .seq = 51, .ack = 1, .len = 100, .up = 20); /* its front is cut off */
	CHECK_EQ(info().urgent_offset, 100);
	CHECK_EQ(oob_result(), pattern(100)); /* pointer 0 at 101, above */
	take_emitted();
}

/* The front of the segment is old, its mark is not. */
TEST(urgent_receive, pointer_of_a_trimmed_segment)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	arrives(ACK | PSH | URG, .seq = 51, .ack = 1, .len = 100, .up = 60);
	take_emitted();
	CHECK_EQ(info().urgent_offset, 109);
	reads(109, 0);
	CHECK_EQ(oob_result(), pattern(109));
	reads(40, 110);
}

/* [9293 MUST-66] At a closed window, too. */
TEST(urgent_receive, heard_while_the_window_is_closed)
{
	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	CHECK_EQ(info().rcv_wnd, 0);
	arrives(ACK | URG, .seq = 101, .ack = 1, .up = 5);
	CHECK_EQ(info().urgent_offset, 104);
	arrives(ACK | PSH | URG, .seq = 101, .ack = 1, .len = 10, .up = 7);
	take_emitted();
	CHECK_EQ(info().urgent_offset, 106);
	reads(100, 0);
	take_emitted();
}

/* Out of order: the mark is known before the gap is filled. */
TEST(urgent_receive, mark_in_text_ahead_of_a_gap)
{
	established();
	arrives(ACK | PSH | URG, .seq = 11, .ack = 1, .len = 10, .up = 5);
	take_emitted();
	CHECK(!has_pri());
	CHECK_EQ(oob_result(), -WEIR_EAGAIN);
	arrives(ACK, .seq = 1, .ack = 1, .len = 10);
	take_emitted();
	CHECK(has_pri());
	CHECK_EQ(oob_result(), pattern(14));
	reads(14, 0);
	reads(5, 15);
}

/* A RecvQ of one byte: the urgent byte fills it, and does not for ever. */
TEST(urgent_receive, smallest_queue_does_not_stick)
{
	established(.rqs = 1);
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 1, .up = 1);
	take_emitted();
	CHECK_EQ(info().rcv_wnd, 0);
	CHECK(weir_poll(sock()) & WEIR_IN);
	CHECK_EQ(oob_result(), pattern(0));
	emits(ACK, .seq = 1, .ack = 2, .wnd = 1);
	arrives(ACK | PSH | URG, .seq = 2, .ack = 1, .len = 1, .up = 1);
	take_emitted();
	CHECK_EQ(read_result((uint8_t[1]){0}, 1, 0), -WEIR_EAGAIN); /* passes it, as on Linux */
	emits(ACK, .seq = 1, .ack = 3, .wnd = 1);
	CHECK(tcb()->urgent == NULL);
}

/* [W-SM-41] Not after the peer's FIN. */
TEST(urgent_receive, ignored_after_the_fin)
{
	close_wait();
	arrives(ACK | URG, .seq = 2, .ack = 1, .up = 100);
	CHECK(!info().urgent_waiting);
	CHECK_EQ(oob_result(), -WEIR_EINVAL);
	take_emitted();
}

/* The stream ends in front of the announced byte. */
TEST(urgent_receive, end_of_stream_in_front_of_it)
{
	established();
	arrives(FIN | ACK | URG, .seq = 1, .ack = 1, .len = 3, .up = 100);
	take_emitted();
	CHECK_EQ(oob_result(), 0);
	reads(3, 0);
	CHECK_EQ(read_result((uint8_t[1]){0}, 1, 0), 0);
}

TEST(urgent_receive, end_of_stream_behind_it)
{
	established();
	arrives(FIN | ACK | URG, .seq = 1, .ack = 1, .len = 3, .up = 3);
	take_emitted();
	reads(2, 0);
	CHECK_EQ(oob_result(), pattern(2));
	CHECK_EQ(read_result((uint8_t[1]){0}, 1, 0), 0);
	user_closes();
	emits(FIN | ACK, .seq = 1, .ack = 5); /* nothing was left unread: no RST */
}

/* Left unread, it is unread data [9293 SHLD-3]. */
TEST(urgent_receive, unread_byte_makes_close_a_reset)
{
	established();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 1, .up = 1);
	take_emitted();
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 2);
}

TEST(urgent_receive, in_half_closed_states)
{
	fin_wait_1();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 5, .up = 3);
	take_emitted();
	CHECK_EQ(oob_result(), pattern(2));
	start_again();
	fin_wait_2();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 2, .len = 5, .up = 3);
	take_emitted();
	CHECK_EQ(oob_result(), pattern(2));
}

TEST(urgent_receive, nothing_urgent)
{
	established();
	CHECK_EQ(oob_result(), -WEIR_EINVAL);
	CHECK_EQ(weir_at_mark(sock()), 0);
	CHECK_EQ(weir_readable(sock()), 0);
}

/* [attacks U-5, Q-6] A mark at every offset, read in every manner: all other bytes come, once and in order. */
TEST(urgent_receive, mark_at_every_offset)
{
	enum { LENGTH = 8 };

	for (uint16_t up = 1; up <= LENGTH; up++) {
		for (uint32_t chunk = 1; chunk <= LENGTH; chunk++) {
			uint8_t got[LENGTH];
			int64_t r;
			uint64_t at = 0;
			int calls = 0;

			established();
			arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = LENGTH, .up = up);
			take_emitted();
			while ((r = read_result(got, chunk, 0)) != -WEIR_EAGAIN) {
				CHECK(r > 0);
				for (int64_t i = 0; i < r; i++, at++) {
					at += at == up - 1u;
					CHECK_EQ(got[i], pattern(at));
				}
				CHECK(++calls < 2 * LENGTH);
			}
			CHECK(at == LENGTH || (at == LENGTH - 1 && up == LENGTH));
			CHECK(tcb()->urgent == NULL);
			start_again();
		}
	}
}

/* [attacks U-3] A reset connection leaves nothing to the next. */
TEST(urgent_receive, gone_with_the_connection)
{
	five_with_the_third_urgent();
	take_emitted();
	arrives(RST, .seq = 6);
	state_is(CLOSED);
	CHECK_EQ(oob_result(), pattern(2));
	reads(2, 0);
	reads(2, 3);
	CHECK_EQ(read_result((uint8_t[1]){0}, 1, 0), -WEIR_ECONNRESET);
}
