/* SPDX-License-Identifier: Apache-2.0
 *
 * weir-bench: the in-memory rows. Every row runs all engines in turn, A B C A B C ..., and keeps the median of each.
 * Prints one JSON object a line (bench/run makes the table), or with --text lines for people; with --describe only
 * how the engines are set up.
 *
 *	weir-bench [--rounds N] [--row NAME] [--engine NAME] [--seconds S] [--text] [--describe]
 */
#include "engine.h"

#include <dlfcn.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 99, ORDER = 1 << 16, CHURN = 2000 };

enum work { BULK, PING, CHURNING, MEMORY };

static const struct row {
	const char *name, *what, *unit;
	enum work work;
	enum bench_link link;
	unsigned connections;
} rows[] = {
    {"bulk-1500", "bulk, MTU 1500, checksums", "Gbit/s", BULK, BENCH_MTU_1500, 1},
    {"bulk-64k-checksum", "bulk, segments up to 64 KiB, checksums", "Gbit/s", BULK, BENCH_LARGE, 1},
    {"bulk-64k", "bulk, segments up to 64 KiB, none needed", "Gbit/s", BULK, BENCH_LARGE_TRUSTED, 1},
    {"ping-1", "1-byte ping-pong, 1 connection", "ns", PING, BENCH_MTU_1500, 1},
    {"ping-100", "1-byte ping-pong over 100", "ns", PING, BENCH_MTU_1500, 100},
    {"ping-10000", "1-byte ping-pong over 10,000", "ns", PING, BENCH_MTU_1500, 10000},
    {"ping-100000", "1-byte ping-pong over 100,000", "ns", PING, BENCH_MTU_1500, 100000},
    {"churn", "connect, byte each way, close", "ns", CHURNING, BENCH_MTU_1500, 0},
    {"churn-10000", "the same beside 10,000 idle ones", "ns", CHURNING, BENCH_MTU_1500, 10000},
    {"memory", "memory per idle connection end", "bytes", MEMORY, BENCH_MTU_1500, 10000},
};

enum { ROWS = sizeof rows / sizeof *rows, ENGINES = 4 };

static const struct bench_engine *engines[ENGINES] = {&bench_weir, NULL, NULL, &bench_kernel};

static struct {
	unsigned rounds;
	double seconds;
	const char *row, *engine;
	bool text, describe;
} options = {.rounds = 5, .seconds = 0.3};

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t bench_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* What is measured: the processor's time. One thread does all the work and never waits, so that on a machine at
 * rest it is the wall's; on a busy one, what others use is not counted. */
