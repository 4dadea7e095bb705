/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in LAST-ACK [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_last_ack, send_fails)
{
	last_ack();
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}

TEST(call_last_ack, receive_says_end_of_stream)
{
	last_ack();
	user_reads_end();
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT | WEIR_HUP | WEIR_RDHUP);
}

/* [W-SM-4] */
TEST(call_last_ack, close_sends_nothing_more)
{
	last_ack();
	user_closes();
	emits_nothing();
	state_is(LAST_ACK);
}

/* [W-SM-5] Deleted, and no segment. */
TEST(call_last_ack, abort_is_silent)
{
	last_ack();
	user_aborts();
	emits_nothing();
	gone();
}
