/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a stream: birth, events, end. What moves its bytes is in transfer.c.
 *
 * Theory of operation. D is watched edge-triggered, and for EPOLLOUT only while something waits to be delivered: else
 *every read of the program would wake the daemon. Four flags say where a try can succeed (in_ready, room, out_ready,
 *net_ready); a try that fails takes its flag back, an event sets it.
 *
 *	D readable, SendQ has room		stream_take
 *	RecvQ has bytes, D writable		stream_deliver
 *	D: end of stream (RDHUP)		weir_shutdown(WR), once D's queue has been taken
 *	D: hung up (HUP)			take what is left, then weir_close
 *	D: error (ERR)				the program closed with unread bytes: RST
 */
#include "world/stream.h"
#include "world/history.h"

#include <weir/error.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static uint32_t hash_id(const struct world *world, uint64_t id)
{
	return (uint32_t)siphash13(&world->key, &id, sizeof(id));
}

static bool has_id(const struct hash_node *node, const void *key)
{
	return weir_container((struct hash_node *)(uintptr_t)node, struct stream, node)->id == *(const uint64_t *)key;
}

struct stream *stream_find(struct world *world, uint64_t id)
{
	struct hash_node *node = hashtab_find(&world->streams, hash_id(world, id), has_id, &id);

	return node == NULL ? NULL : weir_container(node, struct stream, node);
}

static void stream_free(struct source *source)
{
	free(weir_container(source, struct stream, source));
}

static void stream_ready(struct source *source, uint32_t events)
{
	struct stream *s = weir_container(source, struct stream, source);

	if (events & EPOLLIN)
		s->in_ready = true;
	if (events & EPOLLOUT)
		s->out_ready = true;
	if (events & (EPOLLRDHUP | EPOLLHUP))
		s->ended = s->in_ready = true;
	if (events & EPOLLHUP)
		s->hung_up = true;
	if (events & EPOLLERR) { /* the program closed without having read everything */
		stream_close(s, !s->listening);
		return;
	}
	stream_queue(s);
}

