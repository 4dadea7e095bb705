/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in SYN-SENT: with ACK of our SYN the connection is open, alone it is a simultaneous open
 * [W-SM-22, W-SM-24, W-SM-25; 9293 s3.10.7.3].
 */
#include "support/packet_test.h"

TEST(syn_syn_sent, syn_ack_establishes)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(user_connects(), 0);
	CHECK_EQ(user_connects(), -WEIR_EISCONN);
}

/* [9293 MUST-10] The same ISS again. */
TEST(syn_syn_sent, bare_syn_is_a_simultaneous_open)
{
	syn_sent();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
	CHECK_EQ(user_connects(), -WEIR_EALREADY);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(user_connects(), 0);
}

/* [W-SM-22, attacks S-8] */
TEST(syn_syn_sent, ack_of_nothing_is_answered_with_reset)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 0, .mss = 1000);
	emits(RST, .seq = 0);
	state_is(SYN_SENT);
}

TEST(syn_syn_sent, ack_of_the_future_is_answered_with_reset)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 2, .mss = 1000);
	emits(RST, .seq = 2);
	state_is(SYN_SENT);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* [W-SM-22] never a RST for a RST */
TEST(syn_syn_sent, bad_ack_with_reset_is_dropped)
{
	syn_sent();
	arrives(SYN | ACK | RST, .seq = 0, .ack = 2);
	emits_nothing();
	state_is(SYN_SENT);
}

/* [W-SM-24] The sixth to the eighth check are made with the SYN,ACK as well. */
TEST(syn_syn_sent, text_on_the_syn_ack_is_taken)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .len = 8);
	emits(ACK, .seq = 1, .ack = 9);
	state_is(ESTABLISHED);
	user_reads(8);
	arrives(ACK | PSH, .seq = 9, .ack = 1, .len = 8);
	emits(ACK, .seq = 1, .ack = 17);
	user_reads(8);
}

/* The pointer of a SYN counts the SYN. */
TEST(syn_syn_sent, urgent_text_on_the_syn_ack)
{
	syn_sent();
	arrives(SYN | ACK | URG, .seq = 0, .ack = 1, .mss = 1000, .len = 8, .up = 3);
	emits(ACK, .seq = 1, .ack = 9);
	CHECK(weir_poll(sock()) & WEIR_PRI);
	user_reads_up_to(100, 1);
	CHECK_EQ(weir_at_mark(sock()), 1);
}

/* [7323 s3.2] It answers a SYN that was not ours, or that of another opening. */
TEST(syn_syn_sent, odd_echo_is_answered_with_reset)
{
	long long sent;

	syn_sent(.timestamps = true);
	sent = last_emitted()->opt.ts_val;
	after_ms(500);
	for (int i = 0; i < 2; i++) {
		arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .ts_val = 7, .ts_ecr = sent + (i == 0 ? -2 : 502));
		emits(RST, .seq = 1);
		state_is(SYN_SENT);
	}
	arrives(SYN | ACK | RST, .seq = 0, .ack = 1, .mss = 1000, .ts_val = 7, .ts_ecr = sent - 2);
	emits_nothing();
	state_is(SYN_SENT);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .ts_val = 7, .ts_ecr = sent);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* An echo of 0 is that of a peer which has not got the option right. */
TEST(syn_syn_sent, no_echo_is_let_pass)
{
	syn_sent(.timestamps = true);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .ts_val = 7, .ts_ecr = 0);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* What was written meanwhile follows the handshake [W-SM-2]. */
TEST(syn_syn_sent, window_of_the_syn_ack_counts)
{
	syn_sent();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .wnd = 30);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().snd_wnd, 30);
	user_send(100);
	CHECK(info().sendq_unsent_bytes >= 70);
	take_emitted();
}
