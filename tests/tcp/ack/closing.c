/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in CLOSING: that of our FIN leads to TIME-WAIT [W-SM-40, T6.4]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_closing, of_our_fin_leads_to_time_wait)
{
	closing();
	arrives(ACK, .seq = 2, .ack = 2);
	emits_nothing();
	state_is(TIME_WAIT);
	CHECK_EQ(info().timer, WEIR_TIMER_TIME_WAIT);
}

TEST(ack_closing, not_of_our_fin_stays)
{
	closing();
	ack_is_taken_quietly(2, 1);
}

TEST(ack_closing, of_the_future_is_challenged)
{
	closing();
	ack_is_challenged(2, 3, 2, 2);
}

TEST(ack_closing, of_the_far_future_is_challenged)
{
	closing();
	ack_is_challenged(2, 1000000000, 2, 2);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_closing, too_old_is_challenged)
{
	closing();
	ack_is_challenged(2, -70000, 2, 2);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_closing, outside_the_window_is_challenged)
{
	closing();
	ack_is_challenged(-98, 2, 2, 2);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20002, .ack = 2);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_closing, bit_missing_is_dropped)
{
	closing();
	without_ack_bit_is_dropped(2);
}
