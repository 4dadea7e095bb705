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
