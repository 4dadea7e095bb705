/* SPDX-License-Identifier: Apache-2.0
 *
 * Routers say that a packet was too big [9293 s3.7.2; 1191; 8201; 5927 s7; attacks I-3, C-16, F-7].
 */
#include "support/packet_test.h"

enum { LEVEL_IP = 0, LEVEL_IPV6 = 41 };
enum { OPT_MTU_DISCOVER4 = 10, OPT_MTU4 = 14, OPT_MTU_DISCOVER6 = 23, OPT_MTU6 = 24 };
enum { DONT = 0, WANT = 1, DO = 2, PROBE = 3, INTERFACE = 4 };

/* IP and TCP header. */
static int headers(void)
{
	return over_ipv6() ? 60 : 40;
}

static int text_of(int mtu)
{
	return mtu - headers();
}

static void discover(int how)
{
	if (over_ipv6())
		user_sets(LEVEL_IPV6, OPT_MTU_DISCOVER6, how);
	else
		user_sets(LEVEL_IP, OPT_MTU_DISCOVER4, how);
}

static int path_mtu(void)
{
	int value;
	uint32_t len = sizeof(value);

	CHECK_EQ(weir_getsockopt(sock(), over_ipv6() ? LEVEL_IPV6 : LEVEL_IP, over_ipv6() ? OPT_MTU6 : OPT_MTU4, &value,
	                         &len),
	         0);
	return value;
}

/* Full segments of an Ethernet, so many of them. */
static void under_way(int segments)
{
	int full = text_of(1500);

	established(.mss = 1460, .sack = true, .wnd = 65000, .no_delay = true);
	user_send((uint32_t)(segments * full));
	for (int i = 0; i < segments; i++)
		emits(ACK | (i == segments - 1 ? PSH : 0), .seq = 1 + i * full, .len = (uint32_t)full, .ack = 1);
}

/* [1191 s6.5] At once, in pieces that fit, and congestion control hears nothing of it. */
TEST(mtu_too_big, what_is_under_way_goes_again_in_pieces)
{
	int full = text_of(1500), small = text_of(1400);
	uint32_t cwnd;

	under_way(2);
	cwnd = tcb()->cwnd;
	icmp_too_big(1, 1400);
	emits(ACK, .seq = 1, .len = (uint32_t)small, .ack = 1);
	emits(ACK, .seq = 1 + small, .len = (uint32_t)small, .ack = 1);
	emits(ACK | PSH, .seq = 1 + 2 * small, .len = (uint32_t)(2 * full - 2 * small), .ack = 1);
	CHECK_EQ(tcb()->cwnd, cwnd);
	CHECK_EQ(tcb()->ssthresh, UINT32_MAX);
	CHECK_EQ(path_mtu(), 1400);
	counter_is(tcp_path_mtu_lowered, 1);
	arrives(ACK, .seq = 1, .ack = 1 + 2 * full);
	user_send(2000); /* and so does what follows */
	emits(ACK, .seq = 1 + 2 * full, .len = (uint32_t)small, .ack = 1);
	emits(ACK | PSH, .seq = 1 + 2 * full + small, .len = (uint32_t)(2000 - small), .ack = 1);
	CHECK(tcb()->cwnd >= cwnd);
}

/* [1191 s3; 9293 s3.7.2] No router may cut a segment. */
TEST(mtu_too_big, segments_must_not_be_cut)
{
	under_way(1);
	CHECK(last_ip()->dont_fragment);
	CHECK_EQ(last_ip()->id, 0); /* [RFC 6864 s4] it says nothing */
}

/* [5927 s7.1] Anybody can send it: it must be about something under way. */
TEST(mtu_too_big, about_what_is_not_under_way_it_is_ignored)
{
	int full = text_of(1500);

	under_way(2);
	icmp_too_big(0, 1400);
	icmp_too_big(1 + 2 * full, 1400);
	icmp_too_big(1000000, 1400);
	emits_nothing();
	CHECK_EQ(tcb()->snd.mss, full);
	CHECK_EQ(path_mtu(), 1500);
	counter_is(icmp_too_big_refused, 3);
}

