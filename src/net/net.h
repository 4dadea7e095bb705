/* SPDX-License-Identifier: Apache-2.0
 *
 * The network layer of one host: interfaces, addresses, routes, neighbours, IP in and out, ICMP
 * (RFC 791, 792, 826, 894, 1122 s2 and s3, 1191, 4291, 4443, 5227, 6724, 6864, 8200, 8201). It hands transport
 * packets up as values and takes datagrams down into bounded queues. TCP segments do not pass
 * through these queues: the stack pulls them and asks here for headers.
 *
 * Strong host model (RFC 1122 s3.3.4.2): a packet is for us only when its destination is an address
 * of the interface it came in by. Packets between own addresses travel over the loopback interface.
 *
 * Left out for now: fragments (dropped, counted), neighbour discovery (an IPv6 next hop needs a static
 * entry, else it is NET_UNRESOLVED), reports of multicast membership (IGMP, MLD), redirects (ignored for good).
 *
 * Owned packets are padded to Ethernet's minimum here; segments the stack pulls are not: a real link does that.
 * Counted here: packets_in for each net_input(), packets_out for each packet of net_output().
 */
#ifndef WEIR_NET_NET_H
#define WEIR_NET_NET_H

#include "base/hashtab.h"
#include "base/host.h"
#include "base/list.h"
#include "base/slab.h"
#include "wire/icmp.h"
#include "wire/ip.h"

#include <weir/packet.h>
#include <weir/stack.h>

enum {
	NET_LOOPBACK = 1, /* ifindex of the loopback interface */
	NET_MAX_INTERFACES = 64,
	NET_MAX_ADDRESSES = 16, /* an interface */
	NET_MAX_ROUTES = 256,
	NET_MAX_GROUPS = 256,      /* an interface */
	NET_QUEUE_PACKETS = 1024,  /* owned packets waiting on an interface */
	NET_WAITING_PACKETS = 8,   /* owned packets waiting for one neighbour */
	NET_MAX_HEADERS = 14 + 40, /* link and IP header */
};

/* How to reach a remote end: found once for a connection, a value for TCP. */
struct net_path {
	weir_addr src; /* our address */
	weir_addr next_hop;
	uint16_t ifindex;
	uint16_t mtu_bytes;      /* of the path as far as it is known: the link's or less */
	uint16_t link_mtu_bytes; /* of the interface */
	uint32_t gso_max_bytes;
	bool no_checksum;
	/* cache of the neighbour: valid while the generation matches */
	uint16_t neighbour_slot;
	uint32_t neighbour_generation;
};

struct net;

int net_new(struct host *h, struct net **net);
void net_free(struct net *net);

/* Configuration; values and errors as weir_interface_add() and its neighbours in weir/stack.h, and -WEIR_ENOMEM. */
int net_interface_add(struct net *net, const struct weir_interface *interface);
int net_address_add(struct net *net, unsigned ifindex, const weir_addr *addr, unsigned prefix_len);
int net_route_add(struct net *net, const weir_addr *prefix, unsigned prefix_len, unsigned ifindex,
                  const weir_addr *gateway);
int net_neighbour_add(struct net *net, unsigned ifindex, const weir_addr *addr, const uint8_t mac[6]);
unsigned net_interfaces(const struct net *net); /* highest ifindex in use */
/* Configuration of an interface (loopback: kind WEIR_LINK_IP), or NULL. */
const struct weir_interface *net_interface(const struct net *net, unsigned ifindex);

/* Is this an address of ours (any interface; wildcard: no)? */
bool net_is_local(const struct net *net, const weir_addr *addr);
/* 255.255.255.255, or a subnet's broadcast address. */
bool net_is_broadcast(const struct net *net, const weir_addr *addr);

/*
 * Path to dst. src NULL or the wildcard = choose (the address of the outgoing interface; longest common prefix, RFC
 * 6724 for IPv6); otherwise it must be ours. zone = ifindex of a link-local destination, or 0. Own addresses lead to
 * loopback; the wildcard as a destination means loopback too (path->next_hop is then the address meant). 0,
 * -WEIR_ENETUNREACH (no route, multicast or broadcast unless allow_broadcast), -WEIR_EADDRNOTAVAIL, -WEIR_EINVAL
 * (link-local without zone).
 */
int net_route(struct net *net, const weir_addr *dst, const weir_addr *src, unsigned zone, bool allow_broadcast,
              struct net_path *path);

/* A member more, a member less of a multicast group: while there is one the interface hears it. 0, -WEIR_ENODEV,
 * -WEIR_EINVAL (not a group), -WEIR_ENOBUFS (NET_MAX_GROUPS), -WEIR_ENOMEM. */
