/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in ESTABLISHED [W-SM-32, W-SM-33; RFC 5961 s3].
 */
#include "synchronised.h"

TEST(rst_established, exact_ends_it)
{
	established();
	rst_ends_it(RST, 1, WEIR_ECONNRESET);
}

TEST(rst_established, exact_with_ack_ends_it)
{
	established();
	rst_ends_it(RST | ACK, 1, WEIR_ECONNRESET);
}

/* [9293 SHLD-2] */
TEST(rst_established, exact_with_text_ends_it)
{
	established();
	arrives(RST | ACK, .seq = 1, .ack = 1, .len = 9);
	emits_nothing();
	state_is(CLOSED);
	readable(0);
}

TEST(rst_established, next_number_is_challenged)
{
	established();
	rst_is_challenged(2, 1, 1);
}

TEST(rst_established, in_window_is_challenged)
{
	established();
	rst_is_challenged(5001, 1, 1);
}

TEST(rst_established, just_old_is_ignored)
{
	established();
	rst_is_ignored(0);
}

TEST(rst_established, old_is_ignored)
{
	established();
	rst_is_ignored(-100000);
}

TEST(rst_established, far_ahead_is_ignored)
{
	established();
	rst_is_ignored(200000);
}

/* [9293 MUST-12] What arrived before it is still read; then the error, once. */
TEST(rst_established, what_arrived_before_is_read_first)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	arrives(RST, .seq = 31);
	emits_nothing();
	state_is(CLOSED);
	user_reads(30);
	CHECK_EQ(user_read_result((char[1]){0}, 1), -WEIR_ECONNRESET);
	user_reads_end();
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}

TEST(rst_established, flushes_sendq)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(RST | ACK, .seq = 1, .ack = 101);
	state_is(CLOSED);
	sendq_is(0);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE);
	CHECK_EQ(user_send_result(1), -WEIR_ECONNRESET);
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}

/* [9293 MUST-66] Also while RecvQ is full. */
TEST(rst_established, exact_at_a_zero_window_ends_it)
{
	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	after_ms(40);
	take_emitted();
	arrives(RST, .seq = 101);
	state_is(CLOSED);
	error_is(WEIR_ECONNRESET);
}

/* [W-SM-32] The right edge of the window is outside. */
TEST(rst_established, at_the_right_edge)
{
	established();
	arrives(RST, .seq = TEST_RQS);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	counter_is(tcp_rst_in_window, 1);
	after_ms(500);
	arrives(RST, .seq = 1 + TEST_RQS);
	emits_nothing();
	arrives(RST, .seq = 2 + TEST_RQS);
	emits_nothing();
	state_is(ESTABLISHED);
}

/* [W-SM-32, 9293 SHLD-2] Text on a RST does not bring its number nearer: one that reaches over RCV.NXT is outside. */
TEST(rst_established, text_that_reaches_over_rcv_nxt_is_no_guess)
{
	established();
	arrives(RST | ACK, .seq = -800, .ack = 1, .len = 1000);
	emits_nothing();
	state_is(ESTABLISHED);
	arrives(RST | ACK, .seq = 0, .ack = 1, .len = 2);
	emits_nothing();
	state_is(ESTABLISHED);
	counter_is(tcp_rst_outside, 2);
}

/* [attacks B-4] Three hundred guesses: one challenge, and another connection's share is its own. */
TEST(rst_established, challenges_are_rate_limited)
{
	established();
	arrives(RST, .seq = 500);
	emits(ACK, .seq = 1, .ack = 1);
	for (int i = 1; i < 300; i++)
		arrives(RST, .seq = 500 + i);
	emits_nothing();
	counter_is(tcp_challenge_limited, 299);
	arrives(SYN, .seq = 0, .mss = 1000, .port = 40001);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 40001);
	arrives(ACK, .seq = 1, .ack = 1, .port = 40001);
	arrives(RST, .seq = 500, .port = 40001);
	emits(ACK, .seq = 1, .ack = 1, .port = 40001);
}

/* [7323 s5.2, attacks B-8] PAWS does not protect against a RST. */
TEST(rst_established, is_exempt_from_paws)
{
	established(.timestamps = true);
	arrives(RST, .seq = 1, .ts_val = 1, .ts_ecr = 0);
	state_is(CLOSED);
}

/* A connection not accepted yet stays on the accept list; the program learns from its first read [W-SM-33]. */
TEST(rst_established, before_accept)
{
	syn_received();
	arrives(ACK, .seq = 1, .ack = 1);
	arrives(RST, .seq = 1);
	emits_nothing();
	user_accepts();
	CHECK_EQ(user_read_result((char[1]){0}, 1), -WEIR_ECONNRESET);
}

/* [W-SM-32, attacks B-5] The right edge of what SACK has told is as good as RCV.NXT: nobody hits it who does not know.
 */
TEST(rst_established, at_the_edge_of_the_last_sack_block)
{
	static const long long wrong[] = {101, 201, 401, 500, 502};

	established(.sack = true);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	arrives(ACK, .seq = 401, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{401, 501}, {101, 201}});
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		arrives(RST, .seq = wrong[i]);
		take_emitted();
		state_is(ESTABLISHED);
	}
	arrives(RST, .seq = 501);
	state_is(CLOSED);
	error_is(WEIR_ECONNRESET);
	start_again();
	established(); /* without SACK nobody was told */
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1);
	arrives(RST, .seq = 201);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}
