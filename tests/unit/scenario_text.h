/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios as text in C tests. Include cmocka first.
 */
#ifndef WEIR_TESTS_SCENARIO_TEXT_H
#define WEIR_TESTS_SCENARIO_TEXT_H

#include "sim/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct outcome {
	struct scenario_result result;
	struct complaint complaint;
	char path[64];
	char *out, *failures;
	int status;
};

static inline void run_text(struct outcome *o, const char *text, uint64_t seed)
{
	size_t out_bytes, failure_bytes;
	FILE *out = open_memstream(&o->out, &out_bytes), *failures = open_memstream(&o->failures, &failure_bytes);
	struct scenario_options options = {.seed = seed, .out = out, .failures = failures, .ascii = true};
	int fd;

	snprintf(o->path, sizeof(o->path), "/tmp/weir-scenario-XXXXXX");
	fd = mkstemp(o->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	o->status = scenario_run(o->path, &options, &o->result, &o->complaint);
	unlink(o->path);
	fclose(out);
	fclose(failures);
}

static inline void outcome_free(struct outcome *o)
{
	free(o->out);
	free(o->failures);
}

#define WORLD                                                                                                          \
	"host { name = 'A', address = '10.0.0.1/24' }\n"                                                               \
	"host { name = 'B', address = '10.0.0.2/24' }\n"                                                               \
	"link { name = 'lan', 'A', 'B', delay = '10ms' }\n"

/* Its expectations hold, and there are so many of them. */
static inline void holds(const char *text, unsigned expects)
{
	struct outcome o;

	run_text(&o, text, 1);
	if (o.status != 0)
		fail_msg("status %d: %s%s\n%s", o.status, o.failures, o.status == 4 ? o.complaint.saw : "", o.out);
	assert_int_equal(o.result.expects, expects);
	outcome_free(&o);
}

/* The script is refused, with its line and this text. */
static inline void refused(const char *text, int line, const char *expected)
{
	struct outcome o;
	char place[96];

	run_text(&o, text, 1);
	if (o.status != 4)
		fail_msg("status %d: %s", o.status, text);
	snprintf(place, sizeof(place), "%s:%d:", o.path, line);
	if (strstr(o.complaint.saw, place) == NULL || strstr(o.complaint.saw, expected) == NULL)
		fail_msg("expected '%s %s' in: %s", place, expected, o.complaint.saw);
	outcome_free(&o);
}

#endif
