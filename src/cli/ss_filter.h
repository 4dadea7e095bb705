/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters of ss: `state established`, `sport = :22`, `( dport = :80 or src 10.0.0.0/8 )`.
 */
#ifndef WEIR_CLI_SS_FILTER_H
#define WEIR_CLI_SS_FILTER_H

#include "cli/look.h"

enum { SS_FILTER_NODES = 256, SS_FILTER_TOKEN = 128 };

enum ss_filter_kind { SS_FILTER_PORT, SS_FILTER_ADDR, SS_FILTER_AND, SS_FILTER_OR, SS_FILTER_NOT };
enum ss_filter_compare { SS_EQUAL, SS_AT_LEAST, SS_AT_MOST };

struct ss_filter_node {
	enum ss_filter_kind kind;
	enum ss_filter_compare compare;
	bool local;             /* of this end; else of the peer's */
	int port;               /* -1: any */
	int bits;               /* of addr that count; 0: any address */
	unsigned char addr[16]; /* IPv4 as v4-mapped */
	const struct ss_filter_node *left, *right;
};

struct ss_filter {
	const struct ss_filter_node *root; /* NULL: everything passes */
	bool names_states;                 /* `state` or `exclude` was used, and left these */
	unsigned states;
	struct ss_filter_node nodes[SS_FILTER_NODES];
	size_t used;
};

/* True when a word can begin a filter, so that it is not the name of a host. */
bool ss_filter_begins(const char *word);

/*
 * Reads words (each may hold several, as in 'sport = :22'). Returns NULL, or what is wrong; then *word is the text at
 * which it went wrong, in a buffer of SS_FILTER_TOKEN bytes.
 */
const char *ss_filter_read(struct ss_filter *filter, char **words, char *word);

bool ss_filter_passes(const struct ss_filter *filter, const struct look_socket *sock);

#endif
