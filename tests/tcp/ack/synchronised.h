/* SPDX-License-Identifier: Apache-2.0
 *
 * Acknowledgements that are wrong in every synchronised state: of what was never sent, and too old
 * [W-SM-13, W-SM-36, W-SM-38; 9293 MAY-12; RFC 5961 s5]; and a pure one outside the window [W-SM-30].
 */
#ifndef WEIR_TESTS_TCP_ACK_SYNCHRONISED_H
#define WEIR_TESTS_TCP_ACK_SYNCHRONISED_H

#include "support/packet_test.h"

/* Nothing changes, and one bare ACK tells where we are. */
static inline void ack_is_challenged(long long seq, long long ack, long long snd_nxt, long long rcv_nxt)
{
	int state = (int)info().state;
	uint64_t sendq = info().sendq_bytes;

	arrives(ACK, .seq = seq, .ack = ack);
	emits(ACK, .seq = snd_nxt, .ack = rcv_nxt);
	state_is(state);
	sendq_is((long long)sendq);
}

/* Nothing changes, and nothing is said. */
static inline void ack_is_taken_quietly(long long seq, long long ack)
{
	int state = (int)info().state;

	arrives(ACK, .seq = seq, .ack = ack);
	emits_nothing();
	state_is(state);
}

/* [W-SM-35] Without the ACK bit a segment is nothing. */
static inline void without_ack_bit_is_dropped(long long seq)
{
	int state = (int)info().state;

	arrives(0, .seq = seq);
	emits_nothing();
	state_is(state);
	counter_is(tcp_no_ack, 1);
}

#endif
