/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in FIN-WAIT-1: a challenge ACK whatever the number, no change [W-SM-34, RFC 5961 s4.2].
 */
#include "synchronised.h"

TEST(syn_fin_wait_1, at_rcv_nxt_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN, 1, 2, 1);
	counter_is(tcp_syn_in_window, 1);
}

TEST(syn_fin_wait_1, in_window_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN, 5000, 2, 1);
	counter_is(tcp_syn_in_window, 1);
}

/* The handshake's own SYN once more. */
TEST(syn_fin_wait_1, duplicate_of_the_first_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN, 0, 2, 1);
}

TEST(syn_fin_wait_1, old_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN, -100000, 2, 1);
}

TEST(syn_fin_wait_1, far_ahead_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN, 1000000000, 2, 1);
}

TEST(syn_fin_wait_1, with_ack_is_challenged)
{
	fin_wait_1();
	syn_is_challenged(SYN | ACK, 2, 2, 1);
}

/* The program has closed: the structure alone answers (T1.3). */
TEST(syn_fin_wait_1, orphan_challenges_too)
{
	fin_wait_1();
	user_closes();
	arrives(SYN, .seq = 1);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_1);
}
