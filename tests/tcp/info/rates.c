/* SPDX-License-Identifier: Apache-2.0
 *
 * What is measured once a round trip: the rate at which what we send arrives, and the round trip as who only receives
 * sees it; in snapshots, and where programs read them in TCP_INFO.
 */
#include "support/talk.h"

#include "sock/tcp_info.h"
#include "tcp/rounds.h"

#include <string.h>

static struct sock_tcp_info tcp_info(void)
{
	struct sock_tcp_info raw;
	uint32_t len = sizeof(raw);

	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, 11, &raw, &len), 0);
	CHECK_EQ(len, sizeof(raw));
	return raw;
}

/* A passive opening with a round trip of 50 ms. */
static void opens(int wnd, bool sack, bool timestamps)
{
	user_listens(OPEN_SPEC(.wnd = wnd, .sack = sack, .timestamps = timestamps, .rqs = 200000));
	talk.timestamps = timestamps;
	arrives(SYN, .seq = 0, .mss = 1000, .wnd = wnd, .ts_ecr = timestamps ? 0 : ANY);
	take_emitted();
	after_ms(50);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = wnd);
	user_accepts();
	take_emitted();
}

/* All that is under way arrives, 50 ms after it left. */
static void round_trip(int wnd)
{
	long long end = relative_seq(seq_make(info().snd_nxt));

	after_ms(50);
	arrives(ACK, .seq = 1, .ack = end, .wnd = wnd);
	take_emitted();
}

/* More than 64 KiB, so that it is worth to measure; 5000 bytes each time. */
static void sends_much(void)
{
	for (int i = 0; i < 17; i++) {
		user_send(5000);
		take_emitted();
		round_trip(60000);
	}
}

/* -- the delivery rate */

TEST(rates, of_few_bytes_it_is_what_was_under_way_in_a_round_trip)
{
	opens(60000, false, false);
	CHECK_EQ(info().delivery_rate, 0);
	CHECK(!info().delivery_limited);
	user_send(2000);
	take_emitted();
	round_trip(60000);
	CHECK_EQ(info().delivery_rate, 2000 * 20);
	CHECK(info().delivery_limited);
	CHECK_EQ(tcp_info().delivery_rate, 2000 * 20);
	CHECK_EQ(tcp_info().flags & 1, 1);
	CHECK(tcb()->rounds == NULL);
}

/* The window lets 20000 bytes go in 50 ms, and there is always more to send. */
static void steady(bool timestamps)
{
	long long acked = 1;

	opens(20000, true, timestamps);
	for (int i = 0; i < 60; i++) {
		long long half = acked + 10000, end = relative_seq(seq_make(info().snd_nxt));

		while (user_send_result(10000) == 10000)
			;
		take_emitted();
		after_ms(25);
		arrives(ACK, .seq = 1, .ack = half < end ? half : end, .wnd = 20000);
		acked = half < end ? half : end;
		take_emitted();
	}
	CHECK(tcb()->cwnd >= 20000);
}

TEST(rates, a_full_window_a_round_trip)
{
	steady(false);
	CHECK_EQ(info().delivery_rate, 400000);
	CHECK(!info().delivery_limited);
	CHECK_EQ(tcp_info().delivery_rate, 400000);
	CHECK_EQ(tcp_info().flags & 1, 0);
}

/* Time in which nothing was under way does not count. */
TEST(rates, a_program_that_gives_little_limits_it)
{
	opens(60000, false, false);
	sends_much();
	CHECK(tcb()->rounds != NULL);
	for (int i = 0; i < 4; i++) {
		after_ms(1000);
		user_send(5000);
		take_emitted();
		round_trip(60000);
	}
	CHECK_EQ(info().delivery_rate, 100000);
	CHECK(info().delivery_limited);
	CHECK_EQ(tcp_info().flags & 1, 1);
}

/* A limited sample counts when it is larger. */
TEST(rates, of_limited_samples_the_largest_counts)
{
	opens(60000, false, false);
	sends_much();
	user_send(10000);
	take_emitted();
	round_trip(60000);
	CHECK_EQ(info().delivery_rate, 200000);
	user_send(1000);
	take_emitted();
	round_trip(60000);
	CHECK_EQ(info().delivery_rate, 200000);
	CHECK(info().delivery_limited);
}

/* Slower than before, and it is not the program: the newest counts. */
TEST(rates, of_others_the_newest_counts)
{
	long long acked;

	steady(false);
	acked = relative_seq(seq_make(info().snd_una));
	for (int i = 0; i < 6; i++) {
		while (user_send_result(10000) == 10000)
			;
		after_ms(50);
		acked += 10000;
		arrives(ACK, .seq = 1, .ack = acked, .wnd = 20000);
		take_emitted();
	}
	CHECK_EQ(info().delivery_rate, 200000);
	CHECK(!info().delivery_limited);
}

/* What SACK tells of has arrived then, not when the gap is filled. */
TEST(rates, a_repaired_gap_is_no_burst)
{
	long long una, end;

	steady(false);
	for (int i = 0; i < 4; i++) {
		una = relative_seq(seq_make(info().snd_una));
		end = relative_seq(seq_make(info().snd_nxt));
		after_ms(25);
		arrives(ACK, .seq = 1, .ack = una, .wnd = 20000, .sack = {{una + 1000, end}});
		take_emitted();
		after_ms(25);
		arrives(ACK, .seq = 1, .ack = end, .wnd = 20000);
		take_emitted();
		while (user_send_result(10000) == 10000)
			;
		take_emitted();
		CHECK(info().delivery_rate <= 800000);
		CHECK(info().delivery_rate > 100000);
	}
}

