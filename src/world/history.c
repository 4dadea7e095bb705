/* SPDX-License-Identifier: Apache-2.0
 *
 * Write boundaries. A stream's history begins with its first write and outlives the stream: the socket it tells about
 * does, too. Of those, the world keeps a bounded number; the oldest goes first.
 */
#include "world/history.h"

#include "world/stream.h"

#include <stdlib.h>

void history_note(struct stream *s, uint64_t bytes)
{
	struct history *h = s->history;
	uint64_t before;

	if (h == NULL) {
		h = calloc(1, sizeof(*h));
		if (h == NULL)
			return;
		h->host = s->host;
		h->socket_id = weir_socket_id(s->sock);
		h->exact = s->exact;
		list_init(&h->node);
		s->history = h;
	}
	before = h->count > 0 ? h->end[(h->count - 1) % HISTORY_WRITES] : 0;
	h->end[h->count++ % HISTORY_WRITES] = before + bytes;
}

void history_extend(struct stream *s, int64_t bytes)
{
	struct history *h = s->history;
	uint64_t *end, before;

	if (h == NULL || h->count == 0)
		return;
	end = &h->end[(h->count - 1) % HISTORY_WRITES];
	before = h->count > 1 ? h->end[(h->count - 2) % HISTORY_WRITES] : 0;
	*end += (uint64_t)bytes;
	if (*end < before) /* more was given back than the last write had */
		*end = before;
}

static void drop(struct world *world, struct history *h)
{
	list_remove(&h->node);
	world->orphan_count--;
	free(h);
}

void history_orphan(struct stream *s)
{
	struct world *world = s->host->world;

	if (s->history == NULL)
		return;
	list_push_back(&world->orphans, &s->history->node);
	s->history = NULL;
	if (++world->orphan_count > WORLD_ORPHANS)
		drop(world, weir_container(list_first(&world->orphans), struct history, node));
}

void history_free_all(struct world *world)
{
	while (!list_empty(&world->orphans))
		drop(world, weir_container(list_first(&world->orphans), struct history, node));
}

const struct history *history_of(struct world *world, const struct world_host *host, uint64_t socket_id,
                                 const struct stream *s)
{
	if (s != NULL)
		return s->history;
	list_each (node, &world->orphans) {
		struct history *h = weir_container(node, struct history, node);

		if (h->host == host && h->socket_id == socket_id)
			return h;
	}
	return NULL;
}

uint64_t history_find(const struct history *history, uint64_t offset, uint64_t *end)
{
	uint64_t first = history->count > HISTORY_WRITES ? history->count - HISTORY_WRITES + 1 : 1;

	/* A write that has been overwritten in the ring ended where the first kept one begins: not known for the first.
	 */
	for (uint64_t n = first; n <= history->count; n++) {
		*end = history->end[(n - 1) % HISTORY_WRITES];
		if (offset < *end)
			return n > first || first == 1 ? n : 0;
	}
	*end = UINT64_MAX;
	return 0;
}
