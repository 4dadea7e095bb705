/* SPDX-License-Identifier: Apache-2.0
 *
 * From a plan to hosts and links. Between hosts whose link has no faults, segments travel whole (up to 64 KiB) and
 * without checksums: nothing could damage them. With faults, and at a TAP, they are real ones.
 */
#include "link/pair.h"
#include "link/switch.h"
#include "plan/heap.h"
#include "world/world.h"

#include <weir/error.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

enum { GSO_MAX = 65535 };

_Static_assert((int)PLAN_NAME == (int)WORLD_HOST_NAME, "programs name hosts by names of plans");

static int cannot(struct complaint *complaint, const char *what, const char *name, int error)
{
	char text[sizeof(complaint->what)];

	snprintf(text, sizeof(text), "cannot make %s '%s'", what, name);
	return complain(complaint, 4, text, strerror(-error), "check the world file");
}

static int make_host(struct world *world, struct world_host *host, const struct plan_host *plan,
                     struct complaint *complaint)
{
	struct weir_config config = plan->config;
	int error;

	host->world = world;
	host->plan = plan;
	config.allocator = plan_heap();
	if (getrandom(config.secret, sizeof(config.secret), 0) != (ssize_t)sizeof(config.secret))
		return cannot(complaint, "host", plan->name, -errno);
	error = weir_stack_new(&config, world->now, &host->stack);
	return error == 0 ? 0 : cannot(complaint, "host", plan->name, error);
}

/* A new interface of a host: eth0, eth1, ... with the member's addresses, else the host's. */
static int attach(struct world_host *host, const struct plan_member *member, struct weir_interface config,
                  struct link_port *port)
{
	struct world_interface *more = realloc(host->interface, (host->interfaces + 1) * sizeof(*more));
	const struct plan_addr *addr = member->addrs > 0 ? member->addr : host->plan->addr;
	unsigned addrs = member->addrs > 0 ? member->addrs : host->plan->addrs;

	if (more == NULL)
		return -WEIR_ENOMEM;
	host->interface = more;
	more += host->interfaces;
	*more = (struct world_interface){.config = config, .addrs = addrs};
	snprintf(more->config.name, sizeof(more->config.name), "eth%u", host->interfaces);
	more->config.kind = WEIR_LINK_ETHERNET;
	/* Locally administered: host and interface by number. */
	memcpy(more->config.mac, (uint8_t[]){0x02, 0x57, 0, 0, 0, (uint8_t)host->interfaces}, 6);
	more->config.mac[3] = (uint8_t)((host - host->world->host) >> 8);
	more->config.mac[4] = (uint8_t)(host - host->world->host);
	more->ifindex = weir_interface_add(host->stack, &more->config);
	if (more->ifindex < 0)
		return more->ifindex;
	for (unsigned i = 0; i < addrs; i++) {
		int error = weir_address_add(host->stack, (unsigned)more->ifindex, &addr[i].addr, addr[i].prefix_len);

		if (error != 0)
			return error;
		more->addr[i] = addr[i];
	}
	host->interfaces++;
	*port = link_port_stack(host->stack, (unsigned)more->ifindex, &more->config);
	return 0;
}

/* Members of a link know each other's addresses: neighbour discovery for IPv6 is not offered yet. */
static int introduce(struct world *world, const struct plan_link *plan, const unsigned *interface)
{
	for (unsigned i = 0; i < plan->members; i++) {
		struct world_host *host = &world->host[plan->member[i].host];
		const struct world_interface *own = &host->interface[interface[i]];

		for (unsigned j = 0; j < plan->members; j++) {
			const struct world_interface *other =
			    &world->host[plan->member[j].host].interface[interface[j]];

			for (unsigned k = 0; j != i && k < other->addrs; k++) {
				int error = weir_neighbour_add(host->stack, (unsigned)own->ifindex,
				                               &other->addr[k].addr, other->config.mac);

				if (error != 0)
					return error;
			}
		}
	}
	return 0;
}

static int join(struct world *world, const struct plan_link *plan, struct link_switch *sw, unsigned *interface)
{
	struct weir_interface config = {.mtu_bytes = plan->mtu_bytes};

	if (!plan->faulty) {
		config.flags = WEIR_IF_NO_CHECKSUM;
		config.gso_max_bytes = GSO_MAX;
	}
	for (unsigned i = 0; i < plan->members; i++) {
		struct world_host *host = &world->host[plan->member[i].host];
		struct link_fault_spec fault = plan->fault;
		struct link_port port;
		int error;

		interface[i] = host->interfaces;
		error = attach(host, &plan->member[i], config, &port);
		if (error != 0)
			return error;
		fault.seed = plan->fault.seed * PLAN_MEMBERS_MAX + i;
		error = link_switch_add(sw, &port, plan->faulty ? &fault : NULL, NULL);
		if (error < 0)
			return error;
	}
	return introduce(world, plan, interface);
}

static int make_link(struct world *world, struct world_link *made, const struct plan_link *plan,
                     struct complaint *complaint)
{
	unsigned interface[PLAN_MEMBERS_MAX];
	struct link_switch *sw;
	int error = link_switch_new(0, siphash13(&world->key, plan->name, strlen(plan->name)), &sw);

