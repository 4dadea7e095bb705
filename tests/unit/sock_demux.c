/* SPDX-License-Identifier: Apache-2.0
 *
 * Demultiplexing (Fig. 6.12; T8.1, T8.2, T8.3): which structure a packet goes to, and that it really goes there.
 */
#include "stack_hosts.h"

static uint64_t winner(struct weir_stack *stack, unsigned protocol, struct weir_endpoint remote,
                       struct weir_endpoint local, unsigned wildcards)
{
	unsigned got = 9;
	uint64_t id = weir_demux(stack, protocol, &remote, &local, &got);

	if (id)
		assert_int_equal(got, wildcards);
	return id;
}

/* T8.3: the book's example. b is the host with 10.1.2.3 and 192.168.3.2. */
static void book_example(void **state)
{
	weir_addr one = addr_of("10.1.2.3"), two = addr_of("192.168.3.2"), net = addr_of("0.0.0.0");
	struct weir_endpoint remote = at("192.168.3.2", 99), local;
	struct weir_socket *zero, *first, *second, *third, *client;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	assert_int_equal(weir_address_add(h.b, h.if_b, &one, 8), 0);
	assert_int_equal(weir_address_add(h.b, h.if_b, &two, 24), 0);
	assert_int_equal(weir_route_add(h.a, &net, 0, h.if_a, NULL), 0);
	zero = a_socket(h.b, WEIR_INET, WEIR_STREAM);
	first = a_socket(h.b, WEIR_INET, WEIR_STREAM);
	assert_int_equal(set_int(zero, 1, 15, 1), 0);
	assert_int_equal(set_int(first, 1, 15, 1), 0);
	local = at("0.0.0.0", 99);
	assert_int_equal(weir_bind(zero, &local), 0);
	local = at("10.1.2.3", 99);
	assert_int_equal(weir_bind(first, &local), 0);
	assert_int_equal(weir_listen(zero, 5), 0);
	assert_int_equal(weir_listen(first, 5), 0);
	client = a_connection(&h, zero, "192.168.3.2", 99, &second);
	weir_getsockname(client, &local);

	/* The packet of the book: structure 1, by the fewest wildcards; not 0, which matches too. */
	assert_int_equal(winner(h.b, 6, at("172.16.1.10", 56789), at("10.1.2.3", 99), 2), weir_socket_id(first));
	/* To the other address only structure 0 matches. */
	assert_int_equal(winner(h.b, 6, at("172.16.1.10", 56789), at("192.168.3.2", 99), 3), weir_socket_id(zero));
	/* Structure 2 takes what belongs to its connection, and nothing else. */
	assert_int_equal(winner(h.b, 6, local, remote, 0), weir_socket_id(second));
	assert_int_equal(winner(h.b, 6, local, at("10.1.2.3", 99), 2), weir_socket_id(first));
	local.port ^= 1;
	assert_int_equal(winner(h.b, 6, local, remote, 3), weir_socket_id(zero));
	/* Nobody has that port. */
	assert_int_equal(winner(h.b, 6, local, at("10.1.2.3", 98), 0), 0);
	assert_int_equal(winner(h.b, 17, local, at("10.1.2.3", 99), 0), 0);

	/* And so it happens: a connection to 10.1.2.3 is structure 1's. */
	client = a_connection(&h, first, "10.1.2.3", 99, &third);
	assert_int_equal(weir_accept(zero, &second), -WEIR_EAGAIN);
	(void)client;
	hosts_done(&h);
}

/* T8.1: a thousand accepted sockets share one port, and each gets its own bytes. */
static void one_port_many_sockets(void **state)
{
	enum { MANY = 1000 };
	static struct weir_socket *client[MANY], *server[MANY];
	struct weir_socket *listener;
	struct weir_endpoint local;
	struct hosts h;
	uint32_t got;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET6, "::", 99);
	for (uint32_t i = 0; i < MANY; i++) {
		client[i] = a_connection(&h, listener, i & 1 ? "10.0.0.2" : "fd00::2", 99, &server[i]);
		weir_getsockname(server[i], &local);
		assert_int_equal(local.port, 99);
	}
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(say(client[i], &i, sizeof(i)), sizeof(i));
	hosts_run(&h);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(weir_recv(server[i], &got, sizeof(got), 0), sizeof(got));
		assert_int_equal(got, i);
	}
	hosts_done(&h);
}

