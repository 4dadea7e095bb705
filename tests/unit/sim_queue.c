/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue: order, moving, taking out; against a plain search over the same sources.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "link/random.h"
#include "sim/queue.h"

static weir_time at(int64_t ns)
{
	return (weir_time){ns};
}

static void equal_instants_come_in_order_of_sources(void **state)
{
	struct sim_queue q;
	uint32_t source;

	(void)state;
	sim_queue_init(&q);
	assert_true(weir_time_is_never(sim_queue_next(&q)));
	assert_true(sim_queue_grow(&q, 5));
	for (uint32_t i = 5; i-- > 0;)
		sim_queue_set(&q, i, at(10));
	assert_false(sim_queue_take(&q, at(9), &source));
	for (uint32_t i = 0; i < 5; i++) {
		assert_true(sim_queue_take(&q, at(10), &source));
		assert_int_equal(source, i);
	}
	assert_false(sim_queue_take(&q, at(1000), &source));
	sim_queue_deinit(&q);
}

static void a_source_moves_and_leaves(void **state)
{
	struct sim_queue q;
	uint32_t source;

	(void)state;
	sim_queue_init(&q);
	assert_true(sim_queue_grow(&q, 2));
	sim_queue_set(&q, 0, at(10));
	sim_queue_set(&q, 1, at(20));
	assert_true(sim_queue_grow(&q, 3)); /* those known stay */
	sim_queue_set(&q, 0, at(30));
	assert_int_equal(sim_queue_next(&q).ns, 20);
	sim_queue_set(&q, 1, WEIR_NEVER);
	sim_queue_set(&q, 1, WEIR_NEVER);
	assert_int_equal(sim_queue_next(&q).ns, 30);
	sim_queue_set(&q, 2, at(0));
	assert_true(sim_queue_take(&q, at(30), &source));
	assert_int_equal(source, 2);
	assert_true(sim_queue_take(&q, at(30), &source));
	assert_int_equal(source, 0);
	assert_false(sim_queue_take(&q, at(30), &source));
	sim_queue_deinit(&q);
}

enum { SOURCES = 40, STEPS = 20000 };

static uint32_t search(const weir_time *plain)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < SOURCES; i++) {
		if (weir_time_before(plain[i], plain[best]))
			best = i;
	}
	return best;
}

static void like_a_plain_search(void **state)
{
	weir_time plain[SOURCES];
	struct link_random random;
	struct sim_queue q;

	(void)state;
	link_random_init(&random, 7);
	sim_queue_init(&q);
	assert_true(sim_queue_grow(&q, SOURCES));
	for (uint32_t i = 0; i < SOURCES; i++)
		plain[i] = WEIR_NEVER;
	for (unsigned step = 0; step < STEPS; step++) {
		uint64_t bits = link_random_next(&random);
		uint32_t which = (uint32_t)(bits % SOURCES), taken;
		weir_time when = (bits >> 32) % 8 == 0 ? WEIR_NEVER : at((int64_t)((bits >> 40) % 50));

		plain[which] = when;
		sim_queue_set(&q, which, when);
		assert_int_equal(sim_queue_next(&q).ns, plain[search(plain)].ns);
		if ((bits >> 36) % 3 != 0 || weir_time_is_never(sim_queue_next(&q)))
			continue;
		which = search(plain);
		assert_true(sim_queue_take(&q, at(50), &taken));
		assert_int_equal(taken, which);
		plain[which] = WEIR_NEVER;
	}
	sim_queue_deinit(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal_instants_come_in_order_of_sources),
	    cmocka_unit_test(a_source_moves_and_leaves),
	    cmocka_unit_test(like_a_plain_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
