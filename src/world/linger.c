/* SPDX-License-Identifier: Apache-2.0
 *
 * close() with SO_LINGER {1,n} (T6.8): the program closes its descriptor and then asks here; the reply comes when the
 * other host's TCP has all bytes and has acknowledged our FIN, when the connection is gone otherwise, or when the time
 * is up (-EAGAIN). If others still have the descriptor nothing has been closed, and the reply comes at once.
 */
#include "world/program.h"
#include "world/stream.h"

#include <weir/error.h>

#include <poll.h>

/* l_linger is an int of seconds. */
#define LONGEST_NS ((int64_t)INT32_MAX * WEIR_NS_PER_S)

struct search {
	uint64_t socket;
	bool closing; /* there is such a socket, and its closing handshake is not done */
};

static bool look(void *ctx, const struct weir_socket_info *info)
{
	struct search *search = ctx;

	if (info->id != search->socket)
		return true;
	search->closing =
	    info->state != WEIR_TCP_FIN_WAIT_2 && info->state != WEIR_TCP_TIME_WAIT && info->state != WEIR_TCP_CLOSED;
	return false;
}

/* True while close() must go on waiting. */
static bool still_closing(const struct program *program)
{
	struct search search = {.socket = program->wait_socket};

	weir_sockets_each(program->host->stack, look, &search);
	return search.closing;
}

static bool others_have_it(struct world *world, uint64_t id)
{
	const struct stream *s = stream_find(world, id);
	struct pollfd d = {.fd = s != NULL ? s->source.fd : -1};

	return s != NULL && poll(&d, 1, 0) >= 0 && (d.revents & POLLHUP) == 0;
}

void linger_begin(struct program *program, const struct world_request *request, struct world_reply *reply)
{
	struct world *world = program->world;
	const struct stream *s = stream_find(world, request->id);

	if (request->linger.socket == 0) {
		reply->result = s != NULL && s->connected ? 0 : -WEIR_ENOTCONN;
		reply->socket = s != NULL ? weir_socket_id(s->sock) : 0;
		return;
	}
	if (request->linger.ns <= 0 || others_have_it(world, request->id))
		return;
	program->waits = PROGRAM_LINGERS;
	program->wait_id = request->id;
	program->wait_socket = request->linger.socket;
	program->wait_until = weir_time_add(
	    world->now, (weir_duration){request->linger.ns < LONGEST_NS ? request->linger.ns : LONGEST_NS});
	list_push_back(&world->lingerers, &program->wait_node);
}

static void give_up(struct program *program)
{
	struct world *world = program->world;

	world->lingered[world->next_lingered++ % WORLD_LINGERED] =
	    (struct world_lingered){program->host, program->wait_socket};
	program_reply(program, &(struct world_reply){.result = -WEIR_EAGAIN});
}

void linger_check(struct world *world)
{
	list_each_safe (node, &world->lingerers) {
		struct program *program = weir_container(node, struct program, wait_node);

		if (!still_closing(program))
			program_reply(program, &(struct world_reply){0});
		else if (!weir_time_before(world->now, program->wait_until))
			give_up(program);
	}
}

const char *linger_said(const struct world *world, const struct world_host *host, uint64_t socket)
{
	list_each (node, &world->lingerers) {
		const struct program *program = weir_container(node, struct program, wait_node);

		if (program->host == host && program->wait_socket == socket)
			return "waits";
	}
	for (unsigned i = 0; i < WORLD_LINGERED; i++) {
		if (world->lingered[i].host == host && world->lingered[i].socket == socket)
			return "time is up";
	}
	return NULL;
}

weir_time linger_deadline(const struct world *world)
{
	weir_time at = WEIR_NEVER;

	list_each (node, &world->lingerers) {
		at = weir_time_min(at, weir_container(node, struct program, wait_node)->wait_until);
	}
	return at;
}
