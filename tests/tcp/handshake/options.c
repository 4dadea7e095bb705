/* SPDX-License-Identifier: Apache-2.0
 *
 * What the SYNs agree on: MSS, window scale, timestamps; and options that are unknown or broken [9293 MUST-4 ...
 * MUST-7, MUST-14 ... MUST-16, MUST-64, MUST-67, SHLD-5; RFC 7323; attacks P-9, B-12, C-3].
 */
#include "support/packet_test.h"

/* Text of a full segment of ours. */
static uint32_t full_segment(void)
{
	uint32_t n;

	user_send(5000);
	n = next_emitted()->text_bytes;
	take_emitted();
	return n;
}

/* [9293 MUST-15] */
TEST(handshake, without_mss_the_default_holds)
{
	established(.mss = NONE);
	CHECK_EQ(full_segment(), over_ipv6() ? 1220 : 536);
}

TEST(handshake, peers_mss_is_kept)
{
	established(.mss = 700);
	CHECK_EQ(full_segment(), 700);
}

TEST(handshake, peers_mss_is_kept_by_the_active_opener)
{
	established(.mss = 700, .active = true);
	CHECK_EQ(full_segment(), 700);
}

/* [9293 MUST-16] What the path carries counts as well. */
TEST(handshake, mss_is_bounded_by_the_mtu)
{
	established(.mss = 9000);
	CHECK_EQ(full_segment(), over_ipv6() ? 1440 : 1460);
}

/* [9293 MUST-16] Options of every segment are taken off: 1448, not 1460. */
TEST(handshake, mss_leaves_room_for_timestamps)
{
	established(.mss = 9000, .timestamps = true);
	CHECK_EQ(full_segment(), over_ipv6() ? 1428 : 1448);
}

/* [9293 MUST-14, MUST-67, SHLD-5] */
TEST(handshake, our_mss_is_what_the_link_takes)
{
	listening();
	arrives(SYN, .seq = 0, .mss = 536);
	emits(SYN | ACK, .seq = 0, .ack = 1, .mss = over_ipv6() ? 1440 : 1460);
}

TEST(handshake, our_mss_follows_the_mtu)
{
	mtu_is(1280);
	syn_sent();
	CHECK_EQ(info().state, SYN_SENT);
	after_ms(1000);
	emits(SYN, .seq = 0, .mss = over_ipv6() ? 1220 : 1240);
}

/* [9293 MAY-3] Also when it is the one that the peer would presume. */
TEST(handshake, default_mss_is_told_all_the_same)
{
	mtu_is(over_ipv6() ? 1280 : 576);
	listening();
	arrives(SYN, .seq = 0);
	emits(SYN | ACK, .seq = 0, .ack = 1, .mss = over_ipv6() ? 1220 : 536);
}

/* [attacks C-3] A tiny MSS is raised: no division by it, no flood of tiny segments. */
TEST(handshake, tiny_mss_is_raised)
{
	established(.mss = 0);
	CHECK(full_segment() >= 64);
}

TEST(handshake, mss_one_is_raised)
{
	established(.mss = 1);
	CHECK(full_segment() >= 64);
}

/* [7323 s2.2] The shift tells our bound; 0 .. 14. */
TEST(handshake, window_scale_follows_rqs)
{
	listening(.rqs = 1 << 20);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 2);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 5, .wnd = 65535);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 100);
	CHECK_EQ(info().snd_wnd, 400);
	CHECK_EQ(info().rcv_wscale, 5);
}

/* [7323 s2.2] Not answered when not offered. */
TEST(handshake, window_scale_is_not_answered_unless_offered)
{
	listening(.rqs = 1 << 20);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = NONE);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 1000);
	CHECK_EQ(info().snd_wnd, 1000);
	CHECK(info().rcv_wnd <= 65535);
}

/* [7323 s2.3] More than 14 counts as 14. */
TEST(handshake, window_scale_beyond_14_is_14)
{
	syn_received(.wscale = 200);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 3);
	CHECK_EQ(info().snd_wscale, 14);
	CHECK_EQ(info().snd_wnd, 3 << 14);
}

TEST(handshake, active_opener_offers_scale_and_timestamps)
{
	syn_sent(.rqs = 1 << 20);
	after_ms(1000);
	next_emitted();
	CHECK(last_emitted()->opt.has_wscale);
	CHECK_EQ(last_emitted()->opt.wscale, 5);
	CHECK(last_emitted()->opt.has_timestamps);
	CHECK_EQ(last_emitted()->opt.ts_ecr, 0);
}

/* The answer without an option switches it off. */
TEST(handshake, answer_without_options_switches_them_off)
{
	established(.active = true, .rqs = 1 << 20);
	CHECK(!info().timestamps);
	CHECK_EQ(info().rcv_wscale, 0);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .no_ts = true);
	CHECK(last_emitted()->wnd == 65535);
}

/* [7323 s3.2] Agreed: on every segment, echoing the peer's. */
TEST(handshake, timestamps_are_echoed)
{
	established(.timestamps = true);
	CHECK(info().timestamps);
	peer_clock(5000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 5000);
}

TEST(handshake, timestamps_are_not_answered_unless_offered)
{
	listening();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .no_ts = true);
}

