/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the world's hosts in getaddrinfo(), gethostbyname() and their kin. What is no host of the world goes to the
 * C library: literals, localhost, /etc/hosts. (Its own DNS sockets are refused by weir run's filter: names outside the
 * world do not resolve.)
 */
#include "shim/shim.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* The addresses of a host of the world. false: no such host. */
static bool look_up(const char *node, struct world_reply *reply)
{
	struct world_request request = {.kind = WORLD_RESOLVE};
	struct in6_addr literal;
	size_t len = node != NULL ? strlen(node) : 0;

	if (len == 0 || len >= sizeof(request.name) || inet_pton(AF_INET, node, &literal) == 1 ||
	    inet_pton(AF_INET6, node, &literal) == 1)
		return false;
	memcpy(request.name, node, len + 1);
	return shim_ask(&request, reply) && reply->result == 0 && reply->resolve.count > 0;
}

static bool wanted(const weir_addr *addr, int family)
{
	return family == AF_UNSPEC || (family == AF_INET) == weir_addr_is_v4(addr);
}

/* The C library's answer for the literal of one address, appended: so every entry is as it would be without Weir. */
static int append_literal(const weir_addr *addr, const char *service, struct addrinfo hints, struct addrinfo ***tail)
{
	char text[INET6_ADDRSTRLEN];
	bool v4 = weir_addr_is_v4(addr);
	int error;

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? addr->b + 12 : addr->b, text, sizeof(text));
	hints.ai_family = hints.ai_family == AF_UNSPEC ? (v4 ? AF_INET : AF_INET6) : hints.ai_family;
	hints.ai_flags = (hints.ai_flags & ~(AI_ADDRCONFIG | AI_CANONNAME | AI_ALL)) | AI_NUMERICHOST;
	error = shim_real()->getaddrinfo(text, service, &hints, *tail);
	if (error != 0)
		return error;
	while (**tail != NULL)
		*tail = &(**tail)->ai_next;
	return 0;
}

static int build_list(const struct world_reply *reply, const char *node, const char *service,
                      const struct addrinfo *hints, struct addrinfo **list)
{
	struct addrinfo base = hints != NULL ? *hints : (struct addrinfo){.ai_family = AF_UNSPEC}, *first = NULL;
	struct addrinfo **tail = &first;
	bool mapped = base.ai_family == AF_INET6 && base.ai_flags & AI_V4MAPPED;
	int error = EAI_NONAME;

	for (int pass = 0; pass < 2 && first == NULL; pass++) /* v4-mapped only where there is no IPv6 address */
		for (uint32_t i = 0; i < reply->resolve.count && i < WORLD_RESOLVE_ADDRS; i++) {
			const weir_addr *addr = &reply->resolve.addr[i];

			if (!wanted(addr, base.ai_family) && !(pass == 1 && mapped))
				continue;
			error = append_literal(addr, service, base, &tail);
			if (error != 0 && first != NULL)
				freeaddrinfo(first);
			if (error != 0)
				return error;
		}
	if (first == NULL)
		return error;
	if (base.ai_flags & AI_CANONNAME)
		first->ai_canonname = strdup(node);
	*list = first;
	return 0;
}

SHIM_EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
                            const struct addrinfo *restrict hints, struct addrinfo **restrict list)
{
	struct world_reply reply;

	if ((hints != NULL && hints->ai_flags & AI_NUMERICHOST) || !look_up(node, &reply))
		return shim_real()->getaddrinfo(node, service, hints, list);
	return build_list(&reply, node, service, hints, list);
}

