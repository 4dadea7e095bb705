/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends of records, MSG_EOR: no segment reaches across one.
 */
#include "support/packet_test.h"
#include "tcp/rare.h"

static void send_records(unsigned n, uint32_t bytes)
{
	for (unsigned i = 0; i < n; i++)
		user_send_with(bytes, WEIR_MSG_EOR);
}

/* The first leaves at once, a full window behind it; of what waits each record leaves alone. */
TEST(output, records_leave_in_segments_of_their_own)
{
	established(.mss = 1000);
	user_send(10400);
	CHECK_EQ(take_emitted(), 10);
	send_records(3, 400);
	user_send(1000);
	arrives(ACK, .seq = 1, .ack = 10001);
	emits(ACK | PSH, .seq = 10001, .ack = 1, .len = 800); /* what was not the end of one, and the first */
	emits(ACK | PSH, .seq = 10801, .ack = 1, .len = 400);
	emits(ACK | PSH, .seq = 11201, .ack = 1, .len = 400);
	emits(ACK | PSH, .seq = 11601, .ack = 1, .len = 1000);
}

/* Nagle's rule is about the last of all, not about those that others follow. */
TEST(output, only_the_last_record_waits)
{
	established(.mss = 1000);
	user_send_with(100, WEIR_MSG_EOR);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	user_send_with(100, WEIR_MSG_EOR);
	emits_nothing();
	user_send_with(100, WEIR_MSG_EOR);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 201);
	emits(ACK | PSH, .seq = 201, .ack = 1, .len = 100);
}

/* Sent again, a segment reaches across an end no more than the first time. */
TEST(output, records_are_repeated_one_by_one)
{
	established(.mss = 1000, .sack = true);
	user_sets(LEVEL_TCP, OPT_NODELAY, 1);
	for (long long i = 0; i < 6; i++) {
		user_send_with(100, WEIR_MSG_EOR);
		emits(ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	}
	after_ms(10);
	arrives(ACK, .seq = 1, .ack = 1, .sack = {{501, 601}});
	for (long long i = 0; i < 5; i++)
		emits(ACK | PSH, .seq = 1 + 100 * i, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 601);
}

/* A full segment's worth of one record is cut as any text is. */
TEST(output, a_long_record_is_cut)
{
	established(.mss = 1000);
	user_send_with(2500, WEIR_MSG_EOR);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	emits(ACK, .seq = 1001, .ack = 1, .len = 1000);
	emits_nothing();
	arrives(ACK, .seq = 1, .ack = 2001);
	emits(ACK | PSH, .seq = 2001, .ack = 1, .len = 500);
}

/* What is remembered is bounded, to 63: ends beyond are those of ordinary writes. */
TEST(output, ends_beyond_the_bound_are_forgotten)
{
	established(.mss = 1000, .wnd = 0);
	send_records(5000, 2);
	sendq_is(10000);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 65000);
	for (int i = 0; i < 63; i++)
		emits(ACK | PSH, .seq = 1 + 2 * i, .ack = 1, .len = 2);
	emits(ACK, .seq = 127, .ack = 1, .len = 1000);
	CHECK_EQ(take_emitted(), 8);
	arrives(ACK, .seq = 1, .ack = 9127, .wnd = 65000);
	emits(ACK | PSH, .seq = 9127, .ack = 1, .len = 874);
	arrives(ACK, .seq = 1, .ack = 10001, .wnd = 65000);
	CHECK(!tcb()->rare->records);
}
