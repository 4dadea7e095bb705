/* SPDX-License-Identifier: Apache-2.0
 *
 * Pair and switch: who gets a frame, in what order, copied or not, and what the address table remembers.
 */
#include "link/pair.h"
#include "link/switch.h"

#include <weir/error.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "link_fake.h"

enum { HOSTS = 4, FRAME_BYTES = 60 };

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct network {
	struct link_switch *sw;
	struct fake host[HOSTS];
	uint8_t frame[32][FRAME_BYTES];
	unsigned frames;
};

static void mac_of(unsigned host, uint8_t mac[6])
{
	static const uint8_t prefix[5] = {0x02, 0, 0, 0, 0};

	memcpy(mac, prefix, sizeof prefix);
	mac[5] = (uint8_t)host;
}

/* Queues a frame at a host; the last byte is its number. */
static void frame_to(struct network *net, unsigned from, const uint8_t dst[6], unsigned number)
{
	uint8_t *frame = net->frame[net->frames++];

	memset(frame, 0, FRAME_BYTES);
	memcpy(frame, dst, 6);
	mac_of(from, frame + 6);
	frame[FRAME_BYTES - 1] = (uint8_t)number;
	fake_queue(&net->host[from], fake_packet(frame, FRAME_BYTES));
}

static void frame_between(struct network *net, unsigned from, unsigned to, unsigned number)
{
	uint8_t dst[6];

	mac_of(to, dst);
	frame_to(net, from, dst, number);
}

static int setup(void **state)
{
	struct network *net = calloc(1, sizeof *net);

	if (net == NULL || link_switch_new(0, 42, &net->sw) != 0)
		return -1;
	for (unsigned i = 0; i < HOSTS; i++) {
		struct link_port port = fake_port(&net->host[i], WEIR_LINK_ETHERNET);

		if (link_switch_add(net->sw, &port, NULL, NULL) != (int)i)
			return -1;
	}
	*state = net;
	return 0;
}

static int teardown(void **state)
{
	struct network *net = *state;

	link_free(&net->sw->link);
	for (unsigned i = 0; i < HOSTS; i++)
		fake_clear(&net->host[i]);
	free(net);
	return 0;
}

static size_t step(struct network *net, int64_t now_ns)
{
	return link_step(&net->sw->link, (weir_time){now_ns}, 1000);
}

static void assert_received(const struct network *net, unsigned host, size_t count)
{
	assert_int_equal(net->host[host].received, count);
}

static void unknown_is_flooded_known_is_not(void **state)
{
	struct network *net = *state;

	frame_between(net, 0, 1, 1);
	assert_true(link_pending(&net->sw->link, (weir_time){0}));
	assert_int_equal(step(net, 0), 1);
	assert_false(link_pending(&net->sw->link, (weir_time){0}));
	for (unsigned i = 1; i < HOSTS; i++)
		assert_received(net, i, 1);
	assert_received(net, 0, 0);
	/* The answer goes to where 0 was seen, only. */
	frame_between(net, 1, 0, 2);
	step(net, 0);
	assert_received(net, 0, 1);
	assert_received(net, 2, 1);
	frame_between(net, 0, 1, 3);
	step(net, 0);
	assert_received(net, 1, 2);
	assert_received(net, 2, 1);
	assert_int_equal(net->sw->stats.flooded, 1);
	assert_int_equal(net->sw->stats.forwarded, 2);
}

static void broadcast_goes_to_all_others(void **state)
{
	struct network *net = *state;

	frame_to(net, 2, broadcast, 1);
	step(net, 0);
	assert_received(net, 0, 1);
	assert_received(net, 1, 1);
	assert_received(net, 2, 0);
	assert_received(net, 3, 1);
}

static void frames_pass_without_a_copy_and_in_runs(void **state)
{
	struct network *net = *state;

	frame_to(net, 1, broadcast, 0);
	frame_to(net, 2, broadcast, 0);
	step(net, 0);
	for (unsigned i = 0; i < HOSTS; i++)
		fake_clear(&net->host[i]);
	net->frames = 0;
	for (unsigned i = 0; i < 6; i++)
		frame_between(net, 0, i < 4 ? 1 : 2, i);
	step(net, 0);
	assert_received(net, 1, 4);
	assert_received(net, 2, 2);
	assert_received(net, 3, 0);
	assert_int_equal(net->host[1].calls, 1);
	assert_int_equal(net->host[2].calls, 1);
	for (unsigned i = 0; i < 4; i++) {
		assert_ptr_equal(net->host[1].got[i].first_slice, net->frame[i]);
		assert_int_equal(net->host[1].got[i].data[FRAME_BYTES - 1], i);
	}
}

