/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault injector: delays and rates to the nanosecond, queue bounds to the packet, probabilities within
 * what chance allows, one seed one outcome, and the aim.
 */
#include "link/fault.h"
#include "link/random.h"
#include "wire/ip.h"

#include <weir/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct link_fault *make(const struct link_fault_spec *spec)
{
	struct link_fault *fault = NULL;

	assert_int_equal(link_fault_new(spec, WEIR_LINK_IP, &fault), 0);
	return fault;
}

/* One packet of len bytes whose first four are its number. */
static void push(struct link_fault *fault, uint32_t number, uint32_t len, int64_t now_ns)
{
	uint8_t data[2048] = {0};
	struct weir_packet packet = {.slice[0] = {data, 4}, .slice[1] = {data + 4, len - 4}, .slices = 2, .len = len};

	memcpy(data, &number, sizeof number);
	link_fault_push(fault, &packet, 1, (weir_time){now_ns});
}

/* Takes one packet that is due: its number, or -1. */
static int64_t pull(struct link_fault *fault, int64_t now_ns)
{
	struct weir_packet packet;
	uint32_t number;

	if (link_fault_pull(fault, (weir_time){now_ns}, &packet, 1) == 0)
		return -1;
	memcpy(&number, packet.slice[0].data, sizeof number);
	return number;
}

static void random_numbers_are_those_of_the_authors(void **state)
{
	struct link_random r = {{1, 2, 3, 4}};

	(void)state;
	assert_int_equal(link_random_next(&r), 11520);
	assert_int_equal(link_random_next(&r), 0);
	assert_int_equal(link_random_next(&r), 1509978240);
	assert_true(link_random_next(&r) == UINT64_C(1215971899390074240));
	link_random_init(&r, 0);
	assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf) && r.s[1] == UINT64_C(0x6e789e6aa1b965f4));
	assert_int_equal(link_random_below(UINT64_MAX, 10), 9);
	assert_int_equal(link_random_below(0, 10), 0);
}

static void delay_is_exact(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.delay = weir_ms(20)});

	(void)state;
	assert_true(weir_time_is_never(link_fault_deadline(fault)));
	push(fault, 1, 100, 5);
	push(fault, 2, 100, 6);
	assert_int_equal(link_fault_deadline(fault).ns, 20000005);
	assert_int_equal(pull(fault, 20000004), -1);
	assert_int_equal(pull(fault, 20000005), 1);
	assert_int_equal(pull(fault, 20000005), -1);
	assert_int_equal(pull(fault, 20000006), 2);
	assert_true(weir_time_is_never(link_fault_deadline(fault)));
	assert_int_equal(link_fault_stats(fault)->delivered, 2);
	assert_int_equal(link_fault_stats(fault)->delivered_bytes, 200);
	link_fault_free(fault);
}

static void rate_is_exact_over_many_packets(void **state)
{
	/* 3 bytes a second: 100 bytes take 33,333,333,333 1/3 ns, and three packets exactly 100 s. */
	struct link_fault *fault = make(&(struct link_fault_spec){.rate_bytes_per_s = 3});

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		push(fault, i, 100, 0);
	assert_int_equal(link_fault_deadline(fault).ns, INT64_C(33333333333));
	assert_int_equal(pull(fault, INT64_C(33333333333)), 0);
	assert_int_equal(link_fault_deadline(fault).ns, INT64_C(66666666666));
	assert_int_equal(pull(fault, INT64_C(66666666666)), 1);
	assert_int_equal(link_fault_deadline(fault).ns, INT64_C(100000000000));
	link_fault_free(fault);
}

static void idle_wire_sends_at_once(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.rate_bytes_per_s = 1000000});

	(void)state;
	push(fault, 1, 1000, 0);
	assert_int_equal(pull(fault, WEIR_NS_PER_MS), 1);
	push(fault, 2, 1000, 10 * WEIR_NS_PER_MS);
	assert_int_equal(link_fault_deadline(fault).ns, 11 * WEIR_NS_PER_MS);
	link_fault_free(fault);
}

