/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections of those who look: a JSON object a line in, a JSON document a line out. What a slow viewer does not take
 * waits in a buffer of its own; until it is empty no further request is read.
 */
#include "world/views.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096 };

struct viewer {
	struct source source;
	struct list node; /* in world->viewers */
	struct world *world;
	char request[REQUEST_MAX];
	size_t request_len;
	char *reply;
	size_t reply_len, reply_sent;
};

static void viewer_free(struct source *source)
{
	struct viewer *viewer = weir_container(source, struct viewer, source);

	free(viewer->reply);
	free(viewer);
}

static void close_viewer(struct viewer *viewer)
{
	list_remove(&viewer->node);
	viewer->world->viewer_count--;
	world_close(viewer->world, &viewer->source);
}

/* Sends what there is of the reply. false: the viewer is gone. */
static bool flush(struct viewer *viewer)
{
	while (viewer->reply != NULL) {
		ssize_t n = send(viewer->source.fd, viewer->reply + viewer->reply_sent,
		                 viewer->reply_len - viewer->reply_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return world_rewatch(viewer->world, &viewer->source, EPOLLOUT);
		if (n <= 0)
			return false;
		viewer->reply_sent += (size_t)n;
		if (viewer->reply_sent == viewer->reply_len) {
			free(viewer->reply);
			viewer->reply = NULL;
			return world_rewatch(viewer->world, &viewer->source, EPOLLIN);
		}
	}
	return true;
}

static bool answer(struct viewer *viewer, const char *line, size_t len)
{
	json_t *request = json_loadb(line, len, 0, NULL), *reply;

	if (json_is_object(request))
		reply = views_answer(viewer->world, request);
	else
		reply = views_error(2, "the world does not understand this request", "it is not a JSON object",
		                    "a command of the same version of Weir");
	json_decref(request);
	if (viewer->world->stop) { /* the answer is the end itself: then another world can be started */
		viewer->world->farewell = fcntl(viewer->source.fd, F_DUPFD_CLOEXEC, 0);
		json_decref(reply);
		return true;
	}
	viewer->reply = reply != NULL ? json_dumps(reply, JSON_COMPACT) : NULL;
	json_decref(reply);
	if (viewer->reply == NULL)
		return false;
	viewer->reply_len = strlen(viewer->reply);
	viewer->reply_sent = 0;
	viewer->reply[viewer->reply_len++] = '\n'; /* in the place of the NUL */
	return flush(viewer);
}

/* Answers the requests that are there, one after the other. */
static bool answer_lines(struct viewer *viewer)
{
	char *newline;

	while (viewer->reply == NULL && (newline = memchr(viewer->request, '\n', viewer->request_len)) != NULL) {
		size_t used = (size_t)(newline - viewer->request) + 1;

		if (!answer(viewer, viewer->request, used - 1))
			return false;
		memmove(viewer->request, newline + 1, viewer->request_len - used);
		viewer->request_len -= used;
	}
	return viewer->request_len < sizeof(viewer->request);
}

static void viewer_ready(struct source *source, uint32_t events)
{
	struct viewer *viewer = weir_container(source, struct viewer, source);
	bool ok = true;

	if (events & EPOLLOUT)
		ok = flush(viewer);
	if (ok && viewer->reply == NULL && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		ssize_t n = recv(source->fd, viewer->request + viewer->request_len,
		                 sizeof(viewer->request) - viewer->request_len, MSG_DONTWAIT);

		if (n > 0)
			viewer->request_len += (size_t)n;
		ok = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
	}
	if (!ok || !answer_lines(viewer))
		close_viewer(viewer);
}

void viewer_accept(struct world *world, int fd)
{
	struct viewer *viewer = world->viewer_count < WORLD_VIEWERS_MAX ? calloc(1, sizeof(*viewer)) : NULL;

	if (viewer != NULL) {
		viewer->source = (struct source){.fd = fd, .ready = viewer_ready, .free = viewer_free};
		viewer->world = world;
		if (world_watch(world, &viewer->source, EPOLLIN)) {
			list_push_back(&world->viewers, &viewer->node);
			world->viewer_count++;
			return;
		}
		free(viewer);
	}
	close(fd);
}

void viewer_close_all(struct world *world)
{
	while (!list_empty(&world->viewers))
		close_viewer(weir_container(list_first(&world->viewers), struct viewer, node));
}
