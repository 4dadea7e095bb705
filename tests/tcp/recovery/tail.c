/* SPDX-License-Identifier: Apache-2.0
 *
 * The probe of a lost tail [8985 s7].
 */
#include "support/packet_test.h"

enum { MSS = 100 };

static void tail_of(int n)
{
	established(.mss = MSS, .sack = true);
	tcb()->cwnd = 1000;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	tcb()->rto = weir_ms(220);
	user_send(MSS * (uint32_t)n);
	CHECK_EQ(take_emitted(), n);
}

/* [s7.2] Two round trips after the last segment, the last one again; its SACK starts recovery of the rest. */
TEST(tail, last_segment_is_repeated)
{
	tail_of(5);
	CHECK_EQ(ms_until_emitted(200), 42);
	emits(ACK | PSH, .seq = 401, .ack = 1, .len = MSS);
	CHECK_EQ(info().cwnd_bytes, 1000);
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 301, .sack = {{401, 501}});
	CHECK(ms_until_emitted(100) <= 10);
	emits(ACK, .seq = 301, .ack = 1, .len = MSS);
	arrives(ACK, .seq = 1, .ack = 501);
	sendq_is(0);
	CHECK_EQ(info().retransmits, 0);
}

/* [s7.3] New data is a better probe than old, and no congestion window holds it back. */
TEST(tail, new_segment_is_preferred)
{
	established(.mss = MSS, .sack = true);
	tcb()->cwnd = 500;
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	tcb()->rto = weir_ms(220);
	user_send(1000);
	CHECK_EQ(take_emitted(), 5);
	CHECK_EQ(ms_until_emitted(200), 42);
	emits(ACK, .seq = 501, .ack = 1, .len = MSS);
	CHECK_EQ(info().resent, 0);
	arrives(ACK, .seq = 1, .ack = 601);
	CHECK(take_emitted() >= 4);
}

/* One segment alone waits for the peer's delayed acknowledgement too [s7.2]; and not beyond the retransmission timer.
 */
TEST(tail, single_segment_waits_for_a_delayed_acknowledgement)
{
	tail_of(1);
	CHECK_EQ(ms_until_emitted(1000), 220);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = MSS);
	CHECK_EQ(info().cwnd_bytes, 1000); /* a probe, not a time-out */
	CHECK_EQ(info().retransmits, 0);
}

/* [s7.3] One probe; then the retransmission timer. */
TEST(tail, second_time_is_a_timeout)
{
	tail_of(5);
	ms_until_emitted(200);
	take_emitted();
	CHECK_EQ(ms_until_emitted(1000), 220);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	CHECK_EQ(info().cwnd_bytes, 100);
	CHECK_EQ(info().retransmits, 1);
}

/* [s7.4.2] The probe itself repaired the only loss: the window answers it. */
TEST(tail, repaired_loss_reduces_the_window)
{
	uint32_t cwnd;

	tail_of(5);
	ms_until_emitted(200);
	take_emitted();
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 501);
	cwnd = info().cwnd_bytes;
	user_send(100);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 601);
	CHECK(info().cwnd_bytes < cwnd);
}

/* ... and when both copies have arrived, nothing was lost. */
TEST(tail, duplicate_tells_that_nothing_was_lost)
{
	uint32_t cwnd;

	tail_of(5);
	ms_until_emitted(200);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 501);
	cwnd = info().cwnd_bytes;
	arrives(ACK, .seq = 1, .ack = 501, .sack = {{401, 501}});
	user_send(100);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 601);
	CHECK(info().cwnd_bytes >= cwnd);
}

TEST(tail, without_sack_there_is_no_probe)
{
	established(.mss = MSS);
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	tcb()->rto = weir_ms(220);
	user_send(300);
	CHECK_EQ(take_emitted(), 3);
	CHECK_EQ(ms_until_emitted(1000), 220);
	emits(ACK, .seq = 1, .ack = 1, .len = MSS);
	CHECK_EQ(info().retransmits, 1);
}

/* A lost FIN is a tail as well. */
TEST(tail, lost_fin_is_probed)
{
	tail_of(2);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 201, .ack = 1);
	CHECK_EQ(ms_until_emitted(200), 42);
	emits(FIN | ACK | PSH, .seq = 102, .ack = 1, .len = 99);
	arrives(ACK, .seq = 1, .ack = 202);
	state_is(FIN_WAIT_2);
}

/* [s7.3] The last segment, not more: a FIN that left alone goes again alone. */
TEST(tail, a_late_fin_is_repeated_alone)
{
	tail_of(5);
	after_ms(10);
	user_shuts(WEIR_SHUT_WR);
	emits(ACK | FIN, .seq = 501, .ack = 1);
	CHECK_EQ(ms_until_emitted(300), 42);
	emits(ACK | FIN, .seq = 501, .ack = 1);
}
