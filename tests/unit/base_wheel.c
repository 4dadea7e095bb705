/* SPDX-License-Identifier: Apache-2.0
 *
 * The timer wheel: exact to the nanosecond, earliest first, ties in the order they were set, at every distance
 * and across every border of a level; jumps over empty time; and a random run against a plain list.
 */
#include "base/wheel.h"
#include "base_fixture.h"

#define TICK (INT64_C(1) << WHEEL_TICK_SHIFT)

static weir_time at(int64_t ns)
{
	return (weir_time){ns};
}

static void deadline_is_exact_at_every_distance(void **state)
{
	const int64_t starts[] = {
	    0, 1, TICK - 1, 63 * TICK + 5, INT64_C(1) << 40, INT64_C(0x7123456789abcdef), -12345678901};

	(void)state;
	for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (int bit = 0; bit < 62; bit++) {
			for (int64_t off = -1; off <= 1; off++) {
				int64_t due = (int64_t)((uint64_t)starts[i] + (UINT64_C(1) << bit) + (uint64_t)off);
				struct wheel w;
				struct wheel_timer t;

				if (due < starts[i] || due == INT64_MAX)
					continue;
				wheel_init(&w, at(starts[i]));
				wheel_timer_init(&t, 7);
				wheel_set(&w, &t, at(due));
				assert_true(wheel_timer_set(&t));
				if (due > starts[i])
					assert_null(wheel_expire(&w, at(due - 1)));
				assert_int_equal(wheel_deadline(&w).ns, due);
				assert_ptr_equal(wheel_expire(&w, at(due)), &t);
				assert_false(wheel_timer_set(&t));
				assert_int_equal(t.kind, 7);
				assert_null(wheel_expire(&w, at(due)));
				assert_true(weir_time_is_never(wheel_deadline(&w)));
			}
		}
	}
}

static void past_deadline_is_due_at_once(void **state)
{
	struct wheel w;
	struct wheel_timer t[3];

	(void)state;
	wheel_init(&w, at(1000 * TICK));
	for (int i = 0; i < 3; i++)
		wheel_timer_init(&t[i], 0);
	wheel_set(&w, &t[0], at(1000 * TICK));
	wheel_set(&w, &t[1], at(3));
	wheel_set(&w, &t[2], at(-5));
	assert_true(wheel_deadline(&w).ns <= 1000 * TICK);
	assert_ptr_equal(wheel_expire(&w, at(1000 * TICK)), &t[2]);
	assert_ptr_equal(wheel_expire(&w, at(1000 * TICK)), &t[1]);
	assert_ptr_equal(wheel_expire(&w, at(1000 * TICK)), &t[0]);
	assert_null(wheel_expire(&w, at(1000 * TICK)));
}

static void ties_go_off_in_the_order_they_were_set(void **state)
{
	struct wheel w;
	struct wheel_timer t[50];

	(void)state;
	for (int64_t due = 10; due < INT64_C(1) << 50; due *= 60) {
		wheel_init(&w, at(0));
		for (int i = 0; i < 50; i++) {
			wheel_timer_init(&t[i], 0);
			wheel_set(&w, &t[i], at(due));
		}
		/* Set again: now the last. Cancelled: not at all. */
		wheel_set(&w, &t[7], at(due));
		wheel_cancel(&w, &t[30]);
		for (int i = 0; i < 50; i++)
			if (i != 7 && i != 30)
				assert_ptr_equal(wheel_expire(&w, at(due + 5)), &t[i]);
		assert_ptr_equal(wheel_expire(&w, at(due + 5)), &t[7]);
		assert_null(wheel_expire(&w, at(due + 5)));
	}
}

static void cancel_leaves_no_trace(void **state)
{
	struct wheel w;
	struct wheel_timer a, b;

	(void)state;
	wheel_init(&w, at(0));
	wheel_timer_init(&a, 0);
	wheel_timer_init(&b, 0);
	wheel_cancel(&w, &a);
	wheel_set(&w, &a, at(100 * TICK));
	wheel_set(&w, &b, at(100 * TICK + 1));
	wheel_cancel(&w, &a);
	wheel_cancel(&w, &a);
	assert_false(wheel_timer_set(&a));
	assert_ptr_equal(wheel_expire(&w, at(200 * TICK)), &b);
	wheel_set(&w, &b, at(300 * TICK));
	wheel_cancel(&w, &b);
	for (int level = 0; level < WHEEL_LEVELS; level++)
		assert_int_equal(w.occupied[level], 0);
	assert_true(weir_time_is_never(wheel_deadline(&w)));
}

