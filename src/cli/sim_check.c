/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir sim --check`: scenarios as tests, each with one seed or with many. All failures are collected; a script that is
 * wrong is not tried with further seeds.
 */
#include "cli/progress.h"
#include "cli/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sweep {
	const struct sim_checks *checks;
	struct cli_progress progress;
	json_t *results; /* NULL: text is printed */
	uint64_t runs, failed, turn;
	int status;
	const char *word; /* the one that runs */
	uint64_t seed;
};

static bool many(const struct sim_checks *checks)
{
	return checks->seed_last > checks->seed;
}

static void tick(void *ctx, weir_time now, weir_time limit, uint64_t events)
{
	struct sweep *sweep = ctx;

	if (!cli_progress_due(&sweep->progress))
		return;
	if (many(sweep->checks))
		cli_progress_write(&sweep->progress, "sim %s  seed %" PRIu64 "/%" PRIu64 "  %" PRIu64 " failed",
		                   sweep->word, sweep->seed, sweep->checks->seed_last, sweep->failed);
	else
		cli_progress_write(&sweep->progress, "sim %s  t=%.2fs/%.2fs  %" PRIu64 " events", sweep->word,
		                   (double)now.ns / 1e9, (double)limit.ns / 1e9, events);
}

/* The one command that repeats it. To be freed. */
static char *again(const struct sweep *sweep)
{
	size_t room = 4 * strlen(sweep->word) + 64;
	char *text = malloc(room);

	if (text != NULL)
		sim_shell_word(sweep->word, text + snprintf(text, room, "weir sim --seed %" PRIu64 " ", sweep->seed));
	return text;
}

static json_t *lines(char *text)
{
	json_t *list = json_array();
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		json_array_append_new(list, json_string(line));
	return list;
}

static void add_json(struct sweep *sweep, int status, const struct scenario_result *result, char *failures,
                     const struct complaint *complaint)
{
	char *repeat = again(sweep);
	json_t *one = json_pack(
	    "{s:s, s:I, s:s, s:i, s:i, s:f, s:I, s:o}", "name", sweep->word, "seed", (json_int_t)sweep->seed, "status",
	    status == CLI_DONE ? "ok"
	    : status == CLI_NO ? "failed"
	                       : "wrong",
	    "expectations", (int)result->expects, "failed", (int)result->failed, "seconds",
	    (double)result->ended.ns / 1e9, "events", (json_int_t)result->events, "failures", lines(failures));

	if (status != CLI_DONE && repeat != NULL)
		json_object_set_new(one, "again", json_string(repeat));
	if (status == CLI_UNREADABLE)
		json_object_set_new(one, "error", json_string(complaint->saw));
	json_array_append_new(sweep->results, one);
	free(repeat);
}

static void print_one(struct sweep *sweep, int status, const struct scenario_result *result, const char *failures,
                      const struct complaint *complaint)
{
	char *repeat;

	if (status == CLI_DONE && many(sweep->checks))
		return;
	cli_progress_erase(&sweep->progress);
	if (status == CLI_DONE) {
		printf("ok      %-24s %3u expectations, %.3f s, %" PRIu64 " events\n", sweep->word, result->expects,
		       (double)result->ended.ns / 1e9, result->events);
		return;
	}
	printf("FAILED  %s  seed %" PRIu64 "\n%s", sweep->word, sweep->seed, failures);
	if (status == CLI_UNREADABLE)
		sim_complain(complaint);
	repeat = again(sweep);
	printf("  again: %s\n", repeat != NULL ? repeat : "no memory");
	free(repeat);
}

/* Runs one as a test. Returns its status. */
static int check(struct sweep *sweep, const char *path)
{
	char *failures = NULL;
	size_t bytes;
	FILE *file = open_memstream(&failures, &bytes);
	struct scenario_options options = {
	    .seed = sweep->seed, .failures = file, .tick = sweep->progress.on ? tick : NULL, .tick_ctx = sweep};
	struct scenario_result result;
	struct complaint complaint;
	int status;

	if (file == NULL)
		return cli_fail(CLI_NO, "cannot check %s\nno memory", sweep->word);
	status = scenario_run(path, &options, &result, &complaint);
	if (fclose(file) != 0)
		status = CLI_NO;
	if (sweep->results != NULL)
		add_json(sweep, status, &result, failures, &complaint);
	else
		print_one(sweep, status, &result, failures, &complaint);
	free(failures);
	return status;
}

static bool is_in_shard(struct sweep *sweep)
{
	return sweep->turn++ % sweep->checks->shards == sweep->checks->shard - 1;
}

static void check_seeds(struct sweep *sweep, const char *word, const char *path)
{
	int status = CLI_DONE;

	sweep->word = word;
	for (sweep->seed = sweep->checks->seed; status != CLI_UNREADABLE; sweep->seed++) {
		if (is_in_shard(sweep)) {
			status = check(sweep, path);
			sweep->runs++;
			sweep->failed += status != CLI_DONE;
			sweep->status = status > sweep->status ? status : sweep->status;
		}
		if (sweep->seed == sweep->checks->seed_last)
			return;
	}
}

static int check_all(struct sweep *sweep)
{
	struct collection c;
	int status = collection_read(&c);

	if (status != 0)
		return status;
	for (int i = 0; i < c.count; i++) {
		char name[SIM_NAME_BYTES], path[SIM_PATH_BYTES];

		collection_name(&c, i, name);
		if (collection_path(&c, i, path))
			check_seeds(sweep, name, path);
		else
			sweep->status = CLI_UNREADABLE;
	}
	collection_free(&c);
	return 0;
}

static int check_words(const struct cli_command *command, struct sweep *sweep)
{
	for (int i = 0; i < sweep->checks->word_count; i++) {
		char path[SIM_PATH_BYTES];
		int status = sim_find(command, sweep->checks->words[i], path);

		if (status != 0)
			return status;
		check_seeds(sweep, sweep->checks->words[i], path);
	}
	return 0;
}

static void print_end(const struct sweep *sweep)
{
	json_t *document;

	if (sweep->results == NULL) {
		printf("%" PRIu64 " %s%s, %" PRIu64 " failed\n", sweep->runs, many(sweep->checks) ? "run" : "scenario",
		       sweep->runs == 1 ? "" : "s", sweep->failed);
		return;
	}
	document = json_pack("{s:i, s:O, s:I, s:I}", "weir", 1, "results", sweep->results, "runs",
	                     (json_int_t)sweep->runs, "failed", (json_int_t)sweep->failed);
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(document);
}

int sim_check(const struct cli_command *command, const struct sim_checks *checks)
{
	struct sweep sweep = {.checks = checks, .results = cli_settings()->json ? json_array() : NULL};
	int status;

	cli_progress_start(&sweep.progress, cli_settings()->quiet);
	status = checks->words == NULL ? check_all(&sweep) : check_words(command, &sweep);
	cli_progress_erase(&sweep.progress);
	if (status == 0) {
		print_end(&sweep);
		status = sweep.status;
	}
	json_decref(sweep.results);
	return status;
}
