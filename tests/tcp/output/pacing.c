/* SPDX-License-Identifier: Apache-2.0
 *
 * Pacing: SO_MAX_PACING_RATE, and the rate of an algorithm that has one (BBR).
 */
#include "support/packet_test.h"

enum { OPT_MAX_PACING_RATE = 47 };

static int limit(void)
{
	uint32_t value = 0, len = sizeof(value);

	CHECK_EQ(weir_getsockopt(sock(), LEVEL_SOCKET, OPT_MAX_PACING_RATE, &value, &len), 0);
	return (int)value;
}

/* 100,000 bytes a second: segments of 1000 bytes, 10 ms each; two leave together, and at the beginning two more, for
 * what was not used before. */
TEST(pacing, limit_spaces_what_leaves)
{
	established(.sqs = 20000);
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, 100000);
	CHECK_EQ(limit(), 100000);
	user_send(9000);
	CHECK_EQ(take_emitted(), 3);
	after_ms(19);
	emits_nothing();
	after_ms(1);
	CHECK_EQ(take_emitted(), 2);
	after_ms(19);
	emits_nothing();
	after_ms(1);
	CHECK_EQ(take_emitted(), 2);
	after_ms(40);
	CHECK_EQ(take_emitted(), 2);
	sendq_is(9000);
}

/* Acknowledgements and what the peer sends wait for nothing. */
TEST(pacing, acknowledgements_are_not_paced)
{
	established(.quick_acks = true);
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, 100000);
	user_send(9000);
	take_emitted();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 3001, .ack = 101);
	user_reads(100);
	after_ms(100);
	take_emitted();
}

/* The end of the wait lets go, with nothing under way that a timer would stand for. */
TEST(pacing, goes_on_when_all_is_acknowledged)
{
	established();
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, 10000);
	user_send(5000);
	CHECK_EQ(take_emitted(), 3);
	arrives(ACK, .seq = 1, .ack = 3001);
	emits_nothing();
	after_ms(199);
	emits_nothing();
	after_ms(1);
	CHECK_EQ(take_emitted(), 2);
}

TEST(pacing, no_limit_is_all_ones)
{
	established();
	CHECK_EQ(limit(), -1);
	CHECK(tcb()->pace == NULL);
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, -1);
	CHECK_EQ(limit(), -1);
	CHECK(tcb()->pace == NULL);
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, 1000);
	user_sets(LEVEL_SOCKET, OPT_MAX_PACING_RATE, -1);
	user_send(5000);
	CHECK_EQ(take_emitted(), 5);
}

/* CUBIC and Reno have no rate and cost nothing for it; BBR has one from its first segment on, and gives its memory
 * back. */
TEST(pacing, only_a_model_paces)
{
	established();
	CHECK(tcb()->pace == NULL);
	user_chooses("bbr");
	CHECK_TEXT(info().congestion, "bbr");
	CHECK(tcb()->pace != NULL);
	CHECK(tcb()->pace->rate > 0);
	CHECK(tcb()->pace->model != NULL);
	user_chooses("cubic");
	CHECK(tcb()->pace->model == NULL);
	CHECK(tcb()->pace->delivery == NULL);
	CHECK_EQ(tcb()->pace->rate, 0);
	user_send(5000);
	CHECK_EQ(take_emitted(), 5);
}

/* One flight of BBR, acknowledged after 100 ms: from what it delivered comes the rate, 2.77 times as fast. */
TEST(pacing, bbr_learns_the_rate)
{
	established(.sqs = 100000, .mss = 1000);
	tcb()->srtt = tcb()->min_rtt = weir_ms(100);
	user_chooses("bbr");
	CHECK_EQ(tcb()->pace->rate, 277000); /* the initial window in a round trip, 2.77 times */
	user_send(100000);
	after_ms(99);
	CHECK_EQ(take_emitted(), 10);
	after_ms(1);
	for (int i = 1; i <= 10; i++) {
		arrives(ACK, .seq = 1, .ack = 1 + 1000 * i);
		take_emitted();
	}
	CHECK(tcb()->pace->delivery->delivered == 10000);
	CHECK(tcb()->pace->rate >= 270000 && tcb()->pace->rate <= 320000);
	CHECK(info().cwnd_bytes >= 20000);
	for (int i = 0; i < 100; i++) {
		after_ms(1);
		take_emitted();
	}
}

/* A loss does not lower BBR's window to a part of it, and what is lost goes again. */
TEST(pacing, bbr_repairs)
{
	established(.sack = true, .mss = 1000);
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	user_chooses("bbr");
	user_send(10000);
	after_ms(20);
	CHECK_EQ(take_emitted(), 10);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{1001, 5001}});
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	CHECK(tcb()->in_recovery);
	CHECK(info().cwnd_bytes >= 10000);
	arrives(ACK, .seq = 1, .ack = 10001);
	CHECK(!tcb()->in_recovery);
	CHECK(info().cwnd_bytes >= 10000);
}

/* A time-out lowers it to one segment; the first acknowledgement gives four. */
TEST(pacing, bbr_after_a_timeout)
{
	established(.mss = 1000);
	user_chooses("bbr");
	user_send(5000);
	after_ms(20);
	CHECK_EQ(take_emitted(), 5);
	ms_until_emitted(3000);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	CHECK_EQ(info().cwnd_bytes, 1000);
	arrives(ACK, .seq = 1, .ack = 1001);
	CHECK(info().cwnd_bytes >= 4000);
	after_ms(100);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 5001);
}
