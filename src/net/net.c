/* SPDX-License-Identifier: Apache-2.0
 *
 * Life of the network layer, and questions about addresses (RFC 1122 s3.2.1.3).
 *
 * "Ours" is an address that was given to an interface, and all of 127.0.0.0/8 but its broadcast
 * address. Which interface may receive for it is input.c's business.
 */
#include "net/net_internal.h"

static int add_loopback(struct net *net)
{
	static const struct weir_interface loopback = {
	    .name = "lo",
	    .kind = WEIR_LINK_IP,
	    .mtu_bytes = 65535,
	    .flags = WEIR_IF_NO_CHECKSUM,
	    .gso_max_bytes = 65535,
	};
	weir_addr four = weir_addr_v4(127, 0, 0, 1), six = {.b = {[15] = 1}};
	int rc = interface_add(net, &loopback, true);

	if (rc >= 0)
		rc = net_address_add(net, NET_LOOPBACK, &four, 8);
	if (rc == 0)
		rc = net_address_add(net, NET_LOOPBACK, &six, 128);
	return rc;
}

int net_new(struct host *h, struct net **net)
{
	struct net *made = memory_alloc_zero(&h->memory, sizeof(*made));
	int rc;

	if (!made)
		return -WEIR_ENOMEM;
	made->host = h;
	hashtab_init(&made->table, &h->memory);
	slab_init(&made->slab, &h->memory, sizeof(struct neighbour));
	list_init(&made->unresolved);
	list_init(&made->resolved);
	list_init(&made->spare);
	rc = add_loopback(made);
	if (rc < 0) {
		net_free(made);
		return rc;
	}
	*net = made;
	return 0;
}

void net_free(struct net *net)
{
	struct memory *memory = &net->host->memory;

	neighbours_free(net);
	for (unsigned i = 1; i <= net->interfaces; i++)
		interface_free(net, net->interface[i]);
	if (net->route)
		memory_free(memory, net->route, net->routes_room * sizeof(*net->route));
	path_mtu_free(net);
	if (net->scratch)
		memory_free(memory, net->scratch, NET_SCRATCH_BYTES);
	memory_free(memory, net, sizeof(*net));
}

unsigned net_interfaces(const struct net *net)
{
	return net->interfaces;
}

const struct weir_interface *net_interface(const struct net *net, unsigned ifindex)
{
	const struct interface *i = interface_get(net, ifindex);

	return i ? &i->config : NULL;
}

bool net_is_local(const struct net *net, const weir_addr *addr)
{
	if (unlikely(weir_addr_is_loopback(addr)))
		return !interface_broadcast(net->interface[NET_LOOPBACK], addr);
	if (likely(!(net->local_filter[local_bit(addr) >> 6] >> (local_bit(addr) & 63) & 1)))
		return false;
	for (unsigned i = 1; i <= net->interfaces; i++)
		if (interface_has(net->interface[i], addr))
			return true;
	return false;
}

bool net_is_broadcast(const struct net *net, const weir_addr *addr)
{
	for (unsigned i = 1; i <= net->interfaces; i++)
		if (interface_broadcast(net->interface[i], addr))
			return true;
	return false;
}

bool net_neighbours_changed(struct net *net, unsigned ifindex)
{
	struct interface *i = interface_get(net, ifindex);
	bool changed = i && unlikely(i->neighbours_changed);

	if (changed)
		i->neighbours_changed = false;
	return changed;
}