struct stream *stream_new(struct world_host *host, uint64_t id, uint8_t family, struct weir_socket *take_sock,
                          int take_fd)
{
	struct world *world = host->world;
	struct stream *s = calloc(1, sizeof(*s));
	int sndbuf = WORLD_PAIR_SNDBUF;

	if (s == NULL)
		return NULL;
	*s = (struct stream){.source = {.fd = take_fd, .ready = stream_ready, .free = stream_free},
	                     .host = host,
	                     .sock = take_sock,
	                     .id = id,
	                     .family = family,
	                     .stale = 1,
	                     .out_ready = true};
	list_init(&s->work);
	list_init(&s->senders);
	setsockopt(take_fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	if (!world_watch(world, &s->source, EPOLLIN | EPOLLRDHUP | EPOLLET)) {
		free(s);
		return NULL;
	}
	hashtab_insert(&world->streams, &s->node, hash_id(world, id));
	list_push_back(&world->all_streams, &s->all);
	world->stream_count++;
	weir_socket_set_user(take_sock, s);
	return s;
}

void stream_queue(struct stream *s)
{
	if (!list_linked(&s->work))
		list_push_back(&s->host->world->work, &s->work);
}

void stream_wake(struct stream *s)
{
	s->room = s->net_ready = true;
	stream_queue(s);
}

/* Takes the stream apart; the socket is already given back. */
static void detach(struct stream *s)
{
	struct world *world = s->host->world;

	hashtab_remove(&world->streams, &s->node);
	list_remove(&s->all);
	world->stream_count--;
	if (list_linked(&s->work))
		list_remove(&s->work);
	history_orphan(s);
	options_free(s);
	world_close(world, &s->source);
	exact_dismiss(s); /* now their own calls see what happened */
}

void stream_close(struct stream *s, bool reset)
{
	weir_socket_set_user(s->sock, NULL);
	if (reset)
		weir_abort(s->sock);
	else
		weir_close(s->sock);
	detach(s);
}

void stream_fail(struct stream *s, int error)
{
	if (error != WEIR_ECONNRESET)
		world_note_error(s->host->world, s->id, error);
	/* After the peer's FIN a RST shows as the end of both directions, not as an error: D is closed empty. */
	if (error == WEIR_EPIPE && s->end_given) {
		while (recv(s->source.fd, s->host->world->scratch, WORLD_SCRATCH, MSG_DONTWAIT) > 0)
			;
	}
	stream_close(s, true);
}

/* The program has ended its sending direction and all it wrote is in SendQ. */
static void end_of_input(struct stream *s)
{
	if (s->hung_up) {
		exact_settle_all(s);
		/* Empty, or the program, if it is still there, would see an error in place of the end. */
		while (recv(s->source.fd, s->host->world->scratch, WORLD_SCRATCH, MSG_DONTWAIT) > 0)
			;
		stream_close(s, !s->seeded);
		return;
	}
	if (!s->end_told) {
		s->end_told = true;
		weir_shutdown(s->sock, WEIR_SHUT_WR);
	}
}

/* True when the connection has broken down while the program takes no bytes: its undelivered bytes are given up when it
 * may be stuck in write(), for only an error wakes it there. */
static bool must_break(struct stream *s)
{
	if (s->out_ready)
		return false;
	return s->error != 0 || (stream_hidden_out(s) > 0 && weir_poll(s->sock) & WEIR_ERR);
}

static void break_down(struct stream *s)
{
	int error = 0;
	uint32_t len = sizeof(error);

	weir_getsockopt(s->sock, SOL_SOCKET, SO_ERROR, &error, &len);
	stream_fail(s, s->error != 0 ? s->error : error != 0 ? error : WEIR_ECONNRESET);
}

static void work_connection(struct stream *s)
{
	if (s->exact && exact_settle(s))
		s->net_ready = true;
	while ((s->in_ready && s->room && stream_take(s)) || (s->net_ready && s->out_ready && stream_deliver(s))) {
		if (s->source.fd < 0)
			return;
	}
	if (s->source.fd < 0)
		return;
	if (s->hung_up && (s->deaf || options_resets(s))) /* bytes that nobody will read */
		stream_close(s, true);
	else if (s->ended && !s->in_ready)
		end_of_input(s);
	else if (must_break(s))
		break_down(s);
	else
		exact_serve(s);
}

void stream_work(struct stream *s)
{
	if (s->in_call) /* comes again when the call is over */
		return;
	if (s->listening) {
		if (s->hung_up)
			stream_close(s, false);
		else
			listener_push(s);
		return;
	}
	if (s->connecting)
		stream_check_connect(s);
	if (s->source.fd < 0)
		return;
	if (s->connected)
		work_connection(s);
	else if (s->hung_up)
		stream_close(s, false);
}

void stream_name_far_end(struct stream *s, enum world_name_kind kind)
{
	struct world_name name = {
	    .kind = (uint8_t)kind, .family = s->family, .flags = WORLD_NAME_ADDRESSES, .id = s->id};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	memcpy(name.magic, WORLD_NAME_MAGIC, sizeof(name.magic));
	memcpy(name.world, s->host->world->number, sizeof(name.world));
	weir_getsockname(s->sock, &name.local);
	if (kind == WORLD_END_CONNECTED)
		weir_getpeername(s->sock, &name.remote);
	memcpy(addr.sun_path, &name, sizeof(name));
	/* A name that cannot be given only costs round trips: the shim then asks. */
	if (bind(s->source.fd, (struct sockaddr *)&addr, offsetof(struct sockaddr_un, sun_path) + sizeof(name)) != 0)
		return;
}

uint32_t stream_hidden_out(const struct stream *s)
{
	int unread = 0;

	if (s->listening || !s->seeded || s->fill_asked || s->filled > 0 || ioctl(s->source.fd, FIONREAD, &unread) != 0)
		return 0; /* what fills A is no data */
	return (uint32_t)unread > s->stale ? (uint32_t)unread - s->stale : 0;
}
