/* SPDX-License-Identifier: Apache-2.0
 *
 * See experiment.h. Two hosts, a pair of ports with rate and delay between them, and two programs whose steps are taken
 * in the order of their instants.
 */
#include "sim/experiment.h"

#include "link/pair.h"
#include "plan/heap.h"

#include <weir/weir.h>

#include <string.h>

enum { PORT = 9, PIECE = 65536, LINK_BUDGET = 4096, HELD_BYTES = 1 << 30, PS_PER_NS = 1000 };

struct worker {
	struct weir_socket *sock;
	weir_time free_at; /* its processor is busy until then */
	bool asleep;       /* in a call that waits */
	uint64_t left;     /* of the write it is in */
};

struct experiment {
	const struct experiment_spec *spec;
	struct experiment_result *result;
	struct weir_stack *stack[2];
	struct link_pair *pair;
	struct weir_socket *listener;
	struct worker writer, reader;
	weir_time now;
	bool counts; /* the warming up is over */
	uint8_t piece[PIECE];
};

static weir_addr address(int host)
{
	return weir_addr_v4(10, 0, 0, (uint8_t)(host + 1));
}

static int make_stack(struct experiment *e, int host, struct link_port *port)
{
	struct weir_interface link = {.name = "lan", .kind = WEIR_LINK_IP, .mtu_bytes = EXPERIMENT_MTU};
	struct weir_config config;
	weir_addr addr = address(host);
	int index, error;

	weir_config_init(&config);
	config.allocator = plan_heap();
	memset(config.secret, host + 1, sizeof(config.secret));
	config.max_buffer_bytes = EXPERIMENT_LARGEST;
	config.sndbuf_bytes = e->spec->sqs;
	config.rcvbuf_bytes = e->spec->rqs;
	error = weir_stack_new(&config, e->now, &e->stack[host]);
	if (error != 0)
		return error;
	index = weir_interface_add(e->stack[host], &link);
	if (index < 0)
		return index;
	*port = link_port_stack(e->stack[host], (unsigned)index, &link);
	return weir_address_add(e->stack[host], (unsigned)index, &addr, 24);
}

static int connect_hosts(struct experiment *e)
{
	struct link_fault_spec wire = {.delay = e->spec->delay,
	                               .rate_bytes_per_s = e->spec->rate_bytes_per_s,
	                               .held_bytes = HELD_BYTES,
	                               .seed = 1};
	struct weir_endpoint to = {.addr = address(1), .port = PORT};
	struct link_port port[2];
	int error = make_stack(e, 0, &port[0]);

	if (error == 0)
		error = make_stack(e, 1, &port[1]);
	if (error == 0)
		error = link_pair_new(&port[0], &port[1], &wire, &wire, &e->pair);
	if (error == 0)
		error = weir_socket_new(e->stack[1], WEIR_INET, WEIR_STREAM, &e->listener);
	if (error == 0)
		error = weir_bind(e->listener, &to);
	if (error == 0)
		error = weir_listen(e->listener, 1);
	if (error == 0)
		error = weir_socket_new(e->stack[0], WEIR_INET, WEIR_STREAM, &e->writer.sock);
	if (error == 0)
		error = weir_connect(e->writer.sock, &to);
	return error == -WEIR_EINPROGRESS ? 0 : error;
}

/* The call that was waiting may go on. false: not yet. */
static bool wakes(struct worker *w, unsigned readiness, uint64_t *cost_ns, uint32_t wake_ns)
{
	if (!w->asleep)
		return true;
	if ((weir_poll(w->sock) & readiness) == 0)
		return false;
	w->asleep = false;
	*cost_ns += wake_ns;
	return true;
}

/* Copies as much of the write as SendQ has room for. */
static uint64_t copy(struct experiment *e, uint64_t want)
{
	uint64_t done = 0;

	while (done < want) {
		struct weir_slice piece = {e->piece, want - done < PIECE ? (size_t)(want - done) : PIECE};
		int64_t n = weir_send(e->writer.sock, &piece, 1, want - done > PIECE ? WEIR_MSG_MORE : 0);

		if (n <= 0)
			break;
		done += (uint64_t)n;
	}
	return done;
}

static void work(struct worker *w, weir_time now, uint64_t cost_ns)
{
	w->free_at = weir_time_add(now, (weir_duration){(int64_t)cost_ns});
}

