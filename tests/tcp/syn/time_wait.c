/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in TIME-WAIT: a newer one may begin a new connection, an older one is answered as every
 * unacceptable segment [9293 MAY-2, SHLD-4; W-SM-31; RFC 6191].
 */
#include "support/talk.h"

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

/* -- [9293 MAY-2 (b)] it was an old duplicate: the quiet time goes on */

/* In TIME-WAIT with a program that has closed, and a SYN that opens anew: its ISS is the old SND.NXT + 65538. */
static long long promised;

static void reopens(void)
{
	promised = talk.promised;
	arrives(SYN, .seq = 1000, .mss = 1000);
	emits(SYN | ACK, .seq = 65540, .ack = 1001);
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().incomplete_len, 1);
}

/* The old connection's numbers again. */
static void quiet_again(void)
{
	state_is(TIME_WAIT);
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK(tcb()->rare == NULL);
	talk.promised = promised;
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

TEST(syn_time_wait, reset_by_its_sender_it_was_old)
{
	time_wait();
	user_closes();
	after_ms(10000);
	reopens();
	arrives(RST, .seq = 1001);
	emits_nothing();
	counter_is(tcp_reopen_failed, 1);
	quiet_again();
}

/* To the old end, not for another 2 MSL. */
TEST(syn_time_wait, the_old_time_goes_on)
{
	time_wait();
	user_closes();
	after_ms(20000);
	reopens();
	after_ms(500);
	arrives(RST, .seq = 1001);
	state_is(TIME_WAIT);
	after_ms(39000);
	state_is(TIME_WAIT);
	after_ms(1000);
	gone();
	state_is(LISTEN);
}

TEST(syn_time_wait, without_an_answer_it_was_old)
{
	config()->synack_retries = 2;
	time_wait();
	user_closes();
	reopens();
	after_ms(7000);
	CHECK_EQ(take_emitted(), 2);
	quiet_again();
	after_ms(60000);
	gone();
}

/* The quiet time is over by then. */
TEST(syn_time_wait, not_for_longer_than_it_would_have_been)
{
	time_wait();
	user_closes();
	reopens();
	after_ms(63000);
	CHECK_EQ(take_emitted(), 5);
	gone();
	state_is(LISTEN);
}

/* Nobody is there, says the network. */
TEST(syn_time_wait, unreachable_it_was_old)
{
	time_wait();
	user_closes();
	reopens();
	icmp_arrives(over_ipv6() ? 1 : 3, over_ipv6() ? 4 : 3, 65540);
	quiet_again();
}

/* A RST elsewhere, and an acknowledgement of something else, prove nothing. */
TEST(syn_time_wait, a_stranger_does_not_bring_it_back)
{
	time_wait();
	user_closes();
	reopens();
	arrives(RST, .seq = 1002);
	emits(ACK, .seq = 65541, .ack = 1001);
	arrives(ACK, .seq = 1001, .ack = 2);
	emits(RST, .seq = 2);
	state_is(SYN_RCVD);
}

TEST(syn_time_wait, a_completed_handshake_proves_it_new)
{
	time_wait();
	user_closes();
	reopens();
	CHECK(tcb()->rare != NULL);
	arrives(ACK, .seq = 1001, .ack = 65541);
	state_is(ESTABLISHED);
	CHECK(tcb()->rare == NULL);
	arrives(RST, .seq = 1001);
	user_accepts();
	error_is(WEIR_ECONNRESET);
	counter_is(tcp_reopen_failed, 0);
}

/* The sender has a new connection to open, which met what the old SYN had left: it resets, and comes again. */
TEST(syn_time_wait, a_new_one_may_follow)
{
	time_wait();
	user_closes();
	reopens();
	arrives(RST, .seq = 1001);
	arrives(SYN, .seq = 500, .mss = 1000);
	emits(SYN | ACK, .seq = 65540, .ack = 501);
	arrives(ACK, .seq = 501, .ack = 65541);
	state_is(ESTABLISHED);
}

/* Timestamps and what they were last. */
TEST(syn_time_wait, old_timestamps_stay_old)
{
	uint32_t recent, offset;

	time_wait(.timestamps = true);
	user_closes();
	recent = tcb()->ts_recent;
	offset = tcb()->ts_offset;
	after_ms(5);
	arrives(SYN, .seq = -1000, .mss = 1000, .ts_val = 2000, .ts_ecr = 0);
	CHECK_EQ(next_emitted()->flags, SYN | ACK);
	arrives(RST, .seq = -999, .no_ts = true);
	state_is(TIME_WAIT);
	CHECK_EQ(tcb()->ts_recent, recent);
	CHECK_EQ(tcb()->ts_offset, offset);
}

/* Without memory to remember it by, the old connection answers. */
TEST(syn_time_wait, what_cannot_come_back_does_not_end)
{
	time_wait();
	user_closes();
	talk.no_memory = true;
	arrives(SYN, .seq = 1000, .mss = 1000);
	talk.no_memory = false;
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}
