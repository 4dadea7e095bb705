/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets that arrive in several slices, cut anywhere: the same as in one [attacks P-8]. Each slice is memory of its
 * own, so that a sanitizer sees a step beyond it.
 */
#include "support/packet_test.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT = 20, PACKET_BYTES = 200 };

static struct weir_slice copy_of(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	CHECK(copy != NULL);
	memcpy(copy, data, len);
	return (struct weir_slice){copy, len};
}

/* A packet in three slices. */
static void arrives_cut(const uint8_t *packet, size_t len, size_t first, size_t second)
{
	struct weir_packet cut = {.slices = 3, .len = (uint32_t)len};

	cut.slice[0] = copy_of(packet, first);
	cut.slice[1] = copy_of(packet + first, second - first);
	cut.slice[2] = copy_of(packet + second, len - second);
	weir_input(stack(), 2, &cut, 1, now());
	for (int i = 0; i < 3; i++)
		free((void *)(uintptr_t)cut.slice[i].data);
	after_ns(1);
	take_emitted();
}

/* At every place, with a second cut right there, a byte behind it, or none. */
TEST(data_pieces, any_cut_is_the_same_segment)
{
	static uint8_t packet[PACKET_BYTES];
	long long at = 1;
	size_t len;

	established(.rqs = 60000);
	len = make_packet(packet, ACK | PSH, .seq = 1, .ack = 1, .len = TEXT);
	for (size_t first = 0; first < len; first++) {
		const size_t second[] = {first, first + 1, len};

		for (unsigned i = 0; i < 3; i++) {
			len = make_packet(packet, ACK | PSH, .seq = at, .ack = 1, .len = TEXT);
			arrives_cut(packet, len, first, second[i]);
			at += TEXT;
			CHECK_EQ(relative_ack(tcb()->rcv.nxt), at);
			user_reads(TEXT);
			take_emitted();
		}
	}
	after_ms(40);
	take_emitted();
}

/* Partly old, so that it is trimmed at a place before, at and behind the cut. */
TEST(data_pieces, trimmed_across_a_cut)
{
	static uint8_t packet[PACKET_BYTES];
	long long at = 1;
	size_t len;

	established();
	for (size_t from_end = 1; from_end < 29; from_end++, at += 30) {
		arrives(ACK | PSH, .seq = at, .ack = 1, .len = 10);
		take_emitted();
		len = make_packet(packet, ACK | PSH, .seq = at, .ack = 1, .len = 30);
		arrives_cut(packet, len, len - from_end - 1, len - from_end);
		user_reads(30);
		take_emitted();
	}
	after_ms(40);
	take_emitted();
}

/* Cut by the right edge of the window, which lies in any of the slices. */
TEST(data_pieces, trimmed_at_the_right_edge)
{
	static uint8_t packet[PACKET_BYTES];
	long long at = 1;
	size_t len;

	established(.rqs = 20);
	for (size_t from_end = 1; from_end < 39; from_end++, at += 20) {
		len = make_packet(packet, ACK | PSH, .seq = at, .ack = 1, .len = 40);
		arrives_cut(packet, len, len - from_end - 1, len - from_end);
		readable(20);
		CHECK_EQ(info().out_of_order_bytes, 0);
		user_reads(20);
		take_emitted();
		after_ms(40);
		take_emitted();
	}
}
