/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that block, on a second thread: each ends at the very moment of virtual time at which it could.
 */
#include "drill.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

static void accept_waits_for_the_handshake(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_accept};
	long long due;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_listener(&d, 1);
	call_start(&c);
	assert_true(call_blocks(&c));
	drill_wait_ms(&d, 500);
	inject(&d, S, 0, 0, 0);
	expect(&d, S | A, 0, 1, 0);
	assert_true(call_blocks(&c));
	drill_wait_ms(&d, 250);
	due = drill_now_us(&d);
	inject(&d, A, 1, 1, 0);
	assert_true(call_end(&c) >= 0);
	assert_in_range(c.ended_us - due, 0, 10);
	drill_close(&d);
}

static void connect_waits_for_the_answer(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_connect};
	long long due;

	(void)state;
	drill_open(&d, &way_v6, "");
	c.fd = drill_socket(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	expect(&d, S, 0, 0, 0);
	drill_wait_ms(&d, 100);
	due = drill_now_us(&d);
	inject(&d, S | A, 0, 1, 0);
	assert_int_equal(call_end(&c), 0);
	assert_in_range(c.ended_us - due, 0, 10);
	expect(&d, A, 1, 1, 0);
	drill_close(&d);
}

static void connect_is_refused(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_connect};

	(void)state;
	drill_open(&d, &way_mapped, "");
	c.fd = drill_socket(&d);
	call_start(&c);
	expect(&d, S, 0, 0, 0);
	inject(&d, R | A, 0, 1, 0);
	assert_int_equal(call_end(&c), -1);
	assert_int_equal(c.error, ECONNREFUSED);
	drill_close(&d);
}

/* Nobody answers. The first thread sleeps far beyond the end: the call's return has the time of that end. */
static void connect_times_out_while_the_script_sleeps(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_connect};
	long long start;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_socket(&d);
	start = drill_now_us(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	drill_wait_ms(&d, 3600 * 1000);
	assert_int_equal(call_end(&c), -1);
	assert_int_equal(c.error, ETIMEDOUT);
	assert_in_range(c.ended_us - start, 120 * 1000000LL, 400 * 1000000LL); /* [9293 MUST-23] */
	assert_true(drill_now_us(&d) - start >= 3600 * 1000000LL);
	drill_close(&d);
}

static void read_waits_for_data(void **state)
{
	char buffer[1000];
	struct drill d;
	struct call c = {.d = &d, .make = call_read, .buffer = buffer, .len = sizeof(buffer)};
	long long due;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	call_start(&c);
	drill_wait_ms(&d, 30000);
	assert_true(call_blocks(&c));
	due = drill_now_us(&d);
	/* The second segment comes too late for this read, although no time passes in between. */
	inject(&d, A | P, 1, 1, 100);
	inject(&d, A | P, 101, 1, 100);
	assert_int_equal(call_end(&c), 100);
	assert_in_range(c.ended_us - due, 0, 10);
	assert_int_equal(d.ifc.read(d.u, c.fd, buffer, sizeof(buffer)), 100);
	drill_close(&d);
}

/* A write that is larger than SendQ, which is twice what was asked for, waits until all of it has room there: until
 * between 10000 and 20000 of 30000 bytes are acknowledged, at 1000 in 10 ms. */
static void write_waits_for_room(void **state)
{
	static char buffer[30000];
	struct drill d;
	struct call c = {.d = &d, .make = call_write, .buffer = buffer, .len = sizeof(buffer)};
	int size = 10000;
	long long start;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, c.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	start = drill_now_us(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	for (uint32_t acked = 1000; acked <= 30000; acked += 1000) {
		drill_wait_ms(&d, 10);
		inject(&d, A, 1, 1 + acked, 0);
	}
	assert_int_equal(call_end(&c), 30000);
	assert_in_range(c.ended_us - start, 100000, 200000);
	drill_close(&d);
}

static long long call_poll(struct call *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int r = c->d->ifc.poll(c->d->u, &p, 1, c->timeout_ms);

	return r > 0 ? p.revents : r;
}

static void poll_waits(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_poll, .timeout_ms = -1};

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	inject(&d, A | P, 1, 1, 1);
	assert_int_equal(call_end(&c), POLLIN);
	drill_close(&d);
}