static void what_is_not_for_a_bridge_to_pass_is_dropped(void **state)
{
	static const uint8_t reserved[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e}, runt[13] = {0};
	struct network *net = *state;

	frame_to(net, 0, reserved, 1);
	frame_between(net, 0, 0, 2); /* learned from the frame before: it is behind the same port */
	fake_queue(&net->host[0], fake_packet(runt, sizeof runt));
	frame_to(net, 0, broadcast, 3);
	memcpy(net->frame[2] + 6, broadcast, 6);
	step(net, 0);
	for (unsigned i = 0; i < HOSTS; i++)
		assert_received(net, i, 0);
	assert_int_equal(net->sw->stats.filtered, 2);
	assert_int_equal(net->sw->stats.short_frames, 1);
	assert_int_equal(net->sw->stats.bad_source, 1);
}

static void a_host_that_moves_is_followed_and_an_old_one_forgotten(void **state)
{
	struct network *net = *state;

	frame_to(net, 1, broadcast, 0);
	step(net, 0);
	frame_to(net, 3, broadcast, 0);
	mac_of(1, net->frame[1] + 6); /* 1's address now speaks behind port 3 */
	step(net, 1);
	frame_between(net, 0, 1, 9);
	step(net, 2);
	assert_int_equal(net->host[3].got[net->host[3].received - 1].data[FRAME_BYTES - 1], 9);
	assert_int_equal(net->sw->stats.forwarded, 1);
	/* After 300 s of silence it is unknown again. */
	frame_between(net, 0, 1, 10);
	step(net, (MACTAB_AGE_S + 1) * WEIR_NS_PER_S + 2);
	assert_int_equal(net->sw->stats.flooded, 3);
}

static void a_removed_port_gets_nothing_and_its_place_is_used_again(void **state)
{
	struct network *net = *state;
	struct link_port port = fake_port(&net->host[1], WEIR_LINK_ETHERNET);

	frame_to(net, 1, broadcast, 0);
	step(net, 0);
	link_switch_remove(net->sw, 1);
	frame_between(net, 0, 1, 1);
	step(net, 0);
	assert_received(net, 1, 0);
	assert_received(net, 2, 2);
	assert_int_equal(link_switch_add(net->sw, &port, NULL, NULL), 1);
	frame_between(net, 0, 1, 2);
	step(net, 0);
	assert_received(net, 1, 1);
	port.kind = WEIR_LINK_IP;
	assert_int_equal(link_switch_add(net->sw, &port, NULL, NULL), -WEIR_EINVAL);
}

static void faults_befall_one_port_only(void **state)
{
	struct network *net = *state;

	assert_int_equal(link_switch_set_fault(net->sw, 1, true, &(struct link_fault_spec){.delay = {500}}), 0);
	assert_int_equal(link_switch_set_fault(net->sw, 0, false, &(struct link_fault_spec){.delay = {100}}), 0);
	frame_to(net, 0, broadcast, 1);
	step(net, 0);
	assert_received(net, 2, 0);
	assert_int_equal(link_deadline(&net->sw->link).ns, 100);
	step(net, 100);
	assert_received(net, 2, 1);
	assert_received(net, 1, 0);
	assert_int_equal(link_deadline(&net->sw->link).ns, 600);
	step(net, 600);
	assert_received(net, 1, 1);
	assert_true(weir_time_is_never(link_deadline(&net->sw->link)));
	assert_ptr_not_equal(net->host[1].got[0].first_slice, net->frame[0]);
}

static void two_ports_of_one_owner_exchange_copies(void **state)
{
	struct network *net = *state;
	struct link_port port = fake_port(&net->host[0], WEIR_LINK_ETHERNET);

	assert_int_equal(link_switch_add(net->sw, &port, NULL, NULL), HOSTS);
	frame_to(net, 0, broadcast, 1);
	step(net, 0);
	assert_received(net, 0, 1);
	assert_ptr_not_equal(net->host[0].got[0].first_slice, net->frame[0]);
	assert_ptr_equal(net->host[1].got[0].first_slice, net->frame[0]);
}