static void queue_drops_its_tail(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.rate_bytes_per_s = 1000000, .queue_packets = 3});
	size_t packets;
	uint64_t bytes;

	(void)state;
	/* One on the wire, three behind it, two refused. */
	for (uint32_t i = 0; i < 6; i++)
		push(fault, i, 1000, 0);
	link_fault_queue(fault, (weir_time){0}, &packets, &bytes);
	assert_int_equal(packets, 3);
	assert_int_equal(bytes, 3000);
	assert_int_equal(link_fault_stats(fault)->queue_drops, 2);
	/* When the next goes onto the wire there is a place again. */
	push(fault, 6, 1000, WEIR_NS_PER_MS);
	push(fault, 7, 1000, WEIR_NS_PER_MS);
	assert_int_equal(link_fault_stats(fault)->queue_drops, 3);
	for (int64_t i = 0; i < 4; i++)
		assert_int_equal(pull(fault, (i + 1) * WEIR_NS_PER_MS), i);
	assert_int_equal(pull(fault, 5 * WEIR_NS_PER_MS), 6);
	assert_int_equal(pull(fault, 100 * WEIR_NS_PER_MS), -1);
	link_fault_free(fault);
}

static void queue_is_bounded_in_bytes(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.rate_bytes_per_s = 1000000, .queue_bytes = 1500});

	(void)state;
	push(fault, 0, 1000, 0);
	push(fault, 1, 1000, 0);
	push(fault, 2, 501, 0);
	push(fault, 3, 500, 0);
	assert_int_equal(link_fault_stats(fault)->queue_drops, 1);
	assert_int_equal(pull(fault, WEIR_NS_PER_S), 0);
	assert_int_equal(pull(fault, WEIR_NS_PER_S), 1);
	assert_int_equal(pull(fault, WEIR_NS_PER_S), 3);
	link_fault_free(fault);
}

struct outcome {
	struct link_fault_stats stats;
	uint64_t trace; /* FNV-1a of all that came out, in order, with its instants */
};

static struct outcome run(const struct link_fault_spec *spec, uint32_t packets)
{
	struct link_fault *fault = make(spec);
	struct outcome outcome = {.trace = UINT64_C(0xcbf29ce484222325)};
	struct weir_packet packet;

	for (uint32_t i = 0; i < packets; i++) {
		push(fault, i, 64, i * INT64_C(1000));
		while (link_fault_pull(fault, (weir_time){i * INT64_C(1000)}, &packet, 1) == 1) {
			for (size_t b = 0; b < packet.len; b++)
				outcome.trace = (outcome.trace ^ packet.slice[0].data[b]) * UINT64_C(0x100000001b3);
			outcome.trace = (outcome.trace ^ i) * UINT64_C(0x100000001b3);
		}
	}
	while (link_fault_pull(fault, (weir_time){INT64_MAX / 2}, &packet, 1) == 1)
		;
	outcome.stats = *link_fault_stats(fault);
	link_fault_free(fault);
	return outcome;
}

static const struct link_fault_spec everything = {
    .delay = {10000},
    .jitter = {3000},
    .loss = UINT32_MAX / 100,
    .duplicate = UINT32_MAX / 50,
    .corrupt = UINT32_MAX / 200,
    .reorder = UINT32_MAX / 25,
    .reorder_delay = {20000},
    .seed = 7,
};

/* Within five standard deviations of what a probability says: fails by chance once in millions of seeds, and the seed
 * is fixed. */
static void assert_about(uint64_t count, uint64_t of, uint64_t one_in)
{
	uint64_t expected = of / one_in, difference = count > expected ? count - expected : expected - count;

	assert_true(difference * difference <= 25 * expected);
}

