/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in FIN-WAIT-2: nothing of ours is left to acknowledge [W-SM-40]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_fin_wait_2, duplicate_changes_nothing)
{
	fin_wait_2();
	ack_is_taken_quietly(1, 2);
	ack_is_taken_quietly(1, 1);
}

/* [W-SM-44] Only an orphan is given up after a while. */
TEST(ack_fin_wait_2, orphan_waits_a_limited_time)
{
	fin_wait_1();
	user_closes();
	arrives(ACK, .seq = 1, .ack = 2);
	state_is(FIN_WAIT_2);
	after_s(59);
	state_is(FIN_WAIT_2);
	after_s(2);
	gone();
	counter_is(tcp_orphan_expired, 1);
}

TEST(ack_fin_wait_2, of_the_future_is_challenged)
{
	fin_wait_2();
	ack_is_challenged(1, 3, 2, 1);
}

TEST(ack_fin_wait_2, of_the_far_future_is_challenged)
{
	fin_wait_2();
	ack_is_challenged(1, 1000000000, 2, 1);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_fin_wait_2, too_old_is_challenged)
{
	fin_wait_2();
	ack_is_challenged(1, -70000, 2, 1);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_fin_wait_2, outside_the_window_is_challenged)
{
	fin_wait_2();
	ack_is_challenged(-99, 2, 2, 1);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20001, .ack = 2);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_fin_wait_2, bit_missing_is_dropped)
{
	fin_wait_2();
	without_ack_bit_is_dropped(1);
}
