/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in ESTABLISHED: end of stream, in order, after all bytes; CLOSE-WAIT [W-SM-43, T6.1, T6.3].
 */
#include "support/packet_test.h"

TEST(fin_established, leads_to_close_wait)
{
	established();
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	user_reads_end();
	user_reads_end();
}

/* [9293 MUST-12] All bytes first. */
TEST(fin_established, with_text_is_delivered_behind_it)
{
	established();
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 20);
	emits(ACK, .seq = 1, .ack = 22);
	state_is(CLOSE_WAIT);
	user_reads(20);
	user_reads_end();
}

/* Out of order: held, and applied when the gap is filled. */
TEST(fin_established, ahead_of_a_gap_waits)
{
	established();
	arrives(FIN | ACK, .seq = 51, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 52);
	state_is(CLOSE_WAIT);
	user_reads(50);
	user_reads_end();
}

/* [RFC 5681 s4.2] Each time: the peer counts what it hears. */
TEST(fin_established, ahead_of_a_gap_is_told_each_time)
{
	established();
	for (int i = 0; i < 3; i++) {
		arrives(FIN | ACK, .seq = 51, .ack = 1);
		emits(ACK, .seq = 1, .ack = 1);
	}
	state_is(ESTABLISHED);
}

TEST(fin_established, with_text_ahead_of_a_gap_waits)
{
	established();
	arrives(FIN | ACK, .seq = 51, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 102);
	state_is(CLOSE_WAIT);
	user_reads(100);
	user_reads_end();
}

TEST(fin_established, old_is_acknowledged)
{
	established();
	arrives(FIN | ACK, .seq = 0, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(fin_established, beyond_the_window_is_acknowledged)
{
	established();
	arrives(FIN | ACK, .seq = 1 + TEST_RQS, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(FIN | ACK, .seq = 1000000000, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(fin_established, with_bad_ack_is_dropped)
{
	established();
	arrives(FIN | ACK, .seq = 1, .ack = 9);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(fin_established, without_ack_bit_is_dropped)
{
	established();
	arrives(FIN, .seq = 1);
	emits_nothing();
	state_is(ESTABLISHED);
	counter_is(tcp_no_ack, 1);
}

/* The text fills RecvQ to the last byte: the FIN has no room, and comes again. */
TEST(fin_established, behind_a_full_window_comes_again)
{
	established(.rqs = 100);
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	after_ms(40);
	take_emitted();
	readable(100);
	state_is(ESTABLISHED);
	user_reads(100);
	take_emitted();
	arrives(FIN | ACK, .seq = 101, .ack = 1);
	emits(ACK, .seq = 1, .ack = 102);
	state_is(CLOSE_WAIT);
}

/* [W-SM-4] Nothing of ours is lost by the peer's close. */
TEST(fin_established, our_data_goes_on)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(FIN | ACK, .seq = 1, .ack = 51);
	emits(ACK, .seq = 101, .ack = 2);
	state_is(CLOSE_WAIT);
	sendq_is(50);
	arrives(ACK, .seq = 2, .ack = 101);
	sendq_is(0);
}
