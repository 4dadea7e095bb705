/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that runs on Weir: its control connection.
 */
#ifndef WEIR_WORLD_PROGRAM_H
#define WEIR_WORLD_PROGRAM_H

#include "world/world.h"

struct program {
	struct source source;
	struct list node; /* in world->programs */
	struct world *world;
	struct world_host *host; /* NULL until it has said hello */
	pid_t pid;
};

/* Answers one request; attached is a descriptor that came with it, or -1, and is taken. */
void program_answer(struct program *program, const struct world_request *request, int take_attached,
                    struct world_reply *reply);

#endif
