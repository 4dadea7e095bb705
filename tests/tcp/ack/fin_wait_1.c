/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in FIN-WAIT-1: that of our FIN leads to FIN-WAIT-2 [W-SM-40, T6.2]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

TEST(ack_fin_wait_1, of_our_fin_leads_to_fin_wait_2)
{
	fin_wait_1();
	arrives(ACK, .seq = 1, .ack = 2);
	emits_nothing();
	state_is(FIN_WAIT_2);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE); /* T6.6: the protocol would wait for ever */
}

/* Of the text before it, not of the FIN itself. */
TEST(ack_fin_wait_1, of_text_only_stays)
{
	established();
	user_send(50);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 51, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 51);
	state_is(FIN_WAIT_1);
	sendq_is(0);
	arrives(ACK, .seq = 1, .ack = 52);
	state_is(FIN_WAIT_2);
}

/* The window still rules what was written before the close (T6.1). */
TEST(ack_fin_wait_1, window_update_lets_the_rest_and_the_fin_go)
{
	established(.wnd = 100);
	user_send(150);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	user_shuts(WEIR_SHUT_WR);
	emits_nothing();
	state_is(FIN_WAIT_1);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 100);
	emits(FIN | ACK | PSH, .seq = 101, .ack = 1, .len = 50);
	arrives(ACK, .seq = 1, .ack = 152);
	state_is(FIN_WAIT_2);
}

TEST(ack_fin_wait_1, duplicate_changes_nothing)
{
	fin_wait_1();
	ack_is_taken_quietly(1, 1);
}

TEST(ack_fin_wait_1, of_the_future_is_challenged)
{
	fin_wait_1();
	ack_is_challenged(1, 3, 2, 1);
}

TEST(ack_fin_wait_1, of_the_far_future_is_challenged)
{
	fin_wait_1();
	ack_is_challenged(1, 1000000000, 2, 1);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_fin_wait_1, too_old_is_challenged)
{
	fin_wait_1();
	ack_is_challenged(1, -70000, 2, 1);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_fin_wait_1, outside_the_window_is_challenged)
{
	fin_wait_1();
	ack_is_challenged(-99, 2, 2, 1);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20001, .ack = 2);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_fin_wait_1, bit_missing_is_dropped)
{
	fin_wait_1();
	without_ack_bit_is_dropped(1);
}
