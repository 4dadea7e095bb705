/* SPDX-License-Identifier: Apache-2.0
 *
 * connect(): what it refuses at once, what it says when asked again, and what ICMP errors make of it.
 */
#include "stack_hosts.h"

static int attempt(struct weir_stack *stack, enum weir_family family, const char *to, uint16_t port)
{
	struct weir_endpoint remote = at(to, port);
	struct weir_socket *sock = a_socket(stack, family, WEIR_STREAM);
	int r = weir_connect(sock, &remote);

	weir_close(sock);
	return r;
}

static void refused_at_once(void **state)
{
	struct weir_endpoint four = at("10.0.0.2", 80), own6 = at("fd00::1", 0);
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	assert_int_equal(attempt(h.a, WEIR_INET, "192.0.2.1", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET, "224.0.0.5", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET, "255.255.255.255", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET, "10.0.0.255", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET6, "2001:db8::1", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET6, "ff02::5", 80), -WEIR_ENETUNREACH);
	assert_int_equal(attempt(h.a, WEIR_INET, "fd00::2", 80), -WEIR_EAFNOSUPPORT);
	assert_int_equal(attempt(h.a, WEIR_INET6, "fe80::2", 80), -WEIR_EINVAL);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	assert_int_equal(set_int(sock, 41, 26, 1), 0);
	assert_int_equal(weir_connect(sock, &four), -WEIR_ENETUNREACH);
	assert_int_equal(weir_bind(sock, &own6), 0);
	assert_int_equal(set_int(sock, 41, 26, 0), -WEIR_EINVAL);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	assert_int_equal(weir_bind(sock, &own6), 0);
	assert_int_equal(weir_connect(sock, &four), -WEIR_ENETUNREACH);
	/* Nothing was changed by the refusals: it still can. */
	four = at("fd00::2", 80);
	assert_int_equal(weir_connect(sock, &four), -WEIR_EINPROGRESS);
	hosts_done(&h);
}

/* Port 0 is a port like any other on the way out; nobody can listen there. */
static void port_zero(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 0);
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	assert_int_equal(weir_connect(sock, &remote), -WEIR_ECONNREFUSED);
	hosts_done(&h);
}

static void put16(uint8_t *at_byte, unsigned value)
{
	at_byte[0] = (uint8_t)(value >> 8);
	at_byte[1] = (uint8_t)value;
}

/* An ICMP error to a's address, from a router, that quotes the packet. Checksums are vouched for by the link. */
static void icmp4(struct hosts *h, const struct weir_packet *quoted, uint8_t type, uint8_t code, int seq_off)
{
	uint8_t data[20 + 8 + 28] = {0x45, 0, 0, sizeof(data), 0, 0, 0x40, 0, 64, 1};
	struct weir_packet packet = {.slice = {{data, sizeof(data)}}, .slices = 1, .len = sizeof(data)};

	memcpy(data + 12, (uint8_t[]){10, 0, 0, 2, 10, 0, 0, 1}, 8);
	data[20] = type;
	data[21] = code;
	memcpy(data + 28, quoted->slice[0].data, 28);
	put16(data + 28 + 26, (unsigned)(data[28 + 26] << 8 | data[28 + 27]) + (unsigned)seq_off);
	packet.flags = WEIR_PACKET_TRUSTED;
	weir_input(h->a, h->if_a, &packet, 1, h->now);
}

struct code {
	uint8_t type, code;
	int error;
};

static const struct code codes[] = {
    {3, 0, WEIR_ENETUNREACH},  {3, 1, WEIR_EHOSTUNREACH},  {3, 2, WEIR_ENOPROTOOPT},
    {3, 3, WEIR_ECONNREFUSED}, {3, 13, WEIR_EHOSTUNREACH}, {11, 0, WEIR_EHOSTUNREACH},
};

/* In SYN_SENT an error about our SYN ends the attempt; about another sequence number it does not (attacks: I-2). */
static void icmp_in_syn_sent(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct weir_socket *sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
		struct weir_packet syn;
		uint8_t copy[64];

		assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
		assert_int_equal(weir_output(h.a, h.if_a, h.now, &syn, 1), 1);
		memcpy(copy, syn.slice[0].data, 28);
		syn.slice[0].data = copy;
		icmp4(&h, &syn, codes[i].type, codes[i].code, 5000);
		assert_int_equal(weir_connect(sock, &remote), -WEIR_EALREADY);
		icmp4(&h, &syn, codes[i].type, codes[i].code, 0);
		assert_int_equal(weir_connect(sock, &remote), -codes[i].error);
		weir_close(sock);
	}
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* [9293 MUST-56; 5927] An established connection outlives all of them. */
static void icmp_established(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct weir_packet data;
	struct hosts h;
	uint8_t copy[64];

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(say(client, "x", 1), 1);
	assert_int_equal(weir_output(h.a, h.if_a, h.now, &data, 1), 1);
	memcpy(copy, data.slice[0].data, 28);
	data.slice[0].data = copy;
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		icmp4(&h, &data, codes[i].type, codes[i].code, 0);
	assert_int_equal(info_of(client).state, WEIR_TCP_ESTABLISHED);
	hosts_wait(&h, weir_s(2));
	assert_int_equal(info_of(server).recvq_bytes, 1);
	/* About a connection that is not there: counted, nothing else. */
	copy[20] ^= 1;
	icmp4(&h, &data, 3, 3, 0);
	assert_int_equal(counter_of(h.a, "icmp_error_no_match"), 1);
	hosts_done(&h);
}

