/* SPDX-License-Identifier: Apache-2.0
 *
 * The peer takes window back [9293 MUST-34, MUST-35, SHLD-15 ... SHLD-17; attacks C-9].
 */
#include "support/packet_test.h"

/* Five segments of 100 bytes under way, then the window ends behind the second. */
static void shrunk(int wnd)
{
	established(.mss = 100, .wnd = 500);
	user_send(1000);
	CHECK_EQ(take_emitted(), 5);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = wnd);
}

/* [9293 SHLD-15] */
TEST(flow, shrunk_window_sends_no_new_data)
{
	shrunk(200);
	emits_nothing();
	state_is(ESTABLISHED);
	arrives(ACK, .seq = 1, .ack = 201, .wnd = 100);
	emits_nothing();
	CHECK_EQ(info().sendq_unsent_bytes, 500);
}

/* [9293 SHLD-16] Inside it old data goes again. */
TEST(flow, shrunk_window_still_resends_inside)
{
	shrunk(200);
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101, .wnd = 100);
	take_emitted();
	state_is(ESTABLISHED);
}

/* [9293 MAY-7] The head goes again whole when its time is up, though it sticks out of what is left of the window. */
TEST(flow, shrunk_window_still_resends_the_head_whole)
{
	shrunk(50);
	ms_until_emitted(2000);
	emits(ACK, .seq = 1, .ack = 1, .len = 100);
	emits_nothing();
}

/* [9293 MUST-35, SHLD-17] To nothing, with data under way: probed for ever, not timed out. */
TEST(flow, shrunk_to_zero_is_probed_and_lives)
{
	unsigned probes = 0;

	shrunk(0);
	for (int i = 0; i < 40; i++) {
		after_s(60);
		if (take_emitted() > 0) {
			probes++;
			arrives(ACK, .seq = 1, .ack = 1, .wnd = 0);
			take_emitted();
		}
	}
	CHECK(probes >= 10);
	state_is(ESTABLISHED);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 500);
	after_s(130);
	CHECK(take_emitted() >= 1);
	sendq_is(1000);
}

TEST(flow, shrunk_window_that_opens_again_goes_on)
{
	shrunk(0);
	arrives(ACK, .seq = 1, .ack = 501, .wnd = 1000);
	CHECK_EQ(take_emitted(), 5);
	arrives(ACK, .seq = 1, .ack = 1001, .wnd = 1000);
	sendq_is(0);
}
