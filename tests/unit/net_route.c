/* SPDX-License-Identifier: Apache-2.0
 *
 * Configuration (interfaces, addresses, routes: what is taken and what is refused), longest prefix, source address
 * selection (RFC 6724, RFC 1122 s3.3.4), questions about addresses.
 */
#include "net_fixture.h"

#include <stdio.h>

static int route_new(struct fixture *f, const char *prefix, unsigned len, unsigned ifindex, const char *gateway)
{
	weir_addr p = ip(prefix), g = WEIR_ADDR_ANY6;

	if (gateway)
		g = ip(gateway);
	return net_route_add(f->net, &p, len, ifindex, gateway ? &g : NULL);
}

static int ask(struct fixture *f, const char *dst, const char *src, unsigned zone, bool broadcast,
               struct net_path *path)
{
	weir_addr to = ip(dst), from = WEIR_ADDR_ANY6;

	if (src)
		from = ip(src);
	return net_route(f->net, &to, src ? &from : NULL, zone, broadcast, path);
}

static void assert_path(struct fixture *f, const char *dst, const char *src, unsigned ifindex, const char *expected_src,
                        const char *next_hop)
{
	struct net_path path;
	weir_addr from = ip(expected_src), hop = ip(next_hop);

	assert_int_equal(ask(f, dst, src, 0, false, &path), 0);
	assert_int_equal(path.ifindex, ifindex);
	assert_true(weir_addr_equal(&path.src, &from));
	assert_true(weir_addr_equal(&path.next_hop, &hop));
}

static void interfaces_are_checked(void **state)
{
	struct fixture *f = *state;
	struct weir_interface good = {
	    .name = "eth1", .kind = WEIR_LINK_ETHERNET, .mac = {2, 0, 0, 0, 0, 9}, .mtu_bytes = 1500};
	struct weir_interface bad = good;

	bad.name[0] = '\0';
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	memset(bad.name, 'x', sizeof(bad.name));
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	bad = good;
	bad.kind = 0;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	bad = good;
	bad.mac[0] = 3;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	memset(bad.mac, 0, 6);
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	bad = good;
	bad.mtu_bytes = 575;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	bad = good;
	bad.gso_max_bytes = 65536;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	bad = good;
	bad.flags = 4;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EINVAL);
	memcpy(bad.name, "lo", 3);
	bad.flags = 0;
	assert_int_equal(net_interface_add(f->net, &bad), -WEIR_EEXIST);
	f->no_memory = true;
	assert_int_equal(net_interface_add(f->net, &good), -WEIR_ENOMEM);
	f->no_memory = false;
	assert_int_equal(net_interfaces(f->net), 3);

	for (unsigned k = 4; k <= NET_MAX_INTERFACES; k++) {
		snprintf(good.name, sizeof(good.name), "if%u", k);
		assert_int_equal(net_interface_add(f->net, &good), k);
	}
	memcpy(good.name, "more", 5);
	assert_int_equal(net_interface_add(f->net, &good), -WEIR_ENOSPC);
	assert_int_equal(net_interface(f->net, ETH)->mtu_bytes, 1500);
	assert_int_equal(net_interface(f->net, NET_LOOPBACK)->kind, WEIR_LINK_IP);
	assert_null(net_interface(f->net, 0));
	assert_null(net_interface(f->net, 65));
}

