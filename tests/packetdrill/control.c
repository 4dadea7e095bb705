/* SPDX-License-Identifier: Apache-2.0
 *
 * Time, flags, and the control directory: what a script's shell commands set and see.
 */
#include "drill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct control {
	char dir[64], flags[128], commands[96], connections[96];
};

static void control_make(struct control *c, const char *more)
{
	snprintf(c->dir, sizeof(c->dir), "/tmp/weir-drill-XXXXXX");
	assert_non_null(mkdtemp(c->dir));
	snprintf(c->flags, sizeof(c->flags), ",ctl=%s%s", c->dir, more);
	snprintf(c->commands, sizeof(c->commands), "%s/cmds", c->dir);
	snprintf(c->connections, sizeof(c->connections), "%s/conns", c->dir);
}

static void control_remove(const struct control *c)
{
	unlink(c->commands);
	unlink(c->connections);
	assert_int_equal(rmdir(c->dir), 0);
}

static void say(const struct control *c, const char *text)
{
	FILE *to = fopen(c->commands, "a");

	assert_non_null(to);
	fputs(text, to);
	assert_int_equal(fclose(to), 0);
}

static void shows(const struct control *c, const char *expected)
{
	char text[256] = "";
	FILE *from = fopen(c->connections, "r");
	size_t n;

	assert_non_null(from);
	n = fread(text, 1, sizeof(text) - 1, from);
	fclose(from);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static void connections_are_listed(void **state)
{
	struct control c;
	struct drill d;
	int listener, fd;

	(void)state;
	control_make(&c, "");
	drill_open(&d, &way_mapped, c.flags);
	listener = drill_listener(&d, 1);
	shows(&c, "");
	inject(&d, S, 0, 0, 0);
	shows(&c, "4 8080 SYN_RCVD\n");
	expect(&d, S | A, 0, 1, 0);
	inject(&d, A, 1, 1, 0);
	shows(&c, "4 8080 ESTABLISHED\n");
	fd = d.ifc.accept(d.u, listener, NULL, NULL);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	shows(&c, "4 8080 FIN_WAIT_1\n");
	inject(&d, F | A, 1, 2, 0);
	shows(&c, "4 8080 TIME_WAIT\n");
	drill_wait_ms(&d, 61000);
	shows(&c, "");
	drill_close(&d);
	control_remove(&c);
}

/* A script's first commands come before there is a stack. A line that is not whole yet waits for its end. */
static void commands_configure_the_stack(void **state)
{
	struct control c;
	struct drill d;
	int fd, size = 0;
	socklen_t len = sizeof(size);

	(void)state;
	control_make(&c, "");
	drill_open(&d, &way_v4, c.flags);
	say(&c,
	    "ip tcp_metrics flush all\nsysctl -q net.ipv4.tcp_wmem=4096 50000 4194304 net/ipv4/tcp_syn_retries=2\n");
	say(&c, "sysctl net.ipv4.tcp_timestamps");
	drill_now_us(&d);
	say(&c, "=0\n");
	fd = drill_socket(&d);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	assert_int_equal(size, 50000);
	drill_nonblocking(&d, fd);
	assert_int_equal(drill_connect(&d, fd), -1);
	for (int i = 0; i < 3; i++) {
		expect(&d, S, 0, 0, 0);
		assert_false(d.seg.opt.has_timestamps);
	}
	expect_silence(&d);
	drill_close(&d);
	control_remove(&c);
}

/* ... and those in the middle hold for what comes. */
static void commands_configure_a_running_stack(void **state)
{
	struct sockaddr_storage to;
	struct control c;
	struct drill d;
	socklen_t len;
	int fd;

	(void)state;
	control_make(&c, "");
	drill_open(&d, &way_v4, c.flags);
	drill_accepted(&d);
	say(&c, "sysctl -q net.ipv4.tcp_timestamps=0 net.ipv4.tcp_fastopen=0\n");
	fd = drill_socket(&d);
	drill_nonblocking(&d, fd);
	to = drill_address(d.way, d.way->peer, d.peer_port, &len);
	assert_int_equal(d.ifc.sendto(d.u, fd, "hello", 5, MSG_FASTOPEN, (struct sockaddr *)&to, len), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	d.know_our_isn = false;
	assert_int_equal(drill_connect(&d, fd), -1);
	expect(&d, S, 0, 0, 0);
	assert_false(d.seg.opt.has_timestamps);
	drill_close(&d);
	control_remove(&c);
}

/* Unknown names and values out of range change nothing. */
static void commands_without_a_meaning_are_passed_over(void **state)
{
	struct control c;
	struct drill d;

	(void)state;
	control_make(&c, "");
	drill_open(&d, &way_v4, c.flags);
	say(&c,
	    "sysctl -q net.ipv4.no_such_thing=1 net.ipv4.ip_default_ttl=0 net.ipv4.tcp_rmem=none\nsysctl\n\nnstat\n");
	drill_accepted(&d);
	drill_close(&d);
	control_remove(&c);
}

static void window_scale_of(const char *profile, unsigned expected)
{
	struct drill d;
	int fd;

	drill_open(&d, &way_v4, profile);
	fd = drill_socket(&d);
	drill_nonblocking(&d, fd);
	assert_int_equal(drill_connect(&d, fd), -1);
	expect(&d, S, 0, 0, 0);
	assert_true(d.seg.opt.has_wscale);
	assert_int_equal(d.seg.opt.wscale, expected);
	drill_close(&d);
}

static void profiles_differ(void **state)
{
	(void)state;
	window_scale_of("", 8);
	window_scale_of(",profile=linux", 8);
	window_scale_of(",profile=freebsd", 6);
}

/* The scale is that of the largest buffer that a program may ask for. */
static void freebsd_scales_for_the_largest_buffer(void **state)
{
	struct control c;

	(void)state;
	control_make(&c, ",profile=freebsd");
	say(&c, "sysctl -w kern.ipc.maxsockbuf=4294967295\n");
	window_scale_of(c.flags, 14);
	say(&c, "sysctl -w kern.ipc.maxsockbuf=73728\n");
	window_scale_of(c.flags, 1);
	control_remove(&c);
}

/* A kernel hands packets to its link that are larger than the link's, and a script sees them whole: at most half of
 * the congestion window each, and each with PSH; to a far peer no more than leaves in a millisecond. */
static void linux_sends_large_packets(void **state)
{
	static char buffer[30000];
	struct control c;
	struct drill d;
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.write(d.u, fd, buffer, sizeof(buffer)), sizeof(buffer));
	expect(&d, A | P, 1, 1, 5000);
	expect(&d, A | P, 5001, 1, 5000);
	drill_close(&d);
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.write(d.u, fd, buffer, 6000), 6000);
	expect(&d, A | P, 1, 1, 5000);
	expect(&d, A | P, 5001, 1, 1000);
	drill_close(&d);
	drill_open(&d, &way_v4, "");
	fd = drill_accepted_after(&d, 100);
	assert_int_equal(d.ifc.write(d.u, fd, buffer, 5000), 5000);
	expect(&d, A | P, 1, 1, 2000);
	expect(&d, A | P, 2001, 1, 2000);
	expect(&d, A | P, 4001, 1, 1000);
	drill_close(&d);
	control_make(&c, "");
	drill_open(&d, &way_v4, c.flags);
	say(&c, "ethtool -K tun0 tso off gso off\n");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.write(d.u, fd, buffer, sizeof(buffer)), sizeof(buffer));
	for (uint32_t i = 0; i < 10; i++)
		expect(&d, A, 1 + 1000 * i, 1, 1000);
	drill_close(&d);
	control_remove(&c);
}

