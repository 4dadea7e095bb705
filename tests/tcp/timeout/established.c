/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in ESTABLISHED: data again at doubling intervals, the end at R2; in silence nothing [9293 MUST-20, MUST-21;
 * W-SM-44].
 */
#include "support/packet_test.h"

TEST(timeout_established, silence_changes_nothing)
{
	established();
	after_s(1000000);
	emits_nothing();
	state_is(ESTABLISHED);
}

TEST(timeout_established, data_is_repeated_at_doubling_intervals)
{
	long long last, gap;

	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	last = ms_until_emitted(2000);
	CHECK(last >= 200);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	for (int i = 0; i < 5; i++) {
		gap = ms_until_emitted(200000);
		CHECK(gap == 2 * last || gap == 2 * last + 1 || gap == 120000);
		emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
		last = gap;
	}
}

/* [9293 SHLD-11] R2 is 100 s at least. */
TEST(timeout_established, gives_up_at_r2)
{
	established();
	user_send(100);
	take_emitted();
	after_s(100);
	take_emitted();
	state_is(ESTABLISHED);
	after_s(3000);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
	sendq_is(0);
	counter_is(tcp_timed_out, 1);
}

/* [9293 MUST-21] TCP_USER_TIMEOUT */
TEST(timeout_established, user_timeout_gives_up_earlier)
{
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 5000);
	user_send(100);
	take_emitted();
	after_ms(4900);
	take_emitted();
	state_is(ESTABLISHED);
	after_ms(10000);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* [9293 MUST-24 ... MUST-29] Keep-alive: off unless wanted; a probe without text after silence. */
TEST(timeout_established, keepalive_probes_and_gives_up)
{
	established();
	user_sets(LEVEL_TCP, OPT_KEEPIDLE, 60);
	user_sets(LEVEL_TCP, OPT_KEEPINTVL, 10);
	user_sets(LEVEL_TCP, OPT_KEEPCNT, 3);
	user_sets(LEVEL_SOCKET, OPT_KEEPALIVE, 1);
	after_ms(59999);
	emits_nothing();
	after_ms(1);
	emits(ACK, .seq = 0, .ack = 1); /* [9293 SHLD-12] */
	arrives(ACK, .seq = 1, .ack = 1);
	after_ms(59999);
	emits_nothing();
	for (int i = 0; i < 3; i++) {
		after_ms(i == 0 ? 1 : 10000);
		emits(ACK, .seq = 0, .ack = 1);
		state_is(ESTABLISHED);
	}
	after_s(10);
	CHECK_EQ(next_emitted()->flags & RST, RST);
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* The limit counts from when data was left unacknowledged, not from the last word of a silent connection. */
TEST(timeout_established, user_timeout_does_not_count_silence)
{
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 5000);
	after_s(1000);
	user_send(100);
	take_emitted();
	ms_until_emitted(2000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	state_is(ESTABLISHED);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
}
