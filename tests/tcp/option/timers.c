/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that are about time: TCP_RTO_MAX_MS, TCP_RTO_MIN_US, TCP_DELACK_MAX_US, TCP_USER_TIMEOUT, TCP_SYNCNT,
 * TCP_LINGER2, TCP_CORK's ceiling, and keep-alive in full [9293 MUST-24 ... MUST-29, SHLD-12, MAY-5].
 */
#include "support/packet_test.h"

enum { OPT_LINGER2 = 8, OPT_RTO_MAX_MS = 44, OPT_RTO_MIN_US = 45, OPT_DELACK_MAX_US = 46 };

TEST(option_time, rto_max_bounds_the_back_off)
{
	established();
	user_sets(LEVEL_TCP, OPT_RTO_MAX_MS, 1000);
	user_send(10);
	take_emitted();
	for (int i = 0; i < 3; i++) {
		ms_until_emitted(1000);
		take_emitted();
	}
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(ms_until_emitted(1100), 1000);
		emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	}
	CHECK_EQ(info().rto.ns, weir_s(1).ns);
}

/* ... and the wait between probes of a closed window. */
TEST(option_time, rto_max_bounds_the_probes_of_a_closed_window)
{
	established(.wnd = 0);
	user_sets(LEVEL_TCP, OPT_RTO_MAX_MS, 1000);
	user_send(10);
	for (int i = 0; i < 4; i++) {
		ms_until_emitted(1000);
		emits(ACK, .seq = 0, .ack = 1);
		arrives(ACK, .seq = 1, .ack = 1, .wnd = 0);
	}
	CHECK_EQ(ms_until_emitted(2000), 1000);
	emits(ACK, .seq = 0, .ack = 1);
}

TEST(option_time, rto_min_lowers_the_floor)
{
	established();
	user_sets(LEVEL_TCP, OPT_RTO_MIN_US, 10000);
	for (int i = 0; i < 20; i++) {
		user_send(10);
		take_emitted();
		after_ms(1);
		arrives(ACK, .seq = 1, .ack = 10 * i + 11);
	}
	CHECK(info().rto.ns < weir_ms(20).ns);
	user_send(10);
	emits(ACK | PSH, .seq = 201, .ack = 1, .len = 10);
	CHECK(ms_until_emitted(200) < 20);
	emits(ACK | PSH, .seq = 201, .ack = 1, .len = 10);
}

TEST(option_time, delack_max_lowers_the_delay)
{
	established();
	user_sets(LEVEL_TCP, OPT_DELACK_MAX_US, 5000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	CHECK_EQ(ms_until_emitted(100), 5);
	emits(ACK, .seq = 1, .ack = 11);
	user_sets(LEVEL_TCP, OPT_DELACK_MAX_US, 200000); /* never raises it */
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	CHECK_EQ(ms_until_emitted(100), 40);
	emits(ACK, .seq = 1, .ack = 21);
}

/* [9293 MUST-21] The end comes when the time is over, not with the retransmission after it. */
TEST(option_time, user_timeout_is_exact)
{
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 5000);
	user_send(100);
	after_ms(4999);
	take_emitted();
	state_is(ESTABLISHED);
	after_ms(1);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

TEST(option_time, user_timeout_holds_for_an_opening)
{
	syn_sent();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 2500);
	after_ms(2499);
	take_emitted();
	state_is(SYN_SENT);
	after_ms(4000);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* A closed window that begins after a long silence: the time counts from there. */
TEST(option_time, user_timeout_of_a_closed_window_counts_from_its_first_probe)
{
	established(.wnd = 0);
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 10000);
	after_s(1000);
	user_send(10);
	after_ms(9999);
	CHECK(take_emitted() > 2);
	state_is(ESTABLISHED);
	after_ms(2);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* [9293 MUST-21] "Infinite": the default of 0 leaves it to R2, a large value to itself. */
TEST(option_time, syncnt_is_the_number_of_repetitions)
{
	unsigned syns = 0;

	talk_syn_sent(OPEN_SPEC());
	user_sets(LEVEL_TCP, OPT_SYNCNT, 2);
	after_s(400);
	syns = take_emitted();
	CHECK_EQ(syns, 2);
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* ... and it may be later than R2 would be. */
TEST(option_time, user_timeout_may_be_longer_than_r2)
{
	config()->data_retries = 3;
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 3600 * 1000);
	user_send(100);
	after_s(3599);
	CHECK(take_emitted() > 20);
	state_is(ESTABLISHED);
	after_s(1);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* Hours at one repetition a second: nothing that counts them overflows. */
TEST(option_time, user_timeout_of_hours_with_short_waits)
{
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 3600 * 1000);
	user_sets(LEVEL_TCP, OPT_RTO_MAX_MS, 1000);
	user_send(100);
	for (int i = 0; i < 3599; i++) {
		after_s(1);
		take_emitted();
	}
	state_is(ESTABLISHED);
	CHECK(info().retransmits > 200);
	after_s(1);
	take_emitted();
	state_is(CLOSED);
}

/* -- TCP_LINGER2 */

TEST(option_time, linger2_is_the_wait_of_an_orphan)
{
	established();
	user_sets(LEVEL_TCP, OPT_LINGER2, 5);
	user_closes();
	emits(FIN | ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 2);
	state_is(FIN_WAIT_2);
	after_ms(4999);
	state_is(FIN_WAIT_2);
	after_ms(1);
	gone();
	emits_nothing();
}

/* Negative: not at all; the peer learns it by a RST. */
TEST(option_time, negative_linger2_does_not_wait)
{
	established();
	user_sets(LEVEL_TCP, OPT_LINGER2, -7);
	user_closes();
	emits(FIN | ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 2);
	emits(RST | ACK, .seq = 2, .ack = 1);
	gone();
	counter_is(rst_linger2, 1);
}

TEST(option_time, negative_linger2_in_fin_wait_2)
{
	fin_wait_2();
	user_sets(LEVEL_TCP, OPT_LINGER2, -1);
	user_closes();
	emits(RST | ACK, .seq = 2, .ack = 1);
	gone();
}

/* A program that has only shut down its side waits as long as it likes (T6.6). */
TEST(option_time, linger2_is_for_orphans)
{
	fin_wait_2();
	user_sets(LEVEL_TCP, OPT_LINGER2, 1);
	after_s(10000);
	state_is(FIN_WAIT_2);
	emits_nothing();
}

/* [9293 MUST-60] A cork holds for 200 ms at most. */
TEST(option_time, cork_holds_for_a_while_only)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_CORK, 1);
	user_send(10);
	CHECK_EQ(ms_until_emitted(1000), 200);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	user_send(10); /* with text under way it waits for the acknowledgement, and then again */
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 11);
	CHECK_EQ(ms_until_emitted(1000), 200);
	emits(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
}

