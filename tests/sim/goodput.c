/* SPDX-License-Identifier: Apache-2.0
 *
 * What loss recovery and congestion control are for, in numbers: shares of a path's rate under virtual time, the same
 * on every machine. Bounds, not exact values: those are in goodput.golden.
 */
#include "path_test.h"

PATH_VARIANTS("IPv4, seed 1", "IPv6, seed 1", "IPv4, seed 2", "IPv6, seed 2", "IPv4, seed 3", "IPv6, seed 3");

#define PATH(name) TEST_OF_KIND(&path_kind, goodput, name)

static struct path_result run(struct path_spec spec)
{
	spec.v6 = current % 2;
	spec.seed = current / 2 + 1;
	path_run(&spec, &last);
	return last;
}

/* Losses and reordering on a long path: what SACK and time make of it, against duplicate acknowledgements alone. */
PATH(sack_and_time_beat_duplicate_acknowledgements)
{
	struct path_spec spec = {.congestion = "reno",
	                         .delay_us = 10000,
	                         .rate_bytes_per_s = 20 * MBIT,
	                         .loss = 10000,
	                         .reorder = 30000,
	                         .run_ms = 20 * SECOND};
	struct path_result old, new;

	spec.no_sack = true;
	old = run(spec);
	spec.no_sack = false;
	spec.congestion = "cubic";
	new = run(spec);
	CHECK(old.share > 0);
	CHECK(new.share >= 1.2 * old.share);
	CHECK(new.share >= 0.3);
}

/* [6675] Slow start overshoots, and half a window is lost at once: duplicate acknowledgements repair one segment each
 * round trip, the scoreboard all of it in some. */
PATH(many_losses_of_one_window_are_repaired_together)
{
	struct path_spec spec = {.congestion = "reno",
	                         .no_sack = true,
	                         .delay_us = 20000,
	                         .rate_bytes_per_s = 10 * MBIT,
	                         .run_ms = 5 * SECOND};
	struct path_result old = run(spec), new;

	spec.no_sack = false;
	new = run(spec);
	CHECK(new.share >= 5 * old.share);
	CHECK(new.share >= 0.85);
}

/* [8985] A path that only reorders: nothing is lost, and after the first lesson nothing is repeated. */
PATH(reordering_alone_costs_little)
{
	struct path_result r = run((struct path_spec){.congestion = "cubic",
	                                              .delay_us = 20000,
	                                              .rate_bytes_per_s = 20 * MBIT,
	                                              .queue_bytes = 1 << 20,
	                                              .reorder = 20000,
	                                              .buffer_bytes = 200000,
	                                              .run_ms = 20 * SECOND});

	CHECK_EQ(r.lost, 0);
	CHECK(r.share >= 0.9);
	CHECK(r.resent <= 60);
}

/* Losses by congestion alone: the queue overflows, and the path stays full. */
PATH(a_full_path_stays_full)
{
	struct path_result r = run((struct path_spec){
	    .congestion = "cubic", .delay_us = 10000, .rate_bytes_per_s = 50 * MBIT, .run_ms = 30 * SECOND});

	CHECK(r.share >= 0.9);
	CHECK(r.resent <= 2 * r.lost + 60);
}

/* One loss in a thousand: the cubic function recovers faster than one segment a round trip. */
PATH(cubic_beats_reno_on_a_long_path)
{
	struct path_spec spec = {.congestion = "reno",
	                         .delay_us = 50000,
	                         .rate_bytes_per_s = 100 * MBIT,
	                         .loss = 200,
	                         .run_ms = 60 * SECOND};
	struct path_result reno = run(spec), cubic;

	spec.congestion = "cubic";
	cubic = run(spec);
	CHECK(cubic.share >= 1.2 * reno.share);
}

/* Slow start sees its rounds as they are: a burst queues behind itself, and that is no reason to leave before the path
 * is full [9406]. */
PATH(slow_start_fills_a_long_path)
{
	struct path_result r = run((struct path_spec){
	    .congestion = "cubic", .delay_us = 100000, .rate_bytes_per_s = 100 * MBIT, .run_ms = 2 * SECOND});

	CHECK(r.share >= 0.19);
}

