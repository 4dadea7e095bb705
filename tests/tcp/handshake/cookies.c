/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN cookies [4987 s3.6; attacks S-1, S-2, S-3]: a listener without a place for half-open connections remembers
 * nothing of a SYN, and knows its own SYN,ACK again by the acknowledgement.
 */
#include "support/packet_test.h"

enum { ALWAYS = 2, MINUTE_S = 64 };

/* The SYN,ACK, taken; numbers are relative to its ISN from here on. */
static const struct tcp_segment *cookie(void)
{
	const struct tcp_segment *seg = next_emitted();

	CHECK_EQ(seg->flags, SYN | ACK);
	CHECK_EQ(relative_ack(seg->ack), 1);
	our_isn_is(seq_raw(seg->seq));
	return seg;
}

static void with_cookies(void)
{
	config()->syn_cookies = ALWAYS;
}

TEST(cookies, the_acknowledgement_makes_the_connection)
{
	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	CHECK_EQ(cookie()->wnd, TEST_RQS);
	gone();
	CHECK_EQ(listener_info().incomplete_len, 0);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(listener_info().accept_len, 1);
	CHECK_EQ(listener_info().incomplete_len, 0);
	counter_is(tcp_cookies_sent, 1);
	counter_is(tcp_cookies_accepted, 1);
	user_accepts();
	user_send(300);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 300);
	arrives(ACK | PSH, .seq = 1, .ack = 301, .len = 200);
	emits(ACK, .seq = 301, .ack = 201);
	readable(200);
	user_reads(200);
	sendq_is(0);
}

/* The acknowledgement may carry text, and the FIN. */
TEST(cookies, text_with_the_acknowledgement_is_taken)
{
	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	cookie();
	arrives(ACK | PSH | FIN, .seq = 1, .ack = 1, .len = 200);
	state_is(CLOSE_WAIT);
	emits(ACK, .seq = 1, .ack = 202);
	user_accepts();
	user_reads(200);
	user_reads_end();
}

/* Nothing is sent again: the peer's SYN is. */
TEST(cookies, nothing_is_kept_and_nothing_repeated)
{
	size_t before;

	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1000, .port = PEER_PORT + 1); /* the packet's own buffer is kept for the next */
	cookie();
	before = weir_memory(stack());
	arrives(SYN, .seq = 0, .mss = 1000);
	cookie();
	CHECK_EQ(weir_memory(stack()), before);
	after_s(300);
	emits_nothing();
	arrives(SYN, .seq = 0, .mss = 1000);
	cookie();
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* Seven sizes that people have, and a floor: the next smaller one. */
TEST(cookies, the_segment_size_is_the_next_smaller_of_eight)
{
	static const int told[][2] = {{60000, 8940}, {8940, 8940}, {1460, 1460}, {1459, 1440},
	                              {1400, 1400},  {1399, 1360}, {1220, 1220}, {1000, 536},
	                              {536, 536},    {535, 64},    {1, 64}};

	for (unsigned i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (i > 0)
			start_again();
		mtu_is(9000);
		with_cookies();
		listening();
		arrives(SYN, .seq = 0, .mss = told[i][0]);
		cookie();
		arrives(ACK, .seq = 1, .ack = 1);
		CHECK_EQ(info().snd_mss, told[i][1]);
	}
}

/* [9293 MUST-15] */
TEST(cookies, without_mss_the_default_holds)
{
	with_cookies();
	listening();
	arrives(SYN, .seq = 0);
	cookie();
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().snd_mss, over_ipv6() ? 1220 : 536);
}

/* Options come back in the timestamp. */
static void options_come_back(int wscale, bool sack)
{
	const uint8_t sack_ok[] = {1, 1, 4, 2};
	const struct tcp_segment *seg;
	uint32_t val;

	with_cookies();
	listening(.rqs = 1 << 20);
	arrives(SYN, .seq = 0, .mss = 1460, .wscale = wscale, .ts_val = 7000, .ts_ecr = 0, .options = sack_ok,
	        .options_bytes = sack ? 4 : 0);
	seg = cookie();
	val = seg->opt.ts_val;
	anything_goes();
	CHECK(seg->opt.has_timestamps);
	CHECK_EQ(seg->opt.ts_ecr, 7000);
	CHECK_EQ(seg->opt.has_wscale, wscale != NONE);
	CHECK_EQ(seg->opt.sack_permitted, sack);
	if (wscale != NONE)
		CHECK_EQ(seg->opt.wscale, 5);
	after_ms(70);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 100, .ts_val = 7070, .ts_ecr = val);
	state_is(ESTABLISHED);
	CHECK_EQ(info().snd_wnd, wscale == NONE ? 100 : 100 << wscale);
	CHECK_EQ(info().rcv_wscale, wscale == NONE ? 0 : 5);
	CHECK(info().timestamps);
	CHECK_EQ(info().sack, sack);
	/* The connection's clock goes on where the cookie's stood, and not behind it. */
	user_accepts();
	take_emitted(); /* the window may be worth telling */
	user_send(10);
	seg = next_emitted();
	CHECK_EQ(seg->opt.ts_ecr, 7070);
	CHECK((int32_t)(seg->opt.ts_val - val) >= 70 && (int32_t)(seg->opt.ts_val - val) < 70 + 64);
}

