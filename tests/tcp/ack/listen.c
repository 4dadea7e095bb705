/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in LISTEN: it can only belong to an earlier connection [W-SM-20; 9293 s3.10.7.2].
 */
#include "support/packet_test.h"

TEST(ack_listen, is_answered_with_reset_at_its_ack)
{
	listening();
	arrives(ACK, .seq = 100, .ack = 4242);
	emits(RST, .seq = 4242);
	state_is(LISTEN);
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK_EQ(listener_info().accept_len, 0);
	counter_is(tcp_no_connection, 1);
	counter_is(rst_no_connection, 1);
}

/* [attacks S-2, S-3] No guess of a number makes a connection. */
TEST(ack_listen, no_number_makes_a_connection)
{
	listening();
	for (int ack = -2; ack <= 2; ack++) {
		arrives(ACK, .seq = 1, .ack = ack);
		emits(RST, .seq = ack);
	}
	gone();
}

/* [attacks S-5] Null segments and those with PSH or URG only. */
TEST(ack_listen, without_any_known_flag_is_dropped)
{
	listening();
	arrives(0, .seq = 100);
	arrives(PSH, .seq = 100);
	arrives(URG, .seq = 100, .up = 3);
	emits_nothing();
	counter_is(tcp_flags, 3);
	state_is(LISTEN);
}
