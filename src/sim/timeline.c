/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline's lines.
 */
#include "sim/timeline.h"

#include <inttypes.h>
#include <string.h>

enum { LANE = 34, WIRE = 48, LINE = 400 };

const char *timeline_time(weir_time at, char *text)
{
	snprintf(text, TIMELINE_TIME, "%" PRId64 ".%06" PRId64, at.ns / WEIR_NS_PER_S,
	         at.ns % WEIR_NS_PER_S / WEIR_NS_PER_US);
	return text;
}

struct marks {
	const char *rail, *leave_a, *leave_b, *arrive_a, *arrive_b, *line, *lost;
};

static const struct marks unicode = {"│", "├─ ", " ─┤", "│◀─ ", " ─▶│", "─", "✗"};
static const struct marks plain = {"|", "|- ", " -|", "|<- ", " ->|", "-", "x"};

static void repeat(FILE *out, const char *what, int times)
{
	while (times-- > 0)
		fputs(what, out);
}

static void start(struct timeline *t, weir_time at)
{
	char text[TIMELINE_TIME];

	fprintf(t->out, "%11s  ", timeline_time(at, text));
}

/* Columns of text without the bytes that only continue a character. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void timeline_at(struct timeline *t, weir_time at, unsigned host, const char *text)
{
	const struct marks *m = t->ascii ? &plain : &unicode;

	if (t->out == NULL)
		return;
	start(t, at);
	if (!t->ladder) {
		fprintf(t->out, "%s  %s\n", t->name(t->name_ctx, host), text);
		return;
	}
	if (host == 0) {
		fputs(text, t->out);
		repeat(t->out, " ", LANE - columns(text));
	} else {
		repeat(t->out, " ", LANE);
	}
	fprintf(t->out, " %s", m->rail);
	repeat(t->out, " ", WIRE);
	fputs(m->rail, t->out);
	if (host != 0)
		fprintf(t->out, " %s", text);
	fputc('\n', t->out);
}

/* A label at one end of the wire, a line towards the middle, blanks to the other end. */
static void wire(struct timeline *t, const struct marks *m, bool at_left, const char *mark, const char *label)
{
	int used = columns(mark) - 1 + columns(label) + 1, line = WIRE - used > 12 ? 12 : WIRE - used;

	if (at_left) {
		fprintf(t->out, "%s%s ", mark, label);
		repeat(t->out, m->line, line);
		repeat(t->out, " ", WIRE - used - line);
		fputs(m->rail, t->out);
	} else {
		fputs(m->rail, t->out);
		repeat(t->out, " ", WIRE - used - line);
		repeat(t->out, m->line, line);
		fprintf(t->out, " %s%s", label, mark);
	}
	fputc('\n', t->out);
}

static const char *end_name(const struct timeline *t, int host)
{
	return host >= 0 ? t->name(t->name_ctx, (unsigned)host) : "others";
}

void timeline_segment(struct timeline *t, weir_time at, int from, int to, enum timeline_leg leg, const char *text,
                      const char *what)
{
	const struct marks *m = t->ascii ? &plain : &unicode;
	bool at_left = leg == TIMELINE_ARRIVES ? to == 0 : from == 0;
	char label[LINE];

	if (t->out == NULL)
		return;
	snprintf(label, sizeof(label), "%s%s%s%s%s", text, leg == TIMELINE_LOST ? " " : "",
	         leg == TIMELINE_LOST ? m->lost : "", leg == TIMELINE_LOST ? " " : "",
	         leg == TIMELINE_LOST ? what : "");
	start(t, at);
	if (!t->ladder) {
		static const char *const verb[] = {"sends to", "receives from", "loses to"};
		bool here = leg == TIMELINE_ARRIVES;

		fprintf(t->out, "%s  %s %s  %s\n", end_name(t, here ? to : from), verb[leg],
		        end_name(t, here ? from : to), label);
		return;
	}
	repeat(t->out, " ", LANE + 1);
	if (leg == TIMELINE_ARRIVES)
		wire(t, m, at_left, at_left ? m->arrive_a : m->arrive_b, label);
	else
		wire(t, m, at_left, at_left ? m->leave_a : m->leave_b, label);
}
