/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may share a port (T7.2, T8.4, T8.5): the matrix as Linux has it, cell by cell, and the ports that are picked.
 */
#include "stack_hosts.h"

enum { SOL_SOCKET_ = 1, SO_REUSEADDR_ = 2, SO_REUSEPORT_ = 15, IPPROTO_IPV6_ = 41, IPV6_V6ONLY_ = 26 };

static int on(struct weir_socket *sock, const char *addr, uint16_t port)
{
	struct weir_endpoint local = at(addr, port);

	return weir_bind(sock, &local);
}

static struct weir_socket *with(struct weir_stack *stack, enum weir_family family, enum weir_type type, int option)
{
	struct weir_socket *sock = a_socket(stack, family, type);

	if (option)
		assert_int_equal(set_int(sock, SOL_SOCKET_, option, 1), 0);
	return sock;
}

struct cell {
	const char *first, *second;
	bool listens;
	int none, both_addr, both_port;
};

static const struct cell matrix[] = {
    {"127.0.0.1", "127.0.0.2", true, 0, 0, 0},
    {"0.0.0.0", "127.0.0.1", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"127.0.0.1", "0.0.0.0", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"127.0.0.1", "127.0.0.1", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"127.0.0.1", "127.0.0.1", false, -WEIR_EADDRINUSE, 0, 0},
    {"0.0.0.0", "10.0.0.1", false, -WEIR_EADDRINUSE, 0, 0},
    {"fd00::1", "::", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"::", "fd00::1", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"::", "0.0.0.0", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"::", "10.0.0.1", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"0.0.0.0", "::", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"10.0.0.1", "::", true, -WEIR_EADDRINUSE, -WEIR_EADDRINUSE, 0},
    {"0.0.0.0", "fd00::1", true, 0, 0, 0},
    {"fd00::1", "10.0.0.1", true, 0, 0, 0},
};

static int second_bind(struct hosts *h, const struct cell *cell, int option)
{
	bool first4 = strchr(cell->first, ':') == NULL, second4 = strchr(cell->second, ':') == NULL;
	struct weir_socket *a = with(h->a, first4 ? WEIR_INET : WEIR_INET6, WEIR_STREAM, option);
	struct weir_socket *b = with(h->a, second4 ? WEIR_INET : WEIR_INET6, WEIR_STREAM, option);
	int r;

	assert_int_equal(on(a, cell->first, 99), 0);
	if (cell->listens)
		assert_int_equal(weir_listen(a, 1), 0);
	r = on(b, cell->second, 99);
	weir_close(a);
	weir_close(b);
	return r;
}

static void listener_matrix(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		assert_int_equal(second_bind(&h, &matrix[i], 0), matrix[i].none);
		assert_int_equal(second_bind(&h, &matrix[i], SO_REUSEADDR_), matrix[i].both_addr);
		assert_int_equal(second_bind(&h, &matrix[i], SO_REUSEPORT_), matrix[i].both_port);
	}
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* Only one of the two has the option: that is not enough. */
static void one_sided(void **state)
{
	static const int option[] = {SO_REUSEADDR_, SO_REUSEPORT_};
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < 4; i++) {
		struct weir_socket *a = with(h.a, WEIR_INET, WEIR_STREAM, i & 1 ? option[i / 2] : 0);
		struct weir_socket *b = with(h.a, WEIR_INET, WEIR_STREAM, i & 1 ? 0 : option[i / 2]);

		assert_int_equal(on(a, "10.0.0.1", 99), 0);
		assert_int_equal(on(b, "10.0.0.1", 99), -WEIR_EADDRINUSE);
		assert_int_equal(on(b, "10.0.0.1", 98), 0);
		weir_close(a);
		weir_close(b);
	}
	hosts_done(&h);
}

/* Both bound with SO_REUSEADDR: the second listen() fails. */
static void second_listen(void **state)
{
	struct hosts h;
	struct weir_socket *a, *b;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	a = with(h.a, WEIR_INET, WEIR_STREAM, SO_REUSEADDR_);
	b = with(h.a, WEIR_INET, WEIR_STREAM, SO_REUSEADDR_);
	assert_int_equal(on(a, "127.0.0.1", 99), 0);
	assert_int_equal(on(b, "127.0.0.1", 99), 0);
	assert_int_equal(weir_listen(a, 1), 0);
	assert_int_equal(weir_listen(b, 1), -WEIR_EADDRINUSE);
	weir_close(a);
	assert_int_equal(weir_listen(b, 1), 0);
	hosts_done(&h);
}

