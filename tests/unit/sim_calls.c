/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of scenarios' programs: non-blocking ones, select, datagrams, settings after a socket was made, close that
 * lingers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"

static void a_nonblocking_socket_says_eagain(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s, why = connect('B', 22, { nonblock = true, sndbuf = 1000 })\n"
	            "  expect('x', 'under way', why, 'EINPROGRESS')\n"
	            "  local _, w = select { write = { s }, timeout = '1s' }\n"
	            "  expect('x', 'connected', #w, 1)\n"
	            "  expect('x', 'one way and back', now(), 0.02)\n"
	            "  expect('x', 'no error', s:get 'error', nil)\n"
	            "  expect('x', 'as much as SendQ takes', s:write(3000), 1000)\n"
	            "  local n, full = s:write(1)\n"
	            "  expect('x', 'full', full, 'EAGAIN')\n"
	            "  n, full = s:read(1)\n"
	            "  expect('x', 'empty', full, 'EAGAIN')\n"
	            "  s:nonblock(false)\n"
	            "  s:close()\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local l = listen(22, { nonblock = true })\n"
	            "  local s, why = l:accept()\n"
	            "  expect('x', 'nobody yet', why, 'EAGAIN')\n"
	            "  local r = select { read = { l } }\n"
	            "  expect('x', 'somebody', r[1] == l)\n"
	            "  s = l:accept()\n"
	            "  expect('x', 'all of it', #s:read(5000), 1000)\n"
	            "end)\n",
	      10);
}

static void a_refused_nonblocking_connect_tells_why(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = tcp { nonblock = true }\n"
	            "  local ok, why = s:connect('B', 23)\n"
	            "  expect('x', 'under way', why, 'EINPROGRESS')\n"
	            "  select { write = { s } }\n"
	            "  expect('T5.2', 'refused', s:get 'error', 'ECONNREFUSED')\n"
	            "  s:close()\n"
	            "end)\n",
	      2);
}

static void select_waits_for_the_first_of_many(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local one, two = connect('B', 22), connect('B', 23)\n"
	            "  sleep '1s'; two:write('second'); sleep '1s'; one:write('first'); sleep '1s'\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local l, m = listen(22), listen(23)\n"
	            "  local one, two = l:accept(), m:accept()\n"
	            "  local r, w, x = select { read = { one, two }, timeout = '100ms' }\n"
	            "  expect('x', 'nothing in time', #r + #w + #x, 0)\n"
	            "  expect('x', 'the time', now() > 0.14 and now() < 0.17)\n"
	            "  r = select { read = { one, two } }\n"
	            "  expect('x', 'the second', #r == 1 and r[1] == two)\n"
	            "  expect('x', 'its text', two:read(9), 'second')\n"
	            "  r = select { read = { one, two }, timeout = '10s' }\n"
	            "  expect('x', 'the first', #r == 1 and r[1] == one and now() < 3)\n"
	            "  r, w = select { read = { two }, write = { one, two }, timeout = '0s' }\n"
	            "  expect('x', 'both can be written', #r == 0 and #w == 2)\n"
	            "  one:read(9)\n"
	            "  r = select { read = { one, two } }\n"
	            "  expect('x', 'the end is readable', r[1]:read(1), nil)\n"
	            "  expect('x', 'select is still a word of Lua', select('#', 1, 2), 2)\n"
	            "end)\n",
	      8);
}

/* T3.6: one thread, not blocking, with a selector, where writing all first would deadlock. */
static void a_selector_cures_the_deadlock(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 500, rcvbuf = 500, nonblock = true })\n"
	            "  local sent, got = 0, 0\n"
	            "  repeat\n"
	            "    local r, w = select { read = { s }, write = sent < 10000 and { s } or {} }\n"
	            "    if r[1] then got = got + #(s:read(500) or '') end\n"
	            "    if w[1] then sent = sent + (s:write(10000 - sent) or 0) end\n"
	            "    if sent == 10000 then s:shutdown(); sent = 10001 end\n"
	            "  until got == 5000\n"
	            "  expect('T3.6', 'ends', got, 5000)\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22, { sndbuf = 500, rcvbuf = 500 }):accept()\n"
	            "  local n, text = 0\n"
	            "  repeat text = s:read(500)\n"
	            "    if text then n = n + #text; s:write(n // 2); n = n % 2 end until not text\n"
	            "  s:close()\n"
	            "end)\n",
	      1);
}

