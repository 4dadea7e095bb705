/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in TIME-WAIT: a newer one may begin a new connection, an older one is answered as every
 * unacceptable segment [9293 MAY-2, SHLD-4; W-SM-31; RFC 6191].
 */
#include "support/packet_test.h"

/* [9293 MAY-2] The new ISN is beyond all that the old connection sent. */
TEST(syn_time_wait, newer_begins_a_new_connection)
{
	time_wait();
	user_closes();
	arrives(SYN, .seq = 1000, .mss = 1000);
	CHECK_EQ(next_emitted()->flags, SYN | ACK);
	state_is(SYN_RCVD);
	CHECK(relative_seq(tcb()->iss) > 2);
	CHECK_EQ(relative_ack(tcb()->rcv.nxt), 1001);
}

/* At RCV.NXT itself it could be the old connection's next one. */
TEST(syn_time_wait, at_rcv_nxt_is_acknowledged)
{
	time_wait();
	arrives(SYN, .seq = 2, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

TEST(syn_time_wait, older_is_acknowledged)
{
	time_wait();
	arrives(SYN, .seq = -1000, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

TEST(syn_time_wait, duplicate_of_the_first_is_acknowledged)
{
	time_wait();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

/* [9293 SHLD-4, RFC 6191] A later timestamp proves that it is new, whatever the sequence number. */
TEST(syn_time_wait, later_timestamp_begins_a_new_connection)
{
	time_wait(.timestamps = true);
	user_closes();
	after_ms(5);
	arrives(SYN, .seq = -1000, .mss = 1000, .ts_val = 2000, .ts_ecr = 0);
	CHECK_EQ(next_emitted()->flags, SYN | ACK);
	state_is(SYN_RCVD);
}

TEST(syn_time_wait, earlier_timestamp_is_acknowledged)
{
	time_wait(.timestamps = true);
	user_closes();
	arrives(SYN, .seq = 1000, .mss = 1000, .ts_val = 500, .ts_ecr = 0);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

/* Nobody listens any more: the quiet time goes on. */
TEST(syn_time_wait, without_a_listener_nothing_new_begins)
{
	time_wait();
	user_closes();
	user_closes_listener();
	arrives(SYN, .seq = 1000, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

/* A SYN,ACK cannot begin anything. */
TEST(syn_time_wait, with_ack_is_acknowledged)
{
	time_wait();
	arrives(SYN | ACK, .seq = 1000, .ack = 2, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}
