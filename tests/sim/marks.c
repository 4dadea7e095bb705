/* SPDX-License-Identifier: Apache-2.0
 *
 * A path that marks packets instead of dropping them [3168]: it stays full, its queue stays short, and nothing is lost.
 */
#include "path_test.h"

#include <weir/stack.h>

PATH_VARIANTS("IPv4", "IPv6");

#define PATH(name) TEST_OF_KIND(&path_kind, marks, name)

static struct path_result run(struct path_spec spec)
{
	spec.v6 = current % 2;
	spec.seed = 1;
	path_run(&spec, &last);
	return last;
}

static struct path_spec marking(const char *congestion, enum weir_ecn ecn)
{
	return (struct path_spec){.congestion = congestion,
	                          .ecn = (uint8_t)ecn,
	                          .delay_us = 10000,
	                          .rate_bytes_per_s = 20 * MBIT,
	                          .queue_bytes = 200000,
	                          .mark_bytes = 25000, /* half of what the path holds */
	                          .run_ms = 30 * SECOND};
}

static void stays_full_without_a_loss(const char *congestion, enum weir_ecn ecn, double least)
{
	struct path_result r = run(marking(congestion, ecn));

	CHECK_EQ(r.lost, 0);
	CHECK_EQ(r.resent, 0);
	CHECK(r.share >= least);
	CHECK(r.marked >= r.reductions && r.reductions >= 10);
}

/* Hosts that do not understand marks lose packets on the same queue. */
PATH(without_agreement_nothing_is_marked)
{
	struct path_result r = run(marking("cubic", WEIR_ECN_OFF));

	CHECK_EQ(r.marked, 0);
	CHECK(r.lost > 0);
}

PATH(cubic_stays_full_without_a_loss)
{
	stays_full_without_a_loss("cubic", WEIR_ECN_ON, 0.9);
}

PATH(reno_stays_full_without_a_loss)
{
	stays_full_without_a_loss("reno", WEIR_ECN_ON, 0.9);
}

/* It goes below what the path holds, to learn how long a round trip is without a queue. */
PATH(bbr_stays_nearly_full_without_a_loss)
{
	stays_full_without_a_loss("bbr", WEIR_ECN_ON, 0.85);
}

PATH(accurate_feedback_does_the_same)
{
	stays_full_without_a_loss("cubic", WEIR_ECN_ACCURATE, 0.9);
}

PATH(two_flows_share_by_marks)
{
	struct path_result r = run((struct path_spec){.congestion = "cubic",
	                                              .ecn = WEIR_ECN_ON,
	                                              .flows = 2,
	                                              .delay_us = 10000,
	                                              .rate_bytes_per_s = 20 * MBIT,
	                                              .queue_bytes = 200000,
	                                              .mark_bytes = 25000,
	                                              .run_ms = 60 * SECOND});

	CHECK_EQ(r.lost, 0);
	CHECK(r.share >= 0.9);
	CHECK(r.fairness >= 0.95);
}
