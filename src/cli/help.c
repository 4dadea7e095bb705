/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir help`, `--help` and `weir version`, printed from the table.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { NAME_COLUMN = 26 };

static void print_option(const struct cli_option *option)
{
	char name[64];

	snprintf(name, sizeof(name), "%c%c%s%s%s%s%s", option->letter < CLI_LONG ? '-' : ' ',
	         option->letter < CLI_LONG ? option->letter : ' ',
	         !option->name ? "" : (option->letter < CLI_LONG ? ", " : "  "), option->name ? "--" : "",
	         option->name ? option->name : "", option->arg ? " " : "", option->arg ? option->arg : "");
	printf("  %-*s %s\n", NAME_COLUMN, name, option->help);
}

static void print_options(const char *title, const struct cli_option *options)
{
	if (!options)
		return;
	printf("\n%s\n", title);
	for (; options->letter; options++)
		print_option(options);
}

static void print_commands(void)
{
	const char *section = "";

	for (const struct cli_command *command = cli_commands; command->name; command++) {
		if (strcmp(command->section, section) != 0)
			printf("\n%s\n", command->section);
		section = command->section;
		printf("  %-9s %s\n", command->name, command->summary);
	}
}

void cli_help_print(const struct cli_command *command)
{
	printf("usage: %s\n\n%s\n", command->usage, command->about);
	if (command == &cli_weir)
		print_commands();
	print_options("options", command->options);
	if (command == &cli_weir)
		print_options("options of every command (the letters stand before it)", cli_common_options);
	if (command->examples) {
		printf("\nexamples\n");
		for (const char *const *example = command->examples; *example; example++)
			printf("  %s\n", *example);
	}
	printf("\n%s\n", command == &cli_weir ? "weir help COMMAND tells more of one."
	                                      : "weir help shows the options of every command.");
}

static const char *command_name(const void *ctx, size_t i)
{
	(void)ctx;
	return cli_commands[i].name;
}

int cmd_help(int argc, char **argv)
{
	const struct cli_command *self = cli_command_find("help"), *command = &cli_weir;
	struct cli_args args;

	(void)argc;
	cli_args_init(&args, self, argv);
	if (cli_args_next(&args) == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count > 1)
		return cli_usage(self, NULL, "help takes one command, not %d", args.word_count);
	if (args.word_count == 1)
		command = cli_command_find(args.words[0]);
	if (!command)
		return cli_usage(self, cli_nearest(args.words[0], command_name, NULL), "there is no command \"%s\"",
		                 args.words[0]);
	cli_help_print(command);
	return CLI_DONE;
}

int cmd_version(int argc, char **argv)
{
	struct cli_args args;

	if (argc > 0) {
		cli_args_init(&args, cli_command_find("version"), argv);
		if (cli_args_next(&args) == CLI_ARGS_LEAVE)
			return args.status;
		if (args.word_count > 0)
			return cli_usage(args.command, NULL, "version takes no argument");
	}
	printf("weir %s\n", WEIR_VERSION);
	return CLI_DONE;
}
