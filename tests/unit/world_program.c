/* SPDX-License-Identifier: Apache-2.0
 *
 * The stream plane, seen from a program: connect, accept, bytes, ends, resets, what poll() says, and nonsense.
 */
#include "world_fixture.h"

#include "world/world.h"

#include <weir/error.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER = 100, CLIENT = 200 };

struct pair {
	struct fixture f;
	int on_a, on_b;               /* control connections */
	int listener, client, server; /* A ends */
	struct world_accepted accepted;
};

static void listen_on_a(struct pair *p, int family)
{
	struct world_reply reply;

	p->on_a = program_on(&p->f, "a");
	p->on_b = program_on(&p->f, "b");
	p->listener = new_socket(&p->f, p->on_a, SERVER, family);
	reply = ask(&p->f, p->on_a,
	            (struct world_request){
	                .kind = WORLD_BIND, .id = SERVER, .end = at(family == AF_INET ? "0.0.0.0" : "::", 80)});
	assert_int_equal(reply.result, 0);
	reply = ask(&p->f, p->on_a, (struct world_request){.kind = WORLD_LISTEN, .id = SERVER, .number = 5});
	assert_int_equal(reply.result, 0);
	assert_int_equal(reply.flags, WORLD_FIRST);
}

static struct world_reply connect_to_a(struct pair *p, int family, uint32_t flags)
{
	p->client = new_socket(&p->f, p->on_b, CLIENT, family);
	return ask(&p->f, p->on_b,
	           (struct world_request){.kind = WORLD_CONNECT,
	                                  .flags = flags,
	                                  .id = CLIENT,
	                                  .end = at(family == AF_INET ? "10.0.0.1" : "fd00::1", 80)});
}

static void establish(struct pair *p, int family)
{
	fixture_up(&p->f, weir_ms(0));
	listen_on_a(p, family);
	assert_int_equal(connect_to_a(p, family, WORLD_WAIT).result, 0);
	assert_int_equal(events_of(p->listener) & POLLIN, POLLIN);
	p->server = take_accepted(p->listener, &p->accepted);
	settle(&p->f);
	assert_int_equal(p->accepted.local.port, 80);
	assert_int_equal(p->accepted.family, family);
}

/* Ends the program; the world must then hold none of its sockets. */
static void finish(struct pair *p)
{
	close(p->client);
	close(p->server);
	close(p->listener);
	close(p->on_a);
	close(p->on_b);
	settle(&p->f);
	assert_int_equal(p->f.world->stream_count, 0);
	assert_int_equal(p->f.world->program_count, 0);
	fixture_down(&p->f);
}

static void expect(int fd, const char *text)
{
	char got[256] = "";

	assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), strlen(text));
	assert_string_equal(got, text);
}

static void connects_and_echoes(int family)
{
	struct pair p;

	establish(&p, family);
	assert_int_equal(events_of(p.client), POLLOUT);
	assert_int_equal(events_of(p.server), POLLOUT);
	assert_int_equal(send(p.client, "hello", 5, 0), 5);
	settle(&p.f);
	expect(p.server, "hello");
	assert_int_equal(send(p.server, "world", 5, 0), 5);
	settle(&p.f);
	expect(p.client, "world");
	finish(&p);
}

static void echo_ipv4(void **state)
{
	(void)state;
	connects_and_echoes(AF_INET);
}

static void echo_ipv6(void **state)
{
	(void)state;
	connects_and_echoes(AF_INET6);
}

/* Half-close: the peer sees the end after the bytes, and may still write. */
static void half_close(void **state)
{
	struct pair p;

	(void)state;
	establish(&p, AF_INET);
	assert_int_equal(send(p.client, "last", 4, 0), 4);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	settle(&p.f);
	assert_int_equal(events_of(p.server), POLLIN | POLLOUT | POLLRDHUP);
	expect(p.server, "last");
	expect(p.server, "");
	assert_int_equal(send(p.server, "reply", 5, 0), 5);
	settle(&p.f);
	expect(p.client, "reply");
	finish(&p);
}

