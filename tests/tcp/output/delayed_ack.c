/* SPDX-License-Identifier: Apache-2.0
 *
 * When we acknowledge [9293 SHLD-18, SHLD-19, MUST-40, MUST-58, MUST-59, MAY-13; RFC 5681 s4.2].
 */
#include "support/packet_test.h"

/* [9293 SHLD-18, MUST-40] A lone segment: within the delay, 40 ms. */
TEST(output, lone_segment_is_acknowledged_after_the_delay)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	after_us(39999);
	emits_nothing();
	after_us(1);
	emits(ACK, .seq = 1, .ack = 11);
	after_s(10);
	emits_nothing();
}

TEST(output, delay_is_a_setting)
{
	config()->delayed_ack = weir_ms(200);
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	after_ms(199);
	emits_nothing();
	after_ms(1);
	emits(ACK, .seq = 1, .ack = 11);
}

/* [9293 SHLD-19] The second full one at once. */
TEST(output, second_full_segment_is_acknowledged_at_once)
{
	established();
	for (int i = 0; i < 4; i++) {
		arrives(ACK, .seq = 1 + 2920 * i, .ack = 1, .len = 1460);
		emits_nothing();
		arrives(ACK, .seq = 1461 + 2920 * i, .ack = 1, .len = 1460);
		CHECK_EQ(relative_ack(next_emitted()->ack), 2921 + 2920 * i);
		user_reads(2920);
		take_emitted();
	}
}

/* The first ones of a connection at once: the peer's slow start needs them. */
TEST(output, first_segments_are_acknowledged_at_once)
{
	int quick;

	established(.quick_acks = true);
	quick = tcb()->rcv.quick_acks;
	CHECK(quick >= 2 && quick <= 16);
	for (int i = 0; i < quick; i++) {
		arrives(ACK | PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10);
		emits(ACK, .seq = 1, .ack = 11 + 10 * i);
	}
	arrives(ACK | PSH, .seq = 1 + 10 * quick, .ack = 1, .len = 10);
	emits_nothing();
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11 + 10 * quick);
}

/* After a silence the peer starts slowly again: at once, as at the beginning. */
TEST(output, first_segments_after_a_silence_are_acknowledged_at_once)
{
	established();
	after_s(5);
	for (int i = 0; i < 3; i++) {
		arrives(ACK | PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10);
		emits(ACK, .seq = 1, .ack = 11 + 10 * i);
	}
}

/* Of a stream that comes slowly each large segment, at once: a sender with a window of few segments waits for it. */
TEST(output, segments_of_a_slow_stream_are_acknowledged_at_once)
{
	established();
	for (int i = 0; i < 20; i++) {
		after_ms(6);
		arrives(ACK, .seq = 1 + 1460 * i, .ack = 1, .len = 1460);
		CHECK_EQ(relative_ack(next_emitted()->ack), 1461 + 1460 * i);
		user_reads(1460);
		take_emitted();
	}
}

/* ... and so the few that make the window of a distant peer, however many they are. */
TEST(output, small_windows_are_acknowledged_segment_by_segment)
{
	uint32_t seq = 1;

	established();
	for (int segments = 1; segments <= 7; segments++) {
		after_ms(50);
		for (int i = 0; i < segments; i++) {
			arrives(ACK, .seq = seq, .ack = 1, .len = 1460);
			seq += 1460;
			CHECK_EQ(relative_ack(next_emitted()->ack), seq);
			user_reads(1460);
			take_emitted();
		}
	}
}

/* That costs no more than one acknowledgement in 4 ms: of a fast stream it is every second segment. */
TEST(output, fast_streams_get_no_more_acknowledgements)
{
	unsigned acks = 0;

	established(.rqs = 60000);
	for (int i = 0; i < 100; i++) {
		after_ms(1);
		arrives(ACK, .seq = 1 + 1460 * i, .ack = 1, .len = 1460);
		acks += talk_emitted() > 0;
		take_emitted();
		user_reads(1460);
		take_emitted();
	}
	CHECK_EQ(acks, 50);
}