static void faults_happen_as_often_as_specified(void **state)
{
	struct outcome o = run(&everything, 100000);
	uint64_t crossed = o.stats.taken - o.stats.lost;

	(void)state;
	assert_int_equal(o.stats.taken, 100000);
	assert_about(o.stats.lost, o.stats.taken, 100);
	assert_about(o.stats.duplicated, crossed, 50);
	assert_about(o.stats.corrupted, crossed, 200);
	/* A packet is late with one in 25 and then overtaken by some of those of the next 20 us. */
	assert_true(o.stats.reordered > crossed / 26 && o.stats.reordered < crossed / 20);
	assert_int_equal(o.stats.delivered, crossed + o.stats.duplicated);
	assert_int_equal(o.stats.delivered_bytes, o.stats.delivered * 64);
}

static void one_seed_one_outcome(void **state)
{
	struct outcome first = run(&everything, 20000), second = run(&everything, 20000), other;
	struct link_fault_spec spec = everything;

	(void)state;
	assert_true(first.trace == second.trace);
	assert_memory_equal(&first.stats, &second.stats, sizeof first.stats);
	spec.seed = 8;
	other = run(&spec, 20000);
	assert_true(first.trace != other.trace);
	/* Another duplication leaves the losses where they were. */
	spec = everything;
	spec.duplicate = 0;
	other = run(&spec, 20000);
	assert_int_equal(other.stats.lost, first.stats.lost);
	assert_int_equal(other.stats.corrupted, first.stats.corrupted);
}

static void jitter_keeps_the_order(void **state)
{
	struct outcome o = run(&(struct link_fault_spec){.delay = {10000}, .jitter = {500000}}, 20000);

	(void)state;
	assert_int_equal(o.stats.reordered, 0);
	assert_int_equal(o.stats.delivered, 20000);
}

static void always_is_always(void **state)
{
	struct outcome o = run(&(struct link_fault_spec){.loss = LINK_ALWAYS}, 1000);

	(void)state;
	assert_int_equal(o.stats.lost, 1000);
	assert_int_equal(link_chance_ppm(1000000), LINK_ALWAYS);
	assert_int_equal(link_chance_ppm(500000), UINT32_C(1) << 31);
	assert_int_equal(link_chance_ppm(0), 0);
}

static void corruption_flips_one_bit(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.corrupt = LINK_ALWAYS, .seed = 3});
	struct weir_packet packet;

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		unsigned ones = 0;

		push(fault, 0, 300, 0);
		assert_int_equal(link_fault_pull(fault, (weir_time){0}, &packet, 1), 1);
		assert_int_equal(packet.len, 300);
		for (size_t b = 0; b < packet.len; b++)
			ones += (unsigned)__builtin_popcount(packet.slice[0].data[b]);
		assert_int_equal(ones, 1);
	}
	link_fault_free(fault);
}

static void what_is_under_way_is_bounded(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.delay = weir_s(1), .held_bytes = 2500});

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		push(fault, i, 1000, 0);
	assert_int_equal(link_fault_stats(fault)->held_drops, 3);
	assert_int_equal(pull(fault, WEIR_NS_PER_S), 0);
	push(fault, 9, 1000, WEIR_NS_PER_S);
	assert_int_equal(pull(fault, 2 * WEIR_NS_PER_S), 1);
	assert_int_equal(pull(fault, 2 * WEIR_NS_PER_S), 9);
	link_fault_free(fault);
}

/* Aims at packets by their number: 1 dropped, 2 delayed by 50, 3 held, 4 doubled, 5 spared. */
static struct link_aim aim(void *ctx, const struct weir_packet *packet, uint64_t index, weir_time now)
{
	static const struct link_aim at[] = {
	    {LINK_AIM_NONE, {0}}, {LINK_AIM_DROP, {0}},      {LINK_AIM_DELAY, {50}},
	    {LINK_AIM_HOLD, {0}}, {LINK_AIM_DUPLICATE, {0}}, {LINK_AIM_SPARE, {0}},
	};
	uint32_t number;

	(void)now;
	memcpy(&number, packet->slice[0].data, sizeof number);
	assert_int_equal(packet->slices, 1);
	assert_int_equal(number, index);
	*(uint64_t *)ctx = index;
	return at[index % 6];
}

