/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in CLOSING [W-SM-32, W-SM-33; RFC 5961 s3].
 */
#include "synchronised.h"

TEST(rst_closing, exact_ends_it)
{
	closing();
	arrives(RST, .seq = 2);
	emits_nothing();
	state_is(CLOSED);
	counter_is(tcp_resets_received, 1);
}

TEST(rst_closing, exact_with_ack_ends_it)
{
	closing();
	arrives(RST | ACK, .seq = 2, .ack = 1);
	emits_nothing();
	state_is(CLOSED);
}

/* [9293 SHLD-2] */
TEST(rst_closing, exact_with_text_ends_it)
{
	closing();
	arrives(RST | ACK, .seq = 2, .ack = 1, .len = 9);
	emits_nothing();
	state_is(CLOSED);
	readable(0);
}

TEST(rst_closing, next_number_is_challenged)
{
	closing();
	rst_is_challenged(3, 2, 2);
}

TEST(rst_closing, in_window_is_challenged)
{
	closing();
	rst_is_challenged(5002, 2, 2);
}

TEST(rst_closing, just_old_is_ignored)
{
	closing();
	rst_is_ignored(1);
}

TEST(rst_closing, old_is_ignored)
{
	closing();
	rst_is_ignored(-100000);
}

TEST(rst_closing, far_ahead_is_ignored)
{
	closing();
	rst_is_ignored(200000);
}

TEST(rst_closing, exact_ends_an_orphan)
{
	closing();
	user_closes();
	arrives(RST, .seq = 2);
	emits_nothing();
	gone();
}
