/* SPDX-License-Identifier: Apache-2.0
 *
 * The control connection: one a process, opened at the first need, on a high descriptor that exec closes.
 *
 * After fork the child has its own: opened at once in the fork handler, because a child may give up the rights that
 * opening needs before it makes its first call (nginx does). A child of vfork shares the parent's, with its memory.
 * A program that closes all descriptors closes this one too, and its number may then be another file: so the inode is
 * compared before each use.
 *
 * System calls are made directly: they are then no cancellation points, and a program's wrappers cannot get in between.
 * Signals are blocked while the lock is held, so that a handler which calls back in does not wait for itself.
 */
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { HIGH_FD = 960, REPLY_SECONDS = 30 };

static struct {
	pthread_mutex_t lock;
	int fd;
	dev_t dev;
	ino_t ino;
	uint64_t next_id;
	uint8_t world[8];
	unsigned said, forks;
	bool exact;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	char host[WORLD_HOST_NAME];
} control = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static void lock(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
	pthread_mutex_lock(&control.lock);
}

static void unlock(const sigset_t *saved)
{
	pthread_mutex_unlock(&control.lock);
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}

void shim_say(enum shim_once once, const char *what)
{
	char line[320];
	int saved = errno, n;

	if (__atomic_fetch_or(&control.said, once, __ATOMIC_RELAXED) & once)
		return;
	n = snprintf(line, sizeof(line), "weir: %s[%d]: %s\n", program_invocation_short_name, (int)getpid(), what);
	if (n > 0 &&
	    syscall(SYS_write, STDERR_FILENO, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1) < 0)
		errno = saved;
	errno = saved;
}

/* sendmsg with an optional descriptor. SEQPACKET: whole or not at all. */
static bool send_request(int fd, const struct world_request *request, int attached)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)request, .iov_len = sizeof(*request)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg = {0};
	long n;

	if (attached >= 0) {
		cmsg.header.cmsg_level = SOL_SOCKET;
		cmsg.header.cmsg_type = SCM_RIGHTS;
		cmsg.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&cmsg.header), &attached, sizeof(int));
		msg.msg_control = &cmsg;
		msg.msg_controllen = sizeof(cmsg.space);
	}
	do
		n = syscall(SYS_sendmsg, fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (long)sizeof(*request);
}

static bool receive_reply(int fd, struct world_reply *reply)
{
	long n;

	do
		n = syscall(SYS_recvfrom, fd, reply, sizeof(*reply), 0, NULL, NULL);
	while (n < 0 && errno == EINTR);
	return n == (long)sizeof(*reply);
}

static bool still_ours(void)
{
	struct stat st;

	return control.fd >= 0 && fstat(control.fd, &st) == 0 && st.st_dev == control.dev && st.st_ino == control.ino;
}

static void close_control(void)
{
	if (still_ours())
		syscall(SYS_close, control.fd);
	control.fd = -1;
}

/* Moves a descriptor out of the way of programs that count on low numbers or use select(). */
static int move_high(int fd)
{
	struct rlimit limit;
	int high = -1;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 64)
		high = fcntl(fd, F_DUPFD_CLOEXEC, limit.rlim_cur > HIGH_FD + 32 ? HIGH_FD : (int)limit.rlim_cur - 32);
	if (high < 0)
		return fd;
	syscall(SYS_close, fd);
	return high;
}

static bool say_hello(int fd)
{
	struct world_request request = {.kind = WORLD_HELLO, .hello = {.version = WORLD_PROTOCOL}};
	struct world_reply reply;
	char what[WORLD_HOST_NAME + 96];

	request.flags = control.exact ? WORLD_EXACT : 0;
	memcpy(request.hello.host, control.host, sizeof(control.host));
	if (!send_request(fd, &request, -1) || !receive_reply(fd, &reply))
		return false;
	if (reply.result != 0) {
		snprintf(what, sizeof(what), "the world refused this program (host '%s': %s)", control.host,
		         strerror(-reply.result));
		shim_say(SHIM_ONCE_WORLD, what);
		return false;
	}
	memcpy(control.world, reply.world, sizeof(control.world));
	return true;
}

/* A connection that has said hello: a high descriptor, or -1. */
static int open_connection(void)
{
	struct timeval limit = {.tv_sec = REPLY_SECONDS};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (control.path[0] == '\0')
		return -1;
	memcpy(addr.sun_path, control.path, sizeof(addr.sun_path));
	fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	fd = move_high(fd);
	syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (syscall(SYS_connect, fd, &addr, sizeof(addr)) != 0 || !say_hello(fd)) {
		syscall(SYS_close, fd);
		return -1;
	}
	return fd;
}

static bool open_control(void)
{
	struct stat st;
	int fd = open_connection();

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0) {
		syscall(SYS_close, fd);
		return false;
	}
	control.fd = fd;
	control.dev = st.st_dev;
	control.ino = st.st_ino;
	return true;
}

