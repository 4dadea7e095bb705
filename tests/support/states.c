/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings a conversation into each of the eleven states. On the way every segment is expected exactly, so these are
 * tests of the ways as well.
 */
#include "support/talk.h"

void closed(void)
{
	talk_start();
	talk_note("   CLOSED: no socket");
}

void talk_listening(const struct open_spec *spec)
{
	user_listens(spec);
	state_is(LISTEN);
}

/* What the peer's SYN carries. */
#define PEER_SYN(flag_bits, ...)                                                                                       \
	arrives(flag_bits, .seq = 0, .mss = talk.spec.mss, .wscale = talk.spec.wscale,                                 \
	        .ts_val = talk.spec.timestamps ? (long long)talk.ts_val : ANY,                                         \
	        .ts_ecr = talk.spec.timestamps && !((flag_bits)&ACK) ? 0 : ANY, ##__VA_ARGS__)

/* After our SYN or SYN,ACK went out. */
static void agreed(void)
{
	talk.timestamps = talk.spec.timestamps && talk.config.timestamps;
	talk.shift = talk.spec.wscale == NONE ? 0 : tcb()->rcv.shift;
}

void talk_syn_sent(const struct open_spec *spec)
{
	user_opens(spec);
	emits(SYN, .seq = 0);
	state_is(SYN_SENT);
}

void talk_syn_received(const struct open_spec *spec)
{
	talk_listening(spec);
	PEER_SYN(SYN);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	agreed();
	state_is(SYN_RCVD);
}

void talk_syn_received_active(const struct open_spec *spec)
{
	talk_syn_sent(spec);
	PEER_SYN(SYN);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	agreed();
	state_is(SYN_RCVD);
}

void talk_established(const struct open_spec *spec)
{
	if (spec->active) {
		talk_syn_sent(spec);
		talk.timestamps = spec->timestamps && talk.config.timestamps;
		PEER_SYN(SYN | ACK, .ack = 1);
		agreed();
		emits(ACK, .seq = 1, .ack = 1);
		CHECK_EQ(user_connects(), 0);
	} else {
		talk_syn_received(spec);
		arrives(ACK, .seq = 1, .ack = 1);
		user_accepts();
	}
	if (!spec->quick_acks)
		tcb()->rcv.quick_acks = 0;
	state_is(ESTABLISHED);
}

void talk_fin_wait_1(const struct open_spec *spec)
{
	talk_established(spec);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 1, .ack = 1);
	state_is(FIN_WAIT_1);
}

void talk_fin_wait_2(const struct open_spec *spec)
{
	talk_fin_wait_1(spec);
	arrives(ACK, .seq = 1, .ack = 2);
	state_is(FIN_WAIT_2);
}

void talk_close_wait(const struct open_spec *spec)
{
	talk_established(spec);
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
}

void talk_closing(const struct open_spec *spec)
{
	talk_fin_wait_1(spec);
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(CLOSING);
}

void talk_last_ack(const struct open_spec *spec)
{
	talk_close_wait(spec);
	user_shuts(WEIR_SHUT_WR);
	emits(FIN | ACK, .seq = 1, .ack = 2);
	state_is(LAST_ACK);
}

void talk_time_wait(const struct open_spec *spec)
{
	talk_fin_wait_2(spec);
	arrives(FIN | ACK, .seq = 1, .ack = 2);
	emits(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}
