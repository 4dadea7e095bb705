/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors about segments of ours: they end an opening, never a connection [9293 MUST-54 ... MUST-56, SHLD-26; RFC
 * 5927].
 */
#include "support/packet_test.h"

static uint8_t unreachable(void)
{
	return over_ipv6() ? 1 : 3;
}

TEST(handshake, host_unreachable_ends_an_opening)
{
	syn_sent();
	icmp_arrives(unreachable(), over_ipv6() ? 3 : 1, 0);
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_EHOSTUNREACH);
}

TEST(handshake, port_unreachable_ends_an_opening)
{
	syn_sent();
	icmp_arrives(unreachable(), over_ipv6() ? 4 : 3, 0);
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
}

/* [RFC 5927 s5.1] A number that is not under way is a guess. */
TEST(handshake, error_about_another_number_is_ignored)
{
	syn_sent();
	icmp_arrives(unreachable(), over_ipv6() ? 3 : 1, 1000);
	icmp_arrives(unreachable(), over_ipv6() ? 3 : 1, -1);
	state_is(SYN_SENT);
}

/* [RFC 5927 s5.2] Soft for a connection. */
TEST(handshake, connection_survives_every_unreachable)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	for (uint8_t code = 0; code < 16; code++)
		if (over_ipv6() || code != 4)
			icmp_arrives(unreachable(), code, 1);
	emits_nothing();
	state_is(ESTABLISHED);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
}

/* [9293 MUST-55] Source Quench has no effect. */
TEST(handshake, source_quench_is_ignored)
{
	established();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	if (!over_ipv6())
		icmp_arrives(4, 0, 1);
	emits_nothing();
	state_is(ESTABLISHED);
	CHECK(info().cwnd_bytes >= 10000);
}

/* A child of a listener that the network cannot reach: soft, the retransmissions decide [T5.5]. */
TEST(handshake, listener_survives_an_unreachable_peer)
{
	syn_received();
	icmp_arrives(unreachable(), over_ipv6() ? 3 : 1, 0);
	emits_nothing();
	CHECK_EQ(listener_info().state, LISTEN);
	after_s(100);
	take_emitted();
	gone();
}
