/* SPDX-License-Identifier: Apache-2.0
 *
 * What an embedder may set, and what a conversation then looks like.
 */
#include "support/packet_test.h"

/* The window scale is offered once for all: a buffer that is to grow needs a larger one from the start. */
TEST(config_settings, least_window_shift_is_offered)
{
	config()->min_window_shift = 8;
	listening(.rqs = 10000);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 8);
}

TEST(config_settings, larger_buffer_still_gets_its_own_shift)
{
	config()->min_window_shift = 2;
	config()->rcvbuf_bytes = 4 * 1024 * 1024;
	listening(.rqs = 4 * 1024 * 1024);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 7);
}

/* [7323 s2.2] Not offered to a peer that does not offer it, whatever the configuration says. */
TEST(config_settings, shift_is_not_forced_on_a_peer)
{
	config()->min_window_shift = 8;
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = NONE);
}

/* [9293 SHLD-18] Without quick acknowledgements the very first segment's is delayed. */
TEST(config_settings, no_quick_acknowledgements)
{
	config()->quick_acks = 0;
	established(.quick_acks = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(ms_until_emitted(100), 40);
	emits(ACK, .seq = 1, .ack = 101);
}

TEST(config_settings, so_many_quick_acknowledgements)
{
	config()->quick_acks = 2;
	established(.quick_acks = true);
	for (int i = 0; i < 2; i++) {
		arrives(ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .len = 100);
		emits(ACK, .seq = 1, .ack = 101 + 100 * i);
	}
	arrives(ACK | PSH, .seq = 201, .ack = 1, .len = 100);
	emits_nothing();
	CHECK_EQ(ms_until_emitted(100), 40);
	emits(ACK, .seq = 1, .ack = 301);
}

/* [5961 s7] A limit of zero is none. */
TEST(config_settings, challenge_acknowledgements_without_limit)
{
	config()->challenge_interval = weir_ms(0);
	established();
	for (int i = 0; i < 5; i++) {
		arrives(SYN, .seq = 1);
		emits(ACK, .seq = 1, .ack = 1);
	}
	counter_is(tcp_challenge_limited, 0);
}

TEST(config_settings, challenge_acknowledgements_at_the_set_interval)
{
	config()->challenge_interval = weir_s(2);
	established();
	arrives(SYN, .seq = 1);
	emits(ACK, .seq = 1, .ack = 1);
	after_ms(1999);
	arrives(SYN, .seq = 1);
	emits_nothing();
	counter_is(tcp_challenge_limited, 1);
	after_ms(1);
	arrives(SYN, .seq = 1);
	emits(ACK, .seq = 1, .ack = 1);
}

/* [9293 MUST-39] What was read moves the edge by less than a segment: with the next segment that leaves, or later. */
static void small_steps(bool eager)
{
	config()->eager_window = eager;
	established(.rqs = 10000);
	for (long long at = 1; at <= 301; at += 100) {
		arrives(ACK | PSH, .seq = at, .ack = 1, .len = 100);
		user_reads(100);
	}
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 401, .wnd = eager ? 10000 : 9600);
}

TEST(config_settings, window_moves_by_segments)
{
	small_steps(false);
}

TEST(config_settings, window_may_follow_each_read)
{
	small_steps(true);
}

/* A window that is small opens as the RFC proposes: nobody is to send little segments into it. */
TEST(config_settings, small_window_follows_no_read)
{
	config()->eager_window = true;
	established(.rqs = 2000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	arrives(ACK | PSH, .seq = 1001, .ack = 1, .len = 900);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 1901, .wnd = 100);
	user_reads(300);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1901, .len = 10, .wnd = 100);
	user_reads(700);
	emits(ACK, .seq = 11, .ack = 1901, .wnd = 1100);
}
