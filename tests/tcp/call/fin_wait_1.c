/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in FIN-WAIT-1 [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_fin_wait_1, send_fails)
{
	fin_wait_1();
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
	emits_nothing();
}

/* T6.5 After shutdownOutput reading goes on. */
TEST(call_fin_wait_1, receive_goes_on)
{
	char byte;

	fin_wait_1();
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_EAGAIN);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	user_reads(30);
	after_ms(40);
	emits(ACK, .seq = 2, .ack = 31);
}

/* [W-SM-4] No second FIN. */
TEST(call_fin_wait_1, close_and_shutdown_again_send_nothing)
{
	fin_wait_1();
	user_shuts(WEIR_SHUT_WR);
	emits_nothing();
	user_closes();
	emits_nothing();
	state_is(FIN_WAIT_1);
}

TEST(call_fin_wait_1, abort_resets_at_snd_nxt)
{
	fin_wait_1();
	user_aborts();
	emits(RST | ACK, .seq = 2, .ack = 1);
	gone();
}

/* [9293 SHLD-3] */
TEST(call_fin_wait_1, close_with_unread_data_resets)
{
	fin_wait_1();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	user_closes();
	emits(RST | ACK, .seq = 2, .ack = 31);
	gone();
}
