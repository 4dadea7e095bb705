/* SPDX-License-Identifier: Apache-2.0
 *
 * Spellings in a world file: addresses, durations, rates, sizes, shares; and the default world.
 */
#include "world_fixture.h"

static void addresses(void **state)
{
	struct plan_addr addr;

	(void)state;
	assert_true(plan_parse_addr("10.0.0.1/24", &addr));
	assert_int_equal(addr.prefix_len, 24);
	assert_true(weir_addr_is_v4(&addr.addr));
	assert_true(plan_parse_addr("10.0.0.1", &addr));
	assert_int_equal(addr.prefix_len, 32);
	assert_true(plan_parse_addr("fd00::1/64", &addr));
	assert_int_equal(addr.prefix_len, 64);
	assert_true(plan_parse_addr("::/0", &addr));
	assert_int_equal(addr.prefix_len, 0);
	assert_false(plan_parse_addr("10.0.0.1/33", &addr));
	assert_false(plan_parse_addr("10.0.0.1/", &addr));
	assert_false(plan_parse_addr("10.0.0.1/-1", &addr));
	assert_false(plan_parse_addr("10.0.0.1/8x", &addr));
	assert_false(plan_parse_addr("10.0.0/8", &addr));
	assert_false(plan_parse_addr("", &addr));
}

static void macs(void **state)
{
	uint8_t mac[6];

	(void)state;
	assert_true(plan_parse_mac("02:00:5e:0:Ff:1", mac));
	assert_memory_equal(mac, ((uint8_t[]){2, 0, 0x5e, 0, 0xff, 1}), 6);
	assert_false(plan_parse_mac("03:00:00:00:00:01", mac)); /* a group address */
	assert_false(plan_parse_mac("02:00:00:00:00", mac));
	assert_false(plan_parse_mac("02:00:00:00:00:01:02", mac));
	assert_false(plan_parse_mac("02:00:00:00:00:100", mac));
	assert_false(plan_parse_mac("", mac));
}

static void durations(void **state)
{
	weir_duration d;

	(void)state;
	assert_true(plan_parse_duration("20ms", &d));
	assert_int_equal(d.ns, 20 * WEIR_NS_PER_MS);
	assert_true(plan_parse_duration("1.5s", &d));
	assert_int_equal(d.ns, 1500 * WEIR_NS_PER_MS);
	assert_true(plan_parse_duration("0us", &d));
	assert_int_equal(d.ns, 0);
	assert_false(plan_parse_duration("20", &d)); /* of what? */
	assert_false(plan_parse_duration("-1s", &d));
	assert_false(plan_parse_duration("ms", &d));
	assert_false(plan_parse_duration("1e300s", &d));
	assert_false(plan_parse_duration("nan s", &d));
	assert_false(plan_parse_duration("infs", &d));
}

static void quantities(void **state)
{
	uint64_t n;
	uint32_t chance;

	(void)state;
	assert_true(plan_parse_rate("10Mbit/s", &n));
	assert_int_equal(n, 1250000);
	assert_true(plan_parse_rate("500kB/s", &n));
	assert_int_equal(n, 500000);
	assert_false(plan_parse_rate("0bit/s", &n));
	assert_false(plan_parse_rate("10Mb", &n));
	assert_true(plan_parse_size("64KiB", &n));
	assert_int_equal(n, 65536);
	assert_true(plan_parse_size("1500", &n));
	assert_int_equal(n, 1500);
	assert_false(plan_parse_size("1.5", &n));
	assert_true(plan_parse_chance("1%", &chance));
	assert_int_equal(chance, link_chance_ppm(10000));
	assert_true(plan_parse_chance("0.01", &chance));
	assert_int_equal(chance, link_chance_ppm(10000));
	assert_true(plan_parse_chance("100%", &chance));
	assert_int_equal(chance, LINK_ALWAYS);
	assert_false(plan_parse_chance("1.01", &chance));
	assert_false(plan_parse_chance("101%", &chance));
}

static void default_world(void **state)
{
	struct plan plan;

	(void)state;
	plan_init(&plan);
	assert_true(plan_default(&plan));
	assert_int_equal(plan.hosts, 2);
	assert_int_equal(plan.links, 1);
	assert_int_equal(plan.link[0].members, 2);
	assert_false(plan.link[0].faulty);
	assert_int_equal(plan_find_host(&plan, "b"), 1);
	assert_int_equal(plan_find_host(&plan, "c"), -1);
	assert_null(plan_add_host(&plan, ""));
	assert_int_equal(plan.hosts, 2);
	plan_deinit(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses),  cmocka_unit_test(macs),          cmocka_unit_test(durations),
	    cmocka_unit_test(quantities), cmocka_unit_test(default_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
