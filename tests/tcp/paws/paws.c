/* SPDX-License-Identifier: Apache-2.0
 *
 * Protection against wrapped sequence numbers [RFC 7323 s5; attacks B-8]. The peer's clock stands at 1000 to begin
 * with.
 */
#include "support/packet_test.h"

TEST(paws, older_timestamp_is_acknowledged_and_dropped)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 999);
	emits(ACK, .seq = 1, .ack = 1, .ts_ecr = 1000);
	readable(0);
	counter_is(tcp_paws, 1);
}

TEST(paws, equal_timestamp_is_taken)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 1000);
	readable(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
}

/* [7323 s4.3] Remembered when it comes in order: then older ones are old. */
TEST(paws, newer_timestamp_is_remembered)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 2000);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 2000);
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10, .ts_val = 1999);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 2000);
	readable(10);
}

/* [7323 s4.3] The number that counts is the one that the segment came with, also when its front was here already. */
TEST(paws, timestamp_of_an_overlapping_segment_is_remembered)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 1001);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30, .ts_val = 1005);
	readable(30);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 31, .ts_ecr = 1005);
}

/* [7323 s4.3, attacks B-8] Not remembered from a segment ahead of a gap. */
TEST(paws, timestamp_ahead_of_a_gap_is_not_remembered)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 10, .ts_val = 5000);
	emits(ACK, .seq = 1, .ack = 1, .ts_ecr = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 1001);
	readable(10);
	after_ms(40);
	take_emitted();
}

/* [attacks B-8] Nor from one that is not acceptable: outside the window, or with a bad acknowledgement. */
TEST(paws, unacceptable_segment_does_not_poison)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 100000, .ack = 1, .len = 10, .ts_val = 500000);
	emits(ACK, .seq = 1, .ack = 1, .ts_ecr = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 99999, .len = 10, .ts_val = 500000);
	emits(ACK, .seq = 1, .ack = 1, .ts_ecr = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 1001);
	readable(10);
	after_ms(40);
	take_emitted();
}

/* The clock wraps like a sequence number. */
TEST(paws, clock_may_wrap)
{
	closed();
	peer_clock(0xfffffff0u);
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 5);
	readable(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 5);
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10, .ts_val = 0xfffffff0u);
	emits(ACK, .seq = 1, .ack = 11);
	counter_is(tcp_paws, 1);
}

/* Two gaps: the first is filled by a repetition, the second by a late original, which left before that and bears an
 * older timestamp. */
TEST(paws, late_original_fills_a_gap_after_a_repetition)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 100, .ts_val = 1010);
	take_emitted();
	arrives(ACK | PSH, .seq = 301, .ack = 1, .len = 100, .ts_val = 1010);
	take_emitted();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100, .ts_val = 1050);
	emits(ACK, .seq = 1, .ack = 201, .ts_ecr = 1050);
	arrives(ACK | PSH, .seq = 201, .ack = 1, .len = 100, .ts_val = 1010);
	emits(ACK, .seq = 1, .ack = 401, .ts_ecr = 1050);
	readable(400);
	counter_is(tcp_paws, 0);
}

/* [7323 s5.3 R1] One of a former round of the numbers is older than what was remembered when the window was told. */
TEST(paws, old_duplicate_does_not_fill_a_gap)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 100, .ts_val = 1010);
	take_emitted();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100, .ts_val = 999);
	emits(ACK, .seq = 1, .ack = 1);
	readable(0);
	counter_is(tcp_paws, 1);
}

/* There always is a gap; what was remembered two windows ago is no measure any more. */
TEST(paws, gaps_without_end_do_not_let_old_timestamps_in_for_ever)
{
	established(.timestamps = true, .rqs = 1000);
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 100, .ts_val = 1100);
	take_emitted();
	for (unsigned i = 0; i < 12; i++) {
		arrives(ACK | PSH, .seq = 301 + 200 * i, .ack = 1, .len = 100, .ts_val = 1101 + i);
		take_emitted();
		arrives(ACK | PSH, .seq = 1 + 200 * i, .ack = 1, .len = 100, .ts_val = 1101 + i);
		take_emitted();
		user_reads(200);
		take_emitted();
	}
	arrives(ACK | PSH, .seq = 2401, .ack = 1, .len = 100, .ts_val = 1050);
	emits(ACK, .seq = 1, .ack = 2401);
	counter_is(tcp_paws, 1);
}

/* [7323 s5.5] After 24 days of silence the remembered one is worth nothing. */
TEST(paws, remembered_timestamp_grows_old)
{
	established(.timestamps = true);
	after_s(24 * 86400 + 60);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 500);
	readable(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 500);
}

/* [7323 s3.2] A segment without the agreed option is odd, not evil: taken as it is. */
TEST(paws, missing_timestamp_does_no_harm)
{
	established(.timestamps = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .no_ts = true);
	state_is(ESTABLISHED);
	readable(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11, .ts_ecr = 1000);
}

/* Not agreed: an option that nobody asked for is not looked at. */
TEST(paws, timestamps_that_were_not_agreed_are_not_looked_at)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ts_val = 5000, .ts_ecr = 1);
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10, .ts_val = 1, .ts_ecr = 1);
	readable(20);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 21, .no_ts = true);
}

/* A FIN is protected as well. */
TEST(paws, old_fin_is_dropped)
{
	established(.timestamps = true);
	arrives(FIN | ACK, .seq = 1, .ack = 1, .ts_val = 1);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* A wrapped duplicate of a whole window, as on a fast link: the numbers fit, the time does not. */
TEST(paws, old_duplicate_with_fitting_numbers_is_dropped)
{
	established(.timestamps = true);
	peer_clock(60000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	user_reads(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10, .ts_val = 1500, .fill = 0xbb);
	emits(ACK, .seq = 1, .ack = 11);
	readable(0);
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10);
	user_reads(10);
	after_ms(40);
	take_emitted();
}
