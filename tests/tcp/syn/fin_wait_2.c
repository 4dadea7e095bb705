/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in FIN-WAIT-2: a challenge ACK whatever the number, no change [W-SM-34, RFC 5961 s4.2].
 */
#include "synchronised.h"

TEST(syn_fin_wait_2, at_rcv_nxt_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN, 1, 2, 1);
	counter_is(tcp_syn_in_window, 1);
}

TEST(syn_fin_wait_2, in_window_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN, 5000, 2, 1);
	counter_is(tcp_syn_in_window, 1);
}

/* The handshake's own SYN once more. */
TEST(syn_fin_wait_2, duplicate_of_the_first_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN, 0, 2, 1);
}

TEST(syn_fin_wait_2, old_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN, -100000, 2, 1);
}

TEST(syn_fin_wait_2, far_ahead_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN, 1000000000, 2, 1);
}

TEST(syn_fin_wait_2, with_ack_is_challenged)
{
	fin_wait_2();
	syn_is_challenged(SYN | ACK, 2, 2, 1);
}

/* The close goes on afterwards as if nothing had been. */
TEST(syn_fin_wait_2, close_goes_on)
{
	fin_wait_2();
	syn_is_challenged(SYN, 1, 2, 1);
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}