static void addresses_are_checked(void **state)
{
	static const struct {
		unsigned ifindex;
		const char *addr;
		unsigned len;
		int rc;
	} row[] = {
	    {0, "10.5.0.1", 24, -WEIR_EINVAL},    {9, "10.5.0.1", 24, -WEIR_EINVAL},
	    {ETH, "10.5.0.1", 33, -WEIR_EINVAL},  {ETH, "fd05::1", 129, -WEIR_EINVAL},
	    {ETH, "0.0.0.0", 24, -WEIR_EINVAL},   {ETH, "::", 64, -WEIR_EINVAL},
	    {ETH, "0.0.0.9", 24, -WEIR_EINVAL},   {ETH, "224.0.0.1", 24, -WEIR_EINVAL},
	    {ETH, "240.0.0.1", 24, -WEIR_EINVAL}, {ETH, "255.255.255.255", 32, -WEIR_EINVAL},
	    {ETH, "ff02::1", 64, -WEIR_EINVAL},   {ETH, "127.0.0.9", 8, -WEIR_EINVAL},
	    {ETH, "::1", 128, -WEIR_EINVAL},      {ETH, "10.5.0.255", 24, -WEIR_EINVAL},
	    {ETH, "10.0.0.1", 24, -WEIR_EEXIST},  {TUN, "10.0.0.1", 24, -WEIR_EEXIST},
	    {ETH, "fe80::1", 64, -WEIR_EEXIST},   {TUN, "fe80::1", 64, 0},
	    {ETH, "10.5.0.255", 31, 0},           {ETH, "10.6.0.255", 32, 0},
	    {NET_LOOPBACK, "10.7.0.1", 32, 0},    {NET_LOOPBACK, "127.0.0.9", 8, 0},
	};
	struct fixture *f = *state;
	struct weir_interface narrow = {.name = "n", .kind = WEIR_LINK_IP, .mtu_bytes = 1279};
	weir_addr addr = ip("fd05::1");
	int ifindex = net_interface_add(f->net, &narrow);

	for (unsigned k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		weir_addr a = ip(row[k].addr);

		assert_int_equal(net_address_add(f->net, row[k].ifindex, &a, row[k].len), row[k].rc);
	}
	assert_int_equal(net_address_add(f->net, (unsigned)ifindex, &addr, 64), -WEIR_EINVAL);
	for (unsigned k = 0; k < NET_MAX_ADDRESSES; k++) {
		addr.b[15] = (uint8_t)(k + 1);
		addr.b[7] = (uint8_t)k;
		assert_int_equal(net_address_add(f->net, TUN, &addr, 64), k < NET_MAX_ADDRESSES - 3 ? 0 : -WEIR_ENOSPC);
	}
	drain(f, ETH);
}

static void our_addresses_are_known(void **state)
{
	static const char *const ours[] = {"10.0.0.1", "10.9.0.1", "127.0.0.1", "127.8.8.8",
	                                   "::1",      "fd00::1",  "fe80::1"};
	static const char *const others[] = {"10.0.0.2",   "0.0.0.0", "::",      "127.255.255.255", "255.255.255.255",
	                                     "10.0.0.255", "fd00::2", "fd01::1", "10.1.0.1"};
	static const char *const everybody[] = {"10.0.0.255", "10.9.0.255", "255.255.255.255", "127.255.255.255"};
	struct fixture *f = *state;

	for (unsigned k = 0; k < sizeof(ours) / sizeof(ours[0]); k++) {
		weir_addr addr = ip(ours[k]);

		assert_true(net_is_local(f->net, &addr));
		assert_false(net_is_broadcast(f->net, &addr));
	}
	for (unsigned k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
		weir_addr addr = ip(others[k]);

		assert_false(net_is_local(f->net, &addr));
	}
	for (unsigned k = 0; k < sizeof(everybody) / sizeof(everybody[0]); k++) {
		weir_addr addr = ip(everybody[k]);

		assert_true(net_is_broadcast(f->net, &addr));
	}
}

