/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program is told besides the results of its calls [9293 s3.9.1.8, MUST-47, MUST-54, SHLD-9, SHLD-20, SHLD-25,
 * W-RPT-1 ... W-RPT-3]: soft errors by SO_ERROR, reports by weir_recv_error(), and both as events.
 */
#include "support/packet_test.h"

enum { LEVEL_IP = 0, LEVEL_IPV6 = 41, OPT_IP_RECVERR = 11, OPT_IPV6_RECVERR = 25 };

static uint8_t unreachable(void)
{
	return over_ipv6() ? 1 : 3;
}

static uint8_t host_code(void)
{
	return over_ipv6() ? 3 : 1;
}

static int so_error(void)
{
	int32_t value = -1;
	uint32_t len = sizeof(value);

	CHECK_EQ(weir_getsockopt(sock(), LEVEL_SOCKET, OPT_ERROR, &value, &len), 0);
	return value;
}

static void wants_reports(int on)
{
	if (over_ipv6())
		user_sets(LEVEL_IPV6, OPT_IPV6_RECVERR, on);
	else
		user_sets(LEVEL_IP, OPT_IP_RECVERR, on);
}

static void text_under_way(void)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
}

struct icmp_row {
	uint8_t type, code;
	int error;
};

static const struct icmp_row rows4[] = {
    {3, 0, WEIR_ENETUNREACH},   {3, 1, WEIR_EHOSTUNREACH},  {3, 2, WEIR_ENOPROTOOPT},   {3, 3, WEIR_ECONNREFUSED},
    {3, 5, WEIR_EOPNOTSUPP},    {3, 6, WEIR_ENETUNREACH},   {3, 7, WEIR_EHOSTDOWN},     {3, 8, WEIR_ENONET},
    {3, 9, WEIR_ENETUNREACH},   {3, 10, WEIR_EHOSTUNREACH}, {3, 11, WEIR_ENETUNREACH},  {3, 12, WEIR_EHOSTUNREACH},
    {3, 13, WEIR_EHOSTUNREACH}, {3, 14, WEIR_EHOSTUNREACH}, {3, 15, WEIR_EHOSTUNREACH}, {11, 0, WEIR_EHOSTUNREACH},
    {11, 1, WEIR_EHOSTUNREACH}, {12, 0, WEIR_EPROTO},
};

static const struct icmp_row rows6[] = {
    {1, 0, WEIR_ENETUNREACH},  {1, 1, WEIR_EACCES}, {1, 2, WEIR_EHOSTUNREACH}, {1, 3, WEIR_EHOSTUNREACH},
    {1, 4, WEIR_ECONNREFUSED}, {1, 5, WEIR_EACCES}, {1, 6, WEIR_EACCES},       {3, 0, WEIR_EHOSTUNREACH},
    {3, 1, WEIR_EHOSTUNREACH}, {4, 0, WEIR_EPROTO}, {4, 1, WEIR_EPROTO},       {4, 2, WEIR_EPROTO},
};

static const struct icmp_row *rows(unsigned *n)
{
	*n = over_ipv6() ? sizeof(rows6) / sizeof(rows6[0]) : sizeof(rows4) / sizeof(rows4[0]);
	return over_ipv6() ? rows6 : rows4;
}

/* [9293 MUST-54] As Linux: each ends an opening, with its own error. */
TEST(report, each_icmp_error_in_syn_sent)
{
	const struct icmp_row *row;
	unsigned n;

	closed();
	row = rows(&n);
	for (unsigned i = 0; i < n; i++) {
		start_again();
		syn_sent();
		icmp_arrives(row[i].type, row[i].code, 0);
		state_is(CLOSED);
		CHECK_EQ(weir_poll(sock()) & WEIR_ERR, WEIR_ERR);
		CHECK_EQ(user_connects(), -row[i].error);
	}
}

