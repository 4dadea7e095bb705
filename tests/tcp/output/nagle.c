/* SPDX-License-Identifier: Apache-2.0
 *
 * Small writes: Nagle's rule and how to switch it off, corking, PSH [9293 SHLD-7, MUST-17, MUST-60, MUST-61, SHLD-27,
 * SHLD-28].
 */
#include "support/packet_test.h"

/* [9293 MUST-60] Nothing under way: at once. */
TEST(output, first_small_write_leaves_at_once)
{
	established();
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
}

/* [9293 SHLD-7] The second waits for the acknowledgement, and gathers. */
TEST(output, second_small_write_waits_for_the_ack)
{
	established();
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(10);
	user_send(20);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 2);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 30);
}

TEST(output, full_segments_do_not_wait)
{
	established(.mss = 100);
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(250);
	emits(ACK, .seq = 2, .ack = 1, .len = 100);
	emits(ACK, .seq = 102, .ack = 1, .len = 100);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 202);
	emits(ACK | PSH, .seq = 202, .ack = 1, .len = 50);
}

/* [9293 MUST-17] */
TEST(output, nodelay_lets_every_write_go)
{
	established(.no_delay = true);
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(10);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 10);
	user_send(20);
	emits(ACK | PSH, .seq = 12, .ack = 1, .len = 20);
}

TEST(output, switching_nodelay_on_lets_go_what_waits)
{
	established();
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(10);
	emits_nothing();
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 10);
}

/* Closing lets the tail go: nothing more will come. */
TEST(output, shutdown_lets_the_tail_go)
{
	established();
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(10);
	emits_nothing();
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK | PSH, .seq = 2, .ack = 1, .len = 10);
}

/* [9293 SHLD-27, SHLD-28] */
TEST(output, many_small_writes_become_full_segments)
{
	established(.mss = 500);
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	for (int i = 0; i < 99; i++) {
		user_send(5);
		emits_nothing();
	}
	user_send(5);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 500);
}

/* [9293 MUST-61] PSH on the last segment of what is queued, on no other. */
TEST(output, push_is_on_the_last_segment)
{
	established(.mss = 100);
	user_send(300);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK | PSH, .seq = 201, .ack = 1, .len = 100);
}

/* [9293 MAY-16] TCP_CORK holds the tail, full segments go. */
TEST(output, cork_holds_the_tail)
{
	established(.mss = 100);
	user_sets(LEVEL_TCP, OPT_CORK, 1);
	user_send(250);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits_nothing();
	user_sets(LEVEL_TCP, OPT_CORK, 0);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 201);
	take_emitted();
	CHECK_EQ(info().sendq_unsent_bytes, 0);
}

/* Once: the cork is still there for what comes later. */
TEST(output, no_delay_lets_out_what_a_cork_holds)
{
	established(.mss = 100);
	user_sets(LEVEL_TCP, OPT_CORK, 1);
	user_send(50);
	emits_nothing();
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	arrives(ACK, .seq = 1, .ack = 51);
	user_send(50);
	emits_nothing();
}

TEST(output, no_delay_lets_out_what_nagle_holds)
{
	established(.mss = 100);
	user_send(1);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1);
	user_send(20);
	emits_nothing();
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	emits(ACK | PSH, .seq = 2, .ack = 1, .len = 20);
}

/* [9293 MUST-60] Not for ever. */
TEST(output, cork_expires)
{
	established(.mss = 100);
	user_sets(LEVEL_TCP, OPT_CORK, 1);
	user_send(50);
	emits_nothing();
	CHECK(ms_until_emitted(1000) <= 500);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
}

/* [9293 MUST-61, MAY-16] MSG_MORE: the tail waits for what follows, and goes with it. */
TEST(output, more_waits_for_the_rest)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	user_send_with(100, WEIR_MSG_MORE);
	emits_nothing();
	user_send_with(200, WEIR_MSG_MORE);
	emits_nothing();
	user_send(5);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 305);
}

/* Full segments go, without PSH: the program has not asked for it. What is left goes when an acknowledgement tells that
 * the peer is ready for more. */
TEST(output, more_goes_with_an_acknowledgement)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	user_send_with(2050, WEIR_MSG_MORE);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	emits(ACK, .seq = 1001, .ack = 1, .len = 1000);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 1001);
	emits(ACK, .seq = 2001, .ack = 1, .len = 50);
}

/* [9293 MUST-60] Not for ever; then it is pushed. */
TEST(output, more_expires)
{
	established(.mss = 1000);
	user_send_with(40, WEIR_MSG_MORE);
	emits_nothing();
	CHECK_EQ(ms_until_emitted(1000), 200);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 40);
}

/* The end of the stream is what followed. */
TEST(output, more_goes_with_the_fin)
{
	established(.mss = 1000);
	user_send_with(40, WEIR_MSG_MORE);
	emits_nothing();
	user_shuts(WEIR_SHUT_WR);
	emits(ACK | PSH | FIN, .seq = 1, .ack = 1, .len = 40);
}
