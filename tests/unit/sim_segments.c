/* SPDX-License-Identifier: Apache-2.0
 *
 * Raw segments in scenarios: injected ones reach what they name, expected ones are recognised.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scenario_text.h"

/* A stranger without a stack opens a connection by hand, sends and closes. */
static void a_stranger_talks_in_segments(void **state)
{
	struct outcome o;

	(void)state;
	run_text(&o,
	         WORLD
	         "program('B', function()\n"
	         "  local s = listen(22):accept()\n"
	         "  expect('x', 'the text', s:read(99), 'hello')\n"
	         "  expect('x', 'the end', s:read(99), nil)\n"
	         "  s:close()\n"
	         "end)\n"
	         "at('1s', function()\n"
	         "  local me, you = '10.0.0.9:1000', 'B:22'\n"
	         "  inject { from = me, to = you, flags = 'SYN', raw_seq = 4294967295, mss = 1000, win = 5000 }\n"
	         "  local answer = expect_segment { from = you, to = me, flags = 'SYN,ACK', ack = 1, id = 'T5.4' }\n"
	         "  expect('x', 'its number', answer.raw_ack, 0)\n"
	         "  inject { from = me, to = you, flags = 'ACK', text = 'hello' }\n"
	         "  expect_segment { from = you, to = me, flags = 'ACK', seq = 1, ack = 6, len = 0 }\n"
	         "  inject { from = me, to = you, flags = 'FIN,ACK', seq = 6, ack = 1 }\n"
	         "  expect_segment { from = you, flags = 'FIN,ACK', seq = 1, ack = 7 }\n"
	         "  inject { from = me, to = you, flags = 'ACK' }\n"
	         "  expect_no_segment { from = 'B', within = '10s' }\n"
	         "  expect('T6.3', 'gone', state('B'), '')\n"
	         "end)\n",
	         1);
	if (o.status != 0)
		fail_msg("status %d: %s%s\n%s", o.status, o.failures, o.status == 4 ? o.complaint.saw : "", o.out);
	assert_int_equal(o.result.expects, 8);
	assert_non_null(strstr(o.out, "10.0.0.9: SYN"));
	outcome_free(&o);
}

/* Over IPv6 alike; and numbers relative to the connection that two hosts have. */
static void a_forged_reset_must_name_the_next_byte(void **state)
{
	(void)state;
	holds("host { name = 'A', address = 'fd00::1/64' }\n"
	      "host { name = 'B', address = 'fd00::2/64' }\n"
	      "link { name = 'lan', 'A', 'B', delay = '10ms' }\n"
	      "program('A', function()\n"
	      "  local s = connect('B', 22, { port = 1000 })\n"
	      "  s:write(100); sleep '1s'\n"
	      "  inject { from = 'B:22', to = 'A:1000', flags = 'RST', seq = 500 }\n"
	      "  expect_segment { id = 'x', what = 'a challenge', from = 'A', flags = 'ACK', ack = 1, within = '100ms' "
	      "}\n"
	      "  expect('x', 'unharmed', state('A'), 'ESTABLISHED')\n"
	      "  inject { from = 'B:22', to = 'A:1000', flags = 'RST' }\n"
	      "  local text, why = s:read(1)\n"
	      "  expect('x', 'the right number', why, 'ECONNRESET')\n"
	      "end)\n"
	      "program('B', function()\n"
	      "  local s = listen(22, { address = '::' }):accept()\n"
	      "  sleep '5s'; s:abort()\n"
	      "end)\n",
	      3);
}

static void a_segment_that_does_not_come_is_a_failure(void **state)
{
	struct outcome o;

	(void)state;
	run_text(&o,
	         WORLD "at('1s', function()\n"
	               "  expect_segment { from = 'A', flags = 'SYN', within = '2s', id = 'T5.1', what = 'a SYN' }\n"
	               "  expect('x', 'in time', now(), 3.0)\n"
	               "end)\n",
	         1);
	assert_int_equal(o.status, 1);
	assert_int_equal(o.result.failed, 1);
	assert_non_null(strstr(o.failures, ":5: expected T5.1 a SYN: one in time, got none (t = 3.000000 s)"));
	outcome_free(&o);
	run_text(&o,
	         WORLD "program('A', function() connect('B', 22) end)\n"
	               "at('0ms', function() expect_no_segment { flags = 'RST,ACK', within = '2s' } end)\n",
	         1);
	assert_int_equal(o.status, 1);
	assert_non_null(strstr(o.failures, "got RST,ACK 1"));
	outcome_free(&o);
}

static void two_can_watch_and_faults_befall_injected_segments(void **state)
{
	(void)state;
	holds(WORLD "drop { from = 'A', flags = 'RST', nth = 1 }\n"
	            "program('A', function() expect_segment { flags = 'SYN', from = 'A:5000', win = 77 } end)\n"
	            "program('B', function()\n"
	            "  expect_segment { flags = 'SYN', to = 'B:22' }\n"
	            "  expect_segment { flags = 'RST,ACK', to = 'A:5000', seq = 0 }\n"
	            "end)\n"
	            "at('10ms', function()\n"
	            "  inject { from = 'A:5000', to = 'B:22', flags = 'SYN', win = 77 }\n"
	            "end)\n",
	      3);
}

static void mistakes_in_segments_name_their_line(void **state)
{
	(void)state;
	refused(WORLD "inject {}\n", 4, "belongs into a program");
	refused(WORLD "at('1s', function() inject { from = 'A', to = 'B:1' } end)\n", 4, "'from' needs a port");
	refused(WORLD "at('1s', function() inject { from = 'C:1', to = 'B:1' } end)\n", 4, "no such host");
	refused(WORLD "at('1s', function() inject { from = 'A:0', to = 'B:1' } end)\n", 4, "with a port");
	refused(WORLD "at('1s', function() inject { form = 'A:1', to = 'B:1' } end)\n", 4, "no setting 'form'");
	refused(WORLD "at('1s', function() inject { from = 'A:1', to = '10.0.0.77:1' } end)\n", 4, "ENETUNREACH");
	refused(WORLD "at('1s', function() inject { from = 'A:1', to = 'B:1', text = ('x'):rep(1500) } end)\n", 4,
	        "EMSGSIZE");
	refused(WORLD "at('1s', function() inject { from = 'A:1', to = 'B:1', seq = -1 } end)\n", 4, "seq: expected");
	refused(WORLD "at('1s', function() inject { from = 'A:1', to = 'B:1', mss = 70000 } end)\n", 4, "up to 65535");
	refused(WORLD "at('1s', function() expect_segment { mss = 1 } end)\n", 4, "no setting 'mss'");
	refused(WORLD "at('1s', function() expect_segment { flags = 'SIN' } end)\n", 4, "expected SYN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stranger_talks_in_segments),
	    cmocka_unit_test(a_forged_reset_must_name_the_next_byte),
	    cmocka_unit_test(a_segment_that_does_not_come_is_a_failure),
	    cmocka_unit_test(two_can_watch_and_faults_befall_injected_segments),
	    cmocka_unit_test(mistakes_in_segments_name_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
