/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole hosts on links, under virtual time: a stream arrives as it was sent through loss, delay, reordering,
 * duplication and corruption, over both families; large segments pass whole or cut; hosts on a switch find each other;
 * one seed gives one course of events.
 */
#include "link/pair.h"
#include "link/switch.h"

#include <weir/weir.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PORT = 80, CHUNK = 4096 };

struct host {
	struct weir_stack *stack;
	struct link_port port;
	weir_addr v4, v6;
};

/* A stream from one host to another, whose bytes say where they belong. */
struct transfer {
	struct weir_socket *listener, *client, *server;
	uint64_t total, written, read;
	bool shut, ended;
};

static void *allocate(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

static struct host make_host(uint8_t number, enum weir_link_kind kind, uint16_t flags, uint32_t gso_max_bytes)
{
	struct weir_interface interface = {
	    .name = "eth0",
	    .kind = kind,
	    .mac = {2, 0, 0, 0, 0, number},
	    .mtu_bytes = 1500,
	    .flags = flags,
	    .gso_max_bytes = gso_max_bytes,
	};
	struct host host = {.v4 = weir_addr_v4(10, 0, 0, number), .v6 = {.b = {0xfd, [15] = number}}};
	struct weir_config config;
	int ifindex;

	weir_config_init(&config);
	config.allocator = (struct weir_allocator){allocate, release, NULL};
	config.secret[0] = number;
	assert_int_equal(weir_stack_new(&config, (weir_time){0}, &host.stack), 0);
	ifindex = weir_interface_add(host.stack, &interface);
	assert_true(ifindex > 0);
	assert_int_equal(weir_address_add(host.stack, (unsigned)ifindex, &host.v4, 24), 0);
	assert_int_equal(weir_address_add(host.stack, (unsigned)ifindex, &host.v6, 64), 0);
	host.port = link_port_stack(host.stack, (unsigned)ifindex, &interface);
	return host;
}

/* Neighbour discovery is not there yet: the other's address is told. */
static void tell_neighbour(const struct host *host, const struct host *other, uint8_t number)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, number};

	assert_int_equal(weir_neighbour_add(host->stack, host->port.ifindex, &other->v6, mac), 0);
}

static void start(struct transfer *t, struct host *from, struct host *to, bool v6, uint64_t total)
{
	enum weir_family family = v6 ? WEIR_INET6 : WEIR_INET;
	struct weir_endpoint local = {.addr = v6 ? WEIR_ADDR_ANY6 : WEIR_ADDR_ANY4, .port = PORT};
	struct weir_endpoint remote = {.addr = v6 ? to->v6 : to->v4, .port = PORT};

	*t = (struct transfer){.total = total};
	assert_int_equal(weir_socket_new(to->stack, family, WEIR_STREAM, &t->listener), 0);
	assert_int_equal(weir_bind(t->listener, &local), 0);
	assert_int_equal(weir_listen(t->listener, 1), 0);
	assert_int_equal(weir_socket_new(from->stack, family, WEIR_STREAM, &t->client), 0);
	assert_int_equal(weir_connect(t->client, &remote), -WEIR_EINPROGRESS);
}

static uint8_t byte_at(uint64_t position)
{
	return (uint8_t)(position * 31 + (position >> 8) * 7 + (position >> 16));
}

static bool write_some(struct transfer *t)
{
	uint8_t data[CHUNK];
	struct weir_slice piece = {data, CHUNK};
	int64_t n;

	if (t->written == t->total) {
		if (t->shut || weir_shutdown(t->client, WEIR_SHUT_WR) != 0)
			return false;
		t->shut = true;
		return true;
	}
	if (t->total - t->written < CHUNK)
		piece.len = (size_t)(t->total - t->written);
	for (size_t i = 0; i < piece.len; i++)
		data[i] = byte_at(t->written + i);
	n = weir_send(t->client, &piece, 1, 0);
	assert_true(n > 0 || n == -WEIR_EAGAIN);
	if (n > 0)
		t->written += (uint64_t)n;
	return n > 0;
}

