/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP sockets (T1.7, T8.6): datagrams keep their boundaries, the queue has a hard bound, errors come once, and drops
 * are counted.
 */
#include "stack_hosts.h"

static const struct weir_endpoint no_port = {.port = 0};

static struct weir_socket *bound(struct weir_stack *stack, const char *addr, uint16_t port)
{
	struct weir_endpoint local = at(addr, port);
	struct weir_socket *sock = a_socket(stack, weir_addr_is_v4(&local.addr) ? WEIR_INET : WEIR_INET6, WEIR_DGRAM);

	assert_int_equal(weir_bind(sock, &local), 0);
	return sock;
}

/* T1.7, T1.6's opposite: three datagrams, three reads, an empty one among them; the sender's address comes along. */
static void boundaries(void **state)
{
	static const char *const to[] = {"10.0.0.2", "fd00::2"};
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	for (unsigned i = 0; i < 2; i++) {
		struct weir_endpoint remote = at(to[i], 53), from = no_port, local;
		struct weir_socket *server = bound(h.b, i ? "::" : "0.0.0.0", 53);
		struct weir_socket *client = a_socket(h.a, i ? WEIR_INET6 : WEIR_INET, WEIR_DGRAM);
		char text[8];

		assert_int_equal(weir_sendto(client, "one", 3, &remote), 3);
		assert_int_equal(weir_sendto(client, "", 0, &remote), 0);
		assert_int_equal(weir_sendto(client, "three", 5, &remote), 5);
		hosts_run(&h);
		assert_int_equal(weir_poll(server), WEIR_IN | WEIR_OUT);
		assert_int_equal(info_of(server).recvq_bytes, 8);
		assert_int_equal(info_of(server).recvq_datagrams, 3);
		assert_int_equal(weir_recvfrom(server, text, sizeof(text), 0, &from), 3);
		weir_getsockname(client, &local);
		assert_int_equal(from.port, local.port);
		assert_true(local.port > 1023);
		from.port = 0;
		assert_int_equal(weir_recvfrom(server, text, sizeof(text), 0, &from), 0);
		assert_int_equal(from.port, local.port);
		/* Cut to the buffer, the rest is gone; peeking leaves it; the real length on demand. */
		assert_int_equal(weir_recvfrom(server, text, 2, WEIR_MSG_PEEK | WEIR_MSG_TRUNC, NULL), 5);
		assert_int_equal(weir_recvfrom(server, text, 2, 0, &from), 2);
		assert_memory_equal(text, "th", 2);
		assert_int_equal(weir_recvfrom(server, text, 2, 0, &from), -WEIR_EAGAIN);
		/* And an answer. */
		assert_int_equal(weir_sendto(server, "yes", 3, &from), 3);
		hosts_run(&h);
		assert_int_equal(weir_recv(client, text, sizeof(text), 0), 3);
		weir_close(server);
		weir_close(client);
	}
	assert_int_equal(counter_of(h.a, "udp_checksum") + counter_of(h.b, "udp_checksum"), 0);
	hosts_done(&h);
}

/* What does not fit RecvQ is dropped whole and counted. */
static void hard_bound(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 53);
	struct weir_socket *server, *client;
	struct hosts h;
	char data[500] = "";

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	server = bound(h.b, "10.0.0.2", 53);
	client = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(set_int(server, 1, 8, 1000), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(weir_sendto(client, data, 400, &remote), 400);
	assert_int_equal(weir_sendto(client, data, 200, &remote), 200);
	assert_int_equal(weir_sendto(client, data, 1, &remote), 1);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 1000);
	assert_int_equal(info_of(server).recvq_datagrams, 3);
	assert_int_equal(info_of(server).recvq_dropped, 2);
	assert_int_equal(counter_of(h.b, "udp_recvq_full"), 2);
	assert_int_equal(weir_recv(server, data, 500, 0), 400);
	assert_int_equal(weir_recv(server, data, 500, 0), 400);
	assert_int_equal(weir_recv(server, data, 500, 0), 200);
	assert_int_equal(weir_recv(server, data, 500, 0), -WEIR_EAGAIN);
	/* Empty datagrams cost no bytes, but their number is bounded all the same. */
	for (int i = 0; i < 200; i++)
		assert_int_equal(weir_sendto(client, data, 0, &remote), 0);
	hosts_run(&h);
	assert_in_range(info_of(server).recvq_datagrams, 16, 64);
	hosts_done(&h);
}

