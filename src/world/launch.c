/* SPDX-License-Identifier: Apache-2.0
 *
 * A world in the background: forked twice, so that it is nobody's child; own session; no descriptor of the starter's
 * stays open in it. Before it begins its work it reports through a pipe, so that the starter knows that it listens, or
 * why not. Two starters at once: a lock lets one start and the other find it started.
 */
#include "world/launch.h"

#include "world/world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct signals {
	struct source source;
	struct world *world;
};

static void signal_ready(struct source *source, uint32_t events)
{
	(void)events;
	weir_container(source, struct signals, source)->world->stop = true;
}

static bool watch_signals(struct world *world, struct signals *signals)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*signals = (struct signals){.world = world, .source.ready = signal_ready};
	signals->source.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals->source.fd >= 0 && world_watch(world, &signals->source, EPOLLIN);
}

/* A world that listens. 0, or an exit status with *complaint. */
static int prepare(const char *path, const char *world_file, struct world **world, struct complaint *complaint)
{
	struct plan plan;
	int status = 0;

	plan_init(&plan);
	if (world_file != NULL)
		status = plan_read(&plan, world_file, complaint);
	else if (!plan_default(&plan))
		status = complain(complaint, 125, "cannot make the default world", "no memory", NULL);
	if (status == 0)
		status = world_new(&plan, clock_monotonic(), world, complaint);
	plan_deinit(&plan);
	if (status != 0)
		return status;
	status = world_listen(*world, path, complaint);
	if (status != 0)
		world_free(*world);
	return status;
}

static int serve(struct world *world, struct complaint *complaint)
{
	struct signals signals;
	int status = 0;

	if (watch_signals(world, &signals))
		world_run(world);
	else
		status = complain(complaint, 125, "cannot run the world", strerror(errno), NULL);
	if (signals.source.fd >= 0)
		world_close(world, &signals.source);
	world_free(world);
	return status;
}

int launch_here(const char *path, const char *world_file, struct complaint *complaint)
{
	struct world *world;
	int status = prepare(path, world_file, &world, complaint);

	return status != 0 ? status : serve(world, complaint);
}

/* Standard descriptors for a process without a terminal; all others but `keep` are closed. */
static void settle_descriptors(const char *path, int keep)
{
	char log[WORLD_PATH + 8];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), out;

	snprintf(log, sizeof(log), "%s.log", path);
	out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	dup2(null, STDIN_FILENO);
	dup2(out >= 0 ? out : null, STDOUT_FILENO);
	dup2(out >= 0 ? out : null, STDERR_FILENO);
	if (keep > 3)
		close_range(3, (unsigned)keep - 1, 0);
	close_range((unsigned)keep + 1, ~0U, 0);
}

static void background(const char *path, const char *world_file, int report)
{
	struct complaint complaint = {0};
	struct world *world = NULL;
	char absolute[4096];
	int status;

	if (world_file != NULL && realpath(world_file, absolute) != NULL)
		world_file = absolute;
	settle_descriptors(path, report);
	status = prepare(path, world_file, &world, &complaint);
	if (status == 0 && chdir("/") != 0)
		status = complain(&complaint, 125, "cannot start a world", strerror(errno), NULL);
	complaint.status = status;
	if (write(report, &complaint, sizeof(complaint)) != (ssize_t)sizeof(complaint))
		status = 125;
	close(report);
	if (status == 0)
		status = serve(world, &complaint);
	if (status != 0)
		complaint_print(&complaint, stderr);
	exit(status);
}

/* Starts it and waits for its report. */
static int start(const char *path, const char *world_file, struct complaint *complaint)
{
	int pipe_fd[2];
	pid_t pid;
	ssize_t n;

	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return complain(complaint, 125, "cannot start a world", strerror(errno), NULL);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid == 0)
			background(path, world_file, pipe_fd[1]);
		_exit(pid < 0 ? 125 : 0);
	}
	close(pipe_fd[1]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	do
		n = read(pipe_fd[0], complaint, sizeof(*complaint));
	while (n < 0 && errno == EINTR);
	close(pipe_fd[0]);
	if (n == (ssize_t)sizeof(*complaint))
		return complaint->status;
	return complain(complaint, 125, "cannot start a world", "its process ended before it was ready",
	                "weir up --foreground");
}

int launch_if_needed(const char *path, const char *world_file, int *started, struct complaint *complaint)
{
	char lock[WORLD_PATH + 8];
	int fd = world_connect(path), lock_fd, status = 0;

	*started = 0;
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	snprintf(lock, sizeof(lock), "%s.start", path);
	lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock_fd < 0 || flock(lock_fd, LOCK_EX) != 0)
		status = complain(complaint, 125, "cannot start a world", strerror(errno), "another --stack PATH");
	else if ((fd = world_connect(path)) >= 0)
		close(fd);
	else {
		status = start(path, world_file, complaint);
		*started = status == 0;
	}
	if (lock_fd >= 0)
		close(lock_fd);
	return status;
}