TEST(handshake, timestamps_can_be_switched_off)
{
	config()->timestamps = false;
	config()->window_scaling = false;
	established(.timestamps = true, .wscale = 4);
	CHECK(!info().timestamps);
	CHECK_EQ(info().snd_wscale, 0);
}

/* [2018 s2] Offered, and answered only where it was offered. */
TEST(handshake, sack_is_offered)
{
	syn_sent();
	CHECK(last_emitted()->opt.sack_permitted);
}

TEST(handshake, sack_is_answered)
{
	syn_received(.sack = true);
	CHECK(last_emitted()->opt.sack_permitted);
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK(info().sack);
}

TEST(handshake, sack_is_not_answered_without_an_offer)
{
	syn_received();
	CHECK(!last_emitted()->opt.sack_permitted);
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK(!info().sack);
}

TEST(handshake, sack_can_be_switched_off)
{
	config()->sack = false;
	syn_received(.sack = true);
	CHECK(!last_emitted()->opt.sack_permitted);
	arrives(ACK, .seq = 1, .ack = 1);
	CHECK(!info().sack);
}

/* [9293 MUST-6, MUST-64] Unknown in between, nothing aligned, scale before MSS. */
TEST(handshake, unknown_and_unaligned_options_are_read)
{
	static const uint8_t options[] = {3, 3, 2, 254, 6, 1, 2, 3, 4, 2, 4, 700 >> 8, 700 & 255, 1, 0};

	listening();
	arrives(SYN, .seq = 0, .options = options, .options_bytes = sizeof(options));
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK_EQ(info().snd_mss, 700);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 10);
	CHECK_EQ(info().snd_wnd, 40);
}

/* [9293 MUST-69] What stands behind the end of options is not read. */
TEST(handshake, options_behind_the_end_are_not_read)
{
	static const uint8_t options[] = {0, 2, 4, 700 >> 8, 700 & 255, 0, 0, 0};

	listening();
	arrives(SYN, .seq = 0, .options = options, .options_bytes = sizeof(options));
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK_EQ(info().snd_mss, over_ipv6() ? 1220 : 536);
}

/* [9293 MUST-7] Illegal lengths at every place: what stood before counts, nothing else happens. */
TEST(handshake, illegal_option_lengths_are_survived)
{
	static const uint8_t length[] = {0, 1, 3, 41, 255};

	listening(.backlog = 1000);
	for (unsigned i = 0; i < sizeof(length); i++) {
		for (unsigned at = 0; at < 39; at++) {
			uint8_t options[40];
			uint16_t port = (uint16_t)(20000 + i * 40 + at);

			for (unsigned k = 0; k < 40; k++)
				options[k] = 1;
			options[at] = 2;
			options[at + 1] = length[i];
			arrives(SYN, .seq = 0, .port = port, .options = options, .options_bytes = 40);
			emits(SYN | ACK, .seq = 0, .ack = 1, .port = port);
			arrives(RST, .seq = 1, .port = port);
		}
	}
}

/* [attacks B-6] A broken option never ends a connection. */
TEST(handshake, illegal_options_do_not_end_a_connection)
{
	static const uint8_t options[] = {8, 0, 2, 1, 3, 255, 5, 3};

	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .options = options, .options_bytes = sizeof(options));
	readable(10);
	state_is(ESTABLISHED);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
}

/* [7323 s2.2] The smallest shift that does. */
TEST(handshake, window_scale_is_no_larger_than_needed)
{
	listening(.rqs = 65535);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 2);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 0, .wnd = 65535);
	user_closes_listener();
	take_emitted();
}

TEST(handshake, window_scale_grows_with_the_next_byte)
{
	listening(.rqs = 65536);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 2);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 1, .wnd = 65535);
}

/* [7323 s5.4] Every connection's clock has an offset of its own: it tells no uptime. */
TEST(handshake, timestamp_clocks_of_two_connections_differ)
{
	uint32_t first;

	config()->fixed_iss = false;
	listening();
	arrives(SYN, .seq = 0, .mss = 1000, .ts_val = 1, .ts_ecr = 0);
	first = next_emitted()->opt.ts_val;
	arrives(SYN, .seq = 0, .mss = 1000, .ts_val = 1, .ts_ecr = 0, .port = 40001);
	CHECK(next_emitted()->opt.ts_val != first);
	CHECK(first != (uint32_t)(now().ns / WEIR_NS_PER_MS));
}

/* RQS lowered while the SYN is under way: what it promised is taken. */
TEST(handshake, rqs_lowered_while_opening_takes_nothing_back)
{
	syn_sent(.rqs = 5000);
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 100);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	take_emitted();
	for (int i = 0; i < 5; i++)
		arrives(ACK, .seq = 1 + 1000 * i, .ack = 1, .len = 1000), take_emitted();
	readable(5000);
	user_reads(5000);
	take_emitted();
}

/* [7323 s4.1] About a tick a millisecond, on the SYN already. */
TEST(handshake, timestamp_clock_ticks_in_milliseconds)
{
	uint32_t on_syn;

	syn_sent();
	on_syn = last_emitted()->opt.ts_val;
	CHECK(on_syn != 0);
	after_ms(250);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .ts_val = 7, .ts_ecr = on_syn);
	CHECK_EQ(next_emitted()->opt.ts_val - on_syn, 250);
	CHECK_EQ(last_emitted()->opt.ts_ecr, 7);
}
