/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `weir sim` share: sim.c reads the command line, sim_find.c knows where scenarios are, sim_check.c
 * runs them as tests.
 */
#ifndef WEIR_CLI_SIM_H
#define WEIR_CLI_SIM_H

#include "cli/cli.h"
#include "sim/scenario.h"

enum { SIM_PATH_BYTES = 4096, SIM_NAME_BYTES = 256 };

/* The scenarios that come with Weir. */
struct collection {
	char folder[SIM_PATH_BYTES];
	struct dirent **entry;
	int count;
};

/* 0, or the status of an error, which has been printed. */
int collection_read(struct collection *c);
void collection_free(struct collection *c);
void collection_name(const struct collection *c, int i, char name[SIM_NAME_BYTES]);
bool collection_path(const struct collection *c, int i, char path[SIM_PATH_BYTES]);

/* The path that a word means: a file, a name, fig-6.5. 0, or the status of an error, which has been printed. */
int sim_find(const struct cli_command *command, const char *word, char path[SIM_PATH_BYTES]);

/* What to run as tests. */
struct sim_checks {
	char **words; /* NULL: all that come with Weir */
	int word_count;
	uint64_t seed, seed_last;
	unsigned shard, shards; /* of all runs every shards-th, from the shard-th on, counted from 1 */
};

/* Returns the status: that of the worst run. */
int sim_check(const struct cli_command *command, const struct sim_checks *checks);

int sim_complain(const struct complaint *complaint);
/* As a shell takes it as one word. text holds 4 times the word and 3. */
const char *sim_shell_word(const char *word, char *text);

#endif
