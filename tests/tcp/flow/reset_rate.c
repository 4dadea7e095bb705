/* SPDX-License-Identifier: Apache-2.0
 *
 * RSTs that anybody can draw are bounded by the second [attacks S-3]; those that end a connection are not.
 */
#include "support/packet_test.h"

static unsigned drawn(unsigned segments)
{
	unsigned n = 0;

	for (unsigned i = 0; i < segments; i++) {
		arrives(ACK, .seq = 100 + (long long)i, .ack = 4242 + (long long)i);
		n += take_emitted();
	}
	return n;
}

TEST(reset_rate, a_flood_draws_no_more_than_a_second_may)
{
	listening();
	CHECK_EQ(drawn(3000), 1000);
	counter_is(rst_rate_limited, 2000);
	counter_is(tcp_no_connection, 3000);
	after_ms(100);
	CHECK_EQ(drawn(3000), 100);
	after_ms(10000);
	CHECK_EQ(drawn(3000), 1000);
	state_is(LISTEN);
}

TEST(reset_rate, it_is_a_setting)
{
	config()->reset_rate = 5;
	closed();
	CHECK_EQ(drawn(100), 5);
	start_again();
	config()->reset_rate = 0;
	closed();
	CHECK_EQ(drawn(3000), 3000);
	counter_is(rst_rate_limited, 0);
}

/* An acknowledgement of a SYN that was never sent, to a half-open connection. */
TEST(reset_rate, half_open_connections_are_no_way_round)
{
	unsigned n = 0;

	config()->reset_rate = 5;
	syn_received();
	for (unsigned i = 0; i < 100; i++) {
		arrives(ACK, .seq = 1, .ack = 100 + (long long)i);
		n += take_emitted();
	}
	CHECK_EQ(n, 5);
	state_is(SYN_RCVD);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

/* The end of a connection is told whatever strangers do. */
TEST(reset_rate, a_connection_is_reset_all_the_same)
{
	unsigned n = 0;

	config()->reset_rate = 5;
	established();
	for (unsigned i = 0; i < 100; i++) {
		arrives(ACK, .seq = 1, .ack = 100 + (long long)i, .port = 41000);
		n += take_emitted();
	}
	CHECK_EQ(n, 5);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	user_closes();
	CHECK(next_emitted()->flags & RST);
}