TEST(cookies, window_scale_and_sack_come_back_in_the_timestamp)
{
	options_come_back(7, true);
	start_again();
	options_come_back(0, false);
	start_again();
	options_come_back(14, true);
	start_again();
	options_come_back(NONE, true);
	start_again();
	options_come_back(NONE, false);
}

TEST(cookies, without_timestamps_nothing_is_agreed)
{
	const uint8_t sack_ok[] = {1, 1, 4, 2};
	const struct tcp_segment *seg;

	with_cookies();
	listening(.rqs = 1 << 20);
	arrives(SYN, .seq = 0, .mss = 1460, .wscale = 7, .options = sack_ok, .options_bytes = 4);
	seg = cookie();
	CHECK(!seg->opt.has_wscale && !seg->opt.sack_permitted && !seg->opt.has_timestamps);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 100);
	CHECK_EQ(info().snd_wnd, 100);
	CHECK_EQ(info().rcv_wscale, 0);
	CHECK(!info().sack);
}

/* [3168] So does ECN. */
TEST(cookies, ecn_comes_back_in_the_timestamp)
{
	for (int asked = 0; asked < 2; asked++) {
		uint32_t val;

		if (asked)
			start_again();
		with_cookies();
		listening();
		arrives(asked ? SYN | TCP_ECE | TCP_CWR : SYN | TCP_CWR, .seq = 0, .mss = 1460, .ts_val = 7000,
		        .ts_ecr = 0);
		our_isn_is(seq_raw(next_emitted()->seq));
		CHECK_EQ(last_emitted()->flags, asked ? SYN | ACK | TCP_ECE : SYN | ACK);
		val = last_emitted()->opt.ts_val;
		arrives(ACK, .seq = 1, .ack = 1, .ts_val = 7000, .ts_ecr = val);
		state_is(ESTABLISHED);
		CHECK_EQ(tcb()->ecn, asked);
	}
}

/* What we would not have agreed to without a cookie is not agreed to with one. */
TEST(cookies, what_is_switched_off_stays_off)
{
	const uint8_t sack_ok[] = {1, 1, 4, 2};
	const struct tcp_segment *seg;

	with_cookies();
	config()->window_scaling = config()->sack = false;
	listening(.rqs = 1 << 20);
	arrives(SYN, .seq = 0, .mss = 1460, .wscale = 7, .ts_val = 1, .ts_ecr = 0, .options = sack_ok,
	        .options_bytes = 4);
	seg = cookie();
	CHECK(!seg->opt.has_wscale && !seg->opt.sack_permitted && seg->opt.has_timestamps);
}

/* [W-SM-11] Each part of it counts: numbers, port, option bits. */
TEST(cookies, a_wrong_acknowledgement_gets_a_rst)
{
	uint32_t val;

	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1460, .ts_val = 7000, .ts_ecr = 0, .wscale = 7);
	val = cookie()->opt.ts_val;
	arrives(ACK, .seq = 1, .ack = 2, .ts_val = 7000, .ts_ecr = val);
	emits(RST, .seq = 2);
	arrives(ACK, .seq = 2, .ack = 1, .ts_val = 7000, .ts_ecr = val);
	emits(RST, .seq = 1);
	arrives(ACK, .seq = 1, .ack = 1, .ts_val = 7000, .ts_ecr = val ^ 1);
	emits(RST, .seq = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	emits(RST, .seq = 1);
	arrives(ACK, .seq = 1, .ack = 1, .ts_val = 7000, .ts_ecr = val, .port = PEER_PORT + 1);
	emits(RST, .seq = 1, .port = PEER_PORT + 1);
	counter_is(tcp_cookie_wrong, 5);
	gone();
	arrives(ACK, .seq = 1, .ack = 1, .ts_val = 7000, .ts_ecr = val);
	state_is(ESTABLISHED);
}

