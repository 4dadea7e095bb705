/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open through the adapter, the client's side: what calls give that open a connection by what they write.
 */
#include "drill.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NO_COOKIE = 34, CONNECT = 30 };

/* A socket whose first write opens the connection, without a cookie. */
static int deferred(struct drill *d)
{
	int fd = drill_socket(d), on = 1;

	assert_int_equal(d->ifc.setsockopt(d->u, fd, IPPROTO_TCP, NO_COOKIE, &on, sizeof(on)), 0);
	assert_int_equal(d->ifc.setsockopt(d->u, fd, IPPROTO_TCP, CONNECT, &on, sizeof(on)), 0);
	assert_int_equal(drill_connect(d, fd), 0);
	return fd;
}

/* The SYN takes 496 bytes to a peer of whom nothing is known. */
static void first_write_waits_for_the_connection(void **state)
{
	static char buffer[700];
	struct drill d;
	struct call c = {.d = &d, .make = call_write, .buffer = buffer, .len = sizeof(buffer)};

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = deferred(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	expect(&d, S, 0, 0, 496);
	drill_wait_ms(&d, 10);
	assert_true(call_blocks(&c));
	inject(&d, S | A, 0, 497, 0);
	assert_int_equal(call_end(&c), 700);
	expect(&d, A, 497, 1, 0);
	expect(&d, A | P, 497, 1, 204);
	drill_close(&d);
}

/* Of what has gone with a SYN that is refused nothing has been written. */
static void refused_first_write_is_an_error(void **state)
{
	static char buffer[100];
	struct drill d;
	struct call c = {.d = &d, .make = call_write, .buffer = buffer, .len = sizeof(buffer)};

	(void)state;
	drill_open(&d, &way_v4, "");
	c.fd = deferred(&d);
	call_start(&c);
	expect(&d, S, 0, 0, 100);
	inject(&d, R | A, 0, 1, 0);
	assert_int_equal(call_end(&c), -1);
	assert_int_equal(c.error, ECONNREFUSED);
	drill_close(&d);
}

static void empty_first_write(void **state)
{
	struct drill d;
	char nothing = 0;
	struct call c = {.d = &d, .make = call_write, .buffer = &nothing, .len = 0};
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = deferred(&d);
	drill_nonblocking(&d, fd);
	assert_int_equal(d.ifc.send(d.u, fd, "", 0, 0), -1);
	assert_int_equal(errno, EINPROGRESS);
	expect(&d, S, 0, 0, 0);
	drill_close(&d);
	drill_open(&d, &way_v4, "");
	c.fd = deferred(&d);
	call_start(&c);
	assert_true(call_blocks(&c));
	expect(&d, S, 0, 0, 0);
	inject(&d, S | A, 0, 1, 0);
	assert_int_equal(call_end(&c), 0);
	drill_close(&d);
}

/* As Linux: AF_UNSPEC, which dissolves a connect(), opens nothing. */
static void no_family_is_not_supported(void **state)
{
	struct sockaddr_storage to = {.ss_family = AF_UNSPEC};
	struct drill d;
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_socket(&d);
	assert_int_equal(d.ifc.sendto(d.u, fd, "", 0, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof(to)), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	expect_silence(&d);
	drill_close(&d);
}

/* sendto(MSG_FASTOPEN); the SYN leaves with a cookie of so many bytes. */
static void opens_with(struct drill *d, unsigned cookie_bytes)
{
	struct sockaddr_storage to;
	socklen_t len;
	int fd = drill_socket(d);

	drill_nonblocking(d, fd);
	to = drill_address(d->way, d->way->peer, d->peer_port, &len);
	assert_int_equal(d->ifc.sendto(d->u, fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to, len),
	                 cookie_bytes > 0 ? 5 : -1);
	d->know_our_isn = false;
	expect(d, S, 0, 0, cookie_bytes > 0 ? 5 : 0);
	assert_true(d->seg.opt.has_cookie);
	assert_int_equal(d->seg.opt.cookie_bytes, cookie_bytes);
	d->cookie_bytes = 6;
	inject(d, S | A, 0, cookie_bytes > 0 ? 6 : 1, 0);
	expect(d, A, cookie_bytes > 0 ? 6 : 1, 1, 0);
}

static void metrics_are_flushed(void **state)
{
	char dir[] = "/tmp/weir-drill-XXXXXX", flags[64], commands[64];
	struct drill d;
	FILE *to;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(flags, sizeof(flags), ",ctl=%s", dir);
	snprintf(commands, sizeof(commands), "%s/cmds", dir);
	drill_open(&d, &way_v4, flags);
	opens_with(&d, 0);
	opens_with(&d, 6);
	to = fopen(commands, "w");
	assert_non_null(to);
	fputs("ip tcp_metrics flush all\n", to);
	fclose(to);
	opens_with(&d, 0);
	drill_close(&d);
	unlink(commands);
	snprintf(commands, sizeof(commands), "%s/conns", dir);
	unlink(commands);
	assert_int_equal(rmdir(dir), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_write_waits_for_the_connection),
    cmocka_unit_test(refused_first_write_is_an_error),
    cmocka_unit_test(empty_first_write),
    cmocka_unit_test(no_family_is_not_supported),
    cmocka_unit_test(metrics_are_flushed),
};

DRILL_MAIN(tests)
