/* SPDX-License-Identifier: Apache-2.0
 *
 * Weir: two stacks joined by a pair, driven by an embedder's loop as weir/stack.h describes it.
 */
#include "engine.h"

#include "link/pair.h"

#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connections are spread over several listeners: one has no more remote ports than there are ephemeral ones. */
enum { PORT = 5001, LISTENERS = 8, PER_LISTENER = 20000 };
enum { MTU = 1500, LARGE = 65535, SINK_BYTES = 65536, READY = 64, BUDGET = 4096 };

enum service { ECHO, COUNT, ANSWER_AND_CLOSE };

struct end {
	struct weir_stack *stack;
	struct link_port port;
};

static struct {
	struct end client, server;
	struct link_pair *pair;
	struct weir_socket *listener[LISTENERS], **connection;
	unsigned connections;
	enum service service;
	uint64_t accepted, received, echoed, ended;
	size_t held_before;
	uint8_t source[BENCH_WRITE_BYTES], sink[SINK_BYTES];
} weir;

static void *allocate(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

static weir_time now(void)
{
	return (weir_time){bench_now()};
}

static void check(int64_t result, const char *what)
{
	if (result < 0)
		bench_fail("weir: %s: error %d", what, (int)-result);
}

static weir_addr address(uint8_t last)
{
	return weir_addr_v4(10, 0, 0, last);
}

static void set_up_end(struct end *end, uint8_t last, enum bench_link link)
{
	struct weir_interface interface = {
	    .name = "pair",
	    .kind = WEIR_LINK_IP,
	    .mtu_bytes = link == BENCH_MTU_1500 ? MTU : LARGE,
	    .flags = link == BENCH_LARGE_TRUSTED ? WEIR_IF_NO_CHECKSUM : 0,
	};
	struct weir_config config;
	weir_addr addr = address(last);
	int ifindex;

	weir_config_init(&config);
	config.allocator = (struct weir_allocator){allocate, release, NULL};
	config.secret[0] = last;
	check(weir_stack_new(&config, now(), &end->stack), "stack");
	ifindex = weir_interface_add(end->stack, &interface);
	check(ifindex, "interface");
	check(weir_address_add(end->stack, (unsigned)ifindex, &addr, 24), "address");
	end->port = link_port_stack(end->stack, (unsigned)ifindex, &interface);
}

/* Listeners carry a mark, by which weir_ready()'s sockets are told apart. */
static void start_listen(void)
{
	for (unsigned i = 0; i < LISTENERS; i++) {
		struct weir_endpoint local = {.addr = WEIR_ADDR_ANY4, .port = (uint16_t)(PORT + i)};

		check(weir_socket_new(weir.server.stack, WEIR_INET, WEIR_STREAM, &weir.listener[i]), "socket");
		check(weir_bind(weir.listener[i], &local), "bind");
		check(weir_listen(weir.listener[i], 128), "listen");
		weir_socket_set_user(weir.listener[i], &weir);
	}
}

static struct weir_socket *start_connect(unsigned number)
{
	struct weir_endpoint remote = {.addr = address(2), .port = (uint16_t)(PORT + number / PER_LISTENER)};
	struct weir_socket *sock;
	int on = 1, error;

	check(weir_socket_new(weir.client.stack, WEIR_INET, WEIR_STREAM, &sock), "socket");
	check(weir_setsockopt(sock, 6, 1, &on, sizeof on), "TCP_NODELAY");
	error = weir_connect(sock, &remote);
	if (error != -WEIR_EINPROGRESS)
		check(error, "connect");
	return sock;
}

/* Reads a server's connection empty, and does what is its service. */
static void serve(struct weir_socket *sock)
{
	struct weir_slice reply;
	int64_t n;

	while ((n = weir_recv(sock, weir.sink, SINK_BYTES, 0)) > 0) {
		weir.received += (uint64_t)n;
		if (weir.service == COUNT)
			continue;
		reply = (struct weir_slice){weir.sink, (size_t)n};
		if (weir_send(sock, &reply, 1, 0) != n)
			bench_fail("weir: the echo was not taken");
		if (weir.service == ANSWER_AND_CLOSE) {
			weir_close(sock);
			return;
		}
	}
	if (n != -WEIR_EAGAIN)
		bench_fail("weir: a server's connection ended: %d", (int)n);
}

static void accept_all(struct weir_socket *listener)
{
	struct weir_socket *sock;
	int on = 1;

	while (weir_accept(listener, &sock) == 0) {
		weir.accepted++;
		check(weir_setsockopt(sock, 6, 1, &on, sizeof on), "TCP_NODELAY");
		serve(sock);
	}
}

static void take_at_client(struct weir_socket *sock)
{
	int64_t n;

	while ((n = weir_recv(sock, weir.sink, SINK_BYTES, 0)) > 0)
		weir.echoed += (uint64_t)n;
	if (n == 0) {
		weir_close(sock);
		weir.ended++;
	} else if (n != -WEIR_EAGAIN) {
		bench_fail("weir: a client's connection failed: %d", (int)-n);
	}
}

static bool visit_ready(void)
{
	struct weir_socket *ready[READY];
	size_t at_server = weir_ready(weir.server.stack, ready, READY), at_client;

	for (size_t i = 0; i < at_server; i++) {
		if (weir_socket_user(ready[i]) != NULL)
			accept_all(ready[i]);
		else
			serve(ready[i]);
	}
	at_client = weir_ready(weir.client.stack, ready, READY);
	for (size_t i = 0; i < at_client; i++) {
		if ((weir_poll(ready[i]) & (WEIR_IN | WEIR_ERR)) != 0)
			take_at_client(ready[i]);
	}
	return at_server + at_client > 0;
}

/* One turn of the loop: everything that can be done at this instant. */
static void turn(void)
{
	weir_time at = now();

	if (!weir_time_before(at, weir_deadline(weir.client.stack)))
		weir_expire(weir.client.stack, at);
	if (!weir_time_before(at, weir_deadline(weir.server.stack)))
		weir_expire(weir.server.stack, at);
	do
		link_step(&weir.pair->link, at, BUDGET);
	while (visit_ready());
}

static void make_connections(unsigned connections)
{
	weir.connection = calloc(connections + 1, sizeof(struct weir_socket *));
	if (weir.connection == NULL)
		bench_fail("no memory");
	weir.connections = connections;
	weir.accepted = 0;
	for (unsigned i = 0; i < connections; i++) {
		weir.connection[i] = start_connect(i);
		turn();
		if (weir.accepted != i + 1 || (weir_poll(weir.connection[i]) & WEIR_OUT) == 0)
			bench_fail("weir: connection %u was not made", i);
	}
}

static size_t held(void)
{
	return weir_memory(weir.client.stack) + weir_memory(weir.server.stack);
}

static const char *open_all(enum bench_link link, unsigned connections)
{
	if (connections > LISTENERS * PER_LISTENER)
		return "more connections than the bench has ports for";
	weir.service = ECHO;
	set_up_end(&weir.client, 1, link);
	set_up_end(&weir.server, 2, link);
	check(link_pair_new(&weir.client.port, &weir.server.port, NULL, NULL, &weir.pair), "pair");
	start_listen();
	weir.held_before = held();
	make_connections(connections);
	return NULL;
}

static void close_all(void)
{
	link_free(&weir.pair->link);
	weir_stack_free(weir.client.stack);
	weir_stack_free(weir.server.stack);
	free(weir.connection);
}

static void bulk(uint64_t bytes)
{
	uint64_t written = 0;

	weir.service = COUNT;
	weir.received = 0;
	while (weir.received < bytes) {
		uint64_t left = bytes - written;
		struct weir_slice piece = {weir.source, left < BENCH_WRITE_BYTES ? (size_t)left : BENCH_WRITE_BYTES};
		int64_t n = piece.len > 0 ? weir_send(weir.connection[0], &piece, 1, 0) : 0;

		if (n >= 0)
			written += (uint64_t)n;
		else if (n != -WEIR_EAGAIN)
			bench_fail("weir: send: error %d", (int)-n);
		turn();
	}
}

static void ping(const uint32_t *connection, size_t n)
{
	struct weir_slice byte = {weir.source, 1};

	weir.service = ECHO;
	for (size_t i = 0; i < n; i++) {
		weir.echoed = 0;
		if (weir_send(weir.connection[connection[i]], &byte, 1, 0) != 1)
			bench_fail("weir: a byte was not taken");
		turn();
		if (weir.echoed != 1)
			bench_fail("weir: the echo did not come back");
	}
}

static void churn(unsigned n)
{
	struct weir_slice byte = {weir.source, 1};

	weir.service = ANSWER_AND_CLOSE;
	weir.echoed = weir.ended = 0;
	for (unsigned i = 0; i < n; i++) {
		struct weir_socket *sock = start_connect(0);

		turn();
		if (weir_send(sock, &byte, 1, 0) != 1)
			bench_fail("weir: a byte was not taken");
		turn();
		if (weir.ended != i + 1 || weir.echoed != i + 1)
			bench_fail("weir: connection %u did not come to its end", i);
	}
}

static double memory(void)
{
	return (double)(held() - weir.held_before);
}

static void describe(void)
{
	struct weir_config config;

	weir_config_init(&config);
	printf("weir       this build, two stacks joined by a pair without copies; SO_SNDBUF and SO_RCVBUF %u and %u,\n"
	       "           timestamps %d, window scaling %d, checksums generated and verified unless the row says "
	       "otherwise;\n"
	       "           64 KiB segments: MTU %d. TCP_NODELAY.\n",
	       config.sndbuf_bytes, config.rcvbuf_bytes, config.timestamps, config.window_scaling, LARGE);
}

const struct bench_engine bench_weir = {
    .name = "weir",
    .describe = describe,
    .open = open_all,
    .close = close_all,
    .bulk = bulk,
    .ping = ping,
    .churn = churn,
    .memory = memory,
};
