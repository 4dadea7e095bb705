/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that register themselves and run in several variants (address families, initial sequence numbers), as one TAP
 * point for each test and variant. A failed check leaves the body at once; the next variant begins
 * with everything new.
 *
 *	build/tests/tcp/tcp-syn                           all
 *	build/tests/tcp/tcp-syn --only NAME --variant 4   one again, as a failure's last line says
 *	build/tests/tcp/tcp-syn --list
 */
#ifndef WEIR_TESTS_SUPPORT_TEST_H
#define WEIR_TESTS_SUPPORT_TEST_H

#include <stdbool.h>
#include <stdio.h>

/* What the tests of one kind have around them. */
struct test_kind {
	unsigned variants;
	const char *const *variant_names;
	void (*begin)(unsigned variant);
	/* After a body that came to its end: the last checks. */
	void (*end)(void);
	/* Always: gives everything back. */
	void (*clear)(void);
	/* What happened so far, for a failure. */
	void (*explain)(FILE *to);
};

struct test {
	const char *group, *name;
	void (*body)(void);
	const struct test_kind *kind;
	struct test *next;
};

void test_register(struct test *test);

/* Ends the running test as failed. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define TEST_OF_KIND(test_kind, test_group, test_name)                                                                 \
	static void test_group##_##test_name(void);                                                                    \
	__attribute__((constructor)) static void test_group##_##test_name##_registers(void)                            \
	{                                                                                                              \
		static struct test test = {#test_group, #test_name, test_group##_##test_name, test_kind, NULL};        \
                                                                                                                       \
		test_register(&test);                                                                                  \
	}                                                                                                              \
	static void test_group##_##test_name(void)

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			test_fail(__FILE__, __LINE__, "not so: %s", #condition);                                       \
	} while (0)

/* Both are converted to long long: for numbers, states, errors. */
#define CHECK_EQ(actual, expected)                                                                                     \
	test_check_eq(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

void test_check_eq(const char *file, int line, const char *what, long long actual, long long expected);
void test_check_text(const char *file, int line, const char *what, const char *actual, const char *expected);
#define CHECK_TEXT(actual, expected) test_check_text(__FILE__, __LINE__, #actual, (actual), (expected))

#endif
