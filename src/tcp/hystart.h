/* SPDX-License-Identifier: Apache-2.0
 *
 * HyStart++ [9406]: leaves the first slow start when the round trips of a round grow, before the queue of the path
 * overflows; then looks for some rounds, with slower growth, whether that was true. Growth is not limited to eight
 * segments an acknowledgement: one acknowledgement may stand for a large segment.
 */
#ifndef WEIR_TCP_HYSTART_H
#define WEIR_TCP_HYSTART_H

#include "tcp/cc.h"

struct hystart {
	seq_t round_end;
	uint32_t last_us, least_us; /* least round trip of the last round, of this one; 0 = none */
	uint32_t base_us;           /* ... of the round that looked like growth; 0 = slow start, else conservative */
	uint8_t samples, rounds;
};

/* An acknowledgement in the first slow start: grows cwnd, and sets ssthresh when slow start is over. */
void hystart_acked(struct hystart *hs, struct tcb *tcb, const struct tcp_cc_ack *ack);

#endif
