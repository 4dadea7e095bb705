/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the network layer share: struct net and the calls between them. Nobody
 * outside src/net includes this.
 *
 * The files: net.c (life, questions about addresses), interface.c (configuration), route.c (paths),
 * groups.c (multicast), neighbour.c (table of next hops and its states), arp.c (the ARP protocol), input.c (frames and
 * packets in, address policy), icmp.c, output.c (headers, owned packets).
 */
#ifndef WEIR_NET_NET_INTERNAL_H
#define WEIR_NET_NET_INTERNAL_H

#include "base/bytes.h"
#include "net/limit.h"
#include "net/net.h"
#include "wire/ethernet.h"

#include <weir/error.h>

/* Longest frame that is ever copied in one piece: the largest IP packet behind an Ethernet header. */
enum { NET_SCRATCH_BYTES = 65535 + ETH_HEADER_BYTES };

/* A packet that the network layer owns. data begins with the link header, then comes IP. */
struct outgoing {
	struct outgoing *next;
	uint32_t len;  /* of the frame */
	uint8_t order; /* size class of the whole buffer */
	uint8_t data[];
};

/* First in, first out. */
struct outgoing_queue {
	struct outgoing *first, *last;
	uint32_t count;
};

struct interface_address {
	weir_addr addr;
	weir_addr broadcast; /* of its subnet; all zero (never an address) when there is none */
	uint8_t prefix_bits; /* of 128: an IPv4 prefix length plus 96 */
};

struct group {
	weir_addr addr;
	uint32_t members;
};

struct interface {
	struct weir_interface config;
	uint16_t ifindex;
	bool loopback;
	bool trusted;  /* transport checksums are not verified, */
	bool unsummed; /* ... not computed */
	bool neighbours_changed;
	uint8_t link_bytes; /* length of the link header */
	uint8_t addresses;
	struct interface_address address[NET_MAX_ADDRESSES];
	uint16_t groups, groups_room;
	struct group *group;
	struct outgoing_queue ready; /* waits for net_output() */
	struct outgoing_queue given; /* returned by the last net_output() */
	bool defended;               /* defended_at is set */
	weir_time defended_at;       /* last answer to an address conflict (RFC 5227 s2.4) */
};

struct route {
	weir_addr prefix;
	weir_addr gateway; /* all zero = on-link */
	uint16_t ifindex;
	uint8_t prefix_bits; /* of 128 */
	bool v4;
	bool connected; /* came with an address */
};

enum neighbour_state {
	NEIGHBOUR_FREE,
	NEIGHBOUR_INCOMPLETE, /* asked by broadcast, no answer yet */
	NEIGHBOUR_RESOLVED,   /* fresh before usable_until, stale after it */
	NEIGHBOUR_DELAY,      /* used when stale; a probe follows unless somebody confirms it */
	NEIGHBOUR_PROBE,      /* asked by unicast whether it is still there; used meanwhile */
	NEIGHBOUR_FAILED,     /* did not answer: packets fail at once for a while */
	NEIGHBOUR_STATIC,
};

struct neighbour {
	struct hash_node node; /* first member: the table's nodes are neighbours */
	/* The header may be used without looking at the state before this instant. */
	weir_time usable_until;
	uint32_t generation; /* net_path.neighbour_generation while the path's cache holds */
	uint16_t slot;
	uint16_t ifindex;
	uint8_t state;
	uint8_t tries;
	weir_time asked_at;               /* last question sent: at most one a second [W-ARP-1] */
	uint8_t header[ETH_HEADER_BYTES]; /* ready to be copied in front of a packet */
	weir_addr addr;
	struct list link; /* net.unresolved, net.resolved or net.spare; static ones are on none */
	struct wheel_timer timer;
	struct outgoing_queue waiting;
};

enum { IP_ID_COUNTERS = 64 };

/* What is known of a path that carries less than its link. */
struct path_mtu {
	weir_addr dst;
	weir_time until; /* 0: this place is free */
	uint16_t ifindex;
	uint16_t mtu_bytes;
};

struct net {
	struct host *host;
	uint16_t interfaces;
	struct interface *interface[NET_MAX_INTERFACES + 1]; /* by ifindex; [0] stays NULL */
	uint64_t local_filter[4];                            /* bit = local_bit() of some address of ours */

	struct route *route; /* longest prefix first */
	uint16_t routes, routes_room;

	/* Neighbours. A structure once made stays until net_free(), so slots are always valid. */
	struct neighbour **slot;
	uint16_t slots, slots_room;
	uint16_t neighbours; /* in use */
	uint16_t unresolved_count;
	uint32_t generation; /* last one given out */
	struct slab slab;
	struct hashtab table;
	struct list unresolved; /* INCOMPLETE and FAILED, oldest first */
	struct list resolved;   /* RESOLVED, DELAY, PROBE, longest without confirmation first */
	struct list spare;

	uint8_t *scratch; /* NET_SCRATCH_BYTES, made when first needed */

	struct net_limit icmp_limit, reset_limit;
	uint16_t ip_id[IP_ID_COUNTERS];

	struct path_mtu *path_mtu; /* NET_PATH_MTUS_MAX of them, made when first needed */
};

