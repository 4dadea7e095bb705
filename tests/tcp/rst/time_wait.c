/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in TIME-WAIT: ignored, so that nobody cuts the quiet time short [RFC 1337, W-SM-33, attacks B-10].
 */
#include "support/packet_test.h"

TEST(rst_time_wait, exact_is_ignored)
{
	time_wait();
	arrives(RST, .seq = 2);
	emits_nothing();
	state_is(TIME_WAIT);
	counter_is(tcp_time_wait_rst, 1);
	arrives(RST | ACK, .seq = 2, .ack = 2);
	emits_nothing();
	state_is(TIME_WAIT);
}

TEST(rst_time_wait, in_window_is_ignored)
{
	time_wait();
	arrives(RST, .seq = 5000);
	emits_nothing();
	state_is(TIME_WAIT);
}

TEST(rst_time_wait, outside_the_window_is_ignored)
{
	time_wait();
	arrives(RST, .seq = 1);
	arrives(RST, .seq = 1000000);
	arrives(RST, .seq = -1000000);
	emits_nothing();
	state_is(TIME_WAIT);
}

TEST(rst_time_wait, does_not_shorten_it)
{
	time_wait();
	user_closes();
	after_s(30);
	arrives(RST, .seq = 2);
	after_s(29);
	state_is(TIME_WAIT);
	after_ms(1001);
	gone();
}
