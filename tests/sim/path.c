/* SPDX-License-Identifier: Apache-2.0
 *
 * See path.h. A step that cannot fail in such a test ends the program when it does.
 */
#include "path.h"

#include "link/pair.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_SOCKET = 1, LEVEL_TCP = 6, OPT_SNDBUF = 7, OPT_RCVBUF = 8, OPT_CONGESTION = 13 };
enum { MTU = 1500, CHUNK = 1 << 18, PORT = 80, LARGEST_BUFFER = 256 << 20 };

struct path {
	const struct path_spec *spec;
	struct weir_stack *stack[2];
	struct link_pair *pair;
	struct weir_socket *listener, *from[PATH_FLOWS], *to[PATH_FLOWS];
	unsigned flows, open, accepted;
	uint64_t read[PATH_FLOWS];
	bool watched; /* what follows is noted */
	uint64_t queue_most;
	uint32_t cwnd_least;
	weir_time now;
};

static uint8_t chunk[CHUNK];

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "path: %s\n", what);
	abort();
}

static void *plain_alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void plain_free(void *ctx, void *p, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(p);
}

static weir_addr address(const struct path *p, int host)
{
	if (!p->spec->v6)
		return weir_addr_v4(10, 0, 0, (uint8_t)(host + 1));
	return (weir_addr){.b = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(host + 1)}};
}

/* Bytes under way when the path is full, both ways of a round trip. */
static uint64_t path_holds(const struct path_spec *spec)
{
	return spec->rate_bytes_per_s * spec->delay_us * 2 / 1000000;
}

static uint32_t buffer_bytes(const struct path_spec *spec)
{
	uint64_t bytes = spec->buffer_bytes ? spec->buffer_bytes : 8 * path_holds(spec) + 262144;

	return bytes < LARGEST_BUFFER ? (uint32_t)bytes : LARGEST_BUFFER;
}

static void make_stack(struct path *p, int i, struct link_port *port)
{
	struct weir_interface link = {
	    .name = "lan", .kind = WEIR_LINK_IP, .mtu_bytes = p->spec->mtu ? p->spec->mtu : MTU};
	struct weir_config config;
	weir_addr addr = address(p, i);
	int index;

	weir_config_init(&config);
	config.allocator = (struct weir_allocator){plain_alloc, plain_free, NULL};
	memset(config.secret, i + 1 + (int)(p->spec->seed % 100), sizeof(config.secret));
	config.max_buffer_bytes = LARGEST_BUFFER;
	config.sndbuf_bytes = config.rcvbuf_bytes = buffer_bytes(p->spec);
	if (p->spec->auto_max_bytes) {
		config.sndbuf_bytes = config.rcvbuf_bytes = 65536;
		config.sndbuf_auto_max_bytes = config.rcvbuf_auto_max_bytes = p->spec->auto_max_bytes;
	}
	config.sack = !p->spec->no_sack;
	config.ecn = p->spec->ecn;
	must(weir_stack_new(&config, p->now, &p->stack[i]) == 0, "no stack");
	index = weir_interface_add(p->stack[i], &link);
	must(index > 0 && weir_address_add(p->stack[i], (unsigned)index, &addr, p->spec->v6 ? 64 : 24) == 0,
	     "no address");
	*port = link_port_stack(p->stack[i], (unsigned)index, &link);
}

static void make_path(struct path *p)
{
	const struct path_spec *spec = p->spec;
	struct link_fault_spec there = {.delay = weir_us(spec->delay_us),
	                                .rate_bytes_per_s = spec->rate_bytes_per_s,
	                                .queue_bytes = spec->queue_bytes ? spec->queue_bytes : 2 * path_holds(spec),
	                                .max_packet_bytes = spec->max_packet_bytes,
	                                .too_big = spec->too_big,
	                                .mark_bytes = spec->mark_bytes,
	                                .loss = link_chance_ppm(spec->loss),
	                                .reorder = link_chance_ppm(spec->reorder),
	                                .reorder_delay = weir_us(spec->delay_us / 2 + 1),
	                                .held_bytes = UINT64_C(1) << 30,
	                                .seed = spec->seed};
	struct link_fault_spec back = {
	    .delay = weir_us(spec->delay_us), .jitter = weir_us(spec->jitter_us), .seed = spec->seed + 1};
	struct weir_endpoint end = {.addr = address(p, 1), .port = PORT};
	struct link_port port[2];

	if (there.queue_bytes < 30 * MTU)
		there.queue_bytes = 30 * MTU;
	make_stack(p, 0, &port[0]);
	make_stack(p, 1, &port[1]);
	must(link_pair_new(&port[0], &port[1], &there, &back, &p->pair) == 0, "no link");
	must(weir_socket_new(p->stack[1], spec->v6 ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &p->listener) == 0 &&
	         weir_bind(p->listener, &end) == 0 && weir_listen(p->listener, PATH_FLOWS) == 0,
	     "no listener");
}

