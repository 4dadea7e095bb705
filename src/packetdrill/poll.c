/* SPDX-License-Identifier: Apache-2.0
 *
 * poll(). The core's readiness bits are poll()'s own.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>

_Static_assert(WEIR_IN == POLLIN && WEIR_OUT == POLLOUT && WEIR_ERR == POLLERR && WEIR_HUP == POLLHUP &&
                   WEIR_RDHUP == POLLRDHUP && WEIR_PRI == POLLPRI,
               "readiness is handed on as it is");

unsigned poll_file(const struct file *f)
{
	struct pollfd real = {.fd = f->fd, .events = POLLIN | POLLOUT};
	unsigned ready;

	switch (f->kind) {
	case FILE_SOCKET:
		ready = f->sock ? weir_poll(f->sock) : 0;
		ready |= f->zerocopy_told ? POLLERR : 0;
		break;
	case FILE_PIPE:
		ready = poll(&real, 1, 0) > 0 ? (unsigned short)real.revents : 0;
		break;
	default:
		ready = epoll_any(f) ? POLLIN : 0;
		break;
	}
	if (ready & POLLIN)
		ready |= POLLRDNORM;
	if (ready & POLLOUT)
		ready |= POLLWRNORM;
	return ready;
}

struct poll {
	struct adapter *a;
	struct pollfd *fds;
	nfds_t n;
};

static int look(const struct poll *p)
{
	int ready = 0;

	for (nfds_t i = 0; i < p->n; i++) {
		struct pollfd *entry = &p->fds[i];
		const struct file *f = entry->fd < 0 ? NULL : file_find(p->a, entry->fd);

		entry->revents = 0;
		if (f)
			entry->revents = (short)(poll_file(f) & ((unsigned short)entry->events | POLLERR | POLLHUP));
		else if (entry->fd >= 0)
			entry->revents = POLLNVAL;
		ready += entry->revents != 0;
	}
	return ready;
}

static bool any_ready(void *ctx)
{
	return look(ctx) > 0;
}

int poll_poll(void *userdata, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct adapter *a = userdata;
	struct poll p = {a, fds, n};
	int r;

	adapter_enter(a);
	if (!fds && n > 0)
		return (int)adapter_leave(a, -EFAULT);
	r = look(&p);
	if (r == 0 && timeout_ms != 0) {
		clock_wait(a, any_ready, &p, clock_after_ms(a, timeout_ms));
		r = look(&p);
	}
	return (int)adapter_leave(a, r);
}
