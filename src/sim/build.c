/* SPDX-License-Identifier: Apache-2.0
 *
 * From a plan to hosts and links under virtual time. Every host has a pipe into its switch, also when nothing is to go
 * wrong: it is where aimed faults reach segments and where the timeline sees them leave. Segments are real ones, cut to
 * the link's size; their checksums are computed where corruption strikes, and verified then. A host that loses its
 * power is made anew, empty.
 */
#include "plan/heap.h"
#include "sim/ports.h"

#include <weir/error.h>

#include <stdlib.h>
#include <string.h>

enum { INTRODUCED_MAX = 128 };

static void trunk_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	sim_pipe_push(port->owner, packets, n, now);
}

static const struct link_port_ops trunk_ops = {.input = trunk_input};

static void observe(void *ctx, const struct weir_event *event)
{
	struct sim_host *host = ctx;
	char text[64];

	if (event->kind != WEIR_EVENT_STATE)
		return;
	snprintf(text, sizeof(text), "#%llu %s", (unsigned long long)event->socket_id,
	         weir_tcp_state_name((enum weir_tcp_state)event->to));
	timeline_at(&host->sim->timeline, event->at, host->index, text);
}

static int make_stack(struct sim_host *host)
{
	struct weir_config config = host->plan->config;

	config.allocator = plan_heap();
	config.observer = host->sim->timeline.out != NULL ? &host->observer : NULL;
	/* Everybody may call everybody, over both families. */
	if (config.max_neighbours < 4 * host->sim->plan.hosts)
		config.max_neighbours = 4 * host->sim->plan.hosts;
	for (unsigned i = 0; i < sizeof(config.secret); i++)
		config.secret[i] = (uint8_t)(link_random_next(&host->sim->random) >> 56);
	return weir_stack_new(&config, host->sim->now, &host->stack);
}

static unsigned attachments(const struct plan *plan, unsigned host)
{
	unsigned n = 0;

	for (unsigned i = 0; i < plan->links; i++)
		for (unsigned k = 0; k < plan->link[i].members; k++)
			n += plan->link[i].member[k].host == host;
	return n;
}

static int make_host(struct sim *sim, unsigned index)
{
	struct sim_host *host = &sim->host[index];

	host->sim = sim;
	host->plan = &sim->plan.host[index];
	host->index = index;
	host->observer = (struct weir_observer){observe, host};
	host->interface = calloc(attachments(&sim->plan, index) + 1, sizeof(*host->interface));
	if (host->interface == NULL)
		return -WEIR_ENOMEM;
	return make_stack(host);
}

/* Makes the interface known to its host's stack. */
static int open_interface(struct sim_interface *interface)
{
	struct weir_stack *stack = interface->host->stack;
	int ifindex = weir_interface_add(stack, &interface->config);

	if (ifindex < 0)
		return ifindex;
	interface->ifindex = (unsigned)ifindex;
	for (unsigned i = 0; i < interface->addrs; i++) {
		int error =
		    weir_address_add(stack, (unsigned)ifindex, &interface->addr[i].addr, interface->addr[i].prefix_len);

		if (error != 0)
			return error;
	}
	interface->real = link_port_stack(stack, (unsigned)ifindex, &interface->config);
	return 0;
}

/* A new interface of a host: eth0, eth1, ... with the member's addresses, else the host's. */
static int attach(struct sim_link *link, const struct plan_member *member, struct sim_interface **made)
{
	struct sim_host *host = &link->sim->host[member->host];
	struct sim_interface *interface = &host->interface[host->interfaces];

	interface->host = host;
	interface->link = (unsigned)(link - link->sim->link);
	interface->addr = member->addrs > 0 ? member->addr : host->plan->addr;
	interface->addrs = member->addrs > 0 ? member->addrs : host->plan->addrs;
	interface->config = (struct weir_interface){
	    .kind = WEIR_LINK_ETHERNET, .mtu_bytes = link->plan->mtu_bytes, .flags = WEIR_IF_CHECKSUM_LATER};
	snprintf(interface->config.name, sizeof(interface->config.name), "eth%u", host->interfaces);
	/* Locally administered: host and interface by number. */
	memcpy(interface->config.mac,
	       (uint8_t[]){0x02, 0x57, (uint8_t)(host->index >> 8), (uint8_t)host->index,
	                   (uint8_t)(host->interfaces >> 8), (uint8_t)host->interfaces},
	       6);
	host->interfaces++;
	*made = interface;
	return open_interface(interface);
}

static int know(const struct sim_interface *own, const struct sim_interface *other)
{
	int error = 0;

	for (unsigned k = 0; k < other->addrs && error == 0; k++)
		error = weir_neighbour_add(own->host->stack, own->ifindex, &other->addr[k].addr, other->config.mac);
	return error;
}

