/* SPDX-License-Identifier: Apache-2.0
 *
 * The neighbour table behind the protocol: ageing, probes, the paths' cache, static entries, bounds [N-1].
 */
#include "net_fixture.h"

#include <stdio.h>

static void learn(struct fixture *f, const char *addr, const uint8_t mac[6])
{
	struct net_path path = path_to(f, addr);

	assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
	arp_arrives(f, own_mac, ARP_REPLY, mac, addr, "10.0.0.1");
	drain(f, ETH);
	net_neighbours_changed(f->net, ETH);
}

static void an_idle_entry_needs_no_timer(void **state)
{
	struct fixture *f = *state;

	learn(f, "10.0.0.2", peer_mac);
	assert_true(weir_time_is_never(wheel_deadline(&f->host.wheel)));
}

static void a_stale_entry_is_used_and_asked_after(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");

	learn(f, "10.0.0.2", peer_mac);
	advance_ms(f, 29999);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	advance_ms(f, 60000);
	silent(f);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED); /* used when stale */
	advance_ms(f, 4999);
	silent(f);
	advance_ms(f, 1);
	arp_leaves(f, peer_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	advance_ms(f, 29999);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	silent(f);
}

static void a_probe_without_answer_ends_in_asking_everybody(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");

	learn(f, "10.0.0.2", peer_mac);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	advance_ms(f, 30000);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	advance_ms(f, 7999);
	for (unsigned k = 0; k < 3; k++)
		arp_leaves(f, peer_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	advance_ms(f, 1);
	assert_true(net_neighbours_changed(f->net, ETH));
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
}

static void a_stale_entry_takes_a_new_address_at_once(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");
	struct wire_ip header = {.version = 4, .src = path.src, .dst = path.next_hop, .protocol = IP_TCP, .ttl = 64};
	uint8_t out[NET_MAX_HEADERS];
	size_t len;

	learn(f, "10.0.0.2", peer_mac);
	assert_int_equal(net_headers(f->net, &path, &header, out, &len), NET_RESOLVED);
	assert_memory_equal(out, peer_mac, 6);
	advance_ms(f, 30000);
	arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.0.0.2", "10.0.0.2");
	assert_int_equal(counted(f, drop_arp_conflict), 0);
	assert_int_equal(net_headers(f->net, &path, &header, out, &len), NET_RESOLVED);
	assert_memory_equal(out, other_mac, 6);
}

static void confirmation_from_above_spares_the_probe(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");

	learn(f, "10.0.0.2", peer_mac);
	for (unsigned second = 0; second < 300; second += 7) {
		assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
		net_path_confirm(f->net, &path);
		advance_ms(f, 7000);
	}
	silent(f);
	/* in DELAY and in PROBE too */
	advance_ms(f, 60000);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	net_path_confirm(f->net, &path);
	advance_ms(f, 6000);
	silent(f);
	net_path_doubt(f->net, &path);
	assert_int_equal(drain(f, ETH), 1);
	net_path_confirm(f->net, &path);
	advance_ms(f, 10000);
	silent(f);
}

static void doubt_from_above_probes_the_next_hop(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");

	net_path_doubt(f->net, &path); /* nothing known yet: nothing to doubt */
	net_path_confirm(f->net, &path);
	silent(f);
	learn(f, "10.0.0.2", peer_mac);
	advance_ms(f, 1000);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	net_path_doubt(f->net, &path); /* [9293 MUST-20] R1 */
	net_path_doubt(f->net, &path);
	arp_leaves(f, peer_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	silent(f);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
}

static void a_cached_path_notices_that_its_entry_went(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2"), second = path_to(f, "10.0.0.3");

	learn(f, "10.0.0.2", peer_mac);
	advance_ms(f, 1000);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	net_path_doubt(f->net, &path);
	advance_ms(f, 3000); /* forgotten */
	drain(f, ETH);
	learn(f, "10.0.0.3", other_mac); /* takes its place */
	assert_int_equal(net_ready(f->net, &second), NET_RESOLVED);
	assert_int_equal(second.neighbour_slot, path.neighbour_slot);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
}

static void a_static_entry_never_changes(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");
	weir_addr addr = ip("10.0.0.2");
	struct weir_slice payload;
	uint8_t mac[6];

	assert_int_equal(send_to(f, "10.0.0.2", 1, 10), 0);
	assert_int_equal(drain(f, ETH), 1);
	assert_int_equal(net_neighbour_add(f->net, ETH, &addr, peer_mac), 0);
	assert_true(net_neighbours_changed(f->net, ETH));
	ip_leaves(f, ETH, mac, &payload); /* what waited goes */
	assert_memory_equal(mac, peer_mac, 6);
	arp_arrives(f, own_mac, ARP_REPLY, other_mac, "10.0.0.2", "10.0.0.1");
	assert_int_equal(counted(f, drop_arp_conflict), 1);
	advance_ms(f, 3600 * 1000);
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	net_path_doubt(f->net, &path);
	net_path_confirm(f->net, &path);
	advance_ms(f, 10000);
	silent(f);
	assert_int_equal(net_neighbour_add(f->net, ETH, &addr, other_mac), 0); /* replaced */
	assert_int_equal(send_to(f, "10.0.0.2", 1, 10), 0);
	ip_leaves(f, ETH, mac, &payload);
	assert_memory_equal(mac, other_mac, 6);
}

static void ipv6_has_static_neighbours_only(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "fd00::2");
	weir_addr addr = ip("fd00::2");
	struct weir_slice payload;
	uint8_t mac[6];

	assert_int_equal(net_ready(f->net, &path), NET_UNRESOLVED);
	assert_int_equal(send_to(f, "fd00::2", 1, 10), -WEIR_EHOSTUNREACH);
	assert_int_equal(counted(f, drop_neighbour_unresolved), 1);
	silent(f);
	assert_int_equal(net_neighbour_add(f->net, ETH, &addr, peer_mac), 0);
	assert_int_equal(send_to(f, "fd00::2", 1, 10), 0);
	assert_int_equal(ip_leaves(f, ETH, mac, &payload).version, 6);
	assert_memory_equal(mac, peer_mac, 6);
}

static void static_entries_are_checked(void **state)
{
	static const char *const bad[] = {"10.0.0.1",   "0.0.0.0", "::",      "224.0.0.1", "ff02::1", "127.0.0.1",
	                                  "10.0.0.255", "::1",     "0.0.0.5", "240.0.0.1", "fd00::1"};
	static const uint8_t group_mac[6] = {1, 0, 0x5e, 0, 0, 1};
	struct fixture *f = *state;
	weir_addr good = ip("10.0.0.2");

	for (unsigned k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		weir_addr addr = ip(bad[k]);

		assert_int_equal(net_neighbour_add(f->net, ETH, &addr, peer_mac), -WEIR_EINVAL);
	}
	assert_int_equal(net_neighbour_add(f->net, ETH, &good, group_mac), -WEIR_EINVAL);
	assert_int_equal(net_neighbour_add(f->net, ETH, &good, no_mac), -WEIR_EINVAL);
	assert_int_equal(net_neighbour_add(f->net, TUN, &good, peer_mac), -WEIR_EINVAL);
	assert_int_equal(net_neighbour_add(f->net, NET_LOOPBACK, &good, peer_mac), -WEIR_EINVAL);
	assert_int_equal(net_neighbour_add(f->net, 9, &good, peer_mac), -WEIR_EINVAL);
}

static void ask_many(struct fixture *f, unsigned first, unsigned n)
{
	for (unsigned k = first; k < first + n; k++) {
		char text[WEIR_ADDR_TEXT];
		struct net_path path;

		snprintf(text, sizeof(text), "10.1.%u.%u", k / 250, k % 250 + 1);
		path = path_to(f, text);
		assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
		drain(f, ETH);
	}
}

static void a_scan_harms_nobody(void **state)
{
	struct fixture *f = fixture_new(64);
	struct net_path live = path_to(f, "10.0.0.2"), held = path_to(f, "10.0.0.3");
	weir_addr addr = ip("10.0.0.3");
	size_t bytes;

	(void)state;
	address_new(f, ETH, "10.1.255.254", 16);
	drain(f, ETH);
	learn(f, "10.0.0.2", peer_mac);
	assert_int_equal(net_ready(f->net, &live), NET_RESOLVED);
	assert_int_equal(net_neighbour_add(f->net, ETH, &addr, other_mac), 0);
	ask_many(f, 0, 100);
	bytes = f->host.memory.held_bytes;
	ask_many(f, 100, 20000);
	assert_int_equal(f->host.memory.held_bytes, bytes); /* [N-1] memory stays flat */
	assert_int_equal(net_ready(f->net, &live), NET_RESOLVED);
	assert_int_equal(net_ready(f->net, &held), NET_RESOLVED);
	silent(f);
	advance_ms(f, 1000);
	assert_int_equal(drain(f, ETH), 32); /* half the table and no more is ever in question */
	advance_ms(f, 6000);
	drain(f, ETH);
	fixture_free(f);
}

static void a_full_table_gives_up_the_stalest(void **state)
{
	struct fixture *f = fixture_new(4);
	struct net_path path[4], next = path_to(f, "10.0.0.50");

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		char text[WEIR_ADDR_TEXT];

		snprintf(text, sizeof(text), "10.0.0.%u", 10 + k);
		learn(f, text, peer_mac);
		path[k] = path_to(f, text);
		advance_ms(f, 1000);
	}
	/* all fresh: none may go */
	assert_int_equal(net_ready(f->net, &next), NET_UNRESOLVED);
	assert_int_equal(counted(f, drop_neighbour_table_full), 1);
	arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.0.0.60", "10.0.0.1");
	assert_int_equal(counted(f, drop_neighbour_table_full), 2);
	arp_leaves(f, other_mac, ARP_REPLY, "10.0.0.1", "10.0.0.60"); /* answered all the same */

	advance_ms(f, 26500); /* the first is stale now */
	assert_int_equal(net_ready(f->net, &next), NET_RESOLVING);
	for (unsigned k = 1; k < 4; k++)
		assert_int_equal(net_ready(f->net, &path[k]), NET_RESOLVED);
	assert_int_equal(drain(f, ETH), 1);
	fixture_free(f);
}

