/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes in: each reason to drop a frame or packet has its counter [W-IP-1 ... W-IP-5, A-1 ... A-8], and what is
 * for us goes up whole, however it is cut into slices.
 */
#include "net_fixture.h"

static const uint8_t text[32] = "thirty-two octets of a payload..";

/* The same packet must be dropped and counted by exactly this. */
static void assert_dropped(struct fixture *f, enum net_verdict verdict, enum drop reason)
{
	assert_int_equal(verdict, NET_DONE);
	assert_int_equal(counted(f, reason), 1);
	f->host.counters.value[reason] = 0;
	for (unsigned k = 0; k < DROP_COUNT; k++)
		assert_true(k == drop_packets_in || k == drop_packets_out || f->host.counters.value[k] == 0);
	silent(f);
}

static void a_packet_for_us_goes_up(void **state)
{
	static const struct {
		const char *src, *dst;
		uint8_t protocol;
		enum net_verdict verdict;
	} row[] = {
	    {"10.0.0.2", "10.0.0.1", IP_TCP, NET_TCP}, {"192.0.2.1", "10.0.0.1", IP_UDP, NET_UDP},
	    {"fd00::2", "fd00::1", IP_TCP, NET_TCP},   {"2001:db8::5", "fd00::1", IP_UDP, NET_UDP},
	    {"fe80::2", "fe80::1", IP_UDP, NET_UDP},
	};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		weir_addr src = ip(row[k].src), dst = ip(row[k].dst);

		assert_int_equal(ip_arrives(f, row[k].src, row[k].dst, row[k].protocol, text, sizeof(text)),
		                 row[k].verdict);
		assert_true(weir_addr_equal(&f->in.ip.src, &src));
		assert_true(weir_addr_equal(&f->in.ip.dst, &dst));
		assert_int_equal(f->in.ifindex, ETH);
		assert_false(f->in.broadcast);
		assert_false(f->in.trusted);
		assert_int_equal(f->in.payloads, 1);
		assert_int_equal(f->in.payload[0].len, sizeof(text));
		assert_memory_equal(f->in.payload[0].data, text, sizeof(text));
		assert_int_equal(counted(f, drop_packets_in), k + 1);
	}
}

static void padding_is_cut_off(void **state)
{
	struct fixture *f = *state;
	size_t len = ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, 9);

	eth_header(f->frame, own_mac, peer_mac, ETH_IPV4);
	memset(f->frame + ETH_HEADER_BYTES + len, 0xee, 64);
	assert_int_equal(input(f, ETH, f->frame, ETH_MIN_FRAME_BYTES), NET_UDP); /* [W-IP-1] */
	assert_int_equal(f->in.payload[0].len, 9);
}

static void frames_not_for_this_station_are_dropped(void **state)
{
	struct fixture *f = *state;
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, sizeof(text));

	eth_header(f->frame, other_mac, peer_mac, ETH_IPV4);
	assert_dropped(f, input(f, ETH, f->frame, len), drop_eth_not_ours);
	eth_header(f->frame, own_mac, peer_mac, 0x88cc);
	assert_dropped(f, input(f, ETH, f->frame, len), drop_eth_type);
	eth_header(f->frame, own_mac, peer_mac, 46); /* IEEE 802.3 length */
	assert_dropped(f, input(f, ETH, f->frame, len), drop_eth_type);
	eth_header(f->frame, own_mac, peer_mac, 0x8035); /* RARP [N-2] */
	assert_dropped(f, input(f, ETH, f->frame, len), drop_eth_type);
	eth_header(f->frame, own_mac, peer_mac, ETH_IPV6);
	assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_version);
	eth_header(f->frame, own_mac, peer_mac, ETH_IPV4);
	for (size_t n = 0; n < ETH_HEADER_BYTES; n++)
		assert_dropped(f, input(f, ETH, f->frame, n), drop_eth_short);
	assert_int_equal(input(f, ETH, f->frame, len), NET_UDP);
}

