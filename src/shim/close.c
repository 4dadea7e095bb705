/* SPDX-License-Identifier: Apache-2.0
 *
 * close(). Native, unless the program has ever set SO_LINGER {1,n} with n > 0: then close() of such a socket waits
 * until the closing handshake is done (T6.8). When the time is up first, close() says so: -1 and EWOULDBLOCK; the
 * descriptor is closed all the same. (Linux says 0, so that nobody can know.)
 */
#include "shim/shim.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000 };

static bool lingers;

void shim_note_linger(const struct linger *linger)
{
	if (linger->l_onoff != 0 && linger->l_linger > 0)
		__atomic_store_n(&lingers, true, __ATOMIC_RELAXED);
}

/* How long close() of this socket is to wait; 0 = not at all. */
static int64_t linger_ns(int fd, struct world_name *name)
{
	struct linger linger;
	socklen_t len = sizeof(linger);

	if (!shim_identify(fd, name) || name->kind != WORLD_END_PROGRAM ||
	    shim_real()->getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len) != 0 || linger.l_onoff == 0 ||
	    linger.l_linger <= 0)
		return 0;
	return (int64_t)linger.l_linger * NS_PER_S;
}

static int close_and_wait(int fd, const struct world_name *name, int64_t ns)
{
	struct world_request request = {.kind = WORLD_LINGER, .id = name->id};
	struct world_reply reply;
	bool there = shim_ask_late(&request, NULL, &reply) && reply.result == 0;

	request.linger.socket = reply.socket;
	request.linger.ns = ns;
	if (shim_real_files()->close(fd) != 0)
		return -1;
	if (!there || !shim_ask_late(&request, NULL, &reply) || reply.result == 0)
		return 0;
	return shim_fail(EWOULDBLOCK);
}

SHIM_EXPORT int close(int fd)
{
	int saved = errno, result;
	struct world_name name;
	int64_t ns = __atomic_load_n(&lingers, __ATOMIC_RELAXED) ? linger_ns(fd, &name) : 0;

	if (ns == 0)
		return shim_real_files()->close(fd);
	result = close_and_wait(fd, &name, ns);
	if (result == 0)
		errno = saved;
	return result;
}
