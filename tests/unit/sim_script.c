/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios: what they may say, that every mistake names its line, that one seed gives one outcome, and that each
 * aimed fault hits what it names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"

static void mistakes_name_their_line(void **state)
{
	(void)state;
	refused(WORLD "program('C', function() end)\n", 4, "no host 'C'");
	refused(WORLD "program('A', 7)\n", 4, "function expected");
	refused(WORLD "at('now', function() end)\n", 4, "a duration is expected");
	refused(WORLD "connect('B', 22)\n", 4, "belongs into a program");
	refused(WORLD "sleep '1s'\n", 4, "belongs into a program");
	refused(WORLD "netstat 'A'\n", 4, "before the scenario runs");
	refused(WORLD "drop { from = 'C' }\n", 4, "no such host");
	refused(WORLD "drop { flags = 'FIM' }\n", 4, "expected SYN, ACK, FIN");
	refused(WORLD "drop { form = 'A' }\n", 4, "no setting 'form'");
	refused(WORLD "drop { nth = 0 }\n", 4, "a number from 1 on");
	refused(WORLD "delay { from = 'A' }\n", 4, "delay needs 'by'");
	refused(WORLD "cut { link = 'wan' }\n", 4, "no such link");
	refused(WORLD "scenario { stop = '0s' }\n", 4, "a duration");
	refused(WORLD "for k in pairs { [{}] = 1 } do end\n", 4, "only numbers and text");
	refused(WORLD "program('A', function()\n  connect('C', 22)\nend)\n", 5, "a host or an address");
	refused(WORLD "program('A', function()\n\n  connect('B', 22, { sndbfu = 1 })\nend)\n", 6,
	        "no setting 'sndbfu'");
	refused(WORLD "program('A', function()\n  local s = nil\n  s:read(1)\nend)\n", 6, "a nil value");
	refused(WORLD "program('A', function()\n  local s = listen(1)\n  s:close()\n  s:accept()\nend)\n", 7,
	        "has been closed");
	refused(WORLD "program('A', function() sleep '1s'\n at('1ms', function() end) end)\n", 5, "in the past");
	refused("tap { host = 'a', name = 'weir0' }\n", 1, "tap");
	refused("\nhost {\n", 3, "unexpected symbol");
}

static void scripts_are_boxed_in(void **state)
{
	(void)state;
	refused(WORLD "io.open('/etc/passwd')\n", 4, "io");
	refused(WORLD "next({})\n", 4, "next");
	refused(WORLD "program('A', function()\n  while true do end\nend)\n", 5, "too long");
	refused(WORLD "program('A', function()\n  while true do pcall(function() while true do end end) end\nend)\n", 5,
	        "too long");
}

static void a_failed_expectation_names_its_line_and_values(void **state)
{
	struct outcome o;

	(void)state;
	run_text(&o,
	         WORLD
	         "at('5ms', function()\n  expect('T1.2', 'the sum', 1 + 1, 3)\n  expect('T1.3', 'yes', true)\nend)\n",
	         1);
	assert_int_equal(o.status, 1);
	assert_int_equal(o.result.expects, 2);
	assert_int_equal(o.result.failed, 1);
	assert_non_null(strstr(o.failures, ":5: expected T1.2 the sum: 3, got 2 (t = 0.005000 s)"));
	outcome_free(&o);
}

static const char lossy[] =
    "host { name = 'A', address = '10.0.0.1/24' }\n"
    "host { name = 'B', address = '10.0.0.2/24' }\n"
    "link { 'A', 'B', delay = '10ms', jitter = '3ms', loss = '5%', duplicate = '2%', reorder = '2%', rate = '10Mbit/s' "
    "}\n"
    "program('A', function()\n"
    "  local s = connect('B', 22)\n"
    "  for i = 1, 20 do s:write(('x'):rep(math.random(1, 9000)) .. 'y') end\n"
    "  s:close()\n"
    "end)\n"
    "program('B', function()\n"
    "  local s, n, text = listen(22):accept(), 0\n"
    "  repeat text = s:read(3000); n = n + (text and select(2, text:gsub('y', '')) or 0) until not text\n"
    "  expect('T2.1', 'all writes arrive', n, 20)\n"
    "  for key, value in pairs { b = 2, a = 1, [2] = 'two', [1] = 'one' } do print(key, value, {}) end\n"
    "end)\n";

