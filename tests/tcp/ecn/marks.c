/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of the path, where explicit congestion notification is agreed [3168 s6.1.2, s6.1.3].
 */
#include "support/packet_test.h"

#include "sock/tcp_info.h"

enum { OPT_TOS = 1, OPT_TCLASS = 67, LEVEL_IP = 0, LEVEL_IPV6 = 41 };

static void agreed(const struct open_spec *spec)
{
	config()->quick_acks = 0;
	user_listens(spec);
	arrives(SYN | ECE | CWR, .seq = 0, .mss = spec->mss);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
}

/* -- the receiver */

/* [3168 s6.1.3] CE -> ECE on everything that acknowledges, until CWR. */
TEST(ecn_marks, a_mark_is_echoed_until_cwr)
{
	agreed(OPEN_SPEC());
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IP_CE);
	emits(ACK | ECE, .seq = 1, .ack = 11); /* at once */
	arrives(ACK | PSH, .seq = 11, .ack = 1, .len = 10, .ecn = IP_ECT0);
	after_ms(40);
	emits(ACK | ECE, .seq = 1, .ack = 21);
	user_send(5);
	emits(ACK | PSH | ECE, .seq = 1, .len = 5, .ack = 21, .ecn = IP_ECT0);
	arrives(ACK | PSH | CWR, .seq = 21, .ack = 6, .len = 10, .ecn = IP_ECT0);
	after_ms(40);
	emits(ACK, .seq = 6, .ack = 31);
}

/* CWR on a segment that is marked itself: that mark is a new one. */
TEST(ecn_marks, a_mark_on_cwr_is_a_new_one)
{
	agreed(OPEN_SPEC());
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IP_CE);
	emits(ACK | ECE, .seq = 1, .ack = 11);
	arrives(ACK | PSH | CWR, .seq = 11, .ack = 1, .len = 10, .ecn = IP_CE);
	emits(ACK | ECE, .seq = 1, .ack = 21);
}

TEST(ecn_marks, without_agreement_a_mark_is_not_echoed)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IP_CE);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
}

/* A stranger's segment outside the window says nothing. */
TEST(ecn_marks, a_mark_outside_the_window_does_not_count)
{
	agreed(OPEN_SPEC());
	arrives(ACK | PSH, .seq = 30000, .ack = 1, .len = 10, .ecn = IP_CE);
	emits(ACK, .seq = 1, .ack = 1);
}

/* -- the sender */

/* Ten segments, acknowledged one by one from here on. */
static void ten_under_way(void)
{
	agreed(OPEN_SPEC());
	user_chooses("reno");
	user_send(10000);
	for (int i = 0; i < 10; i++)
		emits(ACK | (i == 9 ? PSH : 0), .seq = 1 + i * 1000, .len = 1000, .ack = 1, .ecn = IP_ECT0);
	CHECK_EQ(tcb()->cwnd, 10000);
}

/* [3168 s6.1.2; 8511] One reduction a window, by little, and nothing is sent again. */
TEST(ecn_marks, an_echo_reduces_the_window_once)
{
	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = 1001);
	CHECK_EQ(tcb()->ssthresh, 8000);
	for (int i = 2; i <= 10; i++)
		arrives(ACK | ECE, .seq = 1, .ack = 1 + i * 1000);
	CHECK_EQ(tcb()->ssthresh, 8000);
	CHECK_EQ(tcb()->cwnd, 8000);
	counter_is(tcp_ecn_reduced, 1);
	counter_is(tcp_resent, 0);
}

/* Not all at once: a sender that falls silent for a part of a round trip would lose its clock. */
TEST(ecn_marks, the_window_goes_down_with_the_acknowledgements)
{
	uint32_t before = 10000;

	ten_under_way();
	for (int i = 1; i <= 10; i++) {
		arrives(ACK | (i == 1 ? ECE : 0), .seq = 1, .ack = 1 + i * 1000);
		CHECK(tcb()->cwnd <= before && before - tcb()->cwnd <= 1000);
		before = tcb()->cwnd;
	}
	CHECK_EQ(before, 8000);
}

/* [3168 s6.1.2] CWR goes with the first new data, and once. */
TEST(ecn_marks, cwr_is_told_with_new_data)
{
	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = 10001);
	user_send(1500);
	emits(ACK | CWR, .seq = 10001, .len = 1000, .ack = 1, .ecn = IP_ECT0);
	arrives(ACK, .seq = 1, .ack = 11001);
	emits(ACK | PSH, .seq = 11001, .len = 500, .ack = 1, .ecn = IP_ECT0);
	arrives(ACK, .seq = 1, .ack = 11501);
}

