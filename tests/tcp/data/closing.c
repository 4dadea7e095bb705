/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in CLOSING: behind the peer's FIN there can be none; it is ignored [W-SM-42].
 */
#include "support/packet_test.h"

/* Whatever is said about it, it acknowledges nothing of it. */
static void nothing_was_taken(void)
{
	while (talk_emitted() > 0)
		CHECK_EQ(relative_ack(next_emitted()->ack), 2);
	readable(0);
	CHECK_EQ(relative_ack(tcb()->rcv.nxt), 2);
	state_is(CLOSING);
}

TEST(data_closing, behind_the_fin_is_ignored)
{
	closing();
	arrives(ACK | PSH, .seq = 2, .ack = 1, .len = 50);
	nothing_was_taken();
}

TEST(data_closing, further_behind_the_fin_is_ignored)
{
	closing();
	arrives(ACK | PSH, .seq = 102, .ack = 1, .len = 50);
	nothing_was_taken();
}

/* [W-SM-30] */
TEST(data_closing, old_is_acknowledged_and_dropped)
{
	closing();
	arrives(ACK | PSH, .seq = -48, .ack = 1, .len = 49);
	emits(ACK, .seq = 2, .ack = 2);
	nothing_was_taken();
}

TEST(data_closing, beyond_the_window_is_acknowledged_and_dropped)
{
	closing();
	arrives(ACK | PSH, .seq = 2 + TEST_RQS, .ack = 1, .len = 50);
	emits(ACK, .seq = 2, .ack = 2);
	nothing_was_taken();
}

TEST(data_closing, with_bad_ack_is_dropped)
{
	closing();
	arrives(ACK | PSH, .seq = 2, .ack = 3, .len = 50);
	nothing_was_taken();
}
