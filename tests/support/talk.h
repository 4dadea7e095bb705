/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files behind packet_test.h share: the one conversation that is going on.
 */
#ifndef WEIR_TESTS_SUPPORT_TALK_H
#define WEIR_TESTS_SUPPORT_TALK_H

#include "support/packet.h"
#include "support/packet_test.h"

enum { TALK_CAPTURED = 1024, TALK_BATCH = 64, TALK_TRACE_LINES = 40, TALK_LINE = 200 };

struct captured {
	weir_time at;
	struct tcp_segment seg; /* text slices not valid */
	struct wire_ip ip;
	char line[TALK_LINE];
};

struct talk {
	struct weir_config config;
	uint16_t mtu;
	struct weir_stack *stack;
	unsigned ifindex;
	struct sock_table *table;
	weir_time now;
	unsigned idle_steps; /* of the clock, in a row */
	unsigned variant;
	bool v6;
	uint32_t iss, irs;

	struct weir_socket *listener, *sock;
	uint64_t sent_bytes, read_bytes; /* of sock's streams */

	/* the peer */
	struct open_spec spec;
	int peer_wnd;            /* default window field */
	bool timestamps;         /* agreed */
	uint32_t ts_val, ts_ecr; /* its clock; our last TSval */

	/* segments not yet expected */
	struct captured captured[TALK_CAPTURED];
	unsigned first, count;
	struct tcp_segment taken; /* by emits() */
	struct wire_ip taken_ip;
	weir_time taken_at;

	/* what we promised: right edge of the receive window, relative; < 0 = nothing yet */
	long long promised;
	uint8_t shift;

	bool anything_goes; /* numbers and bytes of what is emitted are not checked */

	/* arrivals of a batch */
	bool in_batch;
	unsigned batch_count;
	uint8_t *batch_data[TALK_BATCH];
	struct weir_packet batch[TALK_BATCH];

	char trace[TALK_TRACE_LINES][TALK_LINE];
	unsigned traced;

	size_t allocated; /* bytes the stack holds from us */
	bool no_memory;   /* it gets no more */
};

extern struct talk talk;

/* The byte at an offset of a stream. */
static inline uint8_t talk_pattern(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

/* Makes the stack, once. */
void talk_start(void);
void talk_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* After every event: takes what the stack wants to send, checks the invariants. */
void talk_settle(void);
void talk_describe(const struct tcp_segment *seg, bool from_peer, char *line);
/* Fails when something was emitted that nobody expected. */
void talk_nothing_left(const char *file, int line);
void talk_clear(void);

#endif
