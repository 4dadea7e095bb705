/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths that carry less than the interface: with a router that says so [1191, 8201], and with one that drops without a
 * word [4821, 8899]. What gets through is compared with a path whose interfaces know.
 */
#include "path_test.h"

PATH_VARIANTS("IPv4, seed 1", "IPv6, seed 1", "IPv4, seed 2", "IPv6, seed 2", "IPv4, seed 3", "IPv6, seed 3");

#define PATH(name) TEST_OF_KIND(&path_kind, mtu, name)

static struct path_result run(struct path_spec spec)
{
	spec.v6 = current % 2;
	spec.seed = current / 2 + 1;
	path_run(&spec, &last);
	return last;
}

static struct path_spec narrow(const char *congestion)
{
	return (struct path_spec){.congestion = congestion,
	                          .delay_us = 10000,
	                          .rate_bytes_per_s = 20 * MBIT,
	                          .queue_bytes = 200000,
	                          .run_ms = 20 * SECOND};
}

/* The router speaks: the first flight is lost, and nothing else. */
static void told(const char *congestion)
{
	struct path_spec spec = narrow(congestion);
	struct path_result known, r;

	spec.mtu = 1280;
	known = run(spec);
	spec.mtu = 1500;
	spec.max_packet_bytes = 1280;
	spec.too_big = true;
	r = run(spec);
	CHECK(r.too_big > 0 && r.too_big <= 12);
	CHECK_EQ(r.black_holes, 0);
	CHECK(r.share >= 0.98 * known.share);
}

PATH(a_router_tells_and_cubic_goes_on)
{
	told("cubic");
}

PATH(a_router_tells_and_reno_goes_on)
{
	told("reno");
}

/* It does not: full segments are lost until smaller ones are tried, and from then on a probe now and then. */
static void found(const char *congestion, uint16_t carries, bool no_sack)
{
	struct path_spec spec = narrow(congestion);
	struct path_result known, r;

	spec.no_sack = no_sack;
	spec.mtu = carries;
	known = run(spec);
	spec.mtu = 1500;
	spec.max_packet_bytes = carries;
	r = run(spec);
	CHECK_EQ(r.black_holes, 1);
	CHECK(r.share >= (no_sack ? 0.8 : 0.9) * known.share); /* duplicates repair one loss a round trip */
}

PATH(a_black_hole_is_found_by_cubic)
{
	found("cubic", 1280, false);
}

PATH(a_black_hole_is_found_by_reno)
{
	found("reno", 1280, false);
}

PATH(a_black_hole_is_found_by_bbr)
{
	found("bbr", 1280, false);
}

PATH(a_black_hole_of_a_tunnel_is_found)
{
	found("cubic", 1420, false);
}

PATH(a_black_hole_is_found_without_sack)
{
	found("cubic", 1280, true);
}

/* IPv4 may have to go below what IPv6 demands. */
PATH(a_black_hole_below_the_usual_is_found)
{
	if (current % 2 == 0)
		found("cubic", 1024, false);
}

/* Losses that have nothing to do with sizes do not make segments smaller for long. */
PATH(other_losses_are_not_mistaken_for_long)
{
	struct path_spec spec = narrow("cubic");
	struct path_result r;

	spec.loss = 50000;
	r = run(spec);
	CHECK_EQ(r.black_holes, 0);
}
