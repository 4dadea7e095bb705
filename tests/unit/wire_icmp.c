/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP of both families: lengths [P-5], checksums, what each type and code means, and the quotes of errors [P-7].
 */
#include "wire/icmp.h"
#include "wire_fixture.h"

enum { ROOM = 256 };

static enum drop parse(const uint8_t *p, size_t len, int family, bool trusted, struct wire_icmp *icmp)
{
	struct wire_ip ip = ip_header(family, family ? IP_ICMPV6 : IP_ICMP, len);
	uint8_t *copy = exact(p, len);
	enum drop reason = wire_icmp_parse(copy, len, &ip, trusted, icmp);

	free(copy);
	return reason;
}

static size_t emit(uint8_t *out, int family, uint8_t type, uint8_t code, uint32_t rest, const uint8_t *body, size_t len)
{
	struct wire_ip ip = ip_header(family, IP_ICMP, 0);

	return wire_icmp_emit(out, &ip.src, &ip.dst, type, code, rest, body, len);
}

static void echo_there_and_back(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		for (size_t body = 0; body < 100; body++) {
			struct wire_ip ip = ip_header(family, IP_ICMPV6, 0);
			struct wire_icmp icmp;
			struct numbers n = {body};
			uint8_t p[ROOM], data[100];
			uint16_t pseudo = 0;
			size_t len;

			number_fill(&n, data, body);
			len = emit(p, family, family ? ICMP6_ECHO : ICMP4_ECHO, 0, 0x00070009, data, body);
			assert_int_equal(len, 8 + body);
			assert_memory_equal(p + 4, "\0\7\0\x09", 4);
			assert_memory_equal(p + 8, data, body);
			if (family)
				pseudo = plain_pseudo(&ip.src, &ip.dst, IP_ICMPV6, (uint32_t)len);
			assert_int_equal(plain_sum(pseudo, p, len), 0xffff);
			assert_int_equal(parse(p, len, family, false, &icmp), DROP_NONE);
			assert_int_equal(icmp.kind, ICMP_ECHO_REQUEST);
			assert_int_equal(icmp.rest, 0x00070009);
			assert_false(icmp.quoted_valid);
			for (size_t bit = 0; bit < 8 * len; bit += 5) {
				p[bit / 8] ^= (uint8_t)(1 << bit % 8);
				assert_int_equal(parse(p, len, family, false, &icmp), drop_icmp_checksum);
				assert_int_equal(parse(p, len, family, true, &icmp), DROP_NONE);
				p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			}
		}
	}
}

/* [P-5] */
static void fewer_than_eight_bytes_of_any_type(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		for (unsigned type = 0; type < 256; type++) {
			for (size_t len = 0; len < 8; len++) {
				struct wire_icmp icmp;
				uint8_t p[8] = {(uint8_t)type};

				assert_int_equal(parse(p, len, family, true, &icmp), drop_icmp_malformed);
			}
		}
	}
}

struct meaning {
	uint8_t type, code;
	enum icmp_kind kind;
};

static const struct meaning meaning4[] = {
    {0, 0, ICMP_ECHO_ANSWER},
    {8, 0, ICMP_ECHO_REQUEST},
    {3, 0, ICMP_NET_UNREACHABLE},
    {3, 1, ICMP_HOST_UNREACHABLE},
    {3, 2, ICMP_PROTOCOL_UNREACHABLE},
    {3, 3, ICMP_PORT_UNREACHABLE},
    {3, 4, ICMP_PACKET_TOO_BIG},
    {3, 6, ICMP_NET_UNREACHABLE},
    {3, 7, ICMP_HOST_UNREACHABLE},
    {3, 9, ICMP_PROHIBITED},
    {3, 10, ICMP_PROHIBITED},
    {3, 13, ICMP_PROHIBITED},
    {3, 16, ICMP_OTHER},
    {11, 0, ICMP_TTL_EXCEEDED},
    {11, 1, ICMP_TTL_EXCEEDED}, /* [9293 MUST-56] a fragment that did not come: as soft */
    {11, 2, ICMP_OTHER},
    {12, 0, ICMP_PARAMETER_PROBLEM},
    {4, 0, ICMP_OTHER},
    {5, 1, ICMP_OTHER},
    {13, 0, ICMP_OTHER},
    {17, 0, ICMP_OTHER},
    {128, 0, ICMP_OTHER},
};

