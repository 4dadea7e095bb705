/* SPDX-License-Identifier: Apache-2.0
 *
 * The turning of a simulated world: who has something to do, and time.
 */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

enum { READY_BATCH = 64 };

static const char *host_name(const void *ctx, unsigned host)
{
	return ((const struct sim *)ctx)->plan.host[host].name;
}

void sim_init(struct sim *sim, uint64_t seed, FILE *out, bool ascii)
{
	*sim = (struct sim){.seed = seed};
	plan_init(&sim->plan);
	sim_queue_init(&sim->queue);
	sim_aims_init(&sim->aims);
	sim->timeline = (struct timeline){.out = out, .ascii = ascii, .name = host_name, .name_ctx = sim};
	sim->dirty_host_end = &sim->dirty_host;
}

static void free_sockets(struct sim_host *host)
{
	for (size_t i = 0; i < host->sockets; i++) {
		free(host->socket[i]->write);
		free(host->socket[i]->user);
		free(host->socket[i]);
	}
	free(host->socket);
}

void sim_deinit(struct sim *sim)
{
	for (unsigned i = 0; i < sim->links; i++) {
		if (sim->link[i].sw != NULL)
			link_free(&sim->link[i].sw->link);
		free(sim->link[i].member);
	}
	for (unsigned i = 0; i < 2 * sim->trunks; i++)
		sim_pipe_deinit(&sim->trunk[i / 2].pipe[i % 2]);
	for (unsigned i = 0; i < sim->hosts; i++) {
		struct sim_host *host = &sim->host[i];

		for (unsigned k = 0; k < host->interfaces; k++)
			sim_pipe_deinit(&host->interface[k].pipe);
		if (host->stack != NULL)
			weir_stack_free(host->stack);
		free(host->interface);
		free_sockets(host);
	}
	free(sim->host);
	free(sim->link);
	free(sim->trunk);
	free(sim->pipe);
	free(sim->owner);
	sim_aims_deinit(&sim->aims);
	sim_queue_deinit(&sim->queue);
	plan_deinit(&sim->plan);
}

bool sim_add_programs(struct sim *sim, uint32_t programs)
{
	return sim_queue_grow(&sim->queue, sim->hosts + sim->pipes + programs);
}

void sim_program_due(struct sim *sim, uint32_t program, weir_time at)
{
	sim_queue_set(&sim->queue, sim->hosts + sim->pipes + program, at);
}

static void mark_host(struct sim_host *host)
{
	if (host->dirty)
		return;
	host->dirty = true;
	host->next_dirty = NULL;
	*host->sim->dirty_host_end = host;
	host->sim->dirty_host_end = &host->next_dirty;
}

void sim_wake(struct sim_host *host)
{
	weir_stack_now(host->stack, host->sim->now);
}

void sim_touch(struct sim_host *host)
{
	mark_host(host);
}

/* What the host has to send goes into its pipes. */
static void send(struct sim *sim, struct sim_host *host)
{
	struct weir_packet batch[LINK_BATCH];
	size_t n;

	for (unsigned i = 0; i < host->interfaces; i++) {
		struct sim_interface *interface = &host->interface[i];

		while ((n = interface->real.ops->output(&interface->real, sim->now, batch, LINK_BATCH)) > 0)
			sim_pipe_push(&interface->pipe, batch, n, sim->now);
	}
}

static void work_host(struct sim *sim, struct sim_host *host)
{
	struct weir_socket *sock[READY_BATCH];
	bool stirred = host->stirred;
	size_t n;

	host->stirred = false;
	sim_wake(host);
	if (!weir_time_before(sim->now, weir_deadline(host->stack))) {
		weir_expire(host->stack, sim->now);
		stirred = true;
	}
	while ((n = weir_ready(host->stack, sock, READY_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct sim_socket *socket = weir_socket_user(sock[i]);

			if (socket != NULL)
				sim->ready(sim->ctx, socket);
		}
	}
	if (stirred)
		sim->stirred(sim->ctx, host);
	send(sim, host);
	sim_queue_set(&sim->queue, host->index, weir_deadline(host->stack));
}

bool sim_step(struct sim *sim)
{
	struct sim_host *host = sim->dirty_host;

	if (host == NULL)
		return false;
	sim->dirty_host = host->next_dirty;
	if (sim->dirty_host == NULL)
		sim->dirty_host_end = &sim->dirty_host;
	host->dirty = false;
	work_host(sim, host);
	sim->events++;
	return true;
}

bool sim_advance(struct sim *sim, weir_time until)
{
	weir_time next = sim_queue_next(&sim->queue);
	uint32_t source;

	if (weir_time_is_never(next))
		return false;
	if (weir_time_before(until, next)) {
		sim->now = until;
		return false;
	}
	if (weir_time_before(sim->now, next))
		sim->now = next;
	while (sim_queue_take(&sim->queue, sim->now, &source)) {
		if (source < sim->hosts) {
			mark_host(&sim->host[source]);
		} else if (source < sim->hosts + sim->pipes) {
			sim_pipe_due(sim->pipe[source - sim->hosts], sim->now);
			sim->events++;
		} else {
			sim->wake(sim->ctx, source - sim->hosts - sim->pipes);
		}
	}
	return true;
}

struct sim_host *sim_find_host(struct sim *sim, const char *name)
{
	int i = plan_find_host(&sim->plan, name);

	return i < 0 ? NULL : &sim->host[i];
}

struct sim_host *sim_host_of(struct sim *sim, const weir_addr *addr)
{
	unsigned low = 0, high = sim->owners;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (memcmp(sim->owner[middle].addr.b, addr->b, sizeof(addr->b)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == sim->owners || !weir_addr_equal(&sim->owner[low].addr, addr))
		return NULL;
	return &sim->host[sim->owner[low].host];
}
