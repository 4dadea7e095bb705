/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a connection's queues, by write.
 */
#ifndef WEIR_CLI_QUEUES_H
#define WEIR_CLI_QUEUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct queues_piece {
	uint64_t write, bytes;
};

struct queues_queue {
	const char *name, *host;
	uint64_t bytes;
	struct queues_piece *pieces;
	size_t count;
	bool exact;
};

struct queues_view {
	uint64_t written;
	bool exact, has_peer;
	struct queues_piece *writes;
	struct queues_queue *queues;
	size_t write_count, queue_count;
};

/* Reads the stack's reply, whose texts the view borrows. False when it is not what it should be, or memory is out. */
bool queues_read(struct queues_view *view, const json_t *reply);
void queues_free(struct queues_view *view);

/* Draws it in at most about 120 columns. */
void queues_draw(const struct queues_view *view, bool ascii, FILE *out);

#endif
