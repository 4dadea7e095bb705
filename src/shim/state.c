/* SPDX-License-Identifier: Apache-2.0
 *
 * shutdown() and the ioctl()s that ask about queues.
 *
 * shutdown() of a connection is native, and the world sees it at D. It is told where D shows nothing: a listener that
 * stops, an attempt that is called off.
 */
#include "shim/shim.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <sys/ioctl.h>

static int shutdown_ours(int fd, const struct world_name *name, int how)
{
	struct world_request request = {.kind = WORLD_SHUTDOWN, .id = name->id, .number = how};
	struct world_name far;
	struct world_reply reply;
	bool listening;

	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return shim_fail(EINVAL);
	if (shim_is_over(fd))
		return shim_fail(ENOTCONN);
	if (name->flags & WORLD_NAME_ADDRESSES)
		return shim_real()->shutdown(fd, how);
	if (!shim_identify_far_end(fd, &far)) {
		if (!shim_ask(&request, &reply))
			return shim_fail(ENETDOWN);
		return reply.result == 0 ? 0 : shim_fail(-reply.result);
	}
	listening = far.kind == WORLD_END_LISTENING;
	if (listening && how == SHUT_WR)
		return 0;
	if (listening && !shim_post(&request, -1))
		return shim_fail(ENETDOWN);
	return shim_real()->shutdown(fd, how);
}

SHIM_EXPORT int shutdown(int fd, int how)
{
	struct world_name name;

	if (!shim_identify(fd, &name))
		return shim_real()->shutdown(fd, how);
	return shim_is_refused(&name) ? -1 : shutdown_ours(fd, &name, how);
}

static bool is_listening(int fd)
{
	struct world_name far;

	return shim_identify_far_end(fd, &far) && far.kind == WORLD_END_LISTENING;
}

static int ask_queues(const struct world_name *name, unsigned long call, int *out)
{
	struct world_request request = {.kind = WORLD_QUEUES, .id = name->id};
	struct world_reply reply;

	if (out == NULL)
		return shim_fail(EFAULT);
	if (!shim_ask(&request, &reply))
		return shim_fail(ENETDOWN);
	*out = 0; /* a connection that is gone has nothing on its way */
	if (reply.result == 0)
		*out = (int)(call == SIOCOUTQ ? reply.queues.unacknowledged_bytes : reply.queues.unsent_bytes);
	return 0;
}

SHIM_EXPORT int ioctl(int fd, unsigned long call, ...)
{
	struct world_name name;
	va_list args;
	void *arg;

	va_start(args, call);
	arg = va_arg(args, void *);
	va_end(args);
	switch (call) {
	case SIOCINQ:
		if (is_listening(fd))
			return shim_fail(EINVAL);
		break;
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		if (!shim_identify(fd, &name) || shim_is_refused(&name))
			break;
		return is_listening(fd) ? shim_fail(EINVAL) : ask_queues(&name, call, arg);
	default:
		break;
	}
	return shim_real()->ioctl(fd, call, arg);
}
