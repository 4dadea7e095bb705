/* SPDX-License-Identifier: Apache-2.0
 *
 * The two lists of a listener and their bounds (T5.4 ... T5.6, attacks S-1, S-9).
 */
#include "support/packet_test.h"

static void open_from(uint16_t port)
{
	arrives(SYN, .seq = 0, .mss = 1000, .port = port);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = port);
	arrives(ACK, .seq = 1, .ack = 1, .port = port);
}

/* As Linux: backlog n holds n + 1. */
TEST(handshake, accept_list_holds_backlog_plus_one)
{
	listening(.backlog = 2);
	for (uint16_t i = 0; i < 3; i++)
		open_from((uint16_t)(41000 + i));
	CHECK_EQ(listener_info().accept_len, 3);
	arrives(SYN, .seq = 0, .mss = 1000, .port = 41003);
	emits_nothing();
	CHECK_EQ(listener_info().accept_dropped, 1);
	counter_is(tcp_accept_full, 1);
	CHECK_EQ(user_accept_result(), 0);
	arrives(SYN, .seq = 0, .mss = 1000, .port = 41003);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 41003);
}

/* [attacks S-1] Half-open ones are bounded too, and what they hold comes back; without cookies the rest is dropped. */
TEST(handshake, incomplete_list_is_bounded)
{
	size_t before;

	config()->syn_cookies = 0;
	listening(.backlog = 16);
	before = weir_memory(stack());
	for (uint16_t i = 0; i < 200; i++) {
		arrives(SYN, .seq = 0, .mss = 1000, .port = (uint16_t)(20000 + i));
		take_emitted();
	}
	CHECK(listener_info().incomplete_len <= 16);
	counter_is(tcp_backlog_full, 184);
	after_s(100);
	take_emitted();
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK(weir_memory(stack()) <= before + 65536);
	open_from(42000);
	CHECK_EQ(listener_info().accept_len, 1);
}

TEST(handshake, accept_takes_the_oldest_first)
{
	listening(.backlog = 3);
	for (uint16_t i = 0; i < 3; i++)
		open_from((uint16_t)(41000 + i));
	for (uint16_t i = 0; i < 3; i++) {
		user_accepts();
		CHECK_EQ(info().remote.port, 41000 + i);
	}
	CHECK_EQ(user_accept_result(), -WEIR_EAGAIN);
}
