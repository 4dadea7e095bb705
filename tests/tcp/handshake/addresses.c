/* SPDX-License-Identifier: Apache-2.0
 *
 * Segments to or from addresses that nobody is: silence [9293 MUST-57, MUST-63; W-SM-14].
 */
#include "support/packet.h"
#include "support/packet_test.h"

#include <string.h>

/* A SYN with other addresses. */
static void syn_between(weir_addr src, weir_addr dst)
{
	static uint8_t packet[200];
	struct packet_segment seg = {
	    .src = src,
	    .dst = dst,
	    .src_port = PEER_PORT,
	    .dst_port = OUR_PORT,
	    .flags = SYN,
	    .wnd = 1000,
	};

	arrives_raw(packet, packet_build(packet, &seg));
	emits_nothing();
	gone();
}

TEST(handshake, syn_to_broadcast_or_multicast_is_silent)
{
	listening();
	if (over_ipv6()) {
		syn_between(peer_end(0).addr, (weir_addr){.b = {0xff, 0x02, [15] = 1}});
		return;
	}
	syn_between(peer_end(0).addr, weir_addr_v4(255, 255, 255, 255));
	syn_between(peer_end(0).addr, weir_addr_v4(224, 0, 0, 1));
	syn_between(peer_end(0).addr, weir_addr_v4(10, 0, 0, 255));
}

TEST(handshake, syn_from_an_impossible_source_is_silent)
{
	listening();
	if (over_ipv6()) {
		syn_between((weir_addr){.b = {0xff, 0x02, [15] = 1}}, our_end(0).addr);
		syn_between(WEIR_ADDR_ANY6, our_end(0).addr);
		syn_between((weir_addr){.b = {[15] = 1}}, our_end(0).addr);
		return;
	}
	syn_between(weir_addr_v4(0, 0, 0, 0), our_end(0).addr);
	syn_between(weir_addr_v4(255, 255, 255, 255), our_end(0).addr);
	syn_between(weir_addr_v4(224, 1, 2, 3), our_end(0).addr);
	syn_between(weir_addr_v4(127, 0, 0, 1), our_end(0).addr);
	syn_between(weir_addr_v4(10, 0, 0, 255), our_end(0).addr);
}

/* From our own address: a "land" packet. */
TEST(handshake, syn_from_our_own_address_is_silent)
{
	listening();
	syn_between(our_end(0).addr, our_end(0).addr);
}

TEST(handshake, packet_for_another_host_is_silent)
{
	listening();
	syn_between(peer_end(0).addr, over_ipv6() ? (weir_addr){.b = {0xfd, [15] = 9}} : weir_addr_v4(10, 0, 0, 9));
}

/* [9293 MUST-3, attacks P-4] Every data offset on every length of segment: dropped or answered, never more. */
TEST(handshake, every_data_offset_is_survived)
{
	static uint8_t packet[200];
	size_t ip = over_ipv6() ? 40 : 20;

	closed();
	for (unsigned text = 0; text <= 40; text += 4) {
		for (unsigned words = 0; words < 16; words++) {
			size_t len = make_packet(packet, SYN, .seq = 0, .len = text, .fill = 1);

			packet[ip + 12] = (uint8_t)(words << 4);
			packet_fix_checksum(packet, len);
			arrives_raw(packet, len);
			CHECK(take_emitted() <= 1);
		}
	}
	CHECK(counter_value(drop_tcp_malformed) > 0);
}
