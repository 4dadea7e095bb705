/* SPDX-License-Identifier: Apache-2.0
 *
 * What all links have in common. A link has ports and moves packets between them when it is stepped; time is an
 * argument, so that the same link serves a daemon's clock and a simulation's. The embedder's loop:
 *	link_step(link, now, budget)      after input, socket calls or timers of any host on it
 *	sleep until link_deadline(link)   packets under way in a fault injector
 */
#ifndef WEIR_LINK_LINK_H
#define WEIR_LINK_LINK_H

#include <weir/time.h>

#include <stddef.h>

enum { LINK_BATCH = 64 };

struct link;

struct link_ops {
	size_t (*step)(struct link *link, weir_time now, size_t budget);
	bool (*pending)(const struct link *link, weir_time now);
	weir_time (*deadline)(const struct link *link);
	void (*free)(struct link *link);
};

struct link {
	const struct link_ops *ops;
};

/* Moves packets until nothing moves or about budget packets (at least one batch) have been moved. Returns how many:
 * 0 = quiet. */
static inline size_t link_step(struct link *link, weir_time now, size_t budget)
{
	return link->ops->step(link, now, budget);
}

/* True when link_step() at now may move something. */
static inline bool link_pending(const struct link *link, weir_time now)
{
	return link->ops->pending(link, now);
}

/* When to step it although no host did anything, or WEIR_NEVER. */
static inline weir_time link_deadline(const struct link *link)
{
	return link->ops->deadline(link);
}

/* Frees the link and what is under way on it. Its ports' owners stay. NULL is allowed. */
static inline void link_free(struct link *link)
{
	if (link != NULL)
		link->ops->free(link);
}

#endif
