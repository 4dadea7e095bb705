/* SPDX-License-Identifier: Apache-2.0
 *
 * epoll. Level-triggered watches are asked when somebody waits. Edge-triggered ones are marked when something new
 * happened: readiness that was not there, or more bytes although there were some already.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <stdlib.h>

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLRDHUP == POLLRDHUP, "poll()'s bits");

enum { ALWAYS = EPOLLERR | EPOLLHUP, CHANGED_AT_ONCE = 16 };

struct watch {
	struct list link; /* struct file.watches */
	struct file *file;
	struct epoll_event event;
	bool marked; /* something new since it was reported */
	bool spent;  /* EPOLLONESHOT has had its one */
};

static struct watch *find(const struct file *epoll, const struct file *f)
{
	list_each (node, &epoll->watches) {
		struct watch *w = weir_container(node, struct watch, link);

		if (w->file == f)
			return w;
	}
	return NULL;
}

/* What this watch would report now; 0 = nothing. */
static uint32_t due(const struct watch *w)
{
	if (w->spent || ((w->event.events & EPOLLET) && !w->marked))
		return 0;
	return poll_file(w->file) & (w->event.events | ALWAYS);
}

bool epoll_any(const struct file *epoll)
{
	list_each (node, &epoll->watches) {
		if (due(weir_container(node, struct watch, link)))
			return true;
	}
	return false;
}

static void drop(struct watch *w)
{
	list_remove(&w->link);
	free(w);
}

void epoll_forget(struct adapter *a, struct file *f)
{
	list_each_safe (node, &f->watches) {
		drop(weir_container(node, struct watch, link));
	}
	list_each (node, &a->files) {
		struct watch *w = find(weir_container(node, struct file, link), f);

		if (w)
			drop(w);
	}
}

/* What is new with a file since it was looked at last. */
static unsigned news(struct file *f)
{
	unsigned now = poll_file(f), fresh = now & ~f->seen;
	struct weir_socket_info info;
	uint64_t received;

	weir_socket_get_info(f->sock, &info);
	received = info.delivered_bytes + info.recvq_bytes;
	if (received > f->seen_received && (now & POLLIN))
		fresh |= POLLIN | POLLRDNORM;
	f->seen = now;
	f->seen_received = received;
	return fresh;
}

static void mark(struct adapter *a, const struct file *f, unsigned fresh)
{
	list_each (node, &a->files) {
		struct watch *w = find(weir_container(node, struct file, link), f);

		if (w && (fresh & (w->event.events | ALWAYS)))
			w->marked = true;
	}
}

void epoll_error(struct adapter *a, struct file *f)
{
	mark(a, f, POLLERR);
}

void epoll_notice(struct adapter *a)
{
	struct weir_socket *changed[CHANGED_AT_ONCE];
	size_t n;

	if (!a->stack)
		return;
	while ((n = weir_ready(a->stack, changed, CHANGED_AT_ONCE)) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct file *f = weir_socket_user(changed[i]);

			if (f)
				mark(a, f, news(f));
		}
	}
}

int epoll_open(void *userdata, int size)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	if (size <= 0)
		return (int)adapter_leave(a, -EINVAL);
	f = file_new(a, FILE_EPOLL, &r);
	return (int)adapter_leave(a, f ? f->fd : r);
}

static int add(struct file *epoll, struct file *f, const struct epoll_event *event)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->file = f;
	w->event = *event;
	w->marked = true; /* what is ready already counts as new */
	list_push_back(&epoll->watches, &w->link);
	return 0;
}

static int control(struct adapter *a, int epfd, int op, int fd, const struct epoll_event *event)
{
	struct file *epoll = file_find(a, epfd), *f = file_find(a, fd);
	struct watch *w;

	if (!epoll || !f)
		return -EBADF;
	if (epoll->kind != FILE_EPOLL || epoll == f)
		return -EINVAL;
	if (!event && op != EPOLL_CTL_DEL)
		return -EFAULT;
	w = find(epoll, f);
	switch (op) {
	case EPOLL_CTL_ADD:
		return w ? -EEXIST : add(epoll, f, event);
	case EPOLL_CTL_MOD:
		if (!w)
			return -ENOENT;
		w->event = *event;
		w->marked = true;
		w->spent = false;
		return 0;
	case EPOLL_CTL_DEL:
		if (!w)
			return -ENOENT;
		drop(w);
		return 0;
	default:
		return -EINVAL;
	}
}

int epoll_control(void *userdata, int epfd, int op, int fd, struct epoll_event *event)
{
	struct adapter *a = userdata;

	adapter_enter(a);
	return (int)adapter_leave(a, control(a, epfd, op, fd, event));
}

/* Those reported go to the end, so that a small array gets round to all. */
static int report(struct file *epoll, struct epoll_event *events, int max)
{
	struct list later;
	int n = 0;

	list_init(&later);
	list_each_safe (node, &epoll->watches) {
		struct watch *w = weir_container(node, struct watch, link);
		uint32_t what = n < max ? due(w) : 0;

		if (!what)
			continue;
		events[n++] = (struct epoll_event){.events = what, .data = w->event.data};
		w->marked = false;
		w->spent = w->event.events & EPOLLONESHOT;
		list_remove(&w->link);
		list_push_back(&later, &w->link);
	}
	list_each_safe (node, &later) {
		list_remove(node);
		list_push_back(&epoll->watches, node);
	}
	return n;
}

static int await(struct adapter *a, int epfd, struct epoll_event *events, int max, int timeout_ms)
{
	struct file *epoll = file_find(a, epfd);
	int64_t timeout_us = timeout_ms < 0 ? 0 : timeout_ms * INT64_C(1000);
	int r;

	if (!epoll)
		return -EBADF;
	if (epoll->kind != FILE_EPOLL || max <= 0)
		return -EINVAL;
	if (!events)
		return -EFAULT;
	epoll_notice(a);
	r = report(epoll, events, max);
	if (r > 0 || timeout_ms == 0)
		return r;
	file_get(epoll);
	r = file_wait(a, epoll, EPOLLIN, false, timeout_us);
	if (r == 0)
		r = report(epoll, events, max);
	file_put(a, epoll);
	return r == -EAGAIN ? 0 : r;
}

int epoll_await(void *userdata, int epfd, struct epoll_event *events, int max, int timeout_ms)
{
	struct adapter *a = userdata;

	adapter_enter(a);
	return (int)adapter_leave(a, await(a, epfd, events, max, timeout_ms));
}
