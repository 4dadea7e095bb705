/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in FIN-WAIT-2: the protocol waits for ever (T6.6); an orphan has a limit, unless the setting is the book's
 * [W-SM-44].
 */
#include "support/packet_test.h"

TEST(timeout_fin_wait_2, program_may_wait_for_ever)
{
	fin_wait_2();
	after_s(1000000);
	emits_nothing();
	state_is(FIN_WAIT_2);
}

TEST(timeout_fin_wait_2, orphan_is_removed_after_a_minute)
{
	fin_wait_2();
	user_closes();
	after_ms(59999);
	state_is(FIN_WAIT_2);
	CHECK_EQ(info().timer, WEIR_TIMER_TIME_WAIT);
	after_ms(1);
	emits_nothing();
	gone();
	counter_is(tcp_orphan_expired, 1);
}

TEST(timeout_fin_wait_2, setting_zero_is_the_books_way)
{
	config()->fin_wait_2 = weir_s(0);
	fin_wait_2();
	user_closes();
	after_s(1000000);
	state_is(FIN_WAIT_2);
}
