/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv4 headers: there and back, every claim of a length against what is there [P-1, W-IP-1], options,
 * cuts at every byte [P-8]; and versions nobody has.
 */
#include "wire/checksum.h"
#include "wire_fixture.h"

enum { ROOM = 200 };

/* Header with options and payload; returns the length. Options are padded to four bytes. */
static size_t build(uint8_t *out, const uint8_t *option, size_t option_len, size_t payload)
{
	struct wire_ip ip = ip_header(0, IP_UDP, payload);
	size_t padded = (option_len + 3) / 4 * 4, header = IPV4_HEADER_BYTES + padded;
	uint16_t sum;

	memset(out, 0, header + payload);
	wire_ip_emit(out, &ip);
	out[0] = (uint8_t)(0x40 | header / 4);
	store_be16(out + 2, (uint16_t)(header + payload));
	if (option_len > 0)
		memcpy(out + IPV4_HEADER_BYTES, option, option_len);
	store_be16(out + 10, 0);
	sum = checksum_finish(checksum_add(0, out, header));
	memcpy(out + 10, &sum, 2);
	return header + payload;
}

static void seal(uint8_t *packet)
{
	size_t header = (packet[0] & 15u) * 4u;
	uint16_t sum;

	if (header > ROOM)
		return;
	store_be16(packet + 10, 0);
	sum = checksum_finish(checksum_add(0, packet, header));
	memcpy(packet + 10, &sum, 2);
}

/* Parses a whole packet from a block of its size. */
static enum drop parse(const uint8_t *packet, size_t len, bool trusted, struct wire_ip *ip)
{
	uint8_t *copy = exact(packet, len);
	bool more;
	enum drop reason = wire_ip_parse(copy, len, len, trusted, ip, &more);

	assert_false(more);
	free(copy);
	return reason;
}

static void there_and_back(void **state)
{
	const uint8_t expected[] = {0x45, 0xb8, 0, 28, 0x12, 0x34, 0x40, 0, 7, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
	struct wire_ip ip = ip_header(0, IP_UDP, 8), back;
	uint8_t out[28] = {0};

	(void)state;
	ip.tos = 0xb8;
	ip.ttl = 7;
	ip.id = 0x1234;
	ip.dont_fragment = true;
	assert_int_equal(wire_ip_emit(out, &ip), 20);
	assert_int_equal(plain_sum(0, out, 20), 0xffff);
	assert_memory_equal(out, expected, 10);
	assert_memory_equal(out + 12, expected + 12, 8);
	assert_int_equal(parse(out, sizeof(out), false, &back), DROP_NONE);
	assert_true(weir_addr_equal(&back.src, &ip.src) && weir_addr_equal(&back.dst, &ip.dst));
	assert_int_equal(back.version, 4);
	assert_int_equal(back.protocol, IP_UDP);
	assert_int_equal(back.ttl, 7);
	assert_int_equal(back.tos, 0xb8);
	assert_int_equal(back.id, 0x1234);
	assert_true(back.dont_fragment);
	assert_false(back.fragment);
	assert_int_equal(back.header_bytes, 20);
	assert_int_equal(back.payload_bytes, 8);
}

/* [P-1] A frame of 60 bytes, whatever length it claims. What lies beyond the claim is padding. */
static void every_total_length(void **state)
{
	uint8_t packet[ROOM];
	struct wire_ip ip;

	(void)state;
	build(packet, NULL, 0, 40);
	for (uint32_t claimed = 0; claimed <= 65535; claimed++) {
		enum drop reason;

		store_be16(packet + 2, (uint16_t)claimed);
		seal(packet);
		reason = parse(packet, 60, false, &ip);
		assert_int_equal(reason, claimed >= 20 && claimed <= 60 ? DROP_NONE : drop_ip_total_length);
		if (reason == DROP_NONE)
			assert_int_equal(ip.header_bytes + ip.payload_bytes, claimed);
	}
}

static void every_header_length_in_every_frame(void **state)
{
	uint8_t packet[ROOM];
	struct wire_ip ip;

	(void)state;
	for (unsigned words = 0; words < 16; words++) {
		for (size_t len = 0; len <= 70; len++) {
			enum drop expected = DROP_NONE;

			memset(packet, 1, sizeof(packet));
			build(packet, NULL, 0, 50);
			memset(packet + 20, 1, 40);
			packet[0] = (uint8_t)(0x40 | words);
			store_be16(packet + 2, (uint16_t)len);
			seal(packet);
			if (len < 20)
				expected = drop_ip_short;
			else if (words < 5)
				expected = drop_ip_header_length;
			else if (4 * words > len)
				expected = drop_ip_total_length;
			assert_int_equal(parse(packet, len, false, &ip), expected);
		}
	}
}

static void any_flipped_bit_of_the_header_is_noticed(void **state)
{
	uint8_t packet[ROOM];
	size_t len = build(packet, (const uint8_t *)"\1\1\1\1", 4, 0);
	struct wire_ip ip;

	(void)state;
	assert_int_equal(parse(packet, len, false, &ip), DROP_NONE);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(parse(packet, len, false, &ip), DROP_NONE);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* A link that vouches for its packets need not have filled the field. */
	store_be16(packet + 10, 0);
	assert_int_equal(parse(packet, len, false, &ip), drop_ip_checksum);
	assert_int_equal(parse(packet, len, true, &ip), DROP_NONE);
}

static void fragments_are_told(void **state)
{
	static const struct {
		uint16_t field;
		bool fragment, dont_fragment;
	} row[] = {{0, false, false},     {0x4000, false, true}, {0x2000, true, false}, {1, true, false},
	           {0x1fff, true, false}, {0x6001, true, true},  {0x8000, false, false}};
	uint8_t packet[ROOM];
	struct wire_ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		build(packet, NULL, 0, 8);
		store_be16(packet + 6, row[i].field);
		seal(packet);
		assert_int_equal(parse(packet, 28, false, &ip), DROP_NONE);
		assert_int_equal(ip.fragment, row[i].fragment);
		assert_int_equal(ip.dont_fragment, row[i].dont_fragment);
	}
}

