/* SPDX-License-Identifier: Apache-2.0
 *
 * Losses that were none: the windows are put back [3522, 4015; 3708; 5682; attacks C-8].
 */
#include "support/packet_test.h"

enum { MSS = 100 };

/* Ten segments under way on a path of 20 ms. */
#define ten_under_way(...) begin_with(OPEN_SPEC(.mss = MSS, ##__VA_ARGS__))

static void begin_with(const struct open_spec *spec)
{
	talk_established(spec);
	tcb()->cwnd = 1000;
	tcb()->ssthresh = 5000;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	tcb()->rto = weir_ms(220);
	user_send(3000);
	CHECK(take_emitted() >= 10);
	after_ms(20);
}

/* [3522 s3] The echo is of the original: recovery was for nothing. */
TEST(undo, old_echo_ends_recovery)
{
	long long ts;

	ten_under_way(.sack = true, .timestamps = true, .mss = MSS + 12);
	ts = last_emitted()->opt.ts_val;
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	take_emitted();
	CHECK(tcb()->in_recovery);
	CHECK(info().cwnd_bytes < 1000);
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 1001, .ts_val = 1000, .ts_ecr = ts);
	CHECK(!tcb()->in_recovery);
	CHECK(info().cwnd_bytes >= 1000);
	CHECK_EQ(info().ssthresh_bytes, 5000);
	counter_is(tcp_spurious, 1);
	take_emitted();
}

/* Nothing else was sent again, and nothing is taken for lost: there is nothing to wait for. */
TEST(undo, old_echo_of_the_only_repetition_ends_recovery_at_once)
{
	long long ts;

	ten_under_way(.sack = true, .timestamps = true, .mss = MSS + 12);
	ts = last_emitted()->opt.ts_val;
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	take_emitted();
	CHECK(tcb()->in_recovery);
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 401, .ts_val = 1000, .ts_ecr = ts);
	CHECK(!tcb()->in_recovery);
	CHECK(info().cwnd_bytes >= 1000);
	CHECK_EQ(info().ssthresh_bytes, 5000);
	counter_is(tcp_spurious, 1);
	take_emitted();
}

/* One was late; another may be lost. */
TEST(undo, old_echo_of_one_of_two_repetitions_is_not_enough)
{
	long long ts;

	ten_under_way(.sack = true, .timestamps = true, .mss = MSS + 12);
	ts = last_emitted()->opt.ts_val;
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 801}, {101, 201}});
	take_emitted();
	CHECK(tcb()->in_recovery);
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 201, .ts_val = 1000, .ts_ecr = ts, .sack = {{301, 801}});
	CHECK(tcb()->in_recovery);
	CHECK(info().cwnd_bytes < 1000);
	counter_is(tcp_spurious, 0);
	take_emitted();
}

/* Where the path reorders, what arrives behind a gap makes the window grow when it arrives, and once: if the gap is a
 * loss after all, the window before it was as large as what it had carried. */
TEST(undo, what_arrives_behind_a_gap_counts_at_once_where_the_path_reorders)
{
	ten_under_way(.sack = true);
	tcb()->reordering = true;
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	CHECK(!tcb()->in_recovery);
	CHECK_EQ(info().cwnd_bytes, 1300);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 401);
	CHECK_EQ(info().cwnd_bytes, 1400);
	take_emitted();
}

TEST(undo, new_echo_does_not)
{
	ten_under_way(.sack = true, .timestamps = true, .mss = MSS + 12);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	take_emitted();
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1001);
	CHECK(!tcb()->in_recovery);
	CHECK(info().cwnd_bytes < 1000);
	counter_is(tcp_spurious, 0);
	take_emitted();
}

/* [3522] A time-out that came too early. */
TEST(undo, old_echo_ends_a_timeout)
{
	long long ts;

	ten_under_way(.timestamps = true, .mss = MSS + 12);
	ts = last_emitted()->opt.ts_val;
	ms_until_emitted(500);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	CHECK_EQ(info().cwnd_bytes, MSS);
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 201, .ts_val = 1000, .ts_ecr = ts);
	CHECK(info().cwnd_bytes >= 1000);
	CHECK_EQ(info().ssthresh_bytes, 5000);
	CHECK_EQ(info().lost_bytes, 0);
	CHECK_EQ(relative_seq(next_emitted()->seq), 1001); /* on with new data */
	take_emitted();
	CHECK_EQ(info().resent, 1);
}

