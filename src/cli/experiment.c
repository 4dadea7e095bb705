/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir experiment buffers` and `weir experiment writes`: the experiment of the textbook's chapter 6.3 in one command.
 * A table and what it means on stdout, the plot in a file. Under virtual time: the same on every machine.
 */
#include "cli/experiment.h"

#include "cli/cli.h"
#include "cli/look.h"
#include "plan/plan.h"

#include <errno.h>
#include <string.h>

/* What the experiment is by itself. */
struct kind {
	const char *name;
	uint64_t rate_bytes_per_s;
	weir_duration delay, warm_up, run;
	int (*perform)(const struct experiment_spec *base, struct experiment_report *report, FILE *out);
};

enum { MBIT = 125000, CALL_NS = 1000, WAKE_NS = 5000, BYTE_PS = 100, COLUMNS = 100 };

static const struct kind kinds[] = {
    {"buffers",
     100 * MBIT,
     {10 * INT64_C(1000000)},
     {2 * INT64_C(1000000000)},
     {4 * INT64_C(1000000000)},
     experiment_buffers},
    {"writes", 10000 * (uint64_t)MBIT, {25000}, {10000000}, {50000000}, experiment_writes},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

void experiment_size_text(char text[EXPERIMENT_TEXT], uint64_t bytes)
{
	const uint64_t kib = 1024, mib = kib * kib;

	if (bytes >= mib && bytes % mib == 0)
		snprintf(text, EXPERIMENT_TEXT, "%u MiB", (unsigned)(bytes / mib));
	else if (bytes >= kib)
		snprintf(text, EXPERIMENT_TEXT, "%u KiB", (unsigned)((bytes + kib / 2) / kib));
	else
		snprintf(text, EXPERIMENT_TEXT, "%u B", (unsigned)bytes);
}

void experiment_set_x(struct experiment_report *report, const uint32_t *sizes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		report->x[i] = sizes[i];
		experiment_size_text(report->x_text[i], sizes[i]);
		report->x_texts[i] = report->x_text[i];
	}
	report->plot.x = report->x;
	report->plot.x_text = report->x_texts;
	report->plot.count = count;
}

size_t experiment_knee(const double *y, size_t count)
{
	double most = 0;
	size_t i = 0;

	for (size_t k = 0; k < count; k++)
		most = y[k] > most ? y[k] : most;
	while (i + 1 < count && y[i] < most * 9 / 10)
		i++;
	return i;
}

/* In lines of a terminal. */
static void print_words(const char *words)
{
	size_t column = 0;

	putchar('\n');
	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (column > 0 && column + 1 + len > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column > 0 ? " " : "", (int)len, words);
		words += len;
		words += *words == ' ';
	}
	putchar('\n');
}

static int draw(const struct experiment_report *report, const char *path)
{
	FILE *out = fopen(path, "w");
	bool ok = out != NULL && plot_write(out, &report->plot);

	if (out != NULL && fclose(out) != 0)
		ok = false;
	if (!ok)
		return cli_fail(CLI_UNREADABLE, "the plot cannot be written\n%s: %s\n--svg FILE names another file",
		                path, strerror(errno));
	cli_note("the plot is in %s", path);
	return CLI_DONE;
}

static int perform(const struct kind *kind, const struct experiment_spec *base, const char *svg)
{
	struct experiment_report report = {.name = kind->name};
	bool json = cli_settings()->json;
	char path[64];
	FILE *table = json ? fopen("/dev/null", "w") : stdout;
	int error = table == NULL ? -ENOMEM : 0, status;

	report.json = json_pack("{s:i, s:s, s:I, s:I}", "weir", 1, "experiment", kind->name, "rate_bytes_per_s",
	                        (json_int_t)base->rate_bytes_per_s, "delay_ns", (json_int_t)base->delay.ns);
	if (error == 0)
		error = kind->perform(base, &report, table);
	if (json && table != NULL)
		fclose(table);
	if (error != 0) {
		json_decref(report.json);
		return cli_fail(CLI_NO, "the experiment could not be done\n%s\nless of it: --rate, --delay",
		                strerror(-error));
	}
	report.plot.title = report.title;
	report.plot.words = report.words;
	report.plot.mark_text = report.mark_text;
	if (json)
		look_print_json(report.json);
	else
		print_words(report.words);
	json_decref(report.json);
	snprintf(path, sizeof(path), "%s.svg", kind->name);
	status = svg == NULL && json ? CLI_DONE : draw(&report, svg != NULL ? svg : path);
	return status;
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static const char *kind_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < KINDS ? kinds[i].name : NULL;
}

int cmd_experiment(int argc, char **argv)
{
	struct experiment_spec base = {.costs = {CALL_NS, WAKE_NS, BYTE_PS}};
	const char *svg = NULL, *wrong = NULL;
	const struct kind *kind;
	struct cli_args args;
	int option;

	(void)argc;
	cli_args_init(&args, cli_command_find("experiment"), argv);
	while ((option = cli_args_next(&args)) >= 0) {
		if (option == CLI_EXPERIMENT_SVG)
			svg = args.value;
		else if (option == CLI_EXPERIMENT_RATE)
			wrong = plan_parse_rate(args.value, &base.rate_bytes_per_s) ? wrong : args.value;
		else if (option == CLI_EXPERIMENT_DELAY)
			wrong = plan_parse_duration(args.value, &base.delay) && base.delay.ns > 0 ? wrong : args.value;
	}
	if (option == CLI_ARGS_LEAVE)
		return args.status;
	if (wrong != NULL)
		return cli_usage(args.command, NULL, "\"%s\" is neither a rate, as 100Mbit/s, nor a delay, as 10ms",
		                 wrong);
	if (args.word_count != 1)
		return cli_usage(args.command, NULL, "one experiment is expected: buffers or writes");
	kind = find_kind(args.words[0]);
	if (kind == NULL)
		return cli_usage(args.command, cli_nearest(args.words[0], kind_name, NULL),
		                 "there is no experiment \"%s\"", args.words[0]);
	base.rate_bytes_per_s = base.rate_bytes_per_s > 0 ? base.rate_bytes_per_s : kind->rate_bytes_per_s;
	base.delay = base.delay.ns > 0 ? base.delay : kind->delay;
	base.warm_up = kind->warm_up;
	base.run = kind->run;
	return perform(kind, &base, svg);
}
