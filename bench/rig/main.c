/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk flows over one emulated path in real time, and what they got through; see rig.h. bench/path runs it for many
 * paths and compares.
 *
 *	path-rig --flow weir:linux --flow linux:linux --delay 20 --rate 100 --loss 10000 ...
 *
 *	--flow A:B         from a host of kind A to one of kind B (weir, linux); once or twice
 *	--congestion NAME  cubic
 *	--delay MS         one way, each way
 *	--rate MBIT        of the data's direction
 *	--queue BYTES      in front of the rate; else two round trips, 30 packets at least
 *	--loss PPM         of data
 *	--jitter US        most that an acknowledgement is late by: else the phase of two flows decides what is dropped
 *	--reorder PPM      of data: so many come a quarter of a round trip later
 *	--seconds N        from the last flow's beginning on
 *	--later MS         the second flow begins so much later
 *	--bytes N          each flow sends so many and ends; --seconds is then a limit
 *	--seed N
 *	--capture FILE     what the senders send and receive (pcap)
 *	--trace FILE       ten times a second: ms, flow, its cwnd, ssthresh, SRTT in us, bytes received, queue
 *
 * Prints one line of JSON. Runs at real-time priority where it may, so that what else runs on the machine shows less.
 */
#define _GNU_SOURCE
#include "rig.h"

#include "link/pair.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

struct rig {
	struct rig_flow flow[RIG_FLOWS];
	const char *from[RIG_FLOWS], *to[RIG_FLOWS];
	unsigned flows;
	uint64_t delay_us, rate, queue, loss, reorder, jitter_us, seconds, later_ms, bytes, seed;
	const char *congestion, *capture;
	FILE *trace;
	weir_time trace_at;
	struct rig_mux side[2];
	struct link_pair *pair;
	weir_duration late; /* the longest that a deadline was missed by */
};

static uint8_t pattern[RIG_PERIOD + RIG_CHUNK];

void rig_must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "path-rig: ");
	perror(what);
	exit(1);
}

weir_time rig_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (weir_time){t.tv_sec * WEIR_NS_PER_S + t.tv_nsec};
}

const uint8_t *rig_bytes(uint64_t offset)
{
	return pattern + offset % RIG_PERIOD;
}

void rig_received(struct rig_flow *flow, const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		size_t len = n < RIG_CHUNK ? n : RIG_CHUNK;

		flow->spoilt |= memcmp(bytes, rig_bytes(flow->received), len) != 0;
		flow->received += len;
		bytes += len;
		n -= len;
	}
}

size_t rig_left(const struct rig_flow *flow)
{
	uint64_t left = flow->limit > 0 ? flow->limit - flow->sent : RIG_CHUNK;

	return left < RIG_CHUNK ? (size_t)left : RIG_CHUNK;
}

static void make_link(struct rig *r)
{
	uint64_t holds = r->rate * r->delay_us * 2 / 1000000;
	struct link_fault_spec there = {.delay = weir_us((int64_t)r->delay_us),
	                                .rate_bytes_per_s = r->rate,
	                                .queue_bytes = r->queue ? r->queue : 2 * holds,
	                                .loss = link_chance_ppm((uint32_t)r->loss),
	                                .reorder = link_chance_ppm((uint32_t)r->reorder),
	                                .reorder_delay = weir_us((int64_t)r->delay_us / 2 + 1),
	                                .held_bytes = UINT64_C(1) << 30,
	                                .seed = r->seed};
	struct link_fault_spec back = {
	    .delay = weir_us((int64_t)r->delay_us), .jitter = weir_us((int64_t)r->jitter_us), .seed = r->seed + 1};
	struct link_port port[2] = {rig_mux_port(&r->side[0]), rig_mux_port(&r->side[1])};

	link_random_init(&r->side[0].random, r->seed + 2);
	link_random_init(&r->side[1].random, r->seed + 3);
	if (r->queue == 0 && there.queue_bytes < 30 * RIG_MTU)
		there.queue_bytes = 30 * RIG_MTU;
	rig_must(link_pair_new(&port[0], &port[1], &there, &back, &r->pair) == 0, "no link");
}

static struct rig_host *make_host(const char *kind, uint8_t number, bool sends, struct rig_flow *flow)
{
	if (strcmp(kind, "linux") == 0)
		return rig_linux_new(number, sends, flow);
	rig_must(strcmp(kind, "weir") == 0, "hosts are weir or linux");
	return rig_weir_new(number, sends, flow);
}