/* Both ends connect to each other at once [9293 MUST-10]. */
static void simultaneous(void **state)
{
	static const char *const ends[2][2] = {{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}};
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (unsigned i = 0; i < 2; i++) {
		struct weir_endpoint one = at(ends[i][0], 1111), two = at(ends[i][1], 2222);
		struct weir_socket *a = a_socket(h.a, i ? WEIR_INET6 : WEIR_INET, WEIR_STREAM);
		struct weir_socket *b = a_socket(h.b, i ? WEIR_INET6 : WEIR_INET, WEIR_STREAM);
		struct weir_packet from_a, from_b;
		char byte = 0;

		assert_int_equal(weir_bind(a, &one), 0);
		assert_int_equal(weir_bind(b, &two), 0);
		assert_int_equal(weir_connect(a, &two), -WEIR_EINPROGRESS);
		assert_int_equal(weir_connect(b, &one), -WEIR_EINPROGRESS);
		assert_int_equal(weir_output(h.a, h.if_a, h.now, &from_a, 1), 1);
		assert_int_equal(weir_output(h.b, h.if_b, h.now, &from_b, 1), 1);
		weir_input(h.b, h.if_b, &from_a, 1, h.now);
		weir_input(h.a, h.if_a, &from_b, 1, h.now);
		assert_int_equal(info_of(a).state, WEIR_TCP_SYN_RECEIVED);
		assert_int_equal(weir_poll(a), 0);
		hosts_run(&h);
		assert_int_equal(weir_connect(a, &two), 0);
		assert_int_equal(weir_connect(b, &one), 0);
		assert_int_equal(say(a, "s", 1), 1);
		hosts_run(&h);
		assert_int_equal(weir_recv(b, &byte, 1, 0), 1);
		assert_int_equal(byte, 's');
	}
	hosts_done(&h);
}

/* [9293 MUST-9] The test switch: every connection starts at the number that was asked for. */
static void fixed_start(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct weir_config config;
	struct hosts h;

	(void)state;
	memset(&h, 0, sizeof(h));
	hosts_config(&h, &config, 1);
	config.fixed_iss = true;
	config.iss = 0xfffffff0;
	hosts_start(&h, WEIR_LINK_IP, &config, &config);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(info_of(client).iss, 0xfffffff0);
	assert_int_equal(info_of(server).iss, 0xfffffff0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(say(client, "0123456789", 10), 10);
	hosts_wait(&h, weir_s(1));
	assert_int_equal(info_of(server).recvq_bytes, 500);
	hosts_done(&h);
}

/* [9293 MUST-43, MUST-44, MUST-45] The address that bind() gave, or that of the way out; and it stays, when a better
 * way and another address appear. */
static void source_address(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80), bound = at("10.0.0.9", 0), local;
	weir_addr second = addr_of("10.0.0.9"), prefix = addr_of("10.0.0.2"), third = addr_of("10.0.0.7");
	struct weir_socket *listener, *chosen, *given, *server;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	assert_int_equal(weir_address_add(h.a, h.if_a, &second, 24), 0);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	chosen = a_connection(&h, listener, "10.0.0.2", 80, &server);
	weir_getsockname(chosen, &local);
	assert_memory_equal(local.addr.b, addr_of("10.0.0.1").b, 16);
	given = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_bind(given, &bound), 0);
	assert_int_equal(weir_connect(given, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	assert_int_equal(weir_connect(given, &remote), 0);
	weir_getsockname(given, &local);
	assert_memory_equal(local.addr.b, second.b, 16);
	assert_int_equal(weir_address_add(h.a, h.if_a, &third, 32), 0);
	assert_int_equal(weir_route_add(h.a, &prefix, 32, h.if_a, NULL), 0);
	assert_int_equal(say(chosen, "one", 3), 3);
	assert_int_equal(say(given, "two", 3), 3);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 3);
	assert_int_equal(info_of(chosen).sendq_bytes, 0);
	assert_int_equal(info_of(given).sendq_bytes, 0);
	weir_getsockname(chosen, &local);
	assert_memory_equal(local.addr.b, addr_of("10.0.0.1").b, 16);
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_at_once),  cmocka_unit_test(port_zero),    cmocka_unit_test(icmp_in_syn_sent),
	    cmocka_unit_test(icmp_established), cmocka_unit_test(simultaneous), cmocka_unit_test(fixed_start),
	    cmocka_unit_test(source_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