/* NULL when there is no such interface. */
static inline struct interface *interface_get(const struct net *net, unsigned ifindex)
{
	return likely(ifindex <= NET_MAX_INTERFACES) ? net->interface[ifindex] : NULL;
}

/* Which bit of net.local_filter stands for an address. */
static inline unsigned local_bit(const weir_addr *addr)
{
	return addr->w[3] * UINT32_C(2654435769) >> 24;
}

/* Are the first bits of both the same? */
static inline bool prefix_same(const weir_addr *a, const weir_addr *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	return memcmp(a->b, b->b, bytes) == 0 && (rest == 0 || (a->b[bytes] ^ b->b[bytes]) >> (8 - rest) == 0);
}

/* 224.0.0.0 and up: multicast, reserved, limited broadcast. */
static inline bool addr_is_high4(const weir_addr *a)
{
	return weir_addr_is_v4(a) && a->b[12] >= 224;
}

/* 0.0.0.0/8, "this network". */
static inline bool addr_is_zero_net4(const weir_addr *a)
{
	return weir_addr_is_v4(a) && a->b[12] == 0;
}

/* interface.c */
static inline bool interface_has(const struct interface *i, const weir_addr *addr)
{
	for (unsigned k = 0; k < i->addresses; k++)
		if (weir_addr_equal(&i->address[k].addr, addr))
			return true;
	return false;
}
/* Limited, or of a subnet. */
static inline bool interface_broadcast(const struct interface *i, const weir_addr *addr)
{
	if (!weir_addr_is_v4(addr))
		return false;
	if (unlikely(addr->w[3] == UINT32_MAX))
		return true;
	for (unsigned k = 0; k < i->addresses; k++)
		if (weir_addr_equal(&i->address[k].broadcast, addr))
			return true;
	return false;
}
int interface_add(struct net *net, const struct weir_interface *config, bool loopback);
void interface_free(struct net *net, struct interface *i);

/* groups.c */
void group_mac(const weir_addr *group, uint8_t mac[6]);
bool group_heard(const struct interface *i, const weir_addr *addr);
bool group_mac_heard(const struct interface *i, const uint8_t mac[6]); /* or it is the broadcast address */
void groups_free(struct net *net, struct interface *i);

/* route.c */
int route_insert(struct net *net, const struct route *route);
bool route_on_link(const struct net *net, unsigned ifindex, const weir_addr *addr);
bool route_room(struct net *net);

/* path_mtu.c */
void path_mtu_free(struct net *net);

/* neighbour.c */
struct neighbour *neighbour_find(const struct net *net, unsigned ifindex, const weir_addr *addr);
enum net_resolve neighbour_resolve(struct net *net, struct net_path *path, struct neighbour **neighbour);
/* An ARP packet says that addr has mac. solicited: it came as an answer to us. create: make an entry when there is
 * none. DROP_NONE, or why it was not taken. */
enum drop neighbour_learn(struct net *net, struct interface *i, const weir_addr *addr, const uint8_t mac[6],
                          bool solicited, bool create);
void neighbour_wait(struct net *net, struct neighbour *n, struct outgoing *packet);
void neighbours_free(struct net *net);

/* The path's cached neighbour when it may be used as it is, else NULL. */
static inline struct neighbour *neighbour_cached(const struct net *net, const struct net_path *path)
{
	struct neighbour *n;

	if (path->neighbour_slot >= net->slots)
		return NULL;
	n = net->slot[path->neighbour_slot];
	return n->generation == path->neighbour_generation && weir_time_before(net->host->now, n->usable_until) ? n
	                                                                                                        : NULL;
}

/* arp.c */
void arp_input(struct net *net, struct interface *i, const uint8_t *data, size_t len);
/* Asks for addr; mac NULL = everybody. false: the interface has no address to ask with. */
bool arp_ask(struct net *net, struct interface *i, const weir_addr *addr, const uint8_t *mac);
void arp_announce(struct net *net, struct interface *i, const weir_addr *addr);

/* icmp.c */
enum net_verdict icmp_input(struct net *net, struct net_packet *packet);
void icmp_protocol_unreachable(struct net *net, const struct net_packet *packet);

/* output.c */
/* A buffer for ip_bytes behind the link header; NULL (counted) when there is no memory. */
struct outgoing *outgoing_new(struct net *net, const struct interface *i, size_t ip_bytes);
void outgoing_free(struct net *net, struct outgoing *packet);
void outgoing_free_all(struct net *net, struct outgoing_queue *queue);
void outgoing_append(struct outgoing_queue *queue, struct outgoing *packet);
struct outgoing *outgoing_take(struct outgoing_queue *queue);
/* Queues a complete frame for its interface. 0, or -WEIR_ENOBUFS (freed and counted). */
int outgoing_queue_frame(struct net *net, struct interface *i, struct outgoing *take_packet);
/* Where the IP payload of such a buffer begins. */
static inline uint8_t *outgoing_payload(struct outgoing *packet, const struct interface *i, const struct wire_ip *ip)
{
	return packet->data + i->link_bytes + (ip->version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES);
}
/* Writes the headers of ip (payload_bytes set, payload in place) and sends or parks the packet, as net_send(). */
int outgoing_send(struct net *net, struct net_path *path, const struct wire_ip *ip, struct outgoing *take_packet);

#endif