TEST(mtu_too_big, it_only_makes_packets_smaller)
{
	under_way(1);
	icmp_too_big(1, 1500);
	icmp_too_big(1, 9000);
	emits_nothing();
	CHECK_EQ(path_mtu(), 1500);
}

/* [attacks I-3, F-7; 8201 s4; 8021] No link carries less: nonsense over IPv6, and over IPv4 a bound. */
TEST(mtu_too_big, there_is_a_least)
{
	under_way(1);
	icmp_too_big(1, 68);
	if (over_ipv6()) {
		emits_nothing();
		icmp_too_big(1, 1279);
		emits_nothing();
		icmp_too_big(1, 1280);
		emits(ACK, .seq = 1, .len = 1220, .ack = 1);
	} else {
		emits(ACK, .seq = 1, .len = 512, .ack = 1);
		CHECK_EQ(path_mtu(), 552);
	}
	take_emitted();
}

/* [1191 s7.1] A router that does not say what its link carries. */
TEST(mtu_too_big, without_a_size_the_next_plateau_is_tried)
{
	if (over_ipv6())
		return;
	under_way(1);
	icmp_too_big(1, 0);
	emits(ACK, .seq = 1, .len = 1452, .ack = 1);
	take_emitted();
	CHECK_EQ(path_mtu(), 1492);
}

/* [5927 s7.2] Full segments have arrived: then it takes silence to believe it. */
TEST(mtu_too_big, after_progress_it_waits_for_evidence)
{
	int full = text_of(1500), small = text_of(1400);
	uint32_t cwnd;

	under_way(2);
	arrives(ACK, .seq = 1, .ack = 1 + 2 * full);
	user_send((uint32_t)full);
	emits(ACK | PSH, .seq = 1 + 2 * full, .len = (uint32_t)full, .ack = 1);
	cwnd = tcb()->cwnd;
	icmp_too_big(1 + 2 * full, 1400);
	emits_nothing();
	ms_until_emitted(1000);
	emits(ACK, .seq = 1 + 2 * full, .len = (uint32_t)small, .ack = 1);
	emits(ACK | PSH, .seq = 1 + 2 * full + small, .len = (uint32_t)(full - small), .ack = 1);
	CHECK_EQ(tcb()->cwnd, cwnd);
	CHECK_EQ(path_mtu(), 1400);
}

/* ... and what gets through refutes it. */
TEST(mtu_too_big, progress_refutes_it)
{
	int full = text_of(1500);

	under_way(2);
	arrives(ACK, .seq = 1, .ack = 1 + 2 * full);
	user_send((uint32_t)full);
	emits(ACK | PSH, .seq = 1 + 2 * full, .len = (uint32_t)full, .ack = 1);
	icmp_too_big(1 + 2 * full, 1400);
	arrives(ACK, .seq = 1, .ack = 1 + 3 * full);
	user_send((uint32_t)full);
	emits(ACK | PSH, .seq = 1 + 3 * full, .len = (uint32_t)full, .ack = 1);
	ms_until_emitted(1000);
	emits(ACK | PSH, .seq = 1 + 3 * full, .len = (uint32_t)full, .ack = 1);
	CHECK_EQ(path_mtu(), 1500);
}

/* [attacks C-16] A flood of them makes no flood of repetitions: one a round trip at most. */
TEST(mtu_too_big, a_flood_is_answered_once)
{
	under_way(10);
	for (int i = 0; i < 100; i++)
		icmp_too_big(1, (uint32_t)(1490 - i));
	CHECK_EQ(take_emitted(), 10 + 1);
	counter_is(tcp_path_mtu_lowered, 1);
	CHECK_EQ(path_mtu(), 1490);
}

/* A connection that comes later begins with what was learned, and ten minutes later it does not. */
TEST(mtu_too_big, others_learn_of_it_for_ten_minutes)
{
	int small = text_of(1400);

	under_way(1);
	icmp_too_big(1, 1400);
	take_emitted();
	user_aborts();
	take_emitted();
	arrives(SYN, .seq = 0, .mss = 1460);
	/* [9293 MUST-67, SHLD-6] What we can take is another matter: the interface's MTU alone counts. */
	emits(SYN | ACK, .seq = 0, .ack = 1, .mss = text_of(1500));
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	CHECK_EQ(tcb()->snd.mss, small);
	user_aborts();
	take_emitted();
	after_s(601);
	arrives(SYN, .seq = 0, .mss = 1460);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	CHECK_EQ(tcb()->snd.mss, text_of(1500));
}