static void make_hosts(struct rig *r)
{
	uint64_t buffer = 8 * (r->rate * r->delay_us * 2 / 1000000) + 524288; /* no bound that shows */

	for (unsigned i = 0; i < r->flows; i++) {
		r->flow[i].congestion = r->congestion;
		r->flow[i].buffer_bytes = (uint32_t)buffer;
		r->flow[i].limit = r->bytes;
		r->side[0].host[i] = make_host(r->from[i], (uint8_t)(1 + i), true, &r->flow[i]);
		r->side[1].host[i] = make_host(r->to[i], (uint8_t)(11 + i), false, &r->flow[i]);
		r->side[0].hosts = r->side[1].hosts = i + 1;
	}
	if (r->capture != NULL) {
		r->side[0].capture = fopen(r->capture, "wb");
		rig_must(r->side[0].capture != NULL, r->capture);
	}
}

static weir_time work(struct rig *r)
{
	weir_time now = rig_now(), next;

	do {
		now = rig_now();
		for (unsigned i = 0; i < r->flows; i++) {
			r->side[0].host[i]->ops->work(r->side[0].host[i], now);
			r->side[1].host[i]->ops->work(r->side[1].host[i], now);
		}
	} while (link_step(&r->pair->link, now, 4 * LINK_BATCH) > 0);
	next = link_deadline(&r->pair->link);
	for (unsigned i = 0; i < r->flows; i++)
		for (unsigned s = 0; s < 2; s++)
			next = weir_time_min(next, r->side[s].host[i]->ops->deadline(r->side[s].host[i]));
	return next;
}

static void rest(const struct rig *r, weir_time until)
{
	struct pollfd fds[2 * RIG_FLOWS * RIG_FDS];
	weir_duration wait = weir_time_since(until, rig_now());
	struct timespec t = {0};
	unsigned n = 0;

	for (unsigned i = 0; i < r->flows; i++)
		for (unsigned s = 0; s < 2; s++)
			n += r->side[s].host[i]->ops->wait(r->side[s].host[i], fds + n);
	if (wait.ns > 0)
		t = (struct timespec){wait.ns / WEIR_NS_PER_S, wait.ns % WEIR_NS_PER_S};
	ppoll(fds, n, &t, NULL);
}

static void trace(struct rig *r, weir_time start, weir_time now)
{
	uint64_t queued = 0;
	size_t packets = 0;

	if (r->trace == NULL || weir_time_before(now, r->trace_at))
		return;
	link_fault_queue(r->pair->fault[0], now, &packets, &queued);
	for (unsigned i = 0; i < r->flows; i++) {
		struct rig_look look = r->side[0].host[i]->ops->look(r->side[0].host[i]);

		fprintf(r->trace, "%lld %u %llu %llu %llu %llu %llu\n",
		        (long long)(weir_time_since(now, start).ns / WEIR_NS_PER_MS), i, (unsigned long long)look.cwnd,
		        (unsigned long long)look.ssthresh, (unsigned long long)look.srtt_us,
		        (unsigned long long)r->flow[i].received, (unsigned long long)queued);
	}
	r->trace_at = weir_time_add(now, weir_ms(100));
}

static bool all_ended(const struct rig *r)
{
	for (unsigned i = 0; i < r->flows; i++)
		if (!r->flow[i].ended)
			return false;
	return true;
}

static void run_until(struct rig *r, weir_time until)
{
	weir_time start = rig_now();

	while (weir_time_before(rig_now(), until) && !all_ended(r)) {
		weir_time next = weir_time_min(work(r), until), now;

		trace(r, start, rig_now());
		rest(r, next);
		now = rig_now();
		if (weir_time_since(now, next).ns > r->late.ns)
			r->late = weir_time_since(now, next);
	}
}

static const struct option_of {
	const char *name;
	size_t at;
	uint64_t scale;
} options[] = {
    {"--delay", offsetof(struct rig, delay_us), 1000}, {"--rate", offsetof(struct rig, rate), 125000},
    {"--queue", offsetof(struct rig, queue), 1},       {"--loss", offsetof(struct rig, loss), 1},
    {"--reorder", offsetof(struct rig, reorder), 1},   {"--seconds", offsetof(struct rig, seconds), 1},
    {"--later", offsetof(struct rig, later_ms), 1},    {"--bytes", offsetof(struct rig, bytes), 1},
    {"--seed", offsetof(struct rig, seed), 1},         {"--jitter", offsetof(struct rig, jitter_us), 1},
};

