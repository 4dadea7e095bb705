/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of paths that carry less than their link (RFC 1191, RFC 8201): by destination, for ten minutes,
 * and no more than there is a bound for.
 */
#include "net_fixture.h"

#include <stdio.h>

static void learn(struct fixture *f, const char *dst, uint16_t mtu)
{
	struct net_path path = path_to(f, dst);
	weir_addr to = ip(dst);

	net_path_mtu_learn(f->net, &to, &path, mtu);
	assert_int_equal(path.mtu_bytes, mtu < path.link_mtu_bytes ? mtu : path.link_mtu_bytes);
}

static const char *const far[] = {"10.0.0.7", "fd00::7"}, *const other[] = {"10.0.0.8", "fd00::8"};

static void one_destination_is_concerned(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(path_to(f, far[i]).mtu_bytes, 1500);
		learn(f, far[i], 1400);
		assert_int_equal(path_to(f, far[i]).mtu_bytes, 1400);
		assert_int_equal(path_to(f, far[i]).link_mtu_bytes, 1500);
		assert_int_equal(path_to(f, other[i]).mtu_bytes, 1500);
		learn(f, far[i], 1300);
		assert_int_equal(path_to(f, far[i]).mtu_bytes, 1300);
		learn(f, far[i], 1420); /* found to carry more after all */
		assert_int_equal(path_to(f, far[i]).mtu_bytes, 1420);
		learn(f, far[i], 9000);
		assert_int_equal(path_to(f, far[i]).mtu_bytes, 1500);
	}
}

static void it_counts_for_ten_minutes(void **state)
{
	struct fixture *f = *state;

	learn(f, far[0], 1400);
	advance_ms(f, 599999);
	assert_int_equal(path_to(f, far[0]).mtu_bytes, 1400);
	advance_ms(f, 1);
	assert_int_equal(path_to(f, far[0]).mtu_bytes, 1500);
	learn(f, far[0], 1300);
	assert_int_equal(path_to(f, far[0]).mtu_bytes, 1300);
}

/* [attacks I-6] However many destinations: memory is bounded, and the newest are known. */
static void destinations_are_bounded(void **state)
{
	struct fixture *f = *state;
	size_t before, known = 0;
	char text[32];

	learn(f, far[0], 1400);
	before = f->host.memory.held_bytes;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "fd00::%x:%x", 1 + i / 60000, 16 + i);
		advance_ms(f, 1);
		learn(f, text, 1400);
		assert_int_equal(path_to(f, text).mtu_bytes, 1400);
	}
	assert_int_equal(f->host.memory.held_bytes, before);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "fd00::%x:%x", 1 + i / 60000, 16 + i);
		known += path_to(f, text).mtu_bytes == 1400;
	}
	assert_true(known > NET_PATH_MTUS_MAX / 2 && known <= NET_PATH_MTUS_MAX);
}

static void without_memory_nothing_is_remembered(void **state)
{
	struct fixture *f = *state;

	f->no_memory = true;
	learn(f, far[0], 1400);
	assert_int_equal(path_to(f, far[0]).mtu_bytes, 1500);
	f->no_memory = false;
	learn(f, far[0], 1400);
	assert_int_equal(path_to(f, far[0]).mtu_bytes, 1400);
}

static uint16_t told(const char *dst, uint16_t mtu, uint16_t quoted)
{
	struct wire_icmp icmp = {
	    .kind = ICMP_PACKET_TOO_BIG, .mtu_bytes = mtu, .quoted_dst = ip(dst), .quoted_bytes = quoted};

	return net_path_mtu_told(&icmp);
}

/* [1191 s7.1; 8201 s4; 8021] */
static void what_a_router_may_say(void **state)
{
	(void)state;
	assert_int_equal(told(far[0], 1400, 1500), 1400);
	assert_int_equal(told(far[0], 68, 1500), 552);
	assert_int_equal(told(far[0], 0, 1500), 1492);
	assert_int_equal(told(far[0], 0, 1492), 1006);
	assert_int_equal(told(far[0], 0, 1006), 552);
	assert_int_equal(told(far[0], 0, 65535), 32000);
	assert_int_equal(told(far[1], 1280, 1500), 1280);
	assert_int_equal(told(far[1], 1279, 1500), 0);
	assert_int_equal(told(far[1], 0, 1500), 0);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(one_destination_is_concerned),  NET_TEST(it_counts_for_ten_minutes),
	    NET_TEST(destinations_are_bounded),      NET_TEST(without_memory_nothing_is_remembered),
	    cmocka_unit_test(what_a_router_may_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
