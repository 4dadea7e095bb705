/* SPDX-License-Identifier: Apache-2.0
 *
 * The retransmission time-out [9293 MUST-18, MUST-19; RFC 6298]: samples, Karn's rule, backing off, and what is sent
 * again.
 */
#include "support/packet_test.h"

/* One segment acknowledged after a while: a sample. Our SND.NXT moves by 10. */
static void round_trip(int ms, long long at)
{
	user_send(10);
	emits(ACK | PSH, .seq = at, .ack = 1, .len = 10);
	after_ms(ms);
	arrives(ACK, .seq = 1, .ack = at + 10);
}

/* [6298 2.2, 2.3] */
/* [6298 s2.3] The variation of a path that has none goes, whatever numbers the connection began with. */
TEST(recovery, a_steady_path_has_no_variation)
{
	config()->iss = 0xc0000000; /* far from 0, on either side */
	our_isn_is(0xc0000000);
	user_listens(OPEN_SPEC());
	arrives(SYN, .seq = 0, .mss = 1000);
	take_emitted();
	after_ms(40);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	CHECK_EQ(info().rttvar.ns, 20 * WEIR_NS_PER_MS);
	for (int i = 0; i < 20; i++) {
		user_send(100);
		take_emitted();
		after_ms(40);
		arrives(ACK, .seq = 1, .ack = 101 + 100 * i);
	}
	CHECK(info().rttvar.ns < WEIR_NS_PER_MS);
}

TEST(recovery, rto_follows_the_round_trips)
{
	established(.active = true);
	tcb()->srtt.ns = 0; /* the handshake took no time: begin with a known first sample */
	tcb()->rto = weir_s(1);
	round_trip(100, 1);
	CHECK_EQ(info().srtt.ns, 100 * WEIR_NS_PER_MS);
	CHECK_EQ(info().rttvar.ns, 50 * WEIR_NS_PER_MS);
	CHECK_EQ(info().rto.ns, 300 * WEIR_NS_PER_MS);
	round_trip(140, 11);
	CHECK_EQ(info().srtt.ns, 105 * WEIR_NS_PER_MS);
	CHECK_EQ(info().rttvar.ns, (long long)(47.5 * WEIR_NS_PER_MS));
	CHECK(info().rto.ns >= 295 * WEIR_NS_PER_MS);
	CHECK_EQ(info().min_rtt.ns, 100 * WEIR_NS_PER_MS);
}

/* The configured minimum. */
TEST(recovery, rto_is_never_below_the_minimum)
{
	established();
	for (int i = 0; i < 50; i++)
		round_trip(1, 1 + 10 * i);
	CHECK(info().rto.ns >= 200 * WEIR_NS_PER_MS);
	CHECK(info().rto.ns <= 210 * WEIR_NS_PER_MS);
}

/* Karn: who knows which copy was acknowledged? [9293 MUST-18] */
TEST(recovery, retransmission_gives_no_sample)
{
	long long srtt, rto;

	established();
	round_trip(100, 1);
	srtt = info().srtt.ns;
	user_send(10);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	ms_until_emitted(1000);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	rto = info().rto.ns;
	after_ms(1);
	arrives(ACK, .seq = 1, .ack = 21);
	CHECK_EQ(info().srtt.ns, srtt);
	CHECK_EQ(info().rto.ns, rto); /* backed off until a sample says otherwise */
	round_trip(100, 21);
	CHECK(info().rto.ns < rto);
}

/* [7323 s4] A timestamp tells the copies apart. */
TEST(recovery, timestamp_gives_a_sample_after_a_retransmission)
{
	long long rto;

	established(.timestamps = true);
	round_trip(100, 1);
	user_send(10);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	ms_until_emitted(1000);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	rto = info().rto.ns;
	after_ms(100);
	arrives(ACK, .seq = 1, .ack = 21);
	CHECK(info().rto.ns < rto);
}

/* [attacks C-14] An echo from the future or from long ago is no sample. */
TEST(recovery, impossible_echo_gives_no_sample)
{
	long long srtt;

	established(.timestamps = true);
	round_trip(100, 1);
	user_send(10);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	ms_until_emitted(1000);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	after_ms(100);
	srtt = info().srtt.ns;
	arrives(ACK, .seq = 1, .ack = 21, .ts_val = 1000, .ts_ecr = (long long)last_emitted()->opt.ts_val + 100000);
	CHECK_EQ(info().srtt.ns, srtt);
	user_send(10);
	emits(ACK | PSH, .seq = 21, .ack = 1, .len = 10);
	ms_until_emitted(3000);
	emits(ACK | PSH, .seq = 21, .ack = 1, .len = 10);
	arrives(ACK, .seq = 1, .ack = 31, .ts_val = 1000, .ts_ecr = (long long)last_emitted()->opt.ts_val - 1000000);
	CHECK_EQ(info().srtt.ns, srtt);
}