static void step_writer(struct experiment *e)
{
	const struct experiment_costs *costs = &e->spec->costs;
	struct worker *w = &e->writer;
	uint64_t cost_ns = 0, n;

	if (weir_time_before(e->now, w->free_at) || !wakes(w, WEIR_OUT, &cost_ns, costs->wake_ns))
		return;
	if (w->left == 0) {
		w->left = e->spec->write_bytes;
		cost_ns += costs->call_ns;
	}
	n = copy(e, w->left);
	cost_ns += n * costs->byte_ps / PS_PER_NS;
	w->left -= n;
	w->asleep = w->left > 0;
	work(w, e->now, cost_ns);
	if (!e->counts)
		return;
	e->result->busy_ns += cost_ns;
	e->result->written += n;
	e->result->chunks += n > 0;
	e->result->writes += w->left == 0;
}

static void step_reader(struct experiment *e)
{
	const struct experiment_costs *costs = &e->spec->costs;
	struct worker *r = &e->reader;
	uint64_t cost_ns = costs->call_ns, total = 0;
	int64_t n = 0;

	if (r->sock == NULL && weir_accept(e->listener, &r->sock) != 0)
		return;
	if (weir_time_before(e->now, r->free_at) || !wakes(r, WEIR_IN, &cost_ns, costs->wake_ns))
		return;
	while (total < e->spec->read_bytes) {
		uint64_t want = e->spec->read_bytes - total;

		n = weir_recv(r->sock, e->piece, want < PIECE ? (size_t)want : PIECE, 0);
		if (n <= 0)
			break;
		total += (uint64_t)n;
	}
	r->asleep = total == 0;
	work(r, e->now, cost_ns + total * costs->byte_ps / PS_PER_NS);
	if (e->counts)
		e->result->bytes += total;
}

/* All that happens at this instant. */
static void settle(struct experiment *e)
{
	do {
		for (int i = 0; i < 2; i++) {
			weir_stack_now(e->stack[i], e->now);
			weir_expire(e->stack[i], e->now);
		}
		step_writer(e);
		step_reader(e);
	} while (link_step(&e->pair->link, e->now, LINK_BUDGET) > 0);
}

/* When a program goes on by itself; one that is asleep is woken by what arrives. */
static weir_time next_step(const struct experiment *e, const struct worker *w)
{
	return weir_time_before(e->now, w->free_at) ? w->free_at : WEIR_NEVER;
}

static void run_until(struct experiment *e, weir_time until)
{
	settle(e);
	while (weir_time_before(e->now, until)) {
		weir_time next = weir_time_min(weir_deadline(e->stack[0]), weir_deadline(e->stack[1]));

		next = weir_time_min(next, link_deadline(&e->pair->link));
		next = weir_time_min(next, weir_time_min(next_step(e, &e->writer), next_step(e, &e->reader)));
		next = weir_time_min(next, until);
		if (weir_time_before(e->now, next))
			e->now = next;
		settle(e);
	}
}

static void reckon(struct experiment *e)
{
	struct weir_socket_info info;

	weir_socket_get_info(e->writer.sock, &info);
	e->result->round_trip = info.srtt;
	e->result->bytes_per_s = (uint64_t)((double)e->result->bytes * WEIR_NS_PER_S / (double)e->spec->run.ns);
}

int experiment_run(const struct experiment_spec *spec, struct experiment_result *result)
{
	struct experiment e = {.spec = spec, .result = result, .now = {WEIR_NS_PER_S}};
	int error;

	*result = (struct experiment_result){0};
	if (spec->costs.call_ns == 0 || spec->run.ns <= 0 || spec->write_bytes == 0 || spec->read_bytes == 0)
		return -WEIR_EINVAL;
	e.writer.asleep = true; /* until the connection is there */
	error = connect_hosts(&e);
	if (error == 0) {
		run_until(&e, weir_time_add(e.now, spec->warm_up));
		e.counts = true;
		run_until(&e, weir_time_add(e.now, spec->run));
		reckon(&e);
	}
	if (e.pair != NULL)
		link_free(&e.pair->link);
	for (int i = 0; i < 2; i++) {
		if (e.stack[i] != NULL)
			weir_stack_free(e.stack[i]);
	}
	return error;
}
