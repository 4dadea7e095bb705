/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP_DEFER_ACCEPT: the program is not woken for a connection on which the peer has said nothing yet.
 */
#include "support/packet_test.h"

enum { OPT_DEFER_ACCEPT = 9 };

static void listening_deferred(int seconds)
{
	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_DEFER_ACCEPT, &seconds, sizeof(seconds)), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
}

TEST(defer_accept, a_bare_third_message_waits_for_text)
{
	listening_deferred(7);
	after_ms(50);
	arrives(ACK, .seq = 1, .ack = 1);
	emits_nothing();
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().accept_len, 0);
	CHECK_EQ(listener_info().incomplete_len, 1);
	counter_is(tcp_defer_accept, 1);
	after_ms(2500);
	emits_nothing(); /* the SYN,ACK is known to have arrived */
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	emits(ACK, .seq = 1, .ack = 31);
	state_is(ESTABLISHED);
	user_accepts();
	readable(30);
	CHECK_EQ(info().srtt.ns, weir_ms(50).ns); /* the wait was no round trip */
}

TEST(defer_accept, text_with_the_third_message_does_not_wait)
{
	listening_deferred(7);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	emits(ACK, .seq = 1, .ack = 31);
	CHECK_EQ(listener_info().accept_len, 1);
}

TEST(defer_accept, nor_does_an_end)
{
	listening_deferred(7);
	arrives(ACK | FIN, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	CHECK_EQ(listener_info().accept_len, 1);
}

/* When the time is over the SYN,ACK goes again, and its answer opens. */
TEST(defer_accept, after_its_time_silence_is_accepted)
{
	listening_deferred(3);
	arrives(ACK, .seq = 1, .ack = 1);
	after_ms(2999);
	emits_nothing();
	after_ms(1);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK_EQ(listener_info().accept_len, 1);
}

/* And a peer that is gone by then is forgotten. */
TEST(defer_accept, after_its_time_a_peer_that_is_gone_is_forgotten)
{
	listening_deferred(3);
	arrives(ACK, .seq = 1, .ack = 1);
	after_s(200);
	CHECK(take_emitted() > 0);
	gone();
	CHECK_EQ(listener_info().incomplete_len, 0);
}

TEST(defer_accept, seconds_are_rounded_up_to_time_outs)
{
	static const int given[][2] = {{0, 0}, {-5, 0}, {1, 1}, {2, 3}, {3, 3}, {5, 7}, {8, 15}, {64, 127}, {128, 247}};

	listening();
	for (unsigned i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		int value = given[i][0];
		uint32_t len = sizeof(value);

		CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_DEFER_ACCEPT, &value, sizeof(value)), 0);
		CHECK_EQ(weir_getsockopt(listener(), LEVEL_TCP, OPT_DEFER_ACCEPT, &value, &len), 0);
		CHECK_EQ(value, given[i][1]);
	}
}

/* With a SYN cookie nothing could end the wait. */
TEST(defer_accept, a_cookie_does_not_wait)
{
	config()->syn_cookies = 2;
	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_DEFER_ACCEPT, &(int){7}, sizeof(int)), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	our_isn_is(seq_raw(next_emitted()->seq));
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}