static const struct meaning meaning6[] = {
    {128, 0, ICMP_ECHO_REQUEST},
    {129, 0, ICMP_ECHO_ANSWER},
    {1, 0, ICMP_NET_UNREACHABLE},
    {1, 1, ICMP_PROHIBITED},
    {1, 3, ICMP_HOST_UNREACHABLE},
    {1, 4, ICMP_PORT_UNREACHABLE},
    {1, 7, ICMP_OTHER},
    {2, 0, ICMP_PACKET_TOO_BIG},
    {3, 0, ICMP_TTL_EXCEEDED},
    {3, 1, ICMP_TTL_EXCEEDED},
    {3, 2, ICMP_OTHER},
    {4, 0, ICMP_PARAMETER_PROBLEM},
    {4, 1, ICMP_PROTOCOL_UNREACHABLE},
    {4, 2, ICMP_PARAMETER_PROBLEM},
    {135, 0, ICMP_OTHER},
    {137, 0, ICMP_OTHER},
    {8, 0, ICMP_OTHER},
};

static void types_and_codes_have_their_meaning(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		const struct meaning *row = family ? meaning6 : meaning4;
		size_t rows = family ? sizeof(meaning6) / sizeof(meaning6[0]) : sizeof(meaning4) / sizeof(meaning4[0]);

		for (size_t i = 0; i < rows; i++) {
			struct wire_icmp icmp;
			uint8_t p[8];
			size_t len = emit(p, family, row[i].type, row[i].code, 0, NULL, 0);

			assert_int_equal(parse(p, len, family, false, &icmp), DROP_NONE);
			assert_int_equal(icmp.kind, row[i].kind);
			assert_int_equal(icmp.type, row[i].type);
			assert_int_equal(icmp.code, row[i].code);
			assert_false(icmp.quoted_valid);
		}
	}
}

static void mtu_is_read_where_its_family_has_it(void **state)
{
	struct wire_icmp icmp;
	uint8_t p[8];

	(void)state;
	emit(p, 0, ICMP4_UNREACHABLE, 4, 0xabcd0578, NULL, 0);
	assert_int_equal(parse(p, 8, 0, false, &icmp), DROP_NONE);
	assert_int_equal(icmp.mtu_bytes, 0x578);
	emit(p, 1, ICMP6_TOO_BIG, 0, 1280, NULL, 0);
	assert_int_equal(parse(p, 8, 1, false, &icmp), DROP_NONE);
	assert_int_equal(icmp.mtu_bytes, 1280);
	emit(p, 1, ICMP6_TOO_BIG, 0, 0x10000, NULL, 0);
	assert_int_equal(parse(p, 8, 1, false, &icmp), DROP_NONE);
	assert_int_equal(icmp.mtu_bytes, 0xffff);
	emit(p, 1, ICMP6_UNREACHABLE, 0, 1280, NULL, 0);
	assert_int_equal(parse(p, 8, 1, false, &icmp), DROP_NONE);
	assert_int_equal(icmp.mtu_bytes, 0);
}

/* A packet of ours as a quote: IP header, then payload bytes 4d2 0035 and a sequence number. */
static size_t quote(uint8_t *out, int family, uint8_t protocol, size_t payload)
{
	struct wire_ip ip = ip_header(family, protocol, payload);
	size_t header = wire_ip_emit(out, &ip);

	memset(out + header, 0, payload > 8 ? payload : 8);
	memcpy(out + header, "\x04\xd2\0\x35\xca\xfe\xba\xbe", 8);
	return header + payload;
}

static enum drop parse_error(int family, const uint8_t *quoted, size_t len, struct wire_icmp *icmp)
{
	uint8_t p[ROOM];
	size_t total = emit(p, family, family ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE, family ? 4 : 3, 0, quoted, len);

	return parse(p, total, family, false, icmp);
}

/* [P-7] The header and eight bytes are what it takes; nothing less is believed, nothing more is needed. */
static void quote_truncated_at_every_byte(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		struct wire_ip ip = ip_header(family, IP_TCP, 0);
		uint8_t q[ROOM];
		size_t whole = quote(q, family, IP_TCP, 60), header = family ? 40 : 20;

		for (size_t len = 0; len <= whole; len++) {
			struct wire_icmp icmp;

			assert_int_equal(parse_error(family, q, len, &icmp), DROP_NONE);
			assert_int_equal(icmp.kind, ICMP_PORT_UNREACHABLE);
			assert_int_equal(icmp.quoted_valid, len >= header + 8);
			if (!icmp.quoted_valid)
				continue;
			assert_true(weir_addr_equal(&icmp.quoted_src, &ip.src) &&
			            weir_addr_equal(&icmp.quoted_dst, &ip.dst));
			assert_int_equal(icmp.quoted_protocol, IP_TCP);
			assert_int_equal(icmp.quoted_src_port, 1234);
			assert_int_equal(icmp.quoted_dst_port, 53);
			assert_int_equal(icmp.quoted_seq, 0xcafebabe);
		}
	}
}

