/* SPDX-License-Identifier: Apache-2.0
 *
 * CUBIC [9438] and HyStart++ [9406], the window watched round by round.
 */
#include "support/packet_test.h"

enum { MSS = 100, RTT_MS = 100 };

/* The window is full all the time; each round trip all of it is acknowledged, in pieces of two segments. */
static void rounds(int n, int rtt_ms)
{
	for (int i = 0; i < n; i++) {
		long long edge = relative_seq(tcb()->snd.max);

		after_ms(rtt_ms);
		while (relative_seq(tcb()->snd.una) < edge) {
			long long ack = relative_seq(tcb()->snd.una) + 2 * MSS;

			take_emitted();
			arrives(ACK, .seq = 1, .ack = ack < edge ? ack : edge);
		}
		take_emitted();
		user_send((uint32_t)(info().sendq_limit - info().sendq_bytes));
		take_emitted();
	}
}

static void avoiding(uint32_t cwnd)
{
	established(.mss = MSS, .sqs = 1 << 20, .wnd = 60000);
	tcb()->srtt = tcb()->min_rtt = weir_ms(RTT_MS);
	tcb()->rto = weir_ms(400);
	tcb()->cwnd = cwnd;
	tcb()->ssthresh = cwnd;
	user_send(5 * cwnd);
	take_emitted();
}

/* One loss in the window that is under way. */
static void lose_one(void)
{
	for (int i = 0; i < 3; i++) {
		arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.una));
		take_emitted();
	}
	CHECK(tcb()->in_recovery);
	after_ms(RTT_MS);
	arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
	take_emitted();
	CHECK(!tcb()->in_recovery);
}

/* [9293 MAY-18] */
TEST(cubic, is_the_default)
{
	established();
	CHECK_TEXT(info().congestion, "cubic");
	user_chooses("reno");
	CHECK_TEXT(info().congestion, "reno");
}

/* [9438 s4.6] beta 0.7 */
TEST(cubic, loss_takes_three_tenths)
{
	avoiding(10000);
	lose_one();
	CHECK_EQ(info().ssthresh_bytes, 7000);
}

TEST(cubic, timeout_takes_three_tenths_and_begins_with_one)
{
	avoiding(10000);
	ms_until_emitted(2000);
	take_emitted();
	CHECK_EQ(info().ssthresh_bytes, 7000);
	CHECK_EQ(info().cwnd_bytes, MSS);
}

/* [9438 s4.2] From 0.7 W_max it takes K = cbrt(0.3 W_max / 0.4) seconds to W_max: for 300 segments, 6.08 s. Slowly at
 * the end, then faster again. */
TEST(cubic, window_is_a_cubic_function_of_time)
{
	uint32_t at[4];

	avoiding(30000);
	lose_one();
	tcb()->cwnd = 21000;
	user_send(60000);
	take_emitted();
	rounds(30, RTT_MS);
	at[0] = info().cwnd_bytes; /* 3 s: 300 - 0.4 * 3.08^3 = 288 segments, and a round trip ahead */
	CHECK(at[0] > 28300 && at[0] < 29300);
	rounds(30, RTT_MS);
	at[1] = info().cwnd_bytes; /* 6 s: W_max */
	CHECK(at[1] > 29800 && at[1] < 30200);
	rounds(30, RTT_MS);
	at[2] = info().cwnd_bytes; /* 9 s: 0.4 * 2.92^3 = 10 segments more */
	CHECK(at[2] > 30800 && at[2] < 31600);
	rounds(30, RTT_MS);
	at[3] = info().cwnd_bytes; /* 12 s: 0.4 * 5.92^3 = 83 */
	CHECK(at[3] > 37400 && at[3] < 39500);
}

/* [9438 s4.3] On a short path Reno's growth is faster, and is kept up with. */
TEST(cubic, is_friendly_to_reno_on_short_paths)
{
	avoiding(2000);
	lose_one();
	tcb()->srtt = weir_ms(10);
	tcb()->cwnd = 1400;
	user_send(5000);
	take_emitted();
	rounds(20, 10); /* 0.2 s: the cubic function has not left the ground */
	CHECK(info().cwnd_bytes >= 1400 + 20 * MSS * 9 / 17 - 2 * MSS);
	CHECK(info().cwnd_bytes <= 1400 + 21 * MSS);
}

/* [9438 s4.7] A second loss before W_max is reached again: room for others. */
TEST(cubic, fast_convergence)
{
	uint32_t slow, fast;

	avoiding(30000);
	lose_one();
	tcb()->cwnd = 21000;
	user_send(60000);
	take_emitted();
	rounds(2, RTT_MS);
	lose_one();
	fast = tcb()->cc_state[0];
	slow = tcb()->ssthresh;
	CHECK(slow > 14000 && slow < 18000);
	CHECK(fast < 22000); /* w_max: 0.85 of the window at the loss */
}

/* [9406 s4.2] A round whose round trips are longer by more than an eighth: slower, and out after five more. */
TEST(cubic, slow_start_ends_when_the_queue_grows)
{
	uint32_t before;

	established(.mss = MSS, .sqs = 1 << 20, .wnd = 60000);
	user_send(40000);
	take_emitted();
	rounds(2, 40);
	CHECK_EQ(info().cwnd_bytes, 4000);
	rounds(1, 60);
	before = info().cwnd_bytes;
	rounds(1, 60); /* the first round with none but longer ones */
	CHECK(info().cwnd_bytes < before * 3 / 2);
	before = info().cwnd_bytes;
	rounds(1, 60);
	CHECK(info().cwnd_bytes < before * 4 / 3);
	CHECK_EQ(info().ssthresh_bytes, UINT32_MAX);
	rounds(5, 60);
	CHECK(info().ssthresh_bytes != UINT32_MAX);
}

/* Not only the first samples of a round count: where the round trips grow within one, a queue of half a round trip
 * stands before the next could tell. */
TEST(cubic, slow_start_slows_down_within_a_round)
{
	uint32_t before = 0;

	established(.mss = MSS, .sqs = 1 << 20, .wnd = 60000);
	user_send(40000);
	take_emitted();
	rounds(3, 40);
	CHECK_EQ(info().cwnd_bytes, 8000);
	after_ms(40);
	for (unsigned i = 1; i <= 40; i++) { /* half of the round at its old length, the rest ever later */
		if (i > 20)
			after_ms(1);
		arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.una) + 2 * MSS);
		take_emitted();
		if (i == 36)
			before = info().cwnd_bytes;
	}
	CHECK(info().cwnd_bytes - before < 4 * 2 * MSS);
}

/* ... and goes on when it was only noise. */
TEST(cubic, slow_start_goes_on_after_noise)
{
	established(.mss = MSS, .sqs = 1 << 20, .wnd = 60000);
	user_send(40000);
	take_emitted();
	rounds(2, 40);
	rounds(1, 60);
	rounds(2, 40);
	CHECK(info().cwnd_bytes >= 10000);
	CHECK_EQ(info().ssthresh_bytes, UINT32_MAX);
}

TEST(cubic, steady_round_trips_end_nothing)
{
	established(.mss = MSS, .sqs = 1 << 20, .wnd = 60000);
	user_send(40000);
	take_emitted();
	rounds(4, 40);
	CHECK_EQ(info().cwnd_bytes, 16000);
}
