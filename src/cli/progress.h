/* SPDX-License-Identifier: Apache-2.0
 *
 * One line on stderr while something takes long, erased at the end. Only when stderr is a terminal, and only after
 * 300 ms.
 */
#ifndef WEIR_CLI_PROGRESS_H
#define WEIR_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli_progress {
	bool on, shown;
	int64_t next_ns; /* when the line is to be written next */
};

/* quiet: there is to be none. */
void cli_progress_start(struct cli_progress *p, bool quiet);
/* True when it is time to write the line. */
bool cli_progress_due(const struct cli_progress *p);
void cli_progress_write(struct cli_progress *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Erases the line: before other output, and at the end. It comes again when it is due. */
void cli_progress_erase(struct cli_progress *p);

#endif