static void bad_headers_are_dropped(void **state)
{
	struct fixture *f = *state;
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, sizeof(text));
	uint8_t *header = f->frame + ETH_HEADER_BYTES;

	eth_header(f->frame, own_mac, peer_mac, ETH_IPV4);
	for (size_t n = ETH_HEADER_BYTES; n < ETH_HEADER_BYTES + IPV4_HEADER_BYTES; n++)
		assert_dropped(f, input(f, ETH, f->frame, n), drop_ip_short);
	for (size_t n = ETH_HEADER_BYTES + IPV4_HEADER_BYTES; n < len; n++)
		assert_dropped(f, input(f, ETH, f->frame, n), drop_ip_total_length);
	header[8] ^= 1;
	assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_checksum);
	header[8] ^= 1;
	header[0] = 0x55;
	assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_version);
}

static void ttl_is_not_looked_at(void **state)
{
	struct fixture *f = *state;

	for (unsigned ttl = 0; ttl < 2; ttl++) { /* [W-IP-3] */
		size_t len = ip_packet(f, "fd00::2", "fd00::1", IP_UDP, text, sizeof(text));

		eth_header(f->frame, own_mac, peer_mac, ETH_IPV6);
		f->frame[ETH_HEADER_BYTES + 7] = (uint8_t)ttl;
		assert_int_equal(input(f, ETH, f->frame, ETH_HEADER_BYTES + len), NET_UDP);
	}
}

static void impossible_sources_are_dropped(void **state)
{
	static const char *const four[] = {"0.0.0.0",         "0.1.2.3",    "127.0.0.1", "127.9.9.9",
	                                   "224.0.0.1",       "239.1.1.1",  "240.0.0.1", "255.0.0.1",
	                                   "255.255.255.255", "10.0.0.255", "10.0.0.1",  "10.9.0.1"};
	static const char *const six[] = {"::", "::1", "ff02::1", "ff00::", "fd00::1", "fe80::1", "fd09::1"};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(four) / sizeof(four[0]); k++) /* [W-IP-2, A-1, A-2] */
		assert_dropped(f, ip_arrives(f, four[k], "10.0.0.1", IP_TCP, text, sizeof(text)),
		               drop_ip_martian_source);
	for (unsigned k = 0; k < sizeof(six) / sizeof(six[0]); k++)
		assert_dropped(f, ip_arrives(f, six[k], "fd00::1", IP_TCP, text, sizeof(text)), drop_ip_martian_source);
}

static void mapped_addresses_do_not_travel_in_ipv6(void **state)
{
	struct fixture *f = *state;
	weir_addr mapped_peer = ip("10.0.0.2"), mapped_own = ip("10.0.0.1");
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "fd00::2", "fd00::1", IP_UDP, text, sizeof(text));
	uint8_t *header = f->frame + ETH_HEADER_BYTES;

	eth_header(f->frame, own_mac, peer_mac, ETH_IPV6);
	assert_int_equal(input(f, ETH, f->frame, len), NET_UDP);
	memcpy(header + 8, mapped_peer.b, 16);
	assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_martian_source);
	memcpy(header + 24, mapped_own.b, 16);
	assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_martian_source);
}

static void packets_for_others_are_dropped(void **state)
{
	static const char *const four[] = {"10.0.0.9",   "10.9.0.1" /* strong host */,
	                                   "127.0.0.1",  "0.0.0.0",
	                                   "224.0.0.5",  "240.0.0.9",
	                                   "10.9.0.255", "192.0.2.1"};
	static const char *const six[] = {"fd00::9", "fd09::1", "::1", "::", "ff02::5", "ff02::1:ff00:1", "ff05::1"};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(four) / sizeof(four[0]); k++)
		assert_dropped(f, ip_arrives(f, "10.0.0.2", four[k], IP_TCP, text, sizeof(text)), drop_ip_not_ours);
	for (unsigned k = 0; k < sizeof(six) / sizeof(six[0]); k++)
		assert_dropped(f, ip_arrives(f, "fd00::2", six[k], IP_TCP, text, sizeof(text)), drop_ip_not_ours);
}

