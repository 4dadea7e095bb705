/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams for random transfers: programs that write and read as much as their sockets take, bytes that tell their
 * places, and the variants (family and seed) of a test.
 */
#ifndef WEIR_TESTS_SIM_STREAM_H
#define WEIR_TESTS_SIM_STREAM_H

#include "support/hosts.h"

/* Ten seeds over both families. */
extern const struct test_kind sim_kind;

#define SIM(group, name) TEST_OF_KIND(&sim_kind, group, name)

uint64_t sim_seed(void);

/* Faults of both directions, each with a seed of its own. Probabilities in millionths. */
struct sim_faults {
	int delay_ms, jitter_ms, reorder_delay_ms;
	uint32_t loss, duplicate, reorder, corrupt;
	uint64_t rate_bytes_per_s;
	uint32_t queue_packets;
};
void sim_set_faults(const struct sim_faults *faults);

/* One direction of a connection: a program that writes total bytes and then shuts its side, and one that reads to the
 * end. */
struct sim_stream {
	struct weir_socket *from, *to;
	uint64_t total, written, read;
	uint32_t write_bytes, read_bytes; /* at most, a call; 0 = a mebibyte */
	uint32_t pause_ms; /* of the first stream: between two reads; 0 = as soon as there is something */
	uint64_t salt;     /* of the bytes */
	bool shut, ended;
};

/* Does what can be done now. */
void sim_stream_go(struct sim_stream *s);
/* Until all have ended; fails when that takes longer (virtual time). */
void sim_run(struct sim_stream *streams, unsigned n, long long limit_s);

#endif
