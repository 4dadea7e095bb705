/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir`: the common options, then a command from the table in command.c.
 */
#include "cli/cli.h"

#include <stdio.h>

static const char *command_name(const void *ctx, size_t i)
{
	(void)ctx;
	return cli_commands[i].name;
}

static int dispatch(int count, char **words)
{
	const struct cli_command *command;

	if (count == 0)
		return cli_usage(&cli_weir, NULL, "no command given");
	command = cli_command_find(words[0]);
	if (!command)
		return cli_usage(&cli_weir, cli_nearest(words[0], command_name, NULL), "there is no command \"%s\"",
		                 words[0]);
	return command->run(count, words);
}

int main(int argc, char **argv)
{
	struct cli_args args;
	int status;

	if (argc < 1)
		return CLI_USAGE;
	cli_args_init(&args, &cli_weir, argv);
	status = cli_args_next(&args) == CLI_ARGS_LEAVE ? args.status : dispatch(args.word_count, args.words);
	if ((fflush(stdout) || ferror(stdout)) && status == CLI_DONE)
		return cli_fail(CLI_NO, "the output could not be written\nstdout is full or closed");
	return status;
}