static void one_seed_gives_one_outcome(void **state)
{
	struct outcome first, second, other;

	(void)state;
	run_text(&first, lossy, 5);
	run_text(&second, lossy, 5);
	run_text(&other, lossy, 6);
	assert_int_equal(first.status, 0);
	assert_int_equal(other.status, 0);
	assert_non_null(strstr(first.out, "1  one  table\n2  two  table\na  1  table\nb  2  table\n"));
	assert_non_null(strstr(first.out, " lost"));
	assert_string_equal(first.out, second.out);
	assert_string_not_equal(first.out, other.out);
	outcome_free(&first);
	outcome_free(&second);
	outcome_free(&other);
}

#define ONE_CLOSE                                                                                                      \
	"program('A', function() local s = connect('B', 22); s:write(100); s:close() end)\n"                           \
	"program('B', function() local l = listen(22); local s = l:accept(); l:close()\n"                              \
	"  s:read(100); s:read(1); ended = now() end)\n"

/* The FIN leaves with the data at 20 ms; sent again by the retransmission timer. */
static void aimed_faults_hit_what_they_name(void **state)
{
	(void)state;
	holds(WORLD ONE_CLOSE "at('10s', function() expect('x', 'undisturbed', ended < 0.05) end)\n", 1);
	holds(WORLD ONE_CLOSE "drop { from = 'A', flags = 'FIN', nth = 1 }\n"
	                      "at('10s', function() expect('x', 'sent again', ended > 0.2 and ended < 1) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "drop { from = 'B', flags = 'FIN', nth = 1 }\n"
	                      "at('10s', function() expect('x', 'not that one', ended < 0.05) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "delay { from = 'A', flags = 'FIN', nth = 1, by = '100ms' }\n"
	                      "at('10s', function() expect('x', 'late', ended > 0.12 and ended < 0.15) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "delay { from = 'B', flags = 'SYN,ACK', nth = 1, by = '100ms' }\n"
	                      "at('10s', function() expect('x', 'late', ended > 0.12 and ended < 0.15) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "cut { link = 'lan', after = '15ms', before = '3s' }\n"
	                      "at('20s', function() expect('x', 'after the cut', ended > 3 and ended < 8) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "hold { from = 'A', data = true, nth = 1, onward = true }\n"
	                      "at('150ms', function() expect('x', 'held', ended, nil); release 'A' end)\n"
	                      "at('10s', function() expect('x', 'released', ended >= 0.15 and ended < 0.16) end)\n",
	      2);
	holds(WORLD ONE_CLOSE "corrupt { from = 'A', data = true, nth = 1 }\n"
	                      "at('10s', function() expect('x', 'damaged, sent again', ended > 0.2) end)\n",
	      1);
	holds(WORLD ONE_CLOSE "duplicate { from = 'A' }\n"
	                      "at('10s', function() expect('x', 'twice is once', ended < 0.05) end)\n",
	      1);
}

static void calls_that_do_not_wait(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 1000 })\n"
	            "  expect('x', 'SendQ takes what it can', s:try_write(3000), 1000)\n"
	            "  local n, why = s:try_write(1)\n"
	            "  expect('x', 'full', why, 'EAGAIN')\n"
	            "  n, why = s:try_read(1)\n"
	            "  expect('x', 'empty', why, 'EAGAIN')\n"
	            "  sleep '1s'; s:abort()\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  expect('x', 'the bytes', #s:read(5000), 1000)\n"
	            "  local text, why = s:read(1)\n"
	            "  expect('x', 'aborted', why, 'ECONNRESET')\n"
	            "end)\n",
	      5);
}