/* [9293 MUST-56, SHLD-25, SHLD-26] Of a connection it is a soft error: no event, SO_ERROR gives it once. */
TEST(report, each_icmp_error_of_a_connection_is_soft)
{
	const struct icmp_row *row;
	unsigned n;

	text_under_way();
	row = rows(&n);
	for (unsigned i = 0; i < n; i++) {
		icmp_arrives(row[i].type, row[i].code, 1);
		state_is(ESTABLISHED);
		CHECK_EQ(weir_poll(sock()), WEIR_OUT);
		CHECK_EQ(info().soft_error, row[i].error);
		CHECK_EQ(user_send_result(0), 0);
		CHECK_EQ(so_error(), row[i].error);
		CHECK_EQ(so_error(), 0);
	}
}

/* The peer is heard of: what was said before is old. */
TEST(report, soft_error_ends_with_an_acknowledgement)
{
	text_under_way();
	icmp_arrives(unreachable(), host_code(), 1);
	CHECK_EQ(info().soft_error, WEIR_EHOSTUNREACH);
	arrives(ACK, .seq = 1, .ack = 101);
	CHECK_EQ(so_error(), 0);
}

/* A connection that ends without an answer ends with the reason that the network gave. */
TEST(report, soft_error_is_the_reason_of_giving_up)
{
	text_under_way();
	icmp_arrives(unreachable(), host_code(), 1);
	after_s(4000);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_EHOSTUNREACH);
}

/* [RFC 5927 s5.1] Whoever guesses a number wrong says nothing. */
TEST(report, guessed_numbers_say_nothing)
{
	text_under_way();
	wants_reports(1);
	icmp_arrives(unreachable(), host_code(), 102);
	icmp_arrives(unreachable(), host_code(), 0);
	icmp_arrives(unreachable(), host_code(), -5000);
	CHECK_EQ(so_error(), 0);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
}

/* [9293 W-RPT-1, MUST-47] With IP_RECVERR it is queued, shows as WEIR_ERR, and is the next call's error. */
TEST(report, icmp_errors_are_queued_for_who_asks)
{
	struct weir_error_report report;
	weir_addr peer;

	text_under_way();
	wants_reports(1);
	CHECK_EQ(weir_recv_error(sock(), &report), -WEIR_EAGAIN);
	icmp_arrives(unreachable(), host_code(), 1);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT | WEIR_ERR);
	CHECK_EQ(user_send_result(1), -WEIR_EHOSTUNREACH);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT | WEIR_ERR); /* not read yet */
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
	CHECK_EQ(report.error, WEIR_EHOSTUNREACH);
	CHECK_EQ(report.origin, over_ipv6() ? WEIR_ORIGIN_ICMP6 : WEIR_ORIGIN_ICMP);
	CHECK_EQ(report.type, unreachable());
	CHECK_EQ(report.code, host_code());
	peer = peer_end(PEER_PORT).addr;
	CHECK(weir_addr_equal(&report.offender, &peer));
	CHECK(weir_addr_equal(&report.remote.addr, &peer));
	CHECK_EQ(report.remote.port, PEER_PORT);
	CHECK_EQ(weir_recv_error(sock(), &report), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
	state_is(ESTABLISHED);
	user_send(1);
}

/* Reading a report takes its error off the next call; the next report's error follows. */
TEST(report, pending_error_follows_the_queue)
{
	struct weir_error_report report;

	text_under_way();
	wants_reports(1);
	icmp_arrives(unreachable(), host_code(), 1);
	icmp_arrives(unreachable(), 0, 1);
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
	CHECK_EQ(report.error, WEIR_EHOSTUNREACH);
	error_is(WEIR_ENETUNREACH);
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
	CHECK_EQ(report.error, WEIR_ENETUNREACH);
	error_is(0);
}

