/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the `weir` command share: the table of commands, the options that belong to all of them, errors,
 * exit statuses, and asking the running stack.
 *
 * A subcommand is one file with one function cmd_NAME() and one entry in command.c. The entry is the only source of
 * --help, `weir help NAME`, of what the parser accepts and of what a mistyped word is compared with.
 *
 * Data goes to stdout, everything else to stderr. An error is three lines at most: what failed, what Weir saw, what to
 * try.
 */
#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum cli_status {
	CLI_DONE = 0,
	CLI_NO = 1, /* the answer is no */
	CLI_USAGE = 2,
	CLI_NO_STACK = 3,   /* nothing answered at the stack's path */
	CLI_UNREADABLE = 4, /* a file is not what it should be */
	CLI_NOT_ALLOWED = 5,
	CLI_TIMEOUT = 124,
	/* run: as timeout(1) and env(1) have them */
	CLI_RUN_FAILED = 125,
	CLI_RUN_NOT_RUNNABLE = 126,
	CLI_RUN_NOT_FOUND = 127,
};

/* --- the table (command.c) --- */

/* Options without a letter take a number of their own, from here on. */
enum { CLI_LONG = 256 };

/* Those of run, up and down. */
enum { CLI_RUN_HOST = CLI_LONG, CLI_RUN_HOW, CLI_RUN_EXACT, CLI_UP_WORLD, CLI_UP_FOREGROUND };

/* Those of sim. */
enum { CLI_SIM_LIST = CLI_LONG, CLI_SIM_CHECK, CLI_SIM_ALL, CLI_SIM_SEED, CLI_SIM_SEEDS, CLI_SIM_SHARD, CLI_SIM_BRIEF };

/* Those of experiment. */
enum { CLI_EXPERIMENT_SVG = CLI_LONG, CLI_EXPERIMENT_RATE, CLI_EXPERIMENT_DELAY };

struct cli_option {
	int letter;       /* as -x; CLI_LONG and up: none. 0 ends a list */
	const char *name; /* as --name; NULL: none */
	const char *arg;  /* what the value is called; NULL: takes none */
	const char *help;
};

struct cli_command {
	const char *name;
	const char *section;
	const char *summary; /* one line */
	const char *usage;   /* one line, from "weir" on */
	const char *about;   /* paragraphs */
	const struct cli_option *options;
	const char *const *examples;       /* ends with NULL */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit status */
	bool stops_at_word;                /* what follows the first word belongs to somebody else */
};

/* All commands; the last has no name. */
extern const struct cli_command cli_commands[];

/* The options of every command, and `weir` itself, which stands before the command. */
extern const struct cli_option cli_common_options[];
extern const struct cli_command cli_weir;

/* The command of this name, or NULL. */
const struct cli_command *cli_command_find(const char *name);

int cmd_run(int argc, char **argv);
int cmd_up(int argc, char **argv);
int cmd_down(int argc, char **argv);
int cmd_sim(int argc, char **argv);
int cmd_experiment(int argc, char **argv);
int cmd_new(int argc, char **argv);
int cmd_netstat(int argc, char **argv);
int cmd_ss(int argc, char **argv);
int cmd_queues(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

/* --- options (args.c) --- */

/* What the common options said, wherever they stood. */
struct cli_settings {
	const char *stack; /* --stack, or NULL */
	bool json, no_header, ascii, quiet;
};

const struct cli_settings *cli_settings(void);

enum {
	CLI_ARGS_END = -1,   /* words and word_count are complete */
	CLI_ARGS_LEAVE = -2, /* the command is to return status: help was asked for, or the error is printed */
};

struct cli_args {
	const struct cli_command *command;
	const char *value; /* of the option just returned */
	char **words;      /* what is no option, in order; words[word_count] is NULL */
	int word_count;
	int status;
	/* the parser's own */
	char **rest;
	const char *cluster;
	bool only_words;
};

/* Uses argv's own memory for the words. */
void cli_args_init(struct cli_args *args, const struct cli_command *command, char **argv);

/*
 * The next option's letter (or number), its value in args->value; common options are dealt with inside. Else
 * CLI_ARGS_END or CLI_ARGS_LEAVE.
 */
int cli_args_next(struct cli_args *args);

/* --- errors (error.c) --- */

/*
 * Prints an error: the lines of the text, parted by newlines, are what failed, what Weir saw, what to try. Returns
 * status.
 */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Wrong usage: the text says what; then the one usage line, then `meant` (the nearest known word) or, when it is NULL,
 * where help is. Returns CLI_USAGE.
 */
int cli_usage(const struct cli_command *command, const char *meant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line on stderr that is no error; silent with --quiet. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies text with everything that a terminal would act on replaced by '?'. */
void cli_clean(char *to, size_t size, const char *text);

/*
 * Of the names that next(ctx, i) gives until it gives NULL, the one nearest to the word; NULL when none is near enough
 * to have been meant.
 */
const char *cli_nearest(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx);

/* --- help (help.c) --- */

void cli_help_print(const struct cli_command *command);

/* --- the running stack (client.c): where it listens is the world's rule, world/paths.h --- */

/*
 * Sends one request and returns the reply, which the caller owns. NULL when there is none or when it is an error: that
 * is printed then, and *status is the status to leave with.
 */
json_t *cli_ask(json_t *take_request, int *status);

#endif
