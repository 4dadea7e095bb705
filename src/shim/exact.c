/* SPDX-License-Identifier: Apache-2.0
 *
 * Data calls of a program whose queues are to be exact (weir run --exact; world/exact.c says how). A write asks first,
 * and a read tells afterwards. Questions that are answered late go over a connection of the thread's own, opened at its
 * first need and closed with the thread: so a thread that waits keeps no other from asking, a signal ends its wait, and
 * what it asked is forgotten with the connection.
 */
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

struct own {
	int fd;
	unsigned forks; /* how often the process had forked: a child does not talk on its parent's */
	dev_t dev;
	ino_t ino;
};

static __thread struct own own = {.fd = -1};
static pthread_key_t at_exit;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool is_open(void)
{
	struct stat st;

	return own.fd >= 0 && fstat(own.fd, &st) == 0 && st.st_dev == own.dev && st.st_ino == own.ino;
}

static void close_own(void)
{
	if (is_open())
		syscall(SYS_close, own.fd);
	own.fd = -1;
}

static void thread_ends(void *unused)
{
	(void)unused;
	close_own();
}

static void make_key(void)
{
	pthread_key_create(&at_exit, thread_ends);
}

static bool open_own(void)
{
	struct stat st;

	if (own.fd >= 0 && own.forks == shim_forks() && is_open())
		return true;
	close_own();
	own.fd = shim_open_connection();
	if (own.fd < 0 || fstat(own.fd, &st) != 0) {
		own.fd = -1;
		return false;
	}
	own.forks = shim_forks();
	own.dev = st.st_dev;
	own.ino = st.st_ino;
	pthread_once(&once, make_key);
	pthread_setspecific(at_exit, &own);
	return true;
}

bool shim_ask_late(const struct world_request *request, const struct timeval *limit, struct world_reply *reply)
{
	const struct timeval none = {0};
	long n;
	int error;

	if (!open_own()) {
		errno = ENETDOWN;
		return false;
	}
	if (limit != NULL)
		syscall(SYS_setsockopt, own.fd, SOL_SOCKET, SO_RCVTIMEO, limit, sizeof(*limit));
	n = syscall(SYS_sendto, own.fd, request, sizeof(*request), MSG_NOSIGNAL, NULL, 0);
	if (n == (long)sizeof(*request))
		n = syscall(SYS_recvfrom, own.fd, reply, sizeof(*reply), 0, NULL, NULL);
	if (n == (long)sizeof(*reply)) {
		if (limit != NULL)
			syscall(SYS_setsockopt, own.fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
		return true;
	}
	error = n < 0 && (errno == EINTR || errno == EAGAIN) ? errno : ENETDOWN;
	close_own(); /* an answer that comes now would belong to the next question */
	errno = error;
	return false;
}

static bool may_wait(int fd, int flags)
{
	return (flags & MSG_DONTWAIT) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

/* How many of `want` bytes may be written: some; 0 = none without waiting; negative: no question of room, the program's
 * own call shall say what is wrong (-1), or the wait was ended (-2 with errno). *fill: A is to be filled behind them.
 */
static int64_t ask_room(int fd, const struct world_name *name, uint64_t want, bool begins, bool wait, bool *fill)
{
	struct world_request request = {.kind = WORLD_SEND,
	                                .flags = (begins ? WORLD_BEGIN : 0U) | (wait ? WORLD_WAIT : 0U),
	                                .id = name->id,
	                                .bytes = want};
	struct timeval limit = {0};
	socklen_t len = sizeof(limit);
	struct world_reply reply;

	if (wait)
		shim_real()->getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &len);
	if (!shim_ask_late(&request, limit.tv_sec > 0 || limit.tv_usec > 0 ? &limit : NULL, &reply))
		return errno == ENETDOWN ? -1 : -2;
	if (reply.result != 0)
		return -1;
	*fill = reply.flags & WORLD_FILL;
	errno = EAGAIN;
	return (int64_t)reply.bytes;
}

/* Of the pieces, `len` bytes from `from` on; a call writes IOV_MAX pieces at most. Returns how many pieces they are. */
static size_t cut(const struct iovec *iov, size_t n, size_t from, size_t len, struct iovec part[IOV_MAX])
{
	size_t parts = 0;

	for (size_t i = 0; i < n && len > 0 && parts < IOV_MAX; i++) {
		size_t skipped = from < iov[i].iov_len ? from : iov[i].iov_len, rest = iov[i].iov_len - skipped;

		from -= skipped;
		if (rest == 0)
			continue;
		rest = rest < len ? rest : len;
		part[parts++] = (struct iovec){(char *)iov[i].iov_base + skipped, rest};
		len -= rest;
	}
	return parts;
}

static ssize_t write_part(int fd, const struct msghdr *msg, size_t from, size_t len, int flags)
{
	struct iovec part[IOV_MAX];
	struct msghdr piece = {.msg_iov = part};

	piece.msg_iovlen = cut(msg->msg_iov, msg->msg_iovlen, from, len, part);
	return shim_real()->sendmsg(fd, &piece, flags);
}

static void give_back(const struct world_name *name, uint64_t bytes)
{
	struct world_request request = {.kind = WORLD_UNUSED, .id = name->id, .bytes = bytes};

	if (bytes > 0)
		shim_post(&request, -1);
}

/* Writes some. Returns as sendmsg(). */
static ssize_t write_some(int fd, const struct world_name *name, const struct msghdr *msg, size_t from, size_t left,
                          int flags, bool wait)
{
	bool fill = false;
	int64_t room = ask_room(fd, name, left, from == 0, wait, &fill);
	ssize_t n = -1;

	if (room == -2)
		return -1;
	if (room != 0)
		n = write_part(fd, msg, from, room < 0 ? left : (size_t)room, flags);
	if (room > 0)
		give_back(name, (uint64_t)room - (n > 0 ? (uint64_t)n : 0));
	if (fill)
		shim_fill(fd, name->id);
	return n;
}

static ssize_t write_exactly(int fd, const struct world_name *name, const struct msghdr *msg, size_t total, int flags)
{
	bool wait = may_wait(fd, flags);
	size_t done = 0;
	ssize_t n = 0;

	do {
		n = write_some(fd, name, msg, done, total - done, flags, wait);
		done += n > 0 ? (size_t)n : 0;
	} while (wait && n > 0 && done < total);
	return done > 0 ? (ssize_t)done : n;
}

ssize_t shim_send(int fd, const struct msghdr *msg, int flags)
{
	struct world_name name;
	size_t total = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		total += msg->msg_iov[i].iov_len;
	if (total == 0 || msg->msg_controllen > 0 || !shim_identify(fd, &name) || name.kind != WORLD_END_PROGRAM)
		return shim_real()->sendmsg(fd, msg, flags);
	return write_exactly(fd, &name, msg, total, flags);
}

void shim_has_read(int fd, ssize_t n)
{
	struct world_request request = {.kind = WORLD_READ};
	struct world_name name;

	if (n <= 0 || !shim_identify(fd, &name) || name.kind != WORLD_END_PROGRAM)
		return;
	request.id = name.id;
	shim_post(&request, -1);
}