static bool ready(void)
{
	if (still_ours())
		return true;
	control.fd = -1;
	if (open_control())
		return true;
	shim_say(SHIM_ONCE_WORLD, "no world answers; network calls fail (is it down? see weir up)");
	return false;
}

bool shim_ask(const struct world_request *request, struct world_reply *reply)
{
	int saved = errno;
	sigset_t mask;
	bool ok;

	lock(&mask);
	ok = ready() && send_request(control.fd, request, -1) && receive_reply(control.fd, reply);
	if (!ok) /* what comes later on this connection would answer another request */
		close_control();
	unlock(&mask);
	errno = saved;
	return ok;
}

bool shim_post(const struct world_request *request, int fd)
{
	struct world_request posted = *request;
	int saved = errno;
	sigset_t mask;
	bool ok;

	posted.flags |= WORLD_POSTED;
	lock(&mask);
	ok = ready() && send_request(control.fd, &posted, fd);
	if (!ok)
		close_control();
	unlock(&mask);
	errno = saved;
	return ok;
}

int shim_open_connection(void)
{
	const struct timeval forever = {0};
	sigset_t mask;
	int fd;

	lock(&mask);
	fd = ready() ? open_connection() : -1;
	unlock(&mask);
	if (fd >= 0)
		syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	return fd;
}

unsigned shim_forks(void)
{
	return control.forks;
}

bool shim_is_exact(void)
{
	return control.exact;
}

uint64_t shim_new_id(void)
{
	uint64_t id = __atomic_fetch_add(&control.next_id, 1, __ATOMIC_RELAXED);

	while (id == 0) { /* the first of this process: somewhere in 2^64, so that two processes do not meet */
		uint64_t start = 0, none = 1;

		if (syscall(SYS_getrandom, &start, sizeof(start), 0) != (long)sizeof(start))
			start = (uint64_t)getpid() << 32;
		__atomic_compare_exchange_n(&control.next_id, &none, start | 1, false, __ATOMIC_RELAXED,
		                            __ATOMIC_RELAXED);
		id = __atomic_fetch_add(&control.next_id, 1, __ATOMIC_RELAXED);
	}
	return id;
}

int shim_bind_name(int fd, enum world_name_kind kind, int family, uint64_t id)
{
	struct world_name name = {.kind = (uint8_t)kind, .family = (uint8_t)family, .id = id};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	memcpy(name.magic, WORLD_NAME_MAGIC, sizeof(name.magic));
	memcpy(name.world, control.world, sizeof(name.world));
	memcpy(addr.sun_path, &name, sizeof(name));
	return (int)syscall(SYS_bind, fd, &addr, offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* The pair itself, with the lock held: a fork in another thread must not inherit D, or its end would never be seen. */
static int make_pair(int family, int flags)
{
	struct world_request request = {
	    .kind = WORLD_NEW, .flags = WORLD_POSTED, .id = shim_new_id(), .family = (uint32_t)family};
	int end[2], error, sndbuf = WORLD_PAIR_SNDBUF;

	if (syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (flags & SOCK_NONBLOCK), 0, end) != 0)
		return -1;
	syscall(SYS_setsockopt, end[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	if (shim_bind_name(end[0], WORLD_END_PROGRAM, family, request.id) != 0 ||
	    syscall(SYS_sendto, end[0], "", 1, MSG_NOSIGNAL, NULL, 0) != 1)
		error = errno;
	else if (!send_request(control.fd, &request, end[1]))
		error = ENETDOWN;
	else
		error = 0;
	syscall(SYS_close, end[1]);
	if (error != 0) {
		syscall(SYS_close, end[0]);
		return shim_fail(error);
	}
	if ((flags & SOCK_CLOEXEC) == 0)
		fcntl(end[0], F_SETFD, 0);
	return end[0];
}

int shim_pair(int family, int flags)
{
	sigset_t mask;
	int fd;

	lock(&mask);
	fd = ready() ? make_pair(family, flags) : shim_fail(ENETDOWN);
	unlock(&mask);
	return fd;
}

static sigset_t fork_mask;

static void before_fork(void)
{
	lock(&fork_mask);
}

static void after_fork_parent(void)
{
	sigset_t mask = fork_mask;

	unlock(&mask);
}

static void after_fork_child(void)
{
	sigset_t mask = fork_mask;
	bool was_open = control.fd >= 0;

	pthread_mutex_init(&control.lock, NULL);
	close_control();
	control.next_id = 0;
	control.forks++;
	if (was_open)
		open_control();
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void copy_setting(char *to, size_t room, const char *name)
{
	const char *value = getenv(name);

	if (value != NULL && strlen(value) < room)
		memcpy(to, value, strlen(value) + 1);
}

/* Here, and not at the first use: programs wipe their environment. */
__attribute__((constructor)) static void configure(void)
{
	copy_setting(control.path, sizeof(control.path), "WEIR_RUN_SOCKET");
	copy_setting(control.host, sizeof(control.host), "WEIR_HOST");
	control.exact = getenv("WEIR_EXACT") != NULL;
	shim_real();
	pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}
