/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in TIME-WAIT: the peer's once more; our ACK was lost. It is acknowledged again, and the quiet time
 * begins anew [W-SM-40, W-SM-43].
 */
#include "support/packet_test.h"

TEST(fin_time_wait, repeated_is_acknowledged_again)
{
	time_wait();
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

/* [9293 MUST-13] 2 MSL from the last FIN. */
TEST(fin_time_wait, repeated_restarts_the_quiet_time)
{
	time_wait();
	user_closes();
	after_s(50);
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	after_s(59);
	state_is(TIME_WAIT);
	after_ms(1001);
	gone();
}

TEST(fin_time_wait, another_behind_it_is_ignored)
{
	time_wait();
	arrives(FIN | ACK, .seq = 2, .ack = 2);
	take_emitted();
	CHECK_EQ(relative_ack(tcb()->rcv.nxt), 2);
	state_is(TIME_WAIT);
}

TEST(fin_time_wait, beyond_the_window_is_acknowledged)
{
	time_wait();
	arrives(FIN | ACK, .seq = 2 + TEST_RQS, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

/* Only the peer's own FIN begins the quiet time anew: nobody else keeps the pair from being used for ever. */
TEST(fin_time_wait, any_other_does_not_restart_the_quiet_time)
{
	time_wait();
	user_closes();
	after_s(50);
	arrives(FIN | ACK, .seq = 2 + TEST_RQS, .ack = 2);
	take_emitted();
	arrives(FIN | ACK, .seq = 0, .ack = 2);
	take_emitted();
	after_s(9);
	state_is(TIME_WAIT);
	after_ms(1001);
	gone();
}
