/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversations through the adapter, each in the three ways in which the tool runs a script: IPv4, IPv6, and IPv4 under
 * AF_INET6 sockets.
 */
#include "drill.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

static void opens_actively(void **state)
{
	struct drill d;
	int fd, error = -1;
	socklen_t len = sizeof(error);

	drill_open(&d, *state, "");
	fd = drill_connected(&d);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, 0);
	assert_int_equal(len, sizeof(error));
	assert_int_equal(drill_connect(&d, fd), 0);
	assert_int_equal(drill_connect(&d, fd), -1);
	assert_int_equal(errno, EISCONN);
	drill_close(&d);
}

/* MSG_FASTOPEN means nothing once the connection is there, as on Linux. */
static void fast_open_flag_when_open(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage to;
	struct drill d;
	socklen_t len;
	int fd;

	drill_open(&d, way, "");
	fd = drill_connected(&d);
	to = drill_address(way, way->peer, d.peer_port, &len);
	assert_int_equal(d.ifc.sendto(d.u, fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to, len), 5);
	expect(&d, A | P, 1, 1, 5);
	drill_close(&d);
}

/* accept() gives the peer's address in the form of the socket's family. */
static void opens_passively(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage peer, expected;
	socklen_t len = sizeof(peer), expected_len;
	struct drill d;
	int listener, fd;

	drill_open(&d, way, "");
	listener = drill_listener(&d, 1);
	inject(&d, S, 0, 0, 0);
	expect(&d, S | A, 0, 1, 0);
	assert_true(d.seg.opt.has_mss);
	assert_int_equal(d.seg.opt.mss_bytes, 1460);
	inject(&d, A, 1, 1, 0);
	memset(&peer, 0, sizeof(peer));
	fd = d.ifc.accept(d.u, listener, (struct sockaddr *)&peer, &len);
	assert_true(fd >= 0);
	expected = drill_address(way, way->peer, PEER_PORT, &expected_len);
	assert_int_equal(len, expected_len);
	assert_memory_equal(&peer, &expected, expected_len);
	drill_close(&d);
}

static void moves_data_both_ways(void **state)
{
	char buffer[2000];
	struct drill d;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	inject(&d, A | P, 1, 1, 700);
	expect(&d, A, 1, 701, 0);
	assert_int_equal(d.ifc.read(d.u, fd, buffer, sizeof(buffer)), 700);
	memset(buffer, 0, sizeof(buffer));
	assert_int_equal(d.ifc.write(d.u, fd, buffer, 300), 300);
	expect(&d, A | P, 1, 701, 300);
	inject(&d, A, 701, 301, 0);
	assert_int_equal(d.ifc.send(d.u, fd, buffer, 200, MSG_NOSIGNAL), 200);
	expect(&d, A | P, 301, 701, 200);
	inject(&d, A | P, 701, 501, 50);
	expect(&d, A, 501, 751, 0);
	assert_int_equal(d.ifc.recv(d.u, fd, buffer, 20, MSG_PEEK), 20);
	assert_int_equal(d.ifc.recv(d.u, fd, buffer, 20, 0), 20);
	assert_int_equal(d.ifc.recv(d.u, fd, buffer, 2000, 0), 30);
	drill_close(&d);
}

/* [9293 s3.6] We close first: TIME_WAIT is ours, and ends a minute later without a word. */
static void closes_first(void **state)
{
	struct drill d;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	expect(&d, F | A, 1, 1, 0);
	inject(&d, A, 1, 2, 0);
	inject(&d, F | A, 1, 2, 0);
	expect(&d, A, 2, 2, 0);
	drill_wait_ms(&d, 59000);
	inject(&d, F | A, 1, 2, 0);
	expect(&d, A, 2, 2, 0);
	drill_wait_ms(&d, 61000);
	inject(&d, F | A, 1, 2, 0);
	expect(&d, R, 2, 0, 0); /* nobody knows it any more */
	drill_close(&d);
}

