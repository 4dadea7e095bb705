/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of hosts that are built from a plan: the process's own heap.
 */
#ifndef WEIR_PLAN_HEAP_H
#define WEIR_PLAN_HEAP_H

#include <weir/stack.h>

struct weir_allocator plan_heap(void);

#endif
