/* SPDX-License-Identifier: Apache-2.0
 *
 * The line of progress.
 */
#include "cli/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_MS = 300, EACH_MS = 100, LINE_BYTES = 160 };

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void cli_progress_start(struct cli_progress *p, bool quiet)
{
	const char *term = getenv("TERM");

	p->on = !quiet && isatty(STDERR_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
	p->shown = false;
	p->next_ns = now_ns() + FIRST_MS * INT64_C(1000000);
}

bool cli_progress_due(const struct cli_progress *p)
{
	return p->on && now_ns() >= p->next_ns;
}

void cli_progress_write(struct cli_progress *p, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
	p->shown = true;
	p->next_ns = now_ns() + EACH_MS * INT64_C(1000000);
}

void cli_progress_erase(struct cli_progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->shown = false;
}
