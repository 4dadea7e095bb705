/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs on the two hosts do, and what can be seen of their sockets.
 */
#include "support/hosts_state.h"

#include <string.h>

enum { IO_MAX = 1 << 20 };

static uint8_t buffer[IO_MAX];

static uint8_t pattern(uint64_t at)
{
	return (uint8_t)(at * 11 + (at >> 8) * 17 + (at >> 16) * 5);
}

static void tick(const struct weir_socket *s)
{
	for (int i = 0; i < 2; i++)
		if (s->table == hosts.table[i])
			weir_stack_now(hosts.stack[i], hosts.now);
}

struct weir_socket *hosts_socket(int host)
{
	struct weir_socket *s;

	CHECK_EQ(weir_socket_new(hosts_stack(host), hosts_family(), WEIR_STREAM, &s), 0);
	return s;
}

struct weir_socket *hosts_datagram(int host)
{
	struct weir_socket *s;

	CHECK_EQ(weir_socket_new(hosts_stack(host), hosts_family(), WEIR_DGRAM, &s), 0);
	return s;
}

void hosts_set(struct weir_socket *s, int level, int name, int value)
{
	CHECK_EQ(weir_setsockopt(s, level, name, &value, sizeof(value)), 0);
}

int hosts_bind(struct weir_socket *s, struct weir_endpoint end)
{
	return weir_bind(s, &end);
}

struct weir_socket *hosts_listen(int host, uint16_t port, int backlog)
{
	struct weir_socket *s = hosts_socket(host);

	CHECK_EQ(hosts_bind(s, hosts_any(port)), 0);
	CHECK_EQ(weir_listen(s, backlog), 0);
	return s;
}

int hosts_start_connect(struct weir_socket *s, int to, uint16_t port)
{
	struct weir_endpoint end = hosts_end(to, port);

	tick(s);
	return weir_connect(s, &end);
}

struct weir_socket *hosts_accept(struct weir_socket *listener)
{
	struct weir_socket *s;

	CHECK_EQ(weir_accept(listener, &s), 0);
	return s;
}

int64_t hosts_write(struct weir_socket *s, uint64_t from, uint32_t n)
{
	struct weir_slice vec = {buffer, n};

	CHECK(n <= IO_MAX);
	for (uint32_t i = 0; i < n; i++)
		buffer[i] = pattern(from + i);
	tick(s);
	return weir_send(s, &vec, 1, 0);
}

int64_t hosts_read(struct weir_socket *s, uint64_t from, uint32_t n)
{
	int64_t got;

	CHECK(n <= IO_MAX);
	tick(s);
	got = weir_recv(s, buffer, n, 0);
	for (int64_t i = 0; i < got; i++)
		if (buffer[i] != pattern(from + (uint64_t)i))
			test_fail(__FILE__, __LINE__, "byte %lld of the stream is wrong",
			          (long long)from + (long long)i);
	return got;
}

void hosts_shut(struct weir_socket *s)
{
	tick(s);
	CHECK_EQ(weir_shutdown(s, WEIR_SHUT_WR), 0);
}

void hosts_close(struct weir_socket *s)
{
	tick(s);
	weir_close(s);
}

struct weir_socket_info hosts_info(const struct weir_socket *s)
{
	struct weir_socket_info info;

	weir_socket_get_info(s, &info);
	return info;
}

struct search {
	uint16_t local, remote;
	bool found;
	struct weir_socket_info *info;
};

static bool compare(void *ctx, const struct weir_socket_info *info)
{
	struct search *search = ctx;

	if (info->type != WEIR_STREAM || info->local.port != search->local || info->remote.port != search->remote)
		return true;
	search->found = true;
	*search->info = *info;
	return false;
}

bool hosts_find(int host, uint16_t local, uint16_t remote, struct weir_socket_info *info)
{
	struct search search = {local, remote, false, info};

	weir_sockets_each(hosts_stack(host), compare, &search);
	return search.found;
}

