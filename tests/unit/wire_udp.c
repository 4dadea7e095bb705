/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP headers: there and back over both families, every length [P-6], checksums [W-UDP-1], datagrams in slices.
 */
#include "wire/udp.h"
#include "wire_fixture.h"

enum { ROOM = 128 };

static size_t build(uint8_t *out, int family, size_t payload)
{
	struct wire_ip ip = ip_header(family, IP_UDP, 0);
	struct numbers n = {payload};
	struct weir_slice data = {out + 8, payload};

	number_fill(&n, out + 8, payload);
	wire_udp_emit(out, &ip.src, &ip.dst, 1234, 53, &data, 1, false);
	return 8 + payload;
}

static enum drop parse(const uint8_t *p, size_t len, int family, bool trusted, struct wire_udp *udp)
{
	struct wire_ip ip = ip_header(family, IP_UDP, len);
	uint8_t *copy = exact(p, len);
	struct weir_slice slice = {copy, len};
	enum drop reason = wire_udp_parse(&slice, 1, &ip, trusted, udp);

	free(copy);
	return reason;
}

static void there_and_back(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		for (size_t payload = 0; payload < 100; payload++) {
			struct wire_ip ip = ip_header(family, IP_UDP, 0);
			struct wire_udp udp;
			uint8_t p[ROOM];
			size_t len = build(p, family, payload);

			assert_memory_equal(p, "\x04\xd2\0\x35", 4);
			assert_int_equal(load_be16(p + 4), len);
			assert_int_equal(plain_sum(plain_pseudo(&ip.src, &ip.dst, IP_UDP, (uint32_t)len), p, len),
			                 0xffff);
			assert_int_equal(parse(p, len, family, false, &udp), DROP_NONE);
			assert_int_equal(udp.src_port, 1234);
			assert_int_equal(udp.dst_port, 53);
			assert_int_equal(udp.payload_bytes, payload);
		}
	}
}

/* [P-6] Whatever length is claimed, on a payload of any length. */
static void every_length(void **state)
{
	uint8_t p[ROOM];
	struct wire_udp udp;

	(void)state;
	build(p, 0, 40);
	store_be16(p + 6, 0);
	for (uint32_t claimed = 0; claimed <= 65535; claimed++) {
		store_be16(p + 4, (uint16_t)claimed);
		assert_int_equal(parse(p, 48, 0, false, &udp),
		                 claimed >= 8 && claimed <= 48 ? DROP_NONE : drop_udp_malformed);
		if (claimed >= 8 && claimed <= 48)
			assert_int_equal(udp.payload_bytes, claimed - 8);
	}
	for (size_t len = 0; len < 48; len++) {
		store_be16(p + 4, 48);
		assert_int_equal(parse(p, len, 0, true, &udp), drop_udp_malformed);
		store_be16(p + 4, (uint16_t)len);
		assert_int_equal(parse(p, len, 0, true, &udp), len < 8 ? drop_udp_malformed : DROP_NONE);
	}
}

/* The checksum covers the datagram's own length, not what the packet has behind it. */
static void bytes_behind_the_datagram_do_not_count(void **state)
{
	uint8_t p[ROOM];
	struct wire_udp udp;

	(void)state;
	for (int family = 0; family < 2; family++) {
		size_t len = build(p, family, 11);

		memset(p + len, 0x77, 20);
		assert_int_equal(parse(p, len + 20, family, false, &udp), DROP_NONE);
		assert_int_equal(udp.payload_bytes, 11);
	}
}

static void any_flipped_bit_is_noticed(void **state)
{
	uint8_t p[ROOM];
	struct wire_udp udp;

	(void)state;
	for (int family = 0; family < 2; family++) {
		size_t len = build(p, family, 13);

		for (size_t bit = 0; bit < 8 * len; bit++) {
			p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(parse(p, len, family, false, &udp), DROP_NONE);
			p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void absent_checksum_is_for_ipv4_only(void **state)
{
	uint8_t p[ROOM];
	struct wire_udp udp;

	(void)state;
	for (int family = 0; family < 2; family++) {
		size_t len = build(p, family, 13);

		store_be16(p + 6, 0);
		assert_int_equal(parse(p, len, family, false, &udp), family ? drop_udp_checksum : DROP_NONE);
		assert_int_equal(parse(p, len, family, true, &udp), DROP_NONE);
		store_be16(p + 6, 0xbad1);
		assert_int_equal(parse(p, len, family, false, &udp), drop_udp_checksum);
		assert_int_equal(parse(p, len, family, true, &udp), DROP_NONE);
	}
}

/* A sum of zero is sent as ffff, since 0 says that there is none. */
static void zero_sum_is_sent_in_its_other_form(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		struct wire_ip ip = ip_header(family, IP_UDP, 10);
		uint8_t p[10] = {0}, data[2];
		struct weir_slice slice = {data, 2};
		struct wire_udp udp;

		store_be16(data, 0);
		wire_udp_emit(p, &ip.src, &ip.dst, 7, 9, &slice, 1, false);
		/* With the field's own value as data the sum becomes ffff. */
		store_be16(data, load_be16(p + 6));
		wire_udp_emit(p, &ip.src, &ip.dst, 7, 9, &slice, 1, false);
		assert_int_equal(load_be16(p + 6), 0xffff);
		memcpy(p + 8, data, 2);
		assert_int_equal(parse(p, 10, family, false, &udp), DROP_NONE);
		wire_udp_emit(p, &ip.src, &ip.dst, 7, 9, &slice, 1, true);
		assert_int_equal(load_be16(p + 6), 0);
	}
}

static void port_zero_may_be_a_source_only(void **state)
{
	struct wire_ip ip = ip_header(0, IP_UDP, 8);
	struct wire_udp udp;
	uint8_t p[8];

	(void)state;
	wire_udp_emit(p, &ip.src, &ip.dst, 0, 1, NULL, 0, false);
	assert_int_equal(parse(p, 8, 0, false, &udp), DROP_NONE);
	wire_udp_emit(p, &ip.src, &ip.dst, 1, 0, NULL, 0, false);
	assert_int_equal(parse(p, 8, 0, false, &udp), drop_udp_malformed);
}

/* [P-8] In two slices or three, the verdict is that of one, as long as the first holds the header. */
static void cut_at_every_byte(void **state)
{
	uint8_t p[ROOM];
	size_t len = build(p, 1, 21);
	struct wire_ip ip = ip_header(1, IP_UDP, len);
	struct wire_udp udp;

	(void)state;
	for (size_t a = 0; a <= len; a++) {
		for (size_t b = a; b <= len; b++) {
			struct weir_slice piece[3] = {{p, a}, {p + a, b - a}, {p + b, len - b}};

			assert_int_equal(wire_udp_parse(piece, 3, &ip, false, &udp),
			                 a < 8 ? drop_udp_malformed : DROP_NONE);
		}
	}
	assert_int_equal(wire_udp_parse(NULL, 0, &ip, false, &udp), drop_udp_malformed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(every_length),
	    cmocka_unit_test(bytes_behind_the_datagram_do_not_count),
	    cmocka_unit_test(any_flipped_bit_is_noticed),
	    cmocka_unit_test(absent_checksum_is_for_ipv4_only),
	    cmocka_unit_test(zero_sum_is_sent_in_its_other_form),
	    cmocka_unit_test(port_zero_may_be_a_source_only),
	    cmocka_unit_test(cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
