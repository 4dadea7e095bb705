/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in SYN-RECEIVED: with the ACK of our SYN straight to CLOSE-WAIT [W-SM-37, W-SM-43].
 */
#include "support/packet_test.h"

TEST(fin_syn_received, with_our_ack_leads_to_close_wait)
{
	syn_received();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	user_accepts();
	user_reads_end();
}

/* Request and end in one segment, before accept(). */
TEST(fin_syn_received, with_text_and_our_ack)
{
	syn_received();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	emits(ACK, .seq = 1, .ack = 32);
	state_is(CLOSE_WAIT);
	user_accepts();
	user_reads(30);
	user_reads_end();
}

TEST(fin_syn_received, with_bad_ack_is_answered_with_reset)
{
	syn_received();
	arrives(FIN | ACK, .seq = 1, .ack = 5);
	emits(RST, .seq = 5);
	state_is(SYN_RCVD);
}

TEST(fin_syn_received, without_ack_is_dropped)
{
	syn_received();
	arrives(FIN, .seq = 1);
	emits_nothing();
	state_is(SYN_RCVD);
}

TEST(fin_syn_received, outside_the_window_is_acknowledged)
{
	syn_received();
	arrives(FIN | ACK, .seq = 1 + TEST_RQS, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

TEST(fin_syn_received, of_a_simultaneous_open)
{
	syn_received_active();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	user_reads_end();
}
