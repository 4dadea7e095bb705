/* SPDX-License-Identifier: Apache-2.0
 *
 * The routing table and the choice of a path: next hop, interface, our address.
 *
 * The table is one array ordered by prefix length, longest first, so that the first match is the
 * longest; it is small and only asked once for a connection or datagram. Among routes, those of the
 * interface that has the wanted source address come first (RFC 1122 s3.3.4.2); when it has none, any route does.
 *
 * Source address, when the caller does not say: one in the subnet of the next hop, then one of the
 * destination's scope, then the longest common prefix (RFC 6724 s5 rules 2 and 8), then the oldest.
 */
#include "net/net_internal.h"

enum { ROUTES_FIRST = 8 };

bool route_room(struct net *net)
{
	struct memory *memory = &net->host->memory;
	uint16_t room = net->routes_room ? (uint16_t)(net->routes_room * 2) : (uint16_t)ROUTES_FIRST;
	struct route *grown;

	if (net->routes < net->routes_room)
		return true;
	grown = memory_alloc(memory, room * sizeof(*grown));
	if (!grown)
		return false;
	if (net->route) {
		memcpy(grown, net->route, net->routes * sizeof(*grown));
		memory_free(memory, net->route, net->routes_room * sizeof(*grown));
	}
	net->route = grown;
	net->routes_room = room;
	return true;
}

int route_insert(struct net *net, const struct route *route)
{
	unsigned at = 0;

	/* Two addresses of one subnet need its route once. */
	for (unsigned k = 0; k < net->routes; k++) {
		const struct route *r = &net->route[k];

		if (r->connected && route->connected && r->ifindex == route->ifindex && r->v4 == route->v4 &&
		    r->prefix_bits == route->prefix_bits && weir_addr_equal(&r->prefix, &route->prefix))
			return 0;
	}
	if (net->routes == NET_MAX_ROUTES)
		return -WEIR_ENOSPC;
	if (!route_room(net))
		return -WEIR_ENOMEM;
	while (at < net->routes && net->route[at].prefix_bits >= route->prefix_bits)
		at++;
	memmove(&net->route[at + 1], &net->route[at], (net->routes - at) * sizeof(*route));
	net->route[at] = *route;
	net->routes++;
	return 0;
}

static bool route_matches(const struct route *r, const weir_addr *addr)
{
	return r->v4 == weir_addr_is_v4(addr) && prefix_same(&r->prefix, addr, r->prefix_bits);
}

/* Can this interface reach addr without a gateway? */
bool route_on_link(const struct net *net, unsigned ifindex, const weir_addr *addr)
{
	if (weir_addr_is_link_local6(addr))
		return true;
	for (unsigned k = 0; k < net->routes; k++) {
		const struct route *r = &net->route[k];

		if (r->ifindex == ifindex && weir_addr_equal(&r->gateway, &WEIR_ADDR_ANY6) && route_matches(r, addr))
			return true;
	}
	return false;
}

/* No bit behind the prefix, not loopback, not multicast. */
static bool prefix_valid(const weir_addr *prefix, unsigned prefix_bits)
{
	for (unsigned bit = prefix_bits; bit < 128; bit++)
		if (prefix->b[bit / 8] & 0x80 >> (bit % 8))
			return false;
	return !weir_addr_is_multicast(prefix) && !weir_addr_is_loopback(prefix);
}

static bool gateway_valid(const weir_addr *gateway, bool v4)
{
	return weir_addr_is_v4(gateway) == v4 && !weir_addr_is_any(gateway) && !weir_addr_is_multicast(gateway) &&
	       !weir_addr_is_loopback(gateway) && !addr_is_zero_net4(gateway) && !addr_is_high4(gateway);
}

