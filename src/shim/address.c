/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses: between the program's sockaddr and an endpoint, and the calls that ask for one.
 */
#include "shim/shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Linux takes an IPv6 address without its scope field (RFC 2133's). */
enum { SIN6_SHORT = 24 };

static int from_v4(const struct sockaddr *addr, socklen_t len, struct weir_endpoint *end)
{
	struct sockaddr_in in;

	if (len < sizeof(in))
		return EINVAL;
	memcpy(&in, addr, sizeof(in));
	if (in.sin_family != AF_INET && !(in.sin_family == AF_UNSPEC && in.sin_addr.s_addr == INADDR_ANY))
		return EAFNOSUPPORT;
	end->addr = WEIR_ADDR_ANY4;
	end->addr.w[3] = in.sin_addr.s_addr;
	end->port = ntohs(in.sin_port);
	return 0;
}

static int from_v6(const struct sockaddr *addr, socklen_t len, struct weir_endpoint *end)
{
	struct sockaddr_in6 in = {0};

	if (len < SIN6_SHORT)
		return EINVAL;
	memcpy(&in, addr, len < sizeof(in) ? len : sizeof(in));
	if (in.sin6_family != AF_INET6)
		return EAFNOSUPPORT;
	memcpy(end->addr.b, &in.sin6_addr, sizeof(end->addr.b));
	end->port = ntohs(in.sin6_port);
	end->ifindex = (uint16_t)in.sin6_scope_id;
	if (weir_addr_is_link_local6(&end->addr) && end->ifindex == 0)
		return EINVAL;
	return 0;
}

int shim_endpoint_from(const struct sockaddr *addr, socklen_t len, int family, struct weir_endpoint *end)
{
	memset(end, 0, sizeof(*end));
	if (addr == NULL)
		return EFAULT;
	return family == AF_INET ? from_v4(addr, len, end) : from_v6(addr, len, end);
}

void shim_endpoint_to(const struct weir_endpoint *end, int family, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(end->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(end->port)};
	socklen_t room = *len;

	if (family == AF_INET) {
		v4.sin_addr.s_addr = end->addr.w[3];
		*len = sizeof(v4);
		memcpy(addr, &v4, room < sizeof(v4) ? room : sizeof(v4));
		return;
	}
	memcpy(&v6.sin6_addr, end->addr.b, sizeof(v6.sin6_addr));
	v6.sin6_scope_id = end->ifindex;
	*len = sizeof(v6);
	memcpy(addr, &v6, room < sizeof(v6) ? room : sizeof(v6));
}

/* Both addresses of a socket: from its names when they tell, else from the world. 0 or a positive errno. */
static int names_of(int fd, const struct world_name *name, struct weir_endpoint *local, struct weir_endpoint *remote)
{
	struct world_request request = {.kind = WORLD_NAMES, .id = name->id};
	struct world_reply reply;
	struct world_name far;
	bool listening;

	listening = false;
	if ((name->flags & WORLD_NAME_ADDRESSES) == 0 && shim_identify_far_end(fd, &far)) {
		name = &far;
		listening = far.kind == WORLD_END_LISTENING;
	}
	if (name->flags & WORLD_NAME_ADDRESSES) {
		*local = name->local;
		*remote = name->remote;
		return listening ? ENOTCONN : 0;
	}
	if (!shim_ask(&request, &reply))
		return ENETDOWN;
	if (reply.result != 0) {
		memset(local, 0, sizeof(*local));
		local->addr = name->family == AF_INET ? WEIR_ADDR_ANY4 : WEIR_ADDR_ANY6;
		return ENOTCONN;
	}
	*local = reply.names.local;
	*remote = reply.names.remote;
	return reply.flags & WORLD_CONNECTED ? 0 : ENOTCONN;
}

SHIM_EXPORT int getsockname(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	struct weir_endpoint local, remote;
	struct world_name name;
	int error;

	if (!shim_identify(fd, &name))
		return shim_real()->getsockname(fd, addr, len);
	if (shim_is_refused(&name))
		return -1;
	if (addr == NULL || len == NULL)
		return shim_fail(EFAULT);
	error = names_of(fd, &name, &local, &remote);
	if (error != 0 && error != ENOTCONN)
		return shim_fail(error);
	shim_endpoint_to(&local, name.family, addr, len);
	return 0;
}

SHIM_EXPORT int getpeername(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	struct weir_endpoint local, remote;
	struct world_name name;
	int error;

	if (!shim_identify(fd, &name))
		return shim_real()->getpeername(fd, addr, len);
	if (shim_is_refused(&name))
		return -1;
	if (addr == NULL || len == NULL)
		return shim_fail(EFAULT);
	error = shim_is_over(fd) ? ENOTCONN : names_of(fd, &name, &local, &remote);
	if (error != 0)
		return shim_fail(error);
	shim_endpoint_to(&remote, name.family, addr, len);
	return 0;
}
