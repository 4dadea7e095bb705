/* SPDX-License-Identifier: Apache-2.0
 *
 * A wire of limited rate with a bounded queue in front of it. Knows sizes and instants only, not packets. Exact:
 * fractions of a nanosecond are carried from packet to packet.
 */
#ifndef WEIR_LINK_RATE_H
#define WEIR_LINK_RATE_H

#include <weir/time.h>

#include <stddef.h>

struct link_rate_entry {
	weir_time start; /* leaves the queue for the wire */
	uint32_t len;
};

struct link_rate {
	struct link_rate_entry *ring; /* waiting, oldest first; capacity is a power of two */
	size_t head, count, capacity;
	uint64_t queued_bytes;
	weir_time busy_until; /* the wire is free from here on */
	uint64_t rest;        /* of the division that gave busy_until */
};

enum link_rate_verdict { LINK_RATE_OK, LINK_RATE_FULL, LINK_RATE_NO_MEMORY };

void link_rate_init(struct link_rate *r);
void link_rate_deinit(struct link_rate *r);
/* Lets go of what has left the queue by now. */
void link_rate_retire(struct link_rate *r, weir_time now);
/* Queues a packet of len bytes at bytes_per_s (0 = unlimited); bounds of 0 are none. *sent = when its last byte
 * has been sent. Refused, nothing changes. */
enum link_rate_verdict link_rate_send(struct link_rate *r, weir_time now, uint32_t len, uint64_t bytes_per_s,
                                      size_t max_packets, uint64_t max_bytes, weir_time *sent);

#endif
