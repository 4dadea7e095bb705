/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration of interfaces and addresses. What an embedder gives is checked here once, so that the
 * rest may rely on it: names unique, MAC addresses unicast, addresses ones that a host can have.
 *
 * An address brings its on-link prefix as a route; loopback's do not, for what is ours is found before any route is
 * looked at. A new IPv4 address on Ethernet is announced once (RFC 5227 s2.3, without the probing before it).
 */
#include "net/net_internal.h"

static bool mac_is_unicast(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, 6) != 0;
}

static bool name_valid(const char name[16])
{
	unsigned len = 0;

	while (len < 16 && name[len])
		len++;
	return len > 0 && len < 16;
}

static bool config_valid(const struct weir_interface *config)
{
	if (!name_valid(config->name))
		return false;
	if (config->kind != WEIR_LINK_ETHERNET && config->kind != WEIR_LINK_IP)
		return false;
	if (config->kind == WEIR_LINK_ETHERNET && !mac_is_unicast(config->mac))
		return false;
	return config->mtu_bytes >= 576 && (config->flags & ~(WEIR_IF_NO_CHECKSUM | WEIR_IF_CHECKSUM_LATER)) == 0 &&
	       config->gso_max_bytes <= 65535;
}

/* Names are NUL-terminated: config_valid() saw to that. */
static bool name_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int interface_add(struct net *net, const struct weir_interface *config, bool loopback)
{
	struct interface *i;

	if (!config_valid(config))
		return -WEIR_EINVAL;
	for (unsigned k = 1; k <= net->interfaces; k++)
		if (name_equal(net->interface[k]->config.name, config->name))
			return -WEIR_EEXIST;
	if (net->interfaces == NET_MAX_INTERFACES)
		return -WEIR_ENOSPC;
	i = memory_alloc_zero(&net->host->memory, sizeof(*i));
	if (!i)
		return -WEIR_ENOMEM;
	i->config = *config;
	i->loopback = loopback;
	i->trusted = (config->flags & WEIR_IF_NO_CHECKSUM) != 0;
	i->unsummed = config->flags != 0;
	i->link_bytes = config->kind == WEIR_LINK_ETHERNET ? ETH_HEADER_BYTES : 0;
	i->ifindex = ++net->interfaces;
	net->interface[i->ifindex] = i;
	return i->ifindex;
}

int net_interface_add(struct net *net, const struct weir_interface *interface)
{
	return interface_add(net, interface, false);
}

void interface_free(struct net *net, struct interface *i)
{
	outgoing_free_all(net, &i->ready);
	outgoing_free_all(net, &i->given);
	groups_free(net, i);
	memory_free(&net->host->memory, i, sizeof(*i));
}

/* The subnet's broadcast address: all ones behind the prefix; /31 (RFC 3021) and /32 have none. */
static weir_addr broadcast_of(const weir_addr *addr, unsigned prefix_bits)
{
	weir_addr broadcast = *addr;

	if (!weir_addr_is_v4(addr) || prefix_bits > 96 + 30)
		return WEIR_ADDR_ANY6;
	for (unsigned bit = prefix_bits; bit < 128; bit++)
		broadcast.b[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	return broadcast;
}

/* Can a host on this interface have this address? */
static bool address_valid(const struct interface *i, const struct interface_address *a)
{
	if (weir_addr_is_any(&a->addr) || weir_addr_is_multicast(&a->addr))
		return false;
	if (addr_is_zero_net4(&a->addr) || addr_is_high4(&a->addr))
		return false;
	if (weir_addr_is_loopback(&a->addr) && !i->loopback)
		return false;
	if (!weir_addr_is_v4(&a->addr) && i->config.mtu_bytes < 1280)
		return false;
	return !weir_addr_equal(&a->addr, &a->broadcast);
}

/* A link-local address is of its link only: another interface may have the same. */
static bool address_taken(const struct net *net, const struct interface *i, const weir_addr *addr)
{
	if (weir_addr_is_link_local6(addr))
		return interface_has(i, addr);
	for (unsigned k = 1; k <= net->interfaces; k++)
		if (interface_has(net->interface[k], addr))
			return true;
	return false;
}

static int connected_route(struct net *net, const struct interface *i, const struct interface_address *a)
{
	struct route route = {
	    .prefix = a->addr,
	    .ifindex = i->ifindex,
	    .prefix_bits = a->prefix_bits,
	    .v4 = weir_addr_is_v4(&a->addr),
	    .connected = true,
	};

	for (unsigned bit = a->prefix_bits; bit < 128; bit++)
		route.prefix.b[bit / 8] &= (uint8_t) ~(0x80 >> (bit % 8));
	return route_insert(net, &route);
}

int net_address_add(struct net *net, unsigned ifindex, const weir_addr *addr, unsigned prefix_len)
{
	struct interface *i = interface_get(net, ifindex);
	bool v4 = weir_addr_is_v4(addr);
	struct interface_address a = {.addr = *addr};
	int rc;

	if (!i || prefix_len > (v4 ? 32u : 128u))
		return -WEIR_EINVAL;
	a.prefix_bits = (uint8_t)(v4 ? 96 + prefix_len : prefix_len);
	a.broadcast = broadcast_of(addr, a.prefix_bits);
	if (!address_valid(i, &a))
		return -WEIR_EINVAL;
	if (address_taken(net, i, addr))
		return -WEIR_EEXIST;
	if (i->addresses == NET_MAX_ADDRESSES)
		return -WEIR_ENOSPC;
	if (!i->loopback) {
		rc = connected_route(net, i, &a);
		if (rc < 0)
			return rc;
	}
	i->address[i->addresses++] = a;
	net->local_filter[local_bit(addr) >> 6] |= UINT64_C(1) << (local_bit(addr) & 63);
	if (v4 && i->config.kind == WEIR_LINK_ETHERNET)
		arp_announce(net, i, addr);
	return 0;
}