/* More than can be fresh, cancelled in an order of its own, some before and some after they have slots. */
static void cancelled_fresh_or_not_it_is_gone(void **state)
{
	struct wheel w;
	struct wheel_timer t[3 * WHEEL_FRESH];

	(void)state;
	wheel_init(&w, at(0));
	for (int i = 0; i < 3 * WHEEL_FRESH; i++) {
		wheel_timer_init(&t[i], 0);
		wheel_set(&w, &t[i], at(1000 * TICK - i));
		assert_true(wheel_timer_fresh(&t[i]));
	}
	assert_false(wheel_timer_fresh(&t[2 * WHEEL_FRESH - 1]));
	assert_true(wheel_timer_fresh(&t[2 * WHEEL_FRESH]));
	assert_true(wheel_deadline(&w).ns <= 1000 * TICK - 3 * WHEEL_FRESH + 1);
	for (int i = 0; i < 3 * WHEEL_FRESH; i++) {
		if (i % 3 == 0)
			continue;
		wheel_cancel(&w, &t[i]);
		assert_false(wheel_timer_set(&t[i]) || wheel_timer_fresh(&t[i]));
	}
	for (int i = 3 * WHEEL_FRESH - 3; i >= 0; i -= 3)
		assert_ptr_equal(wheel_expire(&w, at(1000 * TICK)), &t[i]);
	assert_null(wheel_expire(&w, at(1000 * TICK)));
	assert_true(weir_time_is_never(wheel_deadline(&w)));
	assert_int_equal(w.fresh_count, 0);
}

/* Woken only when it asks to be, a timer goes off in time, after at most one wake-up for each level. */
static void waking_at_the_deadline_is_enough(void **state)
{
	(void)state;
	for (int64_t due = 1; due < INT64_C(1) << 61; due = due * 3 + 7) {
		struct wheel w;
		struct wheel_timer t;
		weir_time now = at(0);
		int wakes = 0;

		wheel_init(&w, now);
		wheel_timer_init(&t, 0);
		wheel_set(&w, &t, at(due));
		for (;;) {
			weir_time next = wheel_deadline(&w);

			assert_true(weir_time_before(now, next));
			assert_true(next.ns <= due);
			now = next;
			assert_true(++wakes <= WHEEL_LEVELS);
			if (wheel_expire(&w, now))
				break;
		}
		assert_int_equal(now.ns, due);
	}
}

static void within_the_finest_level_the_deadline_is_exact(void **state)
{
	struct wheel w;
	struct wheel_timer t[2];

	(void)state;
	wheel_init(&w, at(0));
	wheel_timer_init(&t[0], 0);
	wheel_timer_init(&t[1], 0);
	wheel_set(&w, &t[0], at(63 * TICK + 4321));
	assert_int_equal(wheel_deadline(&w).ns, 63 * TICK + 4321);
	wheel_set(&w, &t[1], at(63 * TICK + 4320));
	assert_int_equal(wheel_deadline(&w).ns, 63 * TICK + 4320);
	wheel_set(&w, &t[1], at(5));
	assert_int_equal(wheel_deadline(&w).ns, 5);
}

/* --- against a model --- */

enum { TIMERS = 300 };

struct model {
	struct wheel w;
	struct wheel_timer t[TIMERS];
	uint64_t order[TIMERS]; /* when it was set, counted; 0 = not set */
	uint64_t sets;
	struct numbers n;
	int64_t now;
};

/* The index that must go off next, or -1. */
static int model_next(const struct model *m)
{
	int best = -1;

	for (int i = 0; i < TIMERS; i++) {
		if (!m->order[i])
			continue;
		if (best < 0 || m->t[i].deadline.ns < m->t[best].deadline.ns ||
		    (m->t[i].deadline.ns == m->t[best].deadline.ns && m->order[i] < m->order[best]))
			best = i;
	}
	return best;
}

