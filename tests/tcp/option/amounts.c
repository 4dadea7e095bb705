/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that are about bytes: TCP_NOTSENT_LOWAT, TCP_WINDOW_CLAMP, TCP_MAXSEG, SO_RCVLOWAT.
 */
#include "support/packet_test.h"

enum { OPT_RCVLOWAT = 18, OPT_WINDOW_CLAMP = 10, OPT_NOTSENT_LOWAT = 25 };

static bool is_told(void)
{
	struct weir_socket *s[4];
	bool told = false;
	size_t n;

	while ((n = weir_ready(stack(), s, 4)) > 0)
		for (size_t i = 0; i < n; i++)
			told |= s[i] == sock();
	return told;
}

/* Text that the window does not let go is refused from the bound on; writable again when less than half of it waits. */
TEST(option_bytes, notsent_lowat_bounds_what_waits_unsent)
{
	established(.mss = 1000, .wnd = 1000);
	user_sets(LEVEL_TCP, OPT_NOTSENT_LOWAT, 3000);
	CHECK(weir_poll(sock()) & WEIR_OUT);
	user_send(4000);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	CHECK(!(weir_poll(sock()) & WEIR_OUT));
	CHECK_EQ(user_send_result(1), -WEIR_EAGAIN);
	is_told();
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 1000);
	emits(ACK, .seq = 1001, .ack = 1, .len = 1000);
	CHECK(!(weir_poll(sock()) & WEIR_OUT)); /* 2000 wait */
	user_send(1);                           /* ... but a write is taken */
	is_told();
	arrives(ACK, .seq = 1, .ack = 2001, .wnd = 1000);
	emits(ACK, .seq = 2001, .ack = 1, .len = 1000);
	CHECK(is_told());
	CHECK(weir_poll(sock()) & WEIR_OUT);
}

/* What is under way does not count. */
TEST(option_bytes, notsent_lowat_does_not_bound_what_is_under_way)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_NOTSENT_LOWAT, 10);
	for (int i = 0; i < 10; i++) {
		user_send(1000);
		emits(ACK | PSH, .seq = 1000 * i + 1, .ack = 1, .len = 1000);
		CHECK(weir_poll(sock()) & WEIR_OUT);
	}
	CHECK_EQ(info().sendq_bytes, 10000);
}

TEST(option_bytes, notsent_lowat_is_inherited)
{
	int32_t value = 0;
	uint32_t len = sizeof(value);

	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_NOTSENT_LOWAT, &(int32_t){5000}, 4), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	user_closes_listener();
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, OPT_NOTSENT_LOWAT, &value, &len), 0);
	CHECK_EQ(value, 5000);
}

TEST(option_bytes, window_clamp_bounds_what_is_told)
{
	const int clamp = 2000;

	listening(.rqs = 10000);
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_WINDOW_CLAMP, &clamp, sizeof(clamp)), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wnd = 2000);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	for (int at = 1; at < 10000; at += 1000) {
		arrives(ACK | PSH, .seq = at, .ack = 1, .len = 1000);
		CHECK(info().rcv_wnd <= 2000);
		after_ms(40);
		emits(ACK, .seq = 1, .ack = at + 1000, .wnd = at < 8000 ? 2000 : 9001 - at);
	}
	user_reads(10000);
	emits(ACK, .seq = 1, .ack = 10001, .wnd = 2000);
}

/* Linux's least; it never makes a window that could not move. */
TEST(option_bytes, window_clamp_has_a_least)
{
	int32_t value = 1;
	uint32_t len = sizeof(value);

	established();
	user_sets(LEVEL_TCP, OPT_WINDOW_CLAMP, 1);
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, OPT_WINDOW_CLAMP, &value, &len), 0);
	CHECK_EQ(value, 1152);
	value = 0;
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, OPT_WINDOW_CLAMP, &value, sizeof(value)), -WEIR_EINVAL);
	for (int i = 0; i < 12; i++) {
		arrives(ACK | PSH, .seq = 1000 * i + 1, .ack = 1, .len = 1000);
		take_emitted();
		user_reads(1000);
		take_emitted();
		CHECK(info().rcv_wnd >= 1000);
	}
	CHECK_EQ(info().rcv_wnd, 1152);
}

/* On the SYN, and for what we send. */
TEST(option_bytes, maxseg_bounds_both_directions)
{
	const int most = 300;

	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_MAXSEG, &most, sizeof(most)), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .mss = 300);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	user_send(600);
	emits(ACK, .seq = 1, .ack = 1, .len = 300);
	emits(ACK | PSH, .seq = 301, .ack = 1, .len = 300);
}

TEST(option_bytes, maxseg_of_a_connection_changes_nothing)
{
	established(.mss = 1000);
	user_sets(LEVEL_TCP, OPT_MAXSEG, 300);
	user_send(1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
}

TEST(option_bytes, rcvlowat_holds_readability_back)
{
	established(.rqs = 3000);
	user_sets(LEVEL_SOCKET, OPT_RCVLOWAT, 1500);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	take_emitted();
	CHECK(!(weir_poll(sock()) & WEIR_IN));
	arrives(ACK | PSH, .seq = 1001, .ack = 1, .len = 500);
	take_emitted();
	CHECK(weir_poll(sock()) & WEIR_IN);
	user_sets(LEVEL_SOCKET, OPT_RCVLOWAT, -1); /* as much as can be */
	CHECK(!(weir_poll(sock()) & WEIR_IN));
	after_ms(50);
	take_emitted();
	arrives(ACK | PSH, .seq = 1501, .ack = 1, .len = 1500);
	take_emitted();
	CHECK(weir_poll(sock()) & WEIR_IN); /* a full RecvQ is all that can come */
}

TEST(option_bytes, rcvlowat_does_not_hide_an_end)
{
	established();
	user_sets(LEVEL_SOCKET, OPT_RCVLOWAT, 1500);
	arrives(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	take_emitted();
	CHECK(weir_poll(sock()) & WEIR_IN);
}
