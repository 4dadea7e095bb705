/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios: Lua scripts that describe hosts, links, faults and programs, and say what must come out. `weir help sim`
 * shows the words. A scenario runs under virtual time, so it takes milliseconds and comes out the same every time.
 */
#ifndef WEIR_SIM_SCENARIO_H
#define WEIR_SIM_SCENARIO_H

#include "plan/complaint.h"

#include <weir/time.h>

#include <stdint.h>

struct scenario_options {
	uint64_t seed;
	FILE *out;      /* what happens; NULL: nobody looks */
	FILE *failures; /* expectations that did not hold, a line each */
	bool ascii;
	bool brief; /* no timeline in `out`: what the script itself prints, marks and expects */
	/* NULL, or is called now and then, after so many events. */
	void (*tick)(void *ctx, weir_time now, weir_time limit, uint64_t events);
	void *tick_ctx;
};

enum { SCENARIO_TEXT = 160 };

/* What a script says of itself, and what came out. */
struct scenario_result {
	char title[SCENARIO_TEXT], figure[SCENARIO_TEXT], shows[SCENARIO_TEXT];
	unsigned expects, failed;
	uint64_t events;
	weir_time ended;
};

/* Runs the script. 0; 1: an expectation failed; 4: the script cannot be read, or is wrong: *complaint says where. */
int scenario_run(const char *path, const struct scenario_options *options, struct scenario_result *result,
                 struct complaint *complaint);

/* Only what it says of itself. 0 or 4. */
int scenario_describe(const char *path, struct scenario_result *result, struct complaint *complaint);

#endif
