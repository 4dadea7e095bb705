/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in SYN-RECEIVED: with the ACK of our SYN it opens the connection and is delivered (T5.7)
 * [W-SM-37, W-SM-42].
 */
#include "support/packet_test.h"

TEST(data_syn_received, with_our_ack_is_delivered)
{
	syn_received();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	state_is(ESTABLISHED);
	readable(10);
	emits(ACK, .seq = 1, .ack = 11);
	user_accepts();
	user_reads(10);
}

/* The third message is lost, the first text overtakes it: its ACK counts, its text waits for nothing. */
TEST(data_syn_received, ahead_of_a_gap_is_held)
{
	syn_received();
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	state_is(ESTABLISHED);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	arrives(ACK, .seq = 1, .ack = 1, .len = 10);
	emits(ACK, .seq = 1, .ack = 21);
	readable(20);
}

TEST(data_syn_received, without_ack_is_dropped)
{
	syn_received();
	arrives(PSH, .seq = 1, .len = 10);
	emits_nothing();
	state_is(SYN_RCVD);
	counter_is(tcp_no_ack, 1);
}

TEST(data_syn_received, with_bad_ack_is_answered_with_reset)
{
	syn_received();
	arrives(ACK | PSH, .seq = 1, .ack = 2, .len = 10);
	emits(RST, .seq = 2);
	state_is(SYN_RCVD);
}

TEST(data_syn_received, beyond_the_window_is_acknowledged_and_dropped)
{
	syn_received();
	arrives(ACK | PSH, .seq = 1 + TEST_RQS, .ack = 1, .len = 10);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}