static void v6only(void **state)
{
	struct hosts h;
	struct weir_socket *six, *four, *other;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	six = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	four = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	other = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	assert_int_equal(set_int(six, IPPROTO_IPV6_, IPV6_V6ONLY_, 1), 0);
	assert_int_equal(on(six, "10.0.0.1", 99), -WEIR_EINVAL);
	assert_int_equal(on(six, "::", 99), 0);
	assert_int_equal(set_int(six, IPPROTO_IPV6_, IPV6_V6ONLY_, 0), -WEIR_EINVAL);
	assert_int_equal(on(four, "0.0.0.0", 99), 0);
	/* An IPv4 address on an IPv6 socket is the same address. */
	assert_int_equal(on(other, "10.0.0.1", 99), -WEIR_EADDRINUSE);
	assert_int_equal(on(other, "10.0.0.1", 98), 0);
	hosts_done(&h);
}

static void refusals(void **state)
{
	struct hosts h;
	struct weir_socket *sock, *four;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	four = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(on(four, "10.0.0.9", 99), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(on(four, "fd00::1", 99), -WEIR_EAFNOSUPPORT);
	assert_int_equal(on(sock, "fe80::1", 99), -WEIR_EINVAL);
	assert_int_equal(on(four, "10.0.0.1", 99), 0);
	assert_int_equal(on(four, "10.0.0.1", 98), -WEIR_EINVAL);
	assert_int_equal(weir_listen(four, 1), 0);
	assert_int_equal(on(four, "10.0.0.1", 98), -WEIR_EINVAL);
	hosts_done(&h);
}

/* T7.2: the first closer's port stays taken as long as TIME_WAIT lasts, unless both set SO_REUSEADDR. */
static void time_wait(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (int reuse = 0; reuse < 2; reuse++) {
		struct weir_socket *listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80), *server;
		struct weir_socket *client = with(h.a, WEIR_INET, WEIR_STREAM, reuse ? SO_REUSEADDR_ : 0);
		struct weir_socket *again = a_socket(h.a, WEIR_INET, WEIR_STREAM);

		assert_int_equal(on(client, "10.0.0.1", 5000), 0);
		assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
		hosts_run(&h);
		assert_int_equal(weir_accept(listener, &server), 0);
		assert_int_equal(on(again, "10.0.0.1", 5000), -WEIR_EADDRINUSE);
		weir_close(client);
		hosts_wait(&h, weir_ms(100));
		weir_close(server);
		hosts_wait(&h, weir_ms(100));
		assert_int_equal(sockets_of(h.a), 2);
		assert_int_equal(on(again, "10.0.0.1", 5000), -WEIR_EADDRINUSE);
		assert_int_equal(on(again, "0.0.0.0", 5000), -WEIR_EADDRINUSE);
		assert_int_equal(set_int(again, SOL_SOCKET_, SO_REUSEADDR_, 1), 0);
		if (reuse) {
			assert_int_equal(on(again, "10.0.0.1", 5000), 0);
			/* The pair itself is still in TIME_WAIT. */
			assert_int_equal(weir_connect(again, &remote), -WEIR_EADDRNOTAVAIL);
		} else {
			assert_int_equal(on(again, "10.0.0.1", 5000), -WEIR_EADDRINUSE);
		}
		hosts_wait(&h, weir_s(61));
		if (!reuse)
			assert_int_equal(on(again, "10.0.0.1", 5000), 0);
		assert_int_equal(weir_connect(again, &remote), -WEIR_EINPROGRESS);
		hosts_run(&h);
		assert_int_equal(weir_connect(again, &remote), 0);
		weir_abort(again);
		hosts_run(&h);
		weir_close(listener);
	}
	hosts_done(&h);
}

