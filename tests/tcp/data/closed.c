/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for nobody: a RST [W-SM-11].
 */
#include "support/packet_test.h"

TEST(data_closed, with_ack_is_answered_at_its_ack)
{
	closed();
	arrives(ACK | PSH, .seq = 100, .ack = 4242, .len = 10);
	emits(RST, .seq = 4242);
}

/* SEG.LEN counts into the acknowledgement. */
TEST(data_closed, without_ack_is_acknowledged)
{
	closed();
	arrives(PSH, .seq = 100, .len = 10);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 110);
}

/* [9293 MUST-3, W-SM-14] No RST for what a bad checksum makes unbelievable. */
TEST(data_closed, bad_checksum_is_not_answered)
{
	static uint8_t packet[2000];
	size_t len;

	closed();
	len = make_packet(packet, ACK, .seq = 100, .ack = 4242, .len = 10);
	packet[len - 1] ^= 0x80;
	arrives_raw(packet, len);
	emits_nothing();
	counter_is(tcp_checksum, 1);
	counter_is(rst_no_connection, 0);
}