/* [6298 5.4, 5.5] The earliest one again, and only it; twice as long each time. */
TEST(recovery, timeout_resends_the_head_and_doubles)
{
	long long rto;

	established(.mss = 100);
	user_send(400);
	for (int i = 0; i < 3; i++)
		emits(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	emits(ACK | PSH, .seq = 301, .ack = 1, .len = 100);
	rto = info().rto.ns;
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(info().rto.ns, 2 * rto);
	CHECK_EQ(info().retransmits, 1);
	ms_until_emitted(4000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().rto.ns, 4 * rto);
	CHECK_EQ(info().retransmits, 2);
}

/* [5681 s3.1] One segment at first; what follows grows from there. */
TEST(recovery, timeout_begins_again_with_one_segment)
{
	established(.mss = 100);
	user_chooses("reno");
	user_send(1000);
	CHECK_EQ(take_emitted(), 10);
	CHECK_EQ(info().cwnd_bytes, 1000);
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().cwnd_bytes, 100);
	CHECK_EQ(info().ssthresh_bytes, 500);
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 201, .ack = 1, .len = 100);
	emits_nothing();
	/* All had arrived but the first: nothing more to repeat. */
	arrives(ACK, .seq = 1, .ack = 1001);
	emits_nothing();
	sendq_is(0);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE);
}

/* [6298 5.3] New data acknowledged: the time runs anew. */
TEST(recovery, acknowledgement_restarts_the_time)
{
	established(.mss = 100, .no_delay = true);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	user_send(100);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
	after_ms(150);
	arrives(ACK, .seq = 1, .ack = 101);
	after_ms(150);
	emits_nothing();
	CHECK(ms_until_emitted(1000) >= 49);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
}

/* [9293 SHLD-10, MUST-20] More than R1, less than R2: the connection lives and takes the late answer. */
TEST(recovery, late_acknowledgement_is_good)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	after_s(20);
	CHECK(take_emitted() >= 4);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
	after_s(1000);
	emits_nothing();
	state_is(ESTABLISHED);
	CHECK_EQ(info().retransmits, 0);
}

/* What went again is counted in bytes; a repetition that takes new bytes along counts only the old ones. */
TEST(recovery, repeated_bytes_are_counted)
{
	established(.mss = 1000, .no_delay = true);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	user_send(10);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	CHECK_EQ(info().bytes_resent, 0);
	ms_until_emitted(1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 20);
	CHECK_EQ(info().bytes_resent, 20);
	CHECK_EQ(info().resent, 1);
	CHECK_EQ(counter_value(drop_tcp_resent), 1);
}

/* [5681 s3.1] Each further time-out leaves one segment; half of what was under way is reckoned once. */
TEST(recovery, repeated_timeout_keeps_ssthresh)
{
	established(.mss = 100);
	user_chooses("reno");
	user_send(1000);
	CHECK_EQ(take_emitted(), 10);
	ms_until_emitted(1000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().ssthresh_bytes, 500);
	tcb()->cwnd = 1000;
	ms_until_emitted(1000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(info().cwnd_bytes, 100);
	CHECK_EQ(info().ssthresh_bytes, 500);
}

/* Each acknowledgement is a sample, of the time since that left which it acknowledges. */
TEST(recovery, acknowledgement_is_a_sample_of_its_own_segment)
{
	established(.no_delay = true);
	round_trip(100, 1);
	user_send(10);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	after_ms(50);
	user_send(10);
	emits(ACK | PSH, .seq = 21, .ack = 1, .len = 10);
	after_ms(50);
	tcb()->srtt = weir_ms(80);
	arrives(ACK, .seq = 1, .ack = 21);
	CHECK_EQ(info().srtt.ns, 82500000); /* 100 ms */
	arrives(ACK, .seq = 1, .ack = 31);
	CHECK_EQ(info().srtt.ns, 78437500); /* 50 ms */
}

/* [6298 s3] Many samples of one round trip make RTTVAR grow, but do not make it forget the last round trip. */
TEST(recovery, variance_shrinks_once_a_round)
{
	long long before;

	established(.mss = 100, .no_delay = true);
	tcb()->srtt = tcb()->min_rtt = weir_ms(100);
	tcb()->rttvar = weir_ms(40);
	user_send(800);
	CHECK_EQ(take_emitted(), 8);
	after_ms(100);
	arrives(ACK, .seq = 1, .ack = 101); /* a round begins */
	before = info().rttvar.ns;
	for (unsigned i = 2; i <= 7; i++)
		arrives(ACK, .seq = 1, .ack = 1 + 100 * i);
	CHECK_EQ(info().rttvar.ns, before);
	after_ms(200);
	arrives(ACK, .seq = 1, .ack = 801);
	CHECK(info().rttvar.ns > before);
}

/* A queue grows while the head is missing: what arrives behind it tells how long a round trip is now, so that the
 * time-out for the head's repetition is not over before that can be acknowledged. */
TEST(recovery, round_trips_behind_a_gap_are_samples)
{
	established(.mss = 100, .sack = true);
	tcb()->srtt = tcb()->min_rtt = weir_ms(50);
	tcb()->rttvar = weir_ms(1);
	user_send(1000);
	CHECK_EQ(take_emitted(), 10);
	after_ms(50);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 501}});
	take_emitted();
	for (unsigned i = 6; i <= 9; i++) {
		after_ms(20);
		arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 1 + 100 * i}});
		take_emitted();
	}
	CHECK(info().srtt.ns > weir_ms(65).ns);
}

/* [5681 s3.1] The time-out of an episode that has lowered ssthresh already is about the same loss. */
TEST(recovery, timeout_in_recovery_reduces_no_second_time)
{
	established(.mss = 100, .sack = true);
	user_chooses("reno");
	tcb()->cwnd = 1000;
	user_send(1000);
	CHECK_EQ(take_emitted(), 10);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{101, 501}});
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().ssthresh_bytes, 500);
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(info().retransmits, 1);
	CHECK_EQ(info().cwnd_bytes, 100);
	CHECK_EQ(info().ssthresh_bytes, 500);
}
