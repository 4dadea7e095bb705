/* SPDX-License-Identifier: Apache-2.0
 *
 * Virtual time, and the threads that wait in it. A thread that waits sleeps on a condition of its own, which the tool
 * can see in /proc. Whoever brings about what it waits for wakes it and then waits itself until that thread has run on
 * and asked for the time (or waits again): meanwhile time stands still and no other call is made.
 */
#include "packetdrill/adapter.h"
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <time.h>

/* Real time that a woken thread gets before the others go on without having heard from it. */
enum { PATIENCE_S = 2 };

/* ... and one that has returned from its call, to report that to the tool: the tool's lock is free only now. */
enum { REPORT_NS = 1000000 };

struct waiter {
	struct list link;
	pthread_cond_t wake;
	pthread_t thread;
	bool (*ready)(void *ctx);
	void *ctx;
	weir_time deadline;
	bool woken;
};

weir_time clock_next(const struct adapter *a)
{
	weir_time next = a->stack ? weir_deadline(a->stack) : WEIR_NEVER;

	list_each (node, &a->waiters) {
		const struct waiter *w = weir_container(node, struct waiter, link);

		if (!w->woken)
			next = weir_time_min(next, w->deadline);
	}
	return next;
}

static void wake(struct adapter *a, struct waiter *w)
{
	struct timespec until;

	w->woken = true;
	a->woken = a->returning = true;
	a->woken_thread = w->thread;
	pthread_cond_signal(&w->wake);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	while (a->woken) {
		if (pthread_cond_timedwait(&a->released, &a->lock, &until) == ETIMEDOUT)
			a->woken = false;
	}
}

static struct waiter *first_ready(const struct adapter *a)
{
	list_each (node, &a->waiters) {
		struct waiter *w = weir_container(node, struct waiter, link);

		if (!w->woken && (!weir_time_before(a->now, w->deadline) || w->ready(w->ctx)))
			return w;
	}
	return NULL;
}

void clock_settle(struct adapter *a)
{
	struct waiter *w;

	packets_pump(a);
	epoll_notice(a);
	while ((w = first_ready(a)) != NULL)
		wake(a, w);
}

void clock_release(struct adapter *a)
{
	if (a->woken && pthread_equal(a->woken_thread, pthread_self())) {
		a->woken = false;
		pthread_cond_broadcast(&a->released);
	}
}

static void arrive_at(struct adapter *a, weir_time at)
{
	if (weir_time_before(a->now, at))
		a->now = at;
	if (a->stack)
		weir_expire(a->stack, a->now);
	clock_settle(a);
}

/* The next moment after this one. A deadline may be early: when there was nothing to do, a little time passes. */
static weir_time upcoming(const struct adapter *a)
{
	weir_time next = clock_next(a);

	return weir_time_before(a->now, next) ? next : weir_time_add(a->now, weir_us(1));
}

bool clock_step(struct adapter *a)
{
	weir_time next = upcoming(a);

	if (weir_time_is_never(next))
		return false;
	arrive_at(a, next);
	return true;
}

void clock_advance(struct adapter *a, weir_time to)
{
	for (weir_time next = upcoming(a); !weir_time_before(to, next); next = upcoming(a))
		arrive_at(a, next);
	if (weir_time_before(a->now, to))
		a->now = to;
	if (a->stack)
		weir_stack_now(a->stack, a->now);
}

weir_time clock_after_ms(const struct adapter *a, int ms)
{
	return ms < 0 ? WEIR_NEVER : weir_time_add(a->now, weir_ms(ms));
}

/* The script's own thread waits: nobody but it can move time. */
static bool wait_here(struct adapter *a, bool (*ready)(void *ctx), void *ctx, weir_time deadline)
{
	while (!ready(ctx)) {
		weir_time next = clock_next(a);

		if (!weir_time_before(next, deadline)) {
			if (weir_time_is_never(deadline))
				return false;
			clock_advance(a, deadline);
			return ready(ctx);
		}
		clock_step(a);
	}
	return true;
}

bool clock_wait(struct adapter *a, bool (*ready)(void *ctx), void *ctx, weir_time deadline)
{
	struct waiter w = {.thread = pthread_self(), .ready = ready, .ctx = ctx, .deadline = deadline, .woken = false};

	clock_settle(a);
	if (ready(ctx))
		return true;
	if (!weir_time_before(a->now, deadline))
		return false;
	if (pthread_equal(a->main_thread, w.thread))
		return wait_here(a, ready, ctx, deadline);
	pthread_cond_init(&w.wake, NULL);
	list_push_back(&a->waiters, &w.link);
	clock_release(a);
	while (!w.woken)
		pthread_cond_wait(&w.wake, &a->lock);
	list_remove(&w.link);
	pthread_cond_destroy(&w.wake);
	return ready(ctx);
}

int clock_usleep(void *userdata, useconds_t usecs)
{
	struct adapter *a = userdata;
	bool returning;

	adapter_enter(a);
	clock_advance(a, weir_time_add(a->now, weir_us(usecs)));
	returning = a->returning;
	a->returning = false;
	adapter_leave(a, 0);
	if (returning)
		nanosleep(&(struct timespec){.tv_nsec = REPORT_NS}, NULL);
	return 0;
}

/* The tool spins on this one: each call takes a microsecond. */
int clock_gettimeofday(void *userdata, struct timeval *tv, struct timezone *tz)
{
	struct adapter *a = userdata;

	(void)tz;
	adapter_enter(a);
	clock_advance(a, weir_time_add(a->now, weir_us(1)));
	tv->tv_sec = a->now.ns / WEIR_NS_PER_S;
	tv->tv_usec = a->now.ns % WEIR_NS_PER_S / WEIR_NS_PER_US;
	return (int)adapter_leave(a, 0);
}
