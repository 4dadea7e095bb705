/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in CLOSE-WAIT [W-SM-32, W-SM-33; RFC 5961 s3].
 */
#include "synchronised.h"

TEST(rst_close_wait, exact_ends_it)
{
	close_wait();
	rst_ends_it(RST, 2, WEIR_EPIPE);
}

TEST(rst_close_wait, exact_with_ack_ends_it)
{
	close_wait();
	rst_ends_it(RST | ACK, 2, WEIR_EPIPE);
}

/* [9293 SHLD-2] */
TEST(rst_close_wait, exact_with_text_ends_it)
{
	close_wait();
	arrives(RST | ACK, .seq = 2, .ack = 1, .len = 9);
	emits_nothing();
	state_is(CLOSED);
	readable(0);
}

TEST(rst_close_wait, next_number_is_challenged)
{
	close_wait();
	rst_is_challenged(3, 1, 2);
}

TEST(rst_close_wait, in_window_is_challenged)
{
	close_wait();
	rst_is_challenged(5002, 1, 2);
}

TEST(rst_close_wait, just_old_is_ignored)
{
	close_wait();
	rst_is_ignored(1);
}

TEST(rst_close_wait, old_is_ignored)
{
	close_wait();
	rst_is_ignored(-100000);
}

TEST(rst_close_wait, far_ahead_is_ignored)
{
	close_wait();
	rst_is_ignored(200000);
}

/* What the program has not read yet stays readable. */
TEST(rst_close_wait, what_arrived_before_is_read_first)
{
	established();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits(ACK, .seq = 1, .ack = 12);
	arrives(RST, .seq = 12);
	state_is(CLOSED);
	user_reads(10);
}