static void quote_of_each_protocol(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		struct wire_icmp icmp;
		uint8_t q[ROOM];

		assert_int_equal(parse_error(family, q, quote(q, family, IP_UDP, 8), &icmp), DROP_NONE);
		assert_true(icmp.quoted_valid);
		assert_int_equal(icmp.quoted_dst_port, 53);
		assert_int_equal(icmp.quoted_seq, 0);
		assert_int_equal(parse_error(family, q, quote(q, family, 58, 8), &icmp), DROP_NONE);
		assert_true(icmp.quoted_valid);
		assert_int_equal(icmp.quoted_protocol, 58);
		assert_int_equal(icmp.quoted_dst_port, 0);
	}
}

static void inconsistent_quotes_are_not_believed(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		struct wire_icmp icmp;
		uint8_t q[ROOM];
		size_t len = quote(q, family, IP_TCP, 60);

		/* Of the other family, or of none. */
		assert_int_equal(parse_error(!family, q, len, &icmp), DROP_NONE);
		assert_false(icmp.quoted_valid);
		q[0] ^= 0x10;
		assert_int_equal(parse_error(family, q, len, &icmp), DROP_NONE);
		assert_false(icmp.quoted_valid);
		/* It claims to be shorter than what is needed. */
		len = quote(q, family, IP_TCP, 60);
		store_be16(q + (family ? 4 : 2), family ? 7 : 27);
		assert_int_equal(parse_error(family, q, len, &icmp), DROP_NONE);
		assert_false(icmp.quoted_valid);
	}
}

static void quoted_ipv4_options_and_fragments(void **state)
{
	struct wire_icmp icmp;
	uint8_t q[ROOM];
	size_t len = quote(q, 0, IP_TCP, 60);

	(void)state;
	/* A header checksum that was not updated with the TTL is no reason to doubt. */
	q[8]--;
	assert_int_equal(parse_error(0, q, len, &icmp), DROP_NONE);
	assert_true(icmp.quoted_valid);
	store_be16(q + 6, 5);
	assert_int_equal(parse_error(0, q, len, &icmp), DROP_NONE);
	assert_false(icmp.quoted_valid);
	/* Each header length: what stands behind it is read there, or nothing. */
	for (unsigned words = 0; words < 16; words++) {
		len = quote(q, 0, IP_TCP, 60);
		memset(q + 20, 1, 60);
		q[0] = (uint8_t)(0x40 | words);
		assert_int_equal(parse_error(0, q, 52, &icmp), DROP_NONE);
		assert_int_equal(icmp.quoted_valid, words >= 5 && 4 * words + 8 <= 52);
	}
}

static void quoted_ipv6_extension_headers(void **state)
{
	struct wire_icmp icmp;
	uint8_t q[ROOM];
	size_t len = quote(q, 1, 60, 30);

	(void)state;
	memcpy(q + 40, "\6\0\1\4\0\0\0\0\x04\xd2\0\x35\xca\xfe\xba\xbe", 16);
	for (size_t cut = 40; cut <= len; cut++) {
		assert_int_equal(parse_error(1, q, cut, &icmp), DROP_NONE);
		assert_int_equal(icmp.quoted_valid, cut >= 56);
		if (icmp.quoted_valid)
			assert_int_equal(icmp.quoted_seq, 0xcafebabe);
	}
}

static void random_messages_are_taken_or_dropped(void **state)
{
	struct numbers n = {31};

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct wire_icmp icmp;
		uint8_t p[120];
		size_t len = number_below(&n, sizeof(p));
		int family = i % 2;

		number_fill(&n, p, len);
		if (len > 10 && i % 3) {
			p[0] = family ? 1 : 3;
			p[8] = (uint8_t)(family ? 0x60 : 0x40 | (p[8] & 15));
			p[10] = 0;
			p[14] = family ? 0 : p[14];
		}
		parse(p, len, family, true, &icmp);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(echo_there_and_back),
	    cmocka_unit_test(fewer_than_eight_bytes_of_any_type),
	    cmocka_unit_test(types_and_codes_have_their_meaning),
	    cmocka_unit_test(mtu_is_read_where_its_family_has_it),
	    cmocka_unit_test(quote_truncated_at_every_byte),
	    cmocka_unit_test(quote_of_each_protocol),
	    cmocka_unit_test(inconsistent_quotes_are_not_believed),
	    cmocka_unit_test(quoted_ipv4_options_and_fragments),
	    cmocka_unit_test(quoted_ipv6_extension_headers),
	    cmocka_unit_test(random_messages_are_taken_or_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
