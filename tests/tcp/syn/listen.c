/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in LISTEN: a new structure in SYN-RECEIVED; the listener itself never changes [W-SM-20, W-SM-21, T5.4].
 */
#include "support/packet_test.h"

TEST(syn_listen, makes_a_child)
{
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wnd = TEST_RQS);
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().state, LISTEN);
	CHECK_EQ(listener_info().incomplete_len, 1);
	CHECK_EQ(listener_info().accept_len, 0);
	CHECK_EQ(info().listener_id, listener_info().id);
	CHECK_EQ(user_accept_result(), -WEIR_EAGAIN);
}

/* [attacks B-12] The window of a SYN is never scaled. */
TEST(syn_listen, window_on_a_syn_is_not_scaled)
{
	listening(.wscale = 7);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7, .wnd = 1000);
	next_emitted();
	CHECK_EQ(info().snd_wnd, 1000);
}

TEST(syn_listen, two_peers_make_two_children)
{
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(SYN, .seq = 0, .mss = 1000, .port = 40001);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 40001);
	CHECK_EQ(listener_info().incomplete_len, 2);
}

/* [9293 W-SM-20, attacks S-5] */
TEST(syn_listen, with_fin_is_dropped)
{
	listening();
	arrives(SYN | FIN, .seq = 0);
	emits_nothing();
	gone();
	counter_is(tcp_flags, 1);
}

TEST(syn_listen, with_reset_is_dropped)
{
	listening();
	arrives(SYN | RST, .seq = 0);
	emits_nothing();
	gone();
}

/* An ACK can only be for somebody else [9293 s3.10.7.2, second]. */
TEST(syn_listen, with_ack_is_answered_with_reset)
{
	listening();
	arrives(SYN | ACK, .seq = 0, .ack = 123);
	emits(RST, .seq = 123);
	gone();
	state_is(LISTEN);
}

/* [W-SM-21, attacks S-6] Text on a SYN is left to be sent again. */
TEST(syn_listen, text_is_not_acknowledged)
{
	listening();
	arrives(SYN, .seq = 0, .len = 5, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	readable(0);
	counter_is(tcp_syn_text, 1);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 5);
	emits(ACK, .seq = 1, .ack = 6);
	user_reads(5);
}

/* [RFC 3360, attacks S-11] Bits we do not know do not matter. */
TEST(syn_listen, unknown_bits_do_not_matter)
{
	listening();
	arrives(SYN | TCP_ECE | TCP_CWR | URG | PSH, .seq = 0, .mss = 1000, .up = 9);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
}
