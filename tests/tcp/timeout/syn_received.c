/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in SYN-RECEIVED: SYN,ACK again, then the child is removed (T5.5) [9293 MUST-22, attacks S-1, S-4].
 */
#include "support/packet_test.h"

TEST(timeout_syn_received, syn_ack_is_repeated_at_doubling_intervals)
{
	syn_received();
	for (int interval_s = 1; interval_s <= 16; interval_s *= 2) {
		after_ms(interval_s * 1000 - 1);
		emits_nothing();
		after_ms(1);
		emits(SYN | ACK, .seq = 0, .ack = 1);
	}
	state_is(SYN_RCVD);
}

/* [attacks S-4] Who wants no more than three times what a forged SYN brought to leave in a minute sets two
 * repetitions. */
TEST(timeout_syn_received, two_repetitions_are_three_times_the_bytes)
{
	uint8_t packet[200];
	size_t in, out = 0;

	config()->synack_retries = 2;
	listening();
	in = make_packet(packet, SYN, .seq = 0, .mss = 1000, .wscale = 7);
	arrives_raw(packet, in);
	for (int s = 0; s < 60; s++) {
		for (; talk_emitted() > 0; out += last_ip()->payload_bytes + (over_ipv6() ? 40u : 20u))
			CHECK_EQ(next_emitted()->flags, SYN | ACK);
		after_s(1);
	}
	gone();
	CHECK(out >= in && out <= 3 * in);
}

TEST(timeout_syn_received, child_is_removed_silently)
{
	syn_received();
	after_s(70);
	CHECK(take_emitted() <= 5);
	gone();
	state_is(LISTEN);
	CHECK_EQ(listener_info().incomplete_len, 0);
}

/* The third message may come late. */
TEST(timeout_syn_received, late_third_message_is_good)
{
	syn_received();
	after_ms(3000);
	CHECK_EQ(take_emitted(), 2);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	after_s(100);
	emits_nothing();
}

/* An active open in this state fails as in SYN-SENT. */
TEST(timeout_syn_received, active_open_times_out)
{
	syn_received_active();
	after_s(400);
	take_emitted();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ETIMEDOUT);
}
