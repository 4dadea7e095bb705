/* SPDX-License-Identifier: Apache-2.0
 *
 * Two stacks joined back to back: opening, transfer and closing over IPv4 and IPv6, over Ethernet with ARP and over
 * bare IP, and within one host over its loopback interface.
 */
#include "stack_hosts.h"

struct way {
	enum weir_link_kind kind;
	const char *to, *listen;
	enum weir_family family;
};

static const struct way ethernet4 = {WEIR_LINK_ETHERNET, "10.0.0.2", "0.0.0.0", WEIR_INET};
static const struct way ethernet6 = {WEIR_LINK_ETHERNET, "fd00::2", "::", WEIR_INET6};
static const struct way ip4 = {WEIR_LINK_IP, "10.0.0.2", "10.0.0.2", WEIR_INET};
static const struct way ip6 = {WEIR_LINK_IP, "fd00::2", "fd00::2", WEIR_INET6};
static const struct way mapped = {WEIR_LINK_IP, "10.0.0.2", "::", WEIR_INET6};

/* T5.1, T5.3, T5.4, T5.6: who has which addresses, and in which state. */
static void opens(void **state)
{
	const struct way *way = *state;
	struct hosts h;
	struct weir_socket *listener, *client, *server;
	struct weir_endpoint local, remote, peer;

	hosts_init(&h, way->kind);
	listener = a_listener(h.b, way->family, way->listen, 80);
	client = a_connection(&h, listener, way->to, 80, &server);
	assert_int_equal(info_of(client).state, WEIR_TCP_ESTABLISHED);
	assert_int_equal(info_of(server).state, WEIR_TCP_ESTABLISHED);
	assert_int_equal(info_of(listener).state, WEIR_TCP_LISTEN);
	weir_getsockname(client, &local);
	assert_int_equal(weir_getpeername(client, &remote), 0);
	assert_true(local.port >= 32768 && local.port <= 60999);
	assert_int_equal(remote.port, 80);
	assert_int_equal(weir_getpeername(server, &peer), 0);
	assert_memory_equal(&peer.addr, &local.addr, sizeof(peer.addr));
	assert_int_equal(peer.port, local.port);
	weir_getsockname(server, &local);
	assert_int_equal(local.port, 80);
	assert_memory_equal(&local.addr, &remote.addr, sizeof(local.addr));
	assert_int_equal(weir_connect(client, &remote), -WEIR_EISCONN);
	hosts_done(&h);
}