static void routes_are_checked(void **state)
{
	static const struct {
		const char *prefix;
		unsigned len, ifindex;
		const char *gateway;
		int rc;
	} row[] = {
	    {"192.0.2.0", 24, 0, NULL, -WEIR_EINVAL},
	    {"192.0.2.0", 24, 9, NULL, -WEIR_EINVAL},
	    {"192.0.2.0", 24, NET_LOOPBACK, NULL, -WEIR_EINVAL},
	    {"192.0.2.0", 33, ETH, NULL, -WEIR_EINVAL},
	    {"2001:db8::", 129, ETH, NULL, -WEIR_EINVAL},
	    {"192.0.2.1", 24, ETH, NULL, -WEIR_EINVAL},
	    {"2001:db8::1", 64, ETH, NULL, -WEIR_EINVAL},
	    {"224.0.0.0", 4, ETH, NULL, -WEIR_EINVAL},
	    {"127.0.0.0", 8, ETH, NULL, -WEIR_EINVAL},
	    {"192.0.2.0", 24, ETH, "fd00::2", -WEIR_EINVAL},
	    {"192.0.2.0", 24, ETH, "0.0.0.0", -WEIR_EINVAL},
	    {"192.0.2.0", 24, ETH, "224.0.0.1", -WEIR_EINVAL},
	    {"192.0.2.0", 24, ETH, "10.1.0.1", -WEIR_ENETUNREACH},
	    {"192.0.2.0", 24, ETH, "10.9.0.2", -WEIR_ENETUNREACH},
	    {"192.0.2.0", 24, ETH, "10.0.0.1", -WEIR_ENETUNREACH},
	    {"192.0.2.0", 24, ETH, "10.0.0.255", -WEIR_ENETUNREACH},
	    {"192.0.2.0", 24, ETH, "10.0.0.254", 0},
	    {"192.0.2.0", 24, ETH, "10.0.0.253", -WEIR_EEXIST},
	    {"192.0.2.0", 24, TUN, NULL, -WEIR_EEXIST},
	    {"192.0.2.0", 25, TUN, NULL, 0},
	    {"2001:db8::", 32, ETH, "fe80::99", 0},
	    {"::", 0, ETH, "fd00::99", 0},
	    {"0.0.0.0", 0, ETH, "10.0.0.254", 0},
	};
	struct fixture *f = *state;
	unsigned added = 0;
	int rc = 0;

	for (unsigned k = 0; k < sizeof(row) / sizeof(row[0]); k++)
		assert_int_equal(route_new(f, row[k].prefix, row[k].len, row[k].ifindex, row[k].gateway), row[k].rc);
	while (rc == 0 && added < 1000) {
		char prefix[WEIR_ADDR_TEXT];

		snprintf(prefix, sizeof(prefix), "172.16.%u.%u", added / 256, added % 256);
		rc = route_new(f, prefix, 32, TUN, NULL);
		added += rc == 0;
	}
	assert_int_equal(rc, -WEIR_ENOSPC);
	assert_int_equal(added, NET_MAX_ROUTES - 10); /* five connected, five above */
	assert_path(f, "172.16.0.5", NULL, TUN, "10.9.0.1", "172.16.0.5");
}

static void the_longest_prefix_wins(void **state)
{
	struct fixture *f = *state;
	struct net_path path;

	assert_int_equal(ask(f, "192.0.2.1", NULL, 0, false, &path), -WEIR_ENETUNREACH);
	assert_int_equal(ask(f, "2001:db8::1", NULL, 0, false, &path), -WEIR_ENETUNREACH);
	assert_int_equal(route_new(f, "0.0.0.0", 0, ETH, "10.0.0.254"), 0);
	assert_int_equal(route_new(f, "192.0.2.0", 25, TUN, NULL), 0);
	assert_int_equal(route_new(f, "192.0.0.0", 16, ETH, "10.0.0.253"), 0);
	assert_int_equal(route_new(f, "::", 0, TUN, "fd09::fe"), 0);
	assert_path(f, "192.0.2.1", NULL, TUN, "10.9.0.1", "192.0.2.1");
	assert_path(f, "192.0.2.129", NULL, ETH, "10.0.0.1", "10.0.0.253");
	assert_path(f, "198.51.100.1", NULL, ETH, "10.0.0.1", "10.0.0.254");
	assert_path(f, "10.0.0.77", NULL, ETH, "10.0.0.1", "10.0.0.77");
	assert_path(f, "10.9.0.77", NULL, TUN, "10.9.0.1", "10.9.0.77");
	assert_path(f, "2001:db8::1", NULL, TUN, "fd09::1", "fd09::fe");
	assert_path(f, "fd00::5", NULL, ETH, "fd00::1", "fd00::5");
	assert_int_equal(ask(f, "0.0.0.9", NULL, 0, false, &path), -WEIR_ENETUNREACH);
	assert_int_equal(ask(f, "240.0.0.9", NULL, 0, false, &path), -WEIR_ENETUNREACH);
}

