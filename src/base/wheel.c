/* SPDX-License-Identifier: Apache-2.0
 *
 * See wheel.h. A timer sits at the level of the highest six bits in which its tick differs from the
 * current one, so that everything in one slot of a higher level is later than all of the lower ones. When
 * time enters such a slot, its timers move down.
 */
#include "base/wheel.h"

static uint64_t tick_of(weir_time t)
{
	return (uint64_t)t.ns >> WHEEL_TICK_SHIFT;
}

void wheel_init(struct wheel *w, weir_time now)
{
	w->now = now;
	for (unsigned level = 0; level < WHEEL_LEVELS; level++)
		w->occupied[level] = 0;
	for (unsigned i = 0; i < WHEEL_LEVELS * WHEEL_SLOTS; i++)
		list_init(&w->slot[i]);
}

void wheel_timer_init(struct wheel_timer *t, uint16_t kind)
{
	list_init(&t->link);
	t->deadline = WEIR_NEVER;
	t->slot = 0;
	t->kind = kind;
}

static void place(struct wheel *w, struct wheel_timer *t)
{
	uint64_t now = tick_of(w->now), tick = tick_of(t->deadline), differ;
	unsigned level = 0, index;

	if (t->deadline.ns < w->now.ns)
		tick = now;
	differ = now ^ tick;
	if (differ >= WHEEL_SLOTS)
		level = (63 - (unsigned)__builtin_clzll(differ)) / 6;
	index = (unsigned)(tick >> (6 * level)) % WHEEL_SLOTS;
	t->slot = (uint16_t)(level * WHEEL_SLOTS + index);
	w->occupied[level] |= UINT64_C(1) << index;
	list_push_back(&w->slot[t->slot], &t->link);
}

void wheel_set(struct wheel *w, struct wheel_timer *t, weir_time deadline)
{
	weir_assert(!weir_time_is_never(deadline));
	wheel_cancel(w, t);
	t->deadline = deadline;
	place(w, t);
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
	if (!wheel_timer_set(t))
		return;
	list_remove(&t->link);
	if (list_empty(&w->slot[t->slot]))
		w->occupied[t->slot / WHEEL_SLOTS] &= ~(UINT64_C(1) << t->slot % WHEEL_SLOTS);
}

static struct wheel_timer *earliest_in(const struct list *slot)
{
	struct wheel_timer *first = NULL;

	list_each(node, slot) {
		struct wheel_timer *t = weir_container(node, struct wheel_timer, link);

		if (!first || weir_time_before(t->deadline, first->deadline))
			first = t;
	}
	return first;
}

/* The lowest level with a timer, and its first slot; false when the wheel is empty. */
static bool first_slot(const struct wheel *w, unsigned *level, unsigned *index)
{
	for (*level = 0; *level < WHEEL_LEVELS; ++*level) {
		if (w->occupied[*level]) {
			*index = (unsigned)__builtin_ctzll(w->occupied[*level]);
			return true;
		}
	}
	return false;
}

/* When time enters that slot. */
static weir_time slot_start(const struct wheel *w, unsigned level, unsigned index)
{
	unsigned shift = 6 * level;
	uint64_t tick = tick_of(w->now) >> shift >> 6 << 6 | index;

	return (weir_time){(int64_t)(tick << shift << WHEEL_TICK_SHIFT)};
}

static void move_down(struct wheel *w, unsigned level, unsigned index)
{
	struct list moving, *slot = &w->slot[level * WHEEL_SLOTS + index];

	list_init(&moving);
	while (!list_empty(slot)) {
		struct list *node = list_first(slot);

		list_remove(node);
		list_push_back(&moving, node);
	}
	w->occupied[level] &= ~(UINT64_C(1) << index);
	while (!list_empty(&moving)) {
		struct list *node = list_first(&moving);

		list_remove(node);
		place(w, weir_container(node, struct wheel_timer, link));
	}
}

struct wheel_timer *wheel_expire(struct wheel *w, weir_time now)
{
	unsigned level, index;

	while (first_slot(w, &level, &index)) {
		struct wheel_timer *t;
		weir_time start;

		if (level > 0) {
			start = slot_start(w, level, index);
			if (weir_time_before(now, start))
				break;
			if (weir_time_before(w->now, start))
				w->now = start;
			move_down(w, level, index);
			continue;
		}
		t = earliest_in(&w->slot[index]);
		if (weir_time_before(now, t->deadline))
			break;
		if (weir_time_before(w->now, t->deadline))
			w->now = t->deadline;
		wheel_cancel(w, t);
		return t;
	}
	/* Time may only stand inside a slot of a higher level once that slot has been moved down. */
	if (weir_time_before(w->now, now))
		w->now = now;
	return NULL;
}

weir_time wheel_deadline(const struct wheel *w)
{
	unsigned level, index;

	if (!first_slot(w, &level, &index))
		return WEIR_NEVER;
	if (level > 0)
		return slot_start(w, level, index);
	return earliest_in(&w->slot[index])->deadline;
}