static uint8_t pattern(uint64_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

/* Sends as much as fits and reads all there is, until total bytes have arrived, in order and unchanged. */
static void transfer(struct hosts *h, struct weir_socket *from, struct weir_socket *to, uint64_t total)
{
	static uint8_t out[50000], in[70000];
	uint64_t written = 0, got = 0;
	unsigned idle = 0;

	while (got < total) {
		size_t want = total - written < sizeof(out) ? (size_t)(total - written) : sizeof(out);
		int64_t n;

		for (size_t i = 0; i < want; i++)
			out[i] = pattern(written + i);
		n = want ? say(from, out, want) : 0;
		assert_true(n >= 0 || n == -WEIR_EAGAIN);
		written += n > 0 ? (uint64_t)n : 0;
		hosts_run(h);
		n = weir_recv(to, in, sizeof(in), 0);
		for (int64_t i = 0; i < n; i++)
			assert_int_equal(in[i], pattern(got + (uint64_t)i));
		if (n > 0) {
			got += (uint64_t)n;
			idle = 0;
			continue;
		}
		assert_int_equal(n, -WEIR_EAGAIN);
		assert_true(++idle < 100);
		hosts_wait(h, weir_ms(50));
	}
	assert_int_equal(got, total);
}

static void transfers(void **state)
{
	const struct way *way = *state;
	struct hosts h;
	struct weir_socket *listener, *client, *server;

	hosts_init(&h, way->kind);
	listener = a_listener(h.b, way->family, way->listen, 80);
	client = a_connection(&h, listener, way->to, 80, &server);
	transfer(&h, client, server, 5000000);
	transfer(&h, server, client, 3000000);
	assert_int_equal(info_of(client).written_bytes, 5000000);
	assert_int_equal(info_of(client).delivered_bytes, 3000000);
	assert_int_equal(info_of(client).resent, 0);
	assert_int_equal(counter_of(h.b, "tcp_checksum"), 0);
	assert_int_equal(counter_of(h.a, "tcp_checksum"), 0);
	hosts_done(&h);
}

/* T6.1, T6.2, T6.3, T7.1: each side sees the other's end; the first closer waits. */
static void closes(void **state)
{
	const struct way *way = *state;
	struct hosts h;
	struct weir_socket *listener, *client, *server;
	char byte;

	hosts_init(&h, way->kind);
	listener = a_listener(h.b, way->family, way->listen, 80);
	client = a_connection(&h, listener, way->to, 80, &server);
	assert_int_equal(say(client, "bye", 3), 3);
	assert_int_equal(weir_shutdown(client, WEIR_SHUT_WR), 0);
	assert_int_equal(info_of(client).state, WEIR_TCP_FIN_WAIT_1);
	hosts_wait(&h, weir_ms(100));
	assert_int_equal(info_of(client).state, WEIR_TCP_FIN_WAIT_2);
	assert_int_equal(info_of(server).state, WEIR_TCP_CLOSE_WAIT);
	assert_int_equal(say(client, "x", 1), -WEIR_EPIPE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(weir_recv(server, &byte, 1, 0), 1);
	assert_int_equal(byte, 'e');
	assert_int_equal(weir_recv(server, &byte, 1, 0), 0);
	assert_int_equal(say(server, "y", 1), 1);
	weir_close(server);
	hosts_wait(&h, weir_ms(100));
	assert_int_equal(info_of(client).state, WEIR_TCP_TIME_WAIT);
	assert_int_equal(sockets_of(h.b), 1);
	assert_int_equal(weir_recv(client, &byte, 1, 0), 1);
	assert_int_equal(weir_recv(client, &byte, 1, 0), 0);
	weir_close(client);
	assert_int_equal(sockets_of(h.a), 1);
	hosts_wait(&h, weir_s(59));
	assert_int_equal(sockets_of(h.a), 1);
	hosts_wait(&h, weir_s(2));
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* T5.2: nobody listens. */
static void refused(void **state)
{
	const struct way *way = *state;
	struct weir_endpoint remote = at(way->to, 81);
	struct hosts h;
	struct weir_socket *client;

	hosts_init(&h, way->kind);
	client = a_socket(h.a, weir_addr_is_v4(&remote.addr) ? WEIR_INET : WEIR_INET6, WEIR_STREAM);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EALREADY);
	hosts_run(&h);
	assert_int_equal(weir_poll(client), WEIR_IN | WEIR_OUT | WEIR_ERR | WEIR_HUP | WEIR_RDHUP);
	assert_int_equal(weir_connect(client, &remote), -WEIR_ECONNREFUSED);
	assert_int_equal(counter_of(h.b, "rst_no_connection"), 1);
	/* It may try again, and a third time after the error went another way. */
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	assert_int_equal(say(client, "x", 1), -WEIR_ECONNREFUSED);
	assert_int_equal(weir_connect(client, &remote), -WEIR_ECONNABORTED);
	weir_close(client);
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* T5.2: the SYN is repeated at growing intervals, then the call fails. */
static void times_out(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct hosts h;
	struct weir_socket *client;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	h.cut = true;
	client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	hosts_wait(&h, weir_s(120));
	assert_int_equal(info_of(client).state, WEIR_TCP_SYN_SENT);
	hosts_wait(&h, weir_s(300));
	assert_int_equal(weir_connect(client, &remote), -WEIR_ETIMEDOUT);
	assert_int_equal(h.carried, 8); /* the SYN and 7 repetitions */
	hosts_done(&h);
}

/* No answer to ARP: the opening fails after a few seconds, as the network layer gives up. */
static void next_hop_silent(void **state)
{
	struct weir_endpoint remote = at("10.0.0.77", 80);
	struct hosts h;
	struct weir_socket *client;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	hosts_wait(&h, weir_s(10));
	assert_int_equal(weir_connect(client, &remote), -WEIR_EHOSTUNREACH);
	assert_true(counter_of(h.a, "neighbour_unresolved") >= 1);
	hosts_done(&h);
}

/* Large segments where the links take them: all headers in the first slice, the text in SendQ's memory. */
static void large_segments(void **state)
{
	static uint8_t data[65536];
	struct weir_socket *listener, *client, *server;
	struct weir_packet packet[8];
	struct weir_config config;
	struct hosts h;
	unsigned large = 0;
	size_t n;

	(void)state;
	memset(&h, 0, sizeof(h));
	h.gso_max = 65535;
	h.flags = WEIR_IF_NO_CHECKSUM;
	hosts_config(&h, &config, 1);
	hosts_start(&h, WEIR_LINK_ETHERNET, &config, &config);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	transfer(&h, client, server, 3000000);
	assert_int_equal(say(client, data, sizeof(data)), sizeof(data));
	n = weir_output(h.a, h.if_a, h.now, packet, 8);
	for (size_t i = 0; i < n; i++) {
		size_t sum = 0;

		for (unsigned k = 0; k < packet[i].slices; k++)
			sum += packet[i].slice[k].len;
		assert_int_equal(sum, packet[i].len);
		assert_true(packet[i].len <= 14 + 65535);
		assert_true(packet[i].flags & WEIR_PACKET_TRUSTED);
		assert_int_equal(packet[i].slice[0].len, 14 + 20 + 32);
		if (packet[i].len <= 1514)
			continue;
		assert_int_equal(packet[i].gso_bytes, 1448);
		large++;
	}
	assert_true(large > 0);
	weir_input(h.b, h.if_b, packet, n, h.now);
	hosts_wait(&h, weir_ms(100));
	assert_int_equal(info_of(server).recvq_bytes, sizeof(data));
	hosts_done(&h);
}

/* The calls without a copy: what is reserved and committed is what is seen and consumed. */
static void without_copy(void **state)
{
	struct weir_mut_slice room[2];
	struct weir_slice seen[2];
	struct weir_socket *listener, *client, *server;
	struct hosts h;
	uint64_t put = 0, got = 0;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(weir_recv_view(server, seen), -WEIR_EAGAIN);
	for (unsigned round = 0; round < 200; round++) {
		int64_t n = weir_send_reserve(client, 5000, room);

		assert_int_equal(n, 5000);
		assert_int_equal(room[0].len + room[1].len, 5000);
		for (unsigned k = 0; k < 2; k++)
			for (size_t i = 0; i < room[k].len; i++)
				room[k].data[i] = pattern(put + (k ? room[0].len : 0) + i);
		assert_int_equal(weir_send_commit(client, 5001), -WEIR_EINVAL);
		assert_int_equal(weir_send_commit(client, 4321), 0);
		put += 4321;
		hosts_wait(&h, weir_ms(50));
		n = weir_recv_view(server, seen);
		assert_int_equal(n, put - got);
		for (unsigned k = 0; k < 2; k++)
			for (size_t i = 0; i < seen[k].len; i++)
				assert_int_equal(seen[k].data[i], pattern(got + (k ? seen[0].len : 0) + i));
		assert_int_equal(weir_recv_consume(server, (size_t)n + 1), -WEIR_EINVAL);
		assert_int_equal(weir_recv_consume(server, (size_t)n - 7), 0);
		got += (uint64_t)n - 7;
	}
	assert_int_equal(info_of(server).delivered_bytes, got);
	assert_int_equal(info_of(client).written_bytes, put);
	hosts_done(&h);
}

static const char *const own_addresses[] = {"127.0.0.1", "127.1.2.3", "10.0.0.1", "::1", "fd00::1", "0.0.0.0", "::"};

/* Connections of a host to itself. */
static void loopback(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	for (unsigned i = 0; i < sizeof(own_addresses) / sizeof(own_addresses[0]); i++) {
		struct weir_endpoint remote = at(own_addresses[i], 7);
		bool v4 = weir_addr_is_v4(&remote.addr);
		struct weir_socket *listener = a_listener(h.a, v4 ? WEIR_INET : WEIR_INET6, v4 ? "0.0.0.0" : "::", 7);
		struct weir_socket *client = a_socket(h.a, v4 ? WEIR_INET : WEIR_INET6, WEIR_STREAM), *server;

		assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
		hosts_run(&h);
		assert_int_equal(weir_connect(client, &remote), 0);
		assert_int_equal(weir_accept(listener, &server), 0);
		transfer(&h, client, server, 2000000);
		transfer(&h, server, client, 1000000);
		weir_abort(client);
		hosts_run(&h);
		weir_close(server);
		weir_close(listener);
	}
	/* Only ARP announcements, if anything, ever left the host. */
	assert_true(h.carried < 4);
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* [W-SM-45, S-10] A socket connected to its own address and port echoes to itself. */
static void self_connect(void **state)
{
	struct weir_endpoint own = at("127.0.0.1", 5555);
	struct hosts h;
	struct weir_socket *sock;
	char text[6] = "";

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_bind(sock, &own), 0);
	assert_int_equal(weir_connect(sock, &own), -WEIR_EINPROGRESS);
	hosts_wait(&h, weir_ms(10));
	assert_int_equal(weir_connect(sock, &own), 0);
	assert_int_equal(say(sock, "hello", 5), 5);
	hosts_wait(&h, weir_ms(500));
	assert_int_equal(weir_recv(sock, text, sizeof(text), 0), 5);
	assert_string_equal(text, "hello");
	weir_close(sock);
	hosts_wait(&h, weir_s(70));
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

#define EACH_WAY(function)                                                                                             \
	{#function " ethernet4", function, NULL, NULL, (void *)(uintptr_t)&ethernet4},                                 \
	    {#function " ethernet6", function, NULL, NULL, (void *)(uintptr_t)&ethernet6},                             \
	    {#function " ip4", function, NULL, NULL, (void *)(uintptr_t)&ip4},                                         \
	    {#function " ip6", function, NULL, NULL, (void *)(uintptr_t)&ip6},                                         \
	{                                                                                                              \
#function " mapped", function, NULL, NULL, (void *)(uintptr_t)&mapped                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_WAY(opens),
	    EACH_WAY(transfers),
	    EACH_WAY(closes),
	    EACH_WAY(refused),
	    cmocka_unit_test(times_out),
	    cmocka_unit_test(large_segments),
	    cmocka_unit_test(without_copy),
	    cmocka_unit_test(next_hop_silent),
	    cmocka_unit_test(loopback),
	    cmocka_unit_test(self_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
