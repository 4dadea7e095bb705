/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a descriptor is: read from the abstract names that the kernel keeps with the sockets.
 */
#include "shim/shim.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static bool is_ours(const struct sockaddr_un *addr, socklen_t len, struct world_name *name)
{
	if (addr->sun_family != AF_UNIX || len != offsetof(struct sockaddr_un, sun_path) + sizeof(*name))
		return false;
	memcpy(name, addr->sun_path, sizeof(*name));
	return name->zero == 0 && memcmp(name->magic, WORLD_NAME_MAGIC, sizeof(name->magic)) == 0;
}

typedef int name_fn(int, struct sockaddr *, socklen_t *);

static bool ask_kernel(name_fn *ask, int fd, struct world_name *name)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int saved = errno;
	bool ok = ask(fd, (struct sockaddr *)&addr, &len) == 0;

	errno = saved;
	return ok && is_ours(&addr, len, name);
}

bool shim_identify(int fd, struct world_name *name)
{
	return ask_kernel(shim_real()->getsockname, fd, name) &&
	       (name->kind == WORLD_END_PROGRAM || name->kind == WORLD_END_REFUSED);
}

bool shim_identify_far_end(int fd, struct world_name *name)
{
	return ask_kernel(shim_real()->getpeername, fd, name) &&
	       (name->kind == WORLD_END_CONNECTED || name->kind == WORLD_END_LISTENING);
}

bool shim_is_over(int fd)
{
	struct pollfd poll_fd = {.fd = fd};
	int saved = errno;
	bool over = poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & POLLHUP) != 0;

	errno = saved;
	return over;
}

bool shim_is_refused(const struct world_name *name)
{
	if (name->kind != WORLD_END_REFUSED)
		return false;
	shim_say(SHIM_ONCE_UDP, "UDP for programs is not offered yet; this socket's calls are refused (EOPNOTSUPP)");
	errno = EOPNOTSUPP;
	return true;
}

bool shim_is_stream(int fd)
{
	struct world_name name;

	return shim_identify(fd, &name) && name.kind == WORLD_END_PROGRAM;
}

int shim_fail(int error)
{
	errno = error;
	return -1;
}
