/* SPDX-License-Identifier: Apache-2.0
 *
 * Multicast groups of an interface (RFC 1112 s7, RFC 4291 s2.7): which ones are heard, and how often sockets have
 * joined each. Ethernet's filter follows from them (RFC 1112 s6.4, RFC 2464 s7). Membership is not reported to routers:
 * IGMP and MLD are left out.
 *
 * Bound: NET_MAX_GROUPS an interface. The groups of all hosts are always heard and cost nothing.
 */
#include "net/net_internal.h"

enum { GROUPS_FIRST = 4 };

/* 224.0.0.1 and ff02::1: every host is a member. */
static const weir_addr all_hosts4 = {.b = {[10] = 0xff, [11] = 0xff, [12] = 224, [15] = 1}};
static const weir_addr all_nodes6 = {.b = {[0] = 0xff, [1] = 2, [15] = 1}};

void group_mac(const weir_addr *group, uint8_t mac[6])
{
	if (weir_addr_is_v4(group)) {
		mac[0] = 0x01;
		mac[1] = 0x00;
		mac[2] = 0x5e;
		mac[3] = group->b[13] & 0x7f;
		mac[4] = group->b[14];
		mac[5] = group->b[15];
	} else {
		mac[0] = mac[1] = 0x33;
		memcpy(mac + 2, group->b + 12, 4);
	}
}

static struct group *find(const struct interface *i, const weir_addr *addr)
{
	for (unsigned k = 0; k < i->groups; k++)
		if (weir_addr_equal(&i->group[k].addr, addr))
			return &i->group[k];
	return NULL;
}

bool group_heard(const struct interface *i, const weir_addr *addr)
{
	return weir_addr_equal(addr, &all_hosts4) || weir_addr_equal(addr, &all_nodes6) || find(i, addr) != NULL;
}

static bool has_mac(const weir_addr *group, const uint8_t mac[6])
{
	uint8_t own[6];

	group_mac(group, own);
	return memcmp(own, mac, 6) == 0;
}

bool group_mac_heard(const struct interface *i, const uint8_t mac[6])
{
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (memcmp(mac, everybody, 6) == 0 || has_mac(&all_hosts4, mac) || has_mac(&all_nodes6, mac))
		return true;
	for (unsigned k = 0; k < i->groups; k++)
		if (has_mac(&i->group[k].addr, mac))
			return true;
	return false;
}

bool net_group_member(const struct net *net, unsigned ifindex, const weir_addr *group)
{
	const struct interface *i = interface_get(net, ifindex);

	return i && group_heard(i, group);
}

static bool room(struct net *net, struct interface *i)
{
	struct memory *memory = &net->host->memory;
	uint16_t more = i->groups_room ? (uint16_t)(i->groups_room * 2) : (uint16_t)GROUPS_FIRST;
	struct group *grown;

	if (i->groups < i->groups_room)
		return true;
	grown = memory_alloc(memory, more * sizeof(*grown));
	if (!grown)
		return false;
	if (i->group) {
		memcpy(grown, i->group, i->groups * sizeof(*grown));
		memory_free(memory, i->group, i->groups_room * sizeof(*grown));
	}
	i->group = grown;
	i->groups_room = more;
	return true;
}

void groups_free(struct net *net, struct interface *i)
{
	if (i->group)
		memory_free(&net->host->memory, i->group, i->groups_room * sizeof(*i->group));
}

int net_group_join(struct net *net, unsigned ifindex, const weir_addr *group)
{
	struct interface *i = interface_get(net, ifindex);
	struct group *known;

	if (!i)
		return -WEIR_ENODEV;
	if (!weir_addr_is_multicast(group))
		return -WEIR_EINVAL;
	known = find(i, group);
	if (known) {
		known->members++;
		return 0;
	}
	if (i->groups == NET_MAX_GROUPS)
		return -WEIR_ENOBUFS;
	if (!room(net, i))
		return -WEIR_ENOMEM;
	i->group[i->groups++] = (struct group){*group, 1};
	return 0;
}

void net_group_leave(struct net *net, unsigned ifindex, const weir_addr *group)
{
	struct interface *i = interface_get(net, ifindex);
	struct group *known = i ? find(i, group) : NULL;

	weir_assert(known && known->members);
	if (--known->members == 0)
		*known = i->group[--i->groups];
}

/* As Linux: the interface by number, else by its address, else the one that the group's packets would leave by. */
int net_group_interface(struct net *net, const weir_addr *group, const weir_addr *addr, unsigned ifindex)
{
	struct net_path path;

	if (ifindex)
		return interface_get(net, ifindex) ? (int)ifindex : -WEIR_ENODEV;
	if (addr && !weir_addr_is_any(addr)) {
		for (unsigned k = 1; k <= net->interfaces; k++)
			if (interface_has(net->interface[k], addr))
				return (int)k;
		return -WEIR_ENODEV;
	}
	return net_route(net, group, NULL, 0, true, &path) == 0 ? path.ifindex : -WEIR_ENODEV;
}
