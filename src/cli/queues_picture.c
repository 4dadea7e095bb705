/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures 6.2 to 6.4 of the textbook as text [T2.1]: the writes, then SendQ, RecvQ and Delivered, each byte in one of
 * them. A bar is drawn to scale: all bytes of the writes that are shown make BAR_CELLS cells, and a piece that is there
 * at all has at least one. Three shades take turns, so that neighbours differ.
 */
#include "cli/queues.h"

#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	BAR_CELLS = 32,
	NAME_BYTES = 96,
	LEAST_NAME = 14, /* "  A Delivered " */
	NUMBER_END = 60, /* columns after the name */
	WRITTEN_AT = 69,
	WRITE_COLUMNS = 16,
	WRITES_SHOWN = 4, /* the first ones and the last one when there are more */
	PIECES_NAMED = 6,
};

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static bool read_pieces(const json_t *array, const char *write_key, struct queues_piece **pieces, size_t *count)
{
	*count = json_array_size(array);
	*pieces = calloc(*count + 1, sizeof(**pieces));
	for (size_t i = 0; *pieces && i < *count; i++) {
		(*pieces)[i].write = number(json_array_get(array, i), write_key);
		(*pieces)[i].bytes = number(json_array_get(array, i), "bytes");
	}
	return *pieces != NULL;
}

static bool read_queue(const json_t *object, struct queues_queue *queue)
{
	queue->name = json_string_value(json_object_get(object, "name"));
	queue->host = json_string_value(json_object_get(object, "host"));
	queue->bytes = number(object, "bytes");
	queue->exact = !json_is_false(json_object_get(object, "exact"));
	return queue->name && queue->host &&
	       read_pieces(json_object_get(object, "parts"), "write", &queue->pieces, &queue->count);
}

bool queues_read(struct queues_view *view, const json_t *reply)
{
	const json_t *queues = json_object_get(reply, "queues");

	*view = (struct queues_view){
	    .written = number(reply, "written"),
	    .exact = !json_is_false(json_object_get(reply, "exact")),
	    .has_peer = json_is_object(json_object_get(reply, "peer")),
	};
	if (!json_is_array(queues) ||
	    !read_pieces(json_object_get(reply, "writes"), "n", &view->writes, &view->write_count))
		return false;
	view->queues = calloc(json_array_size(queues) + 1, sizeof(*view->queues));
	if (!view->queues)
		return false;
	for (size_t i = 0; i < json_array_size(queues); i++) {
		view->queue_count++;
		if (!read_queue(json_array_get(queues, i), &view->queues[i]))
			return false;
	}
	return true;
}

void queues_free(struct queues_view *view)
{
	for (size_t i = 0; i < view->queue_count; i++)
		free(view->queues[i].pieces);
	free(view->queues);
	free(view->writes);
	*view = (struct queues_view){.queues = NULL};
}

static const char *shade(uint64_t write, bool ascii)
{
	static const char *const shades[2][3] = {{"▓", "▒", "░"}, {"#", "=", "-"}};

	return shades[ascii][write % 3];
}

static void pad_to(FILE *out, int from, int column)
{
	fprintf(out, "%*s", column > from ? column - from : 1, "");
}

/* A write's name and size; returns how many columns it took. */
static int draw_write(FILE *out, const struct queues_piece *write, bool ascii)
{
	int columns = fprintf(out, "write#%" PRIu64 " ", write->write);

	fputs(shade(write->write, ascii), out);
	return columns + 1 + fprintf(out, "%" PRIu64, write->bytes);
}

