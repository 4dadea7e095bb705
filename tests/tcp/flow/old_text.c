/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that has been here already: answered, but not without bound [W-SM-13; RFC 5961 s7; attacks Q-5].
 */
#include "support/packet_test.h"

static void hundred_bytes_have_arrived(void)
{
	established();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	after_ms(40);
	take_emitted();
}

/* [attacks Q-5] 10,000 copies within a second: not 10,000 answers. */
TEST(old_text, copies_without_end_are_answered_at_a_rate)
{
	unsigned answers = 0;

	hundred_bytes_have_arrived();
	for (int i = 0; i < 10000; i++) {
		arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
		answers += take_emitted();
		after_us(100);
	}
	CHECK(answers >= 128);
	CHECK(answers <= 3 * 128);
	CHECK_EQ(counter_value(drop_tcp_old_text_limited), 10000 - answers);
	state_is(ESTABLISHED);
	readable(100);
}

/* A window sent again for nothing is answered whole. */
TEST(old_text, window_sent_twice_is_answered)
{
	established(.rqs = 60000);
	for (int i = 0; i < 60; i++) {
		arrives(ACK, .seq = 1000 * i + 1, .ack = 1, .len = 1000);
		take_emitted();
	}
	after_s(1);
	take_emitted();
	for (int i = 0; i < 60; i++) {
		arrives(ACK, .seq = 1000 * i + 1, .ack = 1, .len = 1000);
		emits(ACK, .seq = 1, .ack = 60001);
	}
	counter_is(tcp_old_text_limited, 0);
}

/* The limit is not in the way of what is new. */
TEST(old_text, new_text_is_taken_meanwhile)
{
	hundred_bytes_have_arrived();
	for (int i = 0; i < 1000; i++) {
		arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
		take_emitted();
	}
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 50);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 151);
	readable(150);
}

/* A closed window is no better: text in front of it is answered at the same rate. */
TEST(old_text, text_for_a_closed_window)
{
	unsigned answers = 0;

	established(.rqs = 100);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	take_emitted();
	for (int i = 0; i < 1000; i++) {
		arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
		answers += take_emitted();
	}
	CHECK_EQ(answers, 128);
}
