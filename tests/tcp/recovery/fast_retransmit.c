/* SPDX-License-Identifier: Apache-2.0
 *
 * Duplicate acknowledgements [9293 MUST-19; RFC 5681 s3.2; RFC 6582; RFC 3042].
 */
#include "support/packet_test.h"

enum { MSS = 100 };

/* n full segments under way, from 1 on; the program has written `written` bytes in all. */
static void in_flight(int n, uint32_t written)
{
	established(.mss = MSS);
	user_chooses("reno"); /* a loss halves */
	user_send(written);
	CHECK_EQ(take_emitted(), n);
}

static void duplicate_ack(long long ack)
{
	arrives(ACK, .seq = 1, .ack = ack);
}

TEST(recovery, third_duplicate_ack_resends_snd_una)
{
	in_flight(8, 800);
	duplicate_ack(1);
	emits_nothing();
	duplicate_ack(1);
	emits_nothing();
	duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(info().ssthresh_bytes, 400);
	CHECK_EQ(info().resent, 1);
	duplicate_ack(1);
	emits_nothing();
}

TEST(recovery, two_duplicate_acks_resend_nothing)
{
	in_flight(8, 800);
	duplicate_ack(1);
	duplicate_ack(1);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 301);
	emits_nothing();
	duplicate_ack(301);
	duplicate_ack(301);
	emits_nothing();
	duplicate_ack(301);
	emits(ACK, .seq = 301, .ack = 1, .len = 100);
}

/* [5681 s2] What is a duplicate: no text, same window, something under way. */
TEST(recovery, text_is_no_duplicate_ack)
{
	in_flight(8, 800);
	for (int i = 0; i < 5; i++)
		arrives(ACK | PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10);
	after_ms(40);
	while (talk_emitted() > 0)
		CHECK_EQ(next_emitted()->text_bytes, 0);
	CHECK_EQ(info().resent, 0);
}

TEST(recovery, window_update_is_no_duplicate_ack)
{
	in_flight(8, 800);
	for (int i = 0; i < 5; i++)
		arrives(ACK, .seq = 1, .ack = 1, .wnd = 50000 + i);
	emits_nothing();
	CHECK_EQ(info().resent, 0);
}

TEST(recovery, nothing_under_way_no_duplicate_ack)
{
	established(.mss = MSS);
	for (int i = 0; i < 5; i++)
		duplicate_ack(1);
	emits_nothing();
	user_send(300);
	CHECK_EQ(take_emitted(), 3);
	duplicate_ack(1);
	duplicate_ack(1);
	emits_nothing();
}

/* [RFC 3042] Limited transmit: the first two let one new segment go each. */
TEST(recovery, first_two_duplicate_acks_send_new_data)
{
	in_flight(10, 2000);
	duplicate_ack(1);
	emits(ACK, .seq = 1001, .ack = 1, .len = 100);
	duplicate_ack(1);
	emits(ACK, .seq = 1101, .ack = 1, .len = 100);
	duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
}

/* [6582 s3.2] A partial acknowledgement means another hole: it is filled at once. */
TEST(recovery, partial_ack_resends_the_next_hole)
{
	in_flight(10, 1000);
	for (int i = 0; i < 2; i++)
		duplicate_ack(1);
	emits_nothing();
	duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	for (int i = 0; i < 4; i++)
		duplicate_ack(1);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 301);
	emits(ACK, .seq = 301, .ack = 1, .len = 100);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 601);
	emits(ACK, .seq = 601, .ack = 1, .len = 100);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 1001);
	emits_nothing();
	CHECK_EQ(info().resent, 3);
	CHECK(info().cwnd_bytes <= info().ssthresh_bytes);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE);
}

