/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in LISTEN [W-SM-4, W-SM-5; 9293 MUST-41, MUST-42].
 */
#include "support/packet_test.h"

TEST(call_listen, send_and_receive_fail)
{
	struct weir_slice vec = {(const uint8_t *)"x", 1};
	char byte;

	listening();
	CHECK_EQ(weir_send(listener(), &vec, 1, 0), -WEIR_EPIPE);
	CHECK_EQ(weir_recv(listener(), &byte, 1, 0), -WEIR_ENOTCONN);
}

TEST(call_listen, accept_without_a_connection_would_block)
{
	listening();
	CHECK_EQ(user_accept_result(), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(listener()), 0);
}

TEST(call_listen, connect_fails)
{
	struct weir_endpoint peer;

	listening();
	peer = peer_end(PEER_PORT);
	CHECK_EQ(weir_connect(listener(), &peer), -WEIR_EISCONN);
	state_is(LISTEN);
}

TEST(call_listen, again_changes_the_backlog)
{
	listening(.backlog = 1);
	CHECK_EQ(listener_info().backlog, 1);
	CHECK_EQ(weir_listen(listener(), 7), 0);
	CHECK_EQ(listener_info().backlog, 7);
}

/* [W-SM-4] Nothing is sent. */
TEST(call_listen, close_deletes_it)
{
	listening();
	user_closes_listener();
	emits_nothing();
	arrives(SYN, .seq = 0);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 1);
}

/* Connections that nobody has accepted end with it. */
TEST(call_listen, close_resets_what_was_not_accepted)
{
	syn_received();
	arrives(ACK, .seq = 1, .ack = 1);
	user_closes_listener();
	emits(RST | ACK, .seq = 1, .ack = 1);
	gone();
	counter_is(rst_listener_closed, 1);
}

TEST(call_listen, close_resets_what_was_incomplete)
{
	syn_received();
	user_closes_listener();
	emits(RST | ACK, .seq = 1, .ack = 1);
	gone();
}

/* [9293 MUST-41] An accepted connection does not notice. */
TEST(call_listen, close_leaves_accepted_connections_alone)
{
	established();
	user_closes_listener();
	emits_nothing();
	state_is(ESTABLISHED);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

/* [9293 MUST-41] Listening once more on a port with connections disturbs none of them. */
TEST(call_listen, second_listener_is_refused)
{
	struct weir_socket *s;
	struct weir_endpoint ours;

	established();
	ours = our_end(OUR_PORT);
	CHECK_EQ(weir_socket_new(stack(), over_ipv6() ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s), 0);
	CHECK_EQ(weir_bind(s, &ours), -WEIR_EADDRINUSE);
	weir_close(s);
	state_is(ESTABLISHED);
}
