/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in LAST-ACK: a challenge ACK whatever the number, no change [W-SM-34, RFC 5961 s4.2].
 */
#include "synchronised.h"

TEST(syn_last_ack, at_rcv_nxt_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN, 2, 2, 2);
	counter_is(tcp_syn_in_window, 1);
}

TEST(syn_last_ack, in_window_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN, 5001, 2, 2);
	counter_is(tcp_syn_in_window, 1);
}

/* The handshake's own SYN once more. */
TEST(syn_last_ack, duplicate_of_the_first_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN, 0, 2, 2);
}

TEST(syn_last_ack, old_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN, -100000, 2, 2);
}

TEST(syn_last_ack, far_ahead_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN, 1000000000, 2, 2);
}

TEST(syn_last_ack, with_ack_is_challenged)
{
	last_ack();
	syn_is_challenged(SYN | ACK, 3, 2, 2);
}

/* The close goes on afterwards as if nothing had been. */
TEST(syn_last_ack, close_goes_on)
{
	last_ack();
	syn_is_challenged(SYN, 2, 2, 2);
	arrives(ACK, .seq = 2, .ack = 2);
	state_is(CLOSED);
}
