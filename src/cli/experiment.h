/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of `weir experiment` share.
 */
#ifndef WEIR_CLI_EXPERIMENT_H
#define WEIR_CLI_EXPERIMENT_H

#include "cli/plot.h"
#include "sim/experiment.h"

#include <jansson.h>

enum { EXPERIMENT_POINTS = 24, EXPERIMENT_TEXT = 24, EXPERIMENT_WORDS = 1024 };

/* A finished experiment: what is printed, drawn and, as JSON, given to programs. */
struct experiment_report {
	const char *name;
	struct plot plot;
	double x[EXPERIMENT_POINTS], y[PLOT_SERIES][EXPERIMENT_POINTS];
	char x_text[EXPERIMENT_POINTS][EXPERIMENT_TEXT];
	const char *x_texts[EXPERIMENT_POINTS];
	char title[160], words[EXPERIMENT_WORDS], mark_text[80];
	json_t *json; /* the caller's */
};

/* Measures, and prints the table to `out`. The specification's link and costs are taken, its sizes are the
 * experiment's. 0 or a negative error. */
int experiment_buffers(const struct experiment_spec *base, struct experiment_report *report, FILE *out);
int experiment_writes(const struct experiment_spec *base, struct experiment_report *report, FILE *out);

/* "64 KiB", "1500 B". */
void experiment_size_text(char text[EXPERIMENT_TEXT], uint64_t bytes);
/* Gives the plot its x values. */
void experiment_set_x(struct experiment_report *report, const uint32_t *sizes, size_t count);
/* The first of the values that is at least nine tenths of the largest: where the curve bends. */
size_t experiment_knee(const double *y, size_t count);

#endif
