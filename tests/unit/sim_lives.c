/* SPDX-License-Identifier: Apache-2.0
 *
 * Lives of a scenario's programs and hosts: threads, freezing, crashes, power failures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"

/* T3.5: writing in a second thread cures the deadlock. */
static void a_thread_shares_the_sockets(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s, n = connect('B', 22, { sndbuf = 500, rcvbuf = 500 }), 0\n"
	            "  local writer = spawn('writer', function() s:write(1500); s:shutdown() end)\n"
	            "  repeat local text = s:read(500); n = n + #(text or '') until not text\n"
	            "  join(writer)\n"
	            "  expect('T3.5', 'all of it', n, 1500)\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22, { sndbuf = 500, rcvbuf = 500 }):accept()\n"
	            "  s:write(1500)\n"
	            "  local n = 0\n"
	            "  repeat local text = s:read(500); n = n + #(text or '') until not text\n"
	            "  expect('T3.5', 'all of it', n, 1500)\n"
	            "  s:close()\n"
	            "end)\n",
	      2);
}

static void sockets_live_as_long_as_a_thread_of_their_process(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22)\n"
	            "  spawn(function() sleep '1s' end)\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  expect('x', 'the end', s:read(1), nil)\n"
	            "  expect('x', 'when the last thread has ended', now() > 1.02 and now() < 1.05)\n"
	            "end)\n",
	      2);
}

static const char reader[] = WORLD "program('A', 'writer', function()\n"
                                   "  local s = connect('B', 22, { sndbuf = 1000 })\n"
                                   "  for i = 1, 10 do s:write(1000) end\n"
                                   "  written = now(); s:close()\n"
                                   "end)\n"
                                   "program('B', 'reader', function()\n"
                                   "  local s, n = listen(22, { rcvbuf = 1000 }):accept(), 0\n"
                                   "  repeat local text = s:read(1000); n = n + #(text or '') until not text\n"
                                   "  expect('T3.1', 'all of it', n, 10000)\n"
                                   "end)\n";

/* T3.1: while the reader is frozen, flow control stops the sender; the world goes on. */
static void a_frozen_reader_stops_the_sender(void **state)
{
	char text[4096];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", reader,
	         "at('25ms', function() freeze 'reader' end)\n"
	         "at('30s', function()\n"
	         "  expect('T3.1', 'RecvQ is full', sockets('B')[2].recvq, 1000)\n"
	         "  expect('T3.1', 'SendQ is full', sockets('A')[1].sendq, 1000)\n"
	         "  expect('T3.1', 'the writer waits', written, nil)\n"
	         "  expect('x', 'no deadlock: the reader is only frozen', stuck(), nil)\n"
	         "  thaw 'reader'\n"
	         "end)\n");
	holds(text, 5);
	snprintf(text, sizeof(text), "%s%s", reader,
	         "at('25ms', function() freeze 'B' end)\n"
	         "at('2s', function() expect('x', 'its host stands for it', written, nil); thaw 'B' end)\n");
	holds(text, 2);
}

/* Room that came while it was frozen is used when it thaws, and what it writes then leaves. */
static void a_frozen_writer_goes_on_when_it_thaws(void **state)
{
	(void)state;
	holds(WORLD "program('A', 'writer', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 1 })\n"
	            "  s:write(3); s:close(); written = now()\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s, n = listen(22):accept(), 0\n"
	            "  repeat local text = s:read(9); n = n + #(text or '') until not text\n"
	            "  expect('x', 'all of it', n, 3)\n"
	            "end)\n"
	            "at('25ms', function() freeze 'writer' end)\n"
	            "at('5s', function() thaw 'writer' end)\n"
	            "at('6s', function() expect('x', 'soon', written ~= nil and written > 5) end)\n",
	      2);
}

/* A frozen program's time passes: it wakes late. */
static void a_frozen_sleeper_wakes_when_it_thaws(void **state)
{
	(void)state;
	holds(WORLD "program('A', 'sleeper', function() sleep '1s'; expect('x', 'late', now(), 3.0) end)\n"
	            "at('500ms', function() freeze 'sleeper' end)\n"
	            "at('3s', function() thaw 'sleeper' end)\n",
	      1);
}

