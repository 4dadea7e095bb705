/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that carry data are native. These wrappers are about what rides along: addresses, which TCP ignores or leaves
 * empty where a Unix socket would not, and urgent data, which is refused.
 */
#include "shim/shim.h"

#include <errno.h>

ssize_t __recvfrom_chk(int fd, void *restrict buffer, size_t len, size_t room, int flags,
                       struct sockaddr *restrict addr, socklen_t *restrict addr_len);

/* True when a call on a stand-in must fail; errno is set. */
static bool is_refused(int fd)
{
	struct world_name name;

	return shim_identify(fd, &name) && shim_is_refused(&name);
}

static bool urgent_refused(int fd, int flags)
{
	if ((flags & MSG_OOB) == 0 || !shim_is_stream(fd))
		return false;
	shim_say(SHIM_ONCE_URGENT, "urgent data (MSG_OOB) is not offered yet; refused (EOPNOTSUPP)");
	errno = EOPNOTSUPP;
	return true;
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
	return urgent_refused(fd, flags) ? -1 : send_now(fd, buffer, len, flags);
}

SHIM_EXPORT ssize_t sendto(int fd, const void *buffer, size_t len, int flags, const struct sockaddr *addr,
                           socklen_t addr_len)
{
	if (urgent_refused(fd, flags))
		return -1;
	if (addr != NULL) {
		if (is_refused(fd))
			return -1;
		if (shim_is_stream(fd))
			return send_now(fd, buffer, len, flags);
		return shim_real()->sendto(fd, buffer, len, flags, addr, addr_len);
	}
	return send_now(fd, buffer, len, flags);
}

SHIM_EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr bare;

	if (urgent_refused(fd, flags))
		return -1;
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
	if (flags & MSG_OOB && shim_is_stream(fd))
		return shim_fail(EINVAL); /* none has been announced */
	return told(fd, shim_real()->recv(fd, buffer, len, flags), flags);
}

SHIM_EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t len, int flags, struct sockaddr *restrict addr,
                             socklen_t *restrict addr_len)
{
	ssize_t n;

	if ((addr == NULL && (flags & MSG_OOB) == 0) || !shim_is_stream(fd))
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
