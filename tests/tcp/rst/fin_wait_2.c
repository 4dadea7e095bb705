/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in FIN-WAIT-2 [W-SM-32, W-SM-33; RFC 5961 s3].
 */
#include "synchronised.h"

TEST(rst_fin_wait_2, exact_ends_it)
{
	fin_wait_2();
	rst_ends_it(RST, 1, WEIR_ECONNRESET);
}

TEST(rst_fin_wait_2, exact_with_ack_ends_it)
{
	fin_wait_2();
	rst_ends_it(RST | ACK, 1, WEIR_ECONNRESET);
}

/* [9293 SHLD-2] */
TEST(rst_fin_wait_2, exact_with_text_ends_it)
{
	fin_wait_2();
	arrives(RST | ACK, .seq = 1, .ack = 1, .len = 9);
	emits_nothing();
	state_is(CLOSED);
	readable(0);
}

TEST(rst_fin_wait_2, next_number_is_challenged)
{
	fin_wait_2();
	rst_is_challenged(2, 2, 1);
}

TEST(rst_fin_wait_2, in_window_is_challenged)
{
	fin_wait_2();
	rst_is_challenged(5001, 2, 1);
}

TEST(rst_fin_wait_2, just_old_is_ignored)
{
	fin_wait_2();
	rst_is_ignored(0);
}

TEST(rst_fin_wait_2, old_is_ignored)
{
	fin_wait_2();
	rst_is_ignored(-100000);
}

TEST(rst_fin_wait_2, far_ahead_is_ignored)
{
	fin_wait_2();
	rst_is_ignored(200000);
}

TEST(rst_fin_wait_2, exact_ends_an_orphan)
{
	fin_wait_2();
	user_closes();
	arrives(RST, .seq = 1);
	emits_nothing();
	gone();
}
