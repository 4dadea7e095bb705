/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors, and waiting for what is behind one.
 */
#include "packetdrill/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LOWEST_FD = 1000 };

/* A high number where the limit allows one. */
static int raise_fd(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

struct file *file_adopt(struct adapter *a, enum file_kind kind, int fd, int *error)
{
	struct file *f = calloc(1, sizeof(*f));

	if (!f) {
		close(fd);
		*error = -ENOMEM;
		return NULL;
	}
	f->fd = raise_fd(fd);
	f->kind = kind;
	list_init(&f->watches);
	list_push_back(&a->files, &f->link);
	return f;
}

struct file *file_new(struct adapter *a, enum file_kind kind, int *error)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0) {
		*error = -errno;
		return NULL;
	}
	return file_adopt(a, kind, fd, error);
}

struct file *file_find(struct adapter *a, int fd)
{
	list_each (node, &a->files) {
		struct file *f = weir_container(node, struct file, link);

		if (f->fd == fd && !f->closed)
			return f;
	}
	return NULL;
}

struct file *file_find_socket(struct adapter *a, int fd, int *error)
{
	struct file *f = file_find(a, fd);

	if (f && f->kind == FILE_SOCKET)
		return f;
	*error = f ? -ENOTSOCK : -EBADF;
	return NULL;
}

void file_get(struct file *f)
{
	f->users++;
}

static void drop_if_unused(struct file *f)
{
	if (!f->closed || f->users > 0)
		return;
	list_remove(&f->link);
	free(f);
}

void file_put(struct adapter *a, struct file *f)
{
	(void)a;
	f->users--;
	drop_if_unused(f);
}

void file_close(struct adapter *a, struct file *f)
{
	epoll_forget(a, f);
	close(f->fd);
	f->closed = true;
	if (f->sock)
		weir_close(f->sock);
	f->sock = NULL;
	drop_if_unused(f);
}

struct readiness {
	const struct file *f;
	unsigned events;
};

static bool is_ready(void *ctx)
{
	const struct readiness *r = ctx;

	return r->f->closed || (poll_file(r->f) & r->events);
}

int file_wait(struct adapter *a, struct file *f, unsigned events, bool nonblocking, int64_t timeout_us)
{
	struct readiness r = {f, events | WEIR_ERR | WEIR_HUP};
	weir_time deadline = timeout_us ? weir_time_add(a->now, weir_us(timeout_us)) : WEIR_NEVER;

	if (nonblocking)
		return -EAGAIN;
	if (!clock_wait(a, is_ready, &r, deadline))
		return -EAGAIN;
	return f->closed ? -EBADF : 0;
}
