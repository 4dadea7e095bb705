/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir down`: asks the running world to stop.
 */
#include "cli/cli.h"

int cmd_down(int argc, char **argv)
{
	struct cli_args args;
	json_t *reply;
	int option, status;

	(void)argc;
	cli_args_init(&args, cli_command_find("down"), argv);
	while ((option = cli_args_next(&args)) >= 0)
		;
	if (option == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count > 0)
		return cli_usage(args.command, NULL, "down takes no word");
	reply = cli_ask(json_pack("{s:s}", "verb", "down"), &status);
	json_decref(reply);
	return status;
}