/* Small ones wait: an answer may carry the acknowledgement. */
TEST(output, small_segments_of_a_slow_stream_wait)
{
	established();
	for (int i = 0; i < 3; i++) {
		after_ms(50);
		arrives(ACK | PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10);
		emits_nothing();
		after_ms(40);
		emits(ACK, .seq = 1, .ack = 11 + 10 * i);
	}
}

/* A program that answers carries its own acknowledgements, silence or not; once it fails to, they go alone again. */
TEST(output, answers_carry_the_acknowledgement)
{
	established(.quick_acks = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits(ACK, .seq = 1, .ack = 11);
	user_send(5);
	emits(ACK | PSH, .seq = 1, .ack = 11, .len = 5);
	arrives(ACK | PSH, .seq = 11, .ack = 6, .len = 10);
	emits_nothing();
	user_send(5);
	emits(ACK | PSH, .seq = 6, .ack = 21, .len = 5);
	after_s(5);
	take_emitted();
	arrives(ACK | PSH, .seq = 21, .ack = 11, .len = 10);
	emits_nothing();
	after_ms(40);
	emits(ACK, .seq = 11, .ack = 31);
	arrives(ACK | PSH, .seq = 31, .ack = 11, .len = 10);
	emits(ACK, .seq = 11, .ack = 41);
}

/* Data that goes anyway carries the acknowledgement. */
TEST(output, acknowledgement_rides_on_data)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	after_ms(10);
	user_send(5);
	emits(ACK | PSH, .seq = 1, .ack = 11, .len = 5);
	after_ms(100);
	emits_nothing();
}

/* [9293 MUST-58] All that is there is acknowledged by one. */
TEST(output, batch_is_acknowledged_by_one_segment)
{
	established();
	batch_begin();
	for (int i = 0; i < 10; i++)
		arrives(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	batch_end();
	after_ms(200);
	emits(ACK, .seq = 1, .ack = 1001);
	emits_nothing();
}

/* [9293 MUST-59] All is processed first: a gap that is filled within the batch was none, and there is no duplicate. */
TEST(output, gap_filled_within_a_batch_was_none)
{
	established();
	batch_begin();
	for (int i = 1; i <= 3; i++)
		arrives(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	batch_end();
	emits(ACK, .seq = 1, .ack = 401);
	emits_nothing();
}

/* What was there twice is told, and a gap that is still there, too. */
TEST(output, gap_left_by_a_batch_is_told)
{
	established();
	batch_begin();
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 301, .ack = 1, .len = 100);
	batch_end();
	emits(ACK, .seq = 1, .ack = 201);
	emits_nothing();
}

/* Each batch that leaves a gap tells of it. */
TEST(output, every_out_of_order_segment_is_told)
{
	established();
	for (int i = 1; i <= 3; i++) {
		arrives(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100);
		emits(ACK, .seq = 1, .ack = 1);
	}
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 401);
}

/* Three of one batch make three duplicates: the peer's fast retransmit counts them. */
TEST(output, duplicates_are_not_merged_away_in_a_batch)
{
	unsigned duplicates = 0;

	established();
	batch_begin();
	for (int i = 1; i <= 3; i++)
		arrives(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	batch_end();
	while (talk_emitted() > 0)
		duplicates += relative_ack(next_emitted()->ack) == 1;
	CHECK_EQ(duplicates, 3);
}

/* A FIN is acknowledged at once. */
TEST(output, fin_is_acknowledged_at_once)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits_nothing();
	arrives(FIN | ACK, .seq = 11, .ack = 1);
	emits(ACK, .seq = 1, .ack = 12);
}

/* Pure acknowledgements are never acknowledged. */
TEST(output, acknowledgements_are_not_acknowledged)
{
	established();
	for (int i = 0; i < 10; i++)
		arrives(ACK, .seq = 1, .ack = 1, .wnd = 1000 + i);
	after_s(10);
	emits_nothing();
}