static enum drop parse_options(const char *option, size_t len)
{
	uint8_t packet[ROOM];
	struct wire_ip ip;

	return parse(packet, build(packet, (const uint8_t *)option, len, 8), false, &ip);
}

#define OPTIONS(text) parse_options(text, sizeof(text) - 1)

/* [9293 MUST-50] unknown ones are passed over */
static void options(void **state)
{
	(void)state;
	assert_int_equal(OPTIONS("\1\1\1"), DROP_NONE);
	assert_int_equal(OPTIONS("\7\7\4\0\0\0\0"), DROP_NONE);
	assert_int_equal(OPTIONS("\x44\4\5\0"), DROP_NONE);
	assert_int_equal(OPTIONS("\x94\4\0\0"), DROP_NONE);
	assert_int_equal(OPTIONS("\x99\2\1\x9a\3z"), DROP_NONE);
	/* Behind the end of the list nothing is looked at. */
	assert_int_equal(OPTIONS("\0\x83\7\4"), DROP_NONE);
	assert_int_equal(OPTIONS("\7\0\0\0"), drop_ip_options);
	assert_int_equal(OPTIONS("\7\1\0\0"), drop_ip_options);
	assert_int_equal(OPTIONS("\7\5\0\0"), drop_ip_options);
	assert_int_equal(OPTIONS("\1\1\1\7"), drop_ip_options);
	assert_int_equal(OPTIONS("\x83\7\4\0\0\0\0"), drop_ip_source_route);
	assert_int_equal(OPTIONS("\x89\7\4\0\0\0\0"), drop_ip_source_route);
	assert_int_equal(OPTIONS("\1\x83\3\4"), drop_ip_source_route);
}

static void every_option_length_at_every_place(void **state)
{
	(void)state;
	for (size_t at = 0; at < 38; at++) {
		for (unsigned len = 0; len < 256; len++) {
			char option[40];
			bool fits = len >= 2 && at + len <= 40;

			memset(option, 1, sizeof(option));
			option[at] = 0x44;
			option[at + 1] = (char)len;
			assert_int_equal(parse_options(option, 40), fits ? DROP_NONE : drop_ip_options);
		}
	}
}

/* [P-8] What is at hand ends at any byte: asked for more exactly while the headers are not whole. */
static void cut_at_every_byte(void **state)
{
	uint8_t packet[ROOM];
	size_t len = build(packet, (const uint8_t *)"\1\1\1\1\1\1\1", 7, 30);
	struct wire_ip ip;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		uint8_t *copy = exact(packet, cut);
		bool more;
		enum drop reason = wire_ip_parse(copy, cut, len, false, &ip, &more);

		assert_int_equal(more, cut < 28);
		assert_int_equal(reason, cut < 28 ? drop_ip_short : DROP_NONE);
		free(copy);
	}
}

/* Nothing more comes: too short is the verdict, not a wish. */
static void truncated_at_every_byte(void **state)
{
	uint8_t packet[ROOM];
	size_t len = build(packet, (const uint8_t *)"\1\1\1\1", 4, 10);
	struct wire_ip ip;

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(parse(packet, cut, false, &ip), cut < 20 ? drop_ip_short : drop_ip_total_length);
}

static void other_versions_are_dropped(void **state)
{
	uint8_t packet[ROOM];
	struct wire_ip ip;

	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		if (version == 4 || version == 6)
			continue;
		build(packet, NULL, 0, 40);
		packet[0] = (uint8_t)(version << 4 | 5);
		seal(packet);
		assert_int_equal(parse(packet, 60, false, &ip), drop_ip_version);
		assert_int_equal(parse(packet, 1, false, &ip), drop_ip_version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(every_total_length),
	    cmocka_unit_test(every_header_length_in_every_frame),
	    cmocka_unit_test(any_flipped_bit_of_the_header_is_noticed),
	    cmocka_unit_test(fragments_are_told),
	    cmocka_unit_test(options),
	    cmocka_unit_test(every_option_length_at_every_place),
	    cmocka_unit_test(cut_at_every_byte),
	    cmocka_unit_test(truncated_at_every_byte),
	    cmocka_unit_test(other_versions_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