/* Lays a struct hostent out in the caller's buffer. 0 or ERANGE. */
static int lay_out(const struct world_reply *reply, const char *name, int family, struct hostent *host, char *buffer,
                   size_t room)
{
	size_t addr_len = family == AF_INET ? 4 : 16, name_len = strlen(name) + 1, count = 0;
	char **list = (char **)(void *)(buffer + (-(uintptr_t)buffer & (sizeof(char *) - 1)));
	char *next = (char *)(list + WORLD_RESOLVE_ADDRS + 2);

	if (next + WORLD_RESOLVE_ADDRS * addr_len + name_len > buffer + room)
		return ERANGE;
	for (uint32_t i = 0; i < reply->resolve.count && i < WORLD_RESOLVE_ADDRS; i++) {
		const weir_addr *addr = &reply->resolve.addr[i];

		if (!wanted(addr, family))
			continue;
		memcpy(next, family == AF_INET ? addr->b + 12 : addr->b, addr_len);
		list[count++] = next;
		next += addr_len;
	}
	list[count] = NULL;
	list[WORLD_RESOLVE_ADDRS + 1] = NULL;
	memcpy(next, name, name_len);
	*host = (struct hostent){.h_name = next,
	                         .h_aliases = &list[WORLD_RESOLVE_ADDRS + 1],
	                         .h_addrtype = family,
	                         .h_length = (int)addr_len,
	                         .h_addr_list = list};
	return 0;
}

SHIM_EXPORT int gethostbyname2_r(const char *restrict name, int family, struct hostent *restrict host,
                                 char *restrict buffer, size_t room, struct hostent **restrict result,
                                 int *restrict error)
{
	struct world_reply reply;
	int failed;

	if ((family != AF_INET && family != AF_INET6) || !look_up(name, &reply))
		return shim_real()->gethostbyname2_r(name, family, host, buffer, room, result, error);
	*result = NULL;
	failed = lay_out(&reply, name, family, host, buffer, room);
	if (failed != 0) {
		*error = NETDB_INTERNAL;
		errno = failed;
		return failed;
	}
	if (host->h_addr_list[0] == NULL)
		*error = NO_DATA;
	else
		*result = host;
	return 0;
}

SHIM_EXPORT int gethostbyname_r(const char *restrict name, struct hostent *restrict host, char *restrict buffer,
                                size_t room, struct hostent **restrict result, int *restrict error)
{
	return gethostbyname2_r(name, AF_INET, host, buffer, room, result, error);
}

SHIM_EXPORT struct hostent *gethostbyname2(const char *name, int family)
{
	static __thread struct hostent host;
	static __thread char buffer[1024];
	struct world_reply reply;

	if ((family != AF_INET && family != AF_INET6) || !look_up(name, &reply))
		return shim_real()->gethostbyname2(name, family);
	if (lay_out(&reply, name, family, &host, buffer, sizeof(buffer)) == 0 && host.h_addr_list[0] != NULL)
		return &host;
	h_errno = NO_DATA;
	return NULL;
}

SHIM_EXPORT struct hostent *gethostbyname(const char *name)
{
	return gethostbyname2(name, AF_INET);
}

/* The name of the host that has this address. */
static bool name_of(const struct sockaddr *addr, socklen_t len, struct world_reply *reply)
{
	struct world_request request = {.kind = WORLD_NAME_OF};

	if (addr == NULL || len < sizeof(addr->sa_family) ||
	    (addr->sa_family != AF_INET && addr->sa_family != AF_INET6))
		return false;
	return shim_endpoint_from(addr, len, addr->sa_family, &request.end) == 0 && shim_ask(&request, reply) &&
	       reply->result == 0;
}

SHIM_EXPORT int getnameinfo(const struct sockaddr *restrict addr, socklen_t len, char *restrict node,
                            socklen_t node_len, char *restrict service, socklen_t service_len, int flags)
{
	struct world_reply reply;
	size_t name_len;
	int error;

	if (flags & NI_NUMERICHOST || node == NULL || node_len == 0 || !name_of(addr, len, &reply))
		return shim_real()->getnameinfo(addr, len, node, node_len, service, service_len, flags);
	name_len = strnlen(reply.name, sizeof(reply.name) - 1);
	if (name_len >= node_len)
		return EAI_OVERFLOW;
	error = service == NULL || service_len == 0
	            ? 0
	            : shim_real()->getnameinfo(addr, len, NULL, 0, service, service_len, flags);
	if (error == 0) {
		memcpy(node, reply.name, name_len);
		node[name_len] = '\0';
	}
	return error;
}
