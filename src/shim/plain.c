/* SPDX-License-Identifier: Apache-2.0
 *
 * read(), write() and their vectors. Native, but for programs whose queues are to be exact (exact.c).
 */
#include "shim/shim.h"

#include <sys/uio.h>
#include <unistd.h>

ssize_t __read_chk(int fd, void *buffer, size_t len, size_t room);

SHIM_EXPORT ssize_t write(int fd, const void *buffer, size_t len)
{
	struct iovec iov = {(void *)(uintptr_t)buffer, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (!shim_is_exact() || !shim_is_stream(fd))
		return shim_real_files()->write(fd, buffer, len);
	return shim_send(fd, &msg, 0);
}

SHIM_EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = n > 0 ? (size_t)n : 0};

	if (!shim_is_exact() || n < 0 || !shim_is_stream(fd))
		return shim_real_files()->writev(fd, iov, n);
	return shim_send(fd, &msg, 0);
}

SHIM_EXPORT ssize_t read(int fd, void *buffer, size_t len)
{
	ssize_t n = shim_real_files()->read(fd, buffer, len);

	if (shim_is_exact())
		shim_has_read(fd, n);
	return n;
}

SHIM_EXPORT ssize_t __read_chk(int fd, void *buffer, size_t len, size_t room)
{
	if (len > room)
		__builtin_trap();
	return read(fd, buffer, len);
}

SHIM_EXPORT ssize_t readv(int fd, const struct iovec *iov, int n)
{
	ssize_t got = shim_real_files()->readv(fd, iov, n);

	if (shim_is_exact())
		shim_has_read(fd, got);
	return got;
}
