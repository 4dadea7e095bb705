/* SPDX-License-Identifier: Apache-2.0
 *
 * See ring.h. The byte at position p lies at buffer[p & (size - 1)], so growing copies each byte to where its
 * position says, bytes ahead of the tail included.
 */
#include "base/ring.h"
#include "base/likely.h"

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

/* Of the smallest buffer that holds so many bytes; 32 when none does. */
static unsigned order_for(size_t bytes)
{
	unsigned order = MEMORY_MIN_CLASS;

	if (bytes > (size_t)1 << MEMORY_MIN_CLASS)
		order = 64 - (unsigned)__builtin_clzll((unsigned long long)bytes - 1);
	return order <= MEMORY_MAX_CLASS ? order : MEMORY_MAX_CLASS + 1;
}

void ring_init(struct ring *r, uint32_t limit)
{
	memset(r, 0, sizeof(*r));
	r->limit = limit;
	r->hint = r->peak = MEMORY_MIN_CLASS;
}

void ring_deinit(struct ring *r, struct memory *m)
{
	if (r->buffer)
		memory_buffer_put(m, r->buffer, r->order);
	r->buffer = NULL;
}

/* Copies len bytes to a position; they fit. */
static void put(struct ring *r, uint64_t position, const uint8_t *data, size_t len)
{
	size_t size = ring_size(r), at = (size_t)position & (size - 1), first = smaller(len, size - at);

	memcpy(r->buffer + at, data, first);
	if (unlikely(len > first))
		memcpy(r->buffer, data + first, len - first);
}

/* To a buffer of this order; what was in the old one stays at its positions. */
static bool move_to(struct ring *r, struct memory *m, unsigned order)
{
	struct ring old = *r;

	r->buffer = memory_buffer_get(m, order);
	if (unlikely(!r->buffer)) {
		r->buffer = old.buffer;
		return false;
	}
	r->order = (uint8_t)order;
	if (unlikely(old.buffer != NULL)) {
		size_t size = ring_size(&old), at = (size_t)old.head & (size - 1);

		put(r, old.head, old.buffer + at, size - at);
		put(r, old.head + (size - at), old.buffer, at);
		memory_buffer_put(m, old.buffer, old.order);
	}
	return true;
}

/* Makes room for `extent` bytes from the head on. false: no memory, nothing changed. */
static bool hold(struct ring *r, struct memory *m, size_t extent)
{
	unsigned need, most, order;

	if (extent <= (size_t)1 << r->peak && extent <= ring_size(r))
		return true;
	need = order_for(extent);
	if (unlikely(need > MEMORY_MAX_CLASS))
		return false;
	if (extent > ring_size(r)) {
		/* What was needed lately will be again, but never more than the limit can need. */
		most = order_for(r->limit);
		order = !r->buffer && r->hint > need ? (unsigned)smaller(r->hint, most) : need;
		if (order < need)
			order = need;
		if (!move_to(r, m, order) && (order == need || !move_to(r, m, need)))
			return false;
	}
	if (need > r->peak)
		r->peak = (uint8_t)need;
	return true;
}

/* As hold(), but when there is no memory, what the buffer in hand still has must do. Returns the bytes behind the tail
 * that can be written, at most want. */
static size_t hold_behind(struct ring *r, struct memory *m, size_t want)
{
	size_t used = ring_used(r), have;

	if (want == 0 || hold(r, m, used + want))
		return want;
	have = ring_size(r);
	return have > used ? smaller(want, have - used) : 0;
}

FAST_PATH size_t ring_write(struct ring *r, struct memory *m, const struct weir_slice *vec, size_t n)
{
	size_t room = ring_room(r), wanted = 0, done = 0;

	for (size_t i = 0; i < n && wanted < room; i++)
		wanted += smaller(vec[i].len, room - wanted);
	wanted = hold_behind(r, m, wanted);
	for (size_t i = 0; done < wanted; i++) {
		size_t len = smaller(vec[i].len, wanted - done);

		if (unlikely(len == 0))
			continue;
		put(r, r->tail, vec[i].data, len);
		r->tail += len;
		done += len;
	}
	return done;
}

size_t ring_reserve(struct ring *r, struct memory *m, size_t want, struct weir_mut_slice piece[2])
{
	size_t len = hold_behind(r, m, smaller(want, ring_room(r))), at, first;

	piece[0] = piece[1] = (struct weir_mut_slice){NULL, 0};
	if (len == 0)
		return 0;
	at = (size_t)r->tail & (ring_size(r) - 1);
	first = smaller(len, ring_size(r) - at);
	piece[0] = (struct weir_mut_slice){r->buffer + at, first};
	if (first < len)
		piece[1] = (struct weir_mut_slice){r->buffer, len - first};
	return len;
}

FAST_PATH bool ring_place(struct ring *r, struct memory *m, uint32_t offset, const uint8_t *data, size_t len)
{
	weir_assert(len <= r->limit && (uint64_t)ring_used(r) + offset + len <= r->limit);
	if (unlikely(len == 0))
		return true;
	if (unlikely(!hold(r, m, (size_t)ring_used(r) + offset + len)))
		return false;
	put(r, r->tail + offset, data, len);
	return true;
}

unsigned ring_slices(const struct ring *r, uint32_t offset, uint32_t len, struct weir_slice piece[2])
{
	size_t at, first;

	weir_assert((uint64_t)offset + len <= ring_used(r));
	if (unlikely(len == 0))
		return 0;
	at = (size_t)(r->head + offset) & (ring_size(r) - 1);
	first = smaller(len, ring_size(r) - at);
	piece[0] = (struct weir_slice){r->buffer + at, first};
	if (likely(first == len))
		return 1;
	piece[1] = (struct weir_slice){r->buffer, len - first};
	return 2;
}

FAST_PATH void ring_copy_out(const struct ring *r, uint32_t offset, void *to, size_t len)
{
	size_t at, first;

	weir_assert((uint64_t)offset + len <= ring_used(r));
	if (unlikely(len == 0))
		return;
	at = (size_t)(r->head + offset) & (ring_size(r) - 1);
	first = smaller(len, ring_size(r) - at);
	memcpy(to, r->buffer + at, first);
	if (unlikely(len > first))
		memcpy((uint8_t *)to + first, r->buffer, len - first);
}

/* The hint follows upwards at once and downwards by one class each time that less would have done. */
static void let_go(struct ring *r, struct memory *m)
{
	if (!r->buffer)
		return;
	if (r->peak > r->hint)
		r->hint = r->peak;
	else if (r->peak < r->hint)
		r->hint--;
	r->peak = MEMORY_MIN_CLASS;
	ring_deinit(r, m);
}

void ring_trim(struct ring *r, struct memory *m, bool keep_ahead)
{
	if (r->tail == r->head && !keep_ahead)
		let_go(r, m);
}

void ring_clear(struct ring *r, struct memory *m)
{
	r->head = r->tail;
	let_go(r, m);
}
