/* SPDX-License-Identifier: Apache-2.0
 *
 * Silly windows, from both sides [9293 MUST-38, MUST-39; attacks E-3].
 */
#include "support/packet_test.h"

/* [9293 MUST-38] The peer opens its window byte by byte: nothing is sent into it until it is worth it. */
TEST(flow, sender_waits_for_a_window_worth_it)
{
	established(.mss = 1000, .wnd = 1000);
	user_send(5000);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	for (int wnd = 1; wnd < 100; wnd++) {
		arrives(ACK, .seq = 1, .ack = 1001, .wnd = wnd);
		emits_nothing();
	}
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 1000);
	emits(ACK, .seq = 1001, .ack = 1, .len = 1000);
}

/* Half of the largest window seen is enough: the peer's buffer is small. */
TEST(flow, half_of_the_largest_window_is_worth_it)
{
	established(.mss = 1000, .wnd = 600);
	user_send(5000);
	emits(ACK, .seq = 1, .ack = 1, .len = 600);
	arrives(ACK, .seq = 1, .ack = 601, .wnd = 299);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 601, .wnd = 300);
	emits(ACK, .seq = 601, .ack = 1, .len = 300);
}

/* [9293 MUST-38] The override: 0.1 to 1 s. */
TEST(flow, small_window_is_used_after_a_while)
{
	long long ms;

	established(.mss = 1000, .wnd = 1000);
	user_send(5000);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 50);
	emits_nothing();
	ms = ms_until_emitted(1000);
	CHECK(ms >= 100);
	emits(ACK, .seq = 1001, .ack = 1, .len = 50);
}

/* [9293 MUST-39] We tell of room only when it is worth it: half of RQS or a segment. */
TEST(flow, receiver_tells_of_room_in_large_steps)
{
	unsigned updates = 0;

	established(.rqs = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	take_emitted();
	after_ms(40);
	take_emitted();
	for (int i = 0; i < 499; i++)
		user_reads(1);
	emits_nothing();
	user_reads(1);
	emits(ACK, .seq = 1, .ack = 1001, .wnd = 500);
	for (int i = 0; i < 500; i++) {
		user_reads_up_to(1, 1);
		updates += take_emitted();
	}
	CHECK(updates <= 2);
	readable(0);
}

/* The same while data flows: the field does not creep up by single bytes. */
TEST(flow, window_on_acknowledgements_does_not_creep)
{
	established(.rqs = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	take_emitted();
	after_ms(40);
	take_emitted();
	user_reads(10);
	emits_nothing();
	arrives(ACK, .seq = 1000, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1001, .wnd = 0);
}

/* RQS of one byte: every byte is worth telling. */
TEST(flow, receive_queue_of_one_byte)
{
	established(.rqs = 1);
	for (int i = 0; i < 10; i++) {
		CHECK_EQ(info().rcv_wnd, 1);
		arrives(ACK | PSH, .seq = 1 + i, .ack = 1, .len = 1);
		CHECK_EQ(info().rcv_wnd, 0);
		take_emitted();
		after_ms(40);
		take_emitted();
		user_reads(1);
		emits(ACK, .seq = 1, .ack = 2 + i, .wnd = 1);
	}
}

/* Hard bounds: RecvQ never holds more than RQS, whatever arrives. */
TEST(flow, recvq_never_holds_more_than_rqs)
{
	established(.rqs = 777);
	for (int i = 0; i < 50; i++) {
		arrives(ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .len = 100);
		take_emitted();
		CHECK(info().recvq_bytes + info().out_of_order_bytes <= 777);
	}
	readable(777);
	user_reads(777);
	take_emitted();
}

/* The largest window counts as it grows. */
TEST(flow, largest_window_is_kept_up_to_date)
{
	established(.mss = 1000, .wnd = 100);
	user_send(5000);
	CHECK_EQ(next_emitted()->text_bytes, 100);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 800);
	CHECK_EQ(next_emitted()->text_bytes, 800);
	arrives(ACK, .seq = 1, .ack = 901, .wnd = 399);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 901, .wnd = 400);
	emits(ACK, .seq = 901, .ack = 1, .len = 400);
}
