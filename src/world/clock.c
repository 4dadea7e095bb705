/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's monotonic clock.
 */
#include "world/clock.h"

#include <stddef.h>
#include <time.h>

static weir_time read_monotonic(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (weir_time){ts.tv_sec * WEIR_NS_PER_S + ts.tv_nsec};
}

struct clock clock_monotonic(void)
{
	return (struct clock){.now = read_monotonic};
}
