/* SPDX-License-Identifier: Apache-2.0
 *
 * RecvQ of a datagram socket: whole datagrams, each with its sender, bounded by the sum of their payload
 * bytes. A datagram that does not fit is refused whole (RFC 768 promises nothing, T1.7); whoever calls counts it.
 * Empty datagrams are datagrams too, so their number has a bound as well: without it they would cost memory
 * and no bytes.
 *
 * Invariants: bytes is the sum of len over the list and <= limit unless the limit was lowered meanwhile;
 * count is the list's length.
 */
#ifndef WEIR_UDP_QUEUE_H
#define WEIR_UDP_QUEUE_H

#include "base/memory.h"

#include <weir/packet.h>
#include <weir/socket.h>

enum { UDP_MAX_PAYLOAD_BYTES = 65507 };

struct udp_datagram {
	struct udp_datagram *next;
	struct weir_endpoint from;
	uint32_t len;
	uint32_t order; /* size class of its memory */
	uint8_t data[];
};

struct udp_queue {
	struct udp_datagram *first;
	struct udp_datagram **last; /* the pointer to be set by the next one */
	uint32_t limit, bytes, count;
	uint64_t dropped;   /* refused: did not fit, or no memory */
	uint64_t delivered; /* payload bytes handed to the program */
	uint64_t sent;      /* payload bytes taken from the program */
};

enum udp_put { UDP_QUEUED, UDP_FULL, UDP_NO_MEMORY };

void udp_queue_init(struct udp_queue *q, uint32_t limit);
void udp_queue_deinit(struct udp_queue *q, struct memory *m);

/* Copies one datagram of len bytes, which is what the slices hold. */
enum udp_put udp_queue_put(struct udp_queue *q, struct memory *m, const struct weir_endpoint *from,
                           const struct weir_slice *slice, unsigned n, uint32_t len);

/*
 * Copies the oldest datagram, cut to len; peek leaves it there. Returns its real length, or -WEIR_EAGAIN.
 * from may be NULL.
 */
int64_t udp_queue_get(struct udp_queue *q, struct memory *m, void *buffer, size_t len, bool peek,
                      struct weir_endpoint *from);

#endif
