/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir queues HOST#ID`: where the bytes are that one end of a connection has written. The other direction is
 * asked for with the other end's id. Unicode is left out on request, and on a terminal that has none.
 */
#include "cli/queues.h"

#include "cli/cli.h"
#include "cli/look.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_ascii(void)
{
	if (cli_settings()->ascii)
		return true;
	if (!isatty(STDOUT_FILENO))
		return false;
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/* "a#3", or "3" and "#3" when the host is known; *host is cut out of `word`. */
static bool read_id(char *word, const char **host, long long *id)
{
	char *mark = strrchr(word, '#'), *digits = mark ? mark + 1 : word, *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*id = strtoll(digits, &end, 10);
	if (*end || errno)
		return false;
	if (mark && mark != word) {
		*mark = '\0';
		*host = word;
	}
	return true;
}

/* "SendQ 500 + RecvQ 500 = 1000": what can be written before somebody reads [T3.2]. */
static void show_bounds(const json_t *bounds)
{
	const json_t *recvq = json_object_get(bounds, "recvq"), *uncopied = json_object_get(bounds, "uncopied");

	if (!json_is_object(bounds))
		return;
	printf("  bounds      SendQ %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(bounds, "sendq")));
	if (recvq)
		printf(" + RecvQ %" JSON_INTEGER_FORMAT " = %" JSON_INTEGER_FORMAT, json_integer_value(recvq),
		       json_integer_value(json_object_get(bounds, "sum")));
	if (json_is_false(json_object_get(bounds, "exact")))
		printf(", and more in the programs' own streams (not with weir run --exact)");
	if (uncopied)
		printf("; a write is blocked with %" JSON_INTEGER_FORMAT " bytes left", json_integer_value(uncopied));
	putchar('\n');
}

static int show(const json_t *reply)
{
	struct queues_view view;
	int status = CLI_DONE;

	if (cli_settings()->json) {
		look_print_json(reply);
		return CLI_DONE;
	}
	if (queues_read(&view, reply)) {
		queues_draw(&view, wants_ascii(), stdout);
		show_bounds(json_object_get(reply, "bounds"));
		if (!view.has_peer)
			cli_note("the other end is outside this world: its RecvQ and Delivered cannot be seen");
		if (!view.exact)
			cli_note("inferred: part of these bytes is in the programs' own streams");
	} else {
		status = cli_fail(CLI_NO_STACK,
		                  "the stack's answer cannot be read\nthe queues in it are not as they should be\n"
		                  "use the weir that started it");
	}
	queues_free(&view);
	return status;
}

static int ask(const struct cli_args *args, const char *host)
{
	json_t *request, *reply;
	char *word = args->words[0];
	long long id;
	int status;

	if (!read_id(word, &host, &id))
		return cli_usage(args->command, NULL, "\"%s\" is no id of a socket, such as a#3", word);
	if (!host)
		return cli_usage(args->command, NULL, "\"%s\" does not say on which host, as a#%lld does", word, id);
	request = json_pack("{s:s, s:s, s:I}", "view", "queues", "host", host, "id", (json_int_t)id);
	if (!request)
		return cli_usage(args->command, NULL, "\"%s\" is no name of a host", host);
	reply = cli_ask(request, &status);
	if (!reply)
		return status;
	status = show(reply);
	json_decref(reply);
	return status;
}

int cmd_queues(int argc, char **argv)
{
	const char *host = NULL;
	struct cli_args args;
	int letter;

	(void)argc;
	cli_args_init(&args, cli_command_find("queues"), argv);
	while ((letter = cli_args_next(&args)) >= 0)
		host = args.value;
	if (letter == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count != 1)
		return cli_usage(args.command, NULL,
		                 args.word_count ? "queues takes one id, not %d" : "queues needs an id, such as a#3",
		                 args.word_count);
	return ask(&args, host);
}
