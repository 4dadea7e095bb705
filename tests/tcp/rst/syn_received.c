/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in SYN-RECEIVED: a passive open's child vanishes and the listener does not notice; an active open has been
 * refused [9293 MUST-11, W-SM-32, W-SM-33, attacks B-11].
 */
#include "support/packet_test.h"

TEST(rst_syn_received, exact_removes_the_child)
{
	syn_received();
	arrives(RST, .seq = 1);
	emits_nothing();
	gone();
	state_is(LISTEN);
	CHECK_EQ(listener_info().incomplete_len, 0);
	counter_is(tcp_resets_received, 1);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
}

TEST(rst_syn_received, exact_refuses_an_active_open)
{
	syn_received_active();
	arrives(RST, .seq = 1);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
}

TEST(rst_syn_received, in_window_is_challenged)
{
	syn_received();
	arrives(RST, .seq = 2);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
	counter_is(tcp_rst_in_window, 1);
}

TEST(rst_syn_received, outside_the_window_is_ignored)
{
	syn_received();
	arrives(RST, .seq = 0);
	arrives(RST, .seq = 2 + TEST_RQS);
	arrives(RST, .seq = -1000000);
	emits_nothing();
	state_is(SYN_RCVD);
	counter_is(tcp_rst_outside, 3);
}

TEST(rst_syn_received, with_ack_is_no_better)
{
	syn_received();
	arrives(RST | ACK, .seq = 0, .ack = 1);
	emits_nothing();
	state_is(SYN_RCVD);
}
