/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in TIME-WAIT: 2 MSL, then the structure is deleted (T7.1) [9293 MUST-13, W-SM-44].
 */
#include "support/packet_test.h"

TEST(timeout_time_wait, ends_after_two_msl)
{
	time_wait();
	user_closes();
	after_ms(59999);
	state_is(TIME_WAIT);
	after_ms(1);
	emits_nothing();
	gone();
	CHECK(weir_time_is_never(weir_deadline(stack())));
}

TEST(timeout_time_wait, duration_is_a_setting)
{
	config()->time_wait = weir_s(240);
	time_wait();
	user_closes();
	after_s(239);
	state_is(TIME_WAIT);
	after_ms(1001);
	gone();
}

/* The handle stays the program's. */
TEST(timeout_time_wait, handle_stays)
{
	time_wait();
	after_s(61);
	state_is(CLOSED);
	error_is(0);
	user_reads_end();
	user_closes();
	gone();
}
