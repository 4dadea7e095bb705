/* SPDX-License-Identifier: Apache-2.0
 *
 * The world's clock: an interface, so that tests may run a world on virtual time.
 */
#ifndef WEIR_WORLD_CLOCK_H
#define WEIR_WORLD_CLOCK_H

#include <weir/time.h>

struct clock {
	weir_time (*now)(void *ctx);
	void *ctx;
};

/* CLOCK_MONOTONIC. */
struct clock clock_monotonic(void);

static inline weir_time clock_now(const struct clock *clock)
{
	return clock->now(clock->ctx);
}

#endif
