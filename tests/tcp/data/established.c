/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in ESTABLISHED, at every place relative to the window [W-SM-30, W-SM-42; 9293 s3.10.7.4].
 */
#include "support/packet_test.h"

TEST(data_established, in_order_is_delivered)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits_nothing();
	readable(50);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 51);
	user_reads(50);
}

/* [9293 SHLD-31, MAY-13] Held, and told at once. */
TEST(data_established, out_of_order_is_held)
{
	established();
	arrives(ACK | PSH, .seq = 51, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	CHECK_EQ(info().out_of_order_bytes, 50);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 101);
	readable(100);
	user_reads(100);
}

TEST(data_established, several_gaps_fill_in_any_order)
{
	established();
	arrives(ACK, .seq = 301, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 501, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 201);
	arrives(ACK, .seq = 401, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 201);
	arrives(ACK, .seq = 201, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 601);
	user_reads(600);
}

TEST(data_established, old_is_acknowledged_and_dropped)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 51);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 51);
	readable(50);
	counter_is(tcp_out_of_window, 1);
}

/* Only the new part is taken. */
TEST(data_established, partly_old_is_trimmed)
{
	established();
	arrives(ACK, .seq = 1, .ack = 1, .len = 50);
	arrives(ACK | PSH, .seq = 21, .ack = 1, .len = 80);
	readable(100);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 101);
	user_reads(100);
}

/* What has been delivered or acknowledged never changes, whatever a later copy says [attacks Q-3]. */
TEST(data_established, other_bytes_for_old_numbers_change_nothing)
{
	established();
	arrives(ACK, .seq = 1, .ack = 1, .len = 50);
	arrives(ACK, .seq = 1, .ack = 1, .len = 50, .fill = 0xee);
	take_emitted();
	user_reads(50);
	after_ms(40);
	take_emitted();
}

TEST(data_established, beyond_the_window_is_acknowledged_and_dropped)
{
	established();
	arrives(ACK | PSH, .seq = 1 + TEST_RQS, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	CHECK_EQ(info().out_of_order_bytes, 0);
	counter_is(tcp_out_of_window, 1);
}

TEST(data_established, far_future_is_acknowledged_and_dropped)
{
	established();
	arrives(ACK | PSH, .seq = 1000000000, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
}

/* The last byte of the window is inside, the next is not. */
TEST(data_established, at_the_right_edge_is_trimmed)
{
	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 91, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().out_of_order_bytes, 10);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 120);
	CHECK_EQ(next_emitted()->wnd, 0);
	readable(100);
	user_reads(100);
	CHECK_EQ(next_emitted()->wnd, 100);
}

/* [9293 MUST-66] RecvQ is full: the text waits, the ACK counts. */
TEST(data_established, ack_field_counts_at_a_zero_window)
{
	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	after_ms(40);
	take_emitted();
	user_send(50);
	emits(ACK | PSH, .seq = 1, .ack = 101, .len = 50, .wnd = 0);
	arrives(ACK | PSH, .seq = 101, .ack = 51, .len = 10);
	emits(ACK, .seq = 51, .ack = 101, .wnd = 0);
	counter_is(tcp_out_of_window, 1);
	sendq_is(0);
	readable(100);
}

/* The same range twice, half of it twice. */
TEST(data_established, overlaps_ahead_of_the_gap_are_one)
{
	established();
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 151, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().out_of_order_bytes, 150);
	arrives(ACK, .seq = 1, .ack = 1, .len = 120);
	emits(ACK, .seq = 1, .ack = 251);
	user_reads(250);
}

/* [attacks Q-1] More gaps than are remembered: the rest is dropped and comes again; nothing is lost. */
TEST(data_established, too_many_gaps_are_refused_and_counted)
{
	established();
	for (int i = 1; i <= (int)AHEAD_RANGES_MAX + 8; i++) {
		arrives(ACK, .seq = 1 + 4 * i, .ack = 1, .len = 2);
		emits(ACK, .seq = 1, .ack = 1);
	}
	counter_is(tcp_ranges_full, 8);
	for (int i = 0; i <= (int)AHEAD_RANGES_MAX + 8; i++) {
		arrives(ACK, .seq = 1 + 4 * i, .ack = 1, .len = 4);
		take_emitted();
	}
	user_reads(4 * (AHEAD_RANGES_MAX + 9));
	after_ms(40);
	take_emitted();
}

/* A RecvQ of megabytes remembers more of them: a queue that overflowed on a fast path leaves thousands. */
TEST(data_established, gaps_grow_with_the_queue)
{
	established(.rqs = 2 << 20);
	for (int i = 1; i <= (int)AHEAD_RANGES_MAX + 8; i++) {
		arrives(ACK, .seq = 1 + 4 * i, .ack = 1, .len = 2);
		emits(ACK, .seq = 1, .ack = 1);
	}
	counter_is(tcp_ranges_full, 0);
	CHECK_EQ(info().out_of_order_bytes, 2 * (AHEAD_RANGES_MAX + 8));
}

/* Text without PSH is delivered all the same. */
TEST(data_established, push_does_not_matter)
{
	established();
	arrives(ACK, .seq = 1, .ack = 1, .len = 7);
	user_reads(7);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 8);
}

/* [9293 MUST-58, MUST-59] What arrives as one batch is acknowledged once, when all of it has been seen. */
TEST(data_established, a_batch_is_acknowledged_once)
{
	established();
	batch_begin();
	for (int i = 0; i < 8; i++)
		arrives(ACK, .seq = 1 + 1000 * i, .ack = 1, .len = 1000);
	batch_end();
	emits(ACK, .seq = 1, .ack = 8001);
	emits_nothing();
	user_reads(8000);
	take_emitted();
}
