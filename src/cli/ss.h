/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `weir ss` share.
 */
#ifndef WEIR_CLI_SS_H
#define WEIR_CLI_SS_H

#include "cli/look.h"
#include "cli/ss_columns.h"
#include "cli/ss_filter.h"

struct ss_options {
	const char *host;
	bool tcp, udp, all, listening, numeric, timer, details, memory, info, oneline, no_header, v4, v6, kernel_counts;
	bool names_host; /* rows tell their host: several are shown without header lines */
	unsigned states;
	struct ss_filter filter;
};

/* The text of the last column, which may run over several lines; on the heap, NULL when memory is out. */
char *ss_details(const struct look_host *host, const struct look_socket *sock, const struct ss_options *options);

#endif
