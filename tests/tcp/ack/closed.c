/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK for nobody: a RST at its number [W-SM-11].
 */
#include "support/packet_test.h"

TEST(ack_closed, is_answered_with_reset_at_its_ack)
{
	closed();
	arrives(ACK, .seq = 100, .ack = 4242);
	emits(RST, .seq = 4242);
	counter_is(rst_no_connection, 1);
	counter_is(tcp_no_connection, 1);
}

TEST(ack_closed, of_a_connection_that_is_over)
{
	last_ack();
	user_closes();
	arrives(ACK, .seq = 2, .ack = 2);
	gone();
	user_closes_listener();
	arrives(ACK, .seq = 2, .ack = 2);
	emits(RST, .seq = 2);
}

/* [W-SM-10] */
TEST(ack_closed, with_reset_is_not_answered)
{
	closed();
	arrives(ACK | RST, .seq = 100, .ack = 4242);
	emits_nothing();
}

TEST(ack_closed, no_flags_at_all)
{
	closed();
	arrives(0, .seq = 100);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 100);
}
