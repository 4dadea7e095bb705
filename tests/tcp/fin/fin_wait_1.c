/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in FIN-WAIT-1: with the ACK of ours TIME-WAIT, without it the two have crossed: CLOSING [W-SM-43, T6.4].
 */
#include "support/packet_test.h"

TEST(fin_fin_wait_1, crossing_leads_to_closing)
{
	fin_wait_1();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(CLOSING);
}

TEST(fin_fin_wait_1, with_ack_of_ours_leads_to_time_wait)
{
	fin_wait_1();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

TEST(fin_fin_wait_1, with_text_is_delivered_behind_it)
{
	fin_wait_1();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 2, .len = 25);
	emits(ACK, .seq = 2, .ack = 27);
	state_is(TIME_WAIT);
	user_reads(25);
	user_reads_end();
}

TEST(fin_fin_wait_1, ahead_of_a_gap_waits)
{
	fin_wait_1();
	arrives(FIN | ACK, .seq = 11, .ack = 1);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_1);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits(ACK, .seq = 2, .ack = 12);
	state_is(CLOSING);
	user_reads(10);
}

TEST(fin_fin_wait_1, outside_the_window_is_acknowledged)
{
	fin_wait_1();
	arrives(FIN | ACK, .seq = 1 + TEST_RQS, .ack = 1);
	emits(ACK, .seq = 2, .ack = 1);
	arrives(FIN | ACK, .seq = 0, .ack = 1);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_1);
}

TEST(fin_fin_wait_1, with_bad_ack_is_dropped)
{
	fin_wait_1();
	arrives(FIN | ACK, .seq = 1, .ack = 3);
	emits(ACK, .seq = 2, .ack = 1);
	state_is(FIN_WAIT_1);
}

/* The program has gone: the handshake ends without it (T1.3). */
TEST(fin_fin_wait_1, for_an_orphan)
{
	fin_wait_1();
	user_closes();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}
