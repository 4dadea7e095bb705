/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in SYN-SENT [W-SM-1, W-SM-2, W-SM-4, W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_syn_sent, send_and_receive_would_block)
{
	char byte;

	syn_sent();
	CHECK_EQ(user_send_result(10), -WEIR_EAGAIN);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(sock()), 0);
}

/* [W-SM-1] */
TEST(call_syn_sent, connect_again_says_already)
{
	syn_sent();
	CHECK_EQ(user_connects(), -WEIR_EALREADY);
	emits_nothing();
}

TEST(call_syn_sent, close_deletes_it_without_a_segment)
{
	syn_sent();
	user_closes();
	emits_nothing();
	gone();
	arrives(SYN | ACK, .seq = 0, .ack = 1);
	emits(RST, .seq = 1);
}

TEST(call_syn_sent, abort_deletes_it_without_a_segment)
{
	syn_sent();
	user_aborts();
	emits_nothing();
	gone();
}

/* As Linux: the attempt is given up. */
TEST(call_syn_sent, shutdown_gives_the_attempt_up)
{
	syn_sent();
	user_shuts(WEIR_SHUT_WR);
	emits_nothing();
	state_is(CLOSED);
}

/* [9293 MUST-42] Somebody else may listen on the port meanwhile. */
TEST(call_syn_sent, listening_on_its_port_is_possible)
{
	struct weir_socket *s;
	struct weir_endpoint ours;
	int on = 1;

	syn_sent();
	user_sets(LEVEL_SOCKET, OPT_REUSEADDR, 1);
	ours = our_end(OUR_PORT);
	CHECK_EQ(weir_socket_new(stack(), over_ipv6() ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s), 0);
	CHECK_EQ(weir_setsockopt(s, LEVEL_SOCKET, OPT_REUSEADDR, &on, sizeof(on)), 0);
	CHECK_EQ(weir_bind(s, &ours), 0);
	CHECK_EQ(weir_listen(s, 5), 0);
	state_is(SYN_SENT);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	weir_close(s);
}
