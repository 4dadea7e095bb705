/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP's fixed header over both families: there and back, data offset against length [P-4], checksums of every form
 * [9293 MUST-2, MUST-3], segments in slices [P-8], random bytes.
 */
#include "wire/tcp.h"
#include "wire_fixture.h"

enum { ROOM = 256 };

static struct tcp_segment data_segment(const uint8_t *text, size_t len)
{
	struct tcp_segment seg = {
	    .src_port = 1234,
	    .dst_port = 80,
	    .seq = seq_make(0xfffffffe),
	    .ack = seq_make(0x01020304),
	    .text_bytes = (uint32_t)len,
	    .wnd = 0xffff,
	    .flags = TCP_ACK | TCP_PSH,
	    .text_slices = 1,
	    .text = {{text, len}},
	};

	return seg;
}

/* The segment with its text behind it, as it goes over the wire. */
static size_t emit(uint8_t *out, const struct tcp_segment *seg, int family)
{
	struct wire_ip ip = ip_header(family, IP_TCP, 0);
	size_t len = wire_tcp_emit(out, seg, &ip.src, &ip.dst, false);

	for (unsigned i = 0; i < seg->text_slices; i++) {
		if (seg->text[i].len > 0)
			memcpy(out + len, seg->text[i].data, seg->text[i].len);
		len += seg->text[i].len;
	}
	return len;
}

static enum drop parse(const uint8_t *p, size_t len, int family, bool trusted, struct tcp_segment *seg)
{
	struct wire_ip ip = ip_header(family, IP_TCP, len);
	uint8_t *copy = exact(p, len);
	struct weir_slice slice = {copy, len};
	bool more;
	enum drop reason = wire_tcp_parse(&slice, 1, &ip, trusted, seg, &more);

	assert_false(more);
	if (reason == DROP_NONE && seg->text_bytes > 0) {
		assert_int_equal(seg->text_slices, 1);
		assert_ptr_equal(seg->text[0].data + seg->text_bytes, copy + len);
	}
	free(copy);
	return reason;
}

static void there_and_back(void **state)
{
	const uint8_t expected[] = {0x04, 0xd2, 0, 80, 0xff, 0xff, 0xff, 0xfe, 1, 2, 3, 4, 0x50, 0x18, 0xff, 0xff};
	struct numbers n = {1};
	uint8_t text[100], p[ROOM];

	(void)state;
	number_fill(&n, text, sizeof(text));
	for (int family = 0; family < 2; family++) {
		for (size_t len = 0; len <= sizeof(text); len++) {
			struct tcp_segment seg = data_segment(text, len), back;
			struct wire_ip ip = ip_header(family, IP_TCP, 0);
			size_t total = emit(p, &seg, family);

			assert_int_equal(total, 20 + len);
			assert_memory_equal(p, expected, sizeof(expected));
			assert_int_equal(plain_sum(plain_pseudo(&ip.src, &ip.dst, IP_TCP, (uint32_t)total), p, total),
			                 0xffff);
			assert_int_equal(parse(p, total, family, false, &back), DROP_NONE);
			assert_int_equal(back.src_port, 1234);
			assert_int_equal(back.dst_port, 80);
			assert_int_equal(seq_raw(back.seq), 0xfffffffe);
			assert_int_equal(seq_raw(back.ack), 0x01020304);
			assert_int_equal(back.wnd, 0xffff);
			assert_int_equal(back.flags, TCP_ACK | TCP_PSH);
			assert_int_equal(back.text_bytes, len);
			assert_int_equal(tcp_segment_len(&back), len);
		}
	}
}

static void every_flag_and_the_urgent_pointer(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 256; flags++) {
		struct tcp_segment seg = data_segment(NULL, 0), back;
		uint8_t p[ROOM];
		size_t len;

		seg.flags = (uint8_t)flags;
		seg.up = 0xabcd;
		len = emit(p, &seg, 0);
		assert_int_equal(parse(p, len, 0, false, &back), DROP_NONE);
		assert_int_equal(back.flags, flags);
		assert_int_equal(back.up, 0xabcd);
		/* Without the ACK bit the field means nothing, in either direction. */
		assert_int_equal(seq_raw(back.ack), flags & TCP_ACK ? 0x01020304 : 0);
		assert_int_equal(load_be32(p + 8), flags & TCP_ACK ? 0x01020304 : 0);
		store_be32(p + 8, 0x01020304);
		assert_int_equal(parse(p, len, 0, true, &back), DROP_NONE);
		assert_int_equal(seq_raw(back.ack), flags & TCP_ACK ? 0x01020304 : 0);
		assert_int_equal(tcp_segment_len(&back), ((flags & TCP_SYN) != 0) + ((flags & TCP_FIN) != 0));
	}
}

