/* SPDX-License-Identifier: Apache-2.0
 *
 * Views: the world's state as JSON documents, one function a view. What is only inferred is marked so.
 */
#ifndef WEIR_WORLD_VIEWS_H
#define WEIR_WORLD_VIEWS_H

#include "world/hidden.h"
#include "world/owners.h"
#include "world/stream.h"

#include <jansson.h>

/* What a view looks up besides the stacks. */
struct view {
	struct world *world;
	struct hidden hidden;
	struct owners owners;
	bool hidden_known;
};

/* Answers a request: a new reference, never NULL unless memory is out. Sets world->stop when asked to. */
json_t *views_answer(struct world *world, const json_t *request);

json_t *views_error(int status, const char *what, const char *saw, const char *try);

/* The sockets of a program, in the pairs between it and Weir: bytes, and whether they are known. */
struct view_pair {
	uint64_t hidden_in, hidden_out;
	uint32_t inode; /* of A; 0 = not known */
	bool known;
	bool exact; /* its program runs with exact queues */
};

struct view_pair views_pair(const struct view *view, const struct stream *s);

/* sockets_view.c and queues_view.c */
json_t *sockets_view(const struct view *view, const char *host);
json_t *queues_view(const struct view *view, const char *host, uint64_t id);

#endif
