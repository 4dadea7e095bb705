/* SPDX-License-Identifier: Apache-2.0
 *
 * ARP (RFC 826): questions and their repetition, answers, what senders are refused, whose word
 * changes an entry [W-ARP-1, N-2, N-3], defence of an address [N-4].
 */
#include "net_fixture.h"

static void assert_resolve(struct fixture *f, const char *dst, enum net_resolve expected)
{
	struct net_path path = path_to(f, dst);

	assert_int_equal(net_ready(f->net, &path), expected);
}

static void an_address_is_announced_once(void **state)
{
	struct fixture *f = *state;

	address_new(f, ETH, "10.0.0.9", 24);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.9", "10.0.0.9");
	address_new(f, ETH, "fd00::9", 64);
	address_new(f, TUN, "10.9.0.9", 24);
	silent(f);
}

static void a_datagram_waits_for_the_answer(void **state)
{
	struct fixture *f = *state;
	struct weir_slice payload;
	uint8_t mac[6];

	assert_int_equal(send_to(f, "10.0.0.2", 7, 100), 0);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	silent(f);
	assert_false(net_neighbours_changed(f->net, ETH));

	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	assert_true(net_neighbours_changed(f->net, ETH));
	assert_false(net_neighbours_changed(f->net, ETH));
	assert_int_equal(ip_leaves(f, ETH, mac, &payload).payload_bytes, 100);
	assert_memory_equal(mac, peer_mac, 6);
	assert_int_equal(payload.data[0], 7);

	assert_int_equal(send_to(f, "10.0.0.2", 8, 100), 0);
	ip_leaves(f, ETH, mac, &payload);
	assert_int_equal(payload.data[0], 8);
	silent(f);
}

static void a_lost_answer_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
	assert_int_equal(drain(f, ETH), 1);
	advance_ms(f, 999);
	silent(f); /* [W-ARP-1] at most one a second */
	advance_ms(f, 1);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	assert_resolve(f, "10.0.0.2", NET_RESOLVED);
	advance_ms(f, 20000);
	silent(f);
}

static void three_questions_without_answer_fail_for_a_while(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_to(f, "10.0.0.2", 1, 10), 0);
	assert_int_equal(send_to(f, "10.0.0.2", 2, 10), 0);
	advance_ms(f, 2999);
	assert_int_equal(drain(f, ETH), 3);
	assert_int_equal(counted(f, drop_neighbour_unresolved), 0);
	advance_ms(f, 1);
	assert_int_equal(counted(f, drop_neighbour_unresolved), 2);
	assert_true(net_neighbours_changed(f->net, ETH));
	assert_resolve(f, "10.0.0.2", NET_UNRESOLVED);
	assert_int_equal(send_to(f, "10.0.0.2", 3, 10), -WEIR_EHOSTUNREACH);
	assert_int_equal(counted(f, drop_neighbour_unresolved), 3);
	silent(f);

	advance_ms(f, 3000);
	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
	assert_int_equal(drain(f, ETH), 1);
}

static void the_latest_datagrams_wait(void **state)
{
	struct fixture *f = *state;
	struct weir_slice payload;

	for (unsigned k = 0; k < NET_WAITING_PACKETS + 3; k++)
		assert_int_equal(send_to(f, "10.0.0.2", (uint8_t)k, 10), 0);
	assert_int_equal(counted(f, drop_neighbour_queue_full), 3);
	assert_int_equal(drain(f, ETH), 1);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	for (unsigned k = 3; k < NET_WAITING_PACKETS + 3; k++) {
		ip_leaves(f, ETH, NULL, &payload);
		assert_int_equal(payload.data[0], k);
	}
	silent(f);
}

static void a_request_for_us_is_answered_and_remembered(void **state)
{
	struct fixture *f = *state;

	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "10.0.0.2", "10.0.0.1");
	arp_leaves(f, peer_mac, ARP_REPLY, "10.0.0.1", "10.0.0.2");
	assert_resolve(f, "10.0.0.2", NET_RESOLVED);
	silent(f);
	assert_int_equal(counted(f, drop_arp_not_ours), 0);
}

