/* SPDX-License-Identifier: Apache-2.0
 *
 * Queues that grow: a long fat path is filled by programs that set nothing, and only as much memory is taken as that
 * needs.
 */
#include "path_test.h"

enum { MIB = 1 << 20 };

PATH_VARIANTS("IPv4, seed 1", "IPv6, seed 1", "IPv4, seed 2", "IPv6, seed 2");

#define PATH(name) TEST_OF_KIND(&path_kind, autotune, name)

static struct path_result run(struct path_spec spec)
{
	spec.v6 = current % 2;
	spec.seed = current / 2 + 1;
	spec.congestion = "cubic";
	path_run(&spec, &last);
	return last;
}

/* 100 Mbit/s and 100 ms: 1.25 MB under way. Queues of 64 KiB carry a twentieth of it. */
PATH(a_long_fat_path_is_filled)
{
	struct path_spec spec = {.delay_us = 50000, .rate_bytes_per_s = 100 * MBIT, .run_ms = 20 * SECOND};
	struct path_result fixed, grown;

	spec.buffer_bytes = 65536;
	fixed = run(spec);
	spec.auto_max_bytes = 16 * MIB;
	grown = run(spec);
	CHECK(fixed.share <= 0.06);
	CHECK(grown.share >= 0.8);
}

/* As well as with queues that somebody has made large enough. */
PATH(nothing_is_lost_against_queues_made_for_the_path)
{
	struct path_spec spec = {.delay_us = 20000, .rate_bytes_per_s = 50 * MBIT, .loss = 1000, .run_ms = 20 * SECOND};
	struct path_result fixed = run(spec), grown;

	spec.auto_max_bytes = 16 * MIB;
	grown = run(spec);
	CHECK(grown.share >= 0.95 * fixed.share);
}

/* A short path gets little, though much more is allowed. */
PATH(memory_follows_the_path)
{
	struct path_result r = run((struct path_spec){.delay_us = 1000,
	                                              .rate_bytes_per_s = 10 * MBIT,
	                                              .queue_bytes = 30000,
	                                              .auto_max_bytes = 16 * MIB,
	                                              .run_ms = 10 * SECOND});

	CHECK(r.share >= 0.9);
	CHECK(r.memory <= 1 * MIB);
}

/* The bound holds. */
PATH(no_more_than_allowed)
{
	struct path_result r = run((struct path_spec){
	    .delay_us = 50000, .rate_bytes_per_s = 100 * MBIT, .auto_max_bytes = 262144, .run_ms = 10 * SECOND});

	CHECK(r.share >= 0.1);
	CHECK(r.share <= 0.22); /* 262144 bytes each 100 ms */
	CHECK(r.memory <= 2 * MIB);
}
