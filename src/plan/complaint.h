/* SPDX-License-Identifier: Apache-2.0
 *
 * An error for people: what failed, what Weir saw, what to try. Three lines at most, and the exit status that goes with
 * them.
 */
#ifndef WEIR_PLAN_COMPLAINT_H
#define WEIR_PLAN_COMPLAINT_H

#include <stdio.h>

struct complaint {
	int status;                         /* exit status of the command */
	char what[256], saw[256], try[256]; /* "" = no such line */
};

/* Fills a complaint; saw and try may be NULL. Returns status. */
int complain(struct complaint *c, int status, const char *what, const char *saw, const char *try);
void complaint_print(const struct complaint *c, FILE *to);

#endif
