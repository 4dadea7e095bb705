/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs of random transfers.
 */
#include "stream.h"

#include <string.h>

enum { SEEDS = 10, IO_MAX = 1 << 20 };

static struct {
	uint64_t seed;
	uint8_t buffer[IO_MAX];
} sim;

static const char *const variant_name[2 * SEEDS] = {
    "IPv4, seed 1", "IPv6, seed 1", "IPv4, seed 2", "IPv6, seed 2", "IPv4, seed 3",  "IPv6, seed 3",  "IPv4, seed 4",
    "IPv6, seed 4", "IPv4, seed 5", "IPv6, seed 5", "IPv4, seed 6", "IPv6, seed 6",  "IPv4, seed 7",  "IPv6, seed 7",
    "IPv4, seed 8", "IPv6, seed 8", "IPv4, seed 9", "IPv6, seed 9", "IPv4, seed 10", "IPv6, seed 10",
};

static void begin(unsigned variant)
{
	hosts_kind.begin(variant % 2);
	sim.seed = variant / 2 + 1;
	for (int i = 0; i < 2; i++)
		hosts_config(i)->secret[0] = (uint8_t)(sim.seed * 2 + (uint64_t)i);
}

static void end(void)
{
	hosts_kind.end();
}

static void clear(void)
{
	hosts_kind.clear();
}

static void explain(FILE *to)
{
	hosts_kind.explain(to);
}

const struct test_kind sim_kind = {
    .variants = 2 * SEEDS,
    .variant_names = variant_name,
    .begin = begin,
    .end = end,
    .clear = clear,
    .explain = explain,
};

uint64_t sim_seed(void)
{
	return sim.seed;
}

void sim_set_faults(const struct sim_faults *faults)
{
	for (int i = 0; i < 2; i++)
		*hosts_faults(i) = (struct link_fault_spec){
		    .delay = weir_ms(faults->delay_ms),
		    .jitter = weir_ms(faults->jitter_ms),
		    .reorder_delay = weir_ms(faults->reorder_delay_ms ? faults->reorder_delay_ms : 5),
		    .loss = link_chance_ppm(faults->loss),
		    .duplicate = link_chance_ppm(faults->duplicate),
		    .reorder = link_chance_ppm(faults->reorder),
		    .corrupt = link_chance_ppm(faults->corrupt),
		    .rate_bytes_per_s = faults->rate_bytes_per_s,
		    .queue_packets = faults->queue_packets,
		    .seed = sim.seed * 1000 + (uint64_t)i,
		};
}

/* Eight bytes of a stream at a multiple of eight: no two places look alike. */
static uint64_t word_at(uint64_t place, uint64_t salt)
{
	uint64_t x = place * UINT64_C(0x9e3779b97f4a7c15) + salt;

	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint8_t byte_at(uint64_t place, uint64_t salt)
{
	return (uint8_t)(word_at(place / 8, salt) >> place % 8 * 8);
}

static uint32_t call_size(uint32_t wanted)
{
	return wanted && wanted < IO_MAX ? wanted : IO_MAX;
}

static void write_some(struct sim_stream *s)
{
	while (s->written < s->total) {
		uint64_t left = s->total - s->written;
		uint32_t n = call_size(s->write_bytes);
		struct weir_slice vec = {sim.buffer, left < n ? (size_t)left : n};
		struct weir_socket_info info = hosts_info(s->from);
		int64_t taken;

		if (info.sendq_bytes >= info.sendq_limit)
			return;
		if (vec.len > info.sendq_limit - info.sendq_bytes)
			vec.len = (size_t)(info.sendq_limit - info.sendq_bytes);
		for (size_t i = 0; i < vec.len; i++)
			sim.buffer[i] = byte_at(s->written + i, s->salt);
		taken = weir_send(s->from, &vec, 1, 0);
		if (taken == -WEIR_EAGAIN || taken == -WEIR_ENOBUFS)
			return;
		CHECK(taken > 0);
		s->written += (uint64_t)taken;
	}
	if (!s->shut) {
		s->shut = true;
		CHECK_EQ(weir_shutdown(s->from, WEIR_SHUT_WR), 0);
	}
}

static void read_some(struct sim_stream *s)
{
	int64_t n;

	while ((n = weir_recv(s->to, sim.buffer, call_size(s->read_bytes), 0)) > 0) {
		for (int64_t i = 0; i < n; i++)
			if (sim.buffer[i] != byte_at(s->read + (uint64_t)i, s->salt))
				test_fail(__FILE__, __LINE__, "byte %llu of the stream arrived wrong",
				          (unsigned long long)s->read + (unsigned long long)i);
		s->read += (uint64_t)n;
		CHECK(s->read <= s->written);
		if (s->pause_ms)
			return;
	}
	if (n == 0) {
		CHECK_EQ(s->read, s->total);
		s->ended = true;
	} else {
		CHECK_EQ(n, -WEIR_EAGAIN);
	}
}

void sim_stream_go(struct sim_stream *s)
{
	for (int i = 0; i < 2; i++)
		weir_stack_now(hosts_stack(i), hosts_now());
	write_some(s);
	if (!s->ended)
		read_some(s);
}

struct run {
	struct sim_stream *streams;
	unsigned n;
};

static bool all_ended(void *ctx)
{
	const struct run *run = ctx;
	bool ended = true;

	for (unsigned i = 0; i < run->n; i++) {
		sim_stream_go(&run->streams[i]);
		ended = ended && run->streams[i].ended;
	}
	if (!ended)
		hosts_settle();
	return ended;
}

void sim_run(struct sim_stream *streams, unsigned n, long long limit_s)
{
	struct run run = {streams, n};
	weir_time until = weir_time_add(hosts_now(), weir_s(limit_s));

	while (streams[0].pause_ms && !all_ended(&run)) {
		if (!weir_time_before(hosts_now(), until))
			test_fail(__FILE__, __LINE__, "not done within %lld s", limit_s);
		hosts_run_ms(streams[0].pause_ms);
	}
	hosts_run_until(all_ended, &run, limit_s * 1000);
}
