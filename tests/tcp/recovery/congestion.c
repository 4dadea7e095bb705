/* SPDX-License-Identifier: Apache-2.0
 *
 * The congestion window in peace [9293 MUST-19; RFC 5681 s3.1; RFC 3465; RFC 6928; attacks C-5].
 */
#include "support/packet_test.h"

/* An acknowledgement; what it lets go is not looked at. */
static void arrives_quietly(long long seq, long long ack)
{
	arrives(ACK, .seq = seq, .ack = ack);
	take_emitted();
}

/* [6928] Ten segments at first. */
TEST(recovery, initial_window_is_ten_segments)
{
	established(.mss = 1000);
	user_send(20000);
	CHECK_EQ(take_emitted(), 10);
	CHECK_EQ(info().cwnd_bytes, 10000);
}

/* ... and at most 14600 bytes. */
TEST(recovery, initial_window_of_large_segments_is_bounded)
{
	mtu_is(9000);
	established(.mss = 8000);
	user_send(60000);
	CHECK_EQ(take_emitted(), 2);
}

/* Slow start: what is acknowledged is added. */
TEST(recovery, slow_start_doubles_each_round_trip)
{
	established(.mss = 1000);
	user_send(60000);
	CHECK_EQ(take_emitted(), 10);
	for (int i = 1; i <= 10; i++)
		arrives_quietly(1, 1 + 1000 * i);
	CHECK_EQ(info().cwnd_bytes, 20000);
	CHECK_EQ(info().sendq_unsent_bytes, 30000);
}

/* [3465, attacks C-5] Many acknowledgements of parts of a segment earn no more than one of all. */
TEST(recovery, divided_acks_earn_nothing_more)
{
	established(.mss = 1000);
	user_send(60000);
	CHECK_EQ(take_emitted(), 10);
	for (int i = 1; i <= 1000; i++)
		arrives_quietly(1, 1 + i);
	CHECK_EQ(info().cwnd_bytes, 11000);
}

/* Congestion avoidance: one segment each round trip. */
TEST(recovery, above_ssthresh_one_segment_each_window)
{
	uint32_t before;

	established(.mss = 1000);
	user_chooses("reno");
	tcb()->ssthresh = 10000;
	user_send(60000);
	CHECK_EQ(take_emitted(), 10);
	before = info().cwnd_bytes;
	for (int i = 1; i <= 10; i++)
		arrives_quietly(1, 1 + 1000 * i);
	CHECK_EQ(info().cwnd_bytes, before + 1000);
}

/* A window that the program does not fill does not grow. */
TEST(recovery, unused_window_does_not_grow)
{
	established(.mss = 1000);
	for (int i = 0; i < 50; i++) {
		user_send(100);
		emits(ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .len = 100);
		arrives(ACK, .seq = 1, .ack = 101 + 100 * i);
	}
	CHECK_EQ(info().cwnd_bytes, 10000);
}

/* [7661 s4.3] What one flight earns does not depend on how its acknowledgements are spread. */
TEST(recovery, a_window_in_use_grows_by_all_of_it)
{
	established(.mss = 1000);
	user_send(10000);
	CHECK_EQ(take_emitted(), 10);
	for (int i = 1; i <= 5; i++)
		arrives(ACK, .seq = 1, .ack = 1 + 2000 * i);
	CHECK_EQ(info().cwnd_bytes, 20000);
}

/* ... up to twice what was under way at most, and half of the window is not in use. */
TEST(recovery, a_window_not_in_use_grows_no_further)
{
	established(.mss = 1000);
	user_send(5000);
	CHECK_EQ(take_emitted(), 5);
	arrives(ACK, .seq = 1, .ack = 2001);
	arrives(ACK, .seq = 1, .ack = 5001);
	CHECK_EQ(info().cwnd_bytes, 10000);
	user_send(9000);
	CHECK_EQ(take_emitted(), 9);
	for (int i = 1; i <= 9; i++)
		arrives(ACK, .seq = 1, .ack = 5001 + 1000 * i);
	CHECK_EQ(info().cwnd_bytes, 18000);
}

static void grown_to_40(void)
{
	established(.mss = 1000, .wnd = 65000);
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	tcb()->rto = weir_ms(200);
	tcb()->cwnd = 40000;
	user_send(1000);
	CHECK_EQ(take_emitted(), 1);
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1001);
	tcb()->rto = weir_ms(200);
}

/* [5681 s4.1, 2861 s3] A window that was not used for long says little: a half for each time-out, not below the
 * initial window. */
TEST(recovery, silence_shrinks_the_window)
{
	grown_to_40();
	after_ms(201);
	user_send(30000);
	CHECK_EQ(take_emitted(), 20);
	CHECK_EQ(info().cwnd_bytes, 20000);
	start_again();
	grown_to_40();
	after_ms(5000);
	user_send(30000);
	CHECK_EQ(take_emitted(), 10);
	CHECK_EQ(info().cwnd_bytes, 10000);
}

TEST(recovery, a_short_pause_is_no_silence)
{
	grown_to_40();
	after_ms(180);
	user_send(30000);
	CHECK_EQ(take_emitted(), 30);
}

/* It counts from when something was sent last, not from when that was acknowledged. */
TEST(recovery, silence_begins_with_what_was_sent_last)
{
	grown_to_40();
	after_ms(181);
	user_send(30000);
	CHECK_EQ(take_emitted(), 20);
}

/* Several writes into one silence are one beginning. */
TEST(recovery, silence_ends_once)
{
	grown_to_40();
	after_ms(201);
	for (int i = 0; i < 3; i++)
		user_send_with(100, WEIR_MSG_MORE);
	emits_nothing();
	user_send(29700);
	CHECK_EQ(info().cwnd_bytes, 20000);
	CHECK_EQ(take_emitted(), 20);
}

/* What was written long ago begins to be sent when the window opens. */
TEST(recovery, silence_behind_a_closed_window)
{
	grown_to_40();
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 0);
	user_send(15000);
	user_send(15000);
	after_ms(401 - 20);
	take_emitted();
	CHECK_EQ(info().cwnd_bytes, 40000);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 65000);
	CHECK_EQ(info().cwnd_bytes, 10000);
	CHECK_EQ(take_emitted(), 10);
}

TEST(recovery, silence_may_be_without_effect)
{
	config()->slow_start_after_silence = false;
	grown_to_40();
	after_ms(5000);
	user_send(30000);
	CHECK_EQ(take_emitted(), 30);
}