/* A peer may take back what its SACK told of: no rate follows from less than nothing. */
TEST(rates, what_is_taken_back_is_no_delivery)
{
	long long una;

	steady(true);
	una = relative_seq(seq_make(info().snd_una));
	arrives(ACK, .seq = 1, .ack = una, .wnd = 20000, .sack = {{una + 988, una + 19000}});
	take_emitted();
	for (int i = 0; i < 3; i++) {
		after_ms(3000);
		CHECK(take_emitted() > 0);
		una += 494;
		arrives(ACK, .seq = 1, .ack = una, .wnd = 20000);
		take_emitted();
	}
	CHECK(info().delivery_rate <= 800000);
}

/* A program may look when all is over; when it has closed, nothing is held in memory for it. */
TEST(rates, time_wait_remembers_while_somebody_may_ask)
{
	opens(60000, false, false);
	sends_much();
	user_shuts(WEIR_SHUT_WR);
	take_emitted();
	arrives(ACK | FIN, .seq = 1, .ack = relative_seq(seq_make(info().snd_nxt)), .wnd = 60000);
	take_emitted();
	state_is(TIME_WAIT);
	CHECK_EQ(tcp_info().delivery_rate, 100000);
	user_closes();
	state_is(TIME_WAIT);
	CHECK(tcb()->rounds == NULL && tcb()->rare == NULL);
}

TEST(rates, a_close_forgets_them)
{
	opens(60000, false, false);
	sends_much();
	user_closes();
	take_emitted();
	arrives(ACK | FIN, .seq = 1, .ack = relative_seq(seq_make(info().snd_nxt)), .wnd = 60000);
	take_emitted();
	state_is(TIME_WAIT);
	CHECK(tcb()->rounds == NULL && tcb()->rare == NULL);
}

/* -- the receiver's window and round trip */

TEST(rates, a_window_clamp_shows)
{
	enum { OPT_WINDOW_CLAMP = 10 };

	established(.rqs = 32000);
	CHECK_EQ(tcp_info().rcv_ssthresh, 32000);
	user_sets(LEVEL_TCP, OPT_WINDOW_CLAMP, 5000);
	take_emitted();
	CHECK_EQ(tcp_info().rcv_ssthresh, 5000);
}

/* A flight of 16 segments, read; the peer has heard our last acknowledgement when it sends them. */
static long long flight(long long seq)
{
	batch_begin();
	for (uint32_t n = 0; n < 16; n++, seq += 1000)
		arrives(ACK, .seq = seq, .ack = 1, .len = 1000);
	batch_end();
	take_emitted();
	user_reads(16000);
	take_emitted();
	return seq;
}

TEST(rates, an_echo_tells_a_receiver_the_round_trip)
{
	long long seq = 1;

	established(.timestamps = true, .rqs = 32000);
	for (int i = 0; i < 4; i++) {
		after_ms(30);
		seq = flight(seq);
	}
	CHECK_EQ(info().rcv_rtt.ns, 0); /* few bytes say little */
	for (int i = 0; i < 8; i++) {
		after_ms(30);
		take_emitted();
		seq = flight(seq);
	}
	CHECK_EQ(info().rcv_rtt.ns, 30 * WEIR_NS_PER_MS);
	CHECK_EQ(tcp_info().rcv_rtt, 30000);
	for (int i = 0; i < 8; i++) { /* it has become longer */
		after_ms(80);
		take_emitted();
		seq = flight(seq);
	}
	CHECK_EQ(tcp_info().rcv_rtt, 80000);
}

/* The clock of timestamps is too coarse: the handshake's round trip is known. */
TEST(rates, within_a_tick_the_handshake_tells)
{
	long long seq = 1;

	user_listens(OPEN_SPEC(.timestamps = true, .rqs = 32000));
	talk.timestamps = true;
	arrives(SYN, .seq = 0, .mss = 1000, .ts_ecr = 0);
	take_emitted();
	after_us(300);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	take_emitted();
	for (int i = 0; i < 6; i++)
		seq = flight(seq);
	CHECK_EQ(tcp_info().rcv_rtt, 300);
}

/* A peer that pauses has heard the last acknowledgement long ago; when it goes on, it soon hears another. */
TEST(rates, a_pause_is_no_round_trip)
{
	long long seq = 1;

	established(.timestamps = true, .rqs = 32000);
	for (int i = 0; i < 6; i++) {
		after_ms(3000);
		take_emitted();
		seq = flight(seq);
		after_ms(30);
		take_emitted();
		seq = flight(seq);
	}
	CHECK_EQ(tcp_info().rcv_rtt, 30000);
}

/* [attacks C-14] Nor is what a peer makes up. */
TEST(rates, an_echo_of_long_ago_is_no_sample)
{
	long long seq = 1;

	established(.timestamps = true, .rqs = 32000);
	for (int i = 0; i < 8; i++) {
		after_ms(61000);
		take_emitted();
		seq = flight(seq);
	}
	CHECK_EQ(tcp_info().rcv_rtt, 0);
	for (int i = 0; i < 8; i++) {
		batch_begin();
		for (uint32_t n = 0; n < 16; n++, seq += 1000)
			arrives(ACK, .seq = seq, .ack = 1, .len = 1000, .ts_ecr = talk.ts_ecr + 1000);
		batch_end();
		take_emitted();
		user_reads(16000);
		take_emitted();
	}
	CHECK_EQ(tcp_info().rcv_rtt, 0);
}

/* Without timestamps: what lies behind the right edge takes a round trip at least. */
TEST(rates, a_window_tells_it_without_timestamps)
{
	long long seq = 1;

	established(.rqs = 16000);
	for (int i = 0; i < 12; i++) {
		after_ms(30);
		take_emitted();
		seq = flight(seq);
	}
	CHECK_EQ(info().rcv_rtt.ns, 30 * WEIR_NS_PER_MS);
}
