/* SPDX-License-Identifier: Apache-2.0
 *
 * getsockopt(), setsockopt(). Three kinds of options:
 *	native	  the kernel keeps the value with A, where it is also what it should be for time-outs, or means nothing
 *(SO_LINGER); reading one is no round trip. The world is told, for what the value does and for accepted sockets, which
 *inherit it posted	  only the world knows them; setting cannot fail once the length is right, so nobody waits asked
 *one round trip; the world answers as Linux would
 */
#include "shim/shim.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

static bool is_native(int level, int name)
{
	if (level != SOL_SOCKET)
		return false;
	switch (name) {
	case SO_REUSEADDR:
	case SO_KEEPALIVE:
	case SO_LINGER:
	case SO_OOBINLINE:
	case SO_BROADCAST:
	case SO_DONTROUTE:
	case SO_RCVLOWAT:
	case SO_PRIORITY:
	case SO_RCVTIMEO_OLD:
	case SO_SNDTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO_NEW:
		return true;
	default:
		return false;
	}
}

static bool is_posted(int level, int name)
{
	if (level == SOL_SOCKET)
		return name == SO_SNDBUF || name == SO_RCVBUF;
	return level == IPPROTO_TCP && (name == TCP_NODELAY || name == TCP_CORK || name == TCP_QUICKACK);
}

static bool is_read_only(int level, int name)
{
	return level == SOL_SOCKET && (name == SO_TYPE || name == SO_PROTOCOL || name == SO_DOMAIN ||
	                               name == SO_ERROR || name == SO_ACCEPTCONN || name == SO_SNDLOWAT);
}

static void fill_request(struct world_request *request, const struct world_name *name, int level, int option)
{
	memset(request, 0, sizeof(*request));
	request->id = name->id;
	request->option.level = level;
	request->option.name = option;
}

static int set_ours(int fd, const struct world_name *name, int level, int option, const void *value, socklen_t len)
{
	struct world_request request;
	struct world_reply reply;
	bool native = is_native(level, option);

	if (is_read_only(level, option))
		return shim_fail(ENOPROTOOPT);
	if (value == NULL && len > 0)
		return shim_fail(EFAULT);
	if (native && shim_real()->setsockopt(fd, level, option, value, len) != 0)
		return -1;
	if (native && option == SO_LINGER)
		shim_note_linger(value);
	fill_request(&request, name, level, option);
	request.kind = WORLD_SETSOCKOPT;
	request.option.len = len < WORLD_OPTION_BYTES ? len : WORLD_OPTION_BYTES;
	if (request.option.len > 0)
		memcpy(request.option.value, value, request.option.len);
	if (native || (is_posted(level, option) && len >= sizeof(int)))
		return shim_post(&request, -1) ? 0 : shim_fail(ENETDOWN);
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	return reply.result == 0 ? 0 : shim_fail(-reply.result);
}

SHIM_EXPORT int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	struct world_name name;

	if (!shim_identify(fd, &name))
		return shim_real()->setsockopt(fd, level, option, value, len);
	return shim_is_refused(&name) ? -1 : set_ours(fd, &name, level, option, value, len);
}

/* Hands a value out as Linux does: cut to the room, and the length told. */
static int give(const void *value, socklen_t size, void *out, socklen_t *len)
{
	if (out == NULL || len == NULL)
		return shim_fail(EFAULT);
	if ((int)*len < 0)
		return shim_fail(EINVAL);
	if (*len > size)
		*len = size;
	memcpy(out, value, *len);
	return 0;
}

static int give_int(int value, void *out, socklen_t *len)
{
	return give(&value, sizeof(value), out, len);
}

/* What the world says of an option: its size and reply.option.value, or -1 with errno. */
static int ask_option(const struct world_name *name, int level, int option, socklen_t len, struct world_reply *reply)
{
	struct world_request request;

	fill_request(&request, name, level, option);
	request.kind = WORLD_GETSOCKOPT;
	request.option.len = len < WORLD_OPTION_BYTES ? len : WORLD_OPTION_BYTES;
	if (!shim_ask(&request, reply))
		return shim_fail(ENETDOWN);
	return reply->result == 0 ? (int)reply->option.len : shim_fail(-reply->result);
}

/* The kernel knows that there is an error and clears it; the world knows which. */
static int get_error(int fd, const struct world_name *name, void *out, socklen_t *len)
{
	struct world_reply reply;
	socklen_t size = sizeof(int);
	int error = 0, saved = errno;

	if (shim_real()->getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return -1;
	if (error != 0 && ask_option(name, SOL_SOCKET, SO_ERROR, sizeof(error), &reply) == (int)sizeof(error))
		memcpy(&error, reply.option.value, sizeof(error));
	errno = saved;
	return give_int(error, out, len);
}

static int get_ours(int fd, const struct world_name *name, int level, int option, void *out, socklen_t *len)
{
	struct world_name far;
	struct world_reply reply;
	int size;

	if (len == NULL)
		return shim_fail(EFAULT);
	if (is_native(level, option))
		return shim_real()->getsockopt(fd, level, option, out, len);
	if (level == SOL_SOCKET) {
		switch (option) {
		case SO_TYPE:
			return give_int(SOCK_STREAM, out, len);
		case SO_DOMAIN:
			return give_int(name->family, out, len);
		case SO_PROTOCOL:
			return give_int(IPPROTO_TCP, out, len);
		case SO_SNDLOWAT:
			return give_int(1, out, len);
		case SO_ACCEPTCONN:
			return give_int(shim_identify_far_end(fd, &far) && far.kind == WORLD_END_LISTENING, out, len);
		case SO_ERROR:
			return get_error(fd, name, out, len);
		default:
			break;
		}
	}
	size = ask_option(name, level, option, *len, &reply);
	return size < 0 ? -1 : give(reply.option.value, (socklen_t)size, out, len);
}

/* SO_TYPE, SO_DOMAIN and SO_PROTOCOL of a stand-in, so that whoever asks what it is gets an answer. */
static int get_refused(const struct world_name *name, int level, int option, void *out, socklen_t *len)
{
	if (level == SOL_SOCKET && option == SO_TYPE)
		return give_int(SOCK_DGRAM, out, len);
	if (level == SOL_SOCKET && option == SO_DOMAIN)
		return give_int(name->family, out, len);
	if (level == SOL_SOCKET && option == SO_PROTOCOL)
		return give_int(IPPROTO_UDP, out, len);
	return shim_is_refused(name) ? -1 : 0;
}

SHIM_EXPORT int getsockopt(int fd, int level, int option, void *restrict value, socklen_t *restrict len)
{
	struct world_name name;

	if (!shim_identify(fd, &name))
		return shim_real()->getsockopt(fd, level, option, value, len);
	if (name.kind == WORLD_END_REFUSED)
		return get_refused(&name, level, option, value, len);
	return get_ours(fd, &name, level, option, value, len);
}
