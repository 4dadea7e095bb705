/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir sim`: runs a scenario in virtual time and prints what happens; --check runs scenarios as tests, --seeds with
 * many seeds, --list shows those that come with Weir.
 */
#include "cli/sim.h"

#include "cli/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEFAULT_SEED = 1, SHARDS_MAX = 65536 };

struct request {
	bool list, check, all, many, shared, brief;
	uint64_t seed, seed_last;
	unsigned shard, shards;
};

static void print_about(const char *name, const struct scenario_result *about, json_t *list)
{
	if (list == NULL)
		printf("%-24s %-20s %-20s %s\n", name, about->figure, about->shows, about->title);
	else
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", name, "figure", about->figure,
		                                      "shows", about->shows, "title", about->title));
}

static int list(void)
{
	struct collection c;
	int status = collection_read(&c);
	json_t *names = cli_settings()->json ? json_array() : NULL, *document;

	if (status == 0 && names == NULL && !cli_settings()->no_header)
		printf("%-24s %-20s %-20s %s\n", "NAME", "FIGURE", "SHOWS", "TITLE");
	for (int i = 0; i < c.count; i++) {
		struct scenario_result about;
		struct complaint complaint;
		char name[SIM_NAME_BYTES], path[SIM_PATH_BYTES];

		collection_name(&c, i, name);
		if (!collection_path(&c, i, path) || scenario_describe(path, &about, &complaint) != 0)
			status = sim_complain(&complaint);
		else
			print_about(name, &about, names);
	}
	if (names != NULL && c.count > 0) {
		document = json_pack("{s:i, s:O}", "weir", 1, "scenarios", names);
		json_dumpf(document, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(document);
	}
	json_decref(names);
	collection_free(&c);
	return status;
}

/* -- one, on the screen */

struct shown {
	struct cli_progress progress;
	const char *word;
};

static void tick(void *ctx, weir_time now, weir_time limit, uint64_t events)
{
	struct shown *shown = ctx;

	if (cli_progress_due(&shown->progress))
		cli_progress_write(&shown->progress, "sim %s  t=%.2fs/%.2fs  %" PRIu64 " events", shown->word,
		                   (double)now.ns / 1e9, (double)limit.ns / 1e9, events);
}

static int show(const char *path, const char *word, uint64_t seed, bool brief)
{
	struct shown shown = {.word = word};
	struct scenario_options options = {.seed = seed,
	                                   .out = stdout,
	                                   .failures = stdout,
	                                   .ascii = cli_settings()->ascii,
	                                   .brief = brief,
	                                   .tick = tick,
	                                   .tick_ctx = &shown};
	struct scenario_result result;
	struct complaint complaint;
	int status = scenario_describe(path, &result, &complaint);

	if (status != 0)
		return sim_complain(&complaint);
	printf("%s  seed %" PRIu64 "\n%s\n", word, seed, result.title);
	if (result.shows[0] != '\0')
		printf("shows %s%s%s\n", result.shows, result.figure[0] != '\0' ? ", figure " : "", result.figure);
	putchar('\n');
	/* On a terminal what happens is progress enough. */
	cli_progress_start(&shown.progress, cli_settings()->quiet || isatty(STDOUT_FILENO));
	status = scenario_run(path, &options, &result, &complaint);
	cli_progress_erase(&shown.progress);
	if (status == CLI_UNREADABLE)
		return sim_complain(&complaint);
	if (result.failed > 0)
		cli_fail(CLI_NO, "%u of %u expectations failed\n%s, seed %" PRIu64, result.failed, result.expects, word,
		         seed);
	else
		printf("%u expectation%s held\n", result.expects, result.expects == 1 ? "" : "s");
	return status;
}

/* -- the command line */

/* A number at the beginning of the text. NULL: there is none. */
static const char *read_number(const char *text, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && errno == 0 ? end : NULL;
}

static int read_seed(const struct cli_args *args, struct request *request)
{
	const char *end = read_number(args->value, &request->seed);

	request->seed_last = request->seed;
	if (end != NULL && *end == '\0')
		return 0;
	return cli_usage(args->command, NULL, "--seed takes a number, not \"%s\"", args->value);
}

/* "1..1000" */
static int read_seeds(const struct cli_args *args, struct request *request)
{
	const char *end = read_number(args->value, &request->seed);

	if (end != NULL && strncmp(end, "..", 2) == 0)
		end = read_number(end + 2, &request->seed_last);
	else
		end = NULL;
	if (end != NULL && *end == '\0' && request->seed <= request->seed_last)
		return 0;
	return cli_usage(args->command, NULL, "--seeds takes a range as 1..1000, not \"%s\"", args->value);
}

/* "2/8" */
static int read_shard(const struct cli_args *args, struct request *request)
{
	uint64_t shard = 0, shards = 0;
	const char *end = read_number(args->value, &shard);

	end = end != NULL && *end == '/' ? read_number(end + 1, &shards) : NULL;
	if (end == NULL || *end != '\0' || shard < 1 || shard > shards || shards > SHARDS_MAX)
		return cli_usage(args->command, NULL,
		                 "--shard takes its number and how many there are, as 1/8, not \"%s\"", args->value);
	request->shard = (unsigned)shard;
	request->shards = (unsigned)shards;
	return 0;
}

static int read_option(const struct cli_args *args, int letter, struct request *request)
{
	request->list |= letter == CLI_SIM_LIST;
	request->check |= letter == CLI_SIM_CHECK || letter == CLI_SIM_SEEDS;
	request->all |= letter == CLI_SIM_ALL;
	request->brief |= letter == CLI_SIM_BRIEF;
	request->many |= letter == CLI_SIM_SEEDS;
	request->shared |= letter == CLI_SIM_SHARD;
	if (letter == CLI_SIM_SEED)
		return read_seed(args, request);
	if (letter == CLI_SIM_SEEDS)
		return read_seeds(args, request);
	return letter == CLI_SIM_SHARD ? read_shard(args, request) : 0;
}

static int run(const struct cli_args *args, const struct request *request)
{
	bool none = args->word_count == 0;
	char path[SIM_PATH_BYTES];
	int status;

	if (request->list)
		return none && !request->check ? list() : cli_usage(args->command, NULL, "--list stands alone");
	if (request->all && (!request->check || !none))
		return cli_usage(args->command, NULL, "--all goes with --check or --seeds, and without names");
	if (request->shared && !request->check)
		return cli_usage(args->command, NULL, "--shard goes with --check or --seeds");
	if (none && !request->all)
		return cli_usage(args->command, NULL, "no scenario given");
	if (request->check) {
		struct sim_checks checks = {.words = request->all ? NULL : args->words,
		                            .word_count = args->word_count,
		                            .seed = request->seed,
		                            .seed_last = request->seed_last,
		                            .shard = request->shard,
		                            .shards = request->shards};

		return sim_check(args->command, &checks);
	}
	if (args->word_count > 1)
		return cli_usage(args->command, NULL, "sim runs one scenario, not %d", args->word_count);
	if (cli_settings()->json)
		return cli_usage(args->command, NULL, "--json goes with --list and --check");
	status = sim_find(args->command, args->words[0], path);
	return status == 0 ? show(path, args->words[0], request->seed, request->brief) : status;
}

int cmd_sim(int argc, char **argv)
{
	struct request request = {.seed = DEFAULT_SEED, .seed_last = DEFAULT_SEED, .shard = 1, .shards = 1};
	struct cli_args args;
	int letter, status;

	(void)argc;
	cli_args_init(&args, cli_command_find("sim"), argv);
	while ((letter = cli_args_next(&args)) >= 0) {
		status = read_option(&args, letter, &request);
		if (status != 0)
			return status;
	}
	return letter == CLI_ARGS_LEAVE ? args.status : run(&args, &request);
}
