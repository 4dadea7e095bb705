/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv6 headers: there and back, lengths [P-1], and chains of extension headers: reach, loops, bounds [X-2 .. X-7].
 */
#include "wire_fixture.h"

enum { HOP = 0, ROUTING = 43, FRAGMENT = 44, NO_NEXT = 59, DESTINATION = 60, ROOM = 4096 };

/* A packet under construction: extension headers are appended, each names the next when it comes. */
struct build {
	uint8_t b[ROOM];
	size_t len, next_at;
};

static void begin(struct build *p)
{
	struct wire_ip ip = ip_header(1, NO_NEXT, 0);

	memset(p, 0, sizeof(*p));
	p->len = wire_ip_emit(p->b, &ip);
	p->next_at = 6;
}

/* body: what follows the two first bytes of a header, a multiple of eight with them. */
static void extend(struct build *p, uint8_t kind, const void *body, size_t body_len)
{
	assert_true((body_len + 2) % 8 == 0);
	p->b[p->next_at] = kind;
	p->next_at = p->len;
	p->b[p->len + 1] = kind == FRAGMENT ? 0 : (uint8_t)((body_len + 2) / 8 - 1);
	memcpy(p->b + p->len + 2, body, body_len);
	p->len += 2 + body_len;
}

static void finish(struct build *p, uint8_t protocol, size_t payload)
{
	p->b[p->next_at] = protocol;
	memset(p->b + p->len, 0xee, payload);
	p->len += payload;
	store_be16(p->b + 4, (uint16_t)(p->len - IPV6_HEADER_BYTES));
}

static enum drop parse(const struct build *p, size_t len, struct wire_ip *ip)
{
	uint8_t *copy = exact(p->b, len);
	bool more;
	enum drop reason = wire_ip_parse(copy, len, len, false, ip, &more);

	assert_false(more);
	free(copy);
	return reason;
}

/* One header of this kind and body before eight bytes of TCP. */
static enum drop parse_one(uint8_t kind, const void *body, size_t body_len, struct wire_ip *ip)
{
	struct build p;

	begin(&p);
	extend(&p, kind, body, body_len);
	finish(&p, IP_TCP, 8);
	return parse(&p, p.len, ip);
}

static void there_and_back(void **state)
{
	struct wire_ip ip = ip_header(1, IP_TCP, 5), back;
	struct build p;

	(void)state;
	begin(&p);
	ip.tos = 0x5a;
	ip.ttl = 3;
	assert_int_equal(wire_ip_emit(p.b, &ip), 40);
	assert_memory_equal(p.b, "\x65\xa0\0\0\0\5\6\3\xfd", 9);
	assert_int_equal(parse(&p, 45, &back), DROP_NONE);
	assert_true(weir_addr_equal(&back.src, &ip.src) && weir_addr_equal(&back.dst, &ip.dst));
	assert_int_equal(back.version, 6);
	assert_int_equal(back.protocol, IP_TCP);
	assert_int_equal(back.ttl, 3);
	assert_int_equal(back.tos, 0x5a);
	assert_false(back.fragment);
	assert_int_equal(back.header_bytes, 40);
	assert_int_equal(back.payload_bytes, 5);
}

static void every_payload_length(void **state)
{
	struct build p;
	struct wire_ip ip;

	(void)state;
	begin(&p);
	finish(&p, IP_UDP, 60);
	for (uint32_t claimed = 0; claimed <= 65535; claimed++) {
		store_be16(p.b + 4, (uint16_t)claimed);
		assert_int_equal(parse(&p, 100, &ip), claimed <= 60 ? DROP_NONE : drop_ip_total_length);
		if (claimed <= 60)
			assert_int_equal(ip.payload_bytes, claimed);
	}
	store_be16(p.b + 4, 60);
	for (size_t len = 0; len < 100; len++) {
		enum drop expected = len == 0 || len < 40 ? drop_ip_short : drop_ip_total_length;

		assert_int_equal(parse(&p, len, &ip), expected);
	}
}