/* [1191 s6.3; 8201 s4] After ten minutes a larger segment is tried, and the size grows when it gets through. */
TEST(mtu_too_big, after_ten_minutes_the_size_may_grow)
{
	int full = text_of(1500), small = text_of(1400);
	long long at = 1 + full;

	under_way(1);
	icmp_too_big(1, 1400);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = at);
	after_s(599);
	user_send((uint32_t)(6 * small));
	for (int i = 0; i < 6; i++, at += small)
		emits(ACK | (i == 5 ? PSH : 0), .seq = at, .len = (uint32_t)small, .ack = 1);
	arrives(ACK, .seq = 1, .ack = at);
	after_s(2);
	user_send((uint32_t)(6 * small));
	emits(ACK, .seq = at, .len = (uint32_t)full, .ack = 1);
	take_emitted();
	at += 6 * small;
	arrives(ACK, .seq = 1, .ack = at);
	CHECK_EQ(tcb()->snd.mss, full);
	CHECK_EQ(path_mtu(), 1500);
}

/* TCP_MAXSEG and a path: the least of both, and timestamps are taken off [9293 MUST-16]. */
TEST(mtu_too_big, options_are_taken_off)
{
	int full = text_of(1500) - 12, small = text_of(1400) - 12;

	established(.mss = 1460, .timestamps = true, .wnd = 65000);
	user_send((uint32_t)full);
	emits(ACK | PSH, .seq = 1, .len = (uint32_t)full, .ack = 1);
	icmp_too_big(1, 1400);
	emits(ACK, .seq = 1, .len = (uint32_t)small, .ack = 1);
	take_emitted();
	CHECK_EQ(tcb()->snd.mss, small);
}

/* A peer that takes less than the path carries is not concerned. */
TEST(mtu_too_big, what_fits_does_not_go_again)
{
	established(.mss = 1000, .wnd = 65000);
	user_send(1000);
	emits(ACK | PSH, .seq = 1, .len = 1000, .ack = 1);
	icmp_too_big(1, 1400);
	emits_nothing();
	CHECK_EQ(tcb()->snd.mss, 1000);
}

/* -- IP_MTU_DISCOVER and IPV6_MTU_DISCOVER */

TEST(mtu_too_big, a_program_may_ignore_it)
{
	static const int ignores[] = {DONT, PROBE, INTERFACE};

	for (unsigned i = 0; i < 3; i++) {
		if (i > 0)
			start_again();
		established(.mss = 1460, .wnd = 65000);
		discover(ignores[i]);
		user_send((uint32_t)text_of(1500));
		emits(ACK | PSH, .seq = 1, .len = (uint32_t)text_of(1500), .ack = 1);
		CHECK_EQ(last_ip()->dont_fragment, over_ipv6() || ignores[i] == PROBE);
		icmp_too_big(1, 1400);
		emits_nothing();
		CHECK_EQ(tcb()->snd.mss, text_of(1500));
	}
}

/* [RFC 6864 s4.3] What routers may cut has an identification of its own. */
TEST(mtu_too_big, what_may_be_cut_can_be_told_apart)
{
	uint16_t id;

	if (over_ipv6())
		return;
	established(.mss = 1460, .wnd = 65000, .no_delay = true);
	discover(DONT);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .len = 10, .ack = 1);
	CHECK(!last_ip()->dont_fragment);
	id = last_ip()->id;
	user_send(10);
	emits(ACK | PSH, .seq = 11, .len = 10, .ack = 1);
	CHECK(last_ip()->id != id);
}

TEST(mtu_too_big, while_opening_it_is_ignored)
{
	syn_sent();
	icmp_too_big(0, 1280);
	state_is(SYN_SENT);
	emits_nothing();
	counter_is(icmp_too_big_refused, 1);
}