static void the_aim_picks_single_packets(void **state)
{
	struct link_fault *fault = make(NULL);
	uint64_t last = 0;

	(void)state;
	link_fault_aim(fault, aim, &last);
	for (uint32_t i = 0; i < 6; i++)
		push(fault, i, 64, 0);
	assert_int_equal(last, 5);
	assert_int_equal(pull(fault, 0), 0);
	assert_int_equal(pull(fault, 0), 4);
	assert_int_equal(pull(fault, 0), 4);
	assert_int_equal(pull(fault, 0), 5);
	assert_int_equal(pull(fault, 0), -1);
	assert_int_equal(link_fault_deadline(fault).ns, 50);
	assert_int_equal(pull(fault, 50), 2);
	assert_int_equal(pull(fault, 1000), -1);
	assert_int_equal(link_fault_release(fault, (weir_time){1000}), 1);
	assert_int_equal(pull(fault, 1000), 3);
	assert_int_equal(link_fault_stats(fault)->aimed_drops, 1);
	assert_int_equal(link_fault_stats(fault)->duplicated, 1);
	assert_int_equal(link_fault_stats(fault)->reordered, 2);
	link_fault_free(fault);
}

static void an_aimed_packet_suffers_nothing_random(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.loss = LINK_ALWAYS});
	uint64_t last = 0;

	(void)state;
	link_fault_aim(fault, aim, &last);
	for (uint32_t i = 0; i < 6; i++)
		push(fault, i, 64, 0);
	assert_int_equal(pull(fault, 0), 4);
	assert_int_equal(pull(fault, 0), 4);
	assert_int_equal(pull(fault, 0), 5);
	assert_int_equal(link_fault_stats(fault)->lost, 1);
	/* Held and never released, and under way: freed with the injector. */
	link_fault_free(fault);
}

static void faults_change_while_packets_are_under_way(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.delay = {100}});

	(void)state;
	push(fault, 1, 64, 0);
	assert_int_equal(link_fault_set(fault, &(struct link_fault_spec){.loss = LINK_ALWAYS}), 0);
	push(fault, 2, 64, 1);
	assert_int_equal(link_fault_set(fault, NULL), 0);
	push(fault, 3, 64, 2);
	assert_int_equal(pull(fault, 99), -1);
	assert_int_equal(pull(fault, 100), 1);
	/* Order is kept: 3 does not overtake 1 because the delay went away. */
	assert_int_equal(pull(fault, 100), 3);
	assert_int_equal(pull(fault, 100), -1);
	link_fault_free(fault);
}

/* A TCP segment of an IP packet with these two bits. */
static size_t make_packet(uint8_t *out, bool v6, enum ip_ecn ecn)
{
	struct wire_ip ip = {.src = weir_addr_v4(10, 0, 0, 1),
	                     .dst = weir_addr_v4(10, 0, 0, 2),
	                     .protocol = IP_TCP,
	                     .ttl = 64,
	                     .tos = (uint8_t)(0x28 | ecn),
	                     .payload_bytes = 20};

	if (v6) {
		ip.src = (weir_addr){.b = {0xfd, [15] = 1}};
		ip.dst = (weir_addr){.b = {0xfd, [15] = 2}};
	}
	memset(out, 0, 80);
	return wire_ip_emit(out, &ip) + 20;
}

/* The type of service of what comes out; its header must be right. */
static int pass(struct link_fault *fault, bool v6, enum ip_ecn ecn, int64_t in_ns, int64_t out_ns)
{
	uint8_t data[80];
	size_t len = make_packet(data, v6, ecn);
	struct weir_packet packet = {.slice[0] = {data, len}, .slices = 1, .len = (uint32_t)len};
	struct wire_ip ip;
	bool more;

	link_fault_push(fault, &packet, 1, (weir_time){in_ns});
	if (link_fault_pull(fault, (weir_time){out_ns}, &packet, 1) == 0)
		return -1;
	assert_int_equal(wire_ip_parse(packet.slice[0].data, packet.len, packet.len, false, &ip, &more), DROP_NONE);
	return ip.tos;
}