static void a_probe_for_our_address_is_answered_and_forgotten(void **state)
{
	struct fixture *f = *state;

	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "0.0.0.0", "10.0.0.1"); /* RFC 5227 s2.1.1 */
	arp_leaves(f, peer_mac, ARP_REPLY, "10.0.0.1", "0.0.0.0");
	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "0.0.0.0", "10.0.0.77");
	arp_arrives(f, all_mac, ARP_REPLY, peer_mac, "0.0.0.0", "10.0.0.1");
	silent(f);
	assert_int_equal(counted(f, drop_arp_not_ours), 1);
	assert_int_equal(counted(f, drop_arp_bad_sender), 1);
}

static void what_was_not_asked_for_makes_no_entry(void **state)
{
	struct fixture *f = *state;

	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	arp_arrives(f, all_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.2");
	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "10.0.0.2", "10.0.0.2");
	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "10.0.0.2", "10.0.0.3");
	assert_int_equal(counted(f, drop_arp_not_ours), 4);
	/* of another interface of ours: strong host */
	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "10.0.0.2", "10.9.0.1");
	assert_int_equal(counted(f, drop_arp_not_ours), 5);
	silent(f);
	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
}

static void a_request_from_off_the_link_is_answered_only(void **state)
{
	struct fixture *f = *state;
	weir_addr far = ip("192.0.2.5"), gateway = ip("10.0.0.254"), any = ip("0.0.0.0");
	struct net_path path;

	assert_int_equal(net_route_add(f->net, &any, 0, ETH, &gateway), 0);
	arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, "192.0.2.5", "10.0.0.1");
	arp_leaves(f, peer_mac, ARP_REPLY, "10.0.0.1", "192.0.2.5");
	assert_int_equal(net_route(f->net, &far, NULL, 0, false, &path), 0);
	path.next_hop = far;
	assert_int_equal(net_ready(f->net, &path), NET_RESOLVING);
}

static void an_impossible_sender_is_refused(void **state)
{
	static const uint8_t group_mac[6] = {3, 0, 0, 0, 0, 2};
	static const char *const senders[] = {"0.1.2.3",   "127.0.0.1",  "224.0.0.1",
	                                      "240.0.0.1", "10.0.0.255", "255.255.255.255"};
	struct fixture *f = *state;
	uint64_t n = 0;

	for (unsigned k = 0; k < sizeof(senders) / sizeof(senders[0]); k++) { /* [N-3] */
		arp_arrives(f, all_mac, ARP_REQUEST, peer_mac, senders[k], "10.0.0.1");
		assert_int_equal(counted(f, drop_arp_bad_sender), ++n);
	}
	arp_arrives(f, all_mac, ARP_REQUEST, group_mac, "10.0.0.2", "10.0.0.1");
	arp_arrives(f, all_mac, ARP_REQUEST, no_mac, "10.0.0.2", "10.0.0.1");
	arp_arrives(f, all_mac, ARP_REQUEST, own_mac, "10.0.0.2", "10.0.0.1");
	assert_int_equal(counted(f, drop_arp_bad_sender), n + 3);
	silent(f);
	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
}

static void malformed_arp_is_counted(void **state)
{
	struct fixture *f = *state;
	struct wire_arp arp = {.operation = ARP_REQUEST, .sender_ip = {10, 0, 0, 2}, .target_ip = {10, 0, 0, 1}};
	uint8_t frame[ETH_HEADER_BYTES + ARP_BYTES];
	uint64_t n = 0;

	memcpy(arp.sender_mac, peer_mac, 6);
	/* hardware type, protocol type, their lengths: any bit wrong is malformed [N-3] */
	for (unsigned at = 0; at < 6; at++) {
		eth_header(frame, own_mac, peer_mac, ETH_ARP);
		wire_arp_emit(frame + ETH_HEADER_BYTES, &arp);
		frame[ETH_HEADER_BYTES + at] ^= 1;
		assert_int_equal(input(f, ETH, frame, sizeof(frame)), NET_DONE);
		assert_int_equal(counted(f, drop_arp_malformed), ++n);
		frame[ETH_HEADER_BYTES + at] ^= 1;
	}
	for (size_t len = ETH_HEADER_BYTES; len < sizeof(frame); len++) {
		input(f, ETH, frame, len);
		assert_int_equal(counted(f, drop_arp_malformed), ++n);
	}
	arp_arrives(f, all_mac, 3, peer_mac, "10.0.0.2", "10.0.0.1"); /* RFC 5494 */
	assert_int_equal(counted(f, drop_arp_not_ours), 1);
	silent(f);
}

