/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir up`: starts a world, in the background unless --foreground is given. A world that answers already is left alone
 * when none in particular was asked for.
 */
#include "cli/cli.h"
#include "world/launch.h"
#include "world/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(const struct complaint *complaint)
{
	/* 125 is for programs that were to be run. */
	return cli_fail(complaint->status == CLI_RUN_FAILED ? CLI_NO : complaint->status, "%s\n%s\n%s", complaint->what,
	                complaint->saw, complaint->try);
}

static int bring_up(const char *file, bool foreground)
{
	struct complaint complaint;
	char path[WORLD_PATH];
	int status, started = 0;

	if (file != NULL && access(file, R_OK) != 0)
		return cli_fail(CLI_UNREADABLE,
		                "cannot read the world file %s\n%s\nweir up alone starts the default world", file,
		                strerror(errno));
	status = world_path(cli_settings()->stack, true, path, &complaint);
	if (status == 0)
		status = foreground ? launch_here(path, file, &complaint)
		                    : launch_if_needed(path, file, &started, &complaint);
	if (status != 0)
		return fail(&complaint);
	if (foreground)
		return CLI_DONE;
	if (!started && file != NULL)
		return cli_fail(CLI_NO, "a world is running already\n%s\nweir down first, or another -S PATH", path);
	cli_note(started ? "a world is up at %s" : "a world is running already at %s", path);
	return CLI_DONE;
}

int cmd_up(int argc, char **argv)
{
	struct cli_args args;
	const char *file = NULL;
	bool foreground = false;
	int option;

	(void)argc;
	cli_args_init(&args, cli_command_find("up"), argv);
	while ((option = cli_args_next(&args)) >= 0) {
		if (option == CLI_UP_WORLD)
			file = args.value;
		else if (option == CLI_UP_FOREGROUND)
			foreground = true;
	}
	if (option == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count > (file == NULL ? 1 : 0))
		return cli_usage(args.command, NULL, "one world file at most");
	return bring_up(file != NULL ? file : args.words[0], foreground);
}
