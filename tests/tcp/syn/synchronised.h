/* SPDX-License-Identifier: Apache-2.0
 *
 * A SYN on a connection whose sequence numbers are agreed: whatever its number, it changes nothing and gets one
 * acknowledgement that tells where we are [W-SM-34, RFC 5961 s4, attacks B-2].
 */
#ifndef WEIR_TESTS_TCP_SYN_SYNCHRONISED_H
#define WEIR_TESTS_TCP_SYN_SYNCHRONISED_H

#include "support/packet_test.h"

static inline void syn_is_challenged(uint8_t flags, long long seq, long long snd_nxt, long long rcv_nxt)
{
	int state = (int)info().state;

	arrives(flags, .seq = seq, .ack = snd_nxt);
	emits(ACK, .seq = snd_nxt, .ack = rcv_nxt);
	state_is(state);
	readable(0);
	error_is(0);
}

#endif
