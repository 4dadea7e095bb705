/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in CLOSED: a socket that was never opened, and one whose connection is over [9293 s3.10].
 */
#include "support/packet_test.h"

static struct weir_socket *fresh(void)
{
	struct weir_socket *s;

	CHECK_EQ(weir_socket_new(stack(), over_ipv6() ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s), 0);
	return s;
}

TEST(call_closed, send_and_receive_fail)
{
	struct weir_socket *s = fresh();
	struct weir_slice vec = {(const uint8_t *)"x", 1};
	char byte;

	CHECK_EQ(weir_send(s, &vec, 1, 0), -WEIR_EPIPE);
	CHECK_EQ(weir_recv(s, &byte, 1, 0), -WEIR_ENOTCONN);
	CHECK_EQ(weir_shutdown(s, WEIR_SHUT_WR), -WEIR_ENOTCONN);
	weir_close(s);
}

TEST(call_closed, accept_fails)
{
	struct weir_socket *s = fresh(), *none;

	CHECK_EQ(weir_accept(s, &none), -WEIR_EINVAL);
	weir_close(s);
}

/* [9293 MUST-46] Broadcast and multicast are no peers. */
TEST(call_closed, open_to_multicast_is_an_error)
{
	struct weir_socket *s = fresh();
	struct weir_endpoint group = {.addr = weir_addr_v4(224, 0, 0, 1), .port = 80};
	struct weir_endpoint group6 = {.addr = {.b = {0xff, 0x02, [15] = 1}}, .port = 80, .ifindex = 2};

	CHECK_EQ(weir_connect(s, over_ipv6() ? &group6 : &group), -WEIR_ENETUNREACH);
	if (!over_ipv6()) {
		group.addr = weir_addr_v4(255, 255, 255, 255);
		CHECK_EQ(weir_connect(s, &group), -WEIR_ENETUNREACH);
	}
	weir_close(s);
}

TEST(call_closed, open_without_a_route_is_an_error)
{
	struct weir_socket *s = fresh();
	struct weir_endpoint nowhere = {.addr = weir_addr_v4(203, 0, 113, 1), .port = 80};
	struct weir_endpoint nowhere6 = {.addr = {.b = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}, .port = 80};

	CHECK_EQ(weir_connect(s, over_ipv6() ? &nowhere6 : &nowhere), -WEIR_ENETUNREACH);
	weir_close(s);
}

TEST(call_closed, close_and_abort_say_nothing)
{
	weir_close(fresh());
	weir_abort(fresh());
	closed();
	emits_nothing();
}

/* After the end of a connection: writing fails, reading says end of stream. */
TEST(call_closed, after_the_end)
{
	last_ack();
	arrives(ACK, .seq = 2, .ack = 2);
	state_is(CLOSED);
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
	user_reads_end();
	user_closes();
	gone();
}