/* Time is up for it while the tool waits for a packet that never comes. */
static void poll_times_out(void **state)
{
	struct drill d;
	struct call c = {.d = &d, .make = call_poll, .timeout_ms = 5000};
	long long start;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	start = drill_now_us(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	expect_silence(&d);
	assert_int_equal(call_end(&c), 0);
	assert_in_range(c.ended_us - start, 5000000, 5000100);
	drill_close(&d);
}

static long long call_epoll(struct call *c)
{
	struct epoll_event event;
	int r = c->d->ifc.epoll_wait(c->d->u, c->fd, &event, 1, c->timeout_ms);

	return r > 0 ? (long long)event.events : r;
}

static void epoll_waits(void **state)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
	struct drill d;
	struct call c = {.d = &d, .make = call_epoll, .timeout_ms = -1};
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	c.fd = d.ifc.epoll_create(d.u, 1);
	assert_int_equal(d.ifc.epoll_ctl(d.u, c.fd, EPOLL_CTL_ADD, fd, &event), 0);
	call_start(&c);
	assert_true(call_blocks(&c));
	inject(&d, F | A, 1, 1, 0);
	assert_int_equal(call_end(&c), EPOLLIN | EPOLLRDHUP);
	drill_close(&d);
}

/* SO_RCVTIMEO ends a read without data. */
static void read_times_out(void **state)
{
	struct timeval limit = {2, 500000}, told;
	socklen_t len = sizeof(told);
	char byte;
	struct drill d;
	struct call c = {.d = &d, .make = call_read, .buffer = &byte, .len = 1};
	long long start;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, c.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	assert_int_equal(d.ifc.getsockopt(d.u, c.fd, SOL_SOCKET, SO_RCVTIMEO, &told, &len), 0);
	assert_memory_equal(&told, &limit, sizeof(limit));
	start = drill_now_us(&d);
	call_start(&c);
	drill_wait_ms(&d, 10000);
	assert_int_equal(call_end(&c), -1);
	assert_int_equal(c.error, EAGAIN);
	assert_in_range(c.ended_us - start, 2500000, 2500100);
	drill_close(&d);
}

/* SO_LINGER with a time: close() waits for the peer's acknowledgement of all, FIN included. */
static long long call_close(struct call *c)
{
	return c->d->ifc.close(c->d->u, c->fd);
}

static void close_lingers(void **state)
{
	struct linger linger = {1, 30};
	struct drill d;
	struct call c = {.d = &d, .make = call_close};
	char byte = 0;

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = drill_accepted(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, c.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	assert_int_equal(d.ifc.write(d.u, c.fd, &byte, 1), 1);
	call_start(&c);
	assert_true(call_blocks(&c));
	expect(&d, A | P, 1, 1, 1);
	expect(&d, F | A, 2, 1, 0);
	inject(&d, A, 1, 2, 0);
	assert_true(call_blocks(&c));
	inject(&d, A, 1, 3, 0);
	assert_int_equal(call_end(&c), 0);
	drill_close(&d);
}

/* One thread alone: a call that waits moves time itself, and ends when nothing can ever come. */
static void waiting_on_the_first_thread_moves_time(void **state)
{
	struct drill d;
	struct pollfd p = {.events = POLLIN};
	long long start;

	(void)state;
	drill_open(&d, &way_v4, "");
	p.fd = drill_accepted(&d);
	start = drill_now_us(&d);
	assert_int_equal(d.ifc.poll(d.u, &p, 1, 3000), 0);
	assert_in_range(drill_now_us(&d) - start, 3000000, 3000100);
	assert_int_equal(d.ifc.poll(d.u, &p, 1, -1), 0);
	drill_close(&d);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(accept_waits_for_the_handshake),
    cmocka_unit_test(connect_waits_for_the_answer),
    cmocka_unit_test(connect_is_refused),
    cmocka_unit_test(connect_times_out_while_the_script_sleeps),
    cmocka_unit_test(read_waits_for_data),
    cmocka_unit_test(write_waits_for_room),
    cmocka_unit_test(poll_waits),
    cmocka_unit_test(poll_times_out),
    cmocka_unit_test(epoll_waits),
    cmocka_unit_test(read_times_out),
    cmocka_unit_test(close_lingers),
    cmocka_unit_test(waiting_on_the_first_thread_moves_time),
};

DRILL_MAIN(tests)
