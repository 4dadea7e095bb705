/* SPDX-License-Identifier: Apache-2.0
 *
 * See memory.h. A free buffer's first word links it to the next of its class.
 */
#include "base/memory.h"

#include "base/assert.h"

#include <string.h>

/* Kept in one class: the smaller of the two bounds, but one at least. */
enum { KEPT_BUFFERS = 64, KEPT_BYTES = 4 << 20 };

void memory_init(struct memory *m, const struct weir_allocator *allocator)
{
	memset(m, 0, sizeof(*m));
	m->allocator = *allocator;
}

void memory_deinit(struct memory *m)
{
	for (unsigned order = 0; order < MEMORY_CLASSES; order++) {
		while (m->free_buffer[order]) {
			void *buffer = m->free_buffer[order];

			memcpy(&m->free_buffer[order], buffer, sizeof(void *));
			m->free_count[order]--;
			memory_free(m, buffer, (size_t)1 << order);
		}
	}
}

void *memory_alloc(struct memory *m, size_t bytes)
{
	void *p = m->allocator.alloc(m->allocator.ctx, bytes);

	if (p)
		m->held_bytes += bytes;
	return p;
}

void *memory_alloc_zero(struct memory *m, size_t bytes)
{
	void *p = memory_alloc(m, bytes);

	if (p)
		memset(p, 0, bytes);
	return p;
}

void memory_free(struct memory *m, void *p, size_t bytes)
{
	if (!p)
		return;
	weir_assert(m->held_bytes >= bytes);
	m->held_bytes -= bytes;
	m->allocator.free(m->allocator.ctx, p, bytes);
}

void *memory_buffer_get(struct memory *m, unsigned order)
{
	void *buffer;

	weir_assert(order >= MEMORY_MIN_CLASS && order <= MEMORY_MAX_CLASS);
	buffer = m->free_buffer[order];
	if (unlikely(!buffer))
		return memory_alloc(m, (size_t)1 << order);
	memcpy(&m->free_buffer[order], buffer, sizeof(void *));
	m->free_count[order]--;
	return buffer;
}

void memory_buffer_put(struct memory *m, void *buffer, unsigned order)
{
	size_t bytes = (size_t)1 << order;

	weir_assert(order >= MEMORY_MIN_CLASS && order <= MEMORY_MAX_CLASS);
	if (m->free_count[order] > 0 &&
	    unlikely(m->free_count[order] >= KEPT_BUFFERS || (m->free_count[order] + 1u) * bytes > KEPT_BYTES)) {
		memory_free(m, buffer, bytes);
		return;
	}
	memcpy(buffer, &m->free_buffer[order], sizeof(void *));
	m->free_buffer[order] = buffer;
	m->free_count[order]++;
}