int hosts_state(int host, uint16_t local, uint16_t remote)
{
	struct weir_socket_info info;

	return hosts_find(host, local, remote, &info) ? (int)info.state : -1;
}

static const char *format_end(const struct weir_endpoint *end, char *text)
{
	size_t n = weir_addr_format(&end->addr, text);

	if (end->port == 0)
		snprintf(text + n, 8, ":*");
	else
		snprintf(text + n, 8, ":%u", end->port);
	return text;
}

const char *hosts_netstat_row(const struct weir_socket_info *info, char *row)
{
	char local[WEIR_ADDR_TEXT + 8], remote[WEIR_ADDR_TEXT + 8], proto[8];

	snprintf(proto, sizeof(proto), "%s%s", info->type == WEIR_STREAM ? "tcp" : "udp",
	         info->family == WEIR_INET6 ? "6" : "");
	snprintf(row, HOSTS_ROW, "%-4s  %6ld %6ld %-23s %-23s %-11s", proto, (long)info->recvq_bytes,
	         (long)info->sendq_bytes, format_end(&info->local, local), format_end(&info->remote, remote),
	         weir_tcp_state_name(info->state));
	return row;
}

unsigned hosts_seen_count(void)
{
	return hosts.seen_count < HOSTS_SEEN ? hosts.seen_count : HOSTS_SEEN;
}

const struct hosts_seen *hosts_seen(unsigned i)
{
	CHECK(i < hosts_seen_count());
	return &hosts.seen[i];
}

unsigned hosts_seen_flags(int from, uint8_t flags)
{
	unsigned n = 0;

	for (unsigned i = 0; i < hosts_seen_count(); i++)
		n += hosts.seen[i].from == from && (hosts.seen[i].seg.flags & flags) == flags;
	return n;
}

long long hosts_counter(int host, enum drop name)
{
	const char *found;

	for (unsigned i = 0; (found = weir_counter_name(i)) != NULL; i++)
		if (strcmp(found, drop_name(name)) == 0)
			return (long long)weir_counter(hosts_stack(host), i);
	test_fail(__FILE__, __LINE__, "no counter is called %s", drop_name(name));
}

static bool is_accepted(void *ctx)
{
	const struct hosts_pair *pair = ctx;

	return (weir_poll(pair->client) & WEIR_OUT) && (weir_poll(pair->listener) & WEIR_IN);
}

struct hosts_pair hosts_connect(const struct hosts_open *open)
{
	struct hosts_pair pair = {.listener = hosts_socket(B), .client = hosts_socket(A)};
	struct weir_endpoint local;

	hosts_set(pair.listener, LEVEL_SOCKET, OPT_SNDBUF, (int)open->sqs);
	hosts_set(pair.listener, LEVEL_SOCKET, OPT_RCVBUF, (int)open->rqs);
	hosts_set(pair.client, LEVEL_SOCKET, OPT_SNDBUF, (int)open->sqs);
	hosts_set(pair.client, LEVEL_SOCKET, OPT_RCVBUF, (int)open->rqs);
	if (open->max_segment) {
		hosts_set(pair.client, LEVEL_TCP, OPT_MAXSEG, open->max_segment);
		hosts_set(pair.listener, LEVEL_TCP, OPT_MAXSEG, open->max_segment);
	}
	CHECK_EQ(hosts_bind(pair.listener, hosts_any(SERVER_PORT)), 0);
	CHECK_EQ(weir_listen(pair.listener, 5), 0);
	if (open->client_port)
		CHECK_EQ(hosts_bind(pair.client, hosts_any(open->client_port)), 0);
	CHECK_EQ(hosts_start_connect(pair.client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_run_until(is_accepted, &pair, 300000);
	CHECK_EQ(hosts_start_connect(pair.client, B, SERVER_PORT), 0);
	pair.server = hosts_accept(pair.listener);
	CHECK_EQ(weir_getsockname(pair.client, &local), 0);
	pair.client_port = local.port;
	return pair;
}