static void what_is_ours_stays_here(void **state)
{
	struct fixture *f = *state;
	struct net_path path;

	assert_path(f, "10.0.0.1", NULL, NET_LOOPBACK, "10.0.0.1", "10.0.0.1");
	assert_path(f, "10.0.0.1", "10.9.0.1", NET_LOOPBACK, "10.9.0.1", "10.0.0.1");
	assert_path(f, "127.0.0.1", NULL, NET_LOOPBACK, "127.0.0.1", "127.0.0.1");
	assert_path(f, "127.5.5.5", NULL, NET_LOOPBACK, "127.0.0.1", "127.5.5.5");
	assert_path(f, "127.5.5.5", "127.6.6.6", NET_LOOPBACK, "127.6.6.6", "127.5.5.5");
	assert_path(f, "::1", NULL, NET_LOOPBACK, "::1", "::1");
	assert_path(f, "fd00::1", NULL, NET_LOOPBACK, "fd00::1", "fd00::1");
	assert_path(f, "0.0.0.0", NULL, NET_LOOPBACK, "127.0.0.1", "127.0.0.1");
	assert_path(f, "::", NULL, NET_LOOPBACK, "::1", "::1");
	assert_path(f, "10.0.0.1", "0.0.0.0", NET_LOOPBACK, "10.0.0.1", "10.0.0.1");
	assert_int_equal(ask(f, "fe80::1", NULL, ETH, false, &path), 0);
	assert_int_equal(path.ifindex, NET_LOOPBACK);
	assert_int_equal(path.mtu_bytes, 65535);
	assert_int_equal(path.gso_max_bytes, 65535);
	assert_true(path.no_checksum);
}

