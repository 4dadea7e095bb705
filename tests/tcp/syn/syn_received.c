/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in SYN-RECEIVED: the peer's first one again is answered again, another one is challenged
 * [W-SM-34, attacks B-11].
 */
#include "support/packet_test.h"

TEST(syn_syn_received, retransmitted_syn_gets_the_syn_ack_again)
{
	syn_received();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().incomplete_len, 1);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(syn_syn_received, other_syn_in_window_is_challenged)
{
	syn_received();
	arrives(SYN, .seq = 500);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

TEST(syn_syn_received, at_rcv_nxt_is_challenged)
{
	syn_received();
	arrives(SYN, .seq = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

TEST(syn_syn_received, old_is_acknowledged)
{
	syn_received();
	arrives(SYN, .seq = -5000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

TEST(syn_syn_received, far_ahead_is_acknowledged)
{
	syn_received();
	arrives(SYN, .seq = 1000000000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

/* [W-SM-30] With a wrong acknowledgement it is an old segment: told where we are, once, and no RST. */
TEST(syn_syn_received, crossing_syn_ack_with_a_wrong_ack)
{
	syn_received_active();
	arrives(SYN | ACK, .seq = 0, .ack = 9, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	state_is(SYN_RCVD);
}

/* [9293 MUST-10, Fig. 8; W-SM-45] Both have sent SYN,ACK: each takes the other's acknowledgement from it. */
TEST(syn_syn_received, crossing_syn_ack_establishes)
{
	syn_received_active();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	state_is(ESTABLISHED);
	if (take_emitted() > 0)
		CHECK_EQ(relative_ack(tcb()->rcv.nxt), 1);
	CHECK_EQ(user_connects(), 0);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

/* [W-SM-34] It did not send a SYN to be answered so. */
TEST(syn_syn_received, syn_ack_is_none_for_who_has_only_answered)
{
	syn_received();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
	arrives(SYN | ACK, .seq = 0, .ack = 7, .mss = 1000);
	emits_nothing(); /* one answer at most, and a limited one */
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(syn_syn_received, retransmitted_syn_of_a_simultaneous_open)
{
	syn_received_active();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
}
