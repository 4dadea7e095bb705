/* SPDX-License-Identifier: Apache-2.0
 *
 * Options, read by the table of a command. Letters may be joined (-tan), values joined or apart (-S PATH, -SPATH,
 * --as=book, --as book), options and words mixed; "--" ends the options. Long names are never guessed from their
 * beginnings: a new option must not change what an old script means. The common options are understood by every
 * command, their letters only before it, since ss and netstat use some of these for other things.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { COMMON_COLOR = CLI_LONG + 100, COMMON_JSON, COMMON_ASCII };

static struct cli_settings settings;

const struct cli_option cli_common_options[] = {
    {'S', "stack", "PATH", "which running stack ($WEIR_STACK, else $XDG_RUNTIME_DIR/weir.sock)"},
    {COMMON_JSON, "json", NULL, "machine output: one document"},
    {'H', "no-header", NULL, "no header line"},
    {COMMON_COLOR, "color", "WHEN", "auto, always or never"},
    {COMMON_ASCII, "ascii", NULL, "no Unicode"},
    {'q', "quiet", NULL, "no notes on stderr"},
    {'h', "help", NULL, "what this command does, and its options"},
    {'V', "version", NULL, "the version of this command"},
    {0, NULL, NULL, NULL},
};

const struct cli_settings *cli_settings(void)
{
	return &settings;
}

void cli_args_init(struct cli_args *args, const struct cli_command *command, char **argv)
{
	*args = (struct cli_args){.command = command, .words = argv, .rest = argv + 1};
}

static int leave(struct cli_args *args, int status)
{
	args->status = status;
	return CLI_ARGS_LEAVE;
}

static const struct cli_option *find(const struct cli_option *options, int letter, const char *name, size_t name_len)
{
	for (; options && options->letter; options++) {
		if (letter ? options->letter == letter
		           : options->name && strlen(options->name) == name_len &&
		                 memcmp(options->name, name, name_len) == 0)
			return options;
	}
	return NULL;
}

/* The long names that a command knows: its own, then the common ones. */
static const char *long_name(const void *ctx, size_t i)
{
	const struct cli_command *command = ctx;
	const struct cli_option *lists[] = {command->options, cli_common_options};

	for (size_t list = 0; list < 2; list++) {
		for (const struct cli_option *option = lists[list]; option && option->letter; option++) {
			if (option->name && i-- == 0)
				return option->name;
		}
	}
	return NULL;
}

static int set_color(struct cli_args *args)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(args->value, words[i]) == 0)
			return 0;
	}
	return leave(args,
	             cli_usage(args->command, NULL, "--color takes auto, always or never, not \"%s\"", args->value));
}

/* A common option; 0 when it is dealt with. */
static int common(struct cli_args *args, const struct cli_option *option)
{
	switch (option->letter) {
	case 'S':
		if (*args->value == '\0')
			return leave(args, cli_usage(args->command, NULL, "--stack needs a path"));
		settings.stack = args->value;
		return 0;
	case COMMON_JSON:
		settings.json = true;
		return 0;
	case 'H':
		settings.no_header = true;
		return 0;
	case COMMON_COLOR:
		return set_color(args);
	case COMMON_ASCII:
		settings.ascii = true;
		return 0;
	case 'q':
		settings.quiet = true;
		return 0;
	case 'h':
		cli_help_print(args->command);
		return leave(args, CLI_DONE);
	default:
		return leave(args, cmd_version(0, NULL));
	}
}

/* Takes the option's value, if it has one: `joined` when it stood in the same argument. 0, or CLI_ARGS_LEAVE. */
static int take_value(struct cli_args *args, const struct cli_option *option, const char *joined, const char *typed)
{
	args->value = joined;
	if (!option->arg) {
		if (joined)
			return leave(args, cli_usage(args->command, NULL, "%s takes no value", typed));
		return 0;
	}
	if (!joined) {
		if (!*args->rest)
			return leave(args, cli_usage(args->command, NULL, "%s needs a value: %s", typed, option->arg));
		args->value = *args->rest++;
	}
	return 0;
}

static int settle(struct cli_args *args, const struct cli_option *own, const struct cli_option *shared)
{
	return own ? own->letter : common(args, shared);
}

static int next_long(struct cli_args *args, const char *typed)
{
	const char *equals = strchr(typed, '='), *nearest;
	size_t len = equals ? (size_t)(equals - typed) - 2 : strlen(typed) - 2;
	const struct cli_option *own = find(args->command->options, 0, typed + 2, len);
	const struct cli_option *shared = own ? NULL : find(cli_common_options, 0, typed + 2, len);
	char meant[64], word[64];

	if (!own && !shared) {
		snprintf(word, sizeof(word), "%.*s", (int)len, typed + 2);
		nearest = cli_nearest(word, long_name, args->command);
		snprintf(meant, sizeof(meant), "--%s", nearest ? nearest : "");
		return leave(args, cli_usage(args->command, nearest ? meant : NULL, "%s has no option --%s",
		                             args->command->name, word));
	}
	if (take_value(args, own ? own : shared, equals ? equals + 1 : NULL, typed))
		return CLI_ARGS_LEAVE;
	return settle(args, own, shared);
}

static int next_letter(struct cli_args *args)
{
	char typed[] = {'-', *args->cluster++, '\0'};
	const struct cli_option *own = find(args->command->options, typed[1], NULL, 0);
	const struct cli_option *shared = NULL, *option;
	const char *joined = NULL;

	if (!own && (args->command == &cli_weir || typed[1] == 'h'))
		shared = find(cli_common_options, typed[1], NULL, 0);
	option = own ? own : shared;
	if (!option)
		return leave(args, cli_usage(args->command, NULL, "%s has no option %s", args->command->name, typed));
	if (option->arg && *args->cluster) {
		joined = args->cluster;
		args->cluster += strlen(args->cluster);
	}
	if (take_value(args, option, joined, typed))
		return CLI_ARGS_LEAVE;
	return settle(args, own, shared);
}

static int end(struct cli_args *args)
{
	args->words[args->word_count] = NULL;
	return CLI_ARGS_END;
}

int cli_args_next(struct cli_args *args)
{
	char *typed;
	int letter;

	for (;;) {
		if (args->cluster && *args->cluster) {
			letter = next_letter(args);
			if (letter)
				return letter;
			continue;
		}
		typed = *args->rest;
		if (!typed)
			return end(args);
		args->rest++;
		if (args->only_words || typed[0] != '-' || typed[1] == '\0') {
			args->words[args->word_count++] = typed;
			args->only_words = args->only_words || args->command->stops_at_word;
		} else if (strcmp(typed, "--") == 0) {
			args->only_words = true;
		} else if (typed[1] == '-') {
			letter = next_long(args, typed);
			if (letter)
				return letter;
		} else {
			args->cluster = typed + 1;
		}
	}
}