static void closes_second(void **state)
{
	char buffer[100];
	struct drill d;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_connected(&d);
	inject(&d, F | A | P, 1, 1, 10);
	expect(&d, A, 1, 12, 0);
	assert_int_equal(d.ifc.read(d.u, fd, buffer, sizeof(buffer)), 10);
	assert_int_equal(d.ifc.read(d.u, fd, buffer, sizeof(buffer)), 0);
	assert_int_equal(d.ifc.shutdown(d.u, fd, SHUT_WR), 0);
	expect(&d, F | A, 1, 12, 0);
	inject(&d, A, 12, 2, 0);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	expect_silence(&d);
	drill_close(&d);
}

static void meets_a_reset(void **state)
{
	char byte = 0;
	struct drill d;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	inject(&d, R, 1, 0, 0);
	assert_int_equal(d.ifc.read(d.u, fd, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(d.ifc.write(d.u, fd, &byte, 1), -1);
	assert_int_equal(errno, EPIPE);
	drill_close(&d);
}

static void is_refused(void **state)
{
	struct drill d;
	int fd, error;
	socklen_t len = sizeof(error);

	drill_open(&d, *state, "");
	fd = drill_socket(&d);
	drill_nonblocking(&d, fd);
	assert_int_equal(drill_connect(&d, fd), -1);
	expect(&d, S, 0, 0, 0);
	inject(&d, R | A, 0, 1, 0);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, ECONNREFUSED);
	drill_close(&d);
}

/* [9293 SHLD-3] Data that nobody has read: close() is a reset. */
static void resets_on_close_with_unread_data(void **state)
{
	struct drill d;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	inject(&d, A | P, 1, 1, 10);
	expect(&d, A, 1, 11, 0);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	expect(&d, R | A, 1, 11, 0);
	expect_silence(&d);
	drill_close(&d);
}

/* Virtual time: 15 repetitions of lost data take a quarter of an hour, and then the connection is gone. */
static void gives_up_after_minutes(void **state)
{
	char byte = 0;
	struct drill d;
	long long first, last;
	int fd;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.write(d.u, fd, &byte, 1), 1);
	expect(&d, A | P, 1, 1, 1);
	first = last = d.left_us;
	for (int i = 0; i < 15; i++) {
		expect(&d, A | P, 1, 1, 1);
		assert_true(d.left_us - last >= 200000 && d.left_us - last <= 120000000);
		last = d.left_us;
	}
	assert_in_range(last - first, 600 * 1000000LL, 1200 * 1000000LL);
	expect_silence(&d);
	assert_int_equal(d.ifc.write(d.u, fd, &byte, 1), -1);
	assert_int_equal(errno, ETIMEDOUT);
	drill_close(&d);
}

/* [9293 MUST-28] Two hours of silence, to the millisecond. */
static void keeps_alive_after_two_hours(void **state)
{
	struct drill d;
	long long start;
	int fd, on = 1;

	drill_open(&d, *state, "");
	fd = drill_accepted(&d);
	start = drill_now_us(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)), 0);
	expect(&d, A, 0, 1, 0);
	assert_in_range(d.left_us - start, 7199990000LL, 7200010000LL);
	inject(&d, A, 1, 1, 0);
	start = d.left_us;
	expect(&d, A, 0, 1, 0);
	assert_in_range(d.left_us - start, 7199990000LL, 7200010000LL);
	drill_close(&d);
}

#define ONE_WAY(test, way)                                                                                             \
	{                                                                                                              \
#test "_" #way, test, NULL, NULL, (void *)(uintptr_t)&way_##way                                        \
	}
#define THREE_WAYS(test) ONE_WAY(test, v4), ONE_WAY(test, v6), ONE_WAY(test, mapped)

static const struct CMUnitTest tests[] = {
    THREE_WAYS(opens_actively),
    THREE_WAYS(fast_open_flag_when_open),
    THREE_WAYS(opens_passively),
    THREE_WAYS(moves_data_both_ways),
    THREE_WAYS(closes_first),
    THREE_WAYS(closes_second),
    THREE_WAYS(meets_a_reset),
    THREE_WAYS(is_refused),
    THREE_WAYS(resets_on_close_with_unread_data),
    THREE_WAYS(gives_up_after_minutes),
    THREE_WAYS(keeps_alive_after_two_hours),
};

DRILL_MAIN(tests)
