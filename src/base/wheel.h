/* SPDX-License-Identifier: Apache-2.0
 *
 * The timers of one host: a hierarchical wheel (levels of 64 slots, 65,536 ns the finest), O(1) to set and to
 * cancel, exact to the nanosecond: within a slot the deadlines are compared.
 *
 * Most timers of a network stack are cancelled, and soon: so what was set last waits in a short list before it is
 * given a slot, and what is cancelled there has touched nothing but its neighbours in that list, which are in the
 * cache.
 */
#ifndef WEIR_BASE_WHEEL_H
#define WEIR_BASE_WHEEL_H

#include "base/list.h"

#include <weir/time.h>

enum { WHEEL_LEVELS = 8, WHEEL_SLOTS = 64, WHEEL_TICK_SHIFT = 16 };
/* Timers without a slot, and what stands in the place of theirs. */
enum { WHEEL_FRESH = 64, WHEEL_FRESH_SLOT = WHEEL_LEVELS * WHEEL_SLOTS };

struct wheel_timer {
	struct list link;
	weir_time deadline;
	uint16_t slot; /* level * WHEEL_SLOTS + index, while linked; WHEEL_FRESH_SLOT = none yet */
	uint16_t kind; /* the owner's: what to do when it goes off */
};

struct wheel {
	weir_time now;     /* everything due before it has been handed out */
	struct list fresh; /* set last, without a slot yet, oldest first: at most WHEEL_FRESH */
	uint32_t fresh_count;
	weir_time fresh_earliest;        /* no fresh one is due before; WEIR_NEVER when there is none */
	uint64_t occupied[WHEEL_LEVELS]; /* bit = slot not empty */
	struct list slot[WHEEL_LEVELS * WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, weir_time now);
void wheel_timer_init(struct wheel_timer *t, uint16_t kind);
static inline bool wheel_timer_set(const struct wheel_timer *t)
{
	return list_linked(&t->link);
}
/* On the wheel, and cheap to cancel. */
static inline bool wheel_timer_fresh(const struct wheel_timer *t)
{
	return t->slot == WHEEL_FRESH_SLOT && wheel_timer_set(t);
}
/* Sets or moves. A deadline in the past is due at once. */
void wheel_set(struct wheel *w, struct wheel_timer *t, weir_time deadline);
void wheel_cancel(struct wheel *w, struct wheel_timer *t);
/*
 * Takes one timer that is due at now off the wheel (earliest first, ties in the order they were set), or NULL. Call
 * until NULL.
 */
struct wheel_timer *wheel_expire(struct wheel *w, weir_time now);
/* When to call wheel_expire() next: never later than the earliest deadline, and exactly it when it is near (within the
 * finest level) unless an earlier one was cancelled while fresh; WEIR_NEVER when empty. */
weir_time wheel_deadline(const struct wheel *w);

#endif