/* An IPv6 wildcard takes IPv4 unless told otherwise; the packet's own family goes first. */
static void families(void **state)
{
	struct weir_endpoint four = at("10.0.0.1", 1234), six = at("fd00::1", 1234), any4 = at("0.0.0.0", 7);
	struct weir_socket *dual, *own, *only;
	struct weir_endpoint any6 = at("::", 7), any6b = at("::", 8);
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	dual = a_socket(h.b, WEIR_INET6, WEIR_DGRAM);
	own = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	only = a_socket(h.b, WEIR_INET6, WEIR_DGRAM);
	assert_int_equal(set_int(dual, 1, 2, 1), 0);
	assert_int_equal(set_int(own, 1, 2, 1), 0);
	assert_int_equal(set_int(only, 41, 26, 1), 0);
	assert_int_equal(weir_bind(own, &any4), 0);
	assert_int_equal(weir_bind(dual, &any6), 0);
	assert_int_equal(weir_bind(only, &any6b), 0);
	assert_int_equal(winner(h.b, 17, four, at("10.0.0.2", 7), 3), weir_socket_id(own));
	assert_int_equal(winner(h.b, 17, six, at("fd00::2", 7), 3), weir_socket_id(dual));
	assert_int_equal(winner(h.b, 17, six, at("fd00::2", 8), 3), weir_socket_id(only));
	assert_int_equal(winner(h.b, 17, four, at("10.0.0.2", 8), 0), 0);
	weir_close(own);
	assert_int_equal(winner(h.b, 17, four, at("10.0.0.2", 7), 3), weir_socket_id(dual));
	hosts_done(&h);
}

/* UDP: connected beats bound to an address beats the wildcard; of equals the last one bound. */
static void datagrams(void **state)
{
	struct weir_endpoint any = at("0.0.0.0", 53), own = at("10.0.0.2", 53), peer = at("10.0.0.1", 4000);
	struct weir_socket *wild, *exact, *later, *connected;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	wild = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	exact = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	later = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	connected = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(set_int(i == 0 ? wild : i == 1 ? exact : i == 2 ? later : connected, 1, 2, 1), 0);
	assert_int_equal(weir_bind(wild, &any), 0);
	assert_int_equal(weir_bind(exact, &own), 0);
	assert_int_equal(winner(h.b, 17, peer, own, 2), weir_socket_id(exact));
	assert_int_equal(weir_bind(later, &own), 0);
	assert_int_equal(winner(h.b, 17, peer, own, 2), weir_socket_id(later));
	assert_int_equal(weir_bind(connected, &own), 0);
	assert_int_equal(weir_connect(connected, &peer), 0);
	assert_int_equal(winner(h.b, 17, peer, own, 0), weir_socket_id(connected));
	assert_int_equal(winner(h.b, 17, at("10.0.0.1", 4001), own, 2), weir_socket_id(later));
	/* Connected elsewhere, it is found there and no longer here. */
	peer.port = 4001;
	assert_int_equal(weir_connect(connected, &peer), 0);
	assert_int_equal(winner(h.b, 17, peer, own, 0), weir_socket_id(connected));
	assert_int_equal(winner(h.b, 17, at("10.0.0.1", 4000), own, 2), weir_socket_id(later));
	weir_close(later);
	weir_close(exact);
	assert_int_equal(winner(h.b, 17, at("10.0.0.1", 4000), own, 3), weir_socket_id(wild));
	hosts_done(&h);
}

/* SO_REUSEPORT: the group shares the connections, and one remote end always meets the same member. */
static void shared_port(void **state)
{
	struct weir_socket *member[4];
	unsigned hits[4] = {0};
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < 4; i++) {
		struct weir_endpoint local = at("0.0.0.0", 80);

		member[i] = a_socket(h.b, WEIR_INET, WEIR_STREAM);
		assert_int_equal(set_int(member[i], 1, 15, 1), 0);
		assert_int_equal(weir_bind(member[i], &local), 0);
		assert_int_equal(weir_listen(member[i], 5), 0);
	}
	for (unsigned port = 1; port <= 4000; port++) {
		uint64_t id = winner(h.b, 6, at("10.0.0.1", (uint16_t)port), at("10.0.0.2", 80), 3);

		assert_int_equal(winner(h.b, 6, at("10.0.0.1", (uint16_t)port), at("10.0.0.2", 80), 3), id);
		for (unsigned i = 0; i < 4; i++)
			hits[i] += id == weir_socket_id(member[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(hits[i], 800, 1200);
	hosts_done(&h);
}

/* [9293 MUST-57, W-SM-14] What came to a broadcast address is answered by nobody. */
static void broadcast_is_not_answered(void **state)
{
	struct weir_packet packet;
	struct weir_socket *client;
	struct weir_endpoint remote = at("10.0.0.2", 81);
	uint8_t frame[128];
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	assert_int_equal(weir_output(h.a, h.if_a, h.now, &packet, 1), 1);
	assert_int_equal(packet.slices, 1);
	memcpy(frame, packet.slice[0].data, packet.len);
	packet.slice[0].data = frame;
	packet.flags |= WEIR_PACKET_TRUSTED;
	frame[19] = 255; /* to 10.0.0.255 */
	weir_input(h.b, h.if_b, &packet, 1, h.now);
	assert_int_equal(counter_of(h.b, "tcp_to_broadcast"), 1);
	assert_false(weir_output_pending(h.b, h.if_b));
	/* The same to the host itself is answered. */
	frame[19] = 2;
	weir_input(h.b, h.if_b, &packet, 1, h.now);
	assert_int_equal(counter_of(h.b, "rst_no_connection"), 1);
	assert_true(weir_output_pending(h.b, h.if_b));
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(book_example), cmocka_unit_test(one_port_many_sockets),
	    cmocka_unit_test(families),     cmocka_unit_test(datagrams),
	    cmocka_unit_test(shared_port),  cmocka_unit_test(broadcast_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
