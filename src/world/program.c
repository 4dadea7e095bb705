/* SPDX-License-Identifier: Apache-2.0
 *
 * Control connections: requests come in, replies go out at once. A program that does not read its replies is cut off;
 * one that sends nonsense, too.
 */
#include "world/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS_A_TURN = 256 };

static void program_free(struct source *source)
{
	free(weir_container(source, struct program, source));
}

/* Nobody waits for the reply any more. */
static void stop_waiting(struct program *program)
{
	if (program->waits != PROGRAM_RUNS)
		list_remove(&program->wait_node);
	program->waits = PROGRAM_RUNS;
}

void program_reply(struct program *program, const struct world_reply *reply)
{
	stop_waiting(program);
	/* One that does not take it is cut off when its next request comes. */
	send(program->source.fd, reply, sizeof(*reply), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void close_program(struct program *program)
{
	stop_waiting(program);
	list_remove(&program->node);
	program->world->program_count--;
	world_close(program->world, &program->source);
}

/* The descriptor that came along, or -1; more than one is more than was asked for. */
static int attached_fd(struct msghdr *msg)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	}
	return fd;
}

/* Receives one request. false: nothing there, or the connection is to be closed (*over). */
static bool receive(struct program *program, struct world_request *request, int *attached, bool *over)
{
	struct iovec iov = {request, sizeof(*request)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg;
	struct msghdr msg = {
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &cmsg, .msg_controllen = sizeof(cmsg.space)};
	ssize_t n = recvmsg(program->source.fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*over = false;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	*attached = n > 0 ? attached_fd(&msg) : -1;
	if (n == (ssize_t)sizeof(*request) && (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		return true;
	if (*attached >= 0)
		close(*attached);
	*over = true;
	return false;
}

static void program_ready(struct source *source, uint32_t events)
{
	struct program *program = weir_container(source, struct program, source);
	struct world_request request;
	int attached = -1;
	bool over = false;

	(void)events;
	for (unsigned i = 0; i < REQUESTS_A_TURN && receive(program, &request, &attached, &over); i++) {
		struct world_reply reply = {0};

		stop_waiting(program);
		program_answer(program, &request, attached, &reply);
		if (request.flags & WORLD_POSTED || program->waits != PROGRAM_RUNS)
			continue;
		if (send(source->fd, &reply, sizeof(reply), MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof(reply)) {
			over = true;
			break;
		}
	}
	if (over)
		close_program(program);
}

void program_accept(struct world *world, int fd)
{
	struct program *program = world->program_count < WORLD_PROGRAMS_MAX ? calloc(1, sizeof(*program)) : NULL;
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	if (program == NULL) {
		close(fd);
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	*program = (struct program){
	    .source = {.fd = fd, .ready = program_ready, .free = program_free}, .world = world, .pid = peer.pid};
	if (!world_watch(world, &program->source, EPOLLIN)) {
		close(fd);
		free(program);
		return;
	}
	list_push_back(&world->programs, &program->node);
	world->program_count++;
}

void program_close_all(struct world *world)
{
	while (!list_empty(&world->programs))
		close_program(weir_container(list_first(&world->programs), struct program, node));
}
