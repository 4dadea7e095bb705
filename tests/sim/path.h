/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk flows from one host to another over one path under virtual time, and what they got through: for tests of loss
 * recovery and congestion control, and for the table of goodputs (goodput_table.c).
 */
#ifndef WEIR_TESTS_SIM_PATH_H
#define WEIR_TESTS_SIM_PATH_H

#include <stdbool.h>
#include <stdint.h>

enum { PATH_FLOWS = 8 };

struct path_spec {
	const char *congestion; /* TCP_CONGESTION */
	const char *other;      /* ... of all flows but the first; NULL = the same */
	bool no_sack;
	uint8_t ecn; /* enum weir_ecn */
	bool v6;
	unsigned flows;            /* 0 = 1 */
	uint32_t gap_ms;           /* between their beginnings */
	uint32_t delay_us;         /* one way */
	uint64_t rate_bytes_per_s; /* of the data's direction */
	uint64_t queue_bytes;      /* in front of the rate; 0 = twice what the path holds, 30 packets at least */
	uint16_t mtu;              /* of the interfaces; 0 = 1500 */
	uint16_t max_packet_bytes; /* larger ones do not pass; 0 = all do */
	bool too_big;              /* ... and the sender is told */
	uint64_t mark_bytes;       /* packets that find more than this in the queue are marked; 0 = none */
	uint32_t loss, reorder;    /* of data, in millionths; reordered ones come a quarter of a round trip later */
	uint32_t jitter_us;        /* most that an acknowledgement is late by: no two rounds are alike */
	uint32_t buffer_bytes;     /* SQS and RQS; 0 = eight times what the path holds: its queue, and all that
	                            * waits for a repetition */
	uint32_t auto_max_bytes;   /* not 0: queues of 64 KiB that may grow to this, in place of buffer_bytes */
	uint32_t run_ms;           /* from the last flow's beginning on */
	uint64_t seed;
};

struct path_result {
	uint64_t bytes[PATH_FLOWS]; /* that each flow's reader got while all were running */
	uint64_t resent;            /* segments */
	uint64_t lost;              /* by the link, its queue included */
	uint64_t too_big;           /* packets that did not pass for their size */
	uint64_t black_holes;       /* found */
	uint64_t marked;            /* packets */
	uint64_t reductions;        /* for marks */
	uint64_t undone;            /* repairs of losses that were none */
	uint64_t memory;            /* that both hosts hold at the end */
	uint64_t queue_most;        /* bytes in front of the rate, in the second half of the run */
	uint32_t cwnd_least;        /* of the first flow, in the second half of the run */
	double share;               /* of the path's rate that arrived as data, of all flows together */
	double fairness;            /* Jain's index */
};

void path_run(const struct path_spec *spec, struct path_result *result);

#endif
