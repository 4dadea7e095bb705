/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that carry data are native. These wrappers are about what rides along: addresses, which TCP ignores or leaves
 * empty where a Unix socket would not, and urgent data on its way out: where it lies the world must be told. On its way
 * in it is a Unix socket's own.
 */
#include "shim/shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t len, size_t room, int flags,
                       struct sockaddr *restrict addr, socklen_t *restrict addr_len);

/* True when a call on a stand-in must fail; errno is set. */
static bool is_refused(int fd)
{
	struct world_name name;

	return shim_identify(fd, &name) && shim_is_refused(&name);
}

/* Tells the world about the next byte. */
static bool announce(uint64_t id, bool urgent)
{
	struct world_request request = {.kind = WORLD_URGENT, .id = id, .number = urgent};
	struct world_reply reply;
	int saved = errno;
	bool done = shim_ask(&request, &reply) && reply.result == 0;

	errno = saved;
	return done;
}

/* The last byte is urgent: the others first, then the world learns that one more comes, then that one. */
static ssize_t send_urgent(int fd, const struct world_name *name, const char *bytes, size_t len, int flags)
{
	ssize_t before = 0;
	bool announced;

	if (shim_is_exact()) {
		shim_say(SHIM_ONCE_URGENT, "urgent data (MSG_OOB) is not offered with --exact; refused (EOPNOTSUPP)");
		return shim_fail(EOPNOTSUPP);
	}
	flags &= ~MSG_OOB;
	if (len == 0)
		return shim_real()->send(fd, bytes, 0, flags);
	if (len > 1) {
		before = shim_real()->send(fd, bytes, len - 1, flags);
		if (before != (ssize_t)len - 1)
			return before;
	}
	announced = announce(name->id, true);
	if (shim_real()->send(fd, bytes + len - 1, 1, flags) == 1)
		return (ssize_t)len;
	if (announced)
		announce(name->id, false);
	return before > 0 ? before : -1;
}

static bool is_urgent(int fd, int flags, struct world_name *name)
{
	return (flags & MSG_OOB) != 0 && shim_identify(fd, name) && name->kind == WORLD_END_PROGRAM;
}

static ssize_t send_now(int fd, const void *buffer, size_t len, int flags)
{
	struct iovec iov = {(void *)(uintptr_t)buffer, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	return shim_is_exact() ? shim_send(fd, &msg, flags) : shim_real()->send(fd, buffer, len, flags);
}

/* What a program with exact queues has read is told to the world. */
static ssize_t told(int fd, ssize_t n, int flags)
{
	if (shim_is_exact() && (flags & MSG_PEEK) == 0)
		shim_has_read(fd, n);
	return n;
}

SHIM_EXPORT ssize_t send(int fd, const void *buffer, size_t len, int flags)
{
	struct world_name name;

	if (is_urgent(fd, flags, &name))
		return send_urgent(fd, &name, buffer, len, flags);
	return send_now(fd, buffer, len, flags);
}

SHIM_EXPORT ssize_t sendto(int fd, const void *buffer, size_t len, int flags, const struct sockaddr *addr,
                           socklen_t addr_len)
{
	struct world_name name;

	if (is_urgent(fd, flags, &name))
		return send_urgent(fd, &name, buffer, len, flags);
	if (addr != NULL) {
		if (is_refused(fd))
			return -1;
		if (shim_is_stream(fd))
			return send_now(fd, buffer, len, flags);
		return shim_real()->sendto(fd, buffer, len, flags, addr, addr_len);
	}
	return send_now(fd, buffer, len, flags);
}

/* In pieces: joined. */
static ssize_t send_urgent_message(int fd, const struct world_name *name, const struct msghdr *msg, int flags)
{
	size_t len = 0, at = 0;
	ssize_t sent;
	char *whole;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		len += msg->msg_iov[i].iov_len;
	whole = malloc(len + 1);
	if (whole == NULL)
		return shim_fail(ENOBUFS);
	for (size_t i = 0; i < msg->msg_iovlen; at += msg->msg_iov[i++].iov_len)
		if (msg->msg_iov[i].iov_len > 0)
			memcpy(whole + at, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
	sent = send_urgent(fd, name, whole, len, flags);
	free(whole);
	return sent;
}

SHIM_EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct world_name name;
	struct msghdr bare;

	if (is_urgent(fd, flags, &name))
		return send_urgent_message(fd, &name, msg, flags);
	if (msg->msg_name != NULL) {
		if (is_refused(fd))
			return -1;
		if (shim_is_stream(fd)) {
			bare = *msg;
			bare.msg_name = NULL;
			bare.msg_namelen = 0;
			msg = &bare;
		}
	}
	return shim_is_exact() ? shim_send(fd, msg, flags) : shim_real()->sendmsg(fd, msg, flags);
}

SHIM_EXPORT ssize_t recv(int fd, void *buffer, size_t len, int flags)
{
	return told(fd, shim_real()->recv(fd, buffer, len, flags), flags);
}

SHIM_EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t len, int flags, struct sockaddr *restrict addr,
                             socklen_t *restrict addr_len)
{
	ssize_t n;

	if (addr == NULL || !shim_is_stream(fd))
		return told(fd, shim_real()->recvfrom(fd, buffer, len, flags, addr, addr_len), flags);
	n = recv(fd, buffer, len, flags);
	if (n >= 0 && addr_len != NULL)
		*addr_len = 0;
	return n;
}

SHIM_EXPORT ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t len, size_t room, int flags,
                                   struct sockaddr *restrict addr, socklen_t *restrict addr_len)
{
	if (len > room)
		__builtin_trap();
	return recvfrom(fd, buffer, len, flags, addr, addr_len);
}

SHIM_EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	bool named = msg->msg_name != NULL && shim_is_stream(fd);
	ssize_t n = shim_real()->recvmsg(fd, msg, flags);

	if (named && n >= 0)
		msg->msg_namelen = 0;
	return told(fd, n, flags);
}
