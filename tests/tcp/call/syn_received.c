/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in SYN-RECEIVED [W-SM-2, W-SM-4, W-SM-5]. A program has such a socket only after a
 * simultaneous open: a listener's child is not accepted yet.
 */
#include "support/packet_test.h"

TEST(call_syn_received, accept_does_not_take_it)
{
	syn_received();
	CHECK_EQ(user_accept_result(), -WEIR_EAGAIN);
}

TEST(call_syn_received, send_and_receive_would_block)
{
	char byte;

	syn_received_active();
	CHECK_EQ(user_send_result(10), -WEIR_EAGAIN);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(sock()), 0);
}

TEST(call_syn_received, connect_again_says_already)
{
	syn_received_active();
	CHECK_EQ(user_connects(), -WEIR_EALREADY);
}

/* [W-SM-4] The FIN follows the handshake. */
TEST(call_syn_received, close_leads_to_fin_wait_1)
{
	syn_received_active();
	user_closes();
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 1);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	state_is(FIN_WAIT_1);
}

/* [W-SM-5] */
TEST(call_syn_received, abort_resets)
{
	syn_received_active();
	user_aborts();
	emits(RST | ACK, .seq = 1, .ack = 1);
	gone();
	counter_is(rst_aborted, 1);
}
