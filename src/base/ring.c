/* SPDX-License-Identifier: Apache-2.0
 *
 * See ring.h. The byte at position p lies at buffer[p & (size - 1)].
 */
#include "base/ring.h"

#include "base/assert.h"

#include <string.h>

static size_t ring_size(const struct ring *r)
{
	return r->buffer ? (size_t)1 << r->order : 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static unsigned order_for(size_t bytes)
{
	unsigned order = MEMORY_MIN_CLASS;

	while (((size_t)1 << order) < bytes)
		order++;
	return order;
}

void ring_init(struct ring *r, uint32_t limit)
{
	memset(r, 0, sizeof(*r));
	r->limit = limit;
	r->hint = MEMORY_MIN_CLASS;
}

void ring_deinit(struct ring *r, struct memory *m)
{
	if (r->buffer)
		memory_buffer_put(m, r->buffer, r->order);
	r->buffer = NULL;
}

/* Copies len bytes at position into the buffer. */
static void put(struct ring *r, uint64_t position, const uint8_t *data, size_t len)
{
	size_t size = ring_size(r), at = (size_t)position & (size - 1), first = smaller(len, size - at);

	memcpy(r->buffer + at, data, first);
	if (len > first)
		memcpy(r->buffer, data + first, len - first);
}

/* Makes room for `extent` bytes from the head on. What lies behind the tail moves too. */
static bool hold(struct ring *r, struct memory *m, size_t extent)
{
	unsigned order;
	struct ring grown = *r;

	if (extent <= ring_size(r))
		return true;
	order = order_for(extent);
	if (!r->buffer && r->hint > order)
		order = r->hint;
	if (r->buffer && order < r->order + 1u)
		order = r->order + 1u;
	if (order > order_for(r->limit) && order_for(r->limit) >= order_for(extent))
		order = order_for(r->limit);
	if (order > MEMORY_MAX_CLASS)
		return false;
	grown.buffer = memory_buffer_get(m, order);
	if (!grown.buffer)
		return false;
	grown.order = (uint8_t)order;
	if (r->buffer) {
		size_t size = ring_size(r), at = (size_t)r->head & (size - 1);

		put(&grown, r->head, r->buffer + at, size - at);
		put(&grown, r->head + (size - at), r->buffer, at);
		memory_buffer_put(m, r->buffer, r->order);
	}
	*r = grown;
	return true;
}

size_t ring_write(struct ring *r, struct memory *m, const struct weir_slice *vec, size_t n)
{
	size_t room = ring_room(r), wanted = 0, done = 0;

	for (size_t i = 0; i < n && wanted < room; i++)
		wanted += vec[i].len;
	wanted = smaller(wanted, room);
	if (wanted == 0 || !hold(r, m, ring_used(r) + wanted))
		return 0;
	for (size_t i = 0; i < n && done < wanted; i++) {
		size_t len = smaller(vec[i].len, wanted - done);

		put(r, r->tail, vec[i].data, len);
		r->tail += len;
		done += len;
	}
	return done;
}

size_t ring_reserve(struct ring *r, struct memory *m, size_t want, struct weir_mut_slice piece[2])
{
	size_t len = smaller(want, ring_room(r)), at, first;

	piece[0].len = piece[1].len = 0;
	piece[0].data = piece[1].data = NULL;
	if (len == 0 || !hold(r, m, ring_used(r) + len))
		return 0;
	at = (size_t)r->tail & (ring_size(r) - 1);
	first = smaller(len, ring_size(r) - at);
	piece[0] = (struct weir_mut_slice){r->buffer + at, first};
	piece[1] = (struct weir_mut_slice){r->buffer, len - first};
	return len;
}

bool ring_place(struct ring *r, struct memory *m, uint32_t offset, const uint8_t *data, size_t len)
{
	size_t extent = ring_used(r) + offset + len;

	weir_assert(extent <= r->limit);
	if (len == 0)
		return true;
	if (!hold(r, m, extent))
		return false;
	put(r, r->tail + offset, data, len);
	return true;
}

unsigned ring_slices(const struct ring *r, uint32_t offset, uint32_t len, struct weir_slice piece[2])
{
	size_t at, first;

	weir_assert((uint64_t)offset + len <= ring_used(r));
	if (len == 0)
		return 0;
	at = (size_t)(r->head + offset) & (ring_size(r) - 1);
	first = smaller(len, ring_size(r) - at);
	piece[0] = (struct weir_slice){r->buffer + at, first};
	if (first == len)
		return 1;
	piece[1] = (struct weir_slice){r->buffer, len - first};
	return 2;
}

void ring_copy_out(const struct ring *r, uint32_t offset, void *to, size_t len)
{
	struct weir_slice piece[2];
	unsigned n = ring_slices(r, offset, (uint32_t)len, piece);
	uint8_t *out = to;

	for (unsigned i = 0; i < n; i++) {
		memcpy(out, piece[i].data, piece[i].len);
		out += piece[i].len;
	}
}

void ring_trim(struct ring *r, struct memory *m, bool keep_ahead)
{
	if (!r->buffer || r->tail != r->head || keep_ahead)
		return;
	/* What was needed lately is what will be needed; a size that was not asked for again fades. */
	if (r->order > r->hint)
		r->hint = r->order;
	memory_buffer_put(m, r->buffer, r->order);
	r->buffer = NULL;
}

void ring_clear(struct ring *r, struct memory *m)
{
	r->head = r->tail;
	ring_deinit(r, m);
}
