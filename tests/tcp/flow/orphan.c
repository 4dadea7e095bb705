/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections that their programs have closed: they end, whatever the peer does [attacks E-1, E-2, E-4, E-5; RFC 6429].
 */
#include "support/packet_test.h"

/* 100 of 300 bytes have arrived, the window is closed, and the program has gone. */
static void closed_behind_a_closed_window(void)
{
	established(.mss = 1000, .wnd = 100);
	user_send(300);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	user_closes();
	state_is(FIN_WAIT_1);
}

/* [attacks E-2] The peer answers every probe, and never opens its window. */
TEST(orphan, answered_probes_do_not_keep_it_for_ever)
{
	unsigned probes = 0;

	closed_behind_a_closed_window();
	for (;;) {
		CHECK(ms_until_emitted(130000) > 0);
		if (next_emitted()->flags & RST)
			break;
		CHECK(++probes <= 8);
		arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	}
	CHECK_EQ(probes, 8);
	CHECK_EQ(last_emitted()->flags, RST | ACK);
	CHECK(emitted_at_ms() >= 50000);
	gone();
	counter_is(rst_orphan, 1);
	counter_is(tcp_orphan_expired, 1);
}

/* ... also when it closed it over what is under way. */
TEST(orphan, shrunk_window_does_not_keep_it_for_ever)
{
	unsigned answered = 0;

	established(.mss = 1000, .wnd = 1000);
	user_send(1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	user_closes();
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 0);
	for (;;) {
		ms_until_emitted(130000);
		if (next_emitted()->flags & RST)
			break;
		CHECK(++answered <= 20);
		arrives(ACK, .seq = 1, .ack = 1, .wnd = 0);
	}
	gone();
}

/* A window that opens in time is used. */
TEST(orphan, window_that_opens_in_time_is_used)
{
	closed_behind_a_closed_window();
	for (int i = 0; i < 6; i++) {
		ms_until_emitted(130000);
		emits(ACK, .seq = 100, .ack = 1);
		arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	}
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 1000);
	emits(FIN | ACK | PSH, .seq = 101, .ack = 1, .len = 200);
	arrives(ACK, .seq = 1, .ack = 302);
	state_is(FIN_WAIT_2);
	after_s(60);
	gone();
}

TEST(orphan, setting_of_zero_keeps_it)
{
	config()->orphan_probes = 0;
	closed_behind_a_closed_window();
	for (int i = 0; i < 100; i++) {
		ms_until_emitted(130000);
		emits(ACK, .seq = 100, .ack = 1);
		arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	}
	state_is(FIN_WAIT_1);
	arrives(RST, .seq = 1);
	gone();
}

/* [attacks E-1] Too many of them: who closes one more resets it. */
TEST(orphan, their_number_is_bounded)
{
	config()->max_orphans = 0;
	established();
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 1);
	gone();
	counter_is(rst_orphans_full, 1);
}

/* [attacks E-5] Silence instead: in each state it is over in bounded time. */
static void silence_ends_it(void)
{
	user_closes();
	after_s(4000);
	take_emitted();
	gone();
}

TEST(orphan, silence_in_each_state)
{
	established();
	silence_ends_it();
	start_again();
	established(.wnd = 0);
	user_send(10);
	silence_ends_it();
	start_again();
	close_wait();
	silence_ends_it();
	start_again();
	close_wait(.wnd = 0);
	user_send(10);
	silence_ends_it();
	start_again();
	fin_wait_1();
	silence_ends_it();
	start_again();
	fin_wait_2();
	silence_ends_it();
	start_again();
	closing();
	silence_ends_it();
	start_again();
	last_ack();
	silence_ends_it();
}

/* They are counted down again: closing in turn never comes to the bound. */
TEST(orphan, what_has_ended_does_not_count)
{
	config()->max_orphans = 1;
	for (int i = 0; i < 5; i++) {
		established();
		user_closes();
		emits(FIN | ACK, .seq = 1, .ack = 1);
		if (i % 2) {
			arrives(FIN | ACK, .seq = 1, .ack = 2);
			emits(ACK, .seq = 2, .ack = 2);
			state_is(TIME_WAIT);
			after_s(60);
		} else {
			arrives(RST, .seq = 1);
		}
		gone();
		user_closes_listener();
	}
}