static int64_t used(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* Connections in an order that no cache guesses, the same for all engines. */
static const uint32_t *random_order(unsigned connections)
{
	static uint32_t order[ORDER];
	uint64_t x = 88172645463325252;

	for (size_t i = 0; i < ORDER; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		order[i] = (uint32_t)(x % connections);
	}
	return order;
}

/* One measurement: work in portions until the time is over, after one portion to warm up. */
static double measure(const struct bench_engine *engine, const struct row *row)
{
	const uint64_t portion = UINT64_C(16) << 20;
	const uint32_t *order = row->work == PING ? random_order(row->connections) : NULL;
	int64_t start = 0, limit = (int64_t)(options.seconds * 1e9), spent = 0;
	uint64_t done = 0;
	size_t pings = 64;

	if (row->work == MEMORY)
		return engine->memory() / (2.0 * row->connections);
	if (row->work == CHURNING) {
		engine->churn(CHURN / 4);
		start = used();
		engine->churn(CHURN);
		return (double)(used() - start) / CHURN;
	}
	for (bool warm = false; spent < limit; warm = true) {
		if (!warm || done == 0)
			start = used();
		if (row->work == BULK)
			engine->bulk(portion);
		else
			engine->ping(order + (done % (ORDER - pings)), pings);
		if (!warm)
			continue;
		done += row->work == BULK ? portion : pings;
		spent = used() - start;
	}
	return row->work == BULK ? (double)done * 8 / (double)spent : (double)spent / (double)done;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool can(const struct bench_engine *engine, enum work work)
{
	switch (work) {
	case BULK:
		return engine->bulk != NULL;
	case PING:
		return engine->ping != NULL;
	case CHURNING:
		return engine->churn != NULL;
	case MEMORY:
		return engine->memory != NULL;
	}
	return false;
}

static void print(const struct row *row, const struct bench_engine *engine, double *value, unsigned n,
                  const char *impossible)
{
	if (n > 0)
		qsort(value, n, sizeof *value, compare);
	if (options.text && n > 0)
		printf("%-44s %-10s %12.2f %s (%.2f .. %.2f)\n", row->what, engine->name, value[n / 2], row->unit,
		       value[0], value[n - 1]);
	else if (options.text)
		printf("%-44s %-10s not possible: %s\n", row->what, engine->name, impossible);
	else if (n > 0)
		printf("{\"row\":\"%s\",\"what\":\"%s\",\"unit\":\"%s\",\"engine\":\"%s\",\"median\":%.3f,\"low\":%.3f,"
		       "\"high\":%.3f,\"rounds\":%u}\n",
		       row->name, row->what, row->unit, engine->name, value[n / 2], value[0], value[n - 1], n);
	else
		printf("{\"row\":\"%s\",\"what\":\"%s\",\"unit\":\"%s\",\"engine\":\"%s\",\"impossible\":\"%s\"}\n",
		       row->name, row->what, row->unit, engine->name, impossible);
	fflush(stdout);
}

static void run_row(const struct row *row)
{
	double value[ENGINES][ROUNDS_MAX];
	const char *impossible[ENGINES] = {NULL};
	unsigned rounds = row->work == MEMORY ? 1 : options.rounds;

	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned e = 0; e < ENGINES; e++) {
			if (!can(engines[e], row->work) || impossible[e] != NULL ||
			    (options.engine != NULL && strcmp(options.engine, engines[e]->name) != 0))
				continue;
			impossible[e] = engines[e]->open(row->link, row->connections);
			if (impossible[e] != NULL)
				continue;
			value[e][round] = measure(engines[e], row);
			engines[e]->close();
		}
	}
	for (unsigned e = 0; e < ENGINES; e++) {
		if (can(engines[e], row->work) &&
		    (options.engine == NULL || strcmp(options.engine, engines[e]->name) == 0))
			print(row, engines[e], value[e], impossible[e] == NULL ? rounds : 0, impossible[e]);
	}
}

static void load_lwip(void)
{
	static const char *const names[] = {"bench_lwip", "bench_lwip_simd"};
	void *module = dlopen(BENCH_LWIP_MODULE, RTLD_NOW | RTLD_LOCAL);

	if (module == NULL)
		bench_fail("cannot load lwIP's engine: %s", dlerror());
	for (unsigned i = 0; i < 2; i++) {
		engines[1 + i] = dlsym(module, names[i]);
		if (engines[1 + i] == NULL)
			bench_fail("lwIP's engine is not what it should be: %s", dlerror());
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option known[] = {
	    {"rounds", required_argument, NULL, 'r'},
	    {"row", required_argument, NULL, 'o'},
	    {"engine", required_argument, NULL, 'e'},
	    {"text", no_argument, NULL, 't'},
	    {"seconds", required_argument, NULL, 's'},
	    {"describe", no_argument, NULL, 'd'},
	    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'r')
			options.rounds = (unsigned)atoi(optarg);
		else if (c == 'o')
			options.row = optarg;
		else if (c == 'e')
			options.engine = optarg;
		else if (c == 's')
			options.seconds = atof(optarg);
		else if (c == 't')
			options.text = true;
		else if (c == 'd')
			options.describe = true;
		else
			exit(2);
	}
	if (options.rounds < 1 || options.rounds > ROUNDS_MAX || options.seconds <= 0)
		bench_fail("--rounds takes 1 to %d, --seconds more than 0", ROUNDS_MAX);
}

int main(int argc, char **argv)
{
	unsigned ran = 0;

	read_options(argc, argv);
	load_lwip();
	for (unsigned e = 0; options.describe && e < ENGINES; e++)
		engines[e]->describe();
	if (options.describe)
		return 0;
	for (unsigned i = 0; i < ROWS; i++) {
		if (options.row != NULL && strcmp(options.row, rows[i].name) != 0)
			continue;
		run_row(&rows[i]);
		ran++;
	}
	if (ran == 0)
		bench_fail("no row is called '%s'", options.row);
	return 0;
}