	if (error == 0) {
		made->link = &sw->link;
		made->plan = plan;
		world->links++;
		error = join(world, plan, sw, interface);
	}
	return error == 0 ? 0 : cannot(complaint, "link", plan->name, error);
}

static void tap_ready(struct source *source, uint32_t events)
{
	(void)source; /* settling steps every link */
	(void)events;
}

static int make_tap(struct world *world, struct world_tap *tap, const struct plan_tap *plan,
                    struct complaint *complaint)
{
	struct link_tap_config config = {
	    .name = plan->name, .kind = WEIR_LINK_ETHERNET, .mtu_bytes = plan->mtu_bytes, .up = true};
	struct world_host *host = &world->host[plan->member.host];
	struct weir_interface interface = {.mtu_bytes = plan->mtu_bytes};
	struct link_tap_error seen;
	struct link_port host_port, tap_port;
	struct link_pair *pair;
	int error = link_tap_open(&config, &tap->tap, &seen);

	if (error != 0)
		return complain(complaint, error == -WEIR_EPERM ? 5 : 4, seen.failed, seen.saw, seen.try);
	tap->world = world;
	tap->source = (struct source){.fd = link_tap_fd(tap->tap), .ready = tap_ready};
	world->taps++;
	tap_port = link_tap_port(tap->tap);
	error = attach(host, &plan->member, interface, &host_port);
	for (unsigned i = 0; i < plan->neighbours && error == 0; i++)
		error = weir_neighbour_add(host->stack, (unsigned)host->interface[host->interfaces - 1].ifindex,
		                           &plan->neighbour[i].addr, plan->neighbour[i].mac);
	if (error == 0)
		error = link_pair_new(&host_port, &tap_port, NULL, NULL, &pair);
	if (error == 0) {
		world->link[world->links++] = (struct world_link){.link = &pair->link};
		if (!world_watch(world, &tap->source, EPOLLIN))
			error = -errno;
	}
	return error == 0 ? 0 : cannot(complaint, "tap", plan->name, error);
}

static int make_routes(struct world_host *host, struct complaint *complaint)
{
	for (unsigned i = 0; i < host->plan->routes; i++) {
		const struct plan_route *route = &host->plan->route[i];
		int error = -WEIR_ENETUNREACH;

		for (unsigned k = 0; k < host->interfaces && error == -WEIR_ENETUNREACH; k++)
			error = weir_route_add(host->stack, &route->to.addr, route->to.prefix_len,
			                       (unsigned)host->interface[k].ifindex, &route->via);
		if (error != 0)
			return cannot(complaint, "a route of host", host->plan->name, error);
	}
	return 0;
}

int world_build(struct world *world, struct complaint *complaint)
{
	const struct plan *plan = &world->plan;
	int status = 0;

	world->host = calloc(plan->hosts, sizeof(*world->host));
	world->link = calloc(plan->links + plan->taps + 1, sizeof(*world->link));
	world->tap = calloc(plan->taps + 1, sizeof(*world->tap));
	if (world->host == NULL || world->link == NULL || world->tap == NULL)
		return complain(complaint, 125, "cannot make the world", "no memory", NULL);
	for (; world->hosts < plan->hosts && status == 0; world->hosts++)
		status = make_host(world, &world->host[world->hosts], &plan->host[world->hosts], complaint);
	for (unsigned i = 0; i < plan->links && status == 0; i++)
		status = make_link(world, &world->link[i], &plan->link[i], complaint);
	for (unsigned i = 0; i < plan->taps && status == 0; i++)
		status = make_tap(world, &world->tap[i], &plan->tap[i], complaint);
	for (unsigned i = 0; i < world->hosts && status == 0; i++)
		status = make_routes(&world->host[i], complaint);
	return status;
}

void world_tear_down(struct world *world)
{
	for (unsigned i = 0; i < world->links; i++)
		link_free(world->link[i].link);
	for (unsigned i = 0; i < world->taps; i++) {
		epoll_ctl(world->epoll, EPOLL_CTL_DEL, world->tap[i].source.fd, NULL);
		link_tap_close(world->tap[i].tap);
	}
	for (unsigned i = 0; i < world->hosts; i++) {
		if (world->host[i].stack != NULL)
			weir_stack_free(world->host[i].stack);
		free(world->host[i].interface);
	}
	free(world->host);
	free(world->link);
	free(world->tap);
}

struct world_host *world_find_host(struct world *world, const char *name)
{
	int i = name[0] == '\0' ? 0 : plan_find_host(&world->plan, name);

	return i < 0 ? NULL : &world->host[i];
}

struct world_host *world_host_of(struct world *world, const weir_addr *addr)
{
	for (unsigned i = 0; i < world->hosts; i++) {
		for (unsigned k = 0; k < world->host[i].interfaces; k++) {
			const struct world_interface *interface = &world->host[i].interface[k];

			for (unsigned j = 0; j < interface->addrs; j++) {
				if (weir_addr_equal(&interface->addr[j].addr, addr))
					return &world->host[i];
			}
		}
	}
	return NULL;
}
