/* SPDX-License-Identifier: Apache-2.0
 *
 * Views of a simulated world.
 */
#include "sim/views.h"

#include "wire/ip.h"

#include <inttypes.h>
#include <string.h>

enum { PIECES_NAMED = 6 };

const char *view_end(const struct weir_endpoint *end, char *text)
{
	size_t n = weir_addr_format(&end->addr, text);

	if (end->port == 0)
		snprintf(text + n, VIEW_END - n, ":*");
	else
		snprintf(text + n, VIEW_END - n, ":%u", end->port);
	return text;
}

/* -- netstat */

struct table {
	FILE *out;
	int weight; /* listeners come first, as a kernel lists them */
};

static bool print_row(void *ctx, const struct weir_socket_info *info)
{
	const struct table *table = ctx;
	bool listens = info->state == WEIR_TCP_LISTEN, tcp = info->type == WEIR_STREAM;
	char local[VIEW_END], remote[VIEW_END];

	if ((table->weight == 0) != listens || (tcp && info->state == WEIR_TCP_CLOSED))
		return true;
	fprintf(table->out, "%s%-2s %6" PRIu64 " %6" PRIu64 " %-23s %-23s %s\n", tcp ? "tcp" : "udp",
	        info->family == WEIR_INET6 ? "6" : "", listens ? info->accept_len : info->recvq_bytes,
	        listens ? 0 : info->sendq_bytes, view_end(&info->local, local), view_end(&info->remote, remote),
	        tcp || info->state == WEIR_TCP_ESTABLISHED ? weir_tcp_state_name(info->state) : "");
	return true;
}

void view_netstat(struct sim_host *host, bool header, FILE *out)
{
	struct table table = {out, 0};

	if (header)
		fputs("Proto Recv-Q Send-Q Local Address           Foreign Address         State\n", out);
	weir_sockets_each(host->stack, print_row, &table);
	table.weight = 1;
	weir_sockets_each(host->stack, print_row, &table);
}

/* -- finding */

struct search {
	uint64_t id;
	const struct weir_endpoint *local, *remote;
	struct weir_socket_info *found;
	bool any;
};

static bool same_end(const struct weir_endpoint *a, const struct weir_endpoint *b)
{
	return a->port == b->port && weir_addr_equal(&a->addr, &b->addr);
}

static bool compare(void *ctx, const struct weir_socket_info *info)
{
	struct search *search = ctx;
	bool is = search->local == NULL
	              ? info->id == search->id
	              : info->type == WEIR_STREAM && info->state != WEIR_TCP_CLOSED &&
	                    same_end(&info->local, search->local) && same_end(&info->remote, search->remote);

	if (is) {
		*search->found = *info;
		search->any = true;
	}
	return !is;
}

bool view_find(struct sim_host *host, uint64_t id, struct weir_socket_info *info)
{
	struct search search = {.id = id, .found = info};

	weir_sockets_each(host->stack, compare, &search);
	return search.any;
}

bool view_connection(struct sim *sim, const struct weir_endpoint *local, const struct weir_endpoint *remote,
                     struct weir_socket_info *info)
{
	struct search search = {.local = local, .remote = remote, .found = info};
	struct sim_host *host = sim_host_of(sim, &local->addr);

	if (host == NULL || remote->port == 0)
		return false;
	weir_sockets_each(host->stack, compare, &search);
	return search.any;
}

bool view_peer(struct sim *sim, const struct weir_socket_info *info, struct sim_host **host,
               struct weir_socket_info *peer)
{
	*host = sim_host_of(sim, &info->remote.addr);
	return view_connection(sim, &info->remote, &info->local, peer);
}

/* -- queues */

/* Of the bytes from..upto of a stream: how many belong to which write. */
static void name_pieces(const struct sim_socket *socket, uint64_t from, uint64_t upto, FILE *out)
{
	uint64_t begin = 0;
	unsigned named = 0, more = 0;

	for (size_t i = 0; i < socket->writes; i++) {
		uint64_t end = begin + socket->write[i];
		uint64_t low = begin > from ? begin : from, high = end < upto ? end : upto;

		if (low < high && named < PIECES_NAMED)
			fprintf(out, "%s%" PRIu64 " of #%zu", named++ > 0 ? ", " : "  (", high - low, i + 1);
		else if (low < high)
			more++;
		begin = end;
	}
	if (more > 0)
		fprintf(out, ", %u more", more);
	fputs(named > 0 ? ")\n" : "\n", out);
}

