/* SPDX-License-Identifier: Apache-2.0
 *
 * Ethernet and ARP: there and back, every length [P-2], every wrong field.
 */
#include "wire/ethernet.h"
#include "wire_fixture.h"

static void frame_there_and_back(void **state)
{
	const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x86, 0xdd};
	const struct wire_eth eth = {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}, ETH_IPV6};
	struct wire_eth back;
	uint8_t out[ETH_HEADER_BYTES];

	(void)state;
	wire_eth_emit(out, &eth);
	assert_memory_equal(out, expected, sizeof(expected));
	assert_int_equal(wire_eth_parse(out, sizeof(out), &back), DROP_NONE);
	assert_memory_equal(&back, &eth, sizeof(eth));
}

static void short_frame_is_dropped(void **state)
{
	const uint8_t frame[20] = {0};
	struct wire_eth eth;

	(void)state;
	for (size_t len = 0; len <= 20; len++) {
		uint8_t *copy = exact(frame, len);

		assert_int_equal(wire_eth_parse(copy, len, &eth), len < 14 ? drop_eth_short : DROP_NONE);
		free(copy);
	}
}

static const struct wire_arp request = {ARP_REQUEST, {2, 0, 0, 0, 0, 1}, {10, 0, 0, 1}, {0}, {10, 0, 0, 2}};

static void arp_there_and_back(void **state)
{
	const uint8_t expected[ARP_BYTES] = {0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
	                                     10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
	struct wire_arp back;
	uint8_t out[ARP_BYTES];

	(void)state;
	wire_arp_emit(out, &request);
	assert_memory_equal(out, expected, sizeof(expected));
	assert_int_equal(wire_arp_parse(out, sizeof(out), &back), DROP_NONE);
	assert_memory_equal(&back, &request, sizeof(back));
}

static void arp_of_every_length(void **state)
{
	uint8_t out[60] = {0};
	struct wire_arp back;

	(void)state;
	wire_arp_emit(out, &request);
	/* What a frame has beyond 28 bytes is its padding. */
	for (size_t len = 0; len <= sizeof(out); len++) {
		uint8_t *copy = exact(out, len);

		assert_int_equal(wire_arp_parse(copy, len, &back), len < ARP_BYTES ? drop_arp_malformed : DROP_NONE);
		free(copy);
	}
}

static void arp_of_other_hardware_or_protocol_is_dropped(void **state)
{
	struct wire_arp back;
	uint8_t out[ARP_BYTES];

	(void)state;
	for (size_t at = 0; at < 6; at++) {
		for (int value = 0; value < 256; value++) {
			uint8_t right;

			wire_arp_emit(out, &request);
			right = out[at];
			out[at] = (uint8_t)value;
			assert_int_equal(wire_arp_parse(out, sizeof(out), &back),
			                 value == right ? DROP_NONE : drop_arp_malformed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frame_there_and_back),
	    cmocka_unit_test(short_frame_is_dropped),
	    cmocka_unit_test(arp_there_and_back),
	    cmocka_unit_test(arp_of_every_length),
	    cmocka_unit_test(arp_of_other_hardware_or_protocol_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
