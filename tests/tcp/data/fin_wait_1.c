/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in FIN-WAIT-1: the peer may still send (half-close, T6.1) [W-SM-42]; after the program
 * has gone it is refused with a RST [9293 SHLD-3].
 */
#include "support/packet_test.h"

TEST(data_fin_wait_1, in_order_is_delivered)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	readable(50);
	after_ms(40);
	emits(ACK, .seq = 2, .ack = 51);
	state_is(FIN_WAIT_1);
	user_reads(50);
}

TEST(data_fin_wait_1, out_of_order_is_held)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = 51, .ack = 1, .len = 50);
	emits(ACK, .seq = 2, .ack = 1);
	readable(0);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(ACK, .seq = 2, .ack = 101);
	user_reads(100);
	state_is(FIN_WAIT_1);
}

TEST(data_fin_wait_1, old_is_acknowledged_and_dropped)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = -49, .ack = 1, .len = 50);
	emits(ACK, .seq = 2, .ack = 1);
	readable(0);
	state_is(FIN_WAIT_1);
}

TEST(data_fin_wait_1, beyond_the_window_is_acknowledged_and_dropped)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = 1 + TEST_RQS, .ack = 1, .len = 50);
	emits(ACK, .seq = 2, .ack = 1);
	readable(0);
	state_is(FIN_WAIT_1);
}

TEST(data_fin_wait_1, with_bad_ack_is_dropped)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = 1, .ack = 3, .len = 50);
	emits(ACK, .seq = 2, .ack = 1);
	readable(0);
	state_is(FIN_WAIT_1);
}

/* [9293 SHLD-3, attacks E-4] Nobody will read it: the peer must not believe that it arrived. */
/* [9293 MAY-1, SHLD-3] */
TEST(data_fin_wait_1, for_an_orphan_is_refused_with_reset)
{
	fin_wait_1();
	user_closes();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(RST, .seq = 1); /* where the peer stands: our FIN has not arrived */
	gone();
	counter_is(rst_data_after_close, 1);
}