/* [P-4] */
static void every_data_offset_in_every_length(void **state)
{
	(void)state;
	for (unsigned offset = 0; offset < 16; offset++) {
		for (size_t len = 0; len <= 70; len++) {
			struct tcp_segment seg;
			uint8_t p[ROOM];
			bool good = offset >= 5 && 4 * offset <= len;

			memset(p, 1, sizeof(p));
			p[12] = (uint8_t)(offset << 4);
			assert_int_equal(parse(p, len, 0, true, &seg), good ? DROP_NONE : drop_tcp_malformed);
			if (good)
				assert_int_equal(seg.text_bytes, len - 4 * offset);
		}
	}
}

static void any_flipped_bit_is_noticed(void **state)
{
	(void)state;
	for (int family = 0; family < 2; family++) {
		const uint8_t text[] = "odd length";
		struct tcp_segment seg = data_segment(text, 9), back;
		uint8_t p[ROOM];
		size_t len;

		seg.opt.has_timestamps = true;
		seg.opt.ts_val = 7;
		len = emit(p, &seg, family);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(parse(p, len, family, false, &back), DROP_NONE);
			p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		p[16] ^= 1;
		assert_int_equal(parse(p, len, family, false, &back), drop_tcp_checksum);
		assert_int_equal(parse(p, len, family, true, &back), DROP_NONE);
		p[16] ^= 1;
		/* The addresses are covered too. */
		assert_int_equal(parse(p, len, !family, false, &back), drop_tcp_checksum);
	}
}

/* [9293 MUST-2] The sums 0 and ffff, which are where an implementation errs. */
static void extreme_sums_verify(void **state)
{
	struct tcp_segment seg, back;
	uint8_t p[ROOM], text[2];

	(void)state;
	for (int family = 0; family < 2; family++) {
		for (uint32_t word = 0; word <= 0xffff; word++) {
			store_be16(text, (uint16_t)word);
			seg = data_segment(text, 2);
			assert_int_equal(emit(p, &seg, family), 22);
			assert_int_equal(parse(p, 22, family, false, &back), DROP_NONE);
		}
	}
}

static void no_checksum_leaves_the_field_zero(void **state)
{
	struct wire_ip ip = ip_header(0, IP_TCP, 0);
	struct tcp_segment seg = data_segment((const uint8_t *)"x", 1);
	uint8_t p[ROOM];

	(void)state;
	memset(p, 0xff, sizeof(p));
	assert_int_equal(wire_tcp_emit(p, &seg, &ip.src, &ip.dst, true), 20);
	assert_int_equal(load_be16(p + 16), 0);
}

/* A header in the first slice of n, the rest cut where the caller says: the text must come out whole. */
static void check_cut(const uint8_t *p, size_t len, size_t a, size_t b, size_t header)
{
	struct wire_ip ip = ip_header(1, IP_TCP, len);
	struct weir_slice piece[3] = {{p, a}, {p + a, b - a}, {p + b, len - b}};
	struct tcp_segment seg;
	uint8_t text[ROOM];
	size_t at = 0;
	bool more;
	enum drop reason = wire_tcp_parse(piece, 3, &ip, false, &seg, &more);

	assert_int_equal(more, a < header);
	assert_int_equal(reason, a < header ? drop_tcp_malformed : DROP_NONE);
	if (reason != DROP_NONE)
		return;
	for (unsigned i = 0; i < seg.text_slices; i++) {
		assert_true(seg.text[i].len > 0);
		memcpy(text + at, seg.text[i].data, seg.text[i].len);
		at += seg.text[i].len;
	}
	assert_int_equal(at, seg.text_bytes);
	assert_int_equal(at, len - header);
	assert_memory_equal(text, p + header, at);
}