/* [3708 s2.1] Everything that was repeated is told of as a duplicate. */
TEST(undo, duplicates_of_all_repetitions)
{
	ten_under_way(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 1001);
	take_emitted();
	CHECK(info().cwnd_bytes < 1000);
	after_ms(5);
	arrives(ACK, .seq = 1, .ack = 1001, .sack = {{1, 101}});
	CHECK(info().cwnd_bytes >= 1000);
	CHECK_EQ(info().ssthresh_bytes, 5000);
	take_emitted();
	/* [attacks C-8] Once. */
	tcb()->cwnd = 300;
	arrives(ACK, .seq = 1, .ack = 1001, .sack = {{1, 101}});
	CHECK_EQ(info().cwnd_bytes, 300);
	counter_is(tcp_spurious, 1);
}

/* Of one of two: the other was lost. */
TEST(undo, duplicates_of_some_repetitions_are_not_enough)
{
	ten_under_way(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}, {301, 601}});
	take_emitted();
	after_ms(5);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 1001}, {101, 201}});
	take_emitted();
	CHECK_EQ(info().resent, 2);
	arrives(ACK, .seq = 1, .ack = 1001);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 1001, .sack = {{1, 101}});
	CHECK(info().cwnd_bytes < 1000);
	counter_is(tcp_spurious, 0);
	take_emitted();
}

/* [attacks C-8] Duplicates of what was never repeated. */
TEST(undo, made_up_duplicates_change_nothing)
{
	ten_under_way(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1001);
	take_emitted();
	for (int i = 0; i < 9; i++)
		arrives(ACK, .seq = 1, .ack = 1001, .sack = {{1 + 100 * i, 101 + 100 * i}});
	counter_is(tcp_spurious, 0);
	take_emitted();
}

/* [5682 s2.1] The time-out came too early: two new segments, and the next acknowledgement is of what was not repeated.
 */
TEST(undo, frto_finds_an_early_timeout)
{
	ten_under_way();
	ms_until_emitted(500);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK, .seq = 1001, .ack = 1, .len = MSS); /* (2b) new, not 101 again */
	CHECK(take_emitted() <= 2);
	arrives(ACK, .seq = 1, .ack = 201);
	CHECK(info().cwnd_bytes >= 1000);
	CHECK_EQ(info().ssthresh_bytes, 5000);
	CHECK_EQ(info().lost_bytes, 0);
	counter_is(tcp_spurious, 1);
	take_emitted();
	CHECK_EQ(info().resent, 1);
}

/* [5682 s2.1 (2b)] Two, however much the acknowledgement was of: what is lost waits for their fate. */
TEST(undo, frto_sends_two_new_segments)
{
	ten_under_way(.sack = true);
	ms_until_emitted(100); /* the probe of the tail */
	take_emitted();
	ms_until_emitted(500);
	take_emitted();
	CHECK(tcb()->in_loss);
	arrives(ACK, .seq = 1, .ack = 601);
	CHECK_EQ(take_emitted(), 2);
}

/* [5682 s2.1 (3a)] A duplicate: the loss is real, and what is missing goes again. */
TEST(undo, frto_finds_a_real_loss)
{
	ten_under_way();
	ms_until_emitted(500);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 101);
	CHECK(take_emitted() >= 1);
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK, .seq = 101, .ack = 1, .len = MSS);
	take_emitted();
	counter_is(tcp_spurious, 0);
	CHECK(info().cwnd_bytes < 1000);
}

/* [5682 s2.1 (2a)] A duplicate at once. */
TEST(undo, frto_ends_with_a_duplicate_at_once)
{
	ten_under_way();
	ms_until_emitted(500);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK, .seq = 101, .ack = 1, .len = MSS);
	take_emitted();
	counter_is(tcp_spurious, 0);
}
