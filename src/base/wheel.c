/* SPDX-License-Identifier: Apache-2.0
 *
 * See wheel.h. Time is cut into ticks of 2^WHEEL_TICK_SHIFT ns. A timer sits at the level of the highest six bits in
 * which its tick differs from the current one, in the slot that these bits of its tick name: so everything in a higher
 * level is later than everything in a lower one, and of one level the first slot is the earliest. When time enters a
 * slot of a higher level, its timers move down, at most WHEEL_LEVELS - 1 times in a timer's life. Bitmaps of occupied
 * slots make empty time free to jump over.
 *
 * The slots of the finest level are sorted by deadline. Timers mostly come in that order, so the place is
 * looked for from the end.
 *
 * A timer that is set goes to the end of the fresh ones; when these are too many the oldest gets its slot, and when the
 * first of them may be due all do. So fresh ones were set after all that have slots, and ties keep their order.
 *
 * Invariant: w->now is never inside an occupied slot of a higher level, nor behind one.
 */
#include "base/wheel.h"

/* In the order of time, also for instants before the epoch. */
static uint64_t tick_of(weir_time t)
{
	return ((uint64_t)t.ns ^ (uint64_t)INT64_MIN) >> WHEEL_TICK_SHIFT;
}

static weir_time start_of(uint64_t tick)
{
	return (weir_time){(int64_t)(tick << WHEEL_TICK_SHIFT ^ (uint64_t)INT64_MIN)};
}

static struct wheel_timer *timer_of(struct list *node)
{
	return weir_container(node, struct wheel_timer, link);
}

void wheel_init(struct wheel *w, weir_time now)
{
	w->now = now;
	list_init(&w->fresh);
	w->fresh_count = 0;
	w->fresh_earliest = WEIR_NEVER;
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

/* Behind all that are due at the same instant or before. */
static void insert_sorted(struct list *slot, struct wheel_timer *t)
{
	struct list *at = slot->prev;

	while (at != slot && weir_time_before(t->deadline, timer_of(at)->deadline))
		at = at->prev;
	list_push_front(at, &t->link);
}

static void place(struct wheel *w, struct wheel_timer *t)
{
	uint64_t now = tick_of(w->now), tick = tick_of(t->deadline);
	unsigned level = 0, index;

	if (tick < now)
		tick = now;
	if ((now ^ tick) >= WHEEL_SLOTS)
		level = (63 - (unsigned)__builtin_clzll(now ^ tick)) / 6;
	index = (unsigned)(tick >> (6 * level)) % WHEEL_SLOTS;
	t->slot = (uint16_t)(level * WHEEL_SLOTS + index);
	w->occupied[level] |= UINT64_C(1) << index;
	if (level == 0)
		insert_sorted(&w->slot[index], t);
	else
		list_push_back(&w->slot[t->slot], &t->link);
}

/* The oldest fresh one gets its slot. */
static void settle_one(struct wheel *w)
{
	struct list *node = list_first(&w->fresh);

	list_remove(node);
	w->fresh_count--;
	place(w, timer_of(node));
}

static void settle_all(struct wheel *w)
{
	while (!list_empty(&w->fresh))
		settle_one(w);
	w->fresh_earliest = WEIR_NEVER;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, weir_time deadline)
{
	weir_assert(!weir_time_is_never(deadline));
	wheel_cancel(w, t);
	t->deadline = deadline;
	t->slot = WHEEL_FRESH_SLOT;
	list_push_back(&w->fresh, &t->link);
	w->fresh_earliest = weir_time_min(w->fresh_earliest, deadline);
	if (++w->fresh_count > WHEEL_FRESH)
		settle_one(w);
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
	if (!wheel_timer_set(t))
		return;
	list_remove(&t->link);
	if (t->slot == WHEEL_FRESH_SLOT) {
		if (--w->fresh_count == 0)
			w->fresh_earliest = WEIR_NEVER;
		return;
	}
	if (list_empty(&w->slot[t->slot]))
		w->occupied[t->slot / WHEEL_SLOTS] &= ~(UINT64_C(1) << t->slot % WHEEL_SLOTS);
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

/* When time enters that slot of the current turn. */
static weir_time slot_start(const struct wheel *w, unsigned level, unsigned index)
{
	unsigned shift = 6 * level;

	return start_of((tick_of(w->now) >> shift >> 6 << 6 | index) << shift);
}

/* Time has entered the slot: its timers go to lower levels, in the order in which they were set. */
static void move_down(struct wheel *w, unsigned level, unsigned index)
{
	struct list *slot = &w->slot[level * WHEEL_SLOTS + index], *node;

	w->occupied[level] &= ~(UINT64_C(1) << index);
	while ((node = list_first(slot)) != NULL) {
		list_remove(node);
		place(w, timer_of(node));
	}
}

struct wheel_timer *wheel_expire(struct wheel *w, weir_time now)
{
	unsigned level, index;

	if (!weir_time_before(now, w->fresh_earliest))
		settle_all(w);
	while (first_slot(w, &level, &index)) {
		struct wheel_timer *t;

		if (level > 0) {
			weir_time start = slot_start(w, level, index);

			if (weir_time_before(now, start))
				break;
			w->now = start;
			move_down(w, level, index);
			continue;
		}
		t = timer_of(list_first(&w->slot[index]));
		if (weir_time_before(now, t->deadline))
			break;
		if (weir_time_before(w->now, t->deadline))
			w->now = t->deadline;
		wheel_cancel(w, t);
		return t;
	}
	if (weir_time_before(w->now, now))
		w->now = now;
	return NULL;
}

weir_time wheel_deadline(const struct wheel *w)
{
	weir_time first;
	unsigned level, index;

	if (!first_slot(w, &level, &index))
		return w->fresh_earliest;
	first = level > 0 ? slot_start(w, level, index) : timer_of(list_first(&w->slot[index]))->deadline;
	return weir_time_min(first, w->fresh_earliest);
}
