/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in CLOSE-WAIT: the peer's once more; our ACK was lost. It is acknowledged again and changes nothing
 * [W-SM-43].
 */
#include "support/packet_test.h"

TEST(fin_close_wait, repeated_is_acknowledged_again)
{
	close_wait();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
}

/* There is only one FIN: another behind it is ignored. */
TEST(fin_close_wait, another_behind_it_is_ignored)
{
	close_wait();
	arrives(FIN | ACK, .seq = 2, .ack = 1);
	take_emitted();
	CHECK_EQ(relative_ack(tcb()->rcv.nxt), 2);
	state_is(CLOSE_WAIT);
}

TEST(fin_close_wait, in_the_window_is_ignored)
{
	close_wait();
	arrives(FIN | ACK | PSH, .seq = 50, .ack = 1, .len = 5);
	take_emitted();
	CHECK_EQ(relative_ack(tcb()->rcv.nxt), 2);
	readable(0);
	state_is(CLOSE_WAIT);
}

TEST(fin_close_wait, beyond_the_window_is_acknowledged)
{
	close_wait();
	arrives(FIN | ACK, .seq = 2 + TEST_RQS, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
}
