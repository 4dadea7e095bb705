/* SPDX-License-Identifier: Apache-2.0
 *
 * Which process has which end A open, and under which descriptor: read from /proc, as ss -p does, for the views.
 * Descriptors are passed on by fork, exec and messages without a word to the world, so this is the only answer that is
 * always right.
 */
#ifndef WEIR_WORLD_OWNERS_H
#define WEIR_WORLD_OWNERS_H

#include "world/world.h"

struct owner {
	uint32_t inode;
	pid_t pid;
	int fd;
};

/* Sorted by inode; of several processes that have one inode, the one that was started last. */
struct owners {
	struct owner *owner;
	size_t count;
};

/* Looks at the processes that have a control connection and, when `all`, at every other too. */
void owners_read(struct owners *owners, const struct world *world, bool all);
void owners_free(struct owners *owners);
const struct owner *owners_find(const struct owners *owners, uint32_t inode);

/* A process's name; false: it is gone. */
bool owners_name(pid_t pid, char *name, size_t room);

#endif