/* -- keep-alive */

static void keepalive(int idle_s, int interval_s, int count)
{
	user_sets(LEVEL_TCP, OPT_KEEPIDLE, idle_s);
	user_sets(LEVEL_TCP, OPT_KEEPINTVL, interval_s);
	user_sets(LEVEL_TCP, OPT_KEEPCNT, count);
	user_sets(LEVEL_SOCKET, OPT_KEEPALIVE, 1);
}

/* [9293 MUST-25, MUST-28] Off by default; when it is on, two hours, then nine probes 75 s apart. */
TEST(option_time, keepalive_defaults)
{
	established();
	after_s(100000);
	emits_nothing();
	user_sets(LEVEL_SOCKET, OPT_KEEPALIVE, 1);
	CHECK_EQ(ms_until_emitted(1), 0); /* the silence has been long enough */
	emits(ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(ms_until_emitted(8000000), 7200000);
	emits(ACK, .seq = 0, .ack = 1);
	for (int i = 1; i < 9; i++) {
		CHECK_EQ(ms_until_emitted(80000), 75000);
		emits(ACK, .seq = 0, .ack = 1);
	}
	CHECK_EQ(ms_until_emitted(80000), 75000);
	emits(RST | ACK, .seq = 1, .ack = 1);
	error_is(WEIR_ETIMEDOUT);
}

/* [9293 MUST-24] Off again. */
TEST(option_time, keepalive_can_be_switched_off)
{
	established();
	keepalive(60, 10, 3);
	after_s(30);
	user_sets(LEVEL_SOCKET, OPT_KEEPALIVE, 0);
	after_s(1000);
	emits_nothing();
}

/* [9293 MUST-26] Text, and an acknowledgement alone, begin the silence anew. */
TEST(option_time, whatever_arrives_puts_keepalive_off)
{
	established();
	keepalive(60, 10, 3);
	after_s(50);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	after_s(50);
	emits(ACK, .seq = 1, .ack = 11);
	emits_nothing();
	arrives(ACK, .seq = 11, .ack = 1);
	after_ms(59999);
	emits_nothing();
	after_ms(1);
	emits(ACK, .seq = 0, .ack = 11); /* [9293 SHLD-12] no text, in front of the window */
}

/* [9293 MUST-26] Not with something unacknowledged: that is repeated already. */
TEST(option_time, no_keepalive_while_text_is_under_way)
{
	established();
	keepalive(1, 1, 1);
	user_send(10);
	take_emitted();
	after_ms(3000);
	while (talk_emitted() > 0)
		CHECK_EQ(next_emitted()->text_bytes, 10);
	state_is(ESTABLISHED);
}

/* ... nor while a closed window is probed: its probes are not counted twice. */
TEST(option_time, no_keepalive_while_the_window_is_closed)
{
	unsigned probes;

	established(.wnd = 0);
	keepalive(1, 1, 1);
	user_send(10);
	after_ms(20000);
	probes = take_emitted();
	CHECK(probes > 2 && probes < 10);
	state_is(ESTABLISHED);
}

/* As Linux: with a TCP_USER_TIMEOUT that decides, and not the count. */
TEST(option_time, user_timeout_decides_over_keepalive)
{
	established();
	keepalive(60, 10, 1);
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 95000);
	after_s(91);
	CHECK_EQ(take_emitted(), 4);
	state_is(ESTABLISHED);
	after_s(10);
	CHECK_EQ(next_emitted()->flags, RST | ACK);
	error_is(WEIR_ETIMEDOUT);
}

/* The peer answers a probe with a RST: it knows nothing of the connection. */
TEST(option_time, keepalive_finds_a_peer_that_has_forgotten)
{
	established();
	keepalive(60, 10, 3);
	after_s(60);
	emits(ACK, .seq = 0, .ack = 1);
	arrives(RST, .seq = 1);
	state_is(CLOSED);
	error_is(WEIR_ECONNRESET);
}
