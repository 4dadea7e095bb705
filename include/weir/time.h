/* SPDX-License-Identifier: Apache-2.0
 *
 * Instants and durations, in nanoseconds. Time is always an argument: the core never reads a
 * clock. An instant counts from an epoch of the embedder's choice and must not go backwards.
 */
#ifndef WEIR_TIME_H
#define WEIR_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int64_t ns;
} weir_time;

typedef struct {
	int64_t ns;
} weir_duration;

#define WEIR_NS_PER_US INT64_C(1000)
#define WEIR_NS_PER_MS INT64_C(1000000)
#define WEIR_NS_PER_S INT64_C(1000000000)

/* "No deadline": later than every instant. */
#define WEIR_NEVER ((weir_time){INT64_MAX})

static inline weir_duration weir_us(int64_t us)
{
	return (weir_duration){us * WEIR_NS_PER_US};
}

static inline weir_duration weir_ms(int64_t ms)
{
	return (weir_duration){ms * WEIR_NS_PER_MS};
}

static inline weir_duration weir_s(int64_t s)
{
	return (weir_duration){s * WEIR_NS_PER_S};
}

static inline weir_time weir_time_add(weir_time t, weir_duration d)
{
	return (weir_time){t.ns + d.ns};
}

static inline weir_duration weir_time_since(weir_time later, weir_time earlier)
{
	return (weir_duration){later.ns - earlier.ns};
}

static inline bool weir_time_before(weir_time a, weir_time b)
{
	return a.ns < b.ns;
}

static inline bool weir_time_is_never(weir_time t)
{
	return t.ns == INT64_MAX;
}

static inline weir_time weir_time_min(weir_time a, weir_time b)
{
	return a.ns < b.ns ? a : b;
}

#endif
