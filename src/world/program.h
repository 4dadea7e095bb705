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
	bool exact; /* its sockets' queues are exact (exact.c) */

	/* A request whose reply must wait; what it waits for takes it off the list. */
	enum { PROGRAM_RUNS, PROGRAM_SENDS, PROGRAM_LINGERS } waits;
	struct list wait_node;
	uint64_t wait_bytes;           /* SENDS: of the write, not allowed yet */
	uint64_t wait_id, wait_socket; /* LINGERS: the stream's and the socket's number */
	weir_time wait_until;          /* LINGERS */
};

/* Answers one request; attached is a descriptor that came with it, or -1, and is taken. */
void program_answer(struct program *program, const struct world_request *request, int take_attached,
                    struct world_reply *reply);

/* Sends the reply that was waited for. */
void program_reply(struct program *program, const struct world_reply *reply);

/* linger.c: close() with SO_LINGER {1,n}. */

/* Answers, or lets the program wait. */
void linger_begin(struct program *program, const struct world_request *request, struct world_reply *reply);
/* Answers those whose wait is over. */
void linger_check(struct world *world);
/* For the views: "waits", "time is up", or NULL. */
const char *linger_said(const struct world *world, const struct world_host *host, uint64_t socket);
/* When the first wait is over at the latest. */
weir_time linger_deadline(const struct world *world);

#endif