/* Until what carried CWR is acknowledged, ECE is of the same mark; after that it is of another. */
TEST(ecn_marks, the_next_window_may_be_reduced_again)
{
	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = 10001);
	arrives(ACK | ECE, .seq = 1, .ack = 10001, .wnd = 50000);
	counter_is(tcp_ecn_reduced, 1);
	user_send(1000);
	emits(ACK | PSH | CWR, .seq = 10001, .len = 1000, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 11001);
	user_send(1000);
	emits(ACK | PSH, .seq = 11001, .len = 1000, .ack = 1);
	arrives(ACK | ECE, .seq = 1, .ack = 12001);
	counter_is(tcp_ecn_reduced, 2);
}

/* [attacks C-12] A peer that echoes for ever gets data all the same, two segments a round trip. */
TEST(ecn_marks, an_everlasting_echo_leaves_two_segments)
{
	long long at = 10001;

	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = at);
	for (int i = 0; i < 40; i++) {
		unsigned n;

		CHECK_EQ(user_send_result(2000), 2000);
		n = take_emitted();
		CHECK(n >= 2);
		at += 2000;
		arrives(ACK | ECE, .seq = 1, .ack = at);
	}
	CHECK_EQ(tcb()->cwnd, 2000);
}

/* A loss in the window that a mark has reduced already: repaired, not reduced again. */
TEST(ecn_marks, a_loss_in_the_same_window_reduces_no_further)
{
	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = 1001);
	for (int i = 0; i < 3; i++)
		arrives(ACK, .seq = 1, .ack = 1001);
	emits(ACK, .seq = 1001, .len = 1000, .ack = 1, .ecn = IP_NOT_ECT); /* [3168 s6.1.5] */
	CHECK_EQ(tcb()->ssthresh, 8000);
	arrives(ACK, .seq = 1, .ack = 10001);
	CHECK(tcb()->cwnd <= 8000);
}

/* [3168 s6.1.2] After a loss too the peer is told of the reduction. */
TEST(ecn_marks, a_reduction_by_loss_is_told_too)
{
	ten_under_way();
	for (int i = 0; i < 3; i++)
		arrives(ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .len = 1000, .ack = 1, .ecn = IP_NOT_ECT);
	arrives(ACK, .seq = 1, .ack = 10001);
	user_send(1000);
	emits(ACK | PSH | CWR, .seq = 10001, .len = 1000, .ack = 1, .ecn = IP_ECT0);
	arrives(ACK, .seq = 1, .ack = 11001);
}

TEST(ecn_marks, an_old_echo_says_nothing)
{
	ten_under_way();
	arrives(ACK, .seq = 1, .ack = 5001);
	arrives(ACK | ECE, .seq = 1, .ack = 4001);
	counter_is(tcp_ecn_reduced, 0);
}

/* [3168 s6.1.5] After a time-out as well what goes again is not capable. */
TEST(ecn_marks, what_is_sent_again_is_not_capable)
{
	agreed(OPEN_SPEC());
	user_send(100);
	emits(ACK | PSH, .seq = 1, .len = 100, .ack = 1, .ecn = IP_ECT0);
	ms_until_emitted(2000);
	emits(ACK | PSH, .seq = 1, .len = 100, .ack = 1, .ecn = IP_NOT_ECT);
}

/* [9293 SHLD-22] IP_TOS and IPV6_TCLASS give six bits; the other two are the protocol's. */
TEST(ecn_marks, the_type_of_service_leaves_the_two_bits_alone)
{
	agreed(OPEN_SPEC());
	if (over_ipv6())
		user_sets(LEVEL_IPV6, OPT_TCLASS, 0x2f);
	else
		user_sets(LEVEL_IP, OPT_TOS, 0x2f);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .len = 10, .ack = 1, .ecn = IP_ECT0);
	arrives(ACK | PSH, .seq = 1, .ack = 11, .len = 10);
	after_ms(40);
	emits(ACK, .seq = 11, .ack = 11, .ecn = IP_NOT_ECT);
}

TEST(ecn_marks, cubic_goes_down_by_less_than_for_a_loss)
{
	agreed(OPEN_SPEC());
	user_send(10000);
	CHECK_EQ(take_emitted(), 10);
	arrives(ACK | ECE, .seq = 1, .ack = 10001);
	CHECK_EQ(tcb()->ssthresh, 8500);
}

/* What TCP_INFO shows: marks that came, with their bytes; what of ours was acknowledged with an echo, in segments. */
TEST(ecn_marks, programs_see_them)
{
	struct sock_tcp_info raw;
	uint32_t len = sizeof(raw);

	ten_under_way();
	arrives(ACK | ECE, .seq = 1, .ack = 3001);
	arrives(ACK | ECE, .seq = 1, .ack = 4001);
	arrives(ACK, .seq = 1, .ack = 10001);
	for (int i = 0; i < 300; i++) {
		arrives(ACK, .seq = 1 + i * 10, .ack = 10001, .len = 10, .ecn = IP_CE);
		take_emitted();
	}
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, 11, &raw, &len), 0);
	CHECK_EQ(raw.delivered_ce, 4);
	CHECK_EQ(raw.received_ce, 300);
	CHECK_EQ(raw.received_ce_bytes, 3000);
	CHECK_EQ(raw.received_e0_bytes, 0);
}
