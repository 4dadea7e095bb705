/* SPDX-License-Identifier: Apache-2.0
 *
 * A FIFO of bytes with a hard bound, exact to the byte from 1 up: SendQ and RecvQ. Positions are
 * counted from the start of the stream in 64 bits and never wrap in practice. Memory comes from struct memory when
 * the first byte arrives, grows by doubling up to the bound, and is given back when the ring is empty: an
 * idle socket holds none.
 *
 * Beyond the tail, bytes may be placed ahead of their turn (out-of-order segments): ring_place()
 * writes at tail + offset without moving the tail; ring_advance() later makes them part of the FIFO.
 * Whoever places bytes ahead must tell ring_trim() not to let go (keep_ahead).
 *
 * Invariants: head <= tail; tail - head <= limit unless the limit was lowered meanwhile;
 * memory is 1 << order bytes, or NULL.
 */
#ifndef WEIR_BASE_RING_H
#define WEIR_BASE_RING_H

#include "base/memory.h"

struct ring {
	uint8_t *buffer; /* NULL = none held */
	uint64_t head;   /* position of the oldest byte in it */
	uint64_t tail;   /* position behind the newest */
	uint32_t limit;  /* bound, bytes */
	uint8_t order;   /* buffer is 1 << order bytes */
	uint8_t hint;    /* order to start with, from what was needed lately */
	uint8_t peak;    /* order that would have done since the buffer was taken */
};

void ring_init(struct ring *r, uint32_t limit);
void ring_deinit(struct ring *r, struct memory *m);

static inline uint32_t ring_used(const struct ring *r)
{
	return (uint32_t)(r->tail - r->head);
}

/* Room under the bound; 0 when the bound was lowered below what is used. */
static inline uint32_t ring_room(const struct ring *r)
{
	uint32_t used = ring_used(r);

	return used < r->limit ? r->limit - used : 0;
}

/* Takes at most ring_room() bytes of the vector, from its start. Returns the bytes taken; fewer than the room
 * only when memory ran out. */
size_t ring_write(struct ring *r, struct memory *m, const struct weir_slice *vec, size_t n);

/* Up to two pieces of free memory behind the tail, at most want and ring_room() bytes. Returns their sum. */
size_t ring_reserve(struct ring *r, struct memory *m, size_t want, struct weir_mut_slice piece[2]);

/* Writes a slice at tail + offset. All of it must be within the limit (asserted). false: no memory, nothing written. */
bool ring_place(struct ring *r, struct memory *m, uint32_t offset, const uint8_t *data, size_t len);

/* Bytes behind the tail (placed or reserved) become part of the FIFO. */
static inline void ring_advance(struct ring *r, size_t len)
{
	r->tail += len;
}

/* The bytes at head + offset, len of them, as one or two slices. Returns how many slices. offset + len <= used. */
unsigned ring_slices(const struct ring *r, uint32_t offset, uint32_t len, struct weir_slice piece[2]);

/* Copies out of the FIFO at head + offset without taking anything off. */
void ring_copy_out(const struct ring *r, uint32_t offset, void *to, size_t len);

/* Takes len bytes off the head. len <= used. */
static inline void ring_consume(struct ring *r, size_t len)
{
	r->head += len;
}

/* Gives the memory back when the FIFO is empty and nothing was placed ahead. Call when a round of work is done: the
 * size it will be taken with again follows what the rounds needed. */
void ring_trim(struct ring *r, struct memory *m, bool keep_ahead);

/* Forgets all bytes and gives the memory back. Positions stay. */
void ring_clear(struct ring *r, struct memory *m);

#endif
