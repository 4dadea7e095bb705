/* SPDX-License-Identifier: Apache-2.0
 *
 * Where segments leave and arrive.
 */
#include "sim/ports.h"

#include <stdio.h>

static bool look(struct sim_interface *interface, const struct weir_packet *packet, struct sim_segment *segment,
                 int *from, int *to)
{
	struct sim *sim = interface->host->sim;
	const struct sim_host *source, *target;

	if (!sim_segment_read(&sim->aims, packet, segment))
		return false;
	source = sim_host_of(sim, &segment->src.addr);
	target = sim_host_of(sim, &segment->dst.addr);
	*from = source != NULL ? (int)source->index : -1;
	*to = target != NULL ? (int)target->index : -1;
	return true;
}

static void tell(struct sim *sim, int from, int to, enum timeline_leg leg, const struct sim_segment *segment,
                 const char *what)
{
	char text[SIM_SEGMENT_TEXT], label[SIM_SEGMENT_TEXT + WEIR_ADDR_TEXT + 4], stranger[WEIR_ADDR_TEXT];

	if (sim->timeline.out == NULL || (leg == TIMELINE_ARRIVES ? to : from) < 0)
		return;
	sim_segment_text(segment, text);
	if (from < 0) {
		weir_addr_format(&segment->src.addr, stranger);
		snprintf(label, sizeof(label), "%s: %s", stranger, text);
	} else {
		snprintf(label, sizeof(label), "%s", text);
	}
	timeline_segment(&sim->timeline, sim->now, from, to, leg, label, what);
}

/* A packet for a group or for all is for this host too. */
static bool is_for(const struct sim_host *host, const struct sim_segment *segment, int to)
{
	static const weir_addr all = {.w = {0, 0, WEIR_V4_PREFIX, UINT32_MAX}};

	return to == (int)host->index ||
	       (to < 0 && (weir_addr_is_multicast(&segment->dst.addr) || weir_addr_equal(&segment->dst.addr, &all)));
}

struct link_aim sim_port_aim(void *ctx, const struct weir_packet *packet, uint64_t index, weir_time now)
{
	struct sim_interface *interface = ctx;
	struct sim *sim = interface->host->sim;
	struct link_aim aimed = {LINK_AIM_NONE, {0}};
	struct sim_segment segment;
	int from, to;

	(void)index;
	if (sim->timeline.out == NULL && sim->aims.rules == 0 && sim->watchers == 0 && sim_segment_is_plain(packet))
		return aimed;
	if (!look(interface, packet, &segment, &from, &to))
		return aimed;
	aimed = sim_aims_at(&sim->aims, &segment, from, to, (int)interface->link, now);
	if (sim->watchers > 0)
		sim->passes(sim->ctx, &segment, from, to);
	tell(sim, from, to, aimed.action == LINK_AIM_DROP ? TIMELINE_LOST : TIMELINE_LEAVES, &segment, "dropped");
	return aimed;
}

void sim_port_lost(void *ctx, const struct weir_packet *packet, enum link_fate fate)
{
	struct sim_interface *interface = ctx;
	struct sim_segment segment;
	int from, to;

	if (fate != LINK_FATE_AIMED && interface->host->sim->timeline.out != NULL &&
	    look(interface, packet, &segment, &from, &to))
		tell(interface->host->sim, from, to, TIMELINE_LOST, &segment,
		     fate == LINK_FATE_QUEUE  ? "queue full"
		     : fate == LINK_FATE_SIZE ? "too big"
		                              : "lost");
}

/* -- the port that the switch sees */

static void port_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	struct sim_interface *interface = port->owner;
	struct sim_host *host = interface->host;
	struct sim_segment segment;
	int from, to;

	if (host->off)
		return;
	host->stirred = true;
	sim_touch(host);
	if (host->sim->timeline.out == NULL) {
		interface->real.ops->input(&interface->real, packets, n, now);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (look(interface, &packets[i], &segment, &from, &to) && is_for(host, &segment, to))
			tell(host->sim, from, (int)host->index, TIMELINE_ARRIVES, &segment, NULL);
		interface->real.ops->input(&interface->real, &packets[i], 1, now);
	}
}

/* Nobody steps the switch: what leaves a host goes through its pipe. */
const struct link_port_ops sim_port_ops = {.input = port_input};