/* A connection that outlives its listener holds the port. */
static void child_holds_port(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (int reuse = 0; reuse < 2; reuse++) {
		struct weir_socket *listener = with(h.b, WEIR_INET, WEIR_STREAM, reuse ? SO_REUSEADDR_ : 0), *server;
		struct weir_socket *again = with(h.b, WEIR_INET, WEIR_STREAM, SO_REUSEADDR_), *client;

		assert_int_equal(on(listener, "0.0.0.0", 80), 0);
		assert_int_equal(weir_listen(listener, 1), 0);
		client = a_connection(&h, listener, "10.0.0.2", 80, &server);
		weir_close(listener);
		assert_int_equal(on(again, "0.0.0.0", 80), reuse ? 0 : -WEIR_EADDRINUSE);
		if (reuse)
			assert_int_equal(weir_listen(again, 1), 0);
		weir_abort(client);
		hosts_run(&h);
		weir_close(server);
		if (!reuse)
			assert_int_equal(on(again, "0.0.0.0", 80), 0);
		weir_close(again);
	}
	assert_int_equal(sockets_of(h.b), 0);
	hosts_done(&h);
}

static void datagram_sockets(void **state)
{
	struct hosts h;
	struct weir_socket *a, *b, *c, *tcp;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	a = with(h.a, WEIR_INET, WEIR_DGRAM, SO_REUSEADDR_);
	b = with(h.a, WEIR_INET, WEIR_DGRAM, SO_REUSEADDR_);
	c = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	tcp = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(on(a, "10.0.0.1", 53), 0);
	assert_int_equal(on(c, "10.0.0.1", 53), -WEIR_EADDRINUSE);
	assert_int_equal(on(c, "0.0.0.0", 53), -WEIR_EADDRINUSE);
	assert_int_equal(on(b, "10.0.0.1", 53), 0);
	/* The ports of the two protocols have nothing to do with each other. */
	assert_int_equal(on(tcp, "10.0.0.1", 53), 0);
	weir_close(a);
	assert_int_equal(on(c, "10.0.0.1", 53), -WEIR_EADDRINUSE);
	weir_close(b);
	assert_int_equal(on(c, "10.0.0.1", 53), 0);
	hosts_done(&h);
}

/* bind(0) and listen() without bind() pick ports of the range, each a free one, until none is left. */
static void picked_ports(void **state)
{
	struct weir_config config;
	struct weir_socket *sock, *listener;
	struct weir_endpoint local;
	uint8_t seen[16] = {0};
	struct hosts h;

	(void)state;
	memset(&h, 0, sizeof(h));
	hosts_config(&h, &config, 3);
	config.port_low = 40000;
	config.port_high = 40015;
	hosts_start(&h, WEIR_LINK_IP, &config, &config);
	for (int i = 0; i < 15; i++) {
		sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
		assert_int_equal(on(sock, "127.0.0.1", 0), 0);
		weir_getsockname(sock, &local);
		assert_in_range(local.port, 40000, 40015);
		assert_int_equal(seen[local.port - 40000]++, 0);
	}
	listener = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_listen(listener, 1), 0);
	weir_getsockname(listener, &local);
	assert_int_equal(seen[local.port - 40000]++, 0);
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(on(sock, "0.0.0.0", 0), -WEIR_EADDRINUSE);
	assert_int_equal(on(sock, "10.0.0.1", 0), 0);
	hosts_done(&h);
}

/* One destination uses up the range; another one still has all of it. */
static void connect_ports(void **state)
{
	struct weir_endpoint one = at("10.0.0.2", 80), two = at("10.0.0.2", 81);
	struct weir_config config;
	struct weir_socket *sock;
	struct weir_endpoint local;
	uint8_t seen[16] = {0};
	struct hosts h;

	(void)state;
	memset(&h, 0, sizeof(h));
	hosts_config(&h, &config, 3);
	config.port_low = 40000;
	config.port_high = 40015;
	hosts_start(&h, WEIR_LINK_IP, &config, &config);
	for (int i = 0; i < 16; i++) {
		sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
		assert_int_equal(weir_connect(sock, &one), -WEIR_EINPROGRESS);
		weir_getsockname(sock, &local);
		assert_int_equal(seen[local.port - 40000]++, 0);
	}
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(sock, &one), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(weir_connect(sock, &two), -WEIR_EINPROGRESS);
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(listener_matrix),  cmocka_unit_test(one_sided),        cmocka_unit_test(second_listen),
	    cmocka_unit_test(v6only),           cmocka_unit_test(refusals),         cmocka_unit_test(time_wait),
	    cmocka_unit_test(child_holds_port), cmocka_unit_test(datagram_sockets), cmocka_unit_test(picked_ports),
	    cmocka_unit_test(connect_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