static void a_fresh_entry_is_not_overwritten_but_probed(void **state)
{
	struct fixture *f = *state;
	struct weir_slice payload;
	uint8_t mac[6];

	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	assert_int_equal(drain(f, ETH), 1);
	advance_ms(f, 1000);
	for (unsigned k = 0; k < 3; k++) { /* [N-2] whatever way it is said */
		arp_arrives(f, own_mac, ARP_REPLY, other_mac, "10.0.0.2", "10.0.0.1");
		arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.0.0.2", "10.0.0.2");
	}
	assert_int_equal(counted(f, drop_arp_conflict), 6);
	arp_leaves(f, peer_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	silent(f);
	assert_int_equal(send_to(f, "10.0.0.2", 1, 10), 0);
	ip_leaves(f, ETH, mac, &payload);
	assert_memory_equal(mac, peer_mac, 6);

	/* it answers: it stays, and the flood cannot make us ask more than once a second */
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	arp_arrives(f, own_mac, ARP_REPLY, other_mac, "10.0.0.2", "10.0.0.1");
	silent(f);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	advance_ms(f, 10000);
	silent(f);
	assert_resolve(f, "10.0.0.2", NET_RESOLVED);
}

static void a_silent_station_loses_its_address(void **state)
{
	struct fixture *f = *state;
	struct weir_slice payload;
	uint8_t mac[6];

	assert_resolve(f, "10.0.0.2", NET_RESOLVING);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	drain(f, ETH);
	net_neighbours_changed(f->net, ETH);
	advance_ms(f, 1000);
	arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.0.0.2", "10.0.0.2");
	advance_ms(f, 3000);
	assert_int_equal(drain(f, ETH), 3);
	assert_true(net_neighbours_changed(f->net, ETH));
	assert_int_equal(send_to(f, "10.0.0.2", 1, 10), 0);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	arp_arrives(f, own_mac, ARP_REPLY, other_mac, "10.0.0.2", "10.0.0.1");
	ip_leaves(f, ETH, mac, &payload);
	assert_memory_equal(mac, other_mac, 6);
}

static void our_address_is_defended_at_intervals(void **state)
{
	struct fixture *f = *state;

	for (unsigned second = 0; second < 30; second++) { /* [N-4] */
		arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.0.0.1", "10.0.0.1");
		if (second % 10 == 0)
			arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.1");
		silent(f);
		advance_ms(f, 1000);
	}
	assert_int_equal(counted(f, drop_arp_conflict), 30);
	/* the address of another interface: not this link's to defend */
	arp_arrives(f, all_mac, ARP_REQUEST, other_mac, "10.9.0.1", "10.9.0.1");
	assert_int_equal(counted(f, drop_arp_conflict), 31);
	silent(f);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(an_address_is_announced_once),
	    NET_TEST(a_datagram_waits_for_the_answer),
	    NET_TEST(a_lost_answer_is_asked_for_again),
	    NET_TEST(three_questions_without_answer_fail_for_a_while),
	    NET_TEST(the_latest_datagrams_wait),
	    NET_TEST(a_request_for_us_is_answered_and_remembered),
	    NET_TEST(a_probe_for_our_address_is_answered_and_forgotten),
	    NET_TEST(what_was_not_asked_for_makes_no_entry),
	    NET_TEST(a_request_from_off_the_link_is_answered_only),
	    NET_TEST(an_impossible_sender_is_refused),
	    NET_TEST(malformed_arp_is_counted),
	    NET_TEST(a_fresh_entry_is_not_overwritten_but_probed),
	    NET_TEST(a_silent_station_loses_its_address),
	    NET_TEST(our_address_is_defended_at_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