static void broadcasts_are_marked(void **state)
{
	static const char *const four[] = {"10.0.0.255", "255.255.255.255", "224.0.0.1"};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(four) / sizeof(four[0]); k++) {
		assert_int_equal(ip_arrives(f, "10.0.0.2", four[k], IP_TCP, text, sizeof(text)), NET_TCP);
		assert_true(f->in.broadcast); /* is the sockets' to drop */
	}
	assert_int_equal(ip_arrives(f, "fd00::2", "ff02::1", IP_UDP, text, sizeof(text)), NET_UDP);
	assert_true(f->in.broadcast);
	assert_int_equal(ip_arrives(f, "fd00::2", "fd00::1", IP_UDP, text, sizeof(text)), NET_UDP);
	assert_false(f->in.broadcast);
}

static void unicast_in_a_link_broadcast_is_dropped(void **state)
{
	static const uint8_t groups[3][6] = {
	    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0x01, 0, 0x5e, 0, 0, 1}, {0x33, 0x33, 0, 0, 0, 1}};
	struct fixture *f = *state;
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, sizeof(text));
	struct weir_packet packet = {.slices = 1, .flags = WEIR_PACKET_LINK_BROADCAST};

	for (unsigned k = 0; k < 3; k++) { /* [W-IP-4, A-7] */
		eth_header(f->frame, groups[k], peer_mac, ETH_IPV4);
		assert_dropped(f, input(f, ETH, f->frame, len), drop_ip_link_broadcast);
	}
	len = ip_packet(f, "10.9.0.2", "10.9.0.1", IP_UDP, text, sizeof(text));
	packet.slice[0] = (struct weir_slice){f->frame + ETH_HEADER_BYTES, len};
	packet.len = (uint32_t)len;
	assert_dropped(f, net_input(f->net, TUN, &packet, &f->in), drop_ip_link_broadcast);
}

static void fragments_are_dropped(void **state)
{
	static const uint8_t field[3][2] = {{0x20, 0}, {0, 1}, {0x20, 9}};
	struct fixture *f = *state;

	for (unsigned k = 0; k < 3; k++) {
		size_t len = ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, sizeof(text));
		struct weir_packet packet = {.slices = 1, .flags = WEIR_PACKET_TRUSTED};

		eth_header(f->frame, own_mac, peer_mac, ETH_IPV4);
		memcpy(f->frame + ETH_HEADER_BYTES + 6, field[k], 2);
		packet.slice[0] = (struct weir_slice){f->frame, ETH_HEADER_BYTES + len};
		packet.len = (uint32_t)(ETH_HEADER_BYTES + len);
		assert_dropped(f, net_input(f->net, ETH, &packet, &f->in), drop_ip_fragment);
	}
}

static void a_packet_may_come_in_any_slices(void **state)
{
	struct fixture *f = *state;
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "fd00::2", "fd00::1", IP_UDP, text, sizeof(text));

	eth_header(f->frame, own_mac, peer_mac, ETH_IPV6);
	for (size_t a = 0; a <= len; a++) {
		for (size_t b = a; b <= len; b += 3) {
			struct weir_packet packet = {
			    .slice = {{f->frame, a}, {f->frame + a, b - a}, {f->frame + b, 0}, {f->frame + b, len - b}},
			    .slices = 4,
			    .len = (uint32_t)len,
			};

			assert_int_equal(net_input(f->net, ETH, &packet, &f->in), NET_UDP);
			assert_true(net_linearise(f->net, &f->in));
			assert_int_equal(f->in.payloads, 1);
			assert_int_equal(f->in.payload[0].len, sizeof(text));
			assert_memory_equal(f->in.payload[0].data, text, sizeof(text));
		}
	}
}

