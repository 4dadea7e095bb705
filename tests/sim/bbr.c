/* SPDX-License-Identifier: Apache-2.0
 *
 * BBR [draft-ietf-ccwg-bbr] on whole paths under virtual time: what it is for, and what it must not do.
 */
#include "path_test.h"

PATH_VARIANTS("seed 1", "seed 2");

#define PATH(name) TEST_OF_KIND(&path_kind, bbr, name)

static struct path_result run(struct path_spec spec)
{
	spec.seed = current + 1;
	path_run(&spec, &last);
	return last;
}

/* 100 Mbit/s, 40 ms: the path holds 500,000 bytes. */
static const struct path_spec path = {
    .congestion = "bbr", .delay_us = 20000, .rate_bytes_per_s = 100 * MBIT, .run_ms = 20 * SECOND};

/* Startup finds the rate in some round trips, whatever it is. */
PATH(finds_the_rate_soon)
{
	struct path_spec spec = path;

	spec.run_ms = SECOND;
	CHECK(run(spec).share >= 0.5);
	spec.rate_bytes_per_s = 1000 * MBIT;
	CHECK(run(spec).share >= 0.4);
}

/* Where CUBIC is left with some per cent of the rate, because each loss counts. */
PATH(fills_a_path_that_loses)
{
	struct path_spec spec = path;
	struct path_result cubic, bbr;

	spec.loss = 10000;
	bbr = run(spec);
	spec.congestion = "cubic";
	cubic = run(spec);
	CHECK(bbr.share >= 0.7);
	CHECK(bbr.share >= 10 * cubic.share);
}

/* Five per cent that have nothing to do with a queue. */
PATH(learns_what_the_path_loses_by_itself)
{
	struct path_spec spec = path;

	spec.loss = 50000;
	CHECK(run(spec).share >= 0.5);
}

/* Startup and Drain are over: there is room for four times as much, and the queue stays under one round trip's worth.
 */
PATH(queue_stays_bounded)
{
	struct path_spec spec = path;
	struct path_result r;

	spec.queue_bytes = 2000000;
	r = run(spec);
	CHECK_EQ(r.lost, 0);
	CHECK(r.share >= 0.85);
	CHECK(r.queue_most <= 500000);
}

/* ProbeRTT: every some seconds half of what the path holds, so that the queue empties and the least round trip shows.
 */
PATH(probes_the_round_trip)
{
	struct path_result r = run(path);

	CHECK(r.cwnd_least <= 300000);
	CHECK(r.cwnd_least >= 4 * 1400);
}

/* A queue that holds little: losses bound what is under way, and most of the rate is used. */
PATH(lives_with_a_shallow_queue)
{
	struct path_spec spec = path;
	struct path_result r;

	spec.queue_bytes = 100000;
	r = run(spec);
	CHECK(r.share >= 0.8);
	CHECK(r.resent <= 5000);
}

/* [9743 s5] Neither starves the other. */
PATH(shares_with_cubic)
{
	struct path_spec spec = path;
	struct path_result r;
	double all;

	spec.flows = 2;
	spec.other = "cubic";
	spec.queue_bytes = 500000;
	spec.jitter_us = 3000;
	spec.run_ms = 60 * SECOND;
	r = run(spec);
	all = (double)r.bytes[0] + (double)r.bytes[1];
	CHECK(r.share >= 0.9);
	CHECK((double)r.bytes[0] / all >= 0.15);
	CHECK((double)r.bytes[1] / all >= 0.15);
}

PATH(two_flows_share)
{
	struct path_spec spec = path;
	struct path_result r;

	spec.flows = 2;
	spec.gap_ms = 3 * SECOND;
	spec.run_ms = 60 * SECOND;
	r = run(spec);
	CHECK(r.share >= 0.85);
	CHECK(r.fairness >= 0.9);
}
