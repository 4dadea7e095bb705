/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs registered tests and prints TAP. An assertion of the core (a trap) fails the test that met it, and the run
 * goes on with the next one.
 */
#include "support/test.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct test *first, **last;
	sigjmp_buf leave;
	bool running;
	char what[2048];
	const char *program;
	const char *only;
	int variant; /* -1 = all */
	unsigned point, failed;
} run = {.last = &run.first, .variant = -1};

void test_register(struct test *test)
{
	*run.last = test;
	run.last = &test->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	const char *base = strrchr(file, '/');
	int n = snprintf(run.what, sizeof(run.what), "%s:%d: ", base ? base + 1 : file, line);
	va_list args;

	va_start(args, format);
	vsnprintf(run.what + n, sizeof(run.what) - (size_t)n, format, args);
	va_end(args);
	if (!run.running) {
		fprintf(stderr, "%s\n", run.what);
		exit(2);
	}
	siglongjmp(run.leave, 1);
}

void test_check_eq(const char *file, int line, const char *what, long long actual, long long expected)
{
	if (actual != expected)
		test_fail(file, line, "%s: expected %lld, is %lld", what, expected, actual);
}

void test_check_text(const char *file, int line, const char *what, const char *actual, const char *expected)
{
	if (strcmp(actual, expected) != 0)
		test_fail(file, line, "%s:\nexpected \"%s\"\nis       \"%s\"", what, expected, actual);
}

static void on_trap(int signal_number)
{
	siglongjmp(run.leave, 1 + signal_number);
}

/* Every line of it as a TAP comment. */
static void print_comment(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		printf("# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_explanation(const struct test *test)
{
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	if (!to)
		return;
	if (test->kind->explain)
		test->kind->explain(to);
	fclose(to);
	print_comment(text);
	free(text);
}

/* Returns whether the variant passed. volatile: what must survive the jump. */
static bool run_variant(struct test *test, unsigned variant)
{
	volatile bool passed = false;
	int why;

	run.what[0] = '\0';
	run.running = true;
	why = sigsetjmp(run.leave, 1);
	if (why == 0) {
		test->kind->begin(variant);
		test->body();
		if (test->kind->end)
			test->kind->end();
		passed = true;
	} else if (why > 1) {
		snprintf(run.what, sizeof(run.what), "an assertion of the core failed (signal %d)", why - 1);
	}
	run.running = false;
	run.point++;
	printf("%sok %u - %s_%s [%s]\n", passed ? "" : "not ", run.point, test->group, test->name,
	       test->kind->variant_names[variant]);
	if (!passed) {
		run.failed++;
		print_comment(run.what);
		print_explanation(test);
		printf("# again: %s --only %s_%s --variant %u\n", run.program, test->group, test->name, variant);
	}
	fflush(stdout);
	test->kind->clear();
	return passed;
}

static bool is_chosen(const struct test *test)
{
	char name[256];

	if (!run.only)
		return true;
	snprintf(name, sizeof(name), "%s_%s", test->group, test->name);
	return strcmp(name, run.only) == 0 || strcmp(test->group, run.only) == 0;
}

static unsigned count_points(void)
{
	unsigned n = 0;

	for (struct test *t = run.first; t; t = t->next)
		if (is_chosen(t))
			n += run.variant >= 0 ? 1 : t->kind->variants;
	return n;
}

static int list_tests(void)
{
	for (struct test *t = run.first; t; t = t->next)
		printf("%s_%s\n", t->group, t->name);
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: %s [--list] [--only NAME|GROUP] [--variant N]\n", run.program);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned points;

	run.program = argv[0];
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--list") == 0)
			return list_tests();
		if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
			run.only = argv[++i];
		else if (strcmp(argv[i], "--variant") == 0 && i + 1 < argc)
			run.variant = atoi(argv[++i]);
		else
			return usage();
	}
	signal(SIGILL, on_trap);
	signal(SIGTRAP, on_trap);
	points = count_points();
	if (points == 0) {
		fprintf(stderr, "%s: no such test\n", run.program);
		return 2;
	}
	printf("1..%u\n", points);
	for (struct test *t = run.first; t; t = t->next) {
		if (!is_chosen(t))
			continue;
		for (unsigned v = 0; v < t->kind->variants; v++)
			if (run.variant < 0 || (unsigned)run.variant == v)
				run_variant(t, v);
	}
	return run.failed ? 1 : 0;
}
