/* SPDX-License-Identifier: Apache-2.0
 *
 * iproute2 6.1's layout of columns, as it prints into a pipe: each column as wide as its longest cell, addresses flush
 * right against their ports. Three columns have a least width, so that small tables of the same kind line up, and lines
 * end where their text ends. ss spreads its columns over a terminal's width; here the output is the same everywhere.
 */
#include "cli/ss_columns.h"

#include <stdlib.h>
#include <string.h>

struct column {
	const char *header, *delimiter;
	int least;
	bool right;
};

static const struct column columns[SS_COLUMNS] = {
    [SS_NETID] = {"Netid", "", 0, false},
    [SS_STATE] = {"State", " ", 9, false},
    [SS_RECVQ] = {"Recv-Q", " ", 6, false},
    [SS_SENDQ] = {"Send-Q", " ", 6, false},
    [SS_ADDR] = {"Local Address:", " ", 0, true},
    [SS_PORT] = {"Port", "", 7, false},
    [SS_PEER_ADDR] = {"Peer Address:", " ", 0, true},
    [SS_PEER_PORT] = {"Port", "", 5, false},
    [SS_PROCESS] = {"Process", "", 0, false},
};

struct ss_row *ss_table_add(struct ss_table *table)
{
	size_t room = table->room ? table->room * 2 : 64;
	struct ss_row *rows;

	if (table->count == table->room) {
		rows = realloc(table->rows, room * sizeof(*rows));
		if (!rows)
			return NULL;
		table->rows = rows;
		table->room = room;
	}
	table->rows[table->count] = (struct ss_row){.cells = {NULL}};
	return &table->rows[table->count++];
}

bool ss_table_add_header(struct ss_table *table)
{
	struct ss_row *row = ss_table_add(table);

	for (int i = 0; row && i < SS_COLUMNS; i++) {
		row->cells[i] = strdup(columns[i].header);
		if (!row->cells[i])
			return false;
	}
	return row != NULL;
}

static int width_of(const struct ss_table *table, int column)
{
	int widest = columns[column].least, len;

	for (size_t i = 0; i < table->count; i++) {
		len = (int)strlen(table->rows[i].cells[column]);
		widest = len > widest ? len : widest;
	}
	return widest;
}

static void print_row(const struct ss_table *table, const struct ss_row *row, const int *widths, FILE *out)
{
	size_t column = 0, owed = 0; /* spaces that are printed only when something follows */
	bool started = false;

	for (; column < SS_COLUMNS; column++) {
		const char *cell = row->cells[column];
		size_t len = strlen(cell), pad;

		if (table->hidden[column])
			continue;
		pad = column == SS_PROCESS ? 0 : (size_t)widths[column] - len;
		owed += started ? strlen(columns[column].delimiter) : 0;
		owed += columns[column].right ? pad : 0;
		if (len > 0) {
			if (*cell != '\n')
				fprintf(out, "%*s", (int)owed, "");
			fputs(cell, out);
			owed = 0;
		}
		owed += columns[column].right ? 0 : pad;
		started = true;
	}
	fputc('\n', out);
}

void ss_table_print(const struct ss_table *table, FILE *out)
{
	int widths[SS_COLUMNS];

	for (int i = 0; i < SS_PROCESS; i++)
		widths[i] = width_of(table, i);
	widths[SS_PROCESS] = 0;
	for (size_t i = 0; i < table->count; i++)
		print_row(table, &table->rows[i], widths, out);
}

void ss_table_free(struct ss_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		for (int column = 0; column < SS_COLUMNS; column++)
			free(table->rows[i].cells[column]);
	}
	free(table->rows);
	*table = (struct ss_table){.rows = NULL};
}