/* The peer, or whoever can forge its packets, makes it grow no further. */
TEST(report, queue_is_bounded)
{
	struct weir_error_report report;
	unsigned n = 0;
	size_t before;

	text_under_way();
	wants_reports(1);
	icmp_arrives(unreachable(), host_code(), 1);
	before = weir_memory(stack());
	for (int i = 0; i < 1000; i++)
		icmp_arrives(unreachable(), host_code(), 1);
	CHECK_EQ(weir_memory(stack()), before);
	counter_is(report_lost, 985);
	while (weir_recv_error(sock(), &report) == 0)
		n++;
	CHECK_EQ(n, 16);
	CHECK(weir_memory(stack()) < before);
}

/* [9293 SHLD-20] Off by default, and off again: what was not read is gone. */
TEST(report, reports_can_be_switched_off)
{
	struct weir_error_report report;

	text_under_way();
	icmp_arrives(unreachable(), host_code(), 1);
	CHECK_EQ(weir_recv_error(sock(), &report), -WEIR_EAGAIN);
	wants_reports(1);
	icmp_arrives(unreachable(), host_code(), 1);
	wants_reports(0);
	CHECK_EQ(weir_recv_error(sock(), &report), -WEIR_EAGAIN);
	CHECK_EQ(so_error(), WEIR_EHOSTUNREACH);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
}

/* [9293 SHLD-9, SHLD-10, W-RPT-2] After three repetitions, once, long before the end. */
TEST(report, repetitions_in_vain_are_reported)
{
	struct weir_error_report report;

	text_under_way();
	wants_reports(1);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(weir_poll(sock()) & WEIR_ERR, 0);
		ms_until_emitted(10000);
		emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	}
	CHECK_EQ(weir_poll(sock()) & WEIR_ERR, WEIR_ERR);
	error_is(0); /* no call fails by it */
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
	CHECK_EQ(report.error, WEIR_ETIMEDOUT);
	CHECK_EQ(report.origin, WEIR_ORIGIN_LOCAL);
	CHECK_EQ(report.info, 3);
	after_s(30);
	take_emitted();
	state_is(ESTABLISHED);
	CHECK_EQ(weir_recv_error(sock(), &report), -WEIR_EAGAIN);
	/* An answer, and it begins anew. */
	arrives(ACK, .seq = 1, .ack = 101);
	user_send(10);
	after_s(400);
	take_emitted();
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
}

/* An opening is reported on, too [9293 MUST-22]. */
TEST(report, a_silent_peer_of_an_opening_is_reported)
{
	struct weir_error_report report;

	syn_sent();
	wants_reports(1);
	after_s(20);
	take_emitted();
	state_is(SYN_SENT);
	CHECK_EQ(weir_recv_error(sock(), &report), 0);
	CHECK_EQ(report.error, WEIR_ETIMEDOUT);
}

/* -- as events */

struct seen {
	unsigned reports, urgent;
	int error;
	uint64_t offset;
};

static void observe(void *ctx, const struct weir_event *event)
{
	struct seen *seen = ctx;

	if (event->kind == WEIR_EVENT_REPORT) {
		seen->reports++;
		seen->error = event->to;
		CHECK(event->reason != NULL);
	} else if (event->kind == WEIR_EVENT_URGENT) {
		seen->urgent++;
		seen->offset = event->offset;
	}
}

/* [9293 W-RPT-1 ... W-RPT-3] All three kinds, whether or not the program asks. */
TEST(report, observers_see_all_three)
{
	struct seen seen = {0};
	struct weir_observer observer = {observe, &seen};

	config()->observer = &observer;
	text_under_way();
	icmp_arrives(unreachable(), host_code(), 1);
	CHECK_EQ(seen.reports, 1);
	CHECK_EQ(seen.error, WEIR_EHOSTUNREACH);
	after_s(5);
	take_emitted();
	CHECK_EQ(seen.reports, 2);
	CHECK_EQ(seen.error, WEIR_ETIMEDOUT);
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 7);
	CHECK_EQ(seen.urgent, 1);
	CHECK_EQ(seen.offset, 6);
	arrives(ACK | URG, .seq = 1, .ack = 1, .up = 9);
	CHECK_EQ(seen.urgent, 2);
	take_emitted();
	start_again();
}