/* I-9: an ICMP port unreachable reaches the connected socket that sent, once. */
static void port_unreachable(void **state)
{
	static const char *const to[] = {"10.0.0.2", "fd00::2"};
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < 2; i++) {
		struct weir_endpoint remote = at(to[i], 53), elsewhere = at(to[i], 54);
		enum weir_family family = i ? WEIR_INET6 : WEIR_INET;
		struct weir_socket *connected = a_socket(h.a, family, WEIR_DGRAM);
		struct weir_socket *other = a_socket(h.a, family, WEIR_DGRAM);
		struct weir_socket *loose = a_socket(h.a, family, WEIR_DGRAM);

		assert_int_equal(weir_connect(connected, &remote), 0);
		assert_int_equal(weir_connect(other, &elsewhere), 0);
		assert_int_equal(weir_sendto(connected, "x", 1, NULL), 1);
		assert_int_equal(weir_sendto(loose, "x", 1, &remote), 1);
		hosts_run(&h);
		assert_int_equal(weir_poll(connected), WEIR_OUT | WEIR_ERR);
		assert_int_equal(weir_recv(connected, &byte, 1, 0), -WEIR_ECONNREFUSED);
		assert_int_equal(weir_recv(connected, &byte, 1, 0), -WEIR_EAGAIN);
		assert_int_equal(weir_recv(other, &byte, 1, 0), -WEIR_EAGAIN);
		assert_int_equal(weir_recv(loose, &byte, 1, 0), -WEIR_EAGAIN);
		hosts_wait(&h, weir_s(2));
		assert_int_equal(weir_sendto(connected, "x", 1, NULL), 1);
		hosts_run(&h);
		assert_int_equal(weir_sendto(connected, "x", 1, NULL), -WEIR_ECONNREFUSED);
		assert_int_equal(weir_sendto(connected, "x", 1, NULL), 1);
		hosts_wait(&h, weir_s(2));
	}
	assert_true(counter_of(h.b, "udp_no_port") >= 6);
	hosts_done(&h);
}

static void refusals(void **state)
{
	static char big[65600];
	struct weir_endpoint remote = at("10.0.0.2", 53), zero = at("10.0.0.2", 0), broadcast = at("10.0.0.255", 53);
	struct weir_endpoint six = at("fd00::2", 53), nowhere = at("192.0.2.1", 53), group = at("224.0.0.5", 53);
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(weir_sendto(sock, "x", 1, NULL), -WEIR_EDESTADDRREQ);
	assert_int_equal(weir_sendto(sock, "x", 1, &zero), -WEIR_EINVAL);
	assert_int_equal(weir_sendto(sock, big, 65508, &remote), -WEIR_EMSGSIZE);
	assert_int_equal(weir_sendto(sock, big, 1473, &remote), -WEIR_EMSGSIZE);
	assert_int_equal(weir_sendto(sock, big, 1472, &remote), 1472);
	assert_int_equal(weir_sendto(sock, "x", 1, &six), -WEIR_EAFNOSUPPORT);
	assert_int_equal(weir_sendto(sock, "x", 1, &nowhere), -WEIR_ENETUNREACH);
	assert_int_equal(weir_sendto(sock, "x", 1, &group), 1); /* needs no SO_BROADCAST */
	assert_int_equal(weir_sendto(sock, "x", 1, &broadcast), -WEIR_EACCES);
	assert_int_equal(weir_connect(sock, &broadcast), -WEIR_EACCES);
	assert_int_equal(weir_listen(sock, 1), -WEIR_EOPNOTSUPP);
	assert_int_equal(weir_accept(sock, &sock), -WEIR_EOPNOTSUPP);
	/* On an unconnected socket shutdown() complains, and acts. */
	assert_int_equal(weir_shutdown(sock, WEIR_SHUT_WR), -WEIR_ENOTCONN);
	assert_int_equal(weir_sendto(sock, "x", 1, &remote), -WEIR_EPIPE);
	hosts_done(&h);
}