static void only_capable_packets_are_marked(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.mark = LINK_ALWAYS});

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		assert_int_equal(pass(fault, v6, IP_ECT0, 0, 0), 0x28 | IP_CE);
		assert_int_equal(pass(fault, v6, IP_ECT1, 0, 0), 0x28 | IP_CE);
		assert_int_equal(pass(fault, v6, IP_CE, 0, 0), 0x28 | IP_CE);
		assert_int_equal(pass(fault, v6, IP_NOT_ECT, 0, 0), 0x28);
	}
	assert_int_equal(link_fault_stats(fault)->marked, 6);
	push(fault, 1, 100, 0); /* no IP packet */
	assert_int_equal(pull(fault, 0), 1);
	assert_int_equal(link_fault_stats(fault)->marked, 6);
	link_fault_free(fault);
}

static void a_long_queue_marks(void **state)
{
	struct link_fault *fault =
	    make(&(struct link_fault_spec){.rate_bytes_per_s = 1000000, .mark_bytes = 2000, .queue_bytes = 100000});

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		push(fault, i, 1000, 0);
	/* One on the wire, 2000 bytes behind it: not more than the bound. */
	assert_int_equal(pass(fault, false, IP_ECT0, 0, 0), -1);
	assert_int_equal(link_fault_stats(fault)->marked, 0);
	assert_int_equal(pass(fault, false, IP_ECT0, 0, 0), -1);
	assert_int_equal(link_fault_stats(fault)->marked, 1);
	link_fault_free(fault);
}

static void chance_marks_as_often_as_specified(void **state)
{
	struct link_fault *fault = make(&(struct link_fault_spec){.mark = link_chance_ppm(100000), .seed = 3});

	(void)state;
	for (int i = 0; i < 10000; i++)
		pass(fault, false, IP_ECT0, i, i);
	assert_in_range(link_fault_stats(fault)->marked, 900, 1100);
	link_fault_free(fault);
}

static void bad_specifications_are_refused(void **state)
{
	static const struct link_fault_spec bad[] = {
	    {.delay = {-1}}, {.jitter = {-1}}, {.reorder = 1}, {.delay = {INT64_MAX}}, {.rate_bytes_per_s = UINT64_MAX},
	};
	struct link_fault *fault = make(&everything), *none = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(link_fault_new(&bad[i], WEIR_LINK_IP, &none), -WEIR_EINVAL);
		assert_int_equal(link_fault_set(fault, &bad[i]), -WEIR_EINVAL);
	}
	assert_null(none);
	assert_memory_equal(link_fault_spec(fault), &everything, sizeof everything);
	link_fault_free(fault);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_numbers_are_those_of_the_authors),
	    cmocka_unit_test(delay_is_exact),
	    cmocka_unit_test(rate_is_exact_over_many_packets),
	    cmocka_unit_test(idle_wire_sends_at_once),
	    cmocka_unit_test(queue_drops_its_tail),
	    cmocka_unit_test(queue_is_bounded_in_bytes),
	    cmocka_unit_test(faults_happen_as_often_as_specified),
	    cmocka_unit_test(one_seed_one_outcome),
	    cmocka_unit_test(jitter_keeps_the_order),
	    cmocka_unit_test(always_is_always),
	    cmocka_unit_test(corruption_flips_one_bit),
	    cmocka_unit_test(what_is_under_way_is_bounded),
	    cmocka_unit_test(the_aim_picks_single_packets),
	    cmocka_unit_test(an_aimed_packet_suffers_nothing_random),
	    cmocka_unit_test(faults_change_while_packets_are_under_way),
	    cmocka_unit_test(only_capable_packets_are_marked),
	    cmocka_unit_test(a_long_queue_marks),
	    cmocka_unit_test(chance_marks_as_often_as_specified),
	    cmocka_unit_test(bad_specifications_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
