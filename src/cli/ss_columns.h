/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns of ss. Cells are collected row by row, then printed at the widths that their contents need.
 */
#ifndef WEIR_CLI_SS_COLUMNS_H
#define WEIR_CLI_SS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum ss_column {
	SS_NETID,
	SS_STATE,
	SS_RECVQ,
	SS_SENDQ,
	SS_ADDR,
	SS_PORT,
	SS_PEER_ADDR,
	SS_PEER_PORT,
	SS_PROCESS, /* and everything else; may hold further lines */
	SS_COLUMNS,
};

struct ss_row {
	char *cells[SS_COLUMNS];
};

struct ss_table {
	bool hidden[SS_COLUMNS];
	struct ss_row *rows;
	size_t count, room;
};

/* A new row, to be filled with text from the heap, which the table frees. NULL when memory is out. */
struct ss_row *ss_table_add(struct ss_table *table);
bool ss_table_add_header(struct ss_table *table);
void ss_table_print(const struct ss_table *table, FILE *out);
void ss_table_free(struct ss_table *table);

#endif