/* ... and leaves before it has overflowed a queue of two round trips, where the path holds few segments. */
PATH(slow_start_does_not_overflow_the_queue_of_a_narrow_path)
{
	for (uint32_t delay_ms = 15; delay_ms <= 60; delay_ms += 15) {
		struct path_result r = run((struct path_spec){.congestion = "cubic",
		                                              .delay_us = 1000 * delay_ms,
		                                              .rate_bytes_per_s = 10 * MBIT,
		                                              .run_ms = 20 * delay_ms});

		CHECK_EQ(r.resent, 0);
	}
}

/* ... but not before the queue holds as much as the path, so that a loss by chance leaves the path full. */
PATH(slow_start_leaves_with_a_window_that_survives_a_loss)
{
	for (uint32_t delay_ms = 60; delay_ms <= 100; delay_ms += 40) {
		struct path_result r = run((struct path_spec){.congestion = "cubic",
		                                              .delay_us = 1000 * delay_ms,
		                                              .rate_bytes_per_s = 10 * MBIT,
		                                              .run_ms = 4 * SECOND});

		CHECK_EQ(r.lost, 0);
		CHECK(r.queue_most >= 10 * MBIT / 1000 * 2 * delay_ms);
	}
}

/* Where the path reorders, slow start is interrupted for nothing, and goes on; it has heard of the queue all the same:
 * from what is told behind gaps, and from what the path was like before. */
PATH(slow_start_on_a_path_that_reorders_does_not_overflow_the_queue)
{
	for (uint32_t delay_ms = 20; delay_ms <= 100; delay_ms += 80) {
		struct path_result r = run((struct path_spec){.congestion = "cubic",
		                                              .delay_us = 1000 * delay_ms,
		                                              .rate_bytes_per_s = 10 * MBIT,
		                                              .reorder = 10000,
		                                              .run_ms = 2000 + 20 * delay_ms});

		CHECK(r.undone > 0);
		CHECK(r.lost <= 10);
	}
}

/*
 * [9743 s5] Two flows that begin together on one bottleneck, with a queue of one round trip, share it. Where every
 * round trip is the same to the nanosecond, the phase of the two decides for minutes whom the full queue drops: so
 * there is some jitter, as on every path.
 */
PATH(two_flows_share)
{
	struct path_result r = run((struct path_spec){.congestion = "cubic",
	                                              .flows = 2,
	                                              .gap_ms = 10 * (current / 2),
	                                              .delay_us = 10000,
	                                              .rate_bytes_per_s = 20 * MBIT,
	                                              .queue_bytes = 50000,
	                                              .jitter_us = 3000,
	                                              .run_ms = 60 * SECOND});

	CHECK(r.share >= 0.9);
	CHECK(r.fairness >= 0.99);
}

/* One that comes 5 s later, when the other has all of it, gets its share. */
PATH(a_late_flow_gets_its_share)
{
	struct path_result r = run((struct path_spec){.congestion = "cubic",
	                                              .flows = 2,
	                                              .gap_ms = 5 * SECOND,
	                                              .delay_us = 10000,
	                                              .rate_bytes_per_s = 20 * MBIT,
	                                              .queue_bytes = 50000,
	                                              .jitter_us = 3000,
	                                              .run_ms = 60 * SECOND});

	CHECK(r.share >= 0.9);
	CHECK(r.fairness >= 0.99);
}

/* A path that reorders and loses: late originals are not thrown away for their timestamps, so nothing is repeated that
 * was not lost [7323 s5.3]. */
PATH(late_originals_are_taken_between_repetitions)
{
	struct path_result r = run((struct path_spec){.congestion = "cubic",
	                                              .delay_us = 100000,
	                                              .rate_bytes_per_s = 100 * MBIT,
	                                              .reorder = 10000,
	                                              .run_ms = 20 * SECOND});

	CHECK(r.share >= 0.8);
	CHECK(r.resent <= r.lost + 50);
}

/* The same numbers every time. */
PATH(runs_repeat_exactly)
{
	struct path_spec spec = {.congestion = "cubic",
	                         .delay_us = 5000,
	                         .rate_bytes_per_s = 20 * MBIT,
	                         .loss = 10000,
	                         .reorder = 10000,
	                         .run_ms = 2 * SECOND};
	struct path_result first = run(spec), second = run(spec);

	CHECK_EQ(first.bytes[0], second.bytes[0]);
	CHECK_EQ(first.resent, second.resent);
	CHECK_EQ(first.lost, second.lost);
}
