/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows themselves: scaling both ways, RQS changed in mid-connection, the peer's window kept to
 * [9293 MUST-1, REC-1, SHLD-14; RFC 7323 s2].
 */
#include "support/packet_test.h"

/* Never a byte beyond it. */
TEST(flow, peers_window_is_kept_to)
{
	uint32_t sent = 0;

	established(.mss = 100, .wnd = 250);
	user_send(1000);
	while (talk_emitted() > 0)
		sent += next_emitted()->text_bytes;
	CHECK(sent <= 250 && sent >= 200);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 250);
	while (talk_emitted() > 0) {
		const struct tcp_segment *seg = next_emitted();

		CHECK(relative_seq(seg->seq) + seg->text_bytes <= 351);
	}
}

/* [9293 REC-1] A window beyond 16 bits. */
TEST(flow, scaled_window_is_used_in_full)
{
	established(.mss = 1000, .wscale = 7, .wnd = 1000, .sqs = 200000);
	CHECK_EQ(info().snd_wnd, 128000);
	tcb()->cwnd = 1000000;
	user_send(200000);
	CHECK_EQ(take_emitted(), 128);
	arrives(ACK, .seq = 1, .ack = 128001, .wnd = 1000);
	CHECK_EQ(take_emitted(), 72);
}

/* Ours: the field is shifted, and rounding takes nothing back. */
TEST(flow, our_scaled_window_is_exact_within_its_grain)
{
	established(.rqs = 1 << 20, .wscale = 0);
	CHECK_EQ(info().rcv_wscale, 5);
	for (int i = 0; i < 40; i++) {
		arrives(ACK | PSH, .seq = 1 + 777 * i, .ack = 1, .len = 777);
		while (talk_emitted() > 0) {
			const struct tcp_segment *seg = next_emitted();

			CHECK((long long)seg->wnd << 5 <= (1 << 20) - (long long)info().recvq_bytes + 31);
		}
	}
	user_reads(777 * 40);
	after_ms(40);
	take_emitted();
}

/* [9293 SHLD-14] RQS lowered: what was promised is still taken, and the edge does not move left. */
TEST(flow, lowered_rqs_takes_nothing_back)
{
	established(.rqs = 5000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 100);
	arrives(ACK | PSH, .seq = 1001, .ack = 1, .len = 4000);
	take_emitted();
	readable(5000);
	user_reads(5000);
	take_emitted();
	after_ms(40);
	take_emitted();
	arrives(ACK | PSH, .seq = 5001, .ack = 1, .len = 1000);
	take_emitted();
	CHECK(info().recvq_bytes <= 100);
}

/* RQS lowered below one step of a scaled window: nothing is said again and again, and the window opens again. */
TEST(flow, rqs_below_a_step_of_the_window)
{
	config()->min_window_shift = 8;
	established(.rqs = 5000, .wscale = 0);
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 10);
	take_emitted();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 4864);
	take_emitted();
	user_reads(4864);
	take_emitted();
	after_ms(1000);
	take_emitted();
	arrives(ACK | PSH, .seq = 4865, .ack = 1, .len = 100);
	take_emitted();
	CHECK_EQ(info().recvq_bytes, 100);
	user_reads(100);
	after_ms(40);
	while (talk_emitted() > 0)
		CHECK_EQ(next_emitted()->wnd, 1);
	CHECK_EQ(last_emitted()->wnd, 1);
}

/* RQS smaller than the step that the configuration asks for: the step is smaller then. */
TEST(flow, rqs_below_the_least_step)
{
	config()->min_window_shift = 8;
	established(.rqs = 10, .wscale = 0);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 8);
	take_emitted();
	user_reads(8);
	after_ms(40);
	CHECK_EQ(take_emitted() > 0, true);
	CHECK_EQ(last_emitted()->wnd << tcb()->rcv.shift, 8);
}

TEST(flow, raised_rqs_opens_the_window)
{
	established(.rqs = 1000);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 1000);
	take_emitted();
	after_ms(40);
	take_emitted();
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 5000);
	CHECK_EQ(next_emitted()->wnd, 4000);
}
