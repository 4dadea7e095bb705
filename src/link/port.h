/* SPDX-License-Identifier: Apache-2.0
 *
 * A port: what can be plugged into a link. A stack's interface is one, a TAP device is another, a
 * test's recorder a third. Seen from the link: output() gives what leaves the port for the
 * link, input() takes what the link delivers.
 *
 * Lifetime of packets: what output() returned is valid until the next call on the port's owner.
 * A link that calls another owner in between need not copy; input() keeps no reference.
 */
#ifndef WEIR_LINK_PORT_H
#define WEIR_LINK_PORT_H

#include <weir/stack.h>

struct link_port;

struct link_port_ops {
	void (*input)(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now);
	/* Returns how many, at most max; 0 = nothing to send now. */
	size_t (*output)(const struct link_port *port, weir_time now, struct weir_packet *packets, size_t max);
	/* True when output() may return something. */
	bool (*pending)(const struct link_port *port);
};

struct link_port {
	const struct link_port_ops *ops;
	void *owner;      /* the stack, the device: two ports with one owner share the lifetime of packets */
	unsigned ifindex; /* of a stack, else the owner's business */
	enum weir_link_kind kind;
	uint32_t gso_max_bytes; /* largest IP packet with gso_bytes set that input() takes; 0 = none */
	bool needs_checksums;   /* input() cannot take WEIR_PACKET_TRUSTED in place of a checksum */
};

/* What passed, in packets as they were handed over (a GSO packet counts as one). */
struct link_traffic {
	uint64_t packets;
	uint64_t bytes;
	uint64_t refused; /* could be neither delivered as it is nor made deliverable */
};

/* The port of a stack's interface, which was added as `interface` and got this ifindex. */
struct link_port link_port_stack(struct weir_stack *stack, unsigned ifindex, const struct weir_interface *interface);

/*
 * Delivers a batch in order. Packets that the port takes pass as they are, in one call; GSO packets
 * that it does not take are cut, and missing checksums computed where it needs them.
 */
void link_port_deliver(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now,
                       struct link_traffic *traffic);

#endif
