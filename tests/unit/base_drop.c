/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of counters: names that are unique and fit for a machine, texts for people; and what a host does with a
 * drop.
 */
#include "base/host.h"
#include "base_fixture.h"

static void names_are_unique_and_plain(void **state)
{
	(void)state;
	for (int i = 0; i < DROP_COUNT; i++) {
		const char *name = drop_name((enum drop)i);

		assert_true(strlen(name) > 1 && strlen(drop_text((enum drop)i)) > 1);
		for (const char *c = name; *c; c++)
			assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_');
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, drop_name((enum drop)k));
	}
	assert_string_equal(drop_name(drop_tcp_checksum), "tcp_checksum");
	assert_string_equal(drop_text(drop_tcp_checksum), "bad TCP checksum");
	assert_string_equal(drop_name(DROP_COUNT), "?");
	assert_string_equal(drop_text(DROP_COUNT), "?");
}

static void remember(void *ctx, const struct weir_event *event)
{
	*(struct weir_event *)ctx = *event;
}

static void drop_is_counted_and_told(void **state)
{
	struct store store;
	struct memory unused;
	struct weir_event event = {0};
	struct weir_observer observer = {remember, &event};
	struct weir_config config = {.allocator = {store_alloc, store_free, &store}};
	struct host h;

	(void)state;
	store_init(&store, &unused);
	host_init(&h, &config, (weir_time){77});
	host_drop(&h, drop_ip_short, 5);
	assert_int_equal(h.counters.value[drop_ip_short], 1);
	assert_int_equal(event.kind, 0);
	h.config.observer = &observer;
	host_drop(&h, drop_ip_short, 5);
	assert_int_equal(h.counters.value[drop_ip_short], 2);
	assert_int_equal(event.kind, WEIR_EVENT_DROP);
	assert_int_equal(event.at.ns, 77);
	assert_int_equal(event.socket_id, 5);
	assert_string_equal(event.reason, "ip_short");
	host_count_n(&h, drop_udp_in, 3);
	assert_int_equal(h.counters.value[drop_udp_in], 3);
	host_deinit(&h);
	assert_int_equal(store.blocks, 0);
}

static void keys_of_a_host_differ_and_follow_the_secret(void **state)
{
	struct weir_config config = {.secret = {1, 2, 3}};
	struct host a, b, c;

	(void)state;
	host_init(&a, &config, (weir_time){0});
	host_init(&b, &config, (weir_time){9});
	config.secret[15] ^= 1;
	host_init(&c, &config, (weir_time){0});
	assert_true(a.key_isn.k0 == b.key_isn.k0 && a.key_isn.k1 == b.key_isn.k1);
	assert_true(a.key_port.k0 == b.key_port.k0 && a.key_demux.k1 == b.key_demux.k1);
	assert_true(a.key_isn.k0 != c.key_isn.k0 && a.key_demux.k0 != c.key_demux.k0 && a.key_port.k0 != c.key_port.k0);
	assert_true(a.key_isn.k0 != a.key_demux.k0 && a.key_demux.k0 != a.key_port.k0 && a.key_isn.k0 != a.key_port.k0);
	assert_true(a.key_ip_id.k0 != a.key_isn.k0 && a.key_ip_id.k0 != a.key_port.k0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_are_unique_and_plain),
	    cmocka_unit_test(drop_is_counted_and_told),
	    cmocka_unit_test(keys_of_a_host_differ_and_follow_the_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
