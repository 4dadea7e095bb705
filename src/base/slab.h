/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of one size, carved from chunks, with a free list. Chunks go back to the allocator when the
 * last object of a chunk is put back (one empty chunk is kept).
 */
#ifndef WEIR_BASE_SLAB_H
#define WEIR_BASE_SLAB_H

#include "base/list.h"
#include "base/memory.h"

struct slab {
	struct memory *memory;
	struct list partial; /* chunks with free objects */
	struct list full;
	uint32_t object_bytes; /* rounded up; with the name of its chunk a multiple of 16 */
	uint32_t used;         /* objects handed out */
	uint32_t empty_chunks;
};

void slab_init(struct slab *s, struct memory *m, size_t object_bytes);
/* Frees all chunks, objects in use included. */
void slab_deinit(struct slab *s);
/* Zeroed, aligned to 16; NULL when there is no memory. */
void *slab_get(struct slab *s);
void slab_put(struct slab *s, void *object);

#endif