/* New data flows while recovery goes on: each further duplicate says that one has left the network. */
TEST(recovery, further_duplicate_acks_clock_new_data_out)
{
	unsigned sent = 0;

	in_flight(10, 3000);
	duplicate_ack(1);
	CHECK_EQ(take_emitted(), 1);
	duplicate_ack(1);
	CHECK_EQ(take_emitted(), 1);
	duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	for (int i = 0; i < 8; i++) {
		duplicate_ack(1);
		sent += talk_emitted();
		take_emitted();
	}
	CHECK(sent >= 2 && sent <= 8);
	/* The full acknowledgement ends it: the window is half of what was under way. */
	arrives(ACK, .seq = 1, .ack = 1201 + 100 * sent);
	CHECK(info().cwnd_bytes <= 700);
	take_emitted();
}

/* [6582 s3.2 (4)] Duplicates of what a time-out has sent again start no second episode. */
TEST(recovery, no_fast_retransmit_after_a_timeout)
{
	in_flight(10, 1000);
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	for (int i = 0; i < 6; i++)
		duplicate_ack(1);
	take_emitted();
	CHECK_EQ(info().resent, 1);
}

/* One loss episode halves once. */
TEST(recovery, one_episode_halves_once)
{
	uint32_t ssthresh;

	in_flight(10, 1000);
	for (int i = 0; i < 3; i++)
		duplicate_ack(1);
	take_emitted();
	ssthresh = info().ssthresh_bytes;
	for (int i = 0; i < 6; i++)
		duplicate_ack(1);
	arrives(ACK, .seq = 1, .ack = 501);
	emits(ACK, .seq = 501, .ack = 1, .len = 100);
	for (int i = 0; i < 3; i++)
		duplicate_ack(501);
	emits_nothing();
	CHECK_EQ(info().ssthresh_bytes, ssthresh);
}

/* Our FIN is under way as well: the repeated head does not carry it. */
TEST(recovery, repeated_head_carries_no_fin_before_its_turn)
{
	established(.mss = MSS);
	user_send(400);
	CHECK_EQ(take_emitted(), 4);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 401, .ack = 1);
	for (int i = 0; i < 3; i++)
		duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 301);
	emits(FIN | ACK | PSH, .seq = 301, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 402);
	state_is(FIN_WAIT_2);
}

/* Only the FIN was lost. */
TEST(recovery, lost_fin_alone_is_repeated)
{
	established(.mss = MSS);
	user_send(100);
	CHECK_EQ(take_emitted(), 1);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 101, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 101);
	ms_until_emitted(1000);
	emits(FIN | ACK, .seq = 101, .ack = 1);
}

/* Recovery is over with the full acknowledgement: growth goes on, and a second loss is a second episode. */
TEST(recovery, second_episode_after_the_first)
{
	in_flight(10, 1000);
	for (int i = 0; i < 3; i++)
		duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 1001);
	CHECK_EQ(info().ssthresh_bytes, 500);
	CHECK_EQ(tcb()->in_recovery, 0);
	user_send(200);
	CHECK_EQ(take_emitted(), 2);
	arrives(ACK, .seq = 1, .ack = 1201);
	user_send(600);
	CHECK(take_emitted() >= 2);
	for (int i = 0; i < 3; i++) {
		arrives(ACK, .seq = 1, .ack = 1201);
		if (i < 2)
			take_emitted();
	}
	CHECK_EQ(relative_seq(next_emitted()->seq), 1201);
	take_emitted();
	CHECK_EQ(info().resent, 2);
}

/* A time-out ends fast recovery: what follows is slow start, not the filling of holes. */
TEST(recovery, timeout_ends_fast_recovery)
{
	in_flight(10, 1000);
	for (int i = 0; i < 3; i++)
		duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	ms_until_emitted(1000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().cwnd_bytes, 100);
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 201, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(info().cwnd_bytes, 200);
}

/* Karn: no sample from what fast retransmit has sent again [9293 MUST-18]. */
TEST(recovery, fast_retransmit_gives_no_sample)
{
	long long srtt;

	in_flight(4, 400);
	srtt = info().srtt.ns;
	after_ms(150);
	for (int i = 0; i < 3; i++)
		duplicate_ack(1);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 401);
	CHECK_EQ(info().srtt.ns, srtt);
}
