/* SPDX-License-Identifier: Apache-2.0
 *
 * Always-on assertions about our own state. Never for what a peer, a program or an allocator can
 * cause. A failed one stops the program at once.
 */
#ifndef WEIR_BASE_ASSERT_H
#define WEIR_BASE_ASSERT_H

#include "base/likely.h"

#define weir_assert(condition)                                                                                         \
	do {                                                                                                           \
		if (unlikely(!(condition)))                                                                            \
			__builtin_trap();                                                                              \
	} while (0)

#define weir_container(pointer, type, member) ((type *)((char *)(pointer) - __builtin_offsetof(type, member)))

/* The same where the member is const, and so the whole. */
#define weir_container_const(pointer, type, member)                                                                    \
	((const type *)((const char *)(pointer) - __builtin_offsetof(type, member)))

#endif