/* Members of a network know each other's addresses: figures show segments, not the search for neighbours. */
static int introduce(const struct sim_interface *own, const struct sim_link *to)
{
	int error = 0;

	for (unsigned j = 0; j < to->plan->members && error == 0; j++) {
		if (to->member[j] != own)
			error = know(own, to->member[j]);
	}
	return error;
}

static int introduce_to_all(const struct sim_interface *own)
{
	const struct sim *sim = own->host->sim;
	int error = 0;

	for (unsigned j = 0; j < sim->links && error == 0; j++) {
		if (sim->link[own->link].plan->group == sim->link[j].plan->group)
			error = introduce(own, &sim->link[j]);
	}
	return error;
}

/* Each to each: of a thousand that would be a million introductions, most of them for nothing. */
static int introduce_each(struct sim *sim)
{
	int error = 0;

	sim->strangers = sim->hosts > INTRODUCED_MAX;
	if (sim->strangers)
		return 0;

	for (unsigned i = 0; i < sim->links; i++) {
		const struct sim_link *link = &sim->link[i];

		for (unsigned k = 0; k < link->plan->members && error == 0; k++)
			error = introduce_to_all(link->member[k]);
	}
	return error;
}

void sim_introduce(struct sim_host *host, const weir_addr *to)
{
	struct sim *sim = host->sim;
	struct sim_host *peer = sim->strangers ? sim_host_of(sim, to) : NULL;

	if (peer == NULL || peer == host)
		return;
	for (unsigned i = 0; i < host->interfaces; i++) {
		for (unsigned k = 0; k < peer->interfaces; k++) {
			struct sim_interface *own = &host->interface[i], *other = &peer->interface[k];

			/* Without memory for a neighbour packets to it do not leave; that is told there. */
			if (sim->link[own->link].plan->group == sim->link[other->link].plan->group) {
				know(own, other);
				know(other, own);
			}
		}
	}
}

static int compare_owners(const void *a, const void *b)
{
	const struct sim_owner *first = a, *second = b;
	int order = memcmp(first->addr.b, second->addr.b, sizeof(first->addr.b));

	return order != 0 ? order : (first->host > second->host) - (first->host < second->host);
}

static bool list_owners(struct sim *sim)
{
	unsigned count = 0;

	for (unsigned i = 0; i < sim->hosts; i++)
		for (unsigned k = 0; k < sim->host[i].interfaces; k++)
			count += sim->host[i].interface[k].addrs;
	sim->owner = calloc(count + 1, sizeof(*sim->owner));
	if (sim->owner == NULL)
		return false;
	for (unsigned i = 0; i < sim->hosts; i++) {
		for (unsigned k = 0; k < sim->host[i].interfaces; k++) {
			const struct sim_interface *interface = &sim->host[i].interface[k];

			for (unsigned j = 0; j < interface->addrs; j++)
				sim->owner[sim->owners++] = (struct sim_owner){interface->addr[j].addr, i};
		}
	}
	qsort(sim->owner, sim->owners, sizeof(*sim->owner), compare_owners);
	return true;
}

/* The next pipe: its faults are those of the plan, its seed the script's for this wire alone, whatever the seed of the
 * run, or drawn. */
static int lay_pipe(struct sim *sim, struct sim_pipe *pipe, const struct link_fault_spec *spec, unsigned direction)
{
	struct link_fault_spec fault = *spec;
	uint64_t drawn = link_random_next(&sim->random);

	fault.seed = fault.seed != 0 ? fault.seed * PLAN_MEMBERS_MAX + direction : drawn;
	pipe->source = sim->hosts + sim->pipes;
	sim->pipe[sim->pipes++] = pipe;
	return sim_pipe_init(pipe, &sim->queue, &fault);
}

static int plug(struct sim_link *link, unsigned member)
{
	struct sim_interface *interface;
	struct link_port port;
	int place, error = attach(link, &link->plan->member[member], &interface);

	if (error == 0)
		error = lay_pipe(link->sim, &interface->pipe, &link->plan->fault, member);
	if (error != 0)
		return error;
	link->member[member] = interface;
	port = interface->real;
	port.ops = &sim_port_ops;
	port.owner = interface;
	place = link_switch_add(link->sw, &port, NULL, NULL);
	if (place < 0)
		return place;
	interface->pipe.to = link->sw;
	interface->pipe.port = (unsigned)place;
	link_fault_aim(interface->pipe.fault, sim_port_aim, interface);
	link_fault_report(interface->pipe.fault, sim_port_lost, interface);
	return 0;
}

static void answer(void *ctx, const struct weir_packet *packet, weir_time now)
{
	sim_pipe_push(ctx, packet, 1, now);
}