/* [P-8] */
static void cut_at_every_byte(void **state)
{
	const uint8_t text[] = "thirty-one bytes of text, I say";
	struct tcp_segment seg = data_segment(text, 31);
	uint8_t p[ROOM];
	size_t len;

	(void)state;
	seg.opt.has_timestamps = true;
	len = emit(p, &seg, 1);
	assert_int_equal(len, 63);
	for (size_t a = 0; a <= len; a++)
		for (size_t b = a; b <= len; b++)
			check_cut(p, len, a, b, 32);
}

/* Text in slices of odd length gives the checksum of the same text in one. */
static void gathered_text_has_the_checksum_of_the_whole(void **state)
{
	const uint8_t text[] = "gathered from both ends of a ring";

	(void)state;
	for (size_t cut = 0; cut <= 33; cut++) {
		struct tcp_segment whole = data_segment(text, 33), cut_up = whole;
		uint8_t p[ROOM], q[ROOM];

		cut_up.text_slices = 2;
		cut_up.text[0] = (struct weir_slice){text, cut};
		cut_up.text[1] = (struct weir_slice){text + cut, 33 - cut};
		assert_int_equal(emit(p, &whole, 0), emit(q, &cut_up, 0));
		assert_memory_equal(p, q, 53);
	}
}

/* Whatever options there are together, on a SYN and off it: some are summed before they are written. */
static void every_set_of_options_verifies(void **state)
{
	struct numbers n = {43};

	(void)state;
	for (unsigned set = 0; set < 1024; set++) {
		struct tcp_segment seg = data_segment(NULL, 0), back;
		uint8_t p[ROOM];

		seg.text_slices = 0;
		seg.flags = set & 512 ? TCP_SYN : TCP_ACK;
		seg.opt.has_mss = set & 1;
		seg.opt.has_wscale = set & 2;
		seg.opt.has_timestamps = set & 4;
		seg.opt.sack_permitted = set & 8;
		seg.opt.sack_blocks = (uint8_t)((set >> 4) % (TCP_MAX_SACK_BLOCKS + 1));
		seg.opt.mss_bytes = (uint16_t)number(&n);
		seg.opt.ts_val = (uint32_t)number(&n);
		seg.opt.ts_ecr = (uint32_t)number(&n);
		for (unsigned i = 0; i < seg.opt.sack_blocks; i++) {
			seg.opt.sack[i].start = seq_make((uint32_t)number(&n));
			seg.opt.sack[i].end = seq_add(seg.opt.sack[i].start, 1000);
		}
		assert_int_equal(parse(p, emit(p, &seg, set & 1), set & 1, false, &back), DROP_NONE);
		assert_int_equal(back.opt.has_timestamps, seg.opt.has_timestamps);
		if (seg.opt.has_timestamps) {
			assert_int_equal(back.opt.ts_val, seg.opt.ts_val);
			assert_int_equal(back.opt.ts_ecr, seg.opt.ts_ecr);
		}
	}
}

static void random_segments_are_taken_or_dropped(void **state)
{
	struct numbers n = {41};
	unsigned taken = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct tcp_segment seg;
		uint8_t p[90];
		size_t len = number_below(&n, sizeof(p));

		number_fill(&n, p, len);
		if (parse(p, len, i & 1, true, &seg) != DROP_NONE)
			continue;
		taken++;
		assert_true(seg.opt.sack_blocks <= TCP_MAX_SACK_BLOCKS && seg.opt.wscale <= 14);
		assert_true(seg.text_bytes + TCP_HEADER_BYTES <= len);
	}
	assert_true(taken > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(every_flag_and_the_urgent_pointer),
	    cmocka_unit_test(every_data_offset_in_every_length),
	    cmocka_unit_test(any_flipped_bit_is_noticed),
	    cmocka_unit_test(extreme_sums_verify),
	    cmocka_unit_test(no_checksum_leaves_the_field_zero),
	    cmocka_unit_test(cut_at_every_byte),
	    cmocka_unit_test(gathered_text_has_the_checksum_of_the_whole),
	    cmocka_unit_test(every_set_of_options_verifies),
	    cmocka_unit_test(random_segments_are_taken_or_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
