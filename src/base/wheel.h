/* SPDX-License-Identifier: Apache-2.0
 *
 * The timers of one host: a hierarchical wheel (levels of 64 slots, 65,536 ns the finest), O(1) to set and to
 * cancel, exact to the nanosecond: within a slot the deadlines are compared.
 */
#ifndef WEIR_BASE_WHEEL_H
#define WEIR_BASE_WHEEL_H

#include "base/list.h"

#include <weir/time.h>

enum { WHEEL_LEVELS = 8, WHEEL_SLOTS = 64, WHEEL_TICK_SHIFT = 16 };

struct wheel_timer {
	struct list link;
	weir_time deadline;
	uint16_t slot; /* level * WHEEL_SLOTS + index, while linked */
	uint16_t kind; /* the owner's: what to do when it goes off */
};

struct wheel {
	weir_time now;                   /* everything due before it has been handed out */
	uint64_t occupied[WHEEL_LEVELS]; /* bit = slot not empty */
	struct list slot[WHEEL_LEVELS * WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, weir_time now);
void wheel_timer_init(struct wheel_timer *t, uint16_t kind);
static inline bool wheel_timer_set(const struct wheel_timer *t)
{
	return list_linked(&t->link);
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
 * finest level); WEIR_NEVER when empty. */
weir_time wheel_deadline(const struct wheel *w);

#endif
