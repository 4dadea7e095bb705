/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sender makes of SACK: the scoreboard [2018 s5, 6675 s3], what goes again and how much [6675 s5; 9937], and
 * the blocks that lie [attacks C-1, C-2, C-6, C-7, C-8, P-10].
 */
#include "support/packet_test.h"

enum { MSS = 100 };

static void in_flight(int n, uint32_t written)
{
	established(.mss = MSS, .sack = true);
	user_chooses("reno"); /* a loss halves */
	tcb()->cwnd = 1000;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	user_send(written);
	CHECK_EQ(take_emitted(), n);
	after_ms(20);
}

/* [6675 s5, 8985 s6.2] Three segments behind the gap have arrived: only the gap goes again, and new data. */
TEST(sack_sender, only_the_gap_goes_again)
{
	in_flight(10, 1000);
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{201, 301}});
	emits_nothing();
	CHECK_EQ(info().sacked_bytes, 100);
	CHECK_EQ(info().pipe_bytes, 800);
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{201, 401}});
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{201, 501}});
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits_nothing();
	CHECK(tcb()->in_recovery);
	CHECK_EQ(info().lost_bytes, 0);
	arrives(ACK, .seq = 1, .ack = 501);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 1001);
	emits_nothing();
	CHECK(!tcb()->in_recovery);
	CHECK_EQ(info().resent, 1);
	CHECK(tcb()->rec == NULL || tcb()->rec->sent.chunks == 0);
}

/* Two gaps: both go, the second as the window allows, nothing in between. */
TEST(sack_sender, two_gaps_in_order)
{
	in_flight(10, 1000);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 401}, {101, 201}});
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 501}, {101, 201}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 601}, {101, 201}});
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 701}, {101, 201}});
	emits(ACK, .seq = 201, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{301, 1001}, {101, 201}});
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 201, .sack = {{301, 1001}});
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 1001);
	CHECK_EQ(info().resent, 2);
	sendq_is(0);
}

/* [3042] The first two tell of room: new data goes. */
TEST(sack_sender, first_two_send_new_data)
{
	in_flight(10, 2000);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	emits(ACK, .seq = 1001, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 301}});
	emits(ACK, .seq = 1101, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
}

/* [9937] No more leaves in recovery than its share of what has arrived, and never a burst; the window ends at ssthresh.
 */
TEST(sack_sender, rate_is_reduced_in_proportion)
{
	unsigned sent = 0;
	uint32_t ssthresh;

	in_flight(10, 5000);
	for (int i = 2; i <= 4; i++) {
		after_us(100);
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 1 + 100 * i}});
		CHECK_EQ(take_emitted(), 1);
	}
	ssthresh = info().ssthresh_bytes;
	CHECK(ssthresh >= 500 && ssthresh <= 700);
	for (int i = 5; i <= 12; i++) {
		if (i == 11)
			after_ms(20); /* what limited transmit sent */
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 1 + 100 * i}});
		CHECK(talk_emitted() <= 1);
		sent += take_emitted();
	}
	CHECK(sent >= 4 && sent <= 7);
	arrives(ACK, .seq = 1, .ack = 1201);
	CHECK_EQ(info().cwnd_bytes, ssthresh);
	take_emitted();
}

/* [6675 s5] A time-out takes what is missing for lost, not what has arrived. */
TEST(sack_sender, timeout_spares_what_has_arrived)
{
	in_flight(5, 500);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{201, 301}});
	CHECK(ms_until_emitted(3000) > 0);
	take_emitted();
	while (info().retransmits == 0)
		ms_until_emitted(3000), take_emitted();
	CHECK_EQ(info().sacked_bytes, 100);
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{201, 301}});
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 301, .ack = 1, .len = 100);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 301);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 501);
	emits_nothing();
	sendq_is(0);
}

/* [2018 s8, attacks C-7] What was told to be there is missing after all: it was kept, and goes again. */
TEST(sack_sender, reneging_is_survived)
{
	in_flight(5, 500);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 501}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101);
	for (int i = 0; i < 10 && info().retransmits == 0; i++)
		ms_until_emitted(3000), take_emitted();
	counter_is(tcp_sack_reneged, 1);
	CHECK_EQ(info().sacked_bytes, 0);
	arrives(ACK, .seq = 1, .ack = 201);
	CHECK(take_emitted() >= 1);
	arrives(ACK, .seq = 1, .ack = 501);
	sendq_is(0);
}

/* [attacks P-10] Blocks that cannot be true change nothing, one by one. */
TEST(sack_sender, impossible_blocks_are_ignored)
{
	in_flight(10, 1000);
	arrives(ACK, .seq = 1, .ack = 101);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{901, 1101}}); /* beyond SND.NXT */
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{601, 501}});  /* backwards */
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{51, 301}});   /* before SND.UNA */
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{-100000000, -99999900}});
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{1 + (1ll << 31), 101 + (1ll << 31)}});
	CHECK_EQ(info().sacked_bytes, 0);
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{901, 1101}, {601, 501}, {301, 401}});
	CHECK_EQ(info().sacked_bytes, 100);
	arrives(ACK, .seq = 1, .ack = 101, .sack = {{351, 451}, {301, 401}}); /* overlapping */
	CHECK_EQ(info().sacked_bytes, 150);
	take_emitted();
	CHECK_EQ(info().resent, 0);
}

/* [attacks C-6] The same again and again says nothing new. */
TEST(sack_sender, repeated_blocks_set_nothing_free)
{
	in_flight(10, 5000);
	for (int i = 0; i < 1000; i++) {
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
		CHECK_EQ(take_emitted(), i == 0);
	}
	CHECK_EQ(info().resent, 0);
}

/* [attacks C-2] A block for every second byte: what is kept of them is bounded, and the connection goes on. */
TEST(sack_sender, dust_is_bounded)
{
	established(.mss = 1000, .sack = true, .sqs = 1 << 20);
	tcb()->cwnd = 1 << 20;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	user_send(60000);
	take_emitted();
	for (int i = 0; i < 5000; i++) {
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{2 + 2 * i, 3 + 2 * i}});
		take_emitted();
	}
	CHECK(tcb()->rec->sent.chunks <= SENT_CHUNKS_MAX);
	CHECK(sent_runs(&tcb()->rec->sent) >= 2000);
	arrives(ACK, .seq = 1, .ack = 60001);
	sendq_is(0);
	CHECK(!tcb()->in_recovery);
}

/* What a lost repetition does: it is found by time, without waiting for the timer [8985 s3.3]. */
TEST(sack_sender, lost_repetition_is_found)
{
	in_flight(10, 3000);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	after_ms(5);
	for (int i = 5; i <= 10; i++) {
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 1 + 100 * i}});
		take_emitted();
	}
	CHECK_EQ(info().resent, 1);
	after_ms(20); /* what left after the repetition arrives, the repetition does not */
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, relative_seq(tcb()->snd.max)}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	CHECK_EQ(info().resent, 2);
	CHECK_EQ(info().retransmits, 0);
}
