/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in LAST-ACK: that of our FIN ends the structure [W-SM-40, T6.3]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_last_ack, of_our_fin_ends_it)
{
	last_ack();
	user_closes();
	state_is(LAST_ACK);
	arrives(ACK, .seq = 2, .ack = 2);
	emits_nothing();
	gone();
}

/* With a handle the structure is CLOSED and reads say end of stream. */
TEST(ack_last_ack, with_a_handle_it_is_closed)
{
	last_ack();
	arrives(ACK, .seq = 2, .ack = 2);
	state_is(CLOSED);
	error_is(0);
	user_reads_end();
}

TEST(ack_last_ack, not_of_our_fin_stays)
{
	last_ack();
	ack_is_taken_quietly(2, 1);
}

TEST(ack_last_ack, of_the_future_is_challenged)
{
	last_ack();
	ack_is_challenged(2, 3, 2, 2);
}

TEST(ack_last_ack, of_the_far_future_is_challenged)
{
	last_ack();
	ack_is_challenged(2, 1000000000, 2, 2);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_last_ack, too_old_is_challenged)
{
	last_ack();
	ack_is_challenged(2, -70000, 2, 2);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_last_ack, outside_the_window_is_challenged)
{
	last_ack();
	ack_is_challenged(-98, 2, 2, 2);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20002, .ack = 2);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_last_ack, bit_missing_is_dropped)
{
	last_ack();
	without_ack_bit_is_dropped(2);
}
