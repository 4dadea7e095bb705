/* SPDX-License-Identifier: Apache-2.0
 *
 * The segments themselves: checksums of every length, sizes, what rides on them [9293 MUST-2, MUST-16, MUST-65;
 * W-SM-4]. The framework checks each one; here are the lengths and places at which mistakes would be made.
 */
#include "support/packet_test.h"

/* [9293 MUST-2] Every length around words and vectors; checksum and bytes are checked on capture. */
TEST(output, every_length_has_a_right_checksum)
{
	long long at = 1;

	established(.no_delay = true);
	for (uint32_t n = 1; n <= 140; n++) {
		user_send(n);
		emits(ACK | PSH, .seq = at, .ack = 1, .len = n);
		at += n;
		arrives(ACK, .seq = 1, .ack = at);
	}
}

/* SendQ's ring wraps: a segment's text in two pieces. */
TEST(output, text_across_the_end_of_the_ring)
{
	long long at = 1;

	established(.mss = 700, .sqs = 1000);
	for (int i = 0; i < 60; i++) {
		user_send(999);
		emits(ACK, .seq = at, .ack = 1, .len = 700);
		at += 700;
		arrives(ACK, .seq = 1, .ack = at);
		emits(ACK | PSH, .seq = at, .ack = 1, .len = 299);
		at += 299;
		arrives(ACK, .seq = 1, .ack = at);
	}
	sendq_is(0);
}

/* A queue of one byte. */
TEST(output, send_queue_of_one_byte)
{
	established(.sqs = 1);
	for (int i = 0; i < 20; i++) {
		user_send(1);
		CHECK_EQ(user_send_result(1), -WEIR_EAGAIN);
		emits(ACK | PSH, .seq = 1 + i, .ack = 1, .len = 1);
		arrives(ACK, .seq = 1, .ack = 2 + i);
	}
}

/* Repeated text may be cut otherwise: here the path's segments have become larger by then. */
TEST(output, resent_text_is_gathered)
{
	established(.no_delay = true, .mss = 1000);
	for (int i = 0; i < 5; i++) {
		user_send(10);
		emits(ACK | PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10);
	}
	ms_until_emitted(2000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
}

/* [W-SM-4] FIN rides on the last text. */
TEST(output, fin_rides_on_the_last_text)
{
	established(.wnd = 10);
	user_send(30);
	emits(ACK, .seq = 1, .ack = 1, .len = 10);
	user_shuts(WEIR_SHUT_WR);
	arrives(ACK, .seq = 1, .ack = 11, .wnd = 60);
	emits(FIN | ACK | PSH, .seq = 11, .ack = 1, .len = 20);
}

/* Memory comes back when queues are empty: an idle connection holds no ring. */
TEST(output, empty_queues_hold_no_memory)
{
	size_t idle;

	established(.sqs = 200000, .rqs = 200000);
	idle = weir_memory(stack());
	user_send(10000);
	CHECK(weir_memory(stack()) > idle);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 10001);
	take_emitted();
	arrives(ACK | PSH, .seq = 1, .ack = 10001, .len = 1000);
	user_reads(1000);
	after_ms(40);
	take_emitted();
	CHECK(tcb()->sndq.buffer == NULL);
	CHECK(tcb()->rcvq.buffer == NULL);
}
