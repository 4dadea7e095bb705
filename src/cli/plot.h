/* SPDX-License-Identifier: Apache-2.0
 *
 * A plot as SVG: some series over common x values, both axes logarithmic. Text stays text; the colours follow the
 * reader's light or dark theme, and lines differ in their dashes too. Alone in its file, without a reference to
 * another.
 */
#ifndef WEIR_CLI_PLOT_H
#define WEIR_CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PLOT_SERIES = 3 };

struct plot_series {
	const char *name;
	const double *y; /* above 0; what is not is left out */
};

struct plot {
	const char *title, *x_name, *y_name;
	const char *words; /* what is to be seen, in a sentence or two */
	const double *x;   /* above 0, ascending */
	const char *const *x_text;
	size_t count;
	struct plot_series series[PLOT_SERIES];
	size_t series_count;
	double mark; /* a vertical line at this x, named: 0 = none */
	const char *mark_text;
};

/* false: the stream has failed. */
bool plot_write(FILE *out, const struct plot *plot);

#endif
