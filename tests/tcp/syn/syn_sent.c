/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in SYN-SENT: with ACK of our SYN the connection is open, alone it is a simultaneous open
 * [W-SM-22, W-SM-24, W-SM-25; 9293 s3.10.7.3].
 */
#include "support/packet_test.h"

TEST(syn_syn_sent, syn_ack_establishes)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(user_connects(), 0);
	CHECK_EQ(user_connects(), -WEIR_EISCONN);
}

/* [9293 MUST-10] The same ISS again. */
TEST(syn_syn_sent, bare_syn_is_a_simultaneous_open)
{
	syn_sent();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
	CHECK_EQ(user_connects(), -WEIR_EALREADY);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(user_connects(), 0);
}

/* [W-SM-22, attacks S-8] */
TEST(syn_syn_sent, ack_of_nothing_is_answered_with_reset)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 0, .mss = 1000);
	emits(RST, .seq = 0);
	state_is(SYN_SENT);
}

TEST(syn_syn_sent, ack_of_the_future_is_answered_with_reset)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 2, .mss = 1000);
	emits(RST, .seq = 2);
	state_is(SYN_SENT);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* [W-SM-22] never a RST for a RST */
TEST(syn_syn_sent, bad_ack_with_reset_is_dropped)
{
	syn_sent();
	arrives(SYN | ACK | RST, .seq = 0, .ack = 2);
	emits_nothing();
	state_is(SYN_SENT);
}

/* [W-SM-24] Text that comes with the SYN,ACK is not acknowledged. */
TEST(syn_syn_sent, text_on_the_syn_ack_is_not_acknowledged)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .len = 8);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	readable(0);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 8);
	readable(8);
	emits(ACK, .seq = 1, .ack = 9);
}

/* What was written meanwhile follows the handshake [W-SM-2]. */
TEST(syn_syn_sent, window_of_the_syn_ack_counts)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .wnd = 30);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().snd_wnd, 30);
	user_send(100);
	CHECK(info().sendq_unsent_bytes >= 70);
	take_emitted();
}