/* A crash is a close: what was written arrives, then the end. */
static void close_delivers_what_was_written(void **state)
{
	static char bytes[1 << 20], got[1 << 20];
	struct pair p;
	size_t sent = 0, received = 0;

	(void)state;
	establish(&p, AF_INET);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31 ^ i >> 8);
	while (sent < sizeof(bytes)) {
		ssize_t n = send(p.client, bytes + sent, sizeof(bytes) - sent, MSG_DONTWAIT);

		if (n <= 0)
			break;
		sent += (size_t)n;
		settle(&p.f);
	}
	assert_true(sent > 300000); /* more than any one of the queues */
	close(p.client);
	for (;;) {
		ssize_t n = recv(p.server, got + received, sizeof(got) - received, MSG_DONTWAIT);

		if (n == 0)
			break;
		if (n < 0)
			assert_int_equal(errno, EAGAIN);
		received += n > 0 ? (size_t)n : 0;
		pass(&p.f, weir_ms(1));
	}
	assert_int_equal(received, sent);
	assert_memory_equal(got, bytes, sent);
	p.client = -1;
	finish(&p);
}

/* [api s7] RST received: data first, then ECONNRESET once, then the end; ERR and HUP at once. */
static void close_with_unread_bytes_resets(void **state)
{
	char byte;
	struct pair p;

	(void)state;
	establish(&p, AF_INET);
	assert_int_equal(send(p.server, "data", 4, 0), 4);
	assert_int_equal(send(p.client, "unread", 6, 0), 6);
	settle(&p.f);
	close(p.server);
	settle(&p.f);
	assert_int_equal(events_of(p.client), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
	expect(p.client, "data");
	assert_int_equal(recv(p.client, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(recv(p.client, &byte, 1, MSG_DONTWAIT), 0);
	p.server = -1;
	finish(&p);
}

/* Also for a program that never wrote a byte: the first lag byte is there from the beginning. */
static void linger_zero_resets(void **state)
{
	struct world_request linger = {.kind = WORLD_SETSOCKOPT,
	                               .option = {.level = SOL_SOCKET, .name = SO_LINGER, .len = 8, .value = {1}}};
	char byte;
	struct pair p;

	(void)state;
	establish(&p, AF_INET);
	linger.id = p.accepted.id;
	post(&p.f, p.on_a, linger, -1);
	close(p.server);
	settle(&p.f);
	assert_int_equal(recv(p.client, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	p.server = -1;
	finish(&p);
}

static void refused(void **state)
{
	struct world_request request = {.kind = WORLD_CONNECT, .id = CLIENT};
	struct world_reply reply;
	struct pair p;
	int error;

	(void)state;
	fixture_up(&p.f, weir_ms(0));
	listen_on_a(&p, AF_INET);
	p.client = new_socket(&p.f, p.on_b, CLIENT, AF_INET);
	request.end = at("10.0.0.1", 81);
	request.flags = WORLD_WAIT;
	assert_int_equal(ask(&p.f, p.on_b, request).result, -ECONNREFUSED);
	assert_int_equal(ask(&p.f, p.on_b, request).result, -ECONNREFUSED); /* the socket may try again */
	request.flags = 0;
	reply = ask(&p.f, p.on_b, request);
	assert_int_equal(reply.result, -EINPROGRESS);
	assert_int_equal(reply.flags, 0);
	assert_int_equal(events_of(p.client), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
	reply = ask(&p.f, p.on_b,
	            (struct world_request){.kind = WORLD_GETSOCKOPT,
	                                   .id = CLIENT,
	                                   .option = {.level = SOL_SOCKET, .name = SO_ERROR, .len = sizeof(error)}});
	memcpy(&error, reply.option.value, sizeof(error));
	assert_int_equal(error, ECONNREFUSED);
	p.server = -1;
	finish(&p);
}

/* [api s7] SYN_SENT: not writable; established: writable, and not a byte of the filling reaches the peer. */
static void pending_connect_is_not_writable(void **state)
{
	static char zeros[65536];
	struct world_reply reply;
	struct pair p;
	int32_t filled = 0;
	ssize_t n;

	(void)state;
	fixture_up(&p.f, weir_ms(20));
	listen_on_a(&p, AF_INET);
	reply = connect_to_a(&p, AF_INET, 0);
	assert_int_equal(reply.result, -EINPROGRESS);
	assert_int_equal(reply.flags, WORLD_FILL);
	pass(&p.f, weir_ms(100)); /* established before the shim has filled: nothing may be drained yet */
	while ((n = send(p.client, zeros, sizeof(zeros), MSG_DONTWAIT)) > 0)
		filled += (int32_t)n;
	assert_int_equal(events_of(p.client), 0);
	post(&p.f, p.on_b, (struct world_request){.kind = WORLD_FILLED, .id = CLIENT, .number = filled}, -1);
	assert_int_equal(events_of(p.client), POLLOUT);
	p.server = take_accepted(p.listener, &p.accepted);
	assert_int_equal(send(p.client, "first", 5, 0), 5);
	pass(&p.f, weir_ms(100));
	expect(p.server, "first");
	finish(&p);
}

static void waiting_connect_gets_a_token(void **state)
{
	uint8_t token = 99;
	struct pair p;

	(void)state;
	fixture_up(&p.f, weir_ms(20));
	listen_on_a(&p, AF_INET);
	assert_int_equal(connect_to_a(&p, AF_INET, WORLD_WAIT).flags, WORLD_TOKEN);
	assert_int_equal(recv(p.client, &token, 1, MSG_DONTWAIT), -1);
	pass(&p.f, weir_ms(100));
	assert_int_equal(recv(p.client, &token, 1, MSG_DONTWAIT), 1);
	assert_int_equal(token, 0);
	p.server = take_accepted(p.listener, &p.accepted);
	finish(&p);
}

/* A wait that was called off (a signal, a time-out) leaves an attempt like a non-blocking one; none gets a token late.
 */
static void called_off_wait(void **state)
{
	struct world_reply reply;
	uint8_t token;
	struct pair p;

	(void)state;
	fixture_up(&p.f, weir_ms(20));
	listen_on_a(&p, AF_INET);
	assert_int_equal(connect_to_a(&p, AF_INET, WORLD_WAIT).flags, WORLD_TOKEN);
	reply = ask(&p.f, p.on_b, (struct world_request){.kind = WORLD_CANCEL, .id = CLIENT});
	assert_int_equal(reply.flags, WORLD_FILL);
	post(&p.f, p.on_b, (struct world_request){.kind = WORLD_FILLED, .id = CLIENT, .number = 0}, -1);
	pass(&p.f, weir_ms(100));
	assert_int_equal(recv(p.client, &token, 1, MSG_DONTWAIT), -1);
	assert_int_equal(events_of(p.client), POLLOUT);
	p.server = take_accepted(p.listener, &p.accepted);
	finish(&p);
}

/* A program that goes away in the middle of connect leaves nothing behind. */
static void abandoned_connect(void **state)
{
	struct pair p;

	(void)state;
	fixture_up(&p.f, weir_ms(20));
	listen_on_a(&p, AF_INET);
	connect_to_a(&p, AF_INET, WORLD_WAIT);
	close(p.client);
	pass(&p.f, weir_ms(1));
	assert_int_equal(p.f.world->stream_count, 1);
	p.client = p.server = -1;
	finish(&p);
}

/* The listener goes, connections nobody accepted are reset, as Linux does. */
static void listener_closes_with_waiting_connections(void **state)
{
	char byte;
	struct pair p;

	(void)state;
	fixture_up(&p.f, weir_ms(0));
	listen_on_a(&p, AF_INET);
	assert_int_equal(connect_to_a(&p, AF_INET, WORLD_WAIT).result, 0);
	close(p.listener);
	settle(&p.f);
	assert_int_equal(recv(p.client, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	p.listener = p.server = -1;
	finish(&p);
}

static void set_int(struct pair *p, int level, int name, int value, int expected)
{
	struct world_request request = {
	    .kind = WORLD_SETSOCKOPT, .id = CLIENT, .option = {.level = level, .name = name, .len = sizeof(value)}};

	memcpy(request.option.value, &value, sizeof(value));
	assert_int_equal(ask(&p->f, p->on_b, request).result, expected);
}

static int get_int(struct pair *p, int level, int name)
{
	struct world_request request = {
	    .kind = WORLD_GETSOCKOPT, .id = CLIENT, .option = {.level = level, .name = name, .len = sizeof(int)}};
	struct world_reply reply = ask(&p->f, p->on_b, request);
	int value;

	assert_int_equal(reply.result, 0);
	memcpy(&value, reply.option.value, sizeof(value));
	return value;
}

/* [api s3] Linux's doubling and floor are what a program reads; the bound itself is what it asked for (T4.2). */
static void buffer_sizes(void **state)
{
	struct pair p;

	(void)state;
	establish(&p, AF_INET);
	set_int(&p, SOL_SOCKET, SO_SNDBUF, 50000, 0);
	assert_int_equal(get_int(&p, SOL_SOCKET, SO_SNDBUF), 100000);
	set_int(&p, SOL_SOCKET, SO_SNDBUF, 500, 0);
	assert_int_equal(get_int(&p, SOL_SOCKET, SO_SNDBUF), 4608);
	set_int(&p, SOL_SOCKET, SO_RCVBUF, 1, 0);
	assert_int_equal(get_int(&p, SOL_SOCKET, SO_RCVBUF), 2304);
	assert_non_null(strstr(look(&p.f, "{\"view\":\"sockets\",\"host\":\"b\"}\n"), "\"limit\":500,"));
	set_int(&p, IPPROTO_TCP, TCP_NODELAY, 1, 0);
	assert_int_equal(get_int(&p, IPPROTO_TCP, TCP_NODELAY), 1);
	set_int(&p, IPPROTO_TCP, 99, 1, -ENOPROTOOPT);
	set_int(&p, SOL_SOCKET, SO_TYPE, 1, -ENOPROTOOPT);
	finish(&p);
}

static void nonsense(void **state)
{
	struct world_request request = {.kind = WORLD_BIND, .id = 1};
	struct pair p;
	char byte = 0;
	int before, pipe_fd[2], fd;

	(void)state;
	establish(&p, AF_INET);
	before = dial(&p.f);
	assert_int_equal(ask(&p.f, before, request).result, -EPERM); /* no hello */
	assert_int_equal(send(before, "?", 1, MSG_NOSIGNAL), 1);     /* not a request: cut off */
	settle(&p.f);
	assert_int_equal(recv(before, &byte, 1, MSG_DONTWAIT), 0);
	close(before);
	assert_int_equal(ask(&p.f, p.on_a, request).result, -EINVAL); /* no such socket */
	request.kind = 9999;
	request.id = CLIENT;
	assert_int_equal(ask(&p.f, p.on_b, request).result, -EINVAL);
	request = (struct world_request){.kind = WORLD_SETSOCKOPT, .id = CLIENT, .option = {.len = UINT32_MAX}};
	assert_int_equal(ask(&p.f, p.on_b, request).result, -EINVAL);
	assert_int_equal(pipe(pipe_fd), 0);
	post(&p.f, p.on_a, (struct world_request){.kind = WORLD_NEW, .id = 7, .family = AF_INET}, pipe_fd[0]);
	assert_int_equal(p.f.world->stream_count, 3);   /* a pipe is no pair */
	fd = new_socket(&p.f, p.on_a, CLIENT, AF_INET); /* a number that is taken: refused, its socket dead */
	assert_int_equal(events_of(fd) & POLLHUP, POLLHUP);
	close(fd);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	request = (struct world_request){.kind = WORLD_HELLO, .hello = {.version = WORLD_PROTOCOL, .host = "nowhere"}};
	fd = dial(&p.f);
	assert_int_equal(ask(&p.f, fd, request).result, -ENOENT);
	close(fd);
	finish(&p);
}

static void names_and_addresses(void **state)
{
	struct world_request request = {.kind = WORLD_RESOLVE, .name = "b"};
	struct world_reply reply;
	struct pair p;

	(void)state;
	establish(&p, AF_INET);
	reply = ask(&p.f, p.on_a, request);
	assert_int_equal(reply.result, 0);
	assert_int_equal(reply.resolve.count, 2);
	request = (struct world_request){.kind = WORLD_RESOLVE, .name = "c"};
	assert_int_equal(ask(&p.f, p.on_a, request).result, -ENOENT);
	request = (struct world_request){.kind = WORLD_NAME_OF, .end = at("fd00::2", 0)};
	assert_string_equal(ask(&p.f, p.on_a, request).name, "b");
	reply = ask(&p.f, p.on_b, (struct world_request){.kind = WORLD_NAMES, .id = CLIENT});
	assert_int_equal(reply.flags, WORLD_CONNECTED);
	assert_int_equal(reply.names.remote.port, 80);
	assert_int_equal(reply.names.local.port, p.accepted.remote.port);
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(echo_ipv4),
	    cmocka_unit_test(echo_ipv6),
	    cmocka_unit_test(half_close),
	    cmocka_unit_test(close_delivers_what_was_written),
	    cmocka_unit_test(close_with_unread_bytes_resets),
	    cmocka_unit_test(linger_zero_resets),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(pending_connect_is_not_writable),
	    cmocka_unit_test(waiting_connect_gets_a_token),
	    cmocka_unit_test(called_off_wait),
	    cmocka_unit_test(abandoned_connect),
	    cmocka_unit_test(listener_closes_with_waiting_connections),
	    cmocka_unit_test(buffer_sizes),
	    cmocka_unit_test(nonsense),
	    cmocka_unit_test(names_and_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