static bool read_some(struct transfer *t)
{
	uint8_t data[CHUNK];
	int64_t n;

	if (t->server == NULL && weir_accept(t->listener, &t->server) != 0)
		return false;
	if (t->ended)
		return false;
	n = weir_recv(t->server, data, sizeof data, 0);
	assert_true(n >= 0 || n == -WEIR_EAGAIN);
	for (int64_t i = 0; i < n; i++) {
		if (data[i] != byte_at(t->read + (uint64_t)i))
			fail_msg("byte %llu is wrong", (unsigned long long)t->read + (unsigned long long)i);
	}
	if (n > 0)
		t->read += (uint64_t)n;
	t->ended = n == 0;
	return n >= 0;
}

/* Everything that can happen at this instant. */
static void settle(struct transfer *t, struct host *hosts, unsigned n, struct link *link, weir_time now)
{
	bool again;

	do {
		again = false;
		for (unsigned i = 0; i < n; i++) {
			weir_stack_now(hosts[i].stack, now);
			weir_expire(hosts[i].stack, now);
		}
		while (write_some(t))
			again = true;
		again |= link_step(link, now, 10000) > 0;
		while (read_some(t))
			again = true;
	} while (again);
}

/* Runs until the stream has ended. Returns the instant. */
static weir_time run(struct transfer *t, struct host *hosts, unsigned n, struct link *link)
{
	weir_time now = {0};

	settle(t, hosts, n, link, now);
	while (!t->ended) {
		weir_time next = link_deadline(link);

		for (unsigned i = 0; i < n; i++)
			next = weir_time_min(next, weir_deadline(hosts[i].stack));
		assert_false(weir_time_is_never(next));
		assert_true(next.ns < 3600 * WEIR_NS_PER_S);
		now = weir_time_before(now, next) ? next : now;
		settle(t, hosts, n, link, now);
	}
	assert_int_equal(t->read, t->total);
	return now;
}

static void finish(struct host *hosts, unsigned n, struct link *link)
{
	link_free(link);
	for (unsigned i = 0; i < n; i++)
		weir_stack_free(hosts[i].stack);
}

struct outcome {
	weir_time end;
	struct link_fault_stats stats[2];
};

static struct outcome through_faults(uint64_t seed, uint16_t flags, bool v6, uint32_t gso_max_bytes, uint64_t total)
{
	struct link_fault_spec spec = {
	    .delay = weir_ms(20),
	    .loss = link_chance_ppm(10000),
	    .duplicate = link_chance_ppm(10000),
	    .corrupt = link_chance_ppm(2000),
	    .reorder = link_chance_ppm(20000),
	    .reorder_delay = weir_ms(3),
	    .seed = seed,
	};
	struct host hosts[2] = {make_host(1, WEIR_LINK_IP, flags, gso_max_bytes), make_host(2, WEIR_LINK_IP, flags, 0)};
	struct link_pair *pair = NULL;
	struct outcome outcome;
	struct transfer t;

	assert_int_equal(link_pair_new(&hosts[0].port, &hosts[1].port, &spec, &spec, &pair), 0);
	start(&t, &hosts[0], &hosts[1], v6, total);
	outcome.end = run(&t, hosts, 2, &pair->link);
	outcome.stats[0] = *link_fault_stats(pair->fault[0]);
	outcome.stats[1] = *link_fault_stats(pair->fault[1]);
	finish(hosts, 2, &pair->link);
	return outcome;
}

static void a_stream_survives_every_fault(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct outcome o = through_faults(seed, 0, seed % 2 == 0, seed % 3 == 0 ? 65535 : 0, 1 << 20);

		assert_true(o.stats[0].lost > 0 && o.stats[0].reordered > 0 && o.stats[0].duplicated > 0);
	}
}

/* The receiver verifies what the injector had to sum before it flipped a bit, and trusts the rest. */
static void checksums_left_out_do_not_hide_corruption(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct outcome with = through_faults(3, 0, v6, 0, 1 << 20);
		struct outcome without = through_faults(3, WEIR_IF_CHECKSUM_LATER, v6, 0, 1 << 20);

		assert_true(without.stats[0].corrupted > 0);
		assert_int_equal(without.end.ns, with.end.ns);
		assert_memory_equal(without.stats, with.stats, sizeof with.stats);
	}
}