static void mistakes_in_calls_name_their_line(void **state)
{
	(void)state;
	refused(WORLD "program('A', function() select { raed = {} } end)\n", 4, "no setting 'raed'");
	refused(WORLD "program('A', function() select { read = 7 } end)\n", 4, "a list of sockets");
	refused(WORLD "program('A', function() select {} end)\n", 4, "between 1 and");
	refused(WORLD "program('A', function() select { timeout = '1' } end)\n", 4, "a duration");
	refused(WORLD "program('A', function() udp(70000) end)\n", 4, "a port is expected");
	refused(WORLD "program('A', function() udp(7):sendto(70000, 'B', 7) end)\n", 4, "at most 65535");
	refused(WORLD "program('A', function() udp(7):set { nodlay = true } end)\n", 4, "no setting 'nodlay'");
	refused(WORLD "program('A', function() udp(7):set { port = 8 } end)\n", 4, "no setting 'port'");
	refused(WORLD "program('A', function() tcp():set { linger = 'x' } end)\n", 4, "a duration");
	refused(WORLD "program('A', function() udp(7):get 'colour' end)\n", 4, "no setting 'colour'");
	refused(WORLD "program('A', function() udp(7):join('224.0.0.9', 'eth7') end)\n", 4, "no interface 'eth7'");
	refused(WORLD "program('A', function() tcp():shutdown('all') end)\n", 4, "invalid option");
}

/* T8.6, T1.7: datagrams keep their boundaries, empty ones too; the sender is told of the reader's end and no more. */
static void datagrams_arrive_one_by_one(void **state)
{
	(void)state;
	holds(WORLD "program('B', function()\n"
	            "  local u = udp(53, { rcvbuf = 100000 })\n"
	            "  local text, from, port = u:recvfrom()\n"
	            "  expect('x', 'the first', text, 'question')\n"
	            "  expect('x', 'from whom', from .. ':' .. port, '10.0.0.1:4000')\n"
	            "  expect('x', 'the empty one', u:recvfrom(), '')\n"
	            "  expect('x', 'cut to size', u:recvfrom(3), 'thi')\n"
	            "  expect('x', 'and the rest is gone', #u:recvfrom(), 1000)\n"
	            "  u:connect('A', 4000)\n"
	            "  expect('x', 'to the connected one', u:write('answer'), 6)\n"
	            "end)\n"
	            "program('A', function()\n"
	            "  local u = udp(4000)\n"
	            "  expect('x', 'its name', select(2, u:address()), 4000)\n"
	            "  expect('x', 'sent', u:sendto('question', 'B', 53), 8)\n"
	            "  u:sendto('', 'B', 53); u:sendto('third', 'B', 53); u:sendto(1000, 'B', 53)\n"
	            "  expect('x', 'the answer', u:read(100), 'answer')\n"
	            "  local n, why = u:sendto(60000, 'B', 53)\n"
	            "  expect('x', 'too long for the path', why, 'EMSGSIZE')\n"
	            "end, { start = '1ms' })\n",
	      10);
}

static void nobody_at_the_port_refuses_a_connected_datagram(void **state)
{
	struct outcome o;

	(void)state;
	run_text(&o,
	         WORLD "program('A', function()\n"
	               "  local u = udp(4000)\n"
	               "  local n, why = u:sendto('x')\n"
	               "  expect('x', 'to nobody', why, 'EDESTADDRREQ')\n"
	               "  expect('x', 'connected at once', u:connect('B', 53))\n"
	               "  u:sendto('anybody?')\n"
	               "  local text, why = u:recvfrom()\n"
	               "  expect('x', 'told by ICMP', why, 'ECONNREFUSED')\n"
	               "  expect('x', 'after one way and back', now(), 0.02)\n"
	               "end)\n",
	         1);
	assert_int_equal(o.status, 0);
	assert_int_equal(o.result.expects, 4);
	assert_non_null(strstr(o.out, "UDP 8 bytes to port 53"));
	assert_non_null(strstr(o.out, "ICMP port unreachable"));
	outcome_free(&o);
}

