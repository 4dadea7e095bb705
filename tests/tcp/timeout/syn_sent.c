/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in SYN-SENT: the SYN again at growing intervals, then ETIMEDOUT (T5.2) [9293 MUST-22, MUST-23; RFC 6298 s2.1,
 * s5.5].
 */
#include "support/packet_test.h"

TEST(timeout_syn_sent, syn_is_repeated_at_doubling_intervals)
{
	syn_sent();
	for (int interval_s = 1; interval_s <= 64; interval_s *= 2) {
		after_ms(interval_s * 1000 - 1);
		emits_nothing();
		after_ms(1);
		emits(SYN, .seq = 0);
	}
	CHECK_EQ(info().retransmits, 7);
	state_is(SYN_SENT);
}

/* [9293 MUST-23] Three minutes at least. */
TEST(timeout_syn_sent, gives_up_after_more_than_three_minutes)
{
	syn_sent();
	after_s(180);
	take_emitted();
	state_is(SYN_SENT);
	after_s(120);
	take_emitted();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ETIMEDOUT);
	counter_is(tcp_timed_out, 1);
}

/* [9293 MUST-21] TCP_SYNCNT: a lower bound by the program. */
TEST(timeout_syn_sent, syncnt_makes_it_shorter)
{
	syn_sent();
	tcb()->syn_retries = 1;
	after_ms(1000);
	emits(SYN, .seq = 0);
	after_ms(1999);
	state_is(SYN_SENT);
	after_ms(1);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ETIMEDOUT);
}

/* [RFC 6298 s5.7] After a repeated SYN the first data has the initial RTO, and no sample from the SYN (Karn). */
TEST(timeout_syn_sent, repeated_syn_gives_no_round_trip_sample)
{
	syn_sent();
	after_ms(1000);
	emits(SYN, .seq = 0);
	after_ms(10);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(info().srtt.ns, 0);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	CHECK(ms_until_emitted(4000) >= 1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}
