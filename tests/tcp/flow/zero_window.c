/* SPDX-License-Identifier: Apache-2.0
 *
 * A closed window: probes, their intervals, how long, and the opening [9293 MUST-35 ... MUST-37, SHLD-29, SHLD-30;
 * attacks E-2, C-10]. Probes carry no text and stand left of the window: SEQ = SND.UNA - 1.
 */
#include "support/packet_test.h"

enum { WINDOW = 100 };

/* All of the window is acknowledged and the window closed; 200 bytes wait. */
static void window_closed(void)
{
	established(.wnd = WINDOW);
	user_send(300);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	emits_nothing();
	CHECK_EQ(info().timer, WEIR_TIMER_PERSIST);
}

static void answer_probe(int wnd)
{
	arrives(ACK, .seq = 1, .ack = 101, .wnd = wnd);
}

/* [9293 SHLD-29] After one RTO. */
TEST(flow, first_probe_comes_after_one_rto)
{
	long long rto_ms;

	window_closed();
	rto_ms = info().rto.ns / WEIR_NS_PER_MS;
	after_ms(rto_ms - 1);
	emits_nothing();
	after_ms(2);
	emits(ACK, .seq = 100, .ack = 1);
	emits_nothing();
}

/* [9293 SHLD-30] Doubling, up to a minute. */
TEST(flow, probes_back_off)
{
	long long last, gap;

	window_closed();
	last = ms_until_emitted(2000);
	emits(ACK, .seq = 100, .ack = 1);
	for (int i = 0; i < 12; i++) {
		answer_probe(0);
		emits_nothing();
		gap = ms_until_emitted(130000);
		emits(ACK, .seq = 100, .ack = 1);
		CHECK(gap >= 2 * last - 1 || gap >= 60000);
		CHECK(gap <= 2 * last + 2 || gap <= 120000);
		last = gap;
	}
	CHECK(last >= 60000);
}

/* [9293 MUST-37] Answered probes: for ever. */
TEST(flow, answered_probes_keep_the_connection)
{
	window_closed();
	for (int i = 0; i < 500; i++) {
		ms_until_emitted(130000);
		emits(ACK, .seq = 100, .ack = 1);
		answer_probe(0);
	}
	state_is(ESTABLISHED);
	sendq_is(200);
}

/* Without any answer it is like data without an answer: R2. */
TEST(flow, unanswered_probes_give_up)
{
	window_closed();
	after_s(100);
	take_emitted();
	state_is(ESTABLISHED);
	after_s(4000);
	CHECK(take_emitted() <= 20);
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

TEST(flow, opened_window_lets_the_rest_go)
{
	window_closed();
	ms_until_emitted(2000);
	emits(ACK, .seq = 100, .ack = 1);
	answer_probe(1000);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 200);
	CHECK_EQ(info().timer, WEIR_TIMER_RETRANSMIT);
	arrives(ACK, .seq = 1, .ack = 301, .wnd = 1000);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE);
	after_s(100);
	emits_nothing();
}

/* Without a probe as well: the update came by itself. */
TEST(flow, window_update_needs_no_probe)
{
	window_closed();
	after_ms(50);
	answer_probe(1000);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 200);
}

/* Closed from the handshake on. */
TEST(flow, window_closed_from_the_beginning)
{
	established(.wnd = 0);
	user_send(10);
	emits_nothing();
	ms_until_emitted(2000);
	emits(ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

/* [T6.1] Close while the window is closed: FIN waits behind the data, and probes go on. */
/* All that was under way is acknowledged by a segment too old to speak for the window, as a peer's probe is: what waits
 * for the closed window must still be probed for. */
TEST(flow, acknowledged_by_a_probe_behind_a_closed_window)
{
	established(.mss = 100, .wnd = 100);
	user_send(300);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .wnd = 0);
	after_ms(40);
	emits(ACK, .seq = 101, .ack = 11);
	arrives(ACK, .seq = 11, .ack = 1, .wnd = 0);
	arrives(ACK, .seq = 10, .ack = 101, .wnd = 0);
	emits(ACK, .seq = 101, .ack = 11);
	ms_until_emitted(5000);
	emits(ACK, .seq = 100, .ack = 11);
}

TEST(flow, fin_waits_behind_a_closed_window)
{
	window_closed();
	user_shuts(WEIR_SHUT_WR);
	emits_nothing();
	ms_until_emitted(2000);
	emits(ACK, .seq = 100, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 1000);
	emits(FIN | ACK | PSH, .seq = 101, .ack = 1, .len = 200);
}

/* [attacks C-10] A window that flips between nothing and next to nothing earns no stream of tiny segments. */
TEST(flow, flipping_window_makes_no_tiny_segments)
{
	unsigned sent = 0;

	established(.mss = 1000, .wnd = 2000);
	user_send(10000);
	CHECK_EQ(take_emitted(), 2);
	for (int i = 0; i < 200; i++) {
		arrives(ACK, .seq = 1, .ack = 2001, .wnd = i % 2);
		after_ms(1);
		sent += talk_emitted();
		take_emitted();
	}
	CHECK(sent <= 4);
}

/* We are probed: an answer that tells the window, and nothing is taken [9293 MAY-8]. */
TEST(flow, probes_of_the_peer_are_answered)
{
	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	after_ms(40);
	take_emitted();
	arrives(ACK, .seq = 100, .ack = 1);
	emits(ACK, .seq = 1, .ack = 101, .wnd = 0);
	after_ms(1000);
	arrives(ACK, .seq = 101, .ack = 1, .len = 1); /* a byte for a probe */
	emits(ACK, .seq = 1, .ack = 101, .wnd = 0);
	readable(100);
}

/* A window that was open in between: the intervals begin anew. */
TEST(flow, probe_intervals_begin_anew)
{
	long long first, again;

	window_closed();
	first = ms_until_emitted(2000);
	emits(ACK, .seq = 100, .ack = 1);
	for (int i = 0; i < 4; i++) {
		answer_probe(0);
		ms_until_emitted(60000);
		emits(ACK, .seq = 100, .ack = 1);
	}
	answer_probe(100);
	emits(ACK, .seq = 101, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 201, .wnd = 0);
	again = ms_until_emitted(2000);
	emits(ACK, .seq = 200, .ack = 1);
	CHECK(again <= first + 10);
}

/* [9293 MUST-21] A program's own limit holds for a closed window, too. */
TEST(flow, user_timeout_ends_an_unanswered_closed_window)
{
	window_closed();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 3000);
	after_s(30);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

/* [9293 SHLD-29] The RTO is that of this path. */
TEST(flow, first_probe_waits_for_the_paths_rto)
{
	established(.wnd = WINDOW, .active = true);
	tcb()->srtt.ns = 0;
	user_send(300);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	after_ms(150);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 0);
	CHECK(info().rto.ns >= 400 * WEIR_NS_PER_MS);
	CHECK_EQ(ms_until_emitted(5000), info().rto.ns / WEIR_NS_PER_MS);
	emits(ACK, .seq = 100, .ack = 1);
}
