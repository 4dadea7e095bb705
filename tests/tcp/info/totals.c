/* SPDX-License-Identifier: Apache-2.0
 *
 * What a connection tells of its past: segments, times, what held it back, what went wrong. The times go in steps of
 * 2^20 ns.
 */
#include "support/packet_test.h"

#define CHECK_ABOUT_MS(duration, ms)                                                                                   \
	CHECK((duration).ns >= ((ms)-2) * WEIR_NS_PER_MS && (duration).ns <= ((ms) + 2) * WEIR_NS_PER_MS)

TEST(info, segments_with_text_are_counted_apart)
{
	established(.mss = 1000);
	CHECK_EQ(info().text_segs_out, 0);
	CHECK_EQ(info().delivered_segs, 1); /* our SYN */
	user_send(2500);
	CHECK_EQ(take_emitted(), 2);
	CHECK_EQ(info().text_segs_out, 2);
	CHECK_EQ(info().delivered_segs, 1);
	arrives(ACK, .seq = 1, .ack = 2001);
	CHECK_EQ(take_emitted(), 1);
	CHECK_EQ(info().delivered_segs, 3);
	arrives(ACK | PSH, .seq = 1, .ack = 2501, .len = 70);
	take_emitted();
	CHECK_EQ(info().text_segs_in, 1);
	CHECK_EQ(info().delivered_segs, 4);
}

TEST(info, times_since_tell_of_three_things)
{
	established(.mss = 1000);
	user_send(10);
	CHECK_EQ(take_emitted(), 1);
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 11);
	after_ms(30);
	arrives(ACK | PSH, .seq = 1, .ack = 11, .len = 5);
	take_emitted();
	after_ms(7);
	CHECK_EQ(info().since_sent.ns, 57 * WEIR_NS_PER_MS);
	CHECK_EQ(info().since_text.ns, 7 * WEIR_NS_PER_MS);
	CHECK_EQ(info().since_heard.ns, 7 * WEIR_NS_PER_MS);
	arrives(ACK, .seq = 6, .ack = 11);
	CHECK_EQ(info().since_text.ns, 7 * WEIR_NS_PER_MS);
	CHECK_EQ(info().since_heard.ns, 0);
}

TEST(info, busy_is_a_sendq_with_bytes)
{
	established(.mss = 1000);
	after_ms(500);
	CHECK_EQ(info().busy.ns, 0);
	user_send(10);
	CHECK_EQ(take_emitted(), 1);
	after_ms(100);
	CHECK_ABOUT_MS(info().busy, 100);
	arrives(ACK, .seq = 1, .ack = 11);
	after_ms(1000);
	CHECK_ABOUT_MS(info().busy, 100);
}

TEST(info, a_closed_window_holds_back)
{
	established(.mss = 1000, .wnd = 0);
	user_send(1000);
	emits_nothing();
	after_ms(100);
	CHECK_ABOUT_MS(info().window_limited, 100);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 2000);
	CHECK_EQ(take_emitted(), 1);
	after_ms(30);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 2000);
	CHECK_ABOUT_MS(info().window_limited, 100);
	CHECK_ABOUT_MS(info().busy, 130);
	CHECK_EQ(info().queue_limited.ns, 0);
}

/* All that SendQ takes is under way, and the program has more. */
TEST(info, a_small_sendq_holds_back)
{
	established(.mss = 1000);
	user_sets(LEVEL_SOCKET, OPT_SNDBUF, 2000);
	user_send(2000);
	CHECK_EQ(take_emitted(), 2);
	after_ms(10);
	CHECK_EQ(info().queue_limited.ns, 0);
	CHECK_EQ(user_send_result(10), -WEIR_EAGAIN);
	after_ms(40);
	CHECK_ABOUT_MS(info().queue_limited, 40);
	arrives(ACK, .seq = 1, .ack = 2001);
	after_ms(40);
	CHECK_ABOUT_MS(info().queue_limited, 40);
	CHECK_EQ(info().window_limited.ns, 0);
}

TEST(info, the_congestion_window_is_neither)
{
	established(.mss = 1000);
	user_send(30000);
	CHECK_EQ(take_emitted(), 10);
	after_ms(40);
	CHECK_EQ(info().window_limited.ns, 0);
	CHECK_EQ(info().queue_limited.ns, 0);
}

TEST(info, timeouts_are_counted_and_timed)
{
	established(.mss = 1000);
	user_send(10);
	CHECK_EQ(take_emitted(), 1);
	CHECK_EQ(info().timeouts, 0);
	ms_until_emitted(5000);
	take_emitted();
	ms_until_emitted(5000);
	take_emitted();
	after_ms(50);
	arrives(ACK, .seq = 1, .ack = 11);
	CHECK_EQ(info().timeouts, 2);
	CHECK_EQ(info().timeout_episodes, 1);
	CHECK(info().timeout_time.ns > 50 * WEIR_NS_PER_MS);
	CHECK_EQ(info().delivered_segs, 2);
}

/* [8985 s6.2 step 3, 2883] */
TEST(info, disorder_is_counted)
{
	established(.mss = 1000, .sack = true);
	tcb()->srtt = tcb()->min_rtt = weir_ms(20);
	user_send(8000);
	CHECK_EQ(take_emitted(), 8);
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{5001, 6001}});
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{2001, 3001}, {5001, 6001}});
	CHECK_EQ(info().reorderings, 1);
	CHECK_EQ(info().reorder_most_bytes, 4000);
	arrives(ACK, .seq = 1, .ack = 8001, .sack = {{1, 1001}});
	take_emitted();
	CHECK_EQ(info().dsacks, 1);
	CHECK_EQ(info().out_of_order_segs, 0);
	arrives(ACK | PSH, .seq = 101, .ack = 8001, .len = 100);
	take_emitted();
	CHECK_EQ(info().out_of_order_segs, 1);
}
