/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir new NAME`: writes a commented scenario that passes, to be edited.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

static const char scenario[] =
    "-- A scenario: run it with  weir sim FILE,  as a test with  weir sim --check FILE.\n"
    "-- All words: weir help sim, and docs/SCENARIOS.md.\n"
    "scenario {\n"
    "  title = \"An echo client waits for all its bytes\",\n"
    "  stop = \"60s\", -- of virtual time, should it not end by itself\n"
    "}\n"
    "\n"
    "-- The world: two hosts, and the link between them. What is left to chance comes from --seed.\n"
    "host { name = \"A\", address = \"10.0.0.1/24\" }\n"
    "host { name = \"B\", address = \"10.0.0.2/24\" }\n"
    "link { name = \"lan\", \"A\", \"B\", delay = \"10ms\", loss = \"1%\" }\n"
    "\n"
    "-- A fault aimed at one segment: the first SYN,ACK from B comes late.\n"
    "delay { from = \"B\", flags = \"SYN,ACK\", nth = 1, by = \"50ms\" }\n"
    "\n"
    "-- A program on host B. Its calls wait in virtual time; what fails returns nil and the error's name.\n"
    "program(\"B\", \"server\", function()\n"
    "  local listener = listen(7)\n"
    "  local s = assert(listener:accept())\n"
    "  listener:close()\n"
    "  repeat\n"
    "    local text = s:read(1000) -- nil at the end of the stream\n"
    "    if text then s:write(text) end\n"
    "  until not text\n"
    "  s:close()\n"
    "end)\n"
    "\n"
    "program(\"A\", \"client\", function()\n"
    "  local s = assert(connect(\"B\", 7, { sndbuf = \"4KiB\" }))\n"
    "  local message = (\"echo \"):rep(1000)\n"
    "  local echoed = \"\"\n"
    "  -- Written by a thread of its own: the queues are smaller than the message.\n"
    "  local writer = spawn(function() s:write(message); s:shutdown() end)\n"
    "  repeat\n"
    "    local text = s:read(1000)\n"
    "    echoed = echoed .. (text or \"\")\n"
    "  until not text\n"
    "  join(writer)\n"
    "  s:close()\n"
    "  -- What must come out: a line of the textbook or a name of your own, what is judged, the value, the one "
    "wanted.\n"
    "  expect(\"echo\", \"every byte comes back\", echoed == message)\n"
    "  expect(\"echo\", \"the client has closed\", state(\"A\"), \"TIME_WAIT\")\n"
    "end)\n"
    "\n"
    "-- At an instant: look at the whole world.\n"
    "at(\"65ms\", function()\n"
    "  mark \"the client sends, the server reads\"\n"
    "end)\n";

static int write_file(const char *path)
{
	FILE *file = fopen(path, "wx");
	bool written;

	if (file == NULL && errno == EEXIST)
		return cli_fail(CLI_NO, "%s is there already\nit is left as it was\nchoose another name", path);
	if (file == NULL)
		return cli_fail(errno == EACCES || errno == EROFS ? CLI_NOT_ALLOWED : CLI_NO,
		                "cannot write %s\n%s\nchoose another place", path, strerror(errno));
	written = fputs(scenario, file) >= 0;
	if (fclose(file) != 0 || !written) {
		int error = errno;

		remove(path);
		return cli_fail(CLI_NO, "cannot write %s\n%s", path, strerror(error));
	}
	printf("wrote %s\n", path);
	return CLI_DONE;
}

int cmd_new(int argc, char **argv)
{
	struct cli_args args;
	char path[PATH_BYTES];
	size_t len;
	bool named;

	(void)argc;
	cli_args_init(&args, cli_command_find("new"), argv);
	if (cli_args_next(&args) == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count != 1)
		return cli_usage(args.command, NULL, "new takes one name, not %d", args.word_count);
	len = strlen(args.words[0]);
	named = len > 4 && strcmp(args.words[0] + len - 4, ".lua") == 0;
	if (len == 0 ||
	    (size_t)snprintf(path, sizeof(path), "%s%s", args.words[0], named ? "" : ".lua") >= sizeof(path))
		return cli_usage(args.command, NULL, "new takes the name of a file");
	return write_file(path);
}