/* As after kill -9: what was written is sent and the peer sees the end; with unread bytes a reset. */
static void a_crash_closes_the_sockets(void **state)
{
	(void)state;
	holds(WORLD "program('A', 'victim', function()\n"
	            "  local s = connect('B', 22)\n"
	            "  spawn('helper', function() s:read(1) end)\n"
	            "  s:write('last words'); sleep '100s'; crashed_not = true\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  expect('T1.3', 'what was written', s:read(99), 'last words')\n"
	            "  expect('T1.3', 'the end', s:read(1), nil)\n"
	            "  expect('x', 'at the crash', now() > 1 and now() < 1.02)\n"
	            "end)\n"
	            "at('1s', function() crash 'victim' end)\n"
	            "at('200s', function() expect('x', 'it does not go on', crashed_not, nil) end)\n",
	      4);
	holds(WORLD "program('A', 'victim', function() local s = connect('B', 22); sleep '100s' end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  s:write('unread')\n"
	            "  local text, why = s:read(1)\n"
	            "  expect('x', 'reset', why, 'ECONNRESET')\n"
	            "end)\n"
	            "at('1s', function() crash 'victim' end)\n",
	      1);
}

/* T6.6: the peer vanishes. Nothing comes any more; after a restart it answers with a reset. */
static void a_host_without_power_says_nothing(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22)\n"
	            "  sleep '2s'; s:write('anybody there?')\n"
	            "  local text, why = s:read(1)\n"
	            "  expect('T6.6', 'reset by the host that has forgotten', why, 'ECONNRESET')\n"
	            "  expect('T6.6', 'not before it is back', now() > 10)\n"
	            "end)\n"
	            "program('B', 'server', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  s:read(1); alive = true\n"
	            "end)\n"
	            "at('1s', function()\n"
	            "  kill 'B'\n"
	            "  expect('x', 'nothing is left', state('B'), '')\n"
	            "end)\n"
	            "at('9s', function()\n"
	            "  expect('T6.6', 'the other end knows nothing', state('A'), 'ESTABLISHED')\n"
	            "  expect('x', 'its program is gone', alive, nil)\n"
	            "end)\n"
	            "at('10s', function()\n"
	            "  boot 'B'\n"
	            "  program('B', 'server', function() listen(23); sleep '60s' end)\n"
	            "end)\n",
	      5);
}

static void mistakes_in_lives_name_their_line(void **state)
{
	(void)state;
	refused(WORLD "freeze 'A'\n", 4, "belongs into a program");
	refused(WORLD "at('1s', function() freeze 'C' end)\n", 4, "no program 'C' is running");
	refused(WORLD "program('A', function() freeze 'A' end)\n", 4, "is the program that calls");
	refused(WORLD "program('A', function() kill 'A' end)\n", 4, "is on host 'A'");
	refused(WORLD "at('1s', function() boot 'A' end)\n", 4, "is on");
	refused(WORLD "at('1s', function() kill 'A'; program('A', function() end) end)\n", 4, "is off");
	refused(WORLD "spawn(function() end)\n", 4, "belongs into a program");
	refused(WORLD "program('A', function() join(77) end)\n", 4, "a thread that spawn() made");
	refused(WORLD "program('A', function() spawn(function()\n  error 'oops'\nend) end)\n", 5, "oops");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_thread_shares_the_sockets),
	    cmocka_unit_test(sockets_live_as_long_as_a_thread_of_their_process),
	    cmocka_unit_test(a_frozen_reader_stops_the_sender),
	    cmocka_unit_test(a_frozen_writer_goes_on_when_it_thaws),
	    cmocka_unit_test(a_frozen_sleeper_wakes_when_it_thaws),
	    cmocka_unit_test(a_crash_closes_the_sockets),
	    cmocka_unit_test(a_host_without_power_says_nothing),
	    cmocka_unit_test(mistakes_in_lives_name_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
