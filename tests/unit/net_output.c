/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes out: headers for segments that the stack pulls, owned packets, their queues and bounds.
 */
#include "net_fixture.h"

static void static_peer(struct fixture *f)
{
	weir_addr four = ip("10.0.0.2"), six = ip("fd00::2");

	assert_int_equal(net_neighbour_add(f->net, ETH, &four, peer_mac), 0);
	assert_int_equal(net_neighbour_add(f->net, ETH, &six, peer_mac), 0);
	net_neighbours_changed(f->net, ETH);
}

static void headers_are_what_was_asked_for(void **state)
{
	static const struct {
		const char *dst;
		size_t link;
	} row[] = {{"10.0.0.2", 14}, {"fd00::2", 14}, {"10.9.0.2", 0}, {"fd09::2", 0}, {"127.0.0.1", 0}};
	struct fixture *f = *state;

	static_peer(f);
	for (unsigned k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		struct net_path path = path_to(f, row[k].dst);
		struct wire_ip header = {.src = path.src,
		                         .dst = ip(row[k].dst),
		                         .protocol = IP_TCP,
		                         .ttl = 33,
		                         .tos = 0x28,
		                         .dont_fragment = true,
		                         .payload_bytes = 777};
		uint8_t out[NET_MAX_HEADERS + 777] = {0};
		struct wire_ip seen;
		size_t len = 0;
		bool more;

		header.version = weir_addr_is_v4(&header.dst) ? 4 : 6;
		for (unsigned twice = 0; twice < 2; twice++) { /* the second time from the cache */
			memset(out, 0, sizeof(out));
			assert_int_equal(net_headers(f->net, &path, &header, out, &len), NET_RESOLVED);
			assert_int_equal(len,
			                 row[k].link + (header.version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES));
			if (row[k].link) {
				assert_memory_equal(out, peer_mac, 6);
				assert_memory_equal(out + 6, own_mac, 6);
				assert_int_equal(load_be16(out + 12), header.version == 4 ? ETH_IPV4 : ETH_IPV6);
			}
			assert_int_equal(wire_ip_parse(out + row[k].link, len - row[k].link + 777,
			                               len - row[k].link + 777, false, &seen, &more),
			                 DROP_NONE);
			assert_true(weir_addr_equal(&seen.src, &path.src));
			assert_true(weir_addr_equal(&seen.dst, &header.dst));
			assert_int_equal(seen.protocol, IP_TCP);
			assert_int_equal(seen.ttl, 33);
			assert_int_equal(seen.tos, 0x28);
			assert_int_equal(seen.payload_bytes, 777);
			assert_int_equal(seen.dont_fragment, header.version == 4 ? true : seen.dont_fragment);
			assert_int_equal(seen.id, 0); /* [6864] no meaning with DF */
		}
	}
	silent(f);
}

