/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK in ESTABLISHED: SendQ shrinks, the window follows [W-SM-38, W-SM-39]; wrong ones change nothing
 * [W-SM-13, W-SM-36].
 */
#include "synchronised.h"

enum { PACKET_BYTES = 2000 };

TEST(ack_established, takes_bytes_off_sendq)
{
	established();
	user_send(300);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 300);
	sendq_is(300);
	arrives(ACK, .seq = 1, .ack = 101);
	emits_nothing();
	sendq_is(200);
	arrives(ACK, .seq = 1, .ack = 301);
	sendq_is(0);
	CHECK_EQ(info().timer, WEIR_TIMER_NONE);
}

/* [W-SM-38] The whole segment is dropped, its text included. */
TEST(ack_established, text_with_an_ack_of_the_future_is_dropped)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 5001, .len = 20);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	counter_is(tcp_bad_ack, 1);
}

/* [RFC 5961 s5, attacks B-3] Older than the largest window: an attacker's guess. */
TEST(ack_established, text_with_an_ancient_ack_is_dropped)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1 - PEER_WINDOW - 1, .len = 20);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	counter_is(tcp_old_ack, 1);
}

/* An old one within the largest window does no harm, and the text behind it counts. */
TEST(ack_established, text_with_an_old_ack_is_taken)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101);
	arrives(ACK | PSH, .seq = 1, .ack = 50, .len = 20);
	readable(20);
	sendq_is(0);
	CHECK_EQ(relative_seq(tcb()->snd.una), 101);
	after_ms(40);
	emits(ACK, .seq = 101, .ack = 21);
}

/* [W-SM-39] WL1, WL2: a segment that was overtaken does not change the window back. */
TEST(ack_established, old_segment_does_not_change_the_window)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 101, .len = 10, .wnd = 5000);
	CHECK_EQ(info().snd_wnd, 5000);
	arrives(ACK, .seq = 1, .ack = 51, .wnd = 9000);
	CHECK_EQ(info().snd_wnd, 5000);
	take_emitted();
	arrives(ACK, .seq = 11, .ack = 101, .wnd = 7000);
	CHECK_EQ(info().snd_wnd, 7000);
	after_ms(40);
	take_emitted();
}

/* [W-SM-39] A window counts from its acknowledgement: one that is older than SND.UNA says nothing, however new the
 * segment. */
TEST(ack_established, window_of_an_older_ack_does_not_count)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 5000);
	arrives(ACK, .seq = 11, .ack = 51, .wnd = 9000);
	CHECK_EQ(info().snd_wnd, 5000);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 6000);
	CHECK_EQ(info().snd_wnd, 6000);
}

/* [W-SM-39] Nor does it move the right edge: what it acknowledges leaves so much less of the window. (With text sent
 * beyond the edge our own acknowledgements would lie outside the peer's window, and it would hear nothing any more.) */
TEST(ack_established, probe_that_acknowledges_does_not_move_the_right_edge)
{
	established();
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 100);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	user_send(50);
	arrives(ACK, .seq = 0, .ack = 101, .wnd = 0); /* it stands left of the window */
	CHECK_EQ(relative_seq(tcb()->snd.una), 101);
	CHECK_EQ(info().snd_wnd, 0);
	emits(ACK, .seq = 101, .ack = 1);
	after_ms(150);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 50);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 50);
}

/* [9293 MUST-1] The window field is unsigned. */
TEST(ack_established, window_is_unsigned)
{
	established();
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 0xffff);
	CHECK_EQ(info().snd_wnd, 0xffff);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 0x8000);
	CHECK_EQ(info().snd_wnd, 0x8000);
}

/* [attacks C-4] An optimistic acknowledgement earns nothing. */
TEST(ack_established, ack_of_unsent_data_does_not_open_the_congestion_window)
{
	established();
	uint32_t cwnd = info().cwnd_bytes;

	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 102);
	emits(ACK, .seq = 101, .ack = 1);
	CHECK_EQ(info().cwnd_bytes, cwnd);
	sendq_is(100);
}

/* [9293 MUST-5, MUST-6] Options may come on any segment, known or not. */
TEST(ack_established, unknown_options_are_skipped)
{
	static const uint8_t option[] = {254, 6, 1, 2, 3, 4, 1, 1};

	established();
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	arrives(ACK, .seq = 1, .ack = 11, .options = option, .options_bytes = sizeof(option));
	sendq_is(0);
}

/* [9293 MUST-3] A bad checksum: silence, no change, a counter. */
TEST(ack_established, bad_checksum_is_dropped)
{
	static uint8_t packet[PACKET_BYTES];
	size_t len;

	established();
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	len = make_packet(packet, ACK, .seq = 1, .ack = 11);
	packet[len - 2] ^= 1;
	arrives_raw(packet, len);
	emits_nothing();
	sendq_is(10);
	counter_is(tcp_checksum, 1);
}

TEST(ack_established, of_the_future_is_challenged)
{
	established();
	ack_is_challenged(1, 2, 1, 1);
}

TEST(ack_established, of_the_far_future_is_challenged)
{
	established();
	ack_is_challenged(1, 1000000000, 1, 1);
	counter_is(tcp_bad_ack, 1);
}

TEST(ack_established, too_old_is_challenged)
{
	established();
	ack_is_challenged(1, -70000, 1, 1);
	counter_is(tcp_old_ack, 1);
}

/* [W-SM-30] Left of the window, beyond it. */
TEST(ack_established, outside_the_window_is_challenged)
{
	established();
	ack_is_challenged(-99, 1, 1, 1);
	counter_is(tcp_out_of_window, 1);
	arrives(ACK, .seq = 20001, .ack = 1);
	emits_nothing();
	counter_is(tcp_out_of_window, 2);
	counter_is(tcp_challenge_limited, 1);
}

TEST(ack_established, bit_missing_is_dropped)
{
	established();
	without_ack_bit_is_dropped(1);
}

/* [W-SM-39] The same SEG.SEQ with an older acknowledgement is an older segment. */
TEST(ack_established, older_ack_of_the_same_number_does_not_change_the_window)
{
	established();
	user_send(200);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 200);
	arrives(ACK, .seq = 1, .ack = 201, .wnd = 5000);
	CHECK_EQ(info().snd_wnd, 5000);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 9000);
	CHECK_EQ(info().snd_wnd, 5000);
	arrives(ACK, .seq = 1, .ack = 201, .wnd = 8000);
	CHECK_EQ(info().snd_wnd, 8000);
}
