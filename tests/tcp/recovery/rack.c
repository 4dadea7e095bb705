/* SPDX-License-Identifier: Apache-2.0
 *
 * RACK [8985 s6]: losses by time, the reordering window and its timer.
 */
#include "support/packet_test.h"

enum { MSS = 100 };

/* n segments under way, one each millisecond, on a path of 20 ms. */
static void spaced(int n)
{
	established(.mss = MSS, .sack = true, .no_delay = true);
	tcb()->cwnd = 2000;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	for (int i = 0; i < n; i++) {
		user_send(MSS);
		emits(ACK | PSH, .seq = 1 + MSS * i, .ack = 1, .len = MSS);
		after_ms(1);
	}
	after_ms(20 - n);
}

/* [8985 s6.2 step 4] Fewer than three behind the gap: after a quarter of the round trip it is lost. */
TEST(rack, one_behind_the_gap_waits_for_the_window)
{
	spaced(2);
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	emits_nothing();
	CHECK(!tcb()->in_recovery);
	/* 20 ms of the newest round trip and 5 ms, since the first left 21 ms ago */
	CHECK_EQ(ms_until_emitted(100), 4);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	CHECK(tcb()->in_recovery);
	arrives(ACK, .seq = 1, .ack = 201);
	sendq_is(0);
}

/* What was late arrives within the window: nothing is repeated, and the path is known to reorder from then on. */
TEST(rack, late_segment_is_waited_for)
{
	spaced(6);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	after_ms(2);
	arrives(ACK, .seq = 1, .ack = 201);
	emits_nothing();
	CHECK(tcb()->reordering);
	/* [8985 s6.2 step 4] Now three behind the gap are not enough. */
	arrives(ACK, .seq = 1, .ack = 201, .sack = {{301, 601}});
	emits_nothing();
	CHECK_EQ(info().resent, 0);
	arrives(ACK, .seq = 1, .ack = 601);
	sendq_is(0);
	CHECK_EQ(info().resent, 0);
}

/* ... but when its time is over it is lost. */
TEST(rack, gap_on_a_reordering_path_is_lost_in_time)
{
	spaced(6);
	tcb()->reordering = true;
	for (int i = 2; i <= 5; i++) {
		after_ms(1);
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 1 + MSS * i}});
		emits_nothing();
	}
	CHECK_EQ(ms_until_emitted(100), 1);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 601);
	sendq_is(0);
}

/* An acknowledgement that tells of a gap's end and of what follows is in order: no reordering. */
TEST(rack, stretched_acknowledgement_is_no_reordering)
{
	spaced(6);
	arrives(ACK, .seq = 1, .ack = 201, .sack = {{301, 401}});
	CHECK(!tcb()->reordering);
	arrives(ACK, .seq = 1, .ack = 201, .sack = {{501, 601}, {301, 401}});
	CHECK(!tcb()->reordering);
	arrives(ACK, .seq = 1, .ack = 601);
	take_emitted();
}

/* [8985 s6.2 step 4] A duplicate tells that the window was too small: it widens once a round trip, and for 16
 * recoveries. */
TEST(rack, duplicates_widen_the_window)
{
	spaced(6);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 401);
	arrives(ACK, .seq = 1, .ack = 401, .sack = {{1, 101}});
	take_emitted();
	CHECK_EQ(tcb()->reorder_factor, 2);
	CHECK_EQ(tcb()->reorder_rounds, 16);
	arrives(ACK, .seq = 1, .ack = 401, .sack = {{1, 101}});
	CHECK_EQ(tcb()->reorder_factor, 2);
	arrives(ACK, .seq = 1, .ack = 601);
	take_emitted();
}

/* Without SACK nothing of this: duplicates are counted. */
TEST(rack, without_sack_there_is_no_timer)
{
	established(.mss = MSS, .no_delay = true);
	for (int i = 0; i < 4; i++) {
		user_send(MSS);
		take_emitted();
		after_ms(1);
	}
	arrives(ACK, .seq = 1, .ack = 1);
	after_ms(100);
	emits_nothing();
	CHECK_EQ(info().resent, 0);
}

/* [9937 s6] When the time of several is over at once, they go again one for each that arrives. */
TEST(rack, the_timer_sets_no_burst_free)
{
	established(.mss = MSS, .sack = true);
	tcb()->cwnd = 1000;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	user_send(10 * MSS);
	CHECK_EQ(take_emitted(), 10);
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{701, 801}});
	CHECK_EQ(ms_until_emitted(100), 5);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	emits_nothing();
	CHECK_EQ(info().lost_bytes, 600);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{701, 901}});
	emits(ACK, .seq = 101, .ack = 1, .len = MSS);
	emits_nothing();
}
