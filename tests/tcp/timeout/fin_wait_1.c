/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in FIN-WAIT-1: the FIN again [W-SM-44].
 */
#include "support/packet_test.h"

TEST(timeout_fin_wait_1, fin_is_repeated)
{
	fin_wait_1();
	CHECK(ms_until_emitted(2000) >= 200);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	ms_until_emitted(4000);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 2);
	state_is(FIN_WAIT_2);
	after_s(100);
	emits_nothing();
}

/* Text and FIN together. */
TEST(timeout_fin_wait_1, text_and_fin_are_repeated_in_one)
{
	established(.no_delay = true);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 11, .ack = 1);
	ms_until_emitted(2000);
	emits(FIN | ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

/* [attacks E-5] An orphan whose peer is silent does not stay for ever. */
TEST(timeout_fin_wait_1, orphan_gives_up)
{
	fin_wait_1();
	user_closes();
	after_s(3000);
	take_emitted();
	gone();
	counter_is(tcp_timed_out, 1);
}
