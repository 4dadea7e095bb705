/* SPDX-License-Identifier: Apache-2.0
 *
 * See heap.h. The stack asks for an alignment of 16.
 */
#include "plan/heap.h"

#include <stdlib.h>

static void *heap_alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return aligned_alloc(16, (bytes + 15) & ~(size_t)15);
}

static void heap_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

struct weir_allocator plan_heap(void)
{
	return (struct weir_allocator){.alloc = heap_alloc, .free = heap_free};
}
