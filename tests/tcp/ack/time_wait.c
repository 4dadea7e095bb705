/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in TIME-WAIT: the quiet time goes on [W-SM-40]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_time_wait, duplicate_changes_nothing)
{
	time_wait();
	ack_is_taken_quietly(2, 2);
}

/* Only a FIN starts the quiet time again. */
TEST(ack_time_wait, does_not_restart_the_quiet_time)
{
	time_wait();
	user_closes();
	after_s(59);
	arrives(ACK, .seq = 2, .ack = 2);
	after_ms(1001);
	gone();
}

TEST(ack_time_wait, of_the_future_is_challenged)
{
	time_wait();
	ack_is_challenged(2, 3, 2, 2);
}

TEST(ack_time_wait, of_the_far_future_is_challenged)
{
	time_wait();
	ack_is_challenged(2, 1000000000, 2, 2);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_time_wait, too_old_is_challenged)
{
	time_wait();
	ack_is_challenged(2, -70000, 2, 2);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_time_wait, outside_the_window_is_challenged)
{
	time_wait();
	ack_is_challenged(-98, 2, 2, 2);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20002, .ack = 2);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_time_wait, bit_missing_is_dropped)
{
	time_wait();
	without_ack_bit_is_dropped(2);
}
