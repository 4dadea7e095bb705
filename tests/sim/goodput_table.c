/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of goodputs: what share of a path's rate arrives as data, under virtual time, for loss, delay, rate,
 * reordering and congestion control. The same table on every machine; goodput.golden holds it.
 *
 *	goodput-table            all of it
 *	goodput-table --quick    without the fastest paths, whose packets are most of the work
 */
#include "path.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS = 20, QUICK_MBIT = 100 };
enum { LOSSES = 4, DELAYS = 3, RATES = 3, ORDERS = 2, ALGORITHMS = 3 };

static const uint32_t loss_ppm[LOSSES] = {0, 1000, 10000, 50000};
static const uint32_t delay_ms[DELAYS] = {1, 20, 100};
static const uint32_t rate_mbit[RATES] = {10, 100, 1000};
static const uint32_t reorder_ppm[ORDERS] = {0, 10000};
static const char *const algorithm[ALGORITHMS] = {"reno", "cubic", "bbr"};

/* In hundredths of a per cent; a quotient of integers, so that no machine's rounding shows. */
static unsigned goodput(const struct path_spec *spec)
{
	struct path_result result;

	path_run(spec, &result);
	return (unsigned)(result.bytes[0] * 10000000 / (spec->rate_bytes_per_s * spec->run_ms));
}

static void print_row(uint32_t loss, uint32_t delay, uint32_t rate, uint32_t reorder)
{
	printf("%2u.%u %9u %10u %9u.%u", loss / 10000, loss / 1000 % 10, delay, rate, reorder / 10000,
	       reorder / 1000 % 10);
	for (unsigned a = 0; a < ALGORITHMS; a++) {
		struct path_spec spec = {.congestion = algorithm[a],
		                         .delay_us = delay * 1000,
		                         .rate_bytes_per_s = (uint64_t)rate * 125000,
		                         .loss = loss,
		                         .reorder = reorder,
		                         .run_ms = SECONDS * 1000,
		                         .seed = 1};
		unsigned share = goodput(&spec);

		printf(" %5u.%02u", share / 100, share % 100);
	}
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;

	printf("# goodput in %% of the rate: one flow, %d s of virtual time, queue of two round trips\n", SECONDS);
	printf("loss%%  delay_ms  rate_Mbit  reorder%%");
	for (unsigned a = 0; a < ALGORITHMS; a++)
		printf(" %8s", algorithm[a]);
	printf("\n");
	for (unsigned l = 0; l < LOSSES; l++)
		for (unsigned d = 0; d < DELAYS; d++)
			for (unsigned r = 0; r < RATES; r++)
				for (unsigned o = 0; o < ORDERS; o++)
					if (!quick || rate_mbit[r] <= QUICK_MBIT)
						print_row(loss_ppm[l], delay_ms[d], rate_mbit[r], reorder_ppm[o]);
	return 0;
}
