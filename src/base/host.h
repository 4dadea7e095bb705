/* SPDX-License-Identifier: Apache-2.0
 *
 * What all rooms of one stack share: configuration, memory, timers, counters, the clock, keys. One struct host a stack.
 */
#ifndef WEIR_BASE_HOST_H
#define WEIR_BASE_HOST_H

#include "base/drop.h"
#include "base/likely.h"
#include "base/memory.h"
#include "base/siphash.h"
#include "base/wheel.h"

#include <weir/observe.h>

/* Whose a wheel_timer is (wheel_timer.kind). */
enum host_timer_kind { HOST_TIMER_NEIGHBOUR = 1, HOST_TIMER_SOCKET = 2 };

struct host {
	struct weir_config config;
	struct memory memory;
	struct wheel wheel;
	struct counters counters;
	weir_time now;
	struct siphash_key key_isn, key_demux, key_port, key_ip_id, key_cookie, key_fast_open,
	    key_path; /* derived from config.secret */
};

static inline void host_count(struct host *h, enum drop reason)
{
	h->counters.value[reason]++;
}

static inline void host_count_n(struct host *h, enum drop reason, uint64_t n)
{
	h->counters.value[reason] += n;
}

/* One predictable branch when nobody observes. */
static inline bool host_observed(const struct host *h)
{
	return unlikely(h->config.observer != NULL);
}

static inline void host_observe(const struct host *h, const struct weir_event *event)
{
	h->config.observer->event(h->config.observer->ctx, event);
}

/* Counts a drop and tells the observer. socket_id may be 0. */
COLD void host_drop(struct host *h, enum drop reason, uint64_t socket_id);

void host_init(struct host *h, const struct weir_config *config, weir_time now);
/* Other settings, of the same secret. */
void host_configure(struct host *h, const struct weir_config *config);
void host_deinit(struct host *h);

#endif
