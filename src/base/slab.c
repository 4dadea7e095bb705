/* SPDX-License-Identifier: Apache-2.0
 *
 * See slab.h. Each object has a header of 16 bytes (which keeps it aligned) that names its chunk.
 */
#include "base/slab.h"

#include <string.h>

enum { HEADER_BYTES = 16, CHUNK_BYTES = 32768, CHUNK_MIN_OBJECTS = 4 };

struct chunk {
	struct list link;
	void *free; /* list of free cells */
	uint32_t used, objects;
	size_t bytes;
	uint64_t pad; /* cells begin on a multiple of 16 */
};

struct cell {
	struct chunk *chunk;
	void *next; /* while free */
};

_Static_assert(sizeof(struct cell) <= HEADER_BYTES, "an object's header");
_Static_assert(sizeof(struct chunk) % 16 == 0, "alignment of cells");

static size_t cell_bytes(const struct slab *s)
{
	return HEADER_BYTES + s->object_bytes;
}

void slab_init(struct slab *s, struct memory *m, size_t object_bytes)
{
	s->memory = m;
	list_init(&s->partial);
	list_init(&s->full);
	s->object_bytes = (uint32_t)((object_bytes + 15) & ~(size_t)15);
	s->used = 0;
	s->empty_chunks = 0;
}

static void free_chunks(struct slab *s, struct list *head)
{
	list_each_safe(node, head) {
		struct chunk *chunk = weir_container(node, struct chunk, link);

		memory_free(s->memory, chunk, chunk->bytes);
	}
	list_init(head);
}

void slab_deinit(struct slab *s)
{
	free_chunks(s, &s->partial);
	free_chunks(s, &s->full);
	s->used = s->empty_chunks = 0;
}

static struct chunk *new_chunk(struct slab *s)
{
	size_t objects = (CHUNK_BYTES - sizeof(struct chunk)) / cell_bytes(s);
	struct chunk *chunk;
	char *at;

	if (objects < CHUNK_MIN_OBJECTS)
		objects = CHUNK_MIN_OBJECTS;
	chunk = memory_alloc(s->memory, sizeof(*chunk) + objects * cell_bytes(s));
	if (!chunk)
		return NULL;
	chunk->bytes = sizeof(*chunk) + objects * cell_bytes(s);
	chunk->used = 0;
	chunk->objects = (uint32_t)objects;
	chunk->free = NULL;
	at = (char *)chunk + chunk->bytes;
	while (objects-- > 0) {
		struct cell *cell;

		at -= cell_bytes(s);
		cell = (struct cell *)(void *)at;
		cell->chunk = chunk;
		cell->next = chunk->free;
		chunk->free = cell;
	}
	list_push_back(&s->partial, &chunk->link);
	s->empty_chunks++;
	return chunk;
}

void *slab_get(struct slab *s)
{
	struct list *node = list_first(&s->partial);
	struct chunk *chunk = node ? weir_container(node, struct chunk, link) : new_chunk(s);
	struct cell *cell;

	if (!chunk)
		return NULL;
	cell = chunk->free;
	chunk->free = cell->next;
	if (chunk->used++ == 0)
		s->empty_chunks--;
	if (!chunk->free) {
		list_remove(&chunk->link);
		list_push_back(&s->full, &chunk->link);
	}
	s->used++;
	return memset((char *)cell + HEADER_BYTES, 0, s->object_bytes);
}

void slab_put(struct slab *s, void *object)
{
	struct cell *cell = (struct cell *)(void *)((char *)object - HEADER_BYTES);
	struct chunk *chunk = cell->chunk;

	weir_assert(chunk->used > 0);
	if (!chunk->free) {
		list_remove(&chunk->link);
		list_push_front(&s->partial, &chunk->link);
	}
	cell->next = chunk->free;
	chunk->free = cell;
	s->used--;
	if (--chunk->used > 0)
		return;
	if (s->empty_chunks > 0) {
		list_remove(&chunk->link);
		memory_free(s->memory, chunk, chunk->bytes);
		return;
	}
	s->empty_chunks++;
}
