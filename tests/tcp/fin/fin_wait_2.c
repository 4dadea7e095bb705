/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in FIN-WAIT-2: TIME-WAIT [W-SM-43, T6.2].
 */
#include "support/packet_test.h"

TEST(fin_fin_wait_2, leads_to_time_wait)
{
	fin_wait_2();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
	user_reads_end();
	CHECK_EQ(info().timer_left.ns, 60 * WEIR_NS_PER_S);
}

TEST(fin_fin_wait_2, with_text_is_delivered_behind_it)
{
	fin_wait_2();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 2, .len = 25);
	emits(ACK, .seq = 2, .ack = 27);
	state_is(TIME_WAIT);
	user_reads(25);
	user_reads_end();
}

TEST(fin_fin_wait_2, ahead_of_a_gap_waits)
{
	fin_wait_2();
	arrives(FIN | ACK, .seq = 11, .ack = 2);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_2);
	arrives(ACK | PSH, .seq = 1, .ack = 2, .len = 10);
	emits(ACK, .seq = 2, .ack = 12);
	state_is(TIME_WAIT);
}

TEST(fin_fin_wait_2, outside_the_window_is_acknowledged)
{
	fin_wait_2();
	arrives(FIN | ACK, .seq = 1 + TEST_RQS, .ack = 2);
	emits(ACK, .seq = 2, .ack = 1);
	arrives(FIN | ACK, .seq = 0, .ack = 2);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_2);
}

TEST(fin_fin_wait_2, with_bad_ack_is_dropped)
{
	fin_wait_2();
	arrives(FIN | ACK, .seq = 1, .ack = 3);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_2);
}

TEST(fin_fin_wait_2, for_an_orphan)
{
	fin_wait_2();
	user_closes();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
	after_s(61);
	gone();
}
