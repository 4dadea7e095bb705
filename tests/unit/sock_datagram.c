/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP sockets (T1.7, T8.6): datagrams keep their boundaries, the queue has a hard bound, errors come once, and drops
 * are counted.
 */
#include "stack_hosts.h"

#include "base/bytes.h"
#include "wire/icmp.h"

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

/* A router tells host a that a datagram from `port` to 10.0.0.2 or fd00::2, port 53, was too big. */
static void too_big(struct hosts *h, bool v6, uint16_t port, uint16_t mtu)
{
	struct wire_ip quoted = {.src = addr_of(v6 ? "fd00::1" : "10.0.0.1"),
	                         .dst = addr_of(v6 ? "fd00::2" : "10.0.0.2"),
	                         .protocol = IP_UDP,
	                         .ttl = 64,
	                         .payload_bytes = 1460},
	               ip = {.src = quoted.dst, .dst = quoted.src, .protocol = v6 ? IP_ICMPV6 : IP_ICMP, .ttl = 64};
	uint8_t body[64] = {0}, data[256];
	size_t body_len = wire_ip_emit(body, &quoted), len;
	struct weir_packet packet = {.slice = {{data, 0}}, .slices = 1};

	store_be16(body + body_len, port);
	store_be16(body + body_len + 2, 53);
	body_len += 8;
	ip.payload_bytes = (uint16_t)(ICMP_HEADER_BYTES + body_len);
	len = wire_ip_emit(data, &ip);
	len += wire_icmp_emit(data + len, &ip.src, &ip.dst, v6 ? ICMP6_TOO_BIG : ICMP4_UNREACHABLE, v6 ? 0 : 4, mtu,
	                      body, body_len);
	packet.slice[0].len = packet.len = (uint32_t)len;
	weir_input(h->a, h->if_a, &packet, 1, h->now);
}

static int path_mtu_of(struct weir_socket *s, bool v6)
{
	int value = 0;
	uint32_t len = sizeof(value);
	int r = weir_getsockopt(s, v6 ? 41 : 0, v6 ? 24 : 14, &value, &len);

	return r < 0 ? r : value;
}

/* [1191, 8201; attacks I-6] A connected socket learns what its path carries; others are not believed. */
static void a_path_that_carries_less(void **state)
{
	static const char *const to[] = {"10.0.0.2", "fd00::2"};
	static char data[1500];
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct weir_endpoint remote = at(to[v6], 53), local;
		struct weir_socket *s = a_socket(h.a, v6 ? WEIR_INET6 : WEIR_INET, WEIR_DGRAM);
		size_t fits = v6 ? 1400 - 48 : 1400 - 28, link = v6 ? 1500 - 48 : 1500 - 28;
		int level = v6 ? 41 : 0, discover = v6 ? 23 : 10;

		assert_int_equal(weir_sendto(s, data, 1, &remote), 1);
		weir_getsockname(s, &local);
		too_big(&h, v6, local.port, 1400); /* not connected */
		assert_int_equal(path_mtu_of(s, v6), -WEIR_ENOTCONN);
		assert_int_equal(weir_connect(s, &remote), 0);
		weir_getsockname(s, &local);
		assert_int_equal(path_mtu_of(s, v6), 1500);
		assert_int_equal(set_int(s, level, discover, 2), 0); /* DO */
		too_big(&h, v6, (uint16_t)(local.port + 1), 1400);   /* about another port */
		assert_int_equal(path_mtu_of(s, v6), 1500);
		assert_int_equal(weir_sendto(s, data, link, NULL), link);
		too_big(&h, v6, local.port, 1400);
		assert_int_equal(path_mtu_of(s, v6), 1400);
		assert_int_equal(weir_sendto(s, data, 1, NULL), -WEIR_EMSGSIZE); /* about what was sent before */
		assert_int_equal(weir_sendto(s, data, fits, NULL), fits);
		assert_int_equal(weir_sendto(s, data, fits + 1, NULL), -WEIR_EMSGSIZE);
		assert_int_equal(set_int(s, level, discover, 3), 0); /* PROBE: the link's size counts */
		assert_int_equal(weir_sendto(s, data, link, NULL), link);
		assert_int_equal(weir_sendto(s, data, link + 1, NULL), -WEIR_EMSGSIZE);
		assert_int_equal(set_int(s, level, discover, 1), 0); /* WANT: IPv4's routers may cut it */
		assert_int_equal(weir_sendto(s, data, link, NULL), v6 ? -WEIR_EMSGSIZE : (int64_t)link);
		h.now = weir_time_add(h.now, weir_s(601));
		weir_expire(h.a, h.now);
		assert_int_equal(set_int(s, level, discover, 2), 0);
		assert_int_equal(weir_sendto(s, data, link, NULL), link);
		weir_close(s);
	}
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(boundaries),       cmocka_unit_test(hard_bound),
	    cmocka_unit_test(port_unreachable), cmocka_unit_test(refusals),
	    cmocka_unit_test(broadcasts),       cmocka_unit_test(connects),
	    cmocka_unit_test(to_oneself),       cmocka_unit_test(a_path_that_carries_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