static void group_addresses_map_to_group_frames(void **state)
{
	static const struct {
		const char *dst;
		uint8_t mac[6];
	} row[] = {{"10.0.0.255", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	           {"255.255.255.255", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	           {"224.129.2.3", {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}},
	           {"ff02::1:ff00:5", {0x33, 0x33, 0xff, 0x00, 0x00, 0x05}}};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		weir_addr dst = ip(row[k].dst);
		struct wire_ip header = {.dst = dst, .protocol = IP_UDP, .ttl = 1, .dont_fragment = true};
		struct weir_slice data = {own_mac, 6}, payload;
		struct net_path path;
		uint8_t mac[6];

		assert_int_equal(net_route(f->net, &dst, NULL, 0, true, &path), 0);
		header.src = path.src;
		assert_int_equal(net_send(f->net, &path, &header, &data, 1), 0);
		ip_leaves(f, ETH, mac, &payload);
		assert_memory_equal(mac, row[k].mac, 6);
	}
	silent(f);
}

static void short_frames_are_padded_with_zeros(void **state)
{
	struct fixture *f = *state;
	struct weir_packet packet;

	static_peer(f);
	assert_int_equal(send_to(f, "10.0.0.2", 0xff, 900), 0); /* leaves something in the buffer's memory */
	assert_int_equal(drain(f, ETH), 1);
	assert_int_equal(send_to(f, "10.0.0.2", 0xff, 1), 0);
	assert_int_equal(net_output(f->net, ETH, &packet, 1), 1);
	assert_int_equal(packet.len, ETH_MIN_FRAME_BYTES);
	assert_int_equal(packet.slice[0].data[34], 0xff);
	for (unsigned k = 35; k < ETH_MIN_FRAME_BYTES; k++)
		assert_int_equal(packet.slice[0].data[k], 0);
	assert_int_equal(send_to(f, "10.9.0.2", 0xff, 1), 0);
	assert_int_equal(net_output(f->net, TUN, &packet, 1), 1);
	assert_int_equal(packet.len, 21);
}

static void nothing_above_the_mtu_is_sent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_to(f, "10.9.0.2", 1, 1480), 0);
	assert_int_equal(send_to(f, "10.9.0.2", 1, 1481), -WEIR_EMSGSIZE);
	assert_int_equal(send_to(f, "fd09::2", 1, 1460), 0);
	assert_int_equal(send_to(f, "fd09::2", 1, 1461), -WEIR_EMSGSIZE);
	assert_int_equal(send_to(f, "127.0.0.1", 1, 65515), 0);
	assert_int_equal(send_to(f, "127.0.0.1", 1, 65516), -WEIR_EMSGSIZE);
	assert_int_equal(send_to(f, "127.0.0.1", 1, 65536 + 5), -WEIR_EMSGSIZE);
	assert_int_equal(drain(f, TUN), 2);
	assert_int_equal(drain(f, NET_LOOPBACK), 1);
}

static void a_queue_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct weir_packet packets[64];
	size_t seen = 0, n;

	for (unsigned k = 0; k < NET_QUEUE_PACKETS; k++)
		assert_int_equal(send_to(f, "10.9.0.2", (uint8_t)k, 100), 0);
	assert_int_equal(send_to(f, "10.9.0.2", 1, 100), -WEIR_ENOBUFS);
	assert_int_equal(counted(f, drop_output_queue_full), 1);
	f->host.counters.value[drop_packets_out] = 0;
	while ((n = net_output(f->net, TUN, packets, 64)) > 0)
		for (size_t k = 0; k < n; k++) /* in order, all of a batch valid at once */
			assert_int_equal(packets[k].slice[0].data[20], (uint8_t)seen++);
	assert_int_equal(seen, NET_QUEUE_PACKETS);
	assert_int_equal(counted(f, drop_packets_out), NET_QUEUE_PACKETS);
	assert_int_equal(net_output(f->net, 9, packets, 64), 0);
}

static void slices_become_one_datagram(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.9.0.2");
	struct wire_ip header = {.src = path.src, .dst = path.next_hop, .protocol = IP_UDP};
	struct weir_slice slices[] = {{own_mac, 6}, {NULL, 0}, {peer_mac, 5}}, payload;
	struct wire_ip seen;

	assert_int_equal(net_send(f->net, &path, &header, slices, 3), 0);
	seen = ip_leaves(f, TUN, NULL, &payload);
	assert_int_equal(seen.ttl, 64); /* [W-IP-3] never 0 */
	assert_int_equal(payload.len, 11);
	assert_memory_equal(payload.data, own_mac, 6);
	assert_memory_equal(payload.data + 6, peer_mac, 5);
}

static uint16_t id_of_next(struct fixture *f, const char *dst)
{
	struct weir_slice payload;

	assert_int_equal(send_to(f, dst, 1, 10), 0);
	return ip_leaves(f, TUN, NULL, &payload).id;
}

static void identifications_count_for_each_destination(void **state)
{
	struct fixture *f = *state;
	uint16_t a = id_of_next(f, "10.9.0.2"), b = id_of_next(f, "10.9.0.3");

	for (unsigned k = 1; k < 1000; k++)
		assert_int_equal(id_of_next(f, "10.9.0.2"), (uint16_t)(a + k)); /* [6864] not repeated soon */
	assert_int_not_equal(a, b);
	assert_int_not_equal((uint16_t)(a + 1), b);
}

