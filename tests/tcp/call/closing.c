/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in CLOSING [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_closing, send_fails)
{
	closing();
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}

TEST(call_closing, receive_says_end_of_stream)
{
	closing();
	user_reads_end();
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT | WEIR_HUP | WEIR_RDHUP);
}

/* [W-SM-4] */
TEST(call_closing, close_sends_nothing_more)
{
	closing();
	user_closes();
	emits_nothing();
	state_is(CLOSING);
}

/* [W-SM-5] Deleted, and no segment. */
TEST(call_closing, abort_is_silent)
{
	closing();
	user_aborts();
	emits_nothing();
	gone();
}
