/* SPDX-License-Identifier: Apache-2.0
 *
 * See sock/multicast.h. A connected socket gets nothing that is for many: its local address is its own.
 */
#include "sock/multicast.h"

#include "sock/port.h"

#include <string.h>

struct sock_groups *sock_groups_of(struct weir_socket *s)
{
	if (!s->u.groups)
		s->u.groups = memory_alloc_zero(&sock_host(s)->memory, sizeof(*s->u.groups));
	return s->u.groups;
}

void sock_groups_free(struct weir_socket *s)
{
	struct sock_groups *g = s->u.groups;

	if (!g)
		return;
	for (unsigned i = 0; i < g->count; i++)
		net_group_leave(s->table->net, g->group[i].ifindex, &g->group[i].addr);
	memory_free(&sock_host(s)->memory, g, sizeof(*g));
	s->u.groups = NULL;
}

/* Its place among the socket's groups; the count when it is none of them. */
static unsigned place(const struct sock_groups *g, const weir_addr *group, unsigned ifindex)
{
	unsigned i = 0;

	while (i < g->count && !(g->group[i].ifindex == ifindex && weir_addr_equal(&g->group[i].addr, group)))
		i++;
	return i;
}

int sock_group_join(struct weir_socket *s, const weir_addr *group, const weir_addr *addr, unsigned ifindex)
{
	struct sock_groups *g;
	int r;

	if (!weir_addr_is_multicast(group))
		return -WEIR_EINVAL;
	r = net_group_interface(s->table->net, group, addr, ifindex);
	if (r < 0)
		return r;
	ifindex = (unsigned)r;
	g = sock_groups_of(s);
	if (!g)
		return -WEIR_ENOMEM;
	if (place(g, group, ifindex) < g->count)
		return -WEIR_EADDRINUSE;
	if (g->count == SOCK_MAX_GROUPS)
		return -WEIR_ENOBUFS;
	r = net_group_join(s->table->net, ifindex, group);
	if (r < 0)
		return r;
	g->group[g->count].addr = *group;
	g->group[g->count++].ifindex = (uint16_t)ifindex;
	return 0;
}

int sock_group_leave(struct weir_socket *s, const weir_addr *group, const weir_addr *addr, unsigned ifindex)
{
	struct sock_groups *g = s->u.groups;
	unsigned i;
	int r;

	if (!weir_addr_is_multicast(group))
		return -WEIR_EINVAL;
	r = net_group_interface(s->table->net, group, addr, ifindex);
	if (r < 0)
		return r;
	i = g ? place(g, group, (unsigned)r) : 0;
	if (!g || i == g->count)
		return -WEIR_EADDRNOTAVAIL;
	net_group_leave(s->table->net, (unsigned)r, group);
	memmove(&g->group[i], &g->group[i + 1], (g->count - i - 1u) * sizeof(g->group[0]));
	g->count--;
	return 0;
}

unsigned sock_group_interface(const struct weir_socket *s, const weir_addr *to)
{
	const struct sock_groups *g = s->u.groups;

	if (!g || !weir_addr_is_multicast(to))
		return 0;
	return weir_addr_is_v4(to) ? g->interface4 : g->interface6;
}

/* As Linux: a group that it has joined on this interface; of others, unless it has asked for its own only, what any
 * socket of the host has joined. */
static bool hears(const struct weir_socket *s, const weir_addr *group, unsigned ifindex)
{
	const struct sock_groups *g = s->u.groups;

	if (!g || !weir_addr_is_multicast(group) || place(g, group, ifindex) < g->count)
		return true;
	return weir_addr_is_v4(group) ? !g->only_own4 : !g->only_own6;
}

void sock_queue_datagram(struct weir_socket *s, const struct weir_endpoint *from, const struct weir_slice *slice,
                         unsigned n, uint32_t len)
{
	struct host *h = sock_host(s);

	if (s->shut_read) {
		host_drop(h, drop_udp_no_port, s->id);
		return;
	}
	switch (udp_queue_put(&s->u.udp, &h->memory, from, slice, n, len)) {
	case UDP_QUEUED:
		sock_mark_ready(s);
		break;
	case UDP_FULL:
		host_drop(h, drop_udp_recvq_full, s->id);
		break;
	case UDP_NO_MEMORY:
		host_drop(h, drop_no_memory, s->id);
		break;
	}
}

bool sock_queue_for_all(struct sock_table *t, const struct sock_tuple *tuple, unsigned ifindex,
                        const struct weir_slice *slice, unsigned n, uint32_t len)
{
	const struct sock_port *port = sock_port_find(t, IP_UDP, tuple->local.port);
	bool any = false;
	unsigned wildcards;

	if (!port)
		return false;
	list_each (node, &port->owners) {
		struct weir_socket *s = weir_container(node, struct weir_socket, port_link);

		if (sock_matches_bound(s, tuple, &wildcards) && hears(s, &tuple->local.addr, ifindex)) {
			sock_queue_datagram(s, &tuple->remote, slice, n, len);
			any = true;
		}
	}
	return any;
}
