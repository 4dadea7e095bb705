/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of goodputs: what share of a path's rate arrives as data, under virtual time, for loss, delay, rate and
 * congestion control. The same table on every machine.
 *
 *	goodput [seconds]
 */
#include "sim/path.h"

#include <stdio.h>
#include <stdlib.h>

static const uint32_t loss[] = {0, 1000, 10000, 50000};
static const uint32_t delay_ms[] = {1, 20, 100};
static const uint32_t rate_mbit[] = {10, 100, 1000};

static const struct way {
	const char *name, *congestion;
	bool no_sack;
	uint32_t reorder;
} way[] = {
    {"reno, no SACK", "reno", true, 0},
    {"reno", "reno", false, 0},
    {"cubic", "cubic", false, 0},
    {"cubic, reordered", "cubic", false, 10000},
};

enum { LOSSES = 4, DELAYS = 3, RATES = 3, WAYS = 4 };

int main(int argc, char **argv)
{
	uint32_t seconds = argc > 1 ? (uint32_t)atoi(argv[1]) : 10;

	printf("goodput in per cent of the rate; %u s, one flow, queue of two round trips\n", seconds);
	printf("%-8s %-8s %-10s", "loss %", "delay ms", "rate Mbit");
	for (int w = 0; w < WAYS; w++)
		printf(" %16s", way[w].name);
	printf("\n");
	for (int i = 0; i < LOSSES * DELAYS * RATES; i++) {
		uint32_t l = loss[i / (DELAYS * RATES)], d = delay_ms[i / RATES % DELAYS], r = rate_mbit[i % RATES];

		printf("%-8g %-8u %-10u", l / 10000.0, d, r);
		for (int w = 0; w < WAYS; w++) {
			struct path_spec spec = {.congestion = way[w].congestion,
			                         .no_sack = way[w].no_sack,
			                         .delay_us = d * 1000,
			                         .rate_bytes_per_s = (uint64_t)r * 125000,
			                         .loss = l,
			                         .reorder = way[w].reorder,
			                         .run_ms = seconds * 1000,
			                         .seed = 1};
			struct path_result result;

			path_run(&spec, &result);
			printf(" %16.2f", 100 * result.share);
			fflush(stdout);
		}
		printf("\n");
	}
	return 0;
}