/* T3.2: a blocking write returns when n - SQS bytes have arrived, to the byte. */
static void blocking_write_takes_each_byte_of_room(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 500 })\n"
	            "  s:write(1001); done = now(); sleep '1s'\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22, { rcvbuf = 500 }):accept()\n"
	            "  sleep '5s'\n"
	            "  expect('T3.2', 'stuck at one byte too many', done, nil)\n"
	            "  s:read(1); sleep '500ms'\n"
	            "  s:read(499); sleep '500ms'\n"
	            "  expect('T3.2', 'done', done ~= nil)\n"
	            "end)\n",
	      2);
}

/* Room for fewer bytes than silly-window avoidance lets be announced is as good as none. */
static void a_deadlock_with_a_little_room_is_said(void **state)
{
	(void)state;
	holds(WORLD "local function both(s)\n"
	            "  s:read(48); s:write(1500)\n"
	            "end\n"
	            "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 500, rcvbuf = 500 })\n"
	            "  s:write(48); both(s)\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22, { sndbuf = 500, rcvbuf = 500 }):accept()\n"
	            "  s:write(1500); s:read(48); s:write(1)\n"
	            "end)\n"
	            "at('10s', function()\n"
	            "  local a, b = sockets('A')[1], sockets('B')[2]\n"
	            "  expect('T3.3', 'a little room at A', a.recvq, 452)\n"
	            "  expect('T3.3', 'none at B', b.recvq, 500)\n"
	            "  expect('T3.3', 'nobody can go on', (stuck() or ''):find('but for less than', 1, true) ~= nil)\n"
	            "end)\n",
	      3);
}

/* A thread of the other side that can still read makes it no deadlock. */
static void no_deadlock_is_said_where_somebody_can_help(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 500, rcvbuf = 500 })\n"
	            "  s:write(5000)\n"
	            "end)\n"
	            "program('B', 'writer', function()\n"
	            "  shared = listen(22, { sndbuf = 500, rcvbuf = 500 }):accept()\n"
	            "  shared:write(5000)\n"
	            "end)\n"
	            "program('B', 'reader', function()\n"
	            "  sleep '1s'; shared:read(1); sleep '1s'\n"
	            "end)\n"
	            "at('900ms', function() expect('T3.3', 'as far as can be known', stuck() ~= nil) end)\n"
	            "at('1900ms', function() expect('T3.3', 'the reader sleeps', stuck(), nil) end)\n",
	      2);
}

/* Two links and a trunk are one network, with one bottleneck for the flows of both hosts. */
static void flows_of_many_hosts_meet_on_a_trunk(void **state)
{
	(void)state;
	holds("host { name = 'A', address = '10.0.0.1/24' }\n"
	      "host { name = 'B', address = '10.0.0.2/24' }\n"
	      "host { name = 'C', address = '10.0.0.3/24' }\n"
	      "link { name = 'left', 'A', 'B', delay = '1ms' }\n"
	      "host { name = 'D', address = '10.0.0.4/24' }\n"
	      "link { name = 'right', 'C', 'D' }\n"
	      "trunk { 'left', 'right', delay = '10ms', rate = '8Mbit/s' }\n"
	      "for _, name in ipairs { 'A', 'B' } do\n"
	      "  program(name, function()\n"
	      "    local s = connect('C', 22)\n"
	      "    expect('T5.1', 'one way is 1 ms and 10 ms, back 10 ms', now() > 0.021 and now() < 0.022)\n"
	      "    s:write(1000000)\n"
	      "    s:shutdown()\n"
	      "  end)\n"
	      "end\n"
	      "program('C', function()\n"
	      "  local l, bytes = listen(22), 0\n"
	      "  for _ = 1, 2 do\n"
	      "    local s = l:accept()\n"
	      "    repeat local text = s:read(65536); bytes = bytes + (text and #text or 0) until not text\n"
	      "  end\n"
	      "  expect('T4.1', 'all bytes', bytes, 2000000)\n"
	      "  expect('T4.1', 'at the rate of the trunk', now() > 2.0 and now() < 2.4)\n"
	      "end)\n",
	      4);
	refused(WORLD "trunk { 'lan', 'wan' }\n", 4, "no link 'wan'");
	refused(WORLD "trunk { 'lan' }\n", 4, "joins two links");
	refused(WORLD "trunk { 'lan', 'lan' }\n", 4, "joined already");
	refused(WORLD "link { name = 'wan', 'A', { host = 'B', address = '10.9.0.2/24' } }\n", 4, "uses its addresses");
}

