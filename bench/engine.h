/* SPDX-License-Identifier: Apache-2.0
 *
 * What the bench asks of a stack: both ends in this process, driven by one thread, joined in memory (the kernel: by its
 * loopback). Every engine does the same work as a program would see it: bytes copied in at the writer, copied out
 * at the reader, one look at the clock for each turn of its loop. What goes wrong ends the bench with a message.
 */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bench_link {
	BENCH_MTU_1500,      /* checksums computed and verified */
	BENCH_LARGE,         /* segments up to 64 KiB, checksums computed and verified */
	BENCH_LARGE_TRUSTED, /* segments up to 64 KiB, the link needs no checksums */
};

struct bench_engine {
	const char *name;
	/* Prints how this engine is set up, as far as it shapes its figures. */
	void (*describe)(void);
	/* Sets up both ends and this many connections, established and idle. NULL, or why it is not possible. */
	const char *(*open)(enum bench_link link, unsigned connections);
	void (*close)(void);
	/* Moves bytes over connection 0, until all have been read. */
	void (*bulk)(uint64_t bytes);
	/* One byte there and back on each of these connections, one after the other. */
	void (*ping)(const uint32_t *connection, size_t n);
	/* n times: connect, a byte there, a byte back, the server closes, the client closes. */
	void (*churn)(unsigned n);
	/* Bytes held for the connections, both ends, without the fixed part. 0 = not known. */
	double (*memory)(void);
};

extern const struct bench_engine bench_weir;
extern const struct bench_engine bench_kernel;

/* lwIP's engines are in a module that is loaded at run time; these are all that is seen of it. */
#define BENCH_EXPORT __attribute__((visibility("default")))
#define BENCH_LWIP_MODULE "libweir-bench-lwip.so"

extern const struct bench_engine bench_lwip BENCH_EXPORT;      /* as packaged */
extern const struct bench_engine bench_lwip_simd BENCH_EXPORT; /* with Weir's checksum in place of its own */

/* Prints a message and ends the bench with status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void bench_fail(const char *format, ...);

/* Monotonic, nanoseconds. */
int64_t bench_now(void);

enum { BENCH_WRITE_BYTES = 65536 };

#endif
