/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the running stack: one JSON document a line each way, over an AF_UNIX stream socket. The stack must belong to
 * this user or to root (root may look at anybody's), so that nobody else can put something in its place. Everything
 * that can go wrong here is told in words and ends with the status for it.
 */
#define _GNU_SOURCE /* struct ucred */

#include "cli/cli.h"

#include "world/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	ANSWER_SECONDS = 10,
	REPLY_START = 65536,
	REPLY_MAX = 1 << 29, /* some hundred thousand sockets */
	VIEW_VERSION = 1,
};

_Static_assert(WORLD_PATH <= sizeof(((struct sockaddr_un *)0)->sun_path), "a path of the world fits an address");

#define START_ONE "weir up starts one; -S PATH or $WEIR_STACK names another"

static int unreachable(const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return cli_fail(CLI_NO_STACK, "no running stack\nthere is no %s\n" START_ONE, path);
	case ECONNREFUSED:
		return cli_fail(CLI_NO_STACK, "no running stack\nnobody listens at %s any more\n" START_ONE, path);
	case EACCES:
	case EPERM:
		return cli_fail(CLI_NOT_ALLOWED,
		                "the stack may not be looked at\nno permission for %s\nask as the user who started it",
		                path);
	case EAGAIN:
		return cli_fail(CLI_NO_STACK,
		                "no running stack answered\n%s has let nobody in for %d seconds\n" START_ONE, path,
		                ANSWER_SECONDS);
	default:
		return cli_fail(CLI_NO_STACK, "no running stack\n%s cannot be connected to: %s\n" START_ONE, path,
		                strerror(error));
	}
}

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	return geteuid() == 0 || peer.uid == 0 || peer.uid == geteuid();
}

/* A connection to the stack; -1 with *status when there is none. */
static int dial(const char *path, int *status)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	int fd;

	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
		*status = unreachable(path, errno);
	} else if (!is_ours(fd)) {
		*status = cli_fail(CLI_NOT_ALLOWED,
		                   "this stack belongs to somebody else\n%s\nask as the user who started it", path);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	ssize_t sent;

	while (len > 0) {
		sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool send_request(int fd, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	bool sent = text && send_all(fd, text, strlen(text)) && send_all(fd, "\n", 1);

	free(text);
	return sent;
}

/* The reply's line, on the heap, its length in *len; NULL when the stack falls silent or hangs up first. */
static char *receive_line(int fd, size_t *len)
{
	size_t size = REPLY_START, have = 0;
	char *line = malloc(size), *larger;
	ssize_t got;

	while (line) {
		got = recv(fd, line + have, size - have, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*len = have + (size_t)got;
		if (memchr(line + have, '\n', (size_t)got))
			return line;
		have = *len;
		if (have < size)
			continue;
		larger = size < REPLY_MAX ? realloc(line, size * 2) : NULL;
		if (!larger)
			break;
		line = larger;
		size *= 2;
	}
	free(line);
	return NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The stack's own error, in its words. */
static int report(const json_t *reply, const json_t *error)
{
	json_int_t status = json_integer_value(json_object_get(reply, "status"));

	return cli_fail(status > 0 && status < 128 ? (int)status : CLI_NO, "%s\n%s\n%s", text_of(error, "what"),
	                text_of(error, "saw"), text_of(error, "try"));
}

/* What is wrong with the reply, as a status; CLI_DONE when it can be used. */
static int judge(const json_t *reply, const char *path)
{
	const json_t *version = json_object_get(reply, "weir"), *error;

	if (!json_is_integer(version))
		return cli_fail(CLI_NO_STACK,
		                "no running stack answered\nwhat listens at %s does not speak Weir's views\n" START_ONE,
		                path);
	error = json_object_get(reply, "error");
	if (error)
		return report(reply, error);
	if (json_integer_value(version) != VIEW_VERSION)
		return cli_fail(
		    CLI_NO_STACK,
		    "the running stack is of another version\nits views have version %lld, this command reads %d\nuse "
		    "the weir that started it",
		    (long long)json_integer_value(version), VIEW_VERSION);
	return CLI_DONE;
}

static json_t *exchange(int fd, const json_t *request, const char *path, int *status)
{
	char *line = NULL;
	size_t len = 0;
	json_t *reply;

	if (send_request(fd, request))
		line = receive_line(fd, &len);
	if (!line) {
		*status =
		    cli_fail(CLI_NO_STACK,
		             "no running stack answered\nwhat listens at %s hung up or fell silent\n" START_ONE, path);
		return NULL;
	}
	reply = json_loadb(line, len, JSON_DISABLE_EOF_CHECK, NULL);
	free(line);
	*status = judge(reply, path);
	if (*status != CLI_DONE) {
		json_decref(reply);
		return NULL;
	}
	return reply;
}

static int stack_path(char path[WORLD_PATH])
{
	struct complaint complaint;

	if (!world_path(cli_settings()->stack, false, path, &complaint))
		return CLI_DONE;
	/* No program has been run: the statuses of run are not for views. */
	return cli_fail(complaint.status == CLI_RUN_FAILED ? CLI_NOT_ALLOWED : complaint.status, "%s\n%s\n%s",
	                complaint.what, complaint.saw, complaint.try);
}

json_t *cli_ask(json_t *take_request, int *status)
{
	char path[WORLD_PATH];
	json_t *reply = NULL;
	int fd;

	*status = stack_path(path);
	fd = *status == CLI_DONE ? dial(path, status) : -1;
	if (fd >= 0) {
		reply = exchange(fd, take_request, path, status);
		close(fd);
	}
	json_decref(take_request);
	return reply;
}