static void the_address_table_is_bounded(void **state)
{
	struct mactab table;
	unsigned known = 0;

	(void)state;
	assert_true(mactab_init(&table, 256, 1));
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t mac[6] = {2, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		mactab_learn(&table, mac, i % 7, (weir_time){i});
		assert_int_equal(mactab_find(&table, mac, (weir_time){i}), i % 7);
	}
	assert_true(table.used <= 256);
	for (unsigned i = 100000 - 64; i < 100000; i++) {
		uint8_t mac[6] = {2, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		known += mactab_find(&table, mac, (weir_time){100000}) == (int)(i % 7);
	}
	/* The newest stay: the one not seen for longest goes. */
	assert_true(known >= 60);
	for (unsigned port = 0; port < 7; port++)
		mactab_forget(&table, port);
	assert_int_equal(table.used, 0);
	mactab_deinit(&table);
}

static void a_pair_hands_over_at_once(void **state)
{
	static const uint8_t there[] = "there", back[] = "back";
	struct fake host[2] = {0};
	struct link_port a = fake_port(&host[0], WEIR_LINK_IP), b = fake_port(&host[1], WEIR_LINK_IP);
	struct link_pair *pair = NULL;

	(void)state;
	assert_int_equal(link_pair_new(&a, &b, NULL, NULL, &pair), 0);
	for (unsigned i = 0; i < 100; i++)
		fake_queue(&host[0], fake_packet(there, sizeof there));
	fake_queue(&host[1], fake_packet(back, sizeof back));
	assert_true(link_pending(&pair->link, (weir_time){0}));
	assert_int_equal(link_step(&pair->link, (weir_time){0}, 1), LINK_BATCH + 1);
	assert_int_equal(link_step(&pair->link, (weir_time){0}, 1000), 100 - LINK_BATCH);
	assert_int_equal(link_step(&pair->link, (weir_time){0}, 1000), 0);
	assert_false(link_pending(&pair->link, (weir_time){0}));
	assert_int_equal(host[1].received, 100);
	assert_int_equal(host[1].calls, 2);
	assert_ptr_equal(host[1].got[0].first_slice, there);
	assert_ptr_equal(host[0].got[0].first_slice, back);
	assert_int_equal(pair->traffic[0].packets, 100);
	assert_int_equal(pair->traffic[0].bytes, 100 * sizeof there);
	link_free(&pair->link);
	fake_clear(&host[0]);
	fake_clear(&host[1]);
}

static void a_pair_with_faults_tells_its_deadline(void **state)
{
	static const uint8_t data[100] = {0};
	struct fake host[2] = {0};
	struct link_port a = fake_port(&host[0], WEIR_LINK_IP), b = fake_port(&host[1], WEIR_LINK_IP);
	struct link_fault_spec delay = {.delay = weir_ms(10)}, wrong = {.delay = {-1}};
	struct link_pair *pair = NULL;

	(void)state;
	assert_int_equal(link_pair_new(&a, &b, NULL, &wrong, &pair), -WEIR_EINVAL);
	assert_int_equal(link_pair_new(&a, &b, &delay, NULL, &pair), 0);
	fake_queue(&host[0], fake_packet(data, sizeof data));
	fake_queue(&host[1], fake_packet(data, sizeof data));
	link_step(&pair->link, (weir_time){0}, 1000);
	assert_int_equal(host[0].received, 1);
	assert_int_equal(host[1].received, 0);
	assert_int_equal(link_deadline(&pair->link).ns, 10 * WEIR_NS_PER_MS);
	assert_false(link_pending(&pair->link, (weir_time){0}));
	assert_true(link_pending(&pair->link, (weir_time){10 * WEIR_NS_PER_MS}));
	assert_int_equal(link_step(&pair->link, (weir_time){10 * WEIR_NS_PER_MS}, 1000), 1);
	assert_int_equal(host[1].received, 1);
	assert_int_equal(link_pair_set_fault(pair, 1, &delay), 0);
	assert_int_equal(link_pair_set_fault(pair, 1, &wrong), -WEIR_EINVAL);
	link_free(&pair->link);
	fake_clear(&host[0]);
	fake_clear(&host[1]);
}

static void ends_of_different_kinds_do_not_fit(void **state)
{
	struct fake host[2] = {0};
	struct link_port a = fake_port(&host[0], WEIR_LINK_IP), b = fake_port(&host[1], WEIR_LINK_ETHERNET);
	struct link_pair *pair = NULL;

	(void)state;
	assert_int_equal(link_pair_new(&a, &b, NULL, NULL, &pair), -WEIR_EINVAL);
	assert_null(pair);
	link_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(unknown_is_flooded_known_is_not, setup, teardown),
	    cmocka_unit_test_setup_teardown(broadcast_goes_to_all_others, setup, teardown),
	    cmocka_unit_test_setup_teardown(frames_pass_without_a_copy_and_in_runs, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_for_a_bridge_to_pass_is_dropped, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_host_that_moves_is_followed_and_an_old_one_forgotten, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_removed_port_gets_nothing_and_its_place_is_used_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(faults_befall_one_port_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(two_ports_of_one_owner_exchange_copies, setup, teardown),
	    cmocka_unit_test(the_address_table_is_bounded),
	    cmocka_unit_test(a_pair_hands_over_at_once),
	    cmocka_unit_test(a_pair_with_faults_tells_its_deadline),
	    cmocka_unit_test(ends_of_different_kinds_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