static void a_table_without_places_resolves_nothing(void **state)
{
	struct fixture *f = fixture_new(0);
	struct net_path path = path_to(f, "10.0.0.2");
	weir_addr addr = ip("10.0.0.2");

	(void)state;
	assert_int_equal(net_ready(f->net, &path), NET_UNRESOLVED);
	assert_int_equal(net_neighbour_add(f->net, ETH, &addr, peer_mac), -WEIR_ENOSPC);
	fixture_free(f);
}

static void without_memory_nothing_resolves_and_nothing_breaks(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.0.0.2");

	f->no_memory = true;
	assert_int_equal(net_ready(f->net, &path), NET_UNRESOLVED);
	assert_true(send_to(f, "10.0.0.2", 1, 1400) < 0);
	f->no_memory = false;
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
}

static void bare_ip_needs_no_neighbour(void **state)
{
	struct fixture *f = *state;
	struct net_path path = path_to(f, "10.9.0.77"), six = path_to(f, "fd09::77");

	assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	assert_int_equal(net_ready(f->net, &six), NET_RESOLVED);
	silent(f);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(an_idle_entry_needs_no_timer),
	    NET_TEST(a_stale_entry_is_used_and_asked_after),
	    NET_TEST(a_probe_without_answer_ends_in_asking_everybody),
	    NET_TEST(a_stale_entry_takes_a_new_address_at_once),
	    NET_TEST(confirmation_from_above_spares_the_probe),
	    NET_TEST(doubt_from_above_probes_the_next_hop),
	    NET_TEST(a_cached_path_notices_that_its_entry_went),
	    NET_TEST(a_static_entry_never_changes),
	    NET_TEST(ipv6_has_static_neighbours_only),
	    NET_TEST(static_entries_are_checked),
	    cmocka_unit_test(a_scan_harms_nobody),
	    cmocka_unit_test(a_full_table_gives_up_the_stalest),
	    cmocka_unit_test(a_table_without_places_resolves_nothing),
	    NET_TEST(without_memory_nothing_resolves_and_nothing_breaks),
	    NET_TEST(bare_ip_needs_no_neighbour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
