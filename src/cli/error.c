/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors as people see them: what failed, what Weir saw, what to try; never a bare errno. Also the guess at the word
 * that was meant. Text that came from outside is cleaned of what a terminal would act on.
 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_BYTES = 4096, ERROR_LINES = 3, WORD_BYTES = 32 };

static bool acts_on_terminal(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f;
}

void cli_clean(char *to, size_t size, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i] != '\0'; i++)
		to[i] = acts_on_terminal((unsigned char)text[i]) ? '?' : text[i];
	to[i] = '\0';
}

static void print_lines(char *message)
{
	static const char *const lead[ERROR_LINES] = {"weir: ", "  ", "  hint: "};
	char *line = message, *end;
	char clean[MESSAGE_BYTES];

	for (int i = 0; i < ERROR_LINES && line; i++) {
		end = i + 1 < ERROR_LINES ? strchr(line, '\n') : NULL;
		if (end)
			*end++ = '\0';
		cli_clean(clean, sizeof(clean), line);
		if (*clean)
			fprintf(stderr, "%s%s\n", lead[i], clean);
		line = end;
	}
}

int cli_fail(int status, const char *format, ...)
{
	char message[MESSAGE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fflush(stdout);
	print_lines(message);
	return status;
}

int cli_usage(const struct cli_command *command, const char *meant, const char *format, ...)
{
	char what[MESSAGE_BYTES / 2], clean[MESSAGE_BYTES / 2];
	bool whole = command == &cli_weir;
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	cli_clean(clean, sizeof(clean), what);
	if (meant)
		return cli_fail(CLI_USAGE, "%s\nusage: %s\ndid you mean \"%s\"?", clean, command->usage, meant);
	return cli_fail(CLI_USAGE, "%s\nusage: %s\nweir help%s%s", clean, command->usage, whole ? "" : " ",
	                whole ? "" : command->name);
}

void cli_note(const char *format, ...)
{
	va_list args;

	if (cli_settings()->quiet)
		return;
	fflush(stdout);
	fputs("note: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to add, drop, change or swap with their neighbour (Damerau's distance, restricted). */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_BYTES + 1];
	size_t a_len = strlen(a), b_len = strlen(b);
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *spare;

	if (a_len > WORD_BYTES || b_len > WORD_BYTES)
		return WORD_BYTES;
	for (size_t j = 0; j <= b_len; j++)
		last[j] = (unsigned)j;
	memset(before, 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a_len; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

const char *cli_nearest(const char *word, const char *(*next)(const void *ctx, size_t i), const void *ctx)
{
	const char *name, *best = NULL;
	unsigned best_distance = 0, this_distance;

	for (size_t i = 0; (name = next(ctx, i)) != NULL; i++) {
		this_distance = distance(word, name);
		/* Half of a short word wrong is another word. */
		if (this_distance * 2 > strlen(name) || this_distance > 3)
			continue;
		if (!best || this_distance < best_distance) {
			best = name;
			best_distance = this_distance;
		}
	}
	return best;
}