/* FreeBSD delays the very first acknowledgement. */
/* Options of a SYN in another order, RQS in whole segments, a window that follows each read. */
static void freebsd_opens_in_its_own_way(void **state)
{
	static const uint8_t order[] = {2, 4, 5, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10};
	struct drill d;
	char byte;
	int fd, size = 0;
	socklen_t len = sizeof(size);

	(void)state;
	drill_open(&d, &way_v4, ",profile=freebsd");
	fd = drill_socket(&d);
	drill_nonblocking(&d, fd);
	drill_connect(&d, fd);
	expect(&d, S, 0, 0, 0);
	assert_memory_equal(d.options, order, sizeof(order));
	inject(&d, S | A, 0, 1, 0);
	expect(&d, A, 1, 1, 0);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_RCVBUF, &size, &len), 0);
	assert_int_equal(size, 66000);
	inject(&d, A | P, 1, 1, 1);
	assert_int_equal(d.ifc.read(d.u, fd, &byte, 1), 1);
	expect(&d, A, 1, 2, 0);
	assert_int_equal(d.seg.wnd, 65535);
	drill_close(&d);
}

static void freebsd_delays_from_the_first(void **state)
{
	struct drill d;
	long long start;

	(void)state;
	drill_open(&d, &way_v4, ",profile=freebsd");
	drill_accepted(&d);
	start = drill_now_us(&d);
	inject(&d, A | P, 1, 1, 100);
	expect(&d, A, 1, 101, 0);
	assert_in_range(d.left_us - start, 40000, 40010);
	drill_close(&d);
}

/* Each look takes a microsecond, a sleep its time, and a packet bears the time at which it left. */
static void time_is_virtual(void **state)
{
	struct drill d;
	long long start, left;

	(void)state;
	drill_open(&d, &way_v4, "");
	start = drill_now_us(&d);
	assert_int_equal(drill_now_us(&d), start + 1);
	drill_wait_ms(&d, 3600 * 1000);
	assert_int_equal(drill_now_us(&d), start + 3600 * 1000000LL + 2);
	drill_listener(&d, 1);
	inject(&d, S, 0, 0, 0);
	left = drill_now_us(&d) - 1;
	drill_wait_ms(&d, 500);
	expect(&d, S | A, 0, 1, 0);
	assert_int_equal(d.left_us, left);
	expect(&d, S | A, 0, 1, 0); /* again, a second after the first */
	assert_in_range(d.left_us - left, 999999, 1000001);
	drill_close(&d);
}

/* Wrong flags end the process: the tool has no other way to learn of them. */
static void wrong_flags_are_refused(void **state)
{
	static const char *const wrong[] = {"v=5", "local=nonsense", "mtu=100", "profile=vms", "colour=blue", "v"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct way way = {.flags = wrong[i]};
		struct drill d;
		int status;
		pid_t child = fork();

		if (child == 0) {
			fclose(stderr);
			drill_open(&d, &way, "");
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(connections_are_listed),
    cmocka_unit_test(commands_configure_the_stack),
    cmocka_unit_test(commands_configure_a_running_stack),
    cmocka_unit_test(commands_without_a_meaning_are_passed_over),
    cmocka_unit_test(profiles_differ),
    cmocka_unit_test(freebsd_scales_for_the_largest_buffer),
    cmocka_unit_test(linux_sends_large_packets),
    cmocka_unit_test(freebsd_opens_in_its_own_way),
    cmocka_unit_test(freebsd_delays_from_the_first),
    cmocka_unit_test(time_is_virtual),
    cmocka_unit_test(wrong_flags_are_refused),
};

DRILL_MAIN(tests)