#define NARROW(settings)                                                                                               \
	"host { name = 'A', address = '10.0.0.1/24' }\n"                                                               \
	"host { name = 'B', address = '10.0.0.2/24' }\n"                                                               \
	"link { name = 'left', 'A', 'B' }\n"                                                                           \
	"host { name = 'C', address = '10.0.0.3/24' }\n"                                                               \
	"host { name = 'D', address = '10.0.0.4/24' }\n"                                                               \
	"link { name = 'right', 'C', 'D' }\n"                                                                          \
	"trunk { 'left', 'right', delay = '10ms', " settings " }\n"                                                    \
	"program('A', function()\n"                                                                                    \
	"  local s = connect('C', 22)\n"                                                                               \
	"  s:write(500000)\n"                                                                                          \
	"  s:shutdown()\n"                                                                                             \
	"end)\n"                                                                                                       \
	"program('C', function()\n"                                                                                    \
	"  expect('RFC 1191', 'all bytes', listen(22):accept():drain(), 500000)\n"

/* A trunk that carries less than the links at its ends: one that says so, one that drops without a word. */
static void a_trunk_may_carry_less(void **state)
{
	(void)state;
	holds(NARROW("max_packet = 1280, too_big = true") "  expect('RFC 1191', 'without a time-out', now() < 0.4)\n"
	                                                  "end)\n",
	      2);
	holds(NARROW("max_packet = 1280") "  expect('RFC 8899', 'after two time-outs', now() > 0.6 and now() < 2)\n"
	                                  "end)\n",
	      2);
	refused(WORLD "link { name = 'wan', 'A', { host = 'B', address = '10.9.0.2/24' }, too_big = true }\n", 4,
	        "uses its addresses");
	refused("host { name = 'A', address = '10.0.0.1/24' }\n"
	        "host { name = 'B', address = '10.0.0.2/24' }\n"
	        "link { 'A', 'B', max_packet = 1280, too_big = true }\n",
	        3, "belongs to a trunk");
}

/* Marks instead of losses, where both hosts understand them. */
static void a_queue_may_mark(void **state)
{
	(void)state;
	holds("host { name = 'A', address = '10.0.0.1/24', ecn = true }\n"
	      "host { name = 'B', address = '10.0.0.2/24', ecn = 2 }\n"
	      "link { name = 'lan', 'A', 'B', delay = '10ms', rate = '8Mbit/s', queue = '200KiB', mark_queue = '10KiB' "
	      "}\n"
	      "program('A', function()\n"
	      "  local s = connect('B', 22)\n"
	      "  s:write(1000000)\n"
	      "  s:shutdown()\n"
	      "end)\n"
	      "program('B', function()\n"
	      "  expect('RFC 3168', 'all bytes', listen(22):accept():drain(), 1000000)\n"
	      "  expect('RFC 3168', 'at the rate of the link', now() < 1.4)\n"
	      "  for _, wire in ipairs(wires()) do expect('RFC 3168', wire.name, wire.dropped, 0) end\n"
	      "end)\n",
	      4);
	refused("host { name = 'A', address = '10.0.0.1/24', ecn = 6 }\n", 1, "a number in its range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_name_their_line),
	    cmocka_unit_test(scripts_are_boxed_in),
	    cmocka_unit_test(a_failed_expectation_names_its_line_and_values),
	    cmocka_unit_test(one_seed_gives_one_outcome),
	    cmocka_unit_test(aimed_faults_hit_what_they_name),
	    cmocka_unit_test(calls_that_do_not_wait),
	    cmocka_unit_test(blocking_write_takes_each_byte_of_room),
	    cmocka_unit_test(a_deadlock_with_a_little_room_is_said),
	    cmocka_unit_test(no_deadlock_is_said_where_somebody_can_help),
	    cmocka_unit_test(flows_of_many_hosts_meet_on_a_trunk),
	    cmocka_unit_test(a_trunk_may_carry_less),
	    cmocka_unit_test(a_queue_may_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
