/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in CLOSE-WAIT: our direction is still open (T6.1); wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_close_wait, takes_bytes_off_sendq)
{
	close_wait();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 2, .len = 100);
	arrives(ACK, .seq = 2, .ack = 101);
	emits_nothing();
	sendq_is(0);
	state_is(CLOSE_WAIT);
}

TEST(ack_close_wait, window_update_lets_more_go)
{
	close_wait(.wnd = 100);
	user_send(150);
	emits(ACK, .seq = 1, .ack = 2, .len = 100);
	arrives(ACK, .seq = 2, .ack = 101, .wnd = 100);
	emits(ACK | PSH, .seq = 101, .ack = 2, .len = 50);
}

TEST(ack_close_wait, duplicate_changes_nothing)
{
	close_wait();
	ack_is_taken_quietly(2, 1);
}

TEST(ack_close_wait, of_the_future_is_challenged)
{
	close_wait();
	ack_is_challenged(2, 2, 1, 2);
}

TEST(ack_close_wait, of_the_far_future_is_challenged)
{
	close_wait();
	ack_is_challenged(2, 1000000000, 1, 2);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_close_wait, too_old_is_challenged)
{
	close_wait();
	ack_is_challenged(2, -70000, 1, 2);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_close_wait, outside_the_window_is_challenged)
{
	close_wait();
	ack_is_challenged(-98, 1, 1, 2);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20002, .ack = 1);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_close_wait, bit_missing_is_dropped)
{
	close_wait();
	without_ack_bit_is_dropped(2);
}