static void a_length_that_lies_is_dropped(void **state)
{
	struct fixture *f = *state;
	size_t len = ETH_HEADER_BYTES + ip_packet(f, "10.0.0.2", "10.0.0.1", IP_UDP, text, sizeof(text));
	struct weir_packet packet = {.slice = {{f->frame, len - 8}}, .slices = 1, .len = (uint32_t)len};

	eth_header(f->frame, own_mac, peer_mac, ETH_IPV4);
	assert_dropped(f, net_input(f->net, ETH, &packet, &f->in), drop_ip_total_length);
	packet.len = 3;
	assert_dropped(f, net_input(f->net, ETH, &packet, &f->in), drop_eth_short);
	packet.slices = 0;
	assert_dropped(f, net_input(f->net, ETH, &packet, &f->in), drop_ip_short);
	packet.slices = 1;
	assert_dropped(f, net_input(f->net, 9, &packet, &f->in), drop_ip_short);
	f->no_memory = true;
	packet.len = (uint32_t)len;
	packet.slice[0].len = 20;
	packet.slice[1] = (struct weir_slice){f->frame + 20, len - 20};
	packet.slices = 2;
	assert_int_equal(net_input(f->net, ETH, &packet, &f->in), NET_DONE);
	assert_int_equal(counted(f, drop_no_memory), 1);
	f->no_memory = false;
}

static void unknown_protocols_are_reported_but_not_igmp(void **state)
{
	struct fixture *f = *state;
	struct weir_slice payload;
	struct wire_ip header;

	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "10.0.0.2", "10.0.0.1");
	drain(f, ETH);
	assert_dropped(f, ip_arrives(f, "10.0.0.2", "10.0.0.1", 2, text, sizeof(text)), drop_ip_protocol);
	assert_dropped(f, ip_arrives(f, "10.0.0.2", "10.0.0.1", IP_ICMPV6, text, sizeof(text)), drop_ip_protocol);
	assert_dropped(f, ip_arrives(f, "10.0.0.2", "10.0.0.255", 99, text, sizeof(text)), drop_ip_protocol);
	assert_int_equal(ip_arrives(f, "10.0.0.2", "10.0.0.1", 4, text, sizeof(text)), NET_DONE); /* */
	assert_int_equal(counted(f, drop_ip_protocol), 1);
	header = ip_leaves(f, ETH, NULL, &payload);
	assert_int_equal(header.protocol, IP_ICMP);
	assert_int_equal(payload.data[0], ICMP4_UNREACHABLE);
	assert_int_equal(payload.data[1], 2);
}

static void loopback_takes_what_is_ours_only(void **state)
{
	static const char *const ours[] = {"127.0.0.1", "127.1.2.3", "10.0.0.1", "10.9.0.1"};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(ours) / sizeof(ours[0]); k++) {
		size_t len = ip_packet(f, "10.0.0.1", ours[k], IP_TCP, text, sizeof(text));

		assert_int_equal(input(f, NET_LOOPBACK, f->frame + ETH_HEADER_BYTES, len), NET_TCP);
		assert_true(f->in.trusted);
		assert_int_equal(f->in.ifindex, NET_LOOPBACK);
	}
	assert_int_equal(
	    input(f, NET_LOOPBACK, f->frame + ETH_HEADER_BYTES, ip_packet(f, "::1", "::1", IP_UDP, text, 8)), NET_UDP);
	assert_dropped(
	    f,
	    input(f, NET_LOOPBACK, f->frame + ETH_HEADER_BYTES, ip_packet(f, "127.0.0.1", "10.0.0.2", IP_UDP, text, 8)),
	    drop_ip_not_ours);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(a_packet_for_us_goes_up),
	    NET_TEST(padding_is_cut_off),
	    NET_TEST(frames_not_for_this_station_are_dropped),
	    NET_TEST(bad_headers_are_dropped),
	    NET_TEST(ttl_is_not_looked_at),
	    NET_TEST(impossible_sources_are_dropped),
	    NET_TEST(mapped_addresses_do_not_travel_in_ipv6),
	    NET_TEST(packets_for_others_are_dropped),
	    NET_TEST(broadcasts_are_marked),
	    NET_TEST(unicast_in_a_link_broadcast_is_dropped),
	    NET_TEST(fragments_are_dropped),
	    NET_TEST(a_packet_may_come_in_any_slices),
	    NET_TEST(a_length_that_lies_is_dropped),
	    NET_TEST(unknown_protocols_are_reported_but_not_igmp),
	    NET_TEST(loopback_takes_what_is_ours_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