static void broadcasts(void **state)
{
	struct weir_endpoint everybody = at("10.0.0.255", 67);
	struct weir_socket *client, *one, *two, *exact, *other;
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	client = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	one = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	two = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(set_int(client, 1, 6, 1), 0);
	assert_int_equal(set_int(one, 1, 2, 1), 0);
	assert_int_equal(set_int(two, 1, 2, 1), 0);
	everybody.addr = addr_of("0.0.0.0");
	assert_int_equal(weir_bind(one, &everybody), 0);
	assert_int_equal(weir_bind(two, &everybody), 0);
	exact = bound(h.b, "10.0.0.255", 68);
	other = bound(h.b, "10.0.0.2", 69);
	everybody = at("10.0.0.255", 67);
	assert_int_equal(weir_sendto(client, "x", 1, &everybody), 1);
	everybody.port = 68;
	assert_int_equal(weir_sendto(client, "x", 1, &everybody), 1);
	everybody.port = 69;
	assert_int_equal(weir_sendto(client, "x", 1, &everybody), 1);
	hosts_run(&h);
	assert_int_equal(weir_recv(one, &byte, 1, 0), 1);
	assert_int_equal(weir_recv(two, &byte, 1, 0), 1);
	assert_int_equal(weir_recv(exact, &byte, 1, 0), 1);
	assert_int_equal(weir_recv(other, &byte, 1, 0), -WEIR_EAGAIN);
	assert_int_equal(counter_of(h.b, "udp_no_port"), 1);
	/* Nobody is told that a broadcast found no port. */
	assert_false(weir_output_pending(h.b, h.if_b));
	hosts_done(&h);
}

/* connect() fixes both ends; it may be called again. Datagrams from elsewhere no longer arrive. */
static void connects(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 53), local, peer, me;
	struct weir_socket *server, *stranger, *client;
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	server = bound(h.b, "10.0.0.2", 53);
	stranger = bound(h.b, "10.0.0.2", 54);
	client = a_socket(h.a, WEIR_INET6, WEIR_DGRAM);
	assert_int_equal(weir_getpeername(client, &peer), -WEIR_ENOTCONN);
	assert_int_equal(weir_connect(client, &remote), 0);
	weir_getsockname(client, &local);
	me = at("10.0.0.1", local.port);
	assert_memory_equal(&local.addr, &me.addr, sizeof(me.addr));
	assert_int_equal(weir_getpeername(client, &peer), 0);
	assert_int_equal(peer.port, 53);
	assert_int_equal(weir_sendto(stranger, "s", 1, &me), 1);
	assert_int_equal(weir_sendto(server, "a", 1, &me), 1);
	hosts_run(&h);
	assert_int_equal(weir_recv(client, &byte, 1, 0), 1);
	assert_int_equal(byte, 'a');
	assert_int_equal(weir_recv(client, &byte, 1, 0), -WEIR_EAGAIN);
	remote.port = 54;
	assert_int_equal(weir_connect(client, &remote), 0);
	remote = at("127.0.0.1", 54);
	assert_int_equal(weir_connect(client, &remote), 0);
	weir_getsockname(client, &local);
	assert_true(weir_addr_is_loopback(&local.addr));
	assert_int_equal(local.port, me.port);
	weir_close(client);
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* A datagram to oneself, and one's own port: echo. */
static void to_oneself(void **state)
{
	struct weir_endpoint own = at("::1", 777);
	struct weir_socket *sock;
	struct hosts h;
	char text[4] = "";

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = bound(h.a, "::1", 777);
	assert_int_equal(weir_sendto(sock, "me", 2, &own), 2);
	assert_true(weir_deadline(h.a).ns <= h.now.ns);
	weir_expire(h.a, h.now);
	assert_int_equal(weir_recv(sock, text, sizeof(text), 0), 2);
	assert_string_equal(text, "me");
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(boundaries), cmocka_unit_test(hard_bound), cmocka_unit_test(port_unreachable),
	    cmocka_unit_test(refusals),   cmocka_unit_test(broadcasts), cmocka_unit_test(connects),
	    cmocka_unit_test(to_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
