/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in SYN-RECEIVED: the third message of the handshake [W-SM-12, W-SM-37, T5.5].
 */
#include "support/packet_test.h"

TEST(ack_syn_received, of_our_syn_establishes)
{
	syn_received();
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 1234);
	emits_nothing();
	state_is(ESTABLISHED);
	CHECK_EQ(info().snd_wnd, 1234);
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK_EQ(listener_info().accept_len, 1);
	CHECK(info().in_accept_list);
	user_accepts();
	CHECK_EQ(listener_info().accept_len, 0);
}

/* The window of this ACK is scaled, that of the SYN was not. */
TEST(ack_syn_received, window_is_scaled_from_here_on)
{
	syn_received(.wscale = 5, .wnd = 1000);
	CHECK_EQ(info().snd_wnd, 1000);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 1000);
	CHECK_EQ(info().snd_wnd, 32000);
}

TEST(ack_syn_received, of_nothing_is_answered_with_reset)
{
	syn_received();
	arrives(ACK, .seq = 1, .ack = 0);
	emits(RST, .seq = 0);
	state_is(SYN_RCVD);
	counter_is(rst_bad_ack_opening, 1);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(ack_syn_received, of_the_future_is_answered_with_reset)
{
	syn_received();
	arrives(ACK, .seq = 1, .ack = 2);
	emits(RST, .seq = 2);
	state_is(SYN_RCVD);
}

/* [W-SM-30] The sequence number is looked at first. */
TEST(ack_syn_received, outside_the_window_is_challenged)
{
	syn_received();
	arrives(ACK, .seq = 20000, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(SYN_RCVD);
}

/* [W-SM-45, W-SM-30] An ACK just left of the window counts when it is right; when not, it is unacceptable as any other,
 * and answered once. */
TEST(ack_syn_received, left_of_the_window)
{
	syn_received();
	arrives(ACK, .seq = 0, .ack = 0);
	emits(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	state_is(SYN_RCVD);
	arrives(ACK, .seq = 0, .ack = 1);
	take_emitted();
	state_is(ESTABLISHED);
}

TEST(ack_syn_received, bit_missing_is_dropped)
{
	syn_received();
	arrives(0, .seq = 1);
	emits_nothing();
	state_is(SYN_RCVD);
	counter_is(tcp_no_ack, 1);
}

TEST(ack_syn_received, simultaneous_open_is_established)
{
	syn_received_active();
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(user_connects(), 0);
}

/* [attacks S-9] The accept list is full: the third message is dropped, and a later one is good. */
TEST(ack_syn_received, accept_list_full_waits_for_room)
{
	listening(.backlog = 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(SYN, .seq = 0, .mss = 1000, .port = 40001);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 40001);
	arrives(ACK, .seq = 1, .ack = 1, .port = 40001);
	arrives(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().accept_len, 1);
	CHECK_EQ(listener_info().accept_dropped, 1);
	counter_is(tcp_accept_full, 1);
	user_accepts();
	user_closes();
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}
