/* SPDX-License-Identifier: Apache-2.0
 *
 * bind(), listen(), accept(). A listener's accept queue is its pair: accept() is a recvmsg() that receives a
 * descriptor, so blocking, time-outs, signals and several processes at one listener are the kernel's business.
 *
 * Left out: an accept() that finds no free descriptor returns EMFILE as on Linux, but the connection is lost
 * (Linux keeps it queued): the kernel cannot put a passed descriptor back.
 */
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

SHIM_EXPORT int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct world_request request = {.kind = WORLD_BIND};
	struct world_reply reply;
	struct world_name name;
	int error;

	if (!shim_identify(fd, &name))
		return shim_real()->bind(fd, addr, len);
	if (shim_is_refused(&name))
		return -1;
	error = shim_endpoint_from(addr, len, name.family, &request.end);
	if (error != 0)
		return shim_fail(error);
	request.id = name.id;
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	return reply.result == 0 ? 0 : shim_fail(-reply.result);
}

/* A listener never looks writable: the least send buffer, filled. */
static void make_unwritable(int fd)
{
	static const char zeros[4096];
	int least = 1;

	shim_real()->setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	while (syscall(SYS_sendto, fd, zeros, sizeof(zeros), MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) > 0)
		;
}

SHIM_EXPORT int listen(int fd, int backlog)
{
	struct world_request request = {.kind = WORLD_LISTEN, .number = backlog};
	struct world_reply reply;
	struct world_name name;
	int saved = errno;

	if (!shim_identify(fd, &name))
		return shim_real()->listen(fd, backlog);
	if (shim_is_refused(&name))
		return -1;
	request.id = name.id;
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	if (reply.result != 0)
		return shim_fail(-reply.result);
	if (reply.flags & WORLD_FIRST)
		make_unwritable(fd);
	errno = saved;
	return 0;
}

/* Receives one record and its descriptor. Returns the descriptor, or -1 with errno. */
static int receive_accepted(int fd, int flags, struct world_accepted *accepted)
{
	struct iovec iov = {.iov_base = accepted, .iov_len = sizeof(*accepted)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg;
	struct msghdr msg = {
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &cmsg, .msg_controllen = sizeof(cmsg.space)};
	ssize_t n = shim_real()->recvmsg(fd, &msg, flags & SOCK_CLOEXEC ? MSG_CMSG_CLOEXEC : 0);
	int accepted_fd;

	if (n < 0)
		return -1;
	if (n != (ssize_t)sizeof(*accepted)) /* shut down, or the world is gone */
		return shim_fail(EINVAL);
	if (CMSG_FIRSTHDR(&msg) == NULL || cmsg.header.cmsg_type != SCM_RIGHTS)
		return shim_fail(EMFILE);
	memcpy(&accepted_fd, CMSG_DATA(&cmsg.header), sizeof(accepted_fd));
	return accepted_fd;
}

static int accept_ours(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	struct world_accepted accepted;
	int saved = errno, fresh;

	if (addr != NULL && len == NULL)
		return shim_fail(EFAULT);
	fresh = receive_accepted(fd, flags, &accepted);
	if (fresh < 0)
		return -1;
	/* The lag byte tells the world that the connection has been taken, too. */
	syscall(SYS_sendto, fresh, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	if (flags & SOCK_NONBLOCK)
		fcntl(fresh, F_SETFL, O_RDWR | O_NONBLOCK);
	if (addr != NULL)
		shim_endpoint_to(&accepted.remote, (int)accepted.family, addr, len);
	errno = saved;
	return fresh;
}

SHIM_EXPORT int accept4(int fd, struct sockaddr *restrict addr, socklen_t *restrict len, int flags)
{
	struct world_name name;

	if (shim_identify_far_end(fd, &name) && name.kind == WORLD_END_LISTENING) {
		if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
			return shim_fail(EINVAL);
		return accept_ours(fd, addr, len, flags);
	}
	if (!shim_identify(fd, &name))
		return shim_real()->accept4(fd, addr, len, flags);
	return shim_is_refused(&name) ? -1 : shim_fail(EINVAL);
}

SHIM_EXPORT int accept(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	struct world_name name;

	if (shim_identify_far_end(fd, &name) && name.kind == WORLD_END_LISTENING)
		return accept_ours(fd, addr, len, 0);
	if (!shim_identify(fd, &name))
		return shim_real()->accept(fd, addr, len);
	return shim_is_refused(&name) ? -1 : shim_fail(EINVAL);
}
