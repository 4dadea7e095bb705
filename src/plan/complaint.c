/* SPDX-License-Identifier: Apache-2.0
 *
 * Three lines: what failed, what was seen, what to try.
 */
#include "plan/complaint.h"

int complain(struct complaint *c, int status, const char *what, const char *saw, const char *try)
{
	c->status = status;
	snprintf(c->what, sizeof(c->what), "%s", what);
	snprintf(c->saw, sizeof(c->saw), "%s", saw != NULL ? saw : "");
	snprintf(c->try, sizeof(c->try), "%s", try != NULL ? try : "");
	return status;
}

void complaint_print(const struct complaint *c, FILE *to)
{
	fprintf(to, "weir: %s\n", c->what);
	if (c->saw[0] != '\0')
		fprintf(to, "  %s\n", c->saw);
	if (c->try[0] != '\0')
		fprintf(to, "  try: %s\n", c->try);
}
