/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in ESTABLISHED: a challenge ACK whatever the number, no change [W-SM-34, RFC 5961 s4.2].
 */
#include "synchronised.h"

TEST(syn_established, at_rcv_nxt_is_challenged)
{
	established();
	syn_is_challenged(SYN, 1, 1, 1);
	counter_is(tcp_syn_in_window, 1);
}

TEST(syn_established, in_window_is_challenged)
{
	established();
	syn_is_challenged(SYN, 5000, 1, 1);
	counter_is(tcp_syn_in_window, 1);
}

/* The handshake's own SYN once more. */
TEST(syn_established, duplicate_of_the_first_is_challenged)
{
	established();
	syn_is_challenged(SYN, 0, 1, 1);
}

TEST(syn_established, old_is_challenged)
{
	established();
	syn_is_challenged(SYN, -100000, 1, 1);
}

TEST(syn_established, far_ahead_is_challenged)
{
	established();
	syn_is_challenged(SYN, 1000000000, 1, 1);
}

TEST(syn_established, with_ack_is_challenged)
{
	established();
	syn_is_challenged(SYN | ACK, 2, 1, 1);
}

/* [RFC 5961 s7, attacks B-4] One challenge ACK in 500 ms. */
TEST(syn_established, challenges_are_rate_limited)
{
	established();
	syn_is_challenged(SYN, 5000, 1, 1);
	arrives(SYN, .seq = 5001);
	emits_nothing();
	counter_is(tcp_challenge_limited, 1);
	after_ms(500);
	syn_is_challenged(SYN, 5002, 1, 1);
}

/* [attacks B-12] What the handshake agreed on stays: a later SYN,ACK's options are not read. */
TEST(syn_established, options_of_a_second_syn_change_nothing)
{
	established(.wscale = 3, .mss = 100);
	CHECK_EQ(info().snd_wscale, 3);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1400, .wscale = 0);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().snd_wscale, 3);
	user_send(200);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
}

/* Text on such a SYN is not taken either. */
TEST(syn_established, text_on_it_is_not_delivered)
{
	established();
	arrives(SYN | ACK, .seq = 1, .ack = 1, .len = 20);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
}