int net_group_join(struct net *net, unsigned ifindex, const weir_addr *group);
void net_group_leave(struct net *net, unsigned ifindex, const weir_addr *group);
bool net_group_member(const struct net *net, unsigned ifindex, const weir_addr *group);
/* The interface that a membership is for: this one, or that with this address (NULL or the wildcard = not given), or
 * the group's. -WEIR_ENODEV: there is none. */
int net_group_interface(struct net *net, const weir_addr *group, const weir_addr *addr, unsigned ifindex);

/* No packet that we send need be smaller, whatever a router says. */
enum { NET_PATH_MTU_MIN_V4 = 552, NET_PATH_MTU_MIN_V6 = 1280, NET_PATH_MTUS_MAX = 256 };

/* What was learned about the path to dst, which counts for ten minutes; the bound on destinations is NET_PATH_MTUS_MAX,
 * then old ones are forgotten. A value from the link's MTU on means that nothing is in the way any more. */
void net_path_mtu_learn(struct net *net, const weir_addr *dst, struct net_path *path, uint16_t mtu_bytes);
/* path->mtu_bytes anew, for a path that is kept for long. Cheap while nothing is known of any. */
void net_path_mtu_refresh(struct net *net, const weir_addr *dst, struct net_path *path);
/* What a router's message that a packet of that size was too big means for its path; 0: nothing that can be true [1191
 * s5, s7.1; 8201 s4; 8021]. */
uint16_t net_path_mtu_told(const struct wire_icmp *icmp);
/* The identification of a packet that routers may cut (RFC 6864). */
uint16_t net_ip_id(struct net *net, const struct wire_ip *ip);

enum net_resolve { NET_RESOLVED, NET_RESOLVING, NET_UNRESOLVED };
/*
 * Writes the link and the IP header for ip (payload_bytes set) into out[NET_MAX_HEADERS], *len = their length.
 * NET_RESOLVING: the next hop is being asked for; try again when net_neighbours_changed(). NET_UNRESOLVED: it did not
 * answer (for a while).
 */
enum net_resolve net_headers(struct net *net, struct net_path *path, const struct wire_ip *ip, uint8_t *out,
                             size_t *len);
/* The same answer without writing anything; starts the question where needed. Cheap while the path's cached neighbour
 * is valid. Asked before TCP commits a segment as sent; net_headers() right after a NET_RESOLVED does not fail. */
enum net_resolve net_ready(struct net *net, struct net_path *path);
/* True once after a neighbour of this interface was resolved or given up. */
bool net_neighbours_changed(struct net *net, unsigned ifindex);

/*
 * Queues one datagram (ip.protocol etc.; payload copied), ARP-queued if needed. For UDP, ICMP and RSTs without a
 * connection. 0, -WEIR_EMSGSIZE (over the MTU), -WEIR_ENOBUFS (counted), -WEIR_EHOSTUNREACH.
 */
int net_send(struct net *net, struct net_path *path, const struct wire_ip *ip, const struct weir_slice *payload,
             unsigned n);

/* Owned packets ready to leave. Valid until the next call of this function for the interface. */
size_t net_output(struct net *net, unsigned ifindex, struct weir_packet *packets, size_t max);
bool net_output_pending(const struct net *net, unsigned ifindex);

struct net_packet {
	struct wire_ip ip;
	uint16_t ifindex;
	bool trusted;
	bool broadcast; /* to a broadcast or multicast address, IP or link layer */
	uint8_t payloads;
	struct weir_slice payload[WEIR_PACKET_SLICES];
	const struct weir_packet *packet; /* as it arrived */
	struct wire_icmp icmp;            /* NET_ERROR only */
};

enum net_verdict {
	NET_DONE, /* handled here (ARP, echo), or dropped and counted */
	NET_TCP,
	NET_UDP,
	NET_ERROR, /* an ICMP error about a packet of ours: icmp */
};

/* One packet in: link header, IP header, address policy (W-IP-1 ... W-IP-4), ICMP echo. */
enum net_verdict net_input(struct net *net, unsigned ifindex, const struct weir_packet *packet, struct net_packet *out);
/* Copies the payload into one slice (the net's scratch; valid until the next net_input). false: no memory. */
bool net_linearise(struct net *net, struct net_packet *packet);

/* Answers a packet with an ICMP unreachable (port), when the rules allow (W-ICMP-1, W-ICMP-2: rate limit). */
void net_port_unreachable(struct net *net, const struct net_packet *packet);
/* May this packet, which belongs to no connection, draw a RST [attacks S-3]? */
bool net_reset_allowed(struct net *net, const struct net_packet *packet);

/* A neighbour's timer went off. */
void net_expire(struct net *net, struct wheel_timer *timer);

/* [9293 MUST-20] R1: the upper layer doubts the next hop: it is probed. */
void net_path_doubt(struct net *net, struct net_path *path);
/* The upper layer has proof that the next hop forwards (new data was acknowledged): spares it a probe. Cheap. */
void net_path_confirm(struct net *net, const struct net_path *path);

#endif