static void begin_flow(struct path *p)
{
	struct weir_endpoint end = {.addr = address(p, 1), .port = PORT};
	struct weir_socket *s;
	const char *name = p->open > 0 && p->spec->other ? p->spec->other : p->spec->congestion;

	must(weir_socket_new(p->stack[0], p->spec->v6 ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s) == 0, "no socket");
	must(weir_setsockopt(s, LEVEL_TCP, OPT_CONGESTION, name, (uint32_t)strlen(name)) == 0, "no such algorithm");
	weir_stack_now(p->stack[0], p->now);
	must(weir_connect(s, &end) == -WEIR_EINPROGRESS, "no connection");
	p->from[p->open++] = s;
}

/* The programs: write and read all that goes. */
static void programs(struct path *p)
{
	struct weir_slice vec = {chunk, sizeof(chunk)}, piece[2];
	int64_t n;

	for (int i = 0; i < 2; i++)
		weir_stack_now(p->stack[i], p->now);
	while (p->accepted < p->open && weir_accept(p->listener, &p->to[p->accepted]) == 0)
		p->accepted++;
	for (unsigned i = 0; i < p->open; i++)
		while (weir_send(p->from[i], &vec, 1, 0) > 0)
			continue;
	for (unsigned i = 0; i < p->accepted; i++) {
		while ((n = weir_recv_view(p->to[i], piece)) > 0) {
			p->read[i] += (uint64_t)n;
			must(weir_recv_consume(p->to[i], (size_t)n) == 0, "no bytes to consume");
		}
	}
}

static void settle(struct path *p)
{
	do {
		weir_expire(p->stack[0], p->now);
		weir_expire(p->stack[1], p->now);
		programs(p);
	} while (link_step(&p->pair->link, p->now, 4096) > 0);
}

static void watch(struct path *p)
{
	struct weir_socket_info info;
	uint64_t bytes;
	size_t packets;

	link_fault_queue(p->pair->fault[0], p->now, &packets, &bytes);
	weir_socket_get_info(p->from[0], &info);
	p->queue_most = bytes > p->queue_most ? bytes : p->queue_most;
	p->cwnd_least = info.cwnd_bytes < p->cwnd_least ? info.cwnd_bytes : p->cwnd_least;
}

static void run_until(struct path *p, weir_time until)
{
	settle(p);
	while (weir_time_before(p->now, until)) {
		weir_time next = weir_time_min(weir_deadline(p->stack[0]), weir_deadline(p->stack[1]));

		next = weir_time_min(weir_time_min(next, link_deadline(&p->pair->link)), until);
		if (weir_time_before(p->now, next))
			p->now = next;
		settle(p);
		if (p->watched)
			watch(p);
	}
}

static uint64_t counter(const struct weir_stack *stack, const char *name)
{
	const char *found;

	for (unsigned i = 0; (found = weir_counter_name(i)) != NULL; i++)
		if (strcmp(found, name) == 0)
			return weir_counter(stack, i);
	must(false, "no such counter");
	return 0;
}

static void reckon(const struct path *p, const uint64_t before[PATH_FLOWS], struct path_result *result)
{
	const struct link_fault_stats *stats = link_fault_stats(p->pair->fault[0]);
	double sum = 0, squares = 0, all = (double)p->spec->rate_bytes_per_s * p->spec->run_ms / 1000;

	memset(result, 0, sizeof(*result));
	for (unsigned i = 0; i < p->flows; i++) {
		double bytes = (double)(p->read[i] - before[i]);

		result->bytes[i] = p->read[i] - before[i];
		sum += bytes;
		squares += bytes * bytes;
	}
	result->resent = counter(p->stack[0], "tcp_resent");
	result->undone = counter(p->stack[0], "tcp_spurious");
	result->too_big = stats->size_drops;
	result->black_holes = counter(p->stack[0], "tcp_black_holes");
	result->marked = stats->marked;
	result->reductions = counter(p->stack[0], "tcp_ecn_reduced");
	result->lost = stats->lost + stats->queue_drops;
	result->memory = weir_memory(p->stack[0]) + weir_memory(p->stack[1]);
	result->queue_most = p->queue_most;
	result->cwnd_least = p->cwnd_least;
	result->share = all > 0 ? sum / all : 0;
	result->fairness = squares > 0 ? sum * sum / (p->flows * squares) : 0;
}

void path_run(const struct path_spec *spec, struct path_result *result)
{
	struct path p = {.spec = spec,
	                 .now = {1000 * WEIR_NS_PER_S},
	                 .flows = spec->flows ? spec->flows : 1,
	                 .cwnd_least = UINT32_MAX};
	uint64_t before[PATH_FLOWS];

	make_path(&p);
	for (unsigned i = 0; i < p.flows; i++) {
		if (i > 0)
			run_until(&p, weir_time_add(p.now, weir_ms(spec->gap_ms)));
		begin_flow(&p);
	}
	memcpy(before, p.read, sizeof(before));
	run_until(&p, weir_time_add(p.now, weir_ms(spec->run_ms / 2)));
	p.watched = true;
	run_until(&p, weir_time_add(p.now, weir_ms(spec->run_ms - spec->run_ms / 2)));
	reckon(&p, before, result);
	link_free(&p.pair->link);
	weir_stack_free(p.stack[0]);
	weir_stack_free(p.stack[1]);
}
