/* SPDX-License-Identifier: Apache-2.0
 *
 * Listeners. Completed connections are handed to the program as records in the listener's pair. A few wait there, the
 * rest in the stack's accept list; together they are never more than backlog + 1, as Linux counts. (With backlog 0 they
 * may be two: one must be in the pair for the listener to be readable, and one the stack always admits.)
 */
#include "world/stream.h"

#include <weir/error.h>

#include <errno.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAIR_PLACES_MAX = 64 };

int listener_start(struct stream *s, int backlog, struct world_reply *reply)
{
	unsigned max = s->host->plan->config.max_backlog,
	         wanted = backlog < 0 || (unsigned)backlog > max ? max : (unsigned)backlog;
	unsigned places = wanted / 2 < 1 ? 1 : wanted / 2 > PAIR_PLACES_MAX ? PAIR_PLACES_MAX : wanted / 2;
	int error;

	if (s->stopped) /* the pair's receiving side is shut down for good */
		return -WEIR_EINVAL;
	error = weir_listen(s->sock, wanted > places ? (int)(wanted - places) : 0);
	if (error != 0)
		return error;
	s->backlog = (int)wanted;
	s->pair_places = places;
	if (!s->listening) {
		s->listening = true;
		reply->flags = WORLD_FIRST;
		stream_name_far_end(s, WORLD_END_LISTENING);
	}
	stream_queue(s);
	return 0;
}

static unsigned held_bytes(const struct stream *s)
{
	int held = 0;

	ioctl(s->source.fd, SIOCOUTQ, &held);
	return held > 0 ? (unsigned)held : 0;
}

/* Entries in the pair. The kernel tells how much memory they take; they are all of one size, measured with the first.
 */
static unsigned count_waiting(const struct stream *s)
{
	unsigned entry_bytes = s->host->world->entry_bytes;

	return entry_bytes > 0 ? held_bytes(s) / entry_bytes : 0;
}

static int name_accepted(const struct world *world, int fd, const struct world_accepted *record)
{
	struct world_name name = {.kind = WORLD_END_PROGRAM,
	                          .family = (uint8_t)record->family,
	                          .flags = WORLD_NAME_ADDRESSES,
	                          .id = record->id,
	                          .local = record->local,
	                          .remote = record->remote};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	memcpy(name.magic, WORLD_NAME_MAGIC, sizeof(name.magic));
	memcpy(name.world, world->number, sizeof(name.world));
	memcpy(addr.sun_path, &name, sizeof(name));
	return bind(fd, (struct sockaddr *)&addr, offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* Sends the record with A. 0, or errno. */
static int send_record(const struct stream *listener, const struct world_accepted *record, int a_fd)
{
	struct iovec iov = {(void *)(uintptr_t)record, sizeof(*record)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg = {0};

	cmsg.header.cmsg_level = SOL_SOCKET;
	cmsg.header.cmsg_type = SCM_RIGHTS;
	cmsg.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&cmsg.header), &a_fd, sizeof(a_fd));
	msg.msg_control = &cmsg;
	msg.msg_controllen = sizeof(cmsg.space);
	return sendmsg(listener->source.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(*record) ? 0 : errno;
}

/* Gives the record to the program. */
static bool send_measured(struct stream *listener, const struct world_accepted *record, int a_fd)
{
	struct world *world = listener->host->world;
	unsigned before = world->entry_bytes == 0 ? held_bytes(listener) : 0;
	bool ok = send_record(listener, record, a_fd) == 0;

	if (ok && world->entry_bytes == 0 && before == 0)
		world->entry_bytes = held_bytes(listener);
	return ok;
}

/* Takes a connection, if there is one, and hands A on. On failure the connection is reset. */
static bool accept_into(struct stream *listener, const int end[2])
{
	struct world *world = listener->host->world;
	struct world_accepted record = {.id = world->next_id++, .family = listener->family};
	struct weir_socket *sock;
	struct stream *s = NULL;

	if (weir_accept(listener->sock, &sock) != 0) {
		close(end[1]);
		return false;
	}
	weir_getsockname(sock, &record.local);
	weir_getpeername(sock, &record.remote);
	if (name_accepted(world, end[0], &record) == 0)
		s = stream_new(listener->host, record.id, listener->family, sock, end[1]);
	if (s == NULL) {
		weir_abort(sock);
		close(end[1]);
		return false;
	}
	s->pid = listener->pid;
	s->exact = listener->exact;
	s->connected = s->room = s->net_ready = true;
	options_inherit(s, listener, end[0]);
	if (!send_measured(listener, &record, end[0])) {
		stream_close(s, true);
		return false;
	}
	stream_queue(s);
	return true;
}

/* False when there is no descriptor or no memory: the connection then stays in the stack's accept list. */
static bool hand_on(struct stream *listener)
{
	int end[2], sndbuf = WORLD_PAIR_SNDBUF;
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0)
		return false;
	setsockopt(end[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	ok = accept_into(listener, end);
	close(end[0]);
	return ok;
}

static void wait_for_place(struct stream *s)
{
	if (!s->watch_out && world_rewatch(s->host->world, &s->source, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
		s->watch_out = true;
}

static void stop_waiting(struct stream *s)
{
	if (s->watch_out && world_rewatch(s->host->world, &s->source, EPOLLIN | EPOLLRDHUP | EPOLLET))
		s->watch_out = false;
}

void listener_push(struct stream *s)
{
	unsigned waiting = count_waiting(s);

	while (weir_poll(s->sock) & WEIR_IN) {
		if (waiting++ >= s->pair_places) {
			wait_for_place(s);
			return;
		}
		if (!hand_on(s))
			return;
	}
	stop_waiting(s);
}

void listener_stop(struct stream *s)
{
	if (s->stopped)
		return;
	s->stopped = true;
	weir_shutdown(s->sock, WEIR_SHUT_RD);
}