static void faults_are_aimed_at_datagrams(void **state)
{
	(void)state;
	holds(WORLD "drop { from = 'A', udp = true, port = 53, nth = 2 }\n"
	            "program('A', function()\n"
	            "  local u = udp()\n"
	            "  u:sendto('other', 'B', 54)\n"
	            "  for i = 1, 3 do u:sendto(tostring(i), 'B', 53) end\n"
	            "end, { start = '1ms' })\n"
	            "program('B', function()\n"
	            "  local u = udp(53)\n"
	            "  expect('x', 'the second is lost', u:recvfrom() .. u:recvfrom(), '13')\n"
	            "end)\n",
	      1);
}

static void settings_change_while_a_connection_lives(void **state)
{
	(void)state;
	holds(WORLD
	      "program('A', function()\n"
	      "  local s = connect('B', 22)\n"
	      "  expect('x', 'set', s:set { sndbuf = '2KiB', nodelay = true, keepidle = '90s', user_timeout = '5s' })\n"
	      "  expect('T4.2', 'the bound', s:get 'sndbuf', 2048)\n"
	      "  expect('x', 'nodelay', s:get 'nodelay', true)\n"
	      "  expect('x', 'seconds', s:get 'keepidle', 90)\n"
	      "  expect('x', 'milliseconds', s:get 'user_timeout', 5000)\n"
	      "  expect('x', 'linger', s:get 'linger', false)\n"
	      "  s:set { linger = '1500ms' }\n"
	      "  expect('x', 'linger, rounded up', s:get 'linger', 2)\n"
	      "  expect('x', 'by name', s:set { congestion = 'reno' } and s:get 'congestion', 'reno')\n"
	      "  local ok, why = s:set { congestion = 'none such' }\n"
	      "  expect('x', 'an unknown name', why, 'ENOENT')\n"
	      "  ok, why = s:set { mss = 20 }\n"
	      "  expect('x', 'refused', why, 'EINVAL')\n"
	      "  s:write(5000); sleep '1s'; s:abort()\n"
	      "end)\n"
	      "program('B', function()\n"
	      "  local s = listen(22, { rcvbuf = 1000 }):accept()\n"
	      "  sleep '500ms'\n"
	      "  expect('x', 'two thousand wait over there', sockets('A')[1].sendq, 2048)\n"
	      "end)\n",
	      11);
}

/* T6.1, T6.5: half-close. */
static void each_direction_is_shut_by_itself(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22)\n"
	            "  s:write('request'); s:shutdown 'write'\n"
	            "  local n, why = s:write('more')\n"
	            "  expect('T6.5', 'no more to write', why, 'EPIPE')\n"
	            "  expect('T6.5', 'still reads', s:read(99), 'answer')\n"
	            "  expect('T6.1', 'then the end', s:read(1), nil)\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local s = listen(22):accept()\n"
	            "  expect('T6.1', 'the request', s:read(99), 'request')\n"
	            "  expect('T6.1', 'the end', s:read(1), nil)\n"
	            "  sleep '1s'; s:write('answer'); s:close()\n"
	            "end)\n",
	      5);
}

