/* SPDX-License-Identifier: Apache-2.0
 *
 * socket(). TCP over IPv4 and IPv6 is Weir's; other kinds of these families get a stand-in that refuses to work, so
 * that a program which only asks whether the kind exists (curl does) gets on, and nothing reaches the kernel's
 * network unseen. Errors as Linux's.
 */
#include "shim/shim.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

/* 0, or Linux's error for this combination. */
static int check_kind(int type, int protocol)
{
	if (protocol < 0 || protocol > 255)
		return protocol == IPPROTO_MPTCP ? EPROTONOSUPPORT : EINVAL;
	switch (type) {
	case SOCK_STREAM:
		return protocol == 0 || protocol == IPPROTO_TCP ? 0 : EPROTONOSUPPORT;
	case SOCK_DGRAM:
		return protocol == 0 || protocol == IPPROTO_UDP ? 0 : EPROTONOSUPPORT;
	case SOCK_RAW:
		return protocol == 0 ? EPROTONOSUPPORT : 0;
	case SOCK_RDM:
	case SOCK_SEQPACKET:
		return ESOCKTNOSUPPORT;
	default:
		return EINVAL;
	}
}

static int stand_in(int family, int flags)
{
	int fd = shim_real()->socket(AF_UNIX, SOCK_DGRAM | flags, 0);

	if (fd < 0 || shim_bind_name(fd, WORLD_END_REFUSED, family, shim_new_id()) == 0)
		return fd;
	close(fd);
	shim_say(SHIM_ONCE_UDP, "UDP for programs is not offered yet; socket() refused (EAFNOSUPPORT)");
	return shim_fail(EAFNOSUPPORT);
}

SHIM_EXPORT int socket(int family, int type, int protocol)
{
	int flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK), kind = type & ~flags, error;

	if (family != AF_INET && family != AF_INET6)
		return shim_real()->socket(family, type, protocol);
	error = check_kind(kind, protocol);
	if (error != 0)
		return shim_fail(error);
	if (kind == SOCK_STREAM)
		return shim_pair(family, flags);
	if (kind == SOCK_DGRAM)
		return stand_in(family, flags);
	shim_say(SHIM_ONCE_RAW, "raw sockets are not offered; socket(SOCK_RAW) refused (EPERM)");
	return shim_fail(EPERM);
}
