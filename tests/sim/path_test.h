/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of whole paths have in common: the variant that runs, what its last path gave, and what a failure
 * prints of it. Each file says its variants and how they make a path.
 */
#ifndef WEIR_TESTS_SIM_PATH_TEST_H
#define WEIR_TESTS_SIM_PATH_TEST_H

#include "path.h"
#include "support/test.h"

#include <string.h>

enum { MBIT = 125000, SECOND = 1000 }; /* bytes a second, ms */

static unsigned current;
static struct path_result last;

static void begin(unsigned variant)
{
	current = variant;
	memset(&last, 0, sizeof(last));
}

static void clear(void)
{
}

static void explain(FILE *to)
{
	const struct path_result *r = &last;

	fprintf(to, "last path: share %.4f, fairness %.4f, queue %llu, least cwnd %u, resent %llu, lost %llu, ",
	        r->share, r->fairness, (unsigned long long)r->queue_most, r->cwnd_least, (unsigned long long)r->resent,
	        (unsigned long long)r->lost);
	fprintf(to, "undone %llu, marked %llu, reductions %llu, too big %llu, black holes %llu, memory %llu\n",
	        (unsigned long long)r->undone, (unsigned long long)r->marked, (unsigned long long)r->reductions,
	        (unsigned long long)r->too_big, (unsigned long long)r->black_holes, (unsigned long long)r->memory);
}

/* Names of the variants. */
#define PATH_VARIANTS(...)                                                                                             \
	static const char *const variant_name[] = {__VA_ARGS__};                                                       \
	static const struct test_kind path_kind = {.variants = sizeof(variant_name) / sizeof(*variant_name),           \
	                                           .variant_names = variant_name,                                      \
	                                           .begin = begin,                                                     \
	                                           .clear = clear,                                                     \
	                                           .explain = explain}

#endif