static void chain_is_walked(void **state)
{
	struct build p;
	struct wire_ip ip;

	(void)state;
	begin(&p);
	extend(&p, HOP, "\5\2\0\0\1\0", 6);
	extend(&p, DESTINATION, "\1\14\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	extend(&p, ROUTING, "\0\0\0\0\0\0", 6);
	extend(&p, FRAGMENT, "\0\0\1\2\3\4", 6);
	extend(&p, DESTINATION, "\0\0\0\0\0\0", 6);
	finish(&p, IP_UDP, 9);
	assert_int_equal(parse(&p, p.len, &ip), DROP_NONE);
	assert_int_equal(ip.protocol, IP_UDP);
	assert_int_equal(ip.header_bytes, 40 + 8 + 16 + 8 + 8 + 8);
	assert_int_equal(ip.payload_bytes, 9);
	assert_false(ip.fragment);
}

/* The length byte of each kind, whatever it says. */
static void every_extension_length(void **state)
{
	const uint8_t kinds[] = {HOP, DESTINATION, ROUTING};

	(void)state;
	for (int k = 0; k < 3; k++) {
		for (unsigned units = 0; units < 256; units++) {
			struct build p;
			struct wire_ip ip;
			bool fits = (units + 1) * 8 <= 120;

			begin(&p);
			extend(&p, kinds[k], "\0\0\0\0\0\0", 6);
			finish(&p, IP_TCP, 112);
			/* Options that fill any length: PadN of up to 257 bytes. */
			for (size_t at = 42; at + 2 <= p.len; at += 30) {
				p.b[at] = 1;
				p.b[at + 1] = 28;
			}
			p.b[41] = (uint8_t)units;
			if (kinds[k] == ROUTING) {
				p.b[43] = 0;
				assert_int_equal(parse(&p, p.len, &ip), fits ? DROP_NONE : drop_ip_extension);
			} else if (!fits) {
				assert_int_equal(parse(&p, p.len, &ip), drop_ip_extension);
			} else {
				/* Whole when the last option ends with the header. */
				assert_int_equal(parse(&p, p.len, &ip),
				                 (units + 1) * 8 % 30 == 2 ? DROP_NONE : drop_ip_extension);
			}
		}
	}
}

static void header_needs_eight_bytes(void **state)
{
	const uint8_t kinds[] = {HOP, DESTINATION, ROUTING, FRAGMENT};

	(void)state;
	for (int k = 0; k < 4; k++) {
		for (size_t left = 0; left < 8; left++) {
			struct build p;
			struct wire_ip ip;

			begin(&p);
			finish(&p, kinds[k], left);
			assert_int_equal(parse(&p, p.len, &ip), drop_ip_extension);
		}
	}
}

/* The top bits say what becomes of a packet with an option nobody knows. */
static void unknown_options_act_by_their_top_bits(void **state)
{
	struct wire_ip ip;

	(void)state;
	for (unsigned kind = 2; kind < 256; kind++) {
		uint8_t body[6] = {(uint8_t)kind, 4, 0, 0, 0, 0};
		enum drop expected = kind < 0x40 ? DROP_NONE : drop_ip_extension;

		assert_int_equal(parse_one(HOP, body, 6, &ip), expected);
		assert_int_equal(parse_one(DESTINATION, body, 6, &ip), expected);
	}
	/* A jumbogram. */
	assert_int_equal(parse_one(HOP, "\xc2\4\0\1\0\0", 6, &ip), drop_ip_extension);
}

/* */
static void options_stay_inside_their_header(void **state)
{
	struct wire_ip ip;

	(void)state;
	for (unsigned len = 0; len < 256; len++) {
		uint8_t body[6] = {1, (uint8_t)len, 0, 0, 0, 0}, last[6] = {1, 2, 0, 0, 1, (uint8_t)len};

		assert_int_equal(parse_one(HOP, body, 6, &ip), len <= 4 ? DROP_NONE : drop_ip_extension);
		assert_int_equal(parse_one(DESTINATION, last, 6, &ip), len == 0 ? DROP_NONE : drop_ip_extension);
	}
	/* A kind without its length. */
	assert_int_equal(parse_one(HOP, "\0\0\0\0\0\1", 6, &ip), drop_ip_extension);
}

static void options_and_headers_are_bounded(void **state)
{
	uint8_t pads[62] = {0};
	struct build p;
	struct wire_ip ip;

	(void)state;
	/* 32 options in all; 30 of one byte and one PadN fill 4 + 30 bytes. */
	memset(pads, 0, sizeof(pads));
	pads[30] = 1;
	pads[31] = 30;
	assert_int_equal(parse_one(HOP, pads, 62, &ip), DROP_NONE);
	pads[30] = 0;
	pads[31] = 0;
	pads[32] = 1;
	pads[33] = 28;
	assert_int_equal(parse_one(HOP, pads, 62, &ip), drop_ip_extension);
	for (int n = 1; n < 20; n++) {
		begin(&p);
		for (int i = 0; i < n; i++)
			extend(&p, DESTINATION, "\1\4\0\0\0\0", 6);
		finish(&p, IP_TCP, 4);
		assert_int_equal(parse(&p, p.len, &ip), n <= 8 ? DROP_NONE : drop_ip_extension);
	}
}

static void hop_by_hop_stands_first(void **state)
{
	struct build p;
	struct wire_ip ip;

	(void)state;
	begin(&p);
	extend(&p, DESTINATION, "\1\4\0\0\0\0", 6);
	extend(&p, HOP, "\1\4\0\0\0\0", 6);
	finish(&p, IP_TCP, 4);
	assert_int_equal(parse(&p, p.len, &ip), drop_ip_extension);
}

/* */
static void routing_counts_while_segments_are_left(void **state)
{
	struct wire_ip ip;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		uint8_t body[6] = {(uint8_t)type, 0, 0, 0, 0, 0};

		assert_int_equal(parse_one(ROUTING, body, 6, &ip), DROP_NONE);
		assert_int_equal(ip.protocol, IP_TCP);
		body[1] = 1;
		assert_int_equal(parse_one(ROUTING, body, 6, &ip), drop_ip_source_route);
	}
}

