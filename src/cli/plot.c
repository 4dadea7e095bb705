/* SPDX-License-Identifier: Apache-2.0
 *
 * See plot.h. The numbers in a path have one decimal, so that the file is the same wherever it is written.
 */
#include "cli/plot.h"

#include <math.h>
#include <string.h>

enum {
	WIDTH = 800,
	HEIGHT = 440, /* of the drawing; the words come below */
	LEFT = 90,
	RIGHT = 30,
	TOP = 60,
	BOTTOM = 60,
	LEGEND_X = 20,
	LEGEND_Y = 24,
	LEGEND_STEP = 20,
	WORDS_COLUMNS = 104,
	WORDS_STEP = 17,
	CHARACTER = 8, /* width of a tick's letter, at most */
};

/* What the axes span. */
struct frame {
	double x_min, x_max, y_min, y_max;
};

static const char style[] = "<style>\n"
                            "svg { background: #ffffff; font: 13px system-ui, sans-serif; }\n"
                            "text { fill: #1a1a1a; }\n"
                            ".title { font-size: 16px; font-weight: 600; }\n"
                            ".grid { stroke: #d8d8d8; }\n"
                            ".axis, .mark { stroke: #1a1a1a; }\n"
                            ".mark { stroke-dasharray: 2 3; }\n"
                            ".line { fill: none; stroke-width: 2; }\n"
                            ".s0 { stroke: #0072b2; }\n"
                            ".s1 { stroke: #c04f00; stroke-dasharray: 8 4; }\n"
                            ".s2 { stroke: #007a5a; stroke-dasharray: 2 4; }\n"
                            ".dot { fill: #ffffff; stroke-width: 2; stroke-dasharray: none; }\n"
                            "@media (prefers-color-scheme: dark) {\n"
                            "svg { background: #16181c; }\n"
                            "text { fill: #e8e8e8; }\n"
                            ".grid { stroke: #383c44; }\n"
                            ".axis, .mark { stroke: #e8e8e8; }\n"
                            ".s0 { stroke: #56b4e9; }\n"
                            ".s1 { stroke: #ff9d4d; }\n"
                            ".s2 { stroke: #4fd1a5; }\n"
                            ".dot { fill: #16181c; }\n"
                            "}\n"
                            "</style>\n";

static void put_escaped(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(text[i], out);
		}
	}
}

static void put_text(FILE *out, double x, double y, const char *attributes, const char *text, size_t len)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
	put_escaped(out, text, len);
	fputs("</text>\n", out);
}

static void put_line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2);
}

static double place_x(const struct frame *f, double x)
{
	double whole = log(f->x_max / f->x_min);

	return LEFT + (whole > 0 ? log(x / f->x_min) / whole : 0) * (WIDTH - LEFT - RIGHT);
}

static double place_y(const struct frame *f, double y)
{
	return HEIGHT - BOTTOM - log(y / f->y_min) / log(f->y_max / f->y_min) * (HEIGHT - TOP - BOTTOM);
}

/* The y axis spans whole decades. */
static struct frame measure(const struct plot *plot)
{
	double low = INFINITY, high = 0;

	for (size_t s = 0; s < plot->series_count; s++) {
		for (size_t i = 0; i < plot->count; i++) {
			double y = plot->series[s].y[i];

			if (y > 0) {
				low = fmin(low, y);
				high = fmax(high, y);
			}
		}
	}
	if (high <= 0)
		low = high = 1;
	return (struct frame){plot->x[0], plot->x[plot->count - 1], pow(10, floor(log10(low))),
	                      pow(10, floor(log10(high)) + 1)};
}

static void draw_axes(FILE *out, const struct plot *plot, const struct frame *f)
{
	double bottom = HEIGHT - BOTTOM, free_from = 0;
	char number[32];

	for (double y = f->y_min; y < f->y_max * 1.5; y *= 10) {
		snprintf(number, sizeof(number), "%g", y);
		put_line(out, "grid", LEFT, place_y(f, y), WIDTH - RIGHT, place_y(f, y));
		put_text(out, LEFT - 8, place_y(f, y) + 4, " text-anchor=\"end\"", number, strlen(number));
	}
	for (size_t i = 0; i < plot->count; i++) {
		double x = place_x(f, plot->x[i]), half = (double)strlen(plot->x_text[i]) * CHARACTER / 2;

		put_line(out, "axis", x, bottom, x, bottom + 4);
		if (x - half < free_from)
			continue;
		put_text(out, x, bottom + 20, " text-anchor=\"middle\"", plot->x_text[i], strlen(plot->x_text[i]));
		free_from = x + half;
	}
	put_line(out, "axis", LEFT, bottom, WIDTH - RIGHT, bottom);
	put_line(out, "axis", LEFT, TOP, LEFT, bottom);
	put_text(out, LEFT, TOP - 10, "", plot->y_name, strlen(plot->y_name));
	put_text(out, WIDTH - RIGHT, bottom + 40, " text-anchor=\"end\"", plot->x_name, strlen(plot->x_name));
}

