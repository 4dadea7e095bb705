/* SPDX-License-Identifier: Apache-2.0
 *
 * User calls in ESTABLISHED [W-SM-2 ... W-SM-5].
 */
#include "support/packet_test.h"

TEST(call_established, connect_again_says_connected)
{
	established();
	CHECK_EQ(user_connects(), -WEIR_EISCONN);
	state_is(ESTABLISHED);
}

TEST(call_established, send_fills_sendq_to_the_byte)
{
	established(.sqs = 100, .wnd = 30);
	CHECK_EQ(user_send_result(150), 100);
	CHECK_EQ(user_send_result(1), -WEIR_EAGAIN);
	CHECK_EQ(next_emitted()->text_bytes, 30);
	sendq_is(100);
	arrives(ACK, .seq = 1, .ack = 31, .wnd = 30);
	CHECK_EQ(next_emitted()->text_bytes, 30);
	sendq_is(70);
	CHECK_EQ(user_send_result(150), 30);
}

TEST(call_established, receive_with_nothing_would_block)
{
	char byte;

	established();
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
}

TEST(call_established, receive_takes_what_is_there)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT);
	user_reads_up_to(10, 10);
	user_reads_up_to(100, 20);
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 31);
}

TEST(call_established, close_sends_fin)
{
	established();
	user_closes();
	emits(FIN | ACK, .seq = 1, .ack = 1);
	state_is(FIN_WAIT_1);
}

/* [W-SM-4, T6.1] All data first. */
TEST(call_established, close_with_data_sends_fin_behind_it)
{
	established(.wnd = 1000);
	user_send(1500);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	user_closes();
	emits_nothing();
	state_is(FIN_WAIT_1);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 1000);
	emits(FIN | ACK | PSH, .seq = 1001, .ack = 1, .len = 500);
}

/* [9293 SHLD-3] */
TEST(call_established, close_with_unread_data_resets)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 31);
	gone();
	counter_is(rst_unread_data, 1);
}

/* [W-SM-5] At SND.NXT. */
TEST(call_established, abort_resets_at_snd_nxt)
{
	established();
	user_send(50);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
	user_aborts();
	emits(RST | ACK, .seq = 51, .ack = 1);
	gone();
	counter_is(rst_aborted, 1);
}

/* [7323 s3.2] Where timestamps were agreed a RST has them too: a peer that insists on them takes it. */
TEST(call_established, reset_bears_timestamps)
{
	established(.timestamps = true);
	peer_clock(5000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 30);
	after_ms(40);
	take_emitted();
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 31, .ts_ecr = 5000);
}

/* T6.9 */
TEST(call_established, close_with_linger_zero_resets)
{
	established();
	user_sets_linger_zero();
	user_closes();
	emits(RST | ACK, .seq = 1, .ack = 1);
	gone();
	counter_is(rst_linger_zero, 1);
}

/* As Linux: reads say end of stream, what arrives is still taken. */
TEST(call_established, shutdown_of_reading_reads_end)
{
	established();
	user_shuts(WEIR_SHUT_RD);
	emits_nothing();
	user_reads_end();
	state_is(ESTABLISHED);
}

TEST(call_established, shutdown_of_writing_leads_to_fin_wait_1)
{
	established();
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	CHECK_EQ(user_send_result(1), -WEIR_EPIPE);
}
