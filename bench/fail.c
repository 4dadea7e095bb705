/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a bench that went wrong.
 */
#include "engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void bench_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("weir-bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}