static void a_wanted_source_must_be_ours(void **state)
{
	struct fixture *f = *state;
	struct net_path path;

	assert_int_equal(ask(f, "10.0.0.2", "10.0.0.3", 0, false, &path), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(ask(f, "10.0.0.2", "fd00::1", 0, false, &path), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(ask(f, "10.0.0.2", "127.0.0.1", 0, false, &path), -WEIR_ENETUNREACH);
	assert_path(f, "10.0.0.2", "10.0.0.1", ETH, "10.0.0.1", "10.0.0.2");
	/* a route of the source's interface comes before a longer one elsewhere; without one, any will do */
	assert_int_equal(route_new(f, "0.0.0.0", 0, ETH, "10.0.0.254"), 0);
	assert_int_equal(route_new(f, "192.0.2.0", 24, TUN, NULL), 0);
	assert_path(f, "192.0.2.1", "10.0.0.1", ETH, "10.0.0.1", "10.0.0.254");
	assert_path(f, "192.0.2.1", "10.9.0.1", TUN, "10.9.0.1", "192.0.2.1");
	assert_path(f, "198.51.100.1", "10.9.0.1", ETH, "10.9.0.1", "10.0.0.254");
}

static void sources_are_chosen_by_subnet_scope_and_prefix(void **state)
{
	struct fixture *f = *state;
	struct net_path path;
	weir_addr six = ip("fe80::1"), global = ip("fd00::1");

	address_new(f, ETH, "10.2.0.1", 24);
	address_new(f, ETH, "10.2.0.7", 24);
	address_new(f, ETH, "2001:db8:1::1", 64);
	drain(f, ETH);
	assert_int_equal(route_new(f, "0.0.0.0", 0, ETH, "10.2.0.254"), 0);
	assert_int_equal(route_new(f, "::", 0, ETH, "fe80::99"), 0);
	assert_path(f, "10.2.0.9", NULL, ETH, "10.2.0.1", "10.2.0.9");
	assert_path(f, "10.0.0.9", NULL, ETH, "10.0.0.1", "10.0.0.9");
	assert_path(f, "192.0.2.1", NULL, ETH, "10.2.0.1", "10.2.0.254");
	assert_path(f, "2001:db8:2::5", NULL, ETH, "2001:db8:1::1", "fe80::99");
	assert_path(f, "fd77::5", NULL, ETH, "fd00::1", "fe80::99");
	assert_int_equal(ask(f, "fe80::5", NULL, ETH, false, &path), 0);
	assert_true(weir_addr_equal(&path.src, &six)); /* RFC 6724 s5 rule 2 */
	assert_int_equal(ask(f, "fe80::5", "fd00::1", ETH, false, &path), 0);
	assert_true(weir_addr_equal(&path.src, &global));
}

static void link_local_destinations_need_a_zone(void **state)
{
	struct fixture *f = *state;
	struct net_path path;

	assert_int_equal(ask(f, "fe80::5", NULL, 0, false, &path), -WEIR_EINVAL);
	assert_int_equal(ask(f, "fe80::5", NULL, 9, false, &path), -WEIR_EINVAL);
	assert_int_equal(ask(f, "fe80::5", NULL, NET_LOOPBACK, false, &path), -WEIR_EINVAL);
	assert_int_equal(ask(f, "fe80::5", "fd09::1", ETH, false, &path), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(ask(f, "fe80::5", NULL, ETH, false, &path), 0);
	assert_int_equal(path.ifindex, ETH);
	assert_int_equal(ask(f, "fe80::5", NULL, TUN, false, &path), 0); /* no fe80 of its own there: any */
	assert_int_equal(path.ifindex, TUN);
}

static void everybody_is_reached_on_request_only(void **state)
{
	static const char *const everybody[] = {"10.0.0.255", "255.255.255.255", "224.0.0.5", "ff02::5"};
	struct fixture *f = *state;
	struct net_path path;

	for (unsigned k = 0; k < sizeof(everybody) / sizeof(everybody[0]); k++) {
		assert_int_equal(ask(f, everybody[k], NULL, 0, false, &path), -WEIR_ENETUNREACH);
		assert_int_equal(ask(f, everybody[k], NULL, 0, true, &path), 0);
		assert_int_equal(path.ifindex, ETH);
		assert_int_equal(net_ready(f->net, &path), NET_RESOLVED);
	}
	assert_int_equal(ask(f, "10.9.0.255", NULL, 0, true, &path), 0);
	assert_int_equal(path.ifindex, TUN);
	assert_int_equal(ask(f, "255.255.255.255", "10.9.0.1", 0, true, &path), 0);
	assert_int_equal(path.ifindex, TUN);
	assert_int_equal(ask(f, "ff02::5", NULL, TUN, true, &path), 0);
	assert_int_equal(path.ifindex, TUN);
	assert_int_equal(ask(f, "10.9.0.255", "10.0.0.1", 0, true, &path), 0);
	assert_int_equal(path.ifindex, TUN);
	assert_int_equal(ask(f, "127.255.255.255", NULL, 0, true, &path), -WEIR_ENETUNREACH);
	assert_int_equal(ask(f, "255.255.255.255", "127.0.0.1", 0, true, &path), -WEIR_ENETUNREACH);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(interfaces_are_checked),
	    NET_TEST(addresses_are_checked),
	    NET_TEST(our_addresses_are_known),
	    NET_TEST(routes_are_checked),
	    NET_TEST(the_longest_prefix_wins),
	    NET_TEST(what_is_ours_stays_here),
	    NET_TEST(a_wanted_source_must_be_ours),
	    NET_TEST(sources_are_chosen_by_subnet_scope_and_prefix),
	    NET_TEST(link_local_destinations_need_a_zone),
	    NET_TEST(everybody_is_reached_on_request_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