static void print_queue(const struct sim_socket *socket, const char *host, const char *queue, uint64_t from,
                        uint64_t upto, FILE *out)
{
	fprintf(out, "  %-8s %-9s %8" PRIu64, host, queue, upto - from);
	name_pieces(socket, from, upto, out);
}

struct queues {
	struct sim *sim;
	struct sim_host *host;
	FILE *out;
};

static bool print_queues(void *ctx, const struct weir_socket_info *info)
{
	struct queues *queues = ctx;
	const struct sim_socket *socket = sim_socket_find(queues->host, info->id);
	struct weir_socket_info peer;
	struct sim_host *other;
	uint64_t received;

	if (socket == NULL || info->type != WEIR_STREAM || info->written_bytes == 0 ||
	    !view_peer(queues->sim, info, &other, &peer))
		return true;
	received = peer.delivered_bytes + peer.recvq_bytes;
	fprintf(queues->out, "queues %s#%" PRIu64 " -> %s#%" PRIu64 ": written %" PRIu64 " in %zu write%s\n",
	        queues->host->plan->name, info->id, other->plan->name, peer.id, info->written_bytes, socket->writes,
	        socket->writes == 1 ? "" : "s");
	print_queue(socket, queues->host->plan->name, "SendQ", received, info->written_bytes, queues->out);
	print_queue(socket, other->plan->name, "RecvQ", peer.delivered_bytes, received, queues->out);
	print_queue(socket, other->plan->name, "Delivered", 0, peer.delivered_bytes, queues->out);
	return true;
}

void view_queues(struct sim *sim, FILE *out)
{
	for (unsigned i = 0; i < sim->hosts; i++) {
		struct queues queues = {sim, &sim->host[i], out};

		weir_sockets_each(sim->host[i].stack, print_queues, &queues);
	}
}

/* -- demultiplexing [T8.3] */

struct candidates {
	const struct weir_endpoint *remote, *local;
	uint64_t winner;
	FILE *out;
};

static char match_addr(const weir_addr *has, const weir_addr *packet, unsigned *wild)
{
	if (weir_addr_is_any(has)) {
		++*wild;
		return '*';
	}
	return weir_addr_equal(has, packet) ? '=' : 'x';
}

static bool print_candidate(void *ctx, const struct weir_socket_info *info)
{
	const struct candidates *c = ctx;
	char local[VIEW_END], remote[VIEW_END], mark[4];
	unsigned wild = 0;
	bool fits = true;

	if (info->type != WEIR_STREAM || info->state == WEIR_TCP_CLOSED)
		return true;
	mark[0] = info->local.port == c->local->port ? '=' : 'x';
	mark[1] = match_addr(&info->local.addr, &c->local->addr, &wild);
	mark[2] = match_addr(&info->remote.addr, &c->remote->addr, &wild);
	mark[3] = info->remote.port == c->remote->port ? '=' : 'x';
	if (info->remote.port == 0) {
		mark[3] = '*';
		wild++;
	}
	for (unsigned i = 0; i < 4; i++)
		fits = fits && mark[i] != 'x';
	fprintf(c->out, "#%-4" PRIu64 " %-11s %-21s %-21s  %c    %c    %c    %c    ", info->id,
	        weir_tcp_state_name(info->state), view_end(&info->local, local), view_end(&info->remote, remote),
	        mark[0], mark[1], mark[2], mark[3]);
	if (fits)
		fprintf(c->out, "%u%s\n", wild, info->id == c->winner ? "    <- wins: fewest wildcards" : "");
	else
		fputs("-\n", c->out);
	return true;
}

uint64_t view_demux(struct sim_host *host, const struct weir_endpoint *remote, const struct weir_endpoint *local,
                    unsigned *wildcards, FILE *out)
{
	struct candidates c = {remote, local, 0, out};
	char from[VIEW_END], to[VIEW_END];

	*wildcards = 0;
	c.winner = weir_demux(host->stack, IP_TCP, remote, local, wildcards);
	if (out == NULL)
		return c.winner;
	fprintf(out, "packet %s > %s at %s\n", view_end(remote, from), view_end(local, to), host->plan->name);
	fputs("SOCK  STATE       LOCAL                 REMOTE                 port lip  rip  rport wild\n", out);
	weir_sockets_each(host->stack, print_candidate, &c);
	if (c.winner != 0)
		fprintf(out, "delivered to #%" PRIu64 "\n", c.winner);
	else
		fputs("delivered to nobody\n", out);
	return c.winner;
}
