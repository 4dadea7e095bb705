/* SPDX-License-Identifier: Apache-2.0
 *
 * What RFC 5961 s3 wants of a RST in every synchronised state: only the exact number resets; in the window it is
 * challenged; outside it is not even answered [W-SM-32, attacks B-1].
 */
#ifndef WEIR_TESTS_TCP_RST_SYNCHRONISED_H
#define WEIR_TESTS_TCP_RST_SYNCHRONISED_H

#include "support/packet_test.h"

static inline void rst_is_challenged(long long seq, long long snd_nxt, long long rcv_nxt)
{
	int state = (int)info().state;

	arrives(RST, .seq = seq);
	emits(ACK, .seq = snd_nxt, .ack = rcv_nxt);
	state_is(state);
	error_is(0);
	counter_is(tcp_rst_in_window, 1);
	counter_is(tcp_resets_received, 0);
}

static inline void rst_is_ignored(long long seq)
{
	int state = (int)info().state;

	arrives(RST, .seq = seq);
	emits_nothing();
	state_is(state);
	error_is(0);
	counter_is(tcp_rst_outside, 1);
	counter_is(tcp_resets_received, 0);
}

static inline void rst_ends_it(uint8_t flags, long long seq, int error)
{
	arrives(flags, .seq = seq, .ack = 1);
	emits_nothing();
	state_is(CLOSED);
	error_is(error);
	CHECK_EQ(info().sendq_bytes, 0);
	counter_is(tcp_resets_received, 1);
}

#endif
