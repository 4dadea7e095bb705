/* SPDX-License-Identifier: Apache-2.0
 *
 * RecvQ of a datagram socket: see udp/queue.h.
 */
#include "udp/queue.h"

#include <weir/error.h>

#include <string.h>

/* How many datagrams may wait whatever their size: one for each of so many bytes of the bound, and a few. */
enum { BYTES_PER_DATAGRAM = 32, DATAGRAMS_AT_LEAST = 16 };

void udp_queue_init(struct udp_queue *q, uint32_t limit)
{
	memset(q, 0, sizeof(*q));
	q->last = &q->first;
	q->limit = limit;
}

static void drop_first(struct udp_queue *q, struct memory *m)
{
	struct udp_datagram *d = q->first;

	q->first = d->next;
	if (!q->first)
		q->last = &q->first;
	q->bytes -= d->len;
	q->count--;
	memory_buffer_put(m, d, d->order);
}

void udp_queue_deinit(struct udp_queue *q, struct memory *m)
{
	while (q->first)
		drop_first(q, m);
}

static unsigned order_for(size_t bytes)
{
	unsigned order = MEMORY_MIN_CLASS;

	while ((size_t)1 << order < bytes)
		order++;
	return order;
}

enum udp_put udp_queue_put(struct udp_queue *q, struct memory *m, const struct weir_endpoint *from,
                           const struct weir_slice *slice, unsigned n, uint32_t len)
{
	struct udp_datagram *d;
	unsigned order;
	uint8_t *at;

	if (q->bytes > q->limit || len > q->limit - q->bytes ||
	    q->count >= q->limit / BYTES_PER_DATAGRAM + DATAGRAMS_AT_LEAST) {
		q->dropped++;
		return UDP_FULL;
	}
	order = order_for(sizeof(*d) + len);
	d = memory_buffer_get(m, order);
	if (!d) {
		q->dropped++;
		return UDP_NO_MEMORY;
	}
	d->next = NULL;
	d->from = *from;
	d->len = len;
	d->order = order;
	at = d->data;
	for (unsigned i = 0; i < n; i++) {
		if (slice[i].len)
			memcpy(at, slice[i].data, slice[i].len);
		at += slice[i].len;
	}
	*q->last = d;
	q->last = &d->next;
	q->bytes += len;
	q->count++;
	return UDP_QUEUED;
}

int64_t udp_queue_get(struct udp_queue *q, struct memory *m, void *buffer, size_t len, bool peek,
                      struct weir_endpoint *from)
{
	struct udp_datagram *d = q->first;
	int64_t real;
	size_t take;

	if (!d)
		return -WEIR_EAGAIN;
	real = d->len;
	take = len < d->len ? len : d->len;
	if (take)
		memcpy(buffer, d->data, take);
	if (from)
		*from = d->from;
	if (!peek) {
		q->delivered += take;
		drop_first(q, m);
	}
	return real;
}