static void draw_series(FILE *out, const struct plot *plot, const struct frame *f, size_t s)
{
	const double *y = plot->series[s].y;
	const char *command = "M";

	fprintf(out, "<path class=\"line s%zu\" d=\"", s);
	for (size_t i = 0; i < plot->count; i++) {
		if (y[i] <= 0)
			continue;
		fprintf(out, "%s%.1f %.1f", command, place_x(f, plot->x[i]), place_y(f, y[i]));
		command = " L";
	}
	fputs("\"/>\n", out);
	for (size_t i = 0; i < plot->count; i++) {
		if (y[i] > 0)
			fprintf(out, "<circle class=\"dot s%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", s,
			        place_x(f, plot->x[i]), place_y(f, y[i]));
	}
}

static void draw_legend(FILE *out, const struct plot *plot)
{
	for (size_t s = 0; s < plot->series_count; s++) {
		double x = LEFT + LEGEND_X, y = TOP + LEGEND_Y + (double)s * LEGEND_STEP;

		fprintf(out, "<path class=\"line s%zu\" d=\"M%.1f %.1f L%.1f %.1f\"/>\n", s, x, y - 4, x + 36, y - 4);
		put_text(out, x + 46, y, "", plot->series[s].name, strlen(plot->series[s].name));
	}
}

/* How much of the words goes on one line: broken at a space, if there is one. */
static size_t line_len(const char *words)
{
	size_t len = strlen(words);

	if (len <= WORDS_COLUMNS)
		return len;
	len = WORDS_COLUMNS;
	while (len > 0 && words[len] != ' ')
		len--;
	return len > 0 ? len : WORDS_COLUMNS;
}

static int count_lines(const char *words)
{
	int lines = 0;

	for (; *words != '\0'; lines++) {
		words += line_len(words);
		words += *words == ' ';
	}
	return lines;
}

static void draw_words(FILE *out, const char *words)
{
	double y = HEIGHT + WORDS_STEP;

	while (*words != '\0') {
		size_t len = line_len(words);

		put_text(out, LEFT / 2.0, y, "", words, len);
		y += WORDS_STEP;
		words += len;
		words += *words == ' ';
	}
}

static void draw_mark(FILE *out, const struct plot *plot, const struct frame *f)
{
	double x = place_x(f, plot->mark), y = HEIGHT - BOTTOM - 10;

	if (plot->mark < f->x_min || plot->mark > f->x_max)
		return;
	put_line(out, "mark", x, TOP, x, HEIGHT - BOTTOM);
	put_text(out, x + (x < WIDTH / 2.0 ? 6 : -6), y, x < WIDTH / 2.0 ? "" : " text-anchor=\"end\"", plot->mark_text,
	         strlen(plot->mark_text));
}

bool plot_write(FILE *out, const struct plot *plot)
{
	struct frame f = measure(plot);
	int height = HEIGHT + (count_lines(plot->words) + 1) * WORDS_STEP;

	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
	        "role=\"img\">\n",
	        WIDTH, height, WIDTH, height);
	fputs("<title>", out);
	put_escaped(out, plot->title, strlen(plot->title));
	fputs("</title>\n<desc>", out);
	put_escaped(out, plot->words, strlen(plot->words));
	fputs("</desc>\n", out);
	fputs(style, out);
	put_text(out, LEFT / 2.0, 26, " class=\"title\"", plot->title, strlen(plot->title));
	draw_axes(out, plot, &f);
	draw_mark(out, plot, &f);
	for (size_t s = plot->series_count; s-- > 0;)
		draw_series(out, plot, &f, s);
	draw_legend(out, plot);
	draw_words(out, plot->words);
	fputs("</svg>\n", out);
	return fflush(out) == 0 && !ferror(out);
}
