/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack's memory: the embedder's allocator with a count of what is held, and byte buffers in
 * power-of-two size classes with a bounded free list each, so that a ring that fills and empties again and
 * again does not reach the allocator.
 */
#ifndef WEIR_BASE_MEMORY_H
#define WEIR_BASE_MEMORY_H

#include <weir/stack.h>

enum { MEMORY_MIN_CLASS = 8, MEMORY_MAX_CLASS = 31, MEMORY_CLASSES = MEMORY_MAX_CLASS + 1 };

struct memory {
	struct weir_allocator allocator;
	size_t held_bytes;
	void *free_buffer[MEMORY_CLASSES]; /* linked through their first word */
	uint16_t free_count[MEMORY_CLASSES];
};

void memory_init(struct memory *m, const struct weir_allocator *allocator);
/* Gives the free lists back. */
void memory_deinit(struct memory *m);

/* NULL when there is none. Not zeroed. */
void *memory_alloc(struct memory *m, size_t bytes);
/* NULL when there is none. Zeroed. */
void *memory_alloc_zero(struct memory *m, size_t bytes);
void memory_free(struct memory *m, void *p, size_t bytes);

/* A buffer of 1 << order bytes, MEMORY_MIN_CLASS <= order <= MEMORY_MAX_CLASS. NULL when there is none. */
void *memory_buffer_get(struct memory *m, unsigned order);
void memory_buffer_put(struct memory *m, void *buffer, unsigned order);

#endif
