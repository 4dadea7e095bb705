/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in CLOSE-WAIT [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_close_wait, send_still_sends)
{
	close_wait();
	user_send(30);
	emits(ACK | PSH, .seq = 1, .ack = 2, .len = 30);
	arrives(ACK, .seq = 2, .ack = 31);
	sendq_is(0);
}

/* [W-SM-3] What is queued, then end of stream, again and again. */
TEST(call_close_wait, receive_drains_then_ends)
{
	established();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	emits(ACK, .seq = 1, .ack = 32);
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT | WEIR_RDHUP);
	user_reads(30);
	user_reads_end();
	user_reads_end();
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT | WEIR_RDHUP);
}

TEST(call_close_wait, close_sends_fin)
{
	close_wait();
	user_closes();
	emits(FIN | ACK, .seq = 1, .ack = 2);
	state_is(LAST_ACK);
}

TEST(call_close_wait, close_sends_data_first)
{
	close_wait(.wnd = 1000);
	user_send(1500);
	emits(ACK, .seq = 1, .ack = 2, .len = 1000);
	user_closes();
	emits_nothing();
	state_is(LAST_ACK);
	arrives(ACK, .seq = 2, .ack = 1001, .wnd = 1000);
	emits(FIN | ACK | PSH, .seq = 1001, .ack = 2, .len = 500);
	arrives(ACK, .seq = 2, .ack = 1502);
	gone();
}

TEST(call_close_wait, close_with_unread_data_resets)
{
	established();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	emits(ACK, .seq = 1, .ack = 32);
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 32);
	gone();
}

TEST(call_close_wait, abort_resets)
{
	close_wait();
	user_aborts();
	emits(RST | ACK, .seq = 1, .ack = 2);
	gone();
}
