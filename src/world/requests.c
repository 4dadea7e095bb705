/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs ask of the world, one function a request. A socket is named by its number; numbers are hard to guess,
 * and whoever may connect here has the same user's rights anyway.
 */
#include "world/program.h"
#include "world/stream.h"

#include <weir/error.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void hello(struct program *program, const struct world_request *request, struct world_reply *reply)
{
	struct world *world = program->world;

	if (request->hello.version != WORLD_PROTOCOL) {
		reply->result = -WEIR_EPROTONOSUPPORT;
		return;
	}
	if (request->flags & WORLD_EXACT && !exact_possible(world)) {
		reply->result = -WEIR_EOPNOTSUPP;
		return;
	}
	program->exact = request->flags & WORLD_EXACT;
	if (memchr(request->hello.host, '\0', sizeof(request->hello.host)) != NULL)
		program->host = world_find_host(world, request->hello.host);
	reply->result = program->host != NULL ? 0 : -WEIR_ENOENT;
	memcpy(reply->world, world->number, sizeof(reply->world));
}

/* Only an end of a Unix stream pair will do. */
static bool is_pair_end(int fd)
{
	int domain = 0, type = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

/* A new socket behind D. What fails closes D, and with it the program's socket. */
static void create(struct program *program, const struct world_request *request, int take_d)
{
	enum weir_family family = request->family == AF_INET ? WEIR_INET : WEIR_INET6;
	struct weir_socket *sock;
	struct stream *s;

	if (take_d < 0)
		return;
	if (!is_pair_end(take_d) || stream_find(program->world, request->id) != NULL ||
	    weir_socket_new(program->host->stack, family, WEIR_STREAM, &sock) != 0) {
		close(take_d);
		return;
	}
	s = stream_new(program->host, request->id, (uint8_t)family, sock, take_d);
	if (s == NULL) {
		weir_abort(sock);
		close(take_d);
		return;
	}
	s->pid = program->pid;
	s->exact = program->exact;
	if (s->exact) /* a byte that leaves the queue out of its turn would not be counted; accepted sockets inherit it
	               */
		weir_setsockopt(sock, SOL_SOCKET, SO_OOBINLINE, &(int){1}, sizeof(int));
}

static void names(const struct stream *s, struct world_reply *reply)
{
	weir_getsockname(s->sock, &reply->names.local);
	if (!s->connecting && weir_getpeername(s->sock, &reply->names.remote) == 0)
		reply->flags = WORLD_CONNECTED;
}

static void shut_down(struct stream *s, int how, struct world_reply *reply)
{
	if (s->listening) {
		if (how != SHUT_WR)
			listener_stop(s);
	} else if (s->connecting && how != SHUT_RD)
		stream_close(s, true); /* calls the attempt off */
	else
		reply->result = -WEIR_ENOTCONN;
}

static void queues(const struct stream *s, struct world_reply *reply)
{
	struct weir_socket_info info;
	uint32_t hidden = stream_hidden_out(s);

	weir_socket_get_info(s->sock, &info);
	reply->queues.unacknowledged_bytes = info.sendq_bytes + hidden;
	reply->queues.unsent_bytes = info.sendq_unsent_bytes + hidden;
	reply->queues.readable_bytes = info.recvq_bytes;
}

static void resolve(struct program *program, const struct world_request *request, struct world_reply *reply)
{
	struct world_host *host = NULL;

	if (request->name[0] != '\0' && memchr(request->name, '\0', sizeof(request->name)) != NULL)
		host = world_find_host(program->world, request->name);
	if (host == NULL) {
		reply->result = -WEIR_ENOENT;
		return;
	}
	for (unsigned i = 0; i < host->interfaces; i++) {
		for (unsigned k = 0; k < host->interface[i].addrs && reply->resolve.count < WORLD_RESOLVE_ADDRS; k++)
			reply->resolve.addr[reply->resolve.count++] = host->interface[i].addr[k].addr;
	}
}

static void name_of(struct program *program, const struct world_request *request, struct world_reply *reply)
{
	const struct world_host *host = world_host_of(program->world, &request->end.addr);

	if (host == NULL)
		reply->result = -WEIR_ENOENT;
	else
		memcpy(reply->name, host->plan->name, sizeof(reply->name));
}

/* A socket that is gone: its error is still known; there is nothing else to tell. */
static void answer_for_gone(struct program *program, const struct world_request *request, struct world_reply *reply)
{
	int error;

	reply->result = -WEIR_EINVAL;
	if (request->kind != WORLD_GETSOCKOPT)
		return;
	memset(&reply->option, 0, sizeof(reply->option));
	reply->option.len =
	    request->option.len < sizeof(reply->option.value) ? request->option.len : sizeof(reply->option.value);
	if (request->option.level == SOL_SOCKET && request->option.name == SO_ERROR) {
		error = world_take_error(program->world, request->id);
		if (error == 0)
			return; /* then it is what the kernel says */
		reply->option.len = sizeof(error);
		memcpy(reply->option.value, &error, sizeof(error));
	}
	reply->result = 0;
}

static void answer_for_stream(struct program *program, struct stream *s, const struct world_request *request,
                              struct world_reply *reply)
{
	switch (request->kind) {
	case WORLD_BIND:
		reply->result = weir_bind(s->sock, &request->end);
		break;
	case WORLD_LISTEN:
		reply->result = listener_start(s, request->number, reply);
		break;
	case WORLD_CONNECT:
		stream_connect(s, &request->end, request->flags & WORLD_WAIT, reply);
		break;
	case WORLD_CANCEL:
		stream_cancel_wait(s, reply);
		break;
	case WORLD_FILLED:
		stream_filled(s, request->number);
		break;
	case WORLD_SETSOCKOPT:
		reply->result = options_set(s, &request->option);
		stream_queue(s);
		break;
	case WORLD_GETSOCKOPT:
		reply->result = options_get(s, &request->option, &reply->option);
		break;
	case WORLD_NAMES:
		names(s, reply);
		break;
	case WORLD_SHUTDOWN:
		shut_down(s, request->number, reply);
		break;
	case WORLD_SEND:
		exact_ask(s, program, request, reply);
		break;
	case WORLD_UNUSED:
		exact_give_back(s, request->bytes);
		break;
	case WORLD_READ:
		stream_queue(s);
		break;
	case WORLD_QUEUES:
		queues(s, reply);
		break;
	case WORLD_URGENT:
		reply->result = stream_mark_urgent(s, request->number != 0);
		break;
	default:
		reply->result = -WEIR_EINVAL;
	}
}

void program_answer(struct program *program, const struct world_request *request, int take_attached,
                    struct world_reply *reply)
{
	struct stream *s;

	if (program->host == NULL && request->kind != WORLD_HELLO) {
		reply->result = -WEIR_EPERM;
	} else if (request->kind == WORLD_NEW) {
		create(program, request, take_attached);
		return;
	} else if (request->kind == WORLD_HELLO) {
		hello(program, request, reply);
	} else if (request->kind == WORLD_RESOLVE) {
		resolve(program, request, reply);
	} else if (request->kind == WORLD_NAME_OF) {
		name_of(program, request, reply);
	} else if (request->kind == WORLD_LINGER) {
		linger_begin(program, request, reply);
	} else {
		s = stream_find(program->world, request->id);
		if (s == NULL)
			answer_for_gone(program, request, reply);
		else
			answer_for_stream(program, s, request, reply);
	}
	if (take_attached >= 0)
		close(take_attached);
}