/* T6.8: close waits for the closing handshake, or until the time is up, and tells which. */
static void a_lingering_close_tells_how_it_ended(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { linger = '5s' })\n"
	            "  s:write(100)\n"
	            "  expect('T6.8', 'done', s:close(), true)\n"
	            "  expect('T6.8', 'after one way and back', now() > 0.0399 and now() < 0.0401)\n"
	            "end)\n"
	            "program('B', function() local s = listen(22):accept(); s:read(1000); s:read(1) end)\n",
	      2);
	holds(WORLD "cut { link = 'lan', after = '30ms', before = '10s' }\n"
	            "program('A', function()\n"
	            "  local s = connect('B', 22, { linger = '5s' })\n"
	            "  sleep '100ms'; s:write(100)\n"
	            "  local ok, why = s:close()\n"
	            "  expect('T6.8', 'the time is up', why, 'EAGAIN')\n"
	            "  expect('T6.8', 'after 5 s', now() > 5.119 and now() < 5.121)\n"
	            "  expect('T1.3', 'the structure lives on', state('A'), 'FIN_WAIT_1')\n"
	            "end)\n"
	            "program('B', function() local s = listen(22):accept(); s:read(1000); s:read(1) end)\n",
	      3);
	/* T6.9 */
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { linger = '0s' }); s:close()\n"
	            "  expect('T6.9', 'gone', state('A'), '')\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local text, why = listen(22):accept():read(1)\n"
	            "  expect('T6.9', 'reset', why, 'ECONNRESET')\n"
	            "end)\n",
	      2);
}

static void calls_by_hand_are_those_of_berkeley(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = tcp()\n"
	            "  expect('x', 'bound', s:bind(5000))\n"
	            "  local ok, why = tcp():bind(5000)\n"
	            "  expect('T8.4', 'in use', why, 'EADDRINUSE')\n"
	            "  expect('x', 'connected', s:connect('B', 22))\n"
	            "  expect('x', 'its peer', s:peer(), '10.0.0.2')\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local l = tcp()\n"
	            "  l:bind(22, '10.0.0.2'); l:listen(1)\n"
	            "  expect('x', 'bound to one address', l:address(), '10.0.0.2')\n"
	            "  local s = l:accept()\n"
	            "  expect('x', 'the port', select(2, s:peer()), 5000)\n"
	            "end)\n",
	      6);
}

/* Bytes of a write that waits are the same however it goes on; drain() counts them, and tells of a reset. */
static void long_transfers_keep_their_bytes(void **state)
{
	(void)state;
	holds(WORLD "program('A', function()\n"
	            "  local s = connect('B', 22, { sndbuf = 5000 })\n"
	            "  expect('T3.2', 'all of it', s:write(200000), 200000)\n"
	            "  expect('T3.2', 'and text', s:write(('abc'):rep(20000)), 60000)\n"
	            "  s:close()\n"
	            "  s = connect('B', 22)\n"
	            "  s:write(10); s:abort()\n"
	            "end)\n"
	            "program('B', function()\n"
	            "  local l, right = listen(22, { rcvbuf = 7000 }), true\n"
	            "  local s, at = l:accept(), 0\n"
	            "  while at < 100000 do\n"
	            "    for _, byte in ipairs { s:read(200):byte(1, -1) } do\n"
	            "      right = right and byte == (at * 31 + (at >> 8)) & 255\n"
	            "      at = at + 1\n"
	            "    end\n"
	            "  end\n"
	            "  expect('T1.5', 'each byte', right)\n"
	            "  expect('T4.1', 'the rest', s:drain() + at, 260000)\n"
	            "  expect('T4.1', 'the end stays', s:drain(), 0)\n"
	            "  s = l:accept(); sleep '1s'\n"
	            "  expect('T6.9', 'a reset', select(2, s:drain()), 'ECONNRESET')\n"
	            "end)\n",
	      6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_nonblocking_socket_says_eagain),
	    cmocka_unit_test(a_refused_nonblocking_connect_tells_why),
	    cmocka_unit_test(select_waits_for_the_first_of_many),
	    cmocka_unit_test(a_selector_cures_the_deadlock),
	    cmocka_unit_test(mistakes_in_calls_name_their_line),
	    cmocka_unit_test(long_transfers_keep_their_bytes),
	    cmocka_unit_test(datagrams_arrive_one_by_one),
	    cmocka_unit_test(nobody_at_the_port_refuses_a_connected_datagram),
	    cmocka_unit_test(faults_are_aimed_at_datagrams),
	    cmocka_unit_test(settings_change_while_a_connection_lives),
	    cmocka_unit_test(each_direction_is_shut_by_itself),
	    cmocka_unit_test(a_lingering_close_tells_how_it_ended),
	    cmocka_unit_test(calls_by_hand_are_those_of_berkeley),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
