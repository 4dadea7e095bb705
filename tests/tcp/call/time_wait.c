/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in TIME-WAIT [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_time_wait, send_fails)
{
	time_wait();
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}

/* [W-SM-3] What is queued is still delivered. */
TEST(call_time_wait, receive_drains_then_ends)
{
	fin_wait_2();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 2, .len = 30);
	emits(ACK, .seq = 2, .ack = 32);
	state_is(TIME_WAIT);
	user_reads(30);
	user_reads_end();
}

TEST(call_time_wait, close_leaves_it)
{
	time_wait();
	user_closes();
	emits_nothing();
	state_is(TIME_WAIT);
}

/* Unread data make no difference any more. */
TEST(call_time_wait, close_with_unread_data_leaves_it)
{
	fin_wait_2();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 2, .len = 30);
	emits(ACK, .seq = 2, .ack = 32);
	user_closes();
	emits_nothing();
	state_is(TIME_WAIT);
}

/* SO_LINGER {1, 0} does not cut the quiet time short. */
TEST(call_time_wait, linger_zero_leaves_it)
{
	time_wait();
	user_sets_linger_zero();
	user_closes();
	emits_nothing();
	state_is(TIME_WAIT);
}

TEST(call_time_wait, abort_is_silent)
{
	time_wait();
	user_aborts();
	emits_nothing();
	gone();
}
