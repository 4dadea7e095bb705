/* SPDX-License-Identifier: Apache-2.0
 *
 * SO_TIMESTAMPING of what is sent: when the last byte of a write left, and when it was acknowledged.
 */
#include "support/packet_test.h"

enum { OPT_TIMESTAMPING = 37, WRITES = 16 };
enum {
	SENT = 1 << 1,
	RECEIVED = 1 << 3,
	TELL = 1 << 4,
	NUMBER = 1 << 7,
	QUEUED = 1 << 8,
	ACKED = 1 << 9,
	FROM_END = 1 << 16
};

static int sets(int flags)
{
	return weir_setsockopt(sock(), LEVEL_SOCKET, OPT_TIMESTAMPING, &flags, sizeof(flags));
}

static void stamping(int flags)
{
	int value = 0;
	uint32_t len = sizeof(value);

	CHECK_EQ(sets(flags), 0);
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_SOCKET, OPT_TIMESTAMPING, &value, &len), 0);
	CHECK_EQ(value, flags);
}

static void told(unsigned what, uint32_t number, long long at_ms)
{
	struct weir_error_report r;

	CHECK_EQ(weir_recv_error(sock(), &r), 0);
	CHECK_EQ(r.error, WEIR_ENOMSG);
	CHECK_EQ(r.origin, WEIR_ORIGIN_TIMESTAMPING);
	CHECK_EQ(r.info, what);
	CHECK_EQ(r.number, number);
	CHECK_EQ(weir_time_since(now(), r.at).ns / WEIR_NS_PER_MS, at_ms);
}

static void nothing_told(void)
{
	struct weir_error_report r;

	CHECK_EQ(weir_recv_error(sock(), &r), -WEIR_EAGAIN);
	CHECK(!(weir_poll(sock()) & WEIR_ERR));
}

TEST(report_stamps, sent_and_acknowledged)
{
	established();
	stamping(SENT | QUEUED | ACKED | TELL | NUMBER);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	CHECK(weir_poll(sock()) & WEIR_ERR);
	after_ms(30);
	arrives(ACK, .seq = 1, .ack = 101);
	after_ms(10);
	told(WEIR_STAMP_QUEUED, 99, 40);
	told(WEIR_STAMP_SENT, 99, 40);
	told(WEIR_STAMP_ACKED, 99, 10);
	nothing_told();
	error_is(0);
}

/* Only what was asked for. */
TEST(report_stamps, acknowledged_alone)
{
	established();
	stamping(ACKED | TELL);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	nothing_told();
	arrives(ACK, .seq = 1, .ack = 100);
	nothing_told();
	after_ms(5);
	arrives(ACK, .seq = 1, .ack = 101);
	told(WEIR_STAMP_ACKED, 0, 0);
	nothing_told();
}

TEST(report_stamps, nothing_is_told_without_being_asked_to)
{
	established();
	stamping(SENT | ACKED);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101);
	nothing_told();
}

/* The last byte of each write counts, in segments of whatever shape. */
TEST(report_stamps, last_byte_of_each_write)
{
	established(.no_delay = true, .wnd = 2500);
	stamping(SENT | TELL | NUMBER);
	user_send(1500);
	emits(ACK, .seq = 1, .ack = 1, .len = 1000);
	emits(ACK | PSH, .seq = 1001, .ack = 1, .len = 500);
	told(WEIR_STAMP_SENT, 1499, 0);
	user_send(2000);
	emits(ACK, .seq = 1501, .ack = 1, .len = 1000);
	nothing_told();
	after_ms(10);
	arrives(ACK, .seq = 1, .ack = 2501);
	emits(ACK | PSH, .seq = 2501, .ack = 1, .len = 1000);
	told(WEIR_STAMP_SENT, 3499, 0);
	nothing_told();
}

/* Numbers count from what is not acknowledged when they are asked for, or from what is written next. */
TEST(report_stamps, numbers_begin_where_they_are_asked_for)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 51);
	stamping(SENT | TELL | NUMBER);
	user_send(10);
	arrives(ACK, .seq = 1, .ack = 101);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 10);
	told(WEIR_STAMP_SENT, 59, 0);
	stamping(0);
	stamping(SENT | TELL | NUMBER | FROM_END);
	user_send(10);
	arrives(ACK, .seq = 1, .ack = 111);
	emits(ACK | PSH, .seq = 111, .ack = 1, .len = 10);
	told(WEIR_STAMP_SENT, 9, 0);
}

/* What goes again was sent the first time. */
TEST(report_stamps, repetition_is_not_told_of)
{
	established();
	stamping(SENT | ACKED | TELL);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	told(WEIR_STAMP_SENT, 0, 0);
	ms_until_emitted(2000);
	take_emitted();
	nothing_told();
	arrives(ACK, .seq = 1, .ack = 101);
	told(WEIR_STAMP_ACKED, 0, 0);
	nothing_told();
}

/* So many at a time; more are counted. */
TEST(report_stamps, bounded)
{
	established(.no_delay = true, .wnd = 0);
	stamping(SENT | TELL | NUMBER);
	for (int i = 0; i < WRITES + 3; i++)
		user_send(1);
	counter_is(report_lost, 3);
	arrives(ACK, .seq = 1, .ack = 1, .wnd = 5000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = WRITES + 3);
	for (uint32_t i = 0; i < WRITES; i++)
		told(WEIR_STAMP_SENT, i, 0);
	nothing_told();
	arrives(ACK, .seq = 1, .ack = 1 + WRITES + 3, .wnd = 5000);
	user_send(1);
	emits(ACK | PSH, .seq = 1 + WRITES + 3, .ack = 1, .len = 1);
	told(WEIR_STAMP_SENT, WRITES + 3, 0);
}

/* What is not there is refused: stamps of arrivals; numbers without a stream. */
TEST(report_stamps, refusals)
{
	int flags = SENT | TELL | NUMBER;

	established();
	CHECK_EQ(sets(RECEIVED | TELL), -WEIR_EINVAL);
	CHECK_EQ(sets(FROM_END | TELL), -WEIR_EINVAL);
	stamping(0);
	user_aborts();
	take_emitted();
	start_again();
	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_SOCKET, OPT_TIMESTAMPING, &flags, sizeof(flags)), -WEIR_EINVAL);
}

/* A connection has its listener's setting, and stamps of its own. */
TEST(report_stamps, inherited)
{
	int flags = SENT | TELL;

	listening();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_SOCKET, OPT_TIMESTAMPING, &flags, sizeof(flags)), 0);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	told(WEIR_STAMP_SENT, 0, 0);
}