static bool take_number(struct rig *r, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(name, options[i].name) == 0) {
			uint64_t number = strtoull(value, NULL, 10) * options[i].scale;

			memcpy((char *)r + options[i].at, &number, sizeof(number));
			return true;
		}
	}
	return false;
}

static bool take_option(struct rig *r, const char *name, char *value)
{
	if (strcmp(name, "--flow") == 0) {
		char *colon = strchr(value, ':');

		if (colon == NULL || r->flows == RIG_FLOWS)
			return false;
		*colon = '\0';
		r->from[r->flows] = value;
		r->to[r->flows++] = colon + 1;
		return true;
	}
	if (strcmp(name, "--congestion") == 0) {
		r->congestion = value;
		return true;
	}
	if (strcmp(name, "--capture") == 0) {
		r->capture = value;
		return true;
	}
	if (strcmp(name, "--trace") == 0) {
		r->trace = fopen(value, "w");
		return r->trace != NULL;
	}
	return take_number(r, name, value);
}

static void report(const struct rig *r, const uint64_t before[RIG_FLOWS], weir_duration took, uint64_t drops)
{
	const struct link_fault_stats *stats = link_fault_stats(r->pair->fault[0]);

	printf("{\"seconds\": %.3f, \"late_ms\": %.3f, \"device_drops\": %llu, \"lost\": %llu, \"flows\": [",
	       (double)took.ns / 1e9, (double)r->late.ns / 1e6, (unsigned long long)drops,
	       (unsigned long long)(stats->lost + stats->queue_drops));
	for (unsigned i = 0; i < r->flows; i++) {
		const struct rig_flow *f = &r->flow[i];

		printf("%s{\"from\": \"%s\", \"to\": \"%s\", \"bytes\": %llu, \"share\": %.5f, \"resent\": %llu, "
		       "\"ended\": %s, \"right\": %s}",
		       i > 0 ? ", " : "", r->from[i], r->to[i], (unsigned long long)(f->received - before[i]),
		       (double)(f->received - before[i]) / ((double)r->rate * (double)took.ns / 1e9),
		       (unsigned long long)f->resent, f->ended ? "true" : "false", f->spoilt ? "false" : "true");
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	static struct rig r = {.congestion = "cubic", .delay_us = 20000, .rate = 12500000, .seconds = 10, .seed = 1};
	uint64_t before[RIG_FLOWS] = {0}, drops = 0;
	weir_time start;
	weir_duration took;

	for (int i = 1; i + 1 < argc; i += 2)
		rig_must(take_option(&r, argv[i], argv[i + 1]), argv[i]);
	rig_must(r.flows > 0 && argc % 2 == 1, "what the options mean stands at the top of bench/rig/main.c");
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)((i % RIG_PERIOD) * 7 + ((i % RIG_PERIOD) >> 8) * 13);
	sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
	prctl(PR_SET_TIMERSLACK, 1);
	make_hosts(&r);
	make_link(&r);
	start = rig_now();
	r.side[0].host[0]->ops->connect(r.side[0].host[0], 11);
	if (r.flows > 1) {
		run_until(&r, weir_time_add(start, weir_ms((int64_t)r.later_ms)));
		start = rig_now();
		before[0] = r.flow[0].received;
		r.side[0].host[1]->ops->connect(r.side[0].host[1], 12);
	}
	run_until(&r, weir_time_add(start, weir_s((int64_t)r.seconds)));
	took = weir_time_since(rig_now(), start);
	for (unsigned i = 0; i < r.flows; i++)
		for (unsigned s = 0; s < 2; s++) {
			drops += r.side[s].host[i]->ops->drops(r.side[s].host[i]);
			r.side[s].host[i]->ops->close(r.side[s].host[i]);
		}
	report(&r, before, took, drops);
	link_free(&r.pair->link);
	if (r.side[0].capture != NULL)
		fclose(r.side[0].capture);
	if (r.trace != NULL)
		fclose(r.trace);
	return 0;
}