/* [attacks S-2, S-3] Of so many guesses none is right: what guessing has to hit is 28 bits. Nor is each answered. */
TEST(cookies, a_flood_of_forged_acknowledgements_leaves_nothing)
{
	unsigned resets = 0;
	size_t before;

	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1460);
	cookie();
	before = weir_memory(stack());
	for (uint32_t i = 0; i < 20000; i++) {
		arrives(ACK, .seq = 1, .ack = 1 + i * 214013 + 16);
		resets += take_emitted();
		CHECK_EQ(last_emitted()->flags, RST);
	}
	CHECK_EQ(resets, 1000);
	counter_is(tcp_cookie_wrong, 20000);
	counter_is(tcp_cookies_accepted, 0);
	CHECK(weir_memory(stack()) <= before);
}

/* [attacks S-2, S-3] A cookie is good for one to two of its minutes; later, and where none was sent, nobody looks. */
TEST(cookies, a_cookie_grows_old)
{
	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1460);
	cookie();
	after_s(MINUTE_S - 1);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	start_again();
	with_cookies();
	listening();
	arrives(SYN, .seq = 0, .mss = 1460);
	cookie();
	after_s(2 * MINUTE_S - 1);
	arrives(SYN, .seq = 0, .mss = 1460, .port = PEER_PORT + 1);
	take_emitted();
	after_s(2);
	arrives(ACK, .seq = 1, .ack = 1);
	emits(RST, .seq = 1);
	counter_is(tcp_cookie_wrong, 1);
	start_again();
	with_cookies();
	listening();
	arrives(ACK, .seq = 1, .ack = 1);
	emits(RST, .seq = 1);
	counter_is(tcp_cookie_wrong, 0);
	counter_is(tcp_no_connection, 1);
}

/* [attacks S-1] 10,000 SYNs: the list fills, memory stays, and who is honest gets in. */
TEST(cookies, a_flood_of_syns_costs_no_memory)
{
	size_t full;

	listening(.backlog = 16);
	for (uint16_t i = 0; i < 16; i++) {
		arrives(SYN, .seq = 0, .mss = 1000, .port = (uint16_t)(1024 + i));
		emits(SYN | ACK, .seq = 0, .ack = 1, .port = (uint16_t)(1024 + i));
	}
	full = weir_memory(stack());
	for (uint16_t i = 0; i < 10000; i++) {
		arrives(SYN, .seq = 0, .mss = 1000, .port = (uint16_t)(2000 + i));
		CHECK_EQ(take_emitted(), 1);
	}
	CHECK_EQ(listener_info().incomplete_len, 16);
	counter_is(tcp_cookies_sent, 10000);
	CHECK(weir_memory(stack()) <= full + 65536);
	arrives(SYN, .seq = 0, .mss = 1000);
	cookie();
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(listener_info().accept_len, 1);
	user_accepts();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	after_s(100);
	take_emitted();
	CHECK_EQ(listener_info().incomplete_len, 0);
}

/* With a place on the list, no cookie. */
TEST(cookies, a_list_with_room_sends_none)
{
	syn_received();
	counter_is(tcp_cookies_sent, 0);
	CHECK_EQ(listener_info().incomplete_len, 1);
}

/* T5.6: the accept list's bound holds: no RST, and the peer gets in later. */
TEST(cookies, a_full_accept_list_takes_no_cookie)
{
	with_cookies();
	listening(.backlog = 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	cookie();
	{
		uint32_t first = our_isn();

		arrives(SYN, .seq = 0, .mss = 1000, .port = PEER_PORT + 1);
		cookie();
		arrives(ACK, .seq = 1, .ack = 1, .port = PEER_PORT + 1);
		our_isn_is(first);
	}
	CHECK_EQ(listener_info().accept_len, 1);
	arrives(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	gone();
	counter_is(tcp_accept_full, 1);
	arrives(SYN, .seq = 0, .mss = 1000, .port = PEER_PORT + 2);
	emits_nothing();
	CHECK_EQ(listener_info().accept_dropped, 2);
	CHECK_EQ(user_accept_result(), 0);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits(ACK, .seq = 1, .ack = 11);
	CHECK_EQ(listener_info().accept_len, 1);
}

/* [9293 MAY-2; 6191] A cookie cannot promise an ISS above the old connection's: that one answers. */
TEST(cookies, time_wait_is_not_ended_for_a_cookie)
{
	time_wait(.backlog = 8);
	for (uint16_t i = 0; i < 8; i++) {
		arrives(SYN, .seq = 0, .mss = 1000, .port = (uint16_t)(1024 + i));
		take_emitted();
	}
	arrives(SYN, .seq = 1000, .mss = 1000);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
	counter_is(tcp_cookies_sent, 0);
}