static void without_memory_a_send_fails_and_is_counted(void **state)
{
	struct fixture *f = *state;

	f->no_memory = true;
	assert_int_equal(send_to(f, "10.9.0.2", 1, 1400), -WEIR_ENOBUFS);
	assert_int_equal(counted(f, drop_no_memory), 1);
	f->no_memory = false;
	assert_int_equal(send_to(f, "10.9.0.2", 1, 1400), 0);
	assert_int_equal(drain(f, TUN), 1);
}

static void each_allocation_of_a_life_may_fail(void **state)
{
	unsigned n = 0;

	(void)state;
	for (bool failed = true; failed; n++) {
		struct fixture *f = calloc(1, sizeof(*f));
		struct weir_config config = {.max_neighbours = 8, .ttl = 64};
		struct weir_interface eth = {.name = "e", .kind = WEIR_LINK_ETHERNET, .mac = {2}, .mtu_bytes = 1500};
		weir_addr own = ip("10.0.0.1"), peer = ip("10.0.0.2");

		assert_non_null(f);
		config.allocator = (struct weir_allocator){fixture_alloc, fixture_release, f};
		host_init(&f->host, &config, (weir_time){0});
		f->refuse = n + 1;
		failed = net_new(&f->host, &f->net) < 0;
		if (!failed) {
			failed = net_interface_add(f->net, &eth) != 2 || net_address_add(f->net, 2, &own, 24) < 0 ||
			         net_neighbour_add(f->net, 2, &peer, peer_mac) < 0 ||
			         send_to(f, "10.0.0.2", 1, 3000) != -WEIR_EMSGSIZE ||
			         send_to(f, "10.0.0.2", 1, 1400) < 0 || counted(f, drop_no_memory) > 0;
			net_free(f->net);
		}
		host_deinit(&f->host);
		assert_int_equal(f->host.memory.held_bytes, 0);
		free(f);
	}
	assert_true(n > 5);
}

static void trusted_interfaces_say_so(void **state)
{
	struct fixture *f = *state;
	struct weir_interface config = {.name = "fast",
	                                .kind = WEIR_LINK_IP,
	                                .mtu_bytes = 9000,
	                                .flags = WEIR_IF_NO_CHECKSUM,
	                                .gso_max_bytes = 65000};
	int fast = net_interface_add(f->net, &config);
	struct weir_packet packet;
	struct net_path path;

	address_new(f, (unsigned)fast, "10.8.0.1", 24);
	path = path_to(f, "10.8.0.2");
	assert_int_equal(path.mtu_bytes, 9000);
	assert_int_equal(path.gso_max_bytes, 65000);
	assert_true(path.no_checksum);
	assert_int_equal(send_to(f, "10.8.0.2", 1, 10), 0);
	assert_int_equal(net_output(f->net, (unsigned)fast, &packet, 1), 1);
	assert_int_equal(packet.flags, WEIR_PACKET_TRUSTED);
	assert_int_equal(send_to(f, "10.9.0.2", 1, 10), 0);
	assert_int_equal(net_output(f->net, TUN, &packet, 1), 1);
	assert_int_equal(packet.flags, 0);
	assert_false(path_to(f, "10.9.0.2").no_checksum);
}

static void the_same_secret_gives_the_same_packets(void **state)
{
	struct fixture *f = *state, *g = fixture_new(1024);

	for (unsigned k = 0; k < 20; k++)
		assert_int_equal(id_of_next(f, "10.9.0.2"), id_of_next(g, "10.9.0.2"));
	fixture_free(g);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(headers_are_what_was_asked_for),
	    NET_TEST(group_addresses_map_to_group_frames),
	    NET_TEST(short_frames_are_padded_with_zeros),
	    NET_TEST(nothing_above_the_mtu_is_sent),
	    NET_TEST(a_queue_is_bounded),
	    NET_TEST(slices_become_one_datagram),
	    NET_TEST(identifications_count_for_each_destination),
	    NET_TEST(without_memory_a_send_fails_and_is_counted),
	    cmocka_unit_test(each_allocation_of_a_life_may_fail),
	    NET_TEST(trusted_interfaces_say_so),
	    NET_TEST(the_same_secret_gives_the_same_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
