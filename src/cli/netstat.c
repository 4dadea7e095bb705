/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir netstat`: the classic table, byte for byte as net-tools 2.10 prints it (--as linux, the default) or in the
 * spelling of the textbook (--as book). [T1.4] The format is frozen; what net-tools does not know goes into the columns
 * of --more, and a note on stderr says when values are inferred. Names are never looked up, so -n changes nothing.
 */
#include "cli/cli.h"
#include "cli/look.h"

#include <inttypes.h>
#include <string.h>

enum { PROGRAM_BYTES = 20 }; /* net-tools' column, its NUL included */

struct netstat_options {
	const char *host;
	bool tcp, udp, all, listening, timers, programs, extend, wide, v4, v6, book, more, kernel_counts;
};

static bool shows(const struct look_socket *sock, const void *ctx)
{
	const struct netstat_options *options = ctx;

	if (options->tcp != options->udp && sock->tcp != options->tcp)
		return false;
	if (options->v4 != options->v6 && sock->v6 != options->v6)
		return false;
	if (options->all)
		return true;
	if (sock->tcp)
		return options->listening ? sock->state == WEIR_TCP_LISTEN : sock->remote.port != 0;
	return options->listening == sock->remote.any;
}

/* net-tools reads one kernel table after the other, and a kernel lists its listeners first. */
static unsigned weight(const struct look_socket *sock)
{
	return (sock->tcp ? 0 : 4) + (sock->v6 ? 2 : 0) + (look_is_listening(sock) ? 0 : 1);
}

static void print_header(FILE *out, const struct netstat_options *options)
{
	fprintf(out, "Active Internet connections %s\n",
	        options->all         ? "(servers and established)"
	        : options->listening ? "(only servers)"
	                             : "(w/o servers)");
	fputs("Proto Recv-Q Send-Q Local Address           Foreign Address         State      ", out);
	if (options->extend)
		fputs(" User       Inode     ", out);
	if (options->programs)
		fprintf(out, " %-20s", "PID/Program name");
	if (options->timers)
		fputs(" Timer", out);
	if (options->more)
		fprintf(out, " %5s  %-8s  %s", "Deliv", "Seen", "Id");
	fputc('\n', out);
}

static void print_program(FILE *out, const struct look_program *program)
{
	char text[PROGRAM_BYTES] = "-", whole[LOOK_PROGRAM_BYTES + 24];

	if (program->known) {
		snprintf(whole, sizeof(whole), "%" PRId64 "/%s", program->pid, program->name);
		cli_clean(text, sizeof(text), whole);
	}
	fprintf(out, " %-20s", text);
}

/* The last number counts probes of a zero window, the one before it retransmissions. */
static void print_timer(FILE *out, const struct look_timer *timer)
{
	static const char *const names[] = {
	    [WEIR_TIMER_NONE] = "off",           [WEIR_TIMER_RETRANSMIT] = "on", [WEIR_TIMER_KEEPALIVE] = "keepalive",
	    [WEIR_TIMER_TIME_WAIT] = "timewait", [WEIR_TIMER_PERSIST] = "probe",
	};
	bool probes = timer->kind == WEIR_TIMER_PERSIST;
	uint64_t left_ns = timer->kind == WEIR_TIMER_NONE ? 0 : timer->left_ns;

	fprintf(out, " %s (%2.2f/%" PRIu64 "/%" PRIu64 ")", names[timer->kind], (double)left_ns / 1e9,
	        probes ? 0 : timer->retransmits, probes ? timer->retransmits : 0);
}

static const char *state_text(const struct look_socket *sock, bool book)
{
	if (!sock->tcp && sock->state == WEIR_TCP_CLOSED)
		return "";
	return state_name(sock->state, book ? STATE_BOOK : STATE_NETSTAT);
}

static void print_socket(FILE *out, const struct look_host *host, const struct look_socket *sock,
                         const struct netstat_options *options)
{
	char local[ENDPOINT_BYTES], remote[ENDPOINT_BYTES];
	bool counts = options->kernel_counts;
	/* The book's tables print 0 for a listener. */
	uint64_t recvq = options->book && look_is_listening(sock) ? 0 : look_recvq(sock, counts);

	endpoint_netstat(local, &sock->local, options->wide, options->book);
	endpoint_netstat(remote, &sock->remote, options->wide, options->book);
	fprintf(out, "%-4s  %6" PRIu64 " %6" PRIu64 " %-23s %-23s %-11s", sock->proto, recvq, look_sendq(sock, counts),
	        local, remote, state_text(sock, options->book));
	if (options->extend)
		fprintf(out, " %-10" PRIu64 " %-10" PRIu64, sock->uid, sock->inode);
	if (options->programs)
		print_program(out, &sock->program);
	if (options->timers)
		print_timer(out, &sock->timer);
	if (options->more)
		fprintf(out, " %5" PRIu64 "  %-8s  %s#%" PRIu64, sock->delivered,
		        look_is_exact(sock) ? "exact" : "inferred", host->name, sock->id);
	fputc('\n', out);
}

static void print_view(const struct look_view *view, const struct netstat_options *options)
{
	size_t inferred = 0;

	for (size_t i = 0; i < view->count; i++) {
		const struct look_host *host = &view->hosts[i];

		if (view->count > 1 && !cli_settings()->no_header)
			printf("-- host %s --\n", host->name);
		if (!cli_settings()->no_header)
			print_header(stdout, options);
		for (size_t j = 0; j < host->count; j++) {
			print_socket(stdout, host, &host->sockets[j], options);
			inferred += !look_is_exact(&host->sockets[j]);
		}
	}
	if (inferred > 0)
		cli_note("queues of %zu socket%s are inferred: bytes wait in the program's own stream%s", inferred,
		         inferred == 1 ? "" : "s", options->more ? "" : " (--more says which)");
}

/* 0, or the status of an error. */
static int read_spelling(const struct cli_args *args, bool *book)
{
	*book = strcmp(args->value, "book") == 0;
	if (*book || strcmp(args->value, "linux") == 0)
		return 0;
	return cli_usage(args->command, NULL, "--as takes linux or book, not \"%s\"", args->value);
}

static int read_option(struct cli_args *args, int letter, struct netstat_options *options)
{
	switch (letter) {
	case 't':
		options->tcp = true;
		break;
	case 'u':
		options->udp = true;
		break;
	case 'a':
		options->all = true;
		break;
	case 'l':
		options->listening = true;
		break;
	case 'o':
		options->timers = true;
		break;
	case 'p':
		options->programs = true;
		break;
	case 'e':
		options->extend = true;
		break;
	case 'W':
		options->wide = true;
		break;
	case '4':
		options->v4 = true;
		break;
	case '6':
		options->v6 = true;
		break;
	case LOOK_HOST:
		options->host = args->value;
		break;
	case LOOK_AS:
		return read_spelling(args, &options->book);
	case LOOK_MORE:
		options->more = true;
		break;
	case LOOK_KERNEL_COUNTS:
		options->kernel_counts = true;
		break;
	default:
		break;
	}
	return 0;
}

int cmd_netstat(int argc, char **argv)
{
	struct netstat_options options = {.host = NULL};
	struct look_view view;
	struct cli_args args;
	int letter, status;

	(void)argc;
	cli_args_init(&args, cli_command_find("netstat"), argv);
	while ((letter = cli_args_next(&args)) >= 0) {
		status = read_option(&args, letter, &options);
		if (status)
			return status;
	}
	if (letter == CLI_ARGS_LEAVE)
		return args.status;
	if (args.word_count > 1)
		return cli_usage(args.command, NULL, "netstat takes one host, not %d", args.word_count);
	if (args.word_count == 1)
		options.host = args.words[0];
	status = look_ask(&view, options.host);
	if (status)
		return status;
	look_select(&view, shows, weight, &options);
	if (cli_settings()->json)
		look_print_json(view.reply);
	else
		print_view(&view, &options);
	look_free(&view);
	return CLI_DONE;
}
