/* SPDX-License-Identifier: Apache-2.0
 *
 * Delivery to a port, and the port of a stack's interface. The common case, every packet as it is, is
 * one call; the rest falls into runs between packets that have to be changed.
 */
#include "link/port.h"

#include "link/frame.h"
#include "link/gso.h"

#include <stdlib.h>

enum { CUT_BATCH = 48 };

static void stack_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	weir_input(port->owner, port->ifindex, packets, n, now);
}

static size_t stack_output(const struct link_port *port, weir_time now, struct weir_packet *packets, size_t max)
{
	return weir_output(port->owner, port->ifindex, now, packets, max);
}

static bool stack_pending(const struct link_port *port)
{
	return weir_output_pending(port->owner, port->ifindex);
}

static const struct link_port_ops stack_ops = {
    .input = stack_input,
    .output = stack_output,
    .pending = stack_pending,
};

struct link_port link_port_stack(struct weir_stack *stack, unsigned ifindex, const struct weir_interface *interface)
{
	return (struct link_port){
	    .ops = &stack_ops,
	    .owner = stack,
	    .ifindex = ifindex,
	    .kind = interface->kind,
	    .gso_max_bytes = interface->gso_max_bytes,
	};
}

static bool must_cut(const struct link_port *port, const struct weir_packet *packet)
{
	return packet->gso_bytes != 0 && packet->len - link_header_bytes(port->kind) > port->gso_max_bytes;
}

static bool must_complete(const struct link_port *port, const struct weir_packet *packet)
{
	return port->needs_checksums && (packet->flags & WEIR_PACKET_TRUSTED) != 0;
}

static bool deliver_cut(const struct link_port *port, const struct weir_packet *packet, weir_time now)
{
	uint8_t header[CUT_BATCH][LINK_GSO_HEADER_MAX];
	struct weir_packet segment[CUT_BATCH];
	struct link_gso gso;
	size_t n = 0;

	if (!link_gso_start(&gso, packet, port->kind, must_complete(port, packet)))
		return false;
	while (link_gso_next(&gso, header[n], &segment[n])) {
		if (++n == CUT_BATCH) {
			port->ops->input(port, segment, n, now);
			n = 0;
		}
	}
	if (n > 0)
		port->ops->input(port, segment, n, now);
	return true;
}

static bool deliver_completed(const struct link_port *port, const struct weir_packet *packet, weir_time now)
{
	uint8_t *copy = malloc(packet->len);
	struct weir_packet whole = *packet;

	if (copy == NULL)
		return false;
	link_frame_copy(packet, copy);
	link_frame_complete(copy, packet->len, port->kind);
	whole.slice[0] = (struct weir_slice){copy, packet->len};
	whole.slices = 1;
	whole.flags &= (uint8_t)~WEIR_PACKET_TRUSTED;
	port->ops->input(port, &whole, 1, now);
	free(copy);
	return true;
}

void link_port_deliver(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now,
                       struct link_traffic *traffic)
{
	size_t run = 0;

	for (size_t i = 0; i < n; i++) {
		bool cut = must_cut(port, &packets[i]), taken = true;

		traffic->bytes += packets[i].len;
		if (!cut && !must_complete(port, &packets[i]))
			continue;
		if (i > run)
			port->ops->input(port, packets + run, i - run, now);
		run = i + 1;
		taken = cut ? deliver_cut(port, &packets[i], now) : deliver_completed(port, &packets[i], now);
		traffic->refused += !taken;
	}
	if (n > run)
		port->ops->input(port, packets + run, n - run, now);
	traffic->packets += n;
}
