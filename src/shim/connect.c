/* SPDX-License-Identifier: Apache-2.0
 *
 * connect(). One round trip to the world; between hosts without delay the handshake is over when the reply comes.
 *
 * Blocking, and not over: the caller reads a token from its own end of the pair, so that signals, SA_RESTART and
 * cancellation are the kernel's business; SO_SNDTIMEO stands in for SO_RCVTIMEO meanwhile. A wait that ends without a
 * token is called off (WORLD_CANCEL), and the attempt goes on as a non-blocking one, as on Linux.
 *
 * Non-blocking, and not over: A is filled so that it does not look writable.
 */
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static const char zeros[65536];

void shim_fill(int fd, uint64_t id)
{
	struct world_request request = {.kind = WORLD_FILLED, .id = id};
	int saved = errno;
	long n;

	while ((n = syscall(SYS_sendto, fd, zeros, sizeof(zeros), MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0)) > 0)
		request.number += (int32_t)n;
	shim_post(&request, -1);
	errno = saved;
}

int shim_start_anew(int fd, int family)
{
	int status = fcntl(fd, F_GETFL), flags = fcntl(fd, F_GETFD), fresh;

	if (status < 0 || flags < 0)
		return -1;
	fresh = shim_pair(family, SOCK_CLOEXEC | (status & O_NONBLOCK));
	if (fresh < 0)
		return -1;
	if (dup3(fresh, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
		close(fresh);
		return -1;
	}
	return close(fresh);
}

/* connect() on a socket whose attempt failed: the error once, if nobody has asked for it, and the
 * socket is as new for the next call. */
static int after_failure(int fd, const struct world_name *name)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (shim_start_anew(fd, name->family) != 0)
		return -1;
	return shim_fail(error != 0 ? error : ECONNABORTED);
}

static bool set_timeout(int fd, const struct timeval *limit)
{
	return shim_real()->setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, limit, sizeof(*limit)) == 0;
}

/* Reads the token. Returns 1 with *token, or recv()'s other results with errno. */
static ssize_t wait_for_token(int fd, uint8_t *token)
{
	struct timeval send_limit = {0}, recv_limit = {0};
	socklen_t len = sizeof(send_limit);
	bool swap;
	ssize_t n;
	int error;

	shim_real()->getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send_limit, &len);
	len = sizeof(recv_limit);
	shim_real()->getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &recv_limit, &len);
	swap = memcmp(&send_limit, &recv_limit, sizeof(recv_limit)) != 0 && set_timeout(fd, &send_limit);
	n = shim_real()->recv(fd, token, 1, 0);
	error = errno;
	if (swap)
		set_timeout(fd, &recv_limit);
	errno = error;
	return n;
}

static int token_result(uint8_t token)
{
	return token == 0 ? 0 : shim_fail(token);
}

/* The wait ended early. The token may have come at the same moment: then that is the answer. */
static int call_off(int fd, const struct world_name *name, int error)
{
	struct world_request request = {.kind = WORLD_CANCEL, .id = name->id};
	struct world_reply reply;
	struct world_name now;
	uint8_t token;

	if (!shim_identify(fd, &now) || now.id != name->id) /* another file has been put in its place (dup2) */
		return shim_fail(error);
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	if (reply.flags & WORLD_TOKEN && shim_real()->recv(fd, &token, 1, MSG_DONTWAIT) == 1)
		return token_result(token);
	if (reply.flags & WORLD_FILL)
		shim_fill(fd, name->id);
	return shim_fail(error == EAGAIN ? EINPROGRESS : error);
}

static int wait_for_connection(int fd, const struct world_name *name)
{
	uint8_t token;
	ssize_t n = wait_for_token(fd, &token);

	if (n == 1)
		return token_result(token);
	if (n == 0)
		return shim_fail(ECONNABORTED);
	return errno == EINTR || errno == EAGAIN ? call_off(fd, name, errno) : -1;
}

static int connect_ours(int fd, const struct world_name *name, const struct weir_endpoint *end)
{
	struct world_request request = {.kind = WORLD_CONNECT, .id = name->id, .end = *end};
	struct world_reply reply;
	int status = fcntl(fd, F_GETFL);

	if (status < 0)
		return -1;
	if ((status & O_NONBLOCK) == 0)
		request.flags = WORLD_WAIT;
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	if (reply.flags & WORLD_TOKEN)
		return wait_for_connection(fd, name);
	if (reply.flags & WORLD_FILL)
		shim_fill(fd, name->id);
	return reply.result == 0 ? 0 : shim_fail(-reply.result);
}

SHIM_EXPORT int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct weir_endpoint end;
	struct world_name name;
	int error;

	if (!shim_identify(fd, &name))
		return shim_real()->connect(fd, addr, len);
	if (shim_is_refused(&name))
		return -1;
	if (addr != NULL && len >= sizeof(addr->sa_family) && addr->sa_family == AF_UNSPEC)
		return shim_start_anew(fd, name.family);
	error = shim_endpoint_from(addr, len, name.family, &end);
	if (error != 0)
		return shim_fail(error);
	return shim_is_over(fd) ? after_failure(fd, &name) : connect_ours(fd, &name, &end);
}
