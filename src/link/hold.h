/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets on their way: owned, linear copies, ordered by the instant at which they are due, equal instants in the order
 * in which they were added. Nearly all are added in that order: they stand in a row; what is to be overtaken or to
 * overtake lies in a heap beside it. Memory of packets of an ordinary size is kept and used again.
 */
#ifndef WEIR_LINK_HOLD_H
#define WEIR_LINK_HOLD_H

#include <weir/packet.h>
#include <weir/time.h>

struct link_held {
	struct link_held *next; /* for lists of those that are not in a heap */
	weir_time due;
	uint64_t order;   /* given by link_hold_add() */
	uint64_t arrival; /* the owner's: which packet it was */
	uint32_t len;
	uint8_t flags;
	uint8_t data[];
};

/* Instants stand beside the packets: who waits for long is in no cache by the time that he is asked for. */
struct link_hold_place {
	weir_time due;
	struct link_held *held;
};

struct link_hold {
	struct link_hold_place *row; /* a ring */
	size_t first, waiting, room; /* room is a power of two */
	struct link_held **heap;
	size_t count, capacity; /* of the heap */
	size_t bytes;           /* of all packets in it */
	uint64_t next_order;
	struct link_held *spare; /* kept memory */
	unsigned spares;
};

/* A linear copy of a packet (not a GSO packet), or NULL. The caller's, until added or freed. */
struct link_held *link_held_new(struct link_hold *hold, const struct weir_packet *packet);
struct link_held *link_held_copy(struct link_hold *hold, const struct link_held *held);
void link_held_free(struct link_hold *hold, struct link_held *held);
/* The packet, referencing held. */
struct weir_packet link_held_packet(const struct link_held *held);

void link_hold_init(struct link_hold *hold);
/* Frees all packets in it, and the memory kept. */
void link_hold_deinit(struct link_hold *hold);
/* Takes held. false: no memory, and held stays the caller's. */
bool link_hold_add(struct link_hold *hold, struct link_held *take_held, weir_time due);
/* The earliest instant, or WEIR_NEVER. */
weir_time link_hold_deadline(const struct link_hold *hold);
/* Takes the earliest out when it is due at now, or NULL. The caller's then. */
struct link_held *link_hold_take(struct link_hold *hold, weir_time now);

#endif
