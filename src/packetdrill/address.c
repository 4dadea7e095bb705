/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket addresses: sockaddr_in of AF_INET sockets, sockaddr_in6 (IPv4 as v4-mapped) of AF_INET6 sockets.
 */
#include "packetdrill/file.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static int read_v4(const struct sockaddr *addr, struct weir_endpoint *end)
{
	struct sockaddr_in in;

	memcpy(&in, addr, sizeof(in));
	end->addr = WEIR_ADDR_ANY4;
	memcpy(end->addr.b + 12, &in.sin_addr, 4);
	end->port = ntohs(in.sin_port);
	end->ifindex = 0;
	return 0;
}

static int read_v6(const struct sockaddr *addr, struct weir_endpoint *end)
{
	struct sockaddr_in6 in6;

	memcpy(&in6, addr, sizeof(in6));
	memcpy(end->addr.b, &in6.sin6_addr, 16);
	end->port = ntohs(in6.sin6_port);
	end->ifindex = (uint16_t)in6.sin6_scope_id;
	return 0;
}

int address_read(const struct file *f, const struct sockaddr *addr, socklen_t len, struct weir_endpoint *end)
{
	socklen_t needed =
	    f->domain == AF_INET ? sizeof(struct sockaddr_in) : offsetof(struct sockaddr_in6, sin6_scope_id);

	if (!addr)
		return -EFAULT;
	if (len < needed)
		return -EINVAL;
	if (addr->sa_family != f->domain)
		return -EAFNOSUPPORT;
	if (f->domain == AF_INET)
		return read_v4(addr, end);
	if (len < sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 whole = {0};

		memcpy(&whole, addr, len);
		return read_v6((const struct sockaddr *)&whole, end);
	}
	return read_v6(addr, end);
}

void address_write(const struct file *f, const struct weir_endpoint *end, struct sockaddr *addr, socklen_t *len)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(end->port)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(end->port), .sin6_scope_id = end->ifindex};
	const void *from = f->domain == AF_INET ? (const void *)&in : (const void *)&in6;
	socklen_t bytes = f->domain == AF_INET ? sizeof(in) : sizeof(in6);

	if (!addr || !len)
		return;
	memcpy(&in.sin_addr, end->addr.b + 12, 4);
	memcpy(&in6.sin6_addr, end->addr.b, 16);
	memcpy(addr, from, *len < bytes ? *len : bytes);
	*len = bytes;
}