static void draw_writes(const struct queues_view *view, int name_width, bool ascii, FILE *out)
{
	size_t shown = view->write_count > WRITES_SHOWN ? WRITES_SHOWN - 2 : view->write_count;
	int column = name_width, end = name_width;

	fprintf(out, "%*s", name_width, "");
	for (size_t i = 0; i < shown; i++) {
		fprintf(out, "%*s", column - end, "");
		end = column + draw_write(out, &view->writes[i], ascii);
		column = end + 3 > column + WRITE_COLUMNS ? end + 3 : column + WRITE_COLUMNS;
	}
	if (shown < view->write_count) {
		end += fprintf(out, "   (%zu more)   ", view->write_count - shown - 1);
		end += draw_write(out, &view->writes[view->write_count - 1], ascii);
	}
	pad_to(out, end, name_width + WRITTEN_AT);
	fprintf(out, "written %" PRIu64 "%s\n", view->written, view->exact ? "" : " (inferred)");
}

/* Cells for the bytes up to `upto`, of a scale where `all` bytes make BAR_CELLS. */
static int cells_upto(uint64_t upto, uint64_t all)
{
	return all ? (int)((double)upto * BAR_CELLS / (double)all + 0.5) : 0;
}

/* Oldest bytes first. Returns how many columns it took. */
static int draw_bar(const struct queues_queue *queue, uint64_t all, bool ascii, FILE *out)
{
	uint64_t bytes = 0;
	int drawn = 0, upto;

	for (size_t i = 0; i < queue->count; i++) {
		bytes += queue->pieces[i].bytes;
		upto = cells_upto(bytes, all);
		if (upto <= drawn && queue->pieces[i].bytes > 0 && drawn < BAR_CELLS + BAR_CELLS / 2)
			upto = drawn + 1;
		for (; drawn < upto; drawn++)
			fputs(shade(queue->pieces[i].write, ascii), out);
	}
	return drawn;
}

/* Write 0 stands for bytes whose writes are not told apart. */
static void name_piece(const struct queues_piece *piece, FILE *out)
{
	if (piece->write == 0)
		fprintf(out, "%" PRIu64 " not told apart", piece->bytes);
	else
		fprintf(out, "%" PRIu64 " of #%" PRIu64, piece->bytes, piece->write);
}

static void draw_pieces(const struct queues_queue *queue, FILE *out)
{
	size_t named = queue->count > PIECES_NAMED ? PIECES_NAMED - 1 : queue->count;

	if (queue->count == 0)
		return;
	fputs("   (", out);
	for (size_t i = 0; i < named; i++) {
		fputs(i ? ", " : "", out);
		name_piece(&queue->pieces[i], out);
	}
	if (named < queue->count) {
		fprintf(out, ", %zu more; at the end ", queue->count - named);
		name_piece(&queue->pieces[queue->count - 1], out);
	}
	fputc(')', out);
}

static void queue_name(char *text, const struct queues_queue *queue)
{
	char whole[NAME_BYTES];

	snprintf(whole, sizeof(whole), "  %s %s", queue->host, queue->name);
	cli_clean(text, NAME_BYTES, whole);
}

static void draw_queue(const struct queues_queue *queue, int name_width, uint64_t all, bool ascii, FILE *out)
{
	char name[NAME_BYTES], bytes[24];
	int column;

	queue_name(name, queue);
	fprintf(out, "%-*s", name_width, name);
	column = name_width + draw_bar(queue, all, ascii, out);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, queue->bytes);
	pad_to(out, column, name_width + NUMBER_END - (int)strlen(bytes));
	fputs(bytes, out);
	draw_pieces(queue, out);
	fprintf(out, "%s\n", queue->exact ? "" : "   inferred");
}

void queues_draw(const struct queues_view *view, bool ascii, FILE *out)
{
	int name_width = LEAST_NAME, len;
	uint64_t all = 0;
	char name[NAME_BYTES];

	for (size_t i = 0; i < view->queue_count; i++) {
		queue_name(name, &view->queues[i]);
		len = (int)strlen(name) + 1;
		name_width = len > name_width ? len : name_width;
		for (size_t j = 0; j < view->queues[i].count; j++)
			all += view->queues[i].pieces[j].bytes;
	}
	draw_writes(view, name_width, ascii, out);
	for (size_t i = 0; i < view->queue_count; i++)
		draw_queue(&view->queues[i], name_width, all, ascii, out);
}