static int make_trunk(struct sim *sim, unsigned index)
{
	struct sim_trunk *trunk = &sim->trunk[index];
	int error = 0;

	trunk->plan = &sim->plan.trunk[index];
	for (unsigned i = 0; i < 2 && error == 0; i++)
		error = lay_pipe(sim, &trunk->pipe[i], &trunk->plan->fault, i);
	for (unsigned i = 0; i < 2 && error == 0; i++) {
		struct link_switch *sw = sim->link[trunk->plan->link[i]].sw;
		struct link_port port = {.ops = &trunk_ops, .owner = &trunk->pipe[i], .kind = WEIR_LINK_ETHERNET};
		int place = link_switch_add(sw, &port, NULL, NULL);

		if (place < 0)
			return place;
		link_fault_answers(trunk->pipe[i].fault, answer, &trunk->pipe[1 - i]);
		trunk->pipe[1 - i].to = sw;
		trunk->pipe[1 - i].port = (unsigned)place;
	}
	return error;
}

static int make_link(struct sim *sim, unsigned index)
{
	struct sim_link *link = &sim->link[index];
	int error;

	link->sim = sim;
	link->plan = &sim->plan.link[index];
	link->member = calloc(link->plan->members, sizeof(struct sim_interface *));
	if (link->member == NULL)
		return -WEIR_ENOMEM;
	error = link_switch_new(0, link_random_next(&sim->random), &link->sw);
	for (unsigned i = 0; i < link->plan->members && error == 0; i++)
		error = plug(link, i);
	return error;
}

static int make_routes(const struct sim_host *host)
{
	for (unsigned i = 0; i < host->plan->routes; i++) {
		const struct plan_route *route = &host->plan->route[i];
		int error = -WEIR_ENETUNREACH;

		for (unsigned k = 0; k < host->interfaces && error == -WEIR_ENETUNREACH; k++)
			error = weir_route_add(host->stack, &route->to.addr, route->to.prefix_len,
			                       host->interface[k].ifindex, &route->via);
		if (error != 0)
			return error;
	}
	return 0;
}

static bool make_room(struct sim *sim)
{
	const struct plan *plan = &sim->plan;
	uint32_t pipes = 2 * plan->trunks;

	for (unsigned i = 0; i < plan->links; i++)
		pipes += plan->link[i].members;
	sim->host = calloc(plan->hosts + 1, sizeof(*sim->host));
	sim->link = calloc(plan->links + 1, sizeof(*sim->link));
	sim->trunk = calloc(plan->trunks + 1, sizeof(*sim->trunk));
	sim->pipe = calloc(pipes + 1, sizeof(struct sim_pipe *));
	return sim->host != NULL && sim->link != NULL && sim->trunk != NULL && sim->pipe != NULL &&
	       sim_queue_grow(&sim->queue, plan->hosts + pipes);
}

int sim_build(struct sim *sim, const char **where)
{
	const struct plan *plan = &sim->plan;
	int error = 0;

	*where = "world";
	link_random_init(&sim->random, sim->seed);
	if (!make_room(sim))
		return -WEIR_ENOMEM;
	sim->timeline.ladder = plan->hosts == 2;
	for (; sim->hosts < plan->hosts && error == 0; sim->hosts++) {
		*where = plan->host[sim->hosts].name;
		error = make_host(sim, sim->hosts);
	}
	for (; sim->links < plan->links && error == 0; sim->links++) {
		*where = plan->link[sim->links].name;
		error = make_link(sim, sim->links);
	}
	for (; sim->trunks < plan->trunks && error == 0; sim->trunks++) {
		*where = plan->trunk[sim->trunks].name;
		error = make_trunk(sim, sim->trunks);
	}
	if (error == 0)
		error = list_owners(sim) ? introduce_each(sim) : -WEIR_ENOMEM;
	for (unsigned i = 0; i < sim->hosts && error == 0; i++) {
		*where = plan->host[i].name;
		error = make_routes(&sim->host[i]);
	}
	return error;
}

/* -- power */

int sim_power_off(struct sim_host *host)
{
	int error;

	timeline_at(&host->sim->timeline, host->sim->now, host->index, "its power fails");
	for (size_t i = 0; i < host->sockets; i++) {
		host->socket[i]->sock = NULL;
		host->socket[i]->id = 0; /* ids begin anew */
	}
	weir_stack_free(host->stack);
	host->stack = NULL;
	host->off = true;
	error = make_stack(host);
	for (unsigned i = 0; i < host->interfaces && error == 0; i++)
		error = open_interface(&host->interface[i]);
	for (unsigned i = 0; i < host->interfaces && error == 0; i++)
		error = introduce_to_all(&host->interface[i]);
	return error == 0 ? make_routes(host) : error;
}

void sim_power_on(struct sim_host *host)
{
	timeline_at(&host->sim->timeline, host->sim->now, host->index, "is on again");
	host->off = false;
	sim_touch(host);
}