int net_route_add(struct net *net, const weir_addr *prefix, unsigned prefix_len, unsigned ifindex,
                  const weir_addr *gateway)
{
	const struct interface *i = interface_get(net, ifindex);
	bool v4 = weir_addr_is_v4(prefix);
	struct route route = {.prefix = *prefix, .ifindex = (uint16_t)ifindex, .v4 = v4};

	if (!i || i->loopback || prefix_len > (v4 ? 32u : 128u))
		return -WEIR_EINVAL;
	route.prefix_bits = (uint8_t)(v4 ? 96 + prefix_len : prefix_len);
	if (!prefix_valid(prefix, route.prefix_bits))
		return -WEIR_EINVAL;
	if (gateway) {
		if (!gateway_valid(gateway, v4))
			return -WEIR_EINVAL;
		if (!route_on_link(net, ifindex, gateway) || net_is_local(net, gateway) ||
		    net_is_broadcast(net, gateway))
			return -WEIR_ENETUNREACH;
		route.gateway = *gateway;
	}
	for (unsigned k = 0; k < net->routes; k++) {
		const struct route *r = &net->route[k];

		if (r->v4 == v4 && r->prefix_bits == route.prefix_bits && weir_addr_equal(&r->prefix, prefix))
			return -WEIR_EEXIST;
	}
	return route_insert(net, &route);
}

/* Longest prefix that holds addr, on this interface (0 = any), or NULL. */
static const struct route *route_find(const struct net *net, const weir_addr *addr, unsigned ifindex)
{
	for (unsigned k = 0; k < net->routes; k++) {
		const struct route *r = &net->route[k];

		if ((ifindex == 0 || r->ifindex == ifindex) && route_matches(r, addr))
			return r;
	}
	return NULL;
}

static unsigned common_bits(const weir_addr *a, const weir_addr *b)
{
	for (unsigned k = 0; k < 4; k++) {
		uint32_t differ = load_be32(a->b + k * 4) ^ load_be32(b->b + k * 4);

		if (differ)
			return k * 32 + (unsigned)__builtin_clz(differ);
	}
	return 128;
}

/* How well an address of ours suits; 0 = not at all (other family). */
static unsigned source_score(const struct interface_address *a, const weir_addr *dst, const weir_addr *next_hop)
{
	unsigned score = 1, common;

	if (weir_addr_is_v4(&a->addr) != weir_addr_is_v4(dst))
		return 0;
	common = common_bits(&a->addr, dst);
	if (weir_addr_is_link_local6(&a->addr) == weir_addr_is_link_local6(dst))
		score += 1024;
	if (prefix_same(&a->addr, next_hop, a->prefix_bits))
		score += 512;
	return score + (common < a->prefix_bits ? common : a->prefix_bits);
}

static const weir_addr *source_choose(const struct interface *i, const weir_addr *dst, const weir_addr *next_hop)
{
	const weir_addr *best = NULL;
	unsigned best_score = 0;

	for (unsigned k = 0; k < i->addresses; k++) {
		unsigned score = source_score(&i->address[k], dst, next_hop);

		if (score > best_score) {
			best_score = score;
			best = &i->address[k].addr;
		}
	}
	return best;
}

static int path_make(const struct interface *i, const weir_addr *dst, const weir_addr *src, const weir_addr *next_hop,
                     struct net_path *path)
{
	if (!src)
		src = source_choose(i, dst, next_hop);
	if (!src)
		return -WEIR_EADDRNOTAVAIL;
	*path = (struct net_path){
	    .src = *src,
	    .next_hop = *next_hop,
	    .ifindex = i->ifindex,
	    .mtu_bytes = i->config.mtu_bytes,
	    .link_mtu_bytes = i->config.mtu_bytes,
	    .gso_max_bytes = i->config.gso_max_bytes,
	    .no_checksum = i->unsummed,
	};
	return 0;
}

/* The interface that has this address, 0 = none (127.0.0.2 and the like). */
static unsigned interface_of(const struct net *net, const weir_addr *addr)
{
	for (unsigned k = 1; k <= net->interfaces; k++)
		if (interface_has(net->interface[k], addr))
			return k;
	return 0;
}