static void fragments_are_told(void **state)
{
	struct wire_ip ip;
	struct build p;

	(void)state;
	assert_int_equal(parse_one(FRAGMENT, "\0\0\xab\xcd\x12\x34", 6, &ip), DROP_NONE);
	assert_false(ip.fragment);
	assert_int_equal(ip.id, 0);
	assert_int_equal(parse_one(FRAGMENT, "\0\1\xab\xcd\x12\x34", 6, &ip), DROP_NONE);
	assert_true(ip.fragment);
	assert_int_equal(ip.id, 0x1234);
	assert_int_equal(ip.protocol, IP_TCP);
	assert_int_equal(ip.header_bytes, 48);
	assert_int_equal(parse_one(FRAGMENT, "\0\x08\0\0\0\1", 6, &ip), DROP_NONE);
	assert_true(ip.fragment);
	/* The reserved bits say nothing. */
	assert_int_equal(parse_one(FRAGMENT, "\0\6\0\0\0\1", 6, &ip), DROP_NONE);
	assert_false(ip.fragment);
	/* What follows a fragment's header may be the middle of anything: it is not walked. */
	begin(&p);
	extend(&p, FRAGMENT, "\1\0\0\0\0\1", 6);
	finish(&p, DESTINATION, 3);
	assert_int_equal(parse(&p, p.len, &ip), DROP_NONE);
	assert_int_equal(ip.protocol, DESTINATION);
	assert_int_equal(ip.payload_bytes, 3);
}

/* [P-8] */
static void cut_at_every_byte(void **state)
{
	struct build p;
	struct wire_ip ip;

	(void)state;
	begin(&p);
	extend(&p, HOP, "\1\4\0\0\0\0", 6);
	extend(&p, DESTINATION, "\1\14\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	extend(&p, FRAGMENT, "\0\0\1\2\3\4", 6);
	finish(&p, IP_TCP, 20);
	for (size_t cut = 0; cut <= p.len; cut++) {
		uint8_t *copy = exact(p.b, cut);
		bool more;
		enum drop reason = wire_ip_parse(copy, cut, p.len, false, &ip, &more);

		assert_int_equal(more, cut < 72);
		assert_int_equal(reason, cut < 72 ? drop_ip_short : DROP_NONE);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(every_payload_length),
	    cmocka_unit_test(chain_is_walked),
	    cmocka_unit_test(every_extension_length),
	    cmocka_unit_test(header_needs_eight_bytes),
	    cmocka_unit_test(unknown_options_act_by_their_top_bits),
	    cmocka_unit_test(options_stay_inside_their_header),
	    cmocka_unit_test(options_and_headers_are_bounded),
	    cmocka_unit_test(hop_by_hop_stands_first),
	    cmocka_unit_test(routing_counts_while_segments_are_left),
	    cmocka_unit_test(fragments_are_told),
	    cmocka_unit_test(cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
