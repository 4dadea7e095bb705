/* SPDX-License-Identifier: Apache-2.0
 *
 * An Ethernet switch: learns source addresses, sends to the learned port, floods broadcast, multicast and unknown
 * destinations to all others. Each port may have faults towards the switch (in) and from it (out). Between ports
 * without faults packets pass without a copy. No spanning tree: two switches must not be joined twice.
 */
#ifndef WEIR_LINK_SWITCH_H
#define WEIR_LINK_SWITCH_H

#include "link/fault.h"
#include "link/link.h"
#include "link/mactab.h"
#include "link/port.h"

enum { LINK_SWITCH_PORTS_MAX = 4096, LINK_SWITCH_MACS = 4096 };

struct link_switch_port {
	bool used;
	struct link_port port;
	struct link_fault *in, *out;  /* NULL = none. The switch's own */
	struct link_traffic from, to; /* what the port sent into the switch; what was delivered to it */
};

struct link_switch_stats {
	uint64_t forwarded, flooded;       /* frames, each counted once */
	uint64_t short_frames, bad_source; /* dropped: no whole header; source is a group address */
	uint64_t filtered; /* destination is behind the port it came from, or reserved (01:80:c2:00:00:0x) */
};

struct link_switch {
	struct link link;
	struct link_switch_port *port;
	unsigned ports; /* places in port[], used or not */
	unsigned turn;  /* who goes first at the next step */
	struct mactab macs;
	struct link_switch_stats stats;
};

/* max_macs 0 = LINK_SWITCH_MACS. seed keys the address table. Free with link_free(&sw->link). 0 or -WEIR_ENOMEM. */
int link_switch_new(uint32_t max_macs, uint64_t seed, struct link_switch **sw);

/* Plugs a port in; in and out are faults or NULL. Returns its number, or -WEIR_EINVAL (not Ethernet, bad
 * specification), -WEIR_ENOSPC, -WEIR_ENOMEM. */
int link_switch_add(struct link_switch *sw, const struct link_port *port, const struct link_fault_spec *in,
                    const struct link_fault_spec *out);

/* Unplugs a port; what is under way to it is gone. */
void link_switch_remove(struct link_switch *sw, unsigned number);

/* Frames that come in by a port, for who moves them himself instead of stepping the switch: they go straight to where
 * they belong, or into that port's injector. */
void link_switch_forward(struct link_switch *sw, unsigned from, const struct weir_packet *packets, size_t n,
                         weir_time now);

/* Other faults, or none (NULL), for a port from now on. 0, -WEIR_EINVAL, -WEIR_ENOMEM. */
int link_switch_set_fault(struct link_switch *sw, unsigned number, bool out, const struct link_fault_spec *spec);

#endif
