/* SPDX-License-Identifier: Apache-2.0
 *
 * World files: what they may say, and that every complaint names the file and the line.
 */
#include "world_fixture.h"

#include <unistd.h>

struct reading {
	struct plan plan;
	struct complaint complaint;
	char path[64];
};

static int read_text(struct reading *r, const char *text)
{
	int fd, status;

	snprintf(r->path, sizeof(r->path), "/tmp/weir-world-file-XXXXXX");
	fd = mkstemp(r->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	plan_init(&r->plan);
	status = plan_read(&r->plan, r->path, &r->complaint);
	unlink(r->path);
	return status;
}

/* The file is refused; the complaint names its line and holds the text. */
static void refused(const char *text, int line, const char *expected)
{
	struct reading r;
	char place[96];

	if (read_text(&r, text) != 4)
		fail_msg("accepted: %s", text);
	assert_int_equal(r.plan.hosts, 0);
	snprintf(place, sizeof(place), "%s:%d:", r.path, line);
	if (strstr(r.complaint.saw, place) == NULL || strstr(r.complaint.saw, expected) == NULL)
		fail_msg("expected '%s %s' in: %s", place, expected, r.complaint.saw);
}

#define TWO_HOSTS                                                                                                      \
	"host { name = 'a', address = { '10.0.0.1/24', 'fd00::1/64' } }\n"                                             \
	"host { name = 'b', address = '10.0.0.2/24' }\n"

static void whole_world(void **state)
{
	struct reading r;
	const struct plan_link *link;

	(void)state;
	assert_int_equal(
	    read_text(&r, "world { name = 'two' }\n"
	                  "host { name = 'a', address = { '10.0.0.1/24', 'fd00::1/64' }, time_wait = '2s',\n"
	                  "       sndbuf = 500, rcvbuf = '64KiB', timestamps = false, ttl = 9,\n"
	                  "       route = { { to = '0.0.0.0/0', via = '10.0.0.9' } } }\n"
	                  "host { name = 'b', address = '10.0.0.2/24' }\n"
	                  "link { name = 'wan', 'a', 'b', delay = '20ms', loss = '1%', reorder = 0.02,\n"
	                  "       duplicate = 0.5, rate = '10Mbit/s', queue = 50, seed = 7, mtu = 1400 }\n"
	                  "link { { host = 'a', address = '10.1.0.1/24' }, { host = 'b', address = '10.1.0.2/24' } }\n"
	                  "tap { host = 'b', name = 'weir9', address = '10.9.0.1/24',\n"
	                  "      neighbour = { ['fd09::2'] = '02:00:00:00:00:02' } }\n"),
	    0);
	assert_string_equal(r.plan.name, "two");
	assert_int_equal(r.plan.hosts, 2);
	assert_int_equal(r.plan.host[0].addrs, 2);
	assert_int_equal(r.plan.host[0].config.time_wait.ns, 2 * WEIR_NS_PER_S);
	assert_int_equal(r.plan.host[0].config.sndbuf_bytes, 500);
	assert_int_equal(r.plan.host[0].config.rcvbuf_bytes, 65536);
	assert_false(r.plan.host[0].config.timestamps);
	assert_int_equal(r.plan.host[0].config.ttl, 9);
	assert_int_equal(r.plan.host[0].routes, 1);
	assert_int_equal(r.plan.links, 2);
	link = &r.plan.link[0];
	assert_string_equal(link->name, "wan");
	assert_int_equal(link->members, 2);
	assert_int_equal(link->mtu_bytes, 1400);
	assert_true(link->faulty);
	assert_int_equal(link->fault.delay.ns, 20 * WEIR_NS_PER_MS);
	assert_int_equal(link->fault.loss, link_chance_ppm(10000));
	assert_int_equal(link->fault.reorder, link_chance_ppm(20000));
	assert_true(link->fault.reorder_delay.ns > 0);
	assert_int_equal(link->fault.rate_bytes_per_s, 1250000);
	assert_int_equal(link->fault.queue_packets, 50);
	assert_int_equal(link->fault.seed, 7);
	assert_false(r.plan.link[1].faulty);
	assert_int_equal(r.plan.link[1].member[1].addr[0].prefix_len, 24);
	assert_int_equal(r.plan.taps, 1);
	assert_int_equal(r.plan.tap[0].neighbours, 1);
	plan_deinit(&r.plan);
}

/* A world file is a program: loops and functions are its business. */
static void computed_world(void **state)
{
	struct reading r;

	(void)state;
	assert_int_equal(read_text(&r, "local members = { name = 'lan' }\n"
	                               "for i = 1, 40 do\n"
	                               "  host { name = 'h' .. i, address = string.format('10.0.0.%d/24', i) }\n"
	                               "  members[i] = 'h' .. i\n"
	                               "end\n"
	                               "link(members)\n"),
	                 0);
	assert_int_equal(r.plan.hosts, 40);
	assert_int_equal(r.plan.link[0].members, 40);
	plan_deinit(&r.plan);
}

static void mistakes_name_their_line(void **state)
{
	(void)state;
	refused("host { name = 'a' \n}}", 2, "unexpected symbol");
	refused(TWO_HOSTS "host { name = 'a' }\n", 3, "there is a host 'a' already");
	refused(TWO_HOSTS "link { 'a', 'c' }\n", 3, "no host 'c'");
	refused(TWO_HOSTS "link { 'a' }\n", 3, "fewer than two hosts");
	refused(TWO_HOSTS "\nlink { 'a', 'b', dealy = '1ms' }\n", 4, "no setting 'dealy'");
	refused(TWO_HOSTS "link { 'a', 'b', delay = 20 }\n", 3, "a duration");
	refused(TWO_HOSTS "link { 'a', 'b', loss = 2 }\n", 3, "a share");
	refused(TWO_HOSTS "link { 'a', 'b', mtu = 100 }\n", 3, "576 or more");
	refused(TWO_HOSTS "link { 'a', 'b' }\nlink { 'a', 'b' }\n", 4, "uses its addresses on another link");
	refused("host { name = 'a', time_wiat = '1s' }\n", 1, "no setting 'time_wiat'");
	refused("host { name = 'a', address = '10.0.0.1/40' }\n", 1, "an address with its prefix");
	refused("host { name = 'a', sndbuf = '5 GB' }\n", 1, "a number in its range");
	refused("host { address = '10.0.0.1/24' }\n", 1, "'name' is missing");
	refused("host { name = ('x'):rep(100) }\n", 1, "a name");
	refused("host 'a'\n", 1, "table expected");
	refused("tap { host = 'a', name = 'weir0' }\n", 1, "no host 'a'");
	refused("\n\nhst { name = 'a' }\n", 3, "hst");
}

static void empty_world(void **state)
{
	struct reading r;

	(void)state;
	assert_int_equal(read_text(&r, "-- nothing\n"), 4);
	assert_non_null(strstr(r.complaint.saw, "no host"));
}

static void missing_file(void **state)
{
	struct complaint complaint;
	struct plan plan;

	(void)state;
	plan_init(&plan);
	assert_int_equal(plan_read(&plan, "/nowhere/at/all.lua", &complaint), 4);
	assert_non_null(strstr(complaint.what, "/nowhere/at/all.lua"));
}

static void sandbox(void **state)
{
	(void)state;
	refused("io.open('/etc/passwd')\n", 1, "io");
	refused("os.exit(0)\n", 1, "os");
	refused("require('x')\n", 1, "require");
	refused("load('return 1')()\n", 1, "load");
	refused("dofile('/etc/passwd')\n", 1, "dofile");
}

static void runaway_scripts_end(void **state)
{
	struct reading r;

	(void)state;
	refused("while true do end\n", 1, "too long");
	refused("local function f() while true do end end\nwhile true do pcall(f) end\n", 2, "too long");
	assert_int_equal(read_text(&r, "local t = {}\nfor i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end\n"), 4);
	assert_non_null(strstr(r.complaint.saw, "memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_world),
	    cmocka_unit_test(computed_world),
	    cmocka_unit_test(mistakes_name_their_line),
	    cmocka_unit_test(empty_world),
	    cmocka_unit_test(missing_file),
	    cmocka_unit_test(sandbox),
	    cmocka_unit_test(runaway_scripts_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
