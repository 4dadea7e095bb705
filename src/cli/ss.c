/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir ss`: the table of iproute2 6.1. What differs, because the views of Weir want it so: programs are shown without
 * -p, TIME-WAIT is among the states that are shown without -a, and names are never looked up.
 */
#include "cli/ss.h"

#include "cli/cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static unsigned default_states(const struct ss_options *options)
{
	if (options->all)
		return state_set_read("all");
	if (options->listening)
		return state_bit(WEIR_TCP_LISTEN) | state_bit(WEIR_TCP_CLOSED);
	return state_set_read("connected") & ~state_bit(WEIR_TCP_SYN_RECEIVED);
}

static bool shows(const struct look_socket *sock, const void *ctx)
{
	const struct ss_options *options = ctx;

	if (options->tcp != options->udp && sock->tcp != options->tcp)
		return false;
	if (options->v4 != options->v6 && sock->v6 != options->v6)
		return false;
	/* A TCP socket that is not bound to anything listens to nobody, though UNCONN is what -l asks for. */
	if (options->listening && !options->all && !options->filter.names_states && sock->tcp &&
	    sock->state != WEIR_TCP_LISTEN)
		return false;
	return (options->states & state_bit(sock->state)) && ss_filter_passes(&options->filter, sock);
}

/* As ss asks for them: UDP, then TCP, IPv4 first, listeners first. */
static unsigned weight(const struct look_socket *sock)
{
	return (sock->tcp ? 4 : 0) + (sock->v6 ? 2 : 0) + (look_is_listening(sock) ? 0 : 1);
}

static char *format_cell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *format_cell(const char *format, ...)
{
	char text[ENDPOINT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return strdup(text);
}

static char *end_cell(const struct look_end *end, bool port, bool v6only)
{
	char text[ENDPOINT_BYTES];

	if (port)
		endpoint_ss_port(text, end);
	else
		endpoint_ss_addr(text, end, v6only);
	return strdup(text);
}

/* False when memory is out. */
static bool add_row(struct ss_table *table, const struct look_host *host, const struct look_socket *sock,
                    const struct ss_options *options)
{
	struct ss_row *row = ss_table_add(table);
	uint64_t sendq = look_is_listening(sock) ? sock->backlog : look_sendq(sock, options->kernel_counts);

	if (!row)
		return false;
	row->cells[SS_NETID] = format_cell("%s", sock->tcp ? "tcp" : "udp");
	row->cells[SS_STATE] = format_cell("%s", state_name(sock->state, STATE_SS));
	row->cells[SS_RECVQ] = format_cell("%" PRIu64, look_recvq(sock, options->kernel_counts));
	row->cells[SS_SENDQ] = format_cell("%" PRIu64, sendq);
	row->cells[SS_ADDR] = end_cell(&sock->local, false, sock->v6only);
	row->cells[SS_PORT] = end_cell(&sock->local, true, sock->v6only);
	row->cells[SS_PEER_ADDR] = end_cell(&sock->remote, false, sock->v6only);
	row->cells[SS_PEER_PORT] = end_cell(&sock->remote, true, sock->v6only);
	row->cells[SS_PROCESS] = ss_details(host, sock, options);
	for (int i = 0; i < SS_COLUMNS; i++) {
		if (!row->cells[i])
			return false;
	}
	return true;
}

static bool print_host(const struct look_host *host, const struct ss_options *options)
{
	struct ss_table table = {.rows = NULL};
	bool complete = options->no_header || ss_table_add_header(&table);

	table.hidden[SS_NETID] = options->tcp != options->udp;
	table.hidden[SS_STATE] = (options->states & (options->states - 1)) == 0;
	for (size_t i = 0; complete && i < host->count; i++)
		complete = add_row(&table, host, &host->sockets[i], options);
	if (complete)
		ss_table_print(&table, stdout);
	ss_table_free(&table);
	return complete;
}

static int print_view(const struct look_view *view, const struct ss_options *options)
{
	for (size_t i = 0; i < view->count; i++) {
		if (view->count > 1 && !options->no_header)
			printf("-- host %s --\n", view->hosts[i].name);
		if (!print_host(&view->hosts[i], options))
			return cli_fail(CLI_NO,
			                "the table could not be made\nmemory is out\nask for less: a host, a filter");
	}
	return CLI_DONE;
}

static void read_option(const struct cli_args *args, int letter, struct ss_options *options)
{
	const struct {
		int letter;
		bool *flag;
	} flags[] = {
	    {'t', &options->tcp},
	    {'u', &options->udp},
	    {'a', &options->all},
	    {'l', &options->listening},
	    {'n', &options->numeric},
	    {'o', &options->timer},
	    {'m', &options->memory},
	    {'i', &options->info},
	    {'O', &options->oneline},
	    {'H', &options->no_header},
	    {'4', &options->v4},
	    {'6', &options->v6},
	    {LOOK_KERNEL_COUNTS, &options->kernel_counts},
	};

	if (letter == LOOK_HOST)
		options->host = args->value;
	if (letter == 'e')
		options->details = options->timer = true;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].letter == letter)
			*flags[i].flag = true;
	}
}

/* HOST and filter. 0, or the status of an error. */
static int read_words(const struct cli_args *args, struct ss_options *options)
{
	char **words = args->words, wrong[SS_FILTER_TOKEN];
	const char *problem;

	if (*words && !options->host && !ss_filter_begins(*words))
		options->host = *words++;
	problem = ss_filter_read(&options->filter, words, wrong);
	if (problem)
		return cli_usage(args->command, *wrong ? cli_nearest(wrong, state_set_word, NULL) : NULL,
		                 "the filter cannot be read at \"%s\": %s", *wrong ? wrong : "its end", problem);
	options->states = options->filter.names_states ? options->filter.states : default_states(options);
	return 0;
}

int cmd_ss(int argc, char **argv)
{
	struct ss_options options = {.host = NULL};
	struct look_view view;
	struct cli_args args;
	int letter, status;

	(void)argc;
	cli_args_init(&args, cli_command_find("ss"), argv);
	while ((letter = cli_args_next(&args)) >= 0)
		read_option(&args, letter, &options);
	if (letter == CLI_ARGS_LEAVE)
		return args.status;
	status = read_words(&args, &options);
	if (status)
		return status;
	options.no_header |= cli_settings()->no_header;
	status = look_ask(&view, options.host);
	if (status)
		return status;
	options.names_host = options.no_header && view.count > 1;
	look_select(&view, shows, weight, &options);
	if (cli_settings()->json)
		look_print_json(view.reply);
	else
		status = print_view(&view, &options);
	look_free(&view);
	return status;
}