static void one_seed_gives_one_course_of_events(void **state)
{
	struct outcome first = through_faults(9, 0, false, 0, 300000), second = through_faults(9, 0, false, 0, 300000);

	(void)state;
	assert_int_equal(first.end.ns, second.end.ns);
	assert_memory_equal(first.stats, second.stats, sizeof first.stats);
}

/* A queue of 20 packets before 1 MB/s: the stream gets most of the rate, and not more. */
static void a_bottleneck_is_used_and_not_exceeded(void **state)
{
	struct link_fault_spec forth = {.delay = weir_ms(5), .rate_bytes_per_s = 1000000, .queue_packets = 20};
	struct link_fault_spec back = {.delay = weir_ms(5)};
	struct host hosts[2] = {make_host(1, WEIR_LINK_IP, 0, 0), make_host(2, WEIR_LINK_IP, 0, 0)};
	struct link_pair *pair = NULL;
	struct transfer t;
	weir_time end;

	(void)state;
	assert_int_equal(link_pair_new(&hosts[0].port, &hosts[1].port, &forth, &back, &pair), 0);
	start(&t, &hosts[0], &hosts[1], false, 5000000);
	end = run(&t, hosts, 2, &pair->link);
	assert_true(end.ns > 5 * WEIR_NS_PER_S);
	assert_true(end.ns < 7 * WEIR_NS_PER_S);
	finish(hosts, 2, &pair->link);
}

/* Large segments, whole where both ends take them, else cut; without checksums where both agree. */
static void large_segments_pass(uint16_t flags, uint32_t gso_receiver, bool v6)
{
	struct host hosts[2] = {make_host(1, WEIR_LINK_IP, flags, 65535),
	                        make_host(2, WEIR_LINK_IP, flags, gso_receiver)};
	struct link_pair *pair = NULL;
	struct transfer t;

	assert_int_equal(link_pair_new(&hosts[0].port, &hosts[1].port, NULL, NULL, &pair), 0);
	start(&t, &hosts[0], &hosts[1], v6, 4 << 20);
	run(&t, hosts, 2, &pair->link);
	assert_int_equal(pair->traffic[0].refused, 0);
	/* Far fewer packets than segments of 1460 bytes would be. */
	assert_true(pair->traffic[0].packets < (4 << 20) / 1460 / 4);
	finish(hosts, 2, &pair->link);
}

static void large_segments_pass_whole_or_cut(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		large_segments_pass(0, 65535, v6);
		large_segments_pass(WEIR_IF_NO_CHECKSUM, 65535, v6);
		large_segments_pass(0, 0, v6);
		large_segments_pass(WEIR_IF_NO_CHECKSUM, 0, v6);
	}
}

static void hosts_on_a_switch_find_each_other(void **state)
{
	struct link_fault_spec lossy = {.delay = weir_ms(2), .loss = link_chance_ppm(20000), .seed = 5};

	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct link_switch *sw = NULL;
		struct host hosts[3];
		struct transfer t;

		assert_int_equal(link_switch_new(0, 1, &sw), 0);
		for (uint8_t i = 0; i < 3; i++) {
			hosts[i] = make_host(i + 1, WEIR_LINK_ETHERNET, 0, 0);
			assert_int_equal(
			    link_switch_add(sw, &hosts[i].port, i == 2 ? &lossy : NULL, i == 2 ? &lossy : NULL), i);
		}
		tell_neighbour(&hosts[0], &hosts[2], 3);
		tell_neighbour(&hosts[2], &hosts[0], 1);
		start(&t, &hosts[0], &hosts[2], v6, 200000);
		run(&t, hosts, 3, &sw->link);
		/* Only what is flooded comes to the one in the middle: announcements and requests of ARP. */
		assert_true(sw->port[1].to.packets <= 6);
		assert_true(sw->stats.forwarded > 150);
		finish(hosts, 3, &sw->link);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stream_survives_every_fault),
	    cmocka_unit_test(checksums_left_out_do_not_hide_corruption),
	    cmocka_unit_test(one_seed_gives_one_course_of_events),
	    cmocka_unit_test(a_bottleneck_is_used_and_not_exceeded),
	    cmocka_unit_test(large_segments_pass_whole_or_cut),
	    cmocka_unit_test(hosts_on_a_switch_find_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
