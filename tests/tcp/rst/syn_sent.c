/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in SYN-SENT: only with the acknowledgement of our SYN is it the answer "refused" [W-SM-23, T5.2, attacks S-8].
 */
#include "support/packet_test.h"

TEST(rst_syn_sent, with_ack_of_our_syn_refuses)
{
	syn_sent();
	arrives(RST | ACK, .seq = 0, .ack = 1);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
	counter_is(tcp_failed_opens, 1);
}

TEST(rst_syn_sent, without_ack_is_dropped)
{
	syn_sent();
	arrives(RST, .seq = 0);
	emits_nothing();
	state_is(SYN_SENT);
	arrives(RST, .seq = 1);
	state_is(SYN_SENT);
}

TEST(rst_syn_sent, with_bad_ack_is_dropped)
{
	syn_sent();
	arrives(RST | ACK, .seq = 0, .ack = 0);
	arrives(RST | ACK, .seq = 0, .ack = 2);
	arrives(RST | ACK, .seq = 0, .ack = -1000);
	emits_nothing();
	state_is(SYN_SENT);
	counter_is(tcp_bad_ack, 3);
}

/* [9293 SHLD-2] */
TEST(rst_syn_sent, with_text_refuses_all_the_same)
{
	syn_sent();
	arrives(RST | ACK, .seq = 0, .ack = 1, .len = 15);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
}
