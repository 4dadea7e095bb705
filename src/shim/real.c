/* SPDX-License-Identifier: Apache-2.0
 *
 * The C library's functions behind the wrappers.
 */
#include "shim/shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* An allocator may read a file while it starts, before anything can be looked up. */
static ssize_t early_read(int fd, void *buffer, size_t len)
{
	return syscall(SYS_read, fd, buffer, len);
}

static ssize_t early_readv(int fd, const struct iovec *iov, int n)
{
	return syscall(SYS_readv, fd, iov, n);
}

static ssize_t early_write(int fd, const void *buffer, size_t len)
{
	return syscall(SYS_write, fd, buffer, len);
}

static ssize_t early_writev(int fd, const struct iovec *iov, int n)
{
	return syscall(SYS_writev, fd, iov, n);
}

static int early_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

static struct shim_real real = {
    .read = early_read, .readv = early_readv, .write = early_write, .writev = early_writev, .close = early_close};
static pthread_once_t resolved = PTHREAD_ONCE_INIT;

/* memcpy, because ISO C has no conversion from an object pointer to a function pointer. */
static void resolve(void *slot, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(slot, &symbol, sizeof(symbol));
}

#define RESOLVE(name) resolve(&real.name, #name)

static void resolve_all(void)
{
	RESOLVE(socket);
	RESOLVE(bind);
	RESOLVE(listen);
	RESOLVE(connect);
	RESOLVE(accept);
	RESOLVE(accept4);
	RESOLVE(getsockname);
	RESOLVE(getpeername);
	RESOLVE(getsockopt);
	RESOLVE(setsockopt);
	RESOLVE(send);
	RESOLVE(sendto);
	RESOLVE(sendmsg);
	RESOLVE(recv);
	RESOLVE(recvfrom);
	RESOLVE(recvmsg);
	RESOLVE(read);
	RESOLVE(readv);
	RESOLVE(write);
	RESOLVE(writev);
	RESOLVE(close);
	RESOLVE(shutdown);
	RESOLVE(ioctl);
	RESOLVE(getaddrinfo);
	RESOLVE(getnameinfo);
	RESOLVE(gethostbyname);
	RESOLVE(gethostbyname2);
	RESOLVE(gethostbyname_r);
	RESOLVE(gethostbyname2_r);
}

const struct shim_real *shim_real_files(void)
{
	return &real;
}

const struct shim_real *shim_real(void)
{
	pthread_once(&resolved, resolve_all);
	return &real;
}
