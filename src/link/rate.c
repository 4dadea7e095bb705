/* SPDX-License-Identifier: Apache-2.0
 *
 * Serialisation and the queue before it.
 */
#include "link/rate.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 64 };

/* A wire booked out until after this instant takes nothing more, so that instants do not overflow. */
#define LATEST (INT64_MAX / 2)

void link_rate_init(struct link_rate *r)
{
	*r = (struct link_rate){.busy_until = {INT64_MIN}};
}

void link_rate_deinit(struct link_rate *r)
{
	free(r->ring);
	link_rate_init(r);
}

void link_rate_retire(struct link_rate *r, weir_time now)
{
	while (r->count > 0 && !weir_time_before(now, r->ring[r->head].start)) {
		r->queued_bytes -= r->ring[r->head].len;
		r->head = (r->head + 1) & (r->capacity - 1);
		r->count--;
	}
}

static bool make_room(struct link_rate *r)
{
	size_t capacity = r->capacity ? r->capacity * 2 : FIRST_CAPACITY;
	struct link_rate_entry *ring;

	if (r->count < r->capacity)
		return true;
	ring = malloc(capacity * sizeof *ring);
	if (ring == NULL)
		return false;
	for (size_t i = 0; i < r->count; i++)
		ring[i] = r->ring[(r->head + i) & (r->capacity - 1)];
	free(r->ring);
	r->ring = ring;
	r->head = 0;
	r->capacity = capacity;
	return true;
}

static bool waits(struct link_rate *r, weir_time start, uint32_t len)
{
	if (!make_room(r))
		return false;
	r->ring[(r->head + r->count++) & (r->capacity - 1)] = (struct link_rate_entry){start, len};
	r->queued_bytes += len;
	return true;
}

enum link_rate_verdict link_rate_send(struct link_rate *r, weir_time now, uint32_t len, uint64_t bytes_per_s,
                                      size_t max_packets, uint64_t max_bytes, weir_time *sent)
{
	bool idle = !weir_time_before(now, r->busy_until);
	uint64_t work;

	link_rate_retire(r, now);
	if (bytes_per_s == 0) {
		*sent = idle ? now : r->busy_until;
		return LINK_RATE_OK;
	}
	if (idle) {
		r->busy_until = now;
		r->rest = 0;
	} else {
		if (r->busy_until.ns > LATEST || (max_packets != 0 && r->count >= max_packets) ||
		    (max_bytes != 0 && r->queued_bytes + len > max_bytes))
			return LINK_RATE_FULL;
		if (!waits(r, r->busy_until, len))
			return LINK_RATE_NO_MEMORY;
	}
	work = (uint64_t)len * (uint64_t)WEIR_NS_PER_S + r->rest;
	r->busy_until.ns += (int64_t)(work / bytes_per_s);
	r->rest = work % bytes_per_s;
	*sent = r->busy_until;
	return LINK_RATE_OK;
}
