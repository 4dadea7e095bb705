/* SPDX-License-Identifier: Apache-2.0
 *
 * Urgent data on its way out [9293 s3.8.5, MUST-30, MUST-31, MUST-62; RFC 6093]: URG and its pointer on every segment
 * in front of SND.UP, at once, and no rule but the windows holds the text back.
 */
#include "support/packet_test.h"

#include <string.h>

static int64_t send_urgent_result(uint32_t n)
{
	static uint8_t text[70000];
	struct weir_slice vec = {text, n};
	int64_t taken;

	CHECK(n <= sizeof(text));
	anything_goes(); /* the bytes are not the pattern's */
	weir_stack_now(stack(), now());
	taken = weir_send(sock(), &vec, 1, WEIR_MSG_OOB);
	after_ns(1);
	return taken;
}

static void send_urgent(uint32_t n)
{
	CHECK_EQ(send_urgent_result(n), n);
}

/* [9293 MUST-62] The pointer is behind the last urgent byte. */
TEST(urgent_send, pointer_is_behind_the_last_byte)
{
	established();
	send_urgent(3);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 3, .up = 3);
	CHECK(info().urgent_sending);
	arrives(ACK, .seq = 1, .ack = 4);
	emits_nothing();
	CHECK(!info().urgent_sending);
}

TEST(urgent_send, ordinary_text_has_no_urg)
{
	established();
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 1, .up = 1);
	arrives(ACK, .seq = 1, .ack = 2);
	user_send(10);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 10);
}

/* [9293 MUST-31] Urgent text of several segments: each points to its end. */
TEST(urgent_send, every_segment_of_the_run_points_to_its_end)
{
	established(.mss = 1000);
	send_urgent(2500);
	emits(ACK | URG, .seq = 1, .ack = 1, .len = 1000, .up = 2500);
	emits(ACK | URG, .seq = 1001, .ack = 1, .len = 1000, .up = 1500);
	emits(ACK | PSH | URG, .seq = 2001, .ack = 1, .len = 500, .up = 500);
	emits_nothing();
}

/* [9293 MUST-31] More urgent text before the first has arrived: SND.UP moves on. */
TEST(urgent_send, later_urgent_text_moves_the_pointer)
{
	established(.mss = 1000);
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 1, .up = 1);
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 2, .ack = 1, .len = 1, .up = 1);
	ms_until_emitted(1000);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 2, .up = 2); /* again */
}

/* Acknowledgements in front of SND.UP say it as well. */
TEST(urgent_send, acknowledgements_carry_it)
{
	established(.mss = 1000, .wnd = 1000);
	user_send(1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	send_urgent(10);
	emits(ACK | URG, .seq = 1001, .ack = 1, .up = 10);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 2000);
	after_ms(40);
	emits(ACK | URG, .seq = 1001, .ack = 2001, .up = 10);
}

/* [9293 MUST-66] The peer learns of it although its window is closed; so do the probes say it. */
TEST(urgent_send, announced_through_a_closed_window)
{
	established(.mss = 1000, .wnd = 0);
	send_urgent(5);
	emits(ACK | URG, .seq = 1, .ack = 1, .up = 5);
	emits_nothing();
	ms_until_emitted(2000);
	emits(ACK | URG, .seq = 0, .ack = 1, .up = 6);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 1000);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 5, .up = 5);
}

/* Neither Nagle's rule nor a cork holds urgent text back. */
TEST(urgent_send, no_rule_holds_it_back)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_CORK, 1);
	user_send(100);
	emits_nothing();
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 101, .up = 101);
	user_sets(LEVEL_TCP, OPT_CORK, 0);
	send_urgent(1001);
	emits(ACK | URG, .seq = 102, .ack = 1, .len = 1000, .up = 1001);
	emits(ACK | PSH | URG, .seq = 1102, .ack = 1, .len = 1, .up = 1);
	user_send(1); /* ordinary text waits as ever */
	emits_nothing();
}

/* [RFC 6093 s3.1] What is more than 65535 bytes ahead is announced at the end of what the field can say. */
TEST(urgent_send, far_pointer_is_clipped)
{
	established(.mss = 1000, .sqs = 200000, .wnd = 1000);
	user_send(65536);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	send_urgent(4000);
	emits(ACK | URG, .seq = 1001, .ack = 1, .up = 65535);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 1000);
	emits(ACK | URG, .seq = 1001, .ack = 1, .len = 1000, .up = 65535);
	for (int sent = 2000; sent <= 5000; sent += 1000) {
		arrives(ACK, .seq = 1, .ack = sent + 1, .wnd = 1000);
		emits(ACK | URG, .seq = sent + 1, .ack = 1, .len = 1000, .up = sent == 5000 ? 64536 : 65535);
	}
}

/* A peer must not take a byte that it has for the urgent one: while more than the field reaches is under way, what is
 * sent again from its beginning says nothing. */
TEST(urgent_send, clipped_pointer_never_points_to_what_was_sent)
{
	config()->sack = false;
	established(.mss = 1000, .sqs = 300000, .wscale = 3, .wnd = 40000);
	tcb()->cwnd = 100000;
	user_send(80000);
	CHECK_EQ(take_emitted(), 80);
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 80001, .ack = 1, .len = 1, .up = 1);
	ms_until_emitted(3000);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	arrives(ACK, .seq = 1, .ack = 20001);
	CHECK_EQ(next_emitted()->flags & URG, URG);
	take_emitted();
}

TEST(urgent_send, errors_are_those_of_a_write)
{
	established();
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	CHECK_EQ(send_urgent_result(1), -WEIR_EPIPE);
	CHECK_EQ(send_urgent_result(0), -WEIR_EPIPE);
	CHECK(tcb()->urgent == NULL);
}

TEST(urgent_send, not_before_the_connection_is_there)
{
	syn_sent();
	CHECK_EQ(send_urgent_result(1), -WEIR_EAGAIN);
	CHECK(tcb()->urgent == NULL);
}

/* What does not fit SendQ is not taken; the last byte that was taken is the urgent one. */
TEST(urgent_send, full_queue_takes_a_part)
{
	established(.mss = 1000, .sqs = 100, .wnd = 0);
	CHECK_EQ(send_urgent_result(300), 100);
	emits(ACK | URG, .seq = 1, .ack = 1, .up = 100);
	CHECK_EQ(send_urgent_result(1), -WEIR_EAGAIN);
	CHECK(info().urgent_sending);
}

TEST(urgent_send, its_memory_goes_when_it_has_arrived)
{
	established();
	send_urgent(1);
	emits(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 1, .up = 1);
	CHECK(tcb()->urgent != NULL);
	arrives(ACK, .seq = 1, .ack = 2);
	user_send(1);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 1);
	CHECK(tcb()->urgent == NULL);
}