/* To ourselves. The source is the address asked for, as on Linux, but for 127.0.0.2 and the like. */
static int route_local(const struct net *net, const weir_addr *dst, const weir_addr *src, struct net_path *path)
{
	const struct interface *lo = net->interface[NET_LOOPBACK];

	if (!src && !weir_addr_is_loopback(dst))
		src = dst;
	return path_make(lo, dst, src, dst, path);
}

/*
 * A subnet's broadcast goes to the subnet. Multicast and limited broadcast leave by the zone, the source's interface,
 * the route, or the first that can.
 */
static const struct interface *interface_for_many(const struct net *net, const weir_addr *dst, const weir_addr *src,
                                                  unsigned zone)
{
	bool subnet = !weir_addr_is_multicast(dst) && dst->w[3] != UINT32_MAX;
	unsigned ifindex = subnet ? 0 : zone ? zone : src ? interface_of(net, src) : 0;
	const struct route *r = ifindex ? NULL : route_find(net, dst, 0);

	if (r)
		ifindex = r->ifindex;
	if (ifindex)
		return interface_get(net, ifindex);
	for (unsigned k = 1; k <= net->interfaces; k++)
		if (!net->interface[k]->loopback && source_choose(net->interface[k], dst, dst))
			return net->interface[k];
	return NULL;
}

static int route_out(const struct net *net, const weir_addr *dst, const weir_addr *src, struct net_path *path)
{
	unsigned own = src ? interface_of(net, src) : 0;
	const struct route *r = own ? route_find(net, dst, own) : NULL;
	bool direct;

	if (src && weir_addr_is_loopback(src))
		return -WEIR_ENETUNREACH; /* W-IP-2: 127/8 and ::1 never leave */
	if (!r)
		r = route_find(net, dst, 0);
	if (!r)
		return -WEIR_ENETUNREACH;
	direct = weir_addr_equal(&r->gateway, &WEIR_ADDR_ANY6);
	return path_make(net->interface[r->ifindex], dst, src, direct ? dst : &r->gateway, path);
}

static int find_path(const struct net *net, const weir_addr *dst, const weir_addr *src, unsigned zone,
                     bool allow_broadcast, struct net_path *path)
{
	weir_addr loopback = weir_addr_is_v4(dst) ? weir_addr_v4(127, 0, 0, 1) : (weir_addr){.b = {[15] = 1}};
	const struct interface *i;

	if (weir_addr_is_any(dst))
		dst = &loopback;
	if (src && weir_addr_is_any(src))
		src = NULL;
	if (src && (weir_addr_is_v4(src) != weir_addr_is_v4(dst) || !net_is_local(net, src)))
		return -WEIR_EADDRNOTAVAIL;
	if (weir_addr_is_multicast(dst) || net_is_broadcast(net, dst)) {
		i = allow_broadcast && !weir_addr_is_loopback(dst) ? interface_for_many(net, dst, src, zone) : NULL;
		return i && !i->loopback ? path_make(i, dst, src, dst, path) : -WEIR_ENETUNREACH;
	}
	if (weir_addr_is_link_local6(dst)) {
		i = interface_get(net, zone);
		if (!i || i->loopback)
			return -WEIR_EINVAL;
		if (interface_has(i, dst))
			return route_local(net, dst, src, path);
		if (src && !interface_has(i, src))
			return -WEIR_EADDRNOTAVAIL;
		return path_make(i, dst, src, dst, path);
	}
	if (net_is_local(net, dst))
		return route_local(net, dst, src, path);
	if (addr_is_zero_net4(dst) || addr_is_high4(dst))
		return -WEIR_ENETUNREACH;
	return route_out(net, dst, src, path);
}

int net_route(struct net *net, const weir_addr *dst, const weir_addr *src, unsigned zone, bool allow_broadcast,
              struct net_path *path)
{
	int r = find_path(net, dst, src, zone, allow_broadcast, path);

	if (r == 0)
		net_path_mtu_refresh(net, dst, path);
	return r;
}
