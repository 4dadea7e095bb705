/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in its stream a socket's writes end: the last few of them, for weir queues. On the stream plane a "write" is
 * what the daemon took at once from the pair, which may be one write of the program, several, or a part: inferred. A
 * program that runs with exact queues says where its writes begin.
 */
#ifndef WEIR_WORLD_HISTORY_H
#define WEIR_WORLD_HISTORY_H

#include "world/world.h"

enum { HISTORY_WRITES = 64 };

struct history {
	struct list node; /* in world->orphans once the program has gone */
	const struct world_host *host;
	uint64_t socket_id;
	bool exact;                   /* the program told where writes begin */
	uint64_t count;               /* writes so far; write n (from 1) is in end[(n - 1) % HISTORY_WRITES] */
	uint64_t end[HISTORY_WRITES]; /* offset in the stream behind the write */
};

/* The number of the write that the byte at this offset belongs to, and the offset at which that write ends. 0 = a write
 * before those that are kept; *end is then where the first kept one begins. */
uint64_t history_find(const struct history *history, uint64_t offset, uint64_t *end);

#endif
