/* SPDX-License-Identifier: Apache-2.0
 *
 * See slab.h. The eight bytes before each object name its chunk; cells follow each other so that the objects,
 * not the names, are aligned. A free object's first word links it to the next free one of its chunk.
 */
#include "base/slab.h"

#include <string.h>

enum { ALIGNMENT = 16, NAME_BYTES = sizeof(void *), CHUNK_BYTES = 16384, CHUNK_MIN_OBJECTS = 8 };

struct chunk {
	struct list link;
	void *free; /* objects */
	uint32_t used;
	size_t bytes;
};

/* Where the first object lies in a chunk: behind the chunk and its own name, aligned. */
enum { FIRST_OBJECT = (sizeof(struct chunk) + NAME_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT };

_Static_assert(FIRST_OBJECT % ALIGNMENT == 0 && ALIGNMENT % NAME_BYTES == 0, "objects are aligned");

static struct chunk *chunk_of(const void *object)
{
	struct chunk *chunk;

	memcpy(&chunk, (const char *)object - NAME_BYTES, sizeof(chunk));
	return chunk;
}

static size_t stride(const struct slab *s)
{
	return NAME_BYTES + s->object_bytes;
}

void slab_init(struct slab *s, struct memory *m, size_t object_bytes)
{
	size_t bytes = (object_bytes + NAME_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	weir_assert(object_bytes > 0 && object_bytes < UINT32_MAX / CHUNK_MIN_OBJECTS - FIRST_OBJECT);
	s->memory = m;
	list_init(&s->partial);
	list_init(&s->full);
	s->object_bytes = (uint32_t)(bytes - NAME_BYTES);
	s->used = 0;
	s->empty_chunks = 0;
}

static void free_chunks(struct slab *s, struct list *head)
{
	struct list *node;

	while ((node = list_first(head)) != NULL) {
		struct chunk *chunk = weir_container(node, struct chunk, link);

		list_remove(node);
		memory_free(s->memory, chunk, chunk->bytes);
	}
}

void slab_deinit(struct slab *s)
{
	free_chunks(s, &s->partial);
	free_chunks(s, &s->full);
	s->used = s->empty_chunks = 0;
}

static void link_free(struct chunk *chunk, void *object)
{
	memcpy(object, &chunk->free, sizeof(chunk->free));
	chunk->free = object;
}

static struct chunk *new_chunk(struct slab *s)
{
	size_t objects = (CHUNK_BYTES - FIRST_OBJECT + NAME_BYTES) / stride(s), bytes;
	struct chunk *chunk;

	if (objects < CHUNK_MIN_OBJECTS)
		objects = CHUNK_MIN_OBJECTS;
	bytes = FIRST_OBJECT - NAME_BYTES + objects * stride(s);
	chunk = memory_alloc(s->memory, bytes);
	if (!chunk)
		return NULL;
	*chunk = (struct chunk){.bytes = bytes};
	while (objects-- > 0) {
		char *object = (char *)chunk + FIRST_OBJECT + objects * stride(s);

		memcpy(object - NAME_BYTES, &chunk, sizeof(chunk));
		link_free(chunk, object);
	}
	list_push_back(&s->partial, &chunk->link);
	s->empty_chunks++;
	return chunk;
}

void *slab_get(struct slab *s)
{
	struct list *node = list_first(&s->partial);
	struct chunk *chunk = node ? weir_container(node, struct chunk, link) : new_chunk(s);
	void *object;

	if (!chunk)
		return NULL;
	object = chunk->free;
	memcpy(&chunk->free, object, sizeof(chunk->free));
	if (chunk->used++ == 0)
		s->empty_chunks--;
	if (!chunk->free) {
		list_remove(&chunk->link);
		list_push_back(&s->full, &chunk->link);
	}
	s->used++;
	return memset(object, 0, s->object_bytes);
}

void slab_put(struct slab *s, void *object)
{
	struct chunk *chunk = chunk_of(object);

	weir_assert(chunk->used > 0 && s->used > 0);
	s->used--;
	chunk->used--;
	/* The emptiest go to the back, so that they are used last and become free. */
	if (!chunk->free) {
		list_remove(&chunk->link);
		list_push_front(&s->partial, &chunk->link);
	} else if (chunk->used == 0) {
		list_remove(&chunk->link);
		list_push_back(&s->partial, &chunk->link);
	}
	link_free(chunk, object);
	if (chunk->used > 0)
		return;
	if (s->empty_chunks == 0) {
		s->empty_chunks = 1;
		return;
	}
	list_remove(&chunk->link);
	memory_free(s->memory, chunk, chunk->bytes);
}
