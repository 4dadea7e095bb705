/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's frame: the loop, the descriptors it watches, the sockets it listens at.
 *
 * One world a path: a lock file beside the socket is held as long as the daemon lives, so that a socket file that a
 * killed one left behind is known for what it is.
 */
#include "world/history.h"
#include "world/paths.h"
#include "world/program.h"
#include "world/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FAREWELL "{\"weir\":1}\n"

static void *plain_alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void plain_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

bool world_watch(struct world *world, struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	return epoll_ctl(world->epoll, EPOLL_CTL_ADD, source->fd, &event) == 0;
}

bool world_rewatch(struct world *world, struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	return epoll_ctl(world->epoll, EPOLL_CTL_MOD, source->fd, &event) == 0;
}

void world_close(struct world *world, struct source *source)
{
	weir_assert(source->fd >= 0);
	epoll_ctl(world->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->fd = -1;
	source->next_dead = world->dead;
	world->dead = source;
}

static void bury(struct world *world)
{
	while (world->dead != NULL) {
		struct source *source = world->dead;

		world->dead = source->next_dead;
		if (source->free != NULL)
			source->free(source);
	}
}

/* As many descriptors as we may have: each socket of a program is one. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int world_new(struct plan *take_plan, struct clock clock, struct world **world, struct complaint *complaint)
{
	static const struct weir_allocator allocator = {.alloc = plain_alloc, .free = plain_free};
	struct world *w = calloc(1, sizeof(*w));
	int status;

	if (w == NULL)
		return complain(complaint, 125, "cannot start a world", "no memory", NULL);
	w->clock = clock;
	w->now = clock_now(&clock);
	w->plan = *take_plan;
	plan_init(take_plan);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->run.fd = w->view.fd = w->lock_fd = w->farewell = w->diag = -1;
	memory_init(&w->memory, &allocator);
	hashtab_init(&w->streams, &w->memory);
	list_init(&w->all_streams);
	list_init(&w->work);
	list_init(&w->programs);
	list_init(&w->viewers);
	list_init(&w->lingerers);
	list_init(&w->orphans);
	raise_limits();
	if (w->epoll < 0 || getrandom(w->number, sizeof(w->number), 0) != (ssize_t)sizeof(w->number) ||
	    getrandom(&w->key, sizeof(w->key), 0) != (ssize_t)sizeof(w->key) ||
	    getrandom(&w->next_id, sizeof(w->next_id), 0) != (ssize_t)sizeof(w->next_id))
		status = complain(complaint, 125, "cannot start a world", strerror(errno), NULL);
	else
		status = world_build(w, complaint);
	if (status != 0) {
		world_free(w);
		return status;
	}
	*world = w;
	return 0;
}

static void close_streams(struct world *world)
{
	while (!list_empty(&world->all_streams))
		stream_close(weir_container(list_first(&world->all_streams), struct stream, all), true);
}

static void stop_listening(struct world *world)
{
	char run_path[WORLD_PATH + 8];

	if (world->view.fd >= 0) {
		world_close(world, &world->view);
		unlink(world->path);
	}
	if (world->run.fd >= 0) {
		snprintf(run_path, sizeof(run_path), "%s.run", world->path);
		world_close(world, &world->run);
		unlink(run_path);
	}
}

void world_free(struct world *world)
{
	stop_listening(world);
	program_close_all(world);
	viewer_close_all(world);
	close_streams(world);
	bury(world);
	world_tear_down(world);
	bury(world);
	history_free_all(world);
	hashtab_deinit(&world->streams);
	memory_deinit(&world->memory);
	if (world->epoll >= 0)
		close(world->epoll);
	if (world->diag >= 0)
		close(world->diag);
	if (world->lock_fd >= 0)
		close(world->lock_fd);
	if (world->farewell >= 0) {
		send(world->farewell, FAREWELL, strlen(FAREWELL), MSG_DONTWAIT | MSG_NOSIGNAL);
		close(world->farewell);
	}
	plan_deinit(&world->plan);
	free(world);
}

static void accept_all(struct world *world, struct source *source, void (*take)(struct world *world, int fd))
{
	int fd;

	while ((fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct ucred peer;
		socklen_t len = sizeof(peer);

		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		    (peer.uid == geteuid() || peer.uid == 0))
			take(world, fd);
		else
			close(fd);
	}
}

static void run_ready(struct source *source, uint32_t events)
{
	(void)events;
	accept_all(weir_container(source, struct world, run), source, program_accept);
}

static void view_ready(struct source *source, uint32_t events)
{
	(void)events;
	accept_all(weir_container(source, struct world, view), source, viewer_accept);
}

/* Takes the lock beside the socket. Returns its descriptor or -1. */
static int lock_path(const char *path)
{
	char lock[WORLD_PATH + 8];
	int fd;

	snprintf(lock, sizeof(lock), "%s.lock", path);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int listen_at(const char *path, int type)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0077);
	bool ok;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	unlink(path);
	ok = fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 && listen(fd, 256) == 0;
	umask(mask);
	if (ok)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int world_listen(struct world *world, const char *path, struct complaint *complaint)
{
	char run_path[WORLD_PATH + 8], saw[sizeof(complaint->saw)];

	snprintf(run_path, sizeof(run_path), "%s.run", path);
	world->lock_fd = lock_path(path);
	if (world->lock_fd < 0) {
		snprintf(saw, sizeof(saw), "%s: %s", path,
		         errno == EWOULDBLOCK ? "a world is running there" : strerror(errno));
		return complain(complaint, 1, "cannot start a world", saw, "weir down, or another --stack PATH");
	}
	snprintf(world->path, sizeof(world->path), "%s", path);
	world->run.fd = listen_at(run_path, SOCK_SEQPACKET);
	world->run.ready = run_ready;
	world->view.fd = listen_at(path, SOCK_STREAM);
	world->view.ready = view_ready;
	if (world->run.fd < 0 || world->view.fd < 0 || !world_watch(world, &world->run, EPOLLIN) ||
	    !world_watch(world, &world->view, EPOLLIN)) {
		snprintf(saw, sizeof(saw), "%s: %s", path, strerror(errno));
		return complain(complaint, 125, "cannot listen for programs", saw, "another --stack PATH");
	}
	return 0;
}

void world_turn(struct world *world, weir_duration limit)
{
	struct epoll_event event[WORLD_EVENTS];
	weir_time deadline = world_deadline(world);
	struct timespec wait;
	int n;

	world->now = clock_now(&world->clock);
	if (!weir_time_is_never(deadline) && weir_time_since(deadline, world->now).ns < limit.ns)
		limit = weir_time_since(deadline, world->now);
	if (!list_empty(&world->work) || limit.ns < 0)
		limit.ns = 0;
	wait = (struct timespec){limit.ns / WEIR_NS_PER_S, limit.ns % WEIR_NS_PER_S};
	n = epoll_pwait2(world->epoll, event, WORLD_EVENTS, &wait, NULL);
	world_tell_time(world);
	world_expire(world);
	for (int i = 0; i < n; i++) {
		struct source *source = event[i].data.ptr;

		if (source->fd >= 0)
			source->ready(source, event[i].events);
	}
	world_settle(world);
	linger_check(world);
	bury(world);
}

void world_run(struct world *world)
{
	while (!world->stop)
		world_turn(world, weir_s(3600));
}
