/* SPDX-License-Identifier: Apache-2.0
 *
 * HyStart++ [9406]: leaves the first slow start when round trips grow, before the queue of the path overflows; then
 * looks for some rounds, with slower growth, whether that was true. Growth is not limited to eight segments an
 * acknowledgement: one acknowledgement may stand for a large segment.
 *
 * Two things are added, because what the first samples of a round tell is a round trip old, and a window that doubles
 * twice in the meantime fills a queue of two round trips. Not only the first eight samples of a round are looked at,
 * but each four after them; later ones must have grown by a quarter, since within a round a train of segments queues
 * behind itself. And slow start is over as soon as a later round is longer still by as much again and the queue holds
 * as much as the path: that is no doubt any more, and a window that has this reserve survives a loss. Left with less, a
 * long path on which one packet in a thousand is lost carried a twentieth less.
 */
#ifndef WEIR_TCP_HYSTART_H
#define WEIR_TCP_HYSTART_H

#include "tcp/cc.h"

struct hystart {
	seq_t round_end;
	uint32_t last_us, least_us; /* least round trip of the last round, of this one; 0 = none */
	uint32_t recent_us;         /* ... of the last few samples */
	uint32_t base_us;           /* ... when they looked like growth; 0 = slow start, else conservative */
	uint8_t samples, rounds;
	bool later; /* the first samples of the round have been looked at */
	bool sure;  /* base_us is of later ones, which the first of a round are always less than */
};

/* An acknowledgement in the first slow start: grows cwnd, and sets ssthresh when slow start is over. */
void hystart_acked(struct hystart *hs, struct tcb *tcb, const struct tcp_cc_ack *ack);

#endif