static void model_set(struct model *m)
{
	uint32_t i = number_below(&m->n, TIMERS), shift = number_below(&m->n, 48);
	int64_t delta = (int64_t)(number(&m->n) >> (63 - shift)) - (int64_t)number_below(&m->n, 1000);

	/* Many share an instant, as those of one configuration do. */
	if (number_below(&m->n, 3) == 0)
		delta = INT64_C(200000000);
	wheel_set(&m->w, &m->t[i], at(m->now + delta));
	m->order[i] = ++m->sets;
}

static void model_cancel(struct model *m)
{
	uint32_t i = number_below(&m->n, TIMERS);

	wheel_cancel(&m->w, &m->t[i]);
	m->order[i] = 0;
}

static void model_advance(struct model *m)
{
	uint32_t shift = number_below(&m->n, 46);
	int next;

	m->now += (int64_t)(number(&m->n) >> (63 - shift));
	if (number_below(&m->n, 2) == 0 && model_next(m) >= 0 && m->t[model_next(m)].deadline.ns > m->now)
		m->now = m->t[model_next(m)].deadline.ns - (int64_t)number_below(&m->n, 2);
	while ((next = model_next(m)) >= 0 && m->t[next].deadline.ns <= m->now) {
		assert_ptr_equal(wheel_expire(&m->w, at(m->now)), &m->t[next]);
		m->order[next] = 0;
		/* What goes off sets timers. */
		if (number_below(&m->n, 4) == 0)
			model_set(m);
	}
	assert_null(wheel_expire(&m->w, at(m->now)));
	next = model_next(m);
	if (next < 0) {
		assert_true(weir_time_is_never(wheel_deadline(&m->w)));
	} else {
		assert_true(wheel_deadline(&m->w).ns <= m->t[next].deadline.ns);
		assert_true(wheel_deadline(&m->w).ns > m->now);
	}
}

static void random_run_equals_a_plain_list(void **state)
{
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		memset(&m, 0, sizeof(m));
		m.n.state = seed;
		m.now = seed % 4 == 0 ? -INT64_C(1000000000) : (int64_t)(number(&m.n) >> 8);
		wheel_init(&m.w, at(m.now));
		for (int i = 0; i < TIMERS; i++)
			wheel_timer_init(&m.t[i], 0);
		for (int step = 0; step < 3000; step++) {
			uint32_t what = number_below(&m.n, 8);

			if (what < 5)
				model_set(&m);
			else if (what < 6)
				model_cancel(&m);
			else
				model_advance(&m);
		}
	}
}

/* A hundred thousand timers of one duration, set over a second: what the wheel is for. */
static void many_timers_cost_little_each(void **state)
{
	enum { MANY = 100000 };
	static struct wheel_timer t[MANY];
	struct wheel w;
	int64_t now = 0;

	(void)state;
	wheel_init(&w, at(0));
	for (int i = 0; i < MANY; i++) {
		wheel_timer_init(&t[i], 0);
		wheel_set(&w, &t[i], at(INT64_C(60000000000) + (int64_t)i * 10007));
	}
	for (int i = 0; i < MANY; i++) {
		struct wheel_timer *due;

		while ((due = wheel_expire(&w, at(now))) == NULL)
			now = wheel_deadline(&w).ns;
		assert_ptr_equal(due, &t[i]);
		assert_int_equal(now, t[i].deadline.ns);
	}
	assert_null(wheel_expire(&w, at(now)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(deadline_is_exact_at_every_distance),
	    cmocka_unit_test(past_deadline_is_due_at_once),
	    cmocka_unit_test(ties_go_off_in_the_order_they_were_set),
	    cmocka_unit_test(cancel_leaves_no_trace),
	    cmocka_unit_test(cancelled_fresh_or_not_it_is_gone),
	    cmocka_unit_test(waking_at_the_deadline_is_enough),
	    cmocka_unit_test(within_the_finest_level_the_deadline_is_exact),
	    cmocka_unit_test(random_run_equals_a_plain_list),
	    cmocka_unit_test(many_timers_cost_little_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
