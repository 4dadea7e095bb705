/* SPDX-License-Identifier: Apache-2.0
 *
 * Options about multicast whose values are not an int, by Linux's numbers: IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP,
 * IP_MULTICAST_IF (struct in_addr, ip_mreq, ip_mreqn), IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP (struct ipv6_mreq),
 * IPV6_MULTICAST_IF; and IP_MULTICAST_ALL, IPV6_MULTICAST_ALL, which are kept beside them. TTL, hops and loop are rows
 * of option_socket.c. Source filters (IGMPv3) are left out.
 */
#include "sock/multicast.h"

#include <string.h>

enum { LEVEL_IP = 0, LEVEL_IPV6 = 41 };
enum { IP_IF = 32, IP_JOIN = 35, IP_LEAVE = 36, IP_ALL = 49 };
enum { IPV6_IF = 17, IPV6_JOIN = 20, IPV6_LEAVE = 21, IPV6_ALL = 29 };

struct request {
	weir_addr group, addr;
	uint32_t ifindex;
};

static weir_addr address4(const uint8_t *from)
{
	return weir_addr_v4(from[0], from[1], from[2], from[3]);
}

/* group, address [, interface] */
static int read_request4(const void *value, uint32_t len, struct request *r)
{
	const uint8_t *bytes = value;

	if (len < 8)
		return -WEIR_EINVAL;
	r->group = address4(bytes);
	r->addr = address4(bytes + 4);
	r->ifindex = 0;
	if (len >= 12)
		memcpy(&r->ifindex, bytes + 8, sizeof(r->ifindex));
	return 0;
}

/* group, interface */
static int read_request6(const void *value, uint32_t len, struct request *r)
{
	const uint8_t *bytes = value;

	if (len < 20)
		return -WEIR_EINVAL;
	memcpy(&r->group, bytes, 16);
	r->addr = WEIR_ADDR_ANY6;
	memcpy(&r->ifindex, bytes + 16, sizeof(r->ifindex));
	return weir_addr_is_v4(&r->group) ? -WEIR_EINVAL : 0;
}

static int set_interface4(struct weir_socket *s, const void *value, uint32_t len)
{
	struct net *net = s->table->net;
	struct sock_groups *g;
	struct request r = {.ifindex = 0};
	weir_addr all = weir_addr_v4(224, 0, 0, 1);
	int found = 0;

	if (len < 4)
		return -WEIR_EINVAL;
	if (len < 8)
		r.addr = address4(value);
	else
		read_request4(value, len, &r);
	if (r.ifindex || !weir_addr_is_any(&r.addr)) {
		found = net_group_interface(net, &all, &r.addr, r.ifindex);
		if (found < 0)
			return r.ifindex ? found : -WEIR_EADDRNOTAVAIL;
	}
	g = sock_groups_of(s);
	if (!g)
		return -WEIR_ENOMEM;
	g->interface4 = (uint16_t)found;
	return 0;
}

static int set_interface6(struct weir_socket *s, const void *value, uint32_t len)
{
	struct sock_groups *g;
	uint32_t ifindex;

	if (len < sizeof(ifindex))
		return -WEIR_EINVAL;
	memcpy(&ifindex, value, sizeof(ifindex));
	if (ifindex && !net_interface(s->table->net, ifindex))
		return -WEIR_ENODEV;
	g = sock_groups_of(s);
	if (!g)
		return -WEIR_ENOMEM;
	g->interface6 = (uint16_t)ifindex;
	return 0;
}

static int set_all(struct weir_socket *s, bool v4, const void *value, uint32_t len)
{
	struct sock_groups *g;
	int32_t all;

	if (len < sizeof(all))
		return -WEIR_EINVAL;
	memcpy(&all, value, sizeof(all));
	if (all != 0 && all != 1)
		return -WEIR_EINVAL;
	g = sock_groups_of(s);
	if (!g)
		return -WEIR_ENOMEM;
	*(v4 ? &g->only_own4 : &g->only_own6) = !all;
	return 0;
}

static int set4(struct weir_socket *s, int name, const void *value, uint32_t len)
{
	struct request r;
	int error;

	switch (name) {
	case IP_IF:
		return set_interface4(s, value, len);
	case IP_ALL:
		return set_all(s, true, value, len);
	case IP_JOIN:
	case IP_LEAVE:
		error = read_request4(value, len, &r);
		if (error < 0)
			return error;
		return name == IP_JOIN ? sock_group_join(s, &r.group, &r.addr, r.ifindex)
		                       : sock_group_leave(s, &r.group, &r.addr, r.ifindex);
	default:
		return 1;
	}
}

static int set6(struct weir_socket *s, int name, const void *value, uint32_t len)
{
	struct request r;
	int error;

	switch (name) {
	case IPV6_IF:
		return set_interface6(s, value, len);
	case IPV6_ALL:
		return set_all(s, false, value, len);
	case IPV6_JOIN:
	case IPV6_LEAVE:
		error = read_request6(value, len, &r);
		if (error < 0)
			return error;
		return name == IPV6_JOIN ? sock_group_join(s, &r.group, &r.addr, r.ifindex)
		                         : sock_group_leave(s, &r.group, &r.addr, r.ifindex);
	default:
		return 1;
	}
}

int option_multicast_set(struct weir_socket *s, int level, int name, const void *value, uint32_t len)
{
	if (s->kind != SOCK_DATAGRAM)
		return 1;
	if (level == LEVEL_IP)
		return set4(s, name, value, len);
	return level == LEVEL_IPV6 && s->family == WEIR_INET6 ? set6(s, name, value, len) : 1;
}

static int give(void *value, uint32_t *len, const void *from, uint32_t bytes)
{
	if (*len > bytes)
		*len = bytes;
	if (*len)
		memcpy(value, from, *len);
	return 0;
}

/* IP_MULTICAST_IF is told as an address: Linux keeps the one that was given; here the interface counts, and the answer
 * is the wildcard or the address that it would send from. */
static int get_interface4(const struct weir_socket *s, void *value, uint32_t *len)
{
	const struct sock_groups *g = s->u.groups;
	weir_addr all = weir_addr_v4(224, 0, 0, 1);
	uint8_t answer[4] = {0};
	struct net_path path;

	if (g && g->interface4 && net_route(s->table->net, &all, NULL, g->interface4, true, &path) == 0)
		memcpy(answer, path.src.b + 12, sizeof(answer));
	return give(value, len, answer, sizeof(answer));
}

int option_multicast_get(const struct weir_socket *s, int level, int name, void *value, uint32_t *len)
{
	const struct sock_groups *g;
	int32_t answer;

	if (s->kind != SOCK_DATAGRAM)
		return 1;
	g = s->u.groups;
	if (level == LEVEL_IP && name == IP_IF)
		return get_interface4(s, value, len);
	if (level == LEVEL_IP && name == IP_ALL)
		answer = !(g && g->only_own4);
	else if (level == LEVEL_IPV6 && s->family == WEIR_INET6 && name == IPV6_IF)
		answer = g ? g->interface6 : 0;
	else if (level == LEVEL_IPV6 && s->family == WEIR_INET6 && name == IPV6_ALL)
		answer = !(g && g->only_own6);
	else
		return 1;
	return give(value, len, &answer, sizeof(answer));
}
