/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux's TCP over its loopback, both ends in one thread: for the rows in which one thread can drive both without
 * waiting.
 */
#define _GNU_SOURCE /* accept4 */

#include "engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct {
	int listener;
	struct sockaddr_in addr;
	int *client, *server;
	unsigned connections;
} kernel;

static int check(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		bench_fail("linux: %s failed", what);
	}
	return (int)result;
}

static void start_listen(void)
{
	socklen_t len = sizeof kernel.addr;

	kernel.listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	kernel.addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	check(bind(kernel.listener, (struct sockaddr *)&kernel.addr, sizeof kernel.addr), "bind");
	check(getsockname(kernel.listener, (struct sockaddr *)&kernel.addr, &len), "getsockname");
	check(listen(kernel.listener, 128), "listen");
}

static void make_connection(int *client, int *server)
{
	int on = 1;

	*client = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	check(setsockopt(*client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
	check(connect(*client, (struct sockaddr *)&kernel.addr, sizeof kernel.addr), "connect");
	*server = check(accept4(kernel.listener, NULL, NULL, SOCK_CLOEXEC), "accept");
	check(setsockopt(*server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
}

static const char *open_all(enum bench_link link, unsigned connections)
{
	if (link != BENCH_MTU_1500)
		return "not a row of one thread";
	if (connections > 200)
		return "two descriptors a connection: not measured";
	start_listen();
	kernel.connections = connections;
	kernel.client = calloc(connections + 1, sizeof(int));
	kernel.server = calloc(connections + 1, sizeof(int));
	if (kernel.client == NULL || kernel.server == NULL)
		bench_fail("no memory");
	for (unsigned i = 0; i < connections; i++)
		make_connection(&kernel.client[i], &kernel.server[i]);
	return NULL;
}

static void close_all(void)
{
	for (unsigned i = 0; i < kernel.connections; i++) {
		close(kernel.client[i]);
		close(kernel.server[i]);
	}
	close(kernel.listener);
	free(kernel.client);
	free(kernel.server);
}

static void one_byte(int from, int to)
{
	char byte = 1;

	if (send(from, &byte, 1, 0) != 1 || recv(to, &byte, 1, 0) != 1)
		bench_fail("linux: a byte did not arrive");
}

static void ping(const uint32_t *connection, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		one_byte(kernel.client[connection[i]], kernel.server[connection[i]]);
		one_byte(kernel.server[connection[i]], kernel.client[connection[i]]);
	}
}

static void churn(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int client, server;
		char byte;

		make_connection(&client, &server);
		one_byte(client, server);
		one_byte(server, client);
		close(server);
		if (recv(client, &byte, 1, 0) != 0)
			bench_fail("linux: no end of stream");
		close(client);
	}
}

static void describe(void)
{
	struct utsname name;

	if (uname(&name) == 0)
		printf("linux      %s %s, TCP over loopback (MTU 65536, no checksums), blocking calls, one thread\n",
		       name.sysname, name.release);
}

const struct bench_engine bench_kernel = {
    .name = "linux",
    .describe = describe,
    .open = open_all,
    .close = close_all,
    .ping = ping,
    .churn = churn,
};
