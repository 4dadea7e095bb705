/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a turn in which things move: streams, links, readiness, until all is quiet. Bounded: no flow, however
 * fast, keeps the loop from hearing the others.
 */
#include "world/program.h"
#include "world/stream.h"

enum { SETTLE_ROUNDS = 4, LINK_BUDGET = 256, READY_BATCH = 64 };

void world_tell_time(struct world *world)
{
	world->now = clock_now(&world->clock);
	for (unsigned i = 0; i < world->hosts; i++)
		weir_stack_now(world->host[i].stack, world->now);
}

/* Each stream that is on the list now, once. */
static void work_streams(struct world *world)
{
	struct list batch;

	if (list_empty(&world->work))
		return;
	list_init(&batch);
	batch.next = world->work.next;
	batch.prev = world->work.prev;
	batch.next->prev = batch.prev->next = &batch;
	list_init(&world->work);
	while (!list_empty(&batch)) {
		struct stream *s = weir_container(list_first(&batch), struct stream, work);

		list_remove(&s->work);
		stream_work(s);
	}
}

static void wake_streams(struct world_host *host)
{
	struct weir_socket *sock[READY_BATCH];
	size_t n;

	while ((n = weir_ready(host->stack, sock, READY_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct stream *s = weir_socket_user(sock[i]);

			if (s != NULL)
				stream_wake(s);
		}
	}
}

bool world_settle(struct world *world)
{
	for (unsigned round = 0; round < SETTLE_ROUNDS; round++) {
		size_t moved = 0;

		world_tell_time(world);
		work_streams(world);
		for (unsigned i = 0; i < world->links; i++)
			moved += link_step(world->link[i].link, world->now, LINK_BUDGET);
		for (unsigned i = 0; i < world->hosts; i++)
			wake_streams(&world->host[i]);
		if (moved == 0 && list_empty(&world->work))
			return true;
	}
	return false;
}

void world_expire(struct world *world)
{
	for (unsigned i = 0; i < world->hosts; i++) {
		if (!weir_time_before(world->now, weir_deadline(world->host[i].stack)))
			weir_expire(world->host[i].stack, world->now);
	}
}

weir_time world_deadline(const struct world *world)
{
	weir_time at = linger_deadline(world);

	if (!list_empty(&world->work))
		return world->now;
	for (unsigned i = 0; i < world->hosts; i++)
		at = weir_time_min(at, weir_deadline(world->host[i].stack));
	for (unsigned i = 0; i < world->links; i++) {
		if (link_pending(world->link[i].link, world->now))
			return world->now;
		at = weir_time_min(at, link_deadline(world->link[i].link));
	}
	return at;
}
