/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir sim`: runs a scenario in virtual time and prints what happens; --check runs scenarios as tests. Those that come
 * with Weir are found beside the command, in the build's or the source's folder, or where they were installed, by
 * file name or by figure of the textbook ("fig-6.3").
 */
#include "cli/cli.h"
#include "sim/scenario.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, NAME_BYTES = 256, FIGURE_PREFIX = 4, DEFAULT_SEED = 1 };

struct collection {
	char folder[PATH_BYTES];
	struct dirent **entry;
	int count;
};

struct request {
	bool list, check, all;
	uint64_t seed;
};

static int is_scenario(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool scan(struct collection *c, const char *base, const char *below)
{
	if ((size_t)snprintf(c->folder, sizeof(c->folder), "%s%s", base, below) >= sizeof(c->folder))
		return false;
	c->count = scandir(c->folder, &c->entry, is_scenario, by_name);
	if (c->count == 0)
		free(c->entry);
	return c->count > 0;
}

/* The scenarios that come with Weir. 0, or the status of an error. */
static int collect(struct collection *c)
{
	char exe[PATH_BYTES / 2];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	*c = (struct collection){.count = 0};
	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash != NULL)
		*slash = '\0';
	if (slash != NULL && (scan(c, exe, "/scenarios") || scan(c, exe, "/../scenarios")))
		return 0;
	if (scan(c, WEIR_SCENARIOS, ""))
		return 0;
	c->count = 0;
	return cli_fail(CLI_UNREADABLE,
	                "the scenarios that come with Weir are not there\nlooked in %s/scenarios and %s\n"
	                "give a file: weir sim FILE.lua",
	                exe, WEIR_SCENARIOS);
}

static void collection_free(struct collection *c)
{
	for (int i = 0; i < c->count; i++)
		free(c->entry[i]);
	if (c->count > 0)
		free(c->entry);
}

static void name_of(const struct collection *c, int i, char name[NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "%s", c->entry[i]->d_name);
	name[strlen(name) - 4] = '\0';
}

static bool path_of(const struct collection *c, int i, char path[PATH_BYTES])
{
	return (size_t)snprintf(path, PATH_BYTES, "%s/%s", c->folder, c->entry[i]->d_name) < PATH_BYTES;
}

static int complain_about(const struct complaint *complaint)
{
	return cli_fail(complaint->status, "%s\n%s\n%s", complaint->what, complaint->saw, complaint->try);
}

/* "6.2 6.3 6.4" has "6.3". */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at++) {
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

static bool is_meant(const struct collection *c, int i, const char *word)
{
	struct scenario_result about;
	struct complaint complaint;
	char name[NAME_BYTES], path[PATH_BYTES];

	name_of(c, i, name);
	if (strcmp(name, word) == 0)
		return true;
	if (strncmp(word, "fig-", FIGURE_PREFIX) != 0 || !path_of(c, i, path))
		return false;
	return scenario_describe(path, &about, &complaint) == 0 && has_word(about.figure, word + FIGURE_PREFIX);
}

static const char *file_name(const void *ctx, size_t i)
{
	const struct collection *c = ctx;

	return i < (size_t)c->count ? c->entry[i]->d_name : NULL;
}

/* The path that a word means. 0, or the status of an error. */
static int find(const struct cli_args *args, const char *word, char path[PATH_BYTES])
{
	size_t len = strlen(word);
	struct collection c;
	const char *nearest;
	char meant[NAME_BYTES];
	bool found = false;
	int status;

	if (strchr(word, '/') != NULL || (len > 4 && strcmp(word + len - 4, ".lua") == 0)) {
		if ((size_t)snprintf(path, PATH_BYTES, "%s", word) < PATH_BYTES && access(path, R_OK) == 0)
			return 0;
		return cli_fail(CLI_UNREADABLE, "cannot read the scenario %s\n%s\nweir sim --list shows those of Weir",
		                word, strerror(errno));
	}
	status = collect(&c);
	if (status != 0)
		return status;
	for (int i = 0; i < c.count && !found; i++)
		found = is_meant(&c, i, word) && path_of(&c, i, path);
	if (!found) {
		snprintf(meant, sizeof(meant), "%s.lua", word);
		nearest = cli_nearest(meant, file_name, &c);
		snprintf(meant, sizeof(meant), "%.*s", nearest != NULL ? (int)strlen(nearest) - 4 : 0,
		         nearest != NULL ? nearest : "");
		status = cli_usage(args->command, nearest != NULL ? meant : NULL, "there is no scenario \"%s\"", word);
	}
	collection_free(&c);
	return status;
}

static int list(void)
{
	struct collection c;
	int status = collect(&c);

	if (status == 0 && !cli_settings()->no_header)
		printf("%-24s %-20s %-20s %s\n", "NAME", "FIGURE", "SHOWS", "TITLE");
	for (int i = 0; i < c.count; i++) {
		struct scenario_result about;
		struct complaint complaint;
		char name[NAME_BYTES], path[PATH_BYTES];

		name_of(&c, i, name);
		if (!path_of(&c, i, path) || scenario_describe(path, &about, &complaint) != 0) {
			status = complain_about(&complaint);
			continue;
		}
		printf("%-24s %-20s %-20s %s\n", name, about.figure, about.shows, about.title);
	}
	collection_free(&c);
	return status;
}

static int show(const char *path, const char *word, uint64_t seed)
{
	struct scenario_options options = {
	    .seed = seed, .out = stdout, .failures = stdout, .ascii = cli_settings()->ascii};
	struct scenario_result result;
	struct complaint complaint;
	int status = scenario_describe(path, &result, &complaint);

	if (status != 0)
		return complain_about(&complaint);
	printf("%s  seed %" PRIu64 "\n%s\n", word, seed, result.title);
	if (result.shows[0] != '\0')
		printf("shows %s%s%s\n", result.shows, result.figure[0] != '\0' ? ", figure " : "", result.figure);
	putchar('\n');
	status = scenario_run(path, &options, &result, &complaint);
	if (status == CLI_UNREADABLE)
		return complain_about(&complaint);
	if (result.failed > 0)
		cli_fail(CLI_NO, "%u of %u expectations failed\n%s, seed %" PRIu64, result.failed, result.expects, word,
		         seed);
	else
		printf("%u expectation%s held\n", result.expects, result.expects == 1 ? "" : "s");
	return status;
}

/* Runs one as a test. Returns its status. */
static int check(const char *path, const char *word, uint64_t seed)
{
	char *failures = NULL;
	size_t bytes;
	FILE *file = open_memstream(&failures, &bytes);
	struct scenario_options options = {.seed = seed, .failures = file};
	struct scenario_result result;
	struct complaint complaint;
	int status;

	if (file == NULL)
		return cli_fail(CLI_NO, "cannot check %s\nno memory", word);
	status = scenario_run(path, &options, &result, &complaint);
	if (fclose(file) != 0)
		status = CLI_NO;
	if (status == CLI_DONE) {
		printf("ok      %-24s %3u expectations, %.3f s, %" PRIu64 " events\n", word, result.expects,
		       (double)result.ended.ns / 1e9, result.events);
	} else {
		printf("FAILED  %s\n%s", word, failures != NULL ? failures : "");
		if (status == CLI_UNREADABLE)
			complain_about(&complaint);
		printf("  again: weir sim --seed %" PRIu64 " %s\n", seed, word);
	}
	free(failures);
	return status;
}

static int check_all(uint64_t seed)
{
	struct collection c;
	int status = collect(&c), failed = 0;

	if (status != 0)
		return status;
	for (int i = 0; i < c.count; i++) {
		char name[NAME_BYTES], path[PATH_BYTES];
		int one;

		name_of(&c, i, name);
		one = path_of(&c, i, path) ? check(path, name, seed) : CLI_UNREADABLE;
		failed += one != 0;
		status = one > status ? one : status;
	}
	printf("%d scenarios, %d failed\n", c.count, failed);
	collection_free(&c);
	return status;
}

static int check_words(const struct cli_args *args, uint64_t seed)
{
	int status = CLI_DONE;

	for (int i = 0; i < args->word_count; i++) {
		char path[PATH_BYTES];
		int one = find(args, args->words[i], path);

		if (one == 0)
			one = check(path, args->words[i], seed);
		status = one > status ? one : status;
	}
	return status;
}

static int read_seed(const struct cli_args *args, uint64_t *seed)
{
	char *end;

	errno = 0;
	*seed = strtoull(args->value, &end, 10);
	if (args->value[0] >= '0' && args->value[0] <= '9' && *end == '\0' && errno == 0)
		return 0;
	return cli_usage(args->command, NULL, "--seed takes a number, not \"%s\"", args->value);
}

static int run(const struct cli_args *args, const struct request *request)
{
	bool none = args->word_count == 0;
	char path[PATH_BYTES];
	int status;

	if (request->list)
		return none && !request->check ? list() : cli_usage(args->command, NULL, "--list stands alone");
	if (request->all && (!request->check || !none))
		return cli_usage(args->command, NULL, "--all goes with --check, and without names");
	if (request->all)
		return check_all(request->seed);
	if (none)
		return cli_usage(args->command, NULL, "no scenario given");
	if (request->check)
		return check_words(args, request->seed);
	if (args->word_count > 1)
		return cli_usage(args->command, NULL, "sim runs one scenario, not %d", args->word_count);
	status = find(args, args->words[0], path);
	return status == 0 ? show(path, args->words[0], request->seed) : status;
}

int cmd_sim(int argc, char **argv)
{
	struct request request = {.seed = DEFAULT_SEED};
	struct cli_args args;
	int letter, status;

	(void)argc;
	cli_args_init(&args, cli_command_find("sim"), argv);
	while ((letter = cli_args_next(&args)) >= 0) {
		request.list |= letter == CLI_SIM_LIST;
		request.check |= letter == CLI_SIM_CHECK;
		request.all |= letter == CLI_SIM_ALL;
		status = letter == CLI_SIM_SEED ? read_seed(&args, &request.seed) : 0;
		if (status != 0)
			return status;
	}
	return letter == CLI_ARGS_LEAVE ? args.status : run(&args, &request);
}
