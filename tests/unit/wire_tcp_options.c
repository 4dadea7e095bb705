/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP options: what is emitted, in which order; what is taken, passed over, or ends the parsing [P-9, P-10]; every
 * length at every place.
 */
#include "wire/tcp.h"
#include "wire_fixture.h"

#define ALL(text) (const uint8_t *)(text), sizeof(text) - 1

static struct tcp_options parse(const uint8_t *data, size_t len, bool syn)
{
	struct tcp_options opt;
	uint8_t *copy = exact(data, len);

	memset(&opt, 0xa5, sizeof(opt));
	wire_tcp_options_parse(copy, len, syn, &opt);
	free(copy);
	return opt;
}

static bool nothing_in(const struct tcp_options *opt)
{
	return !opt->has_mss && !opt->has_wscale && !opt->has_timestamps && !opt->sack_permitted && !opt->has_cookie &&
	       opt->sack_blocks == 0;
}

static void assert_emitted(const struct tcp_options *opt, bool syn, const uint8_t *expected, size_t len)
{
	uint8_t out[40];

	memset(out, 0xa5, sizeof(out));
	assert_int_equal(wire_tcp_options_bytes(opt, syn), len);
	assert_int_equal(wire_tcp_options_emit(out, opt, syn), len);
	if (len > 0)
		assert_memory_equal(out, expected, len);
	for (size_t i = len; i < sizeof(out); i++)
		assert_int_equal(out[i], 0xa5);
}

static void syn_has_the_usual_order(void **state)
{
	struct tcp_options opt = {
	    .has_mss = true, .mss_bytes = 1460, .ts_val = 0x01020304, .ts_ecr = 0x05060708, .wscale = 7};

	(void)state;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4"));
	opt.sack_permitted = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\1\4\2"));
	opt.has_wscale = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\1\4\2\1\3\3\7"));
	opt.has_timestamps = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\4\2\x08\x0a\1\2\3\4\5\6\7\x08\1\3\3\7"));
	opt.sack_permitted = false;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\1\x08\x0a\1\2\3\4\5\6\7\x08\1\3\3\7"));
	opt.has_wscale = opt.has_mss = false;
	assert_emitted(&opt, true, ALL("\1\1\x08\x0a\1\2\3\4\5\6\7\x08"));
}

/* As FreeBSD has it: gaps so that four-byte values stand at multiples of four, the end filled up. */
static void syn_may_have_the_other_order(void **state)
{
	struct tcp_options opt = {.has_mss = true,
	                          .mss_bytes = 1460,
	                          .ts_val = 0x01020304,
	                          .ts_ecr = 0x05060708,
	                          .wscale = 7,
	                          .bsd_order = true};

	(void)state;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4"));
	opt.sack_permitted = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\4\2\0\0"));
	opt.has_wscale = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\3\3\7\4\2\0\0"));
	opt.has_timestamps = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\3\3\7\4\2\x08\x0a\1\2\3\4\5\6\7\x08"));
	assert_emitted(&opt, false, ALL("\1\1\x08\x0a\1\2\3\4\5\6\7\x08"));
	opt.sack_permitted = false;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\3\3\7\1\1\x08\x0a\1\2\3\4\5\6\7\x08"));
	opt.has_wscale = false;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\1\x08\x0a\1\2\3\4\5\6\7\x08"));
	opt.sack_permitted = opt.has_wscale = opt.has_cookie = true;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\1\3\3\7\4\2\x08\x0a\1\2\3\4\5\6\7\x08\x22\2\0\0"));
	opt.cookie_bytes = 4;
	opt.cookie_experimental = true;
	opt.has_timestamps = opt.has_wscale = false;
	memset(opt.cookie, 9, sizeof(opt.cookie));
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\4\2\xfe\x08\xf9\x89\x09\x09\x09\x09\0\0"));
	opt.has_cookie = false;
	opt.user_timeout_s = 5;
	assert_emitted(&opt, true, ALL("\2\4\5\xb4\4\2\x1c\4\0\5\0\0"));
}

/* All that may stand on one SYN has room. */
static void other_order_fits(void **state)
{
	struct tcp_options opt = {.has_mss = true,
	                          .has_wscale = true,
	                          .has_timestamps = true,
	                          .sack_permitted = true,
	                          .has_cookie = true,
	                          .cookie_experimental = true,
	                          .cookie_bytes = TCP_MAX_COOKIE_BYTES,
	                          .bsd_order = true};
	uint8_t out[40];

	(void)state;
	assert_int_equal(wire_tcp_options_bytes(&opt, true), sizeof(out));
	assert_int_equal(wire_tcp_options_emit(out, &opt, true), sizeof(out));
}

/* [5482 s2] Seconds up to what 15 bits hold, then minutes, then the most there is; on SYNs and others. */
static void user_timeout(void **state)
{
	struct tcp_options opt = {.user_timeout_s = 250}, got;

	(void)state;
	assert_emitted(&opt, false, ALL("\x1c\4\0\xfa"));
	assert_emitted(&opt, true, ALL("\x1c\4\0\xfa"));
	opt.user_timeout_s = 0x7fff;
	assert_emitted(&opt, false, ALL("\x1c\4\x7f\xff"));
	opt.user_timeout_s = 0x8000;
	assert_emitted(&opt, false, ALL("\x1c\4\x82\x22"));
	opt.user_timeout_s = UINT32_MAX;
	assert_emitted(&opt, false, ALL("\x1c\4\xff\xff"));
	opt.user_timeout_s = 250;
	opt.has_timestamps = true;
	opt.ts_val = 0x01020304;
	opt.ts_ecr = 0x05060708;
	assert_emitted(&opt, false, ALL("\1\1\x08\x0a\1\2\3\4\5\6\7\x08\x1c\4\0\xfa"));
	got = parse(ALL("\x1c\4\0\xfa"), false);
	assert_int_equal(got.user_timeout_s, 250);
	got = parse(ALL("\x1c\4\x80\x0a"), true);
	assert_int_equal(got.user_timeout_s, 600);
	got = parse(ALL("\x1c\3\x80\1"), false); /* not its length */
	assert_int_equal(got.user_timeout_s, 0);
}

/* [9293 MUST-65] and the like of the other options that belong to a SYN. */
static void other_segments_have_timestamps_and_sack_only(void **state)
{
	struct tcp_options opt = {.has_mss = true, .has_wscale = true, .sack_permitted = true};

	(void)state;
	assert_emitted(&opt, false, NULL, 0);
	opt.has_timestamps = true;
	assert_emitted(&opt, false, ALL("\1\1\x08\x0a\0\0\0\0\0\0\0\0"));
	opt.sack_blocks = 1;
	opt.sack[0] = (struct tcp_sack_block){seq_make(0xfffffffe), seq_make(3)};
	assert_emitted(&opt, false, ALL("\1\1\x08\x0a\0\0\0\0\0\0\0\0\1\1\5\x0a\xff\xff\xff\xfe\0\0\0\3"));
	assert_emitted(&opt, true, ALL("\2\4\0\0\4\2\x08\x0a\0\0\0\0\0\0\0\0\1\3\3\0"));
}

static void as_many_blocks_as_there_is_room_for(void **state)
{
	struct tcp_options opt = {0}, back;
	uint8_t out[40];

	(void)state;
	for (uint8_t blocks = 0; blocks <= TCP_MAX_SACK_BLOCKS; blocks++) {
		for (int timestamps = 0; timestamps < 2; timestamps++) {
			uint8_t fit = timestamps && blocks > 3 ? 3 : blocks;
			size_t len;

			opt.has_timestamps = timestamps;
			opt.sack_blocks = blocks;
			for (uint32_t i = 0; i < blocks; i++)
				opt.sack[i] = (struct tcp_sack_block){seq_make(100 * i + 1), seq_make(100 * i + 50)};
			len = wire_tcp_options_emit(out, &opt, false);
			assert_int_equal(len, (timestamps ? 12u : 0u) + (fit > 0 ? 4u + 8u * fit : 0u));
			back = parse(out, len, false);
			assert_int_equal(back.sack_blocks, fit);
			for (uint32_t i = 0; i < fit; i++) {
				assert_true(seq_eq(back.sack[i].start, opt.sack[i].start));
				assert_true(seq_eq(back.sack[i].end, opt.sack[i].end));
			}
		}
	}
}

/* Every combination of what a SYN may carry comes back as it went, in whole words. */
static void every_combination_there_and_back(void **state)
{
	(void)state;
	for (unsigned mask = 0; mask < 16; mask++) {
		struct tcp_options opt = {
		    .has_mss = mask & 1,
		    .has_wscale = mask & 2,
		    .has_timestamps = mask & 4,
		    .sack_permitted = mask & 8,
		    .wscale = 14,
		    .mss_bytes = 536,
		    .ts_val = 1,
		    .ts_ecr = 2,
		};
		struct tcp_options back;
		uint8_t out[40];
		size_t len = wire_tcp_options_emit(out, &opt, true);

		assert_int_equal(len % 4, 0);
		assert_int_equal(len, wire_tcp_options_bytes(&opt, true));
		/* [9293 MUST-69] No end of options that would have to be padded behind. */
		for (size_t i = 0; i < len; i += out[i] == 1 ? 1 : out[i + 1])
			assert_int_not_equal(out[i], 0);
		back = parse(out, len, true);
		assert_int_equal(back.has_mss, opt.has_mss);
		assert_int_equal(back.has_wscale, opt.has_wscale);
		assert_int_equal(back.has_timestamps, opt.has_timestamps);
		assert_int_equal(back.sack_permitted, opt.sack_permitted);
		assert_int_equal(back.mss_bytes, opt.has_mss ? 536 : 0);
		assert_int_equal(back.wscale, opt.has_wscale ? 14 : 0);
		assert_int_equal(back.ts_val, opt.has_timestamps ? 1 : 0);
	}
}

/* [9293 MUST-5, MUST-6, MUST-64] */
static void any_order_alignment_and_unknown_kinds(void **state)
{
	struct tcp_options opt = parse(ALL("\3\3\5\xfe\6zzzz\2\4\2\x18\1\x08\x0a\0\0\0\1\0\0\0\2\4\2\x1e\2"), true);

	(void)state;
	assert_true(opt.has_wscale && opt.has_mss && opt.has_timestamps && opt.sack_permitted);
	assert_int_equal(opt.wscale, 5);
	assert_int_equal(opt.mss_bytes, 536);
	assert_int_equal(opt.ts_val, 1);
	assert_int_equal(opt.ts_ecr, 2);
	/* Behind the end of the list nothing counts. */
	opt = parse(ALL("\1\0\2\4\5\xb4\0\0"), true);
	assert_true(nothing_in(&opt));
	/* Of two the last. */
	opt = parse(ALL("\2\4\5\xb4\2\4\2\x18"), true);
	assert_int_equal(opt.mss_bytes, 536);
}

static void syn_options_count_on_a_syn_only(void **state)
{
	struct tcp_options opt = parse(ALL("\2\4\5\xb4\4\2\3\3\7\1\x08\x0a\0\0\0\1\0\0\0\2\0\0"), false);

	(void)state;
	assert_false(opt.has_mss || opt.sack_permitted || opt.has_wscale);
	assert_true(opt.has_timestamps);
	opt = parse(ALL("\1\1\5\x0a\0\0\0\1\0\0\0\2"), true);
	assert_int_equal(opt.sack_blocks, 0);
}

/* [7323 s2.3] */
static void shift_is_limited_to_14(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 256; shift++) {
		uint8_t data[4] = {3, 3, (uint8_t)shift, 0};
		struct tcp_options opt = parse(data, 4, true);

		assert_true(opt.has_wscale);
		assert_int_equal(opt.wscale, shift < 14 ? shift : 14);
	}
}

/* [9293 MUST-7] An illegal length ends the parsing; what stood before it counts, what stands behind does not. */
static void every_length_at_every_place(void **state)
{
	(void)state;
	for (size_t at = 4; at < 39; at++) {
		for (unsigned len = 0; len < 256; len++) {
			bool fits = len >= 2 && at + len <= 40;
			uint8_t data[40];
			struct tcp_options opt;

			memset(data, 1, sizeof(data));
			memcpy(data, "\2\4\5\xb4", 4);
			data[at] = 0xfd;
			data[at + 1] = (uint8_t)len;
			if (at + 2 + 3 <= 40)
				memcpy(data + 37, "\3\3\7", 3);
			opt = parse(data, 40, true);
			assert_true(opt.has_mss);
			assert_int_equal(opt.mss_bytes, 1460);
			/* The shift at the end is found where the option of unknown kind stops in front of it. */
			if (at + 2 <= 37)
				assert_int_equal(opt.has_wscale, fits && at + len <= 37);
		}
	}
}

/* A known kind with another length than its own is passed over like an unknown one. */
static void wrong_fixed_length_is_passed_over(void **state)
{
	static const struct {
		uint8_t kind, len;
	} right[] = {{2, 4}, {3, 3}, {4, 2}, {8, 10}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (uint8_t len = 2; len <= 20; len++) {
			uint8_t data[40];
			struct tcp_options opt;
			bool good = len == right[i].len;

			memset(data, 0, sizeof(data));
			data[0] = right[i].kind;
			data[1] = len;
			opt = parse(data, 40, true);
			assert_int_equal(nothing_in(&opt), !good);
			/* And what follows it is read. */
			memcpy(data + len, i == 0 ? "\3\3\1" : "\2\4\1\1", i == 0 ? 3 : 4);
			opt = parse(data, 40, true);
			assert_true(i == 0 ? opt.has_wscale : opt.has_mss);
		}
	}
}

/* [7413 s4.1.1] Cookies have 4 to 16 bytes, an even number; none asks for one. On a SYN only, behind the other options,
 * and all together they fill the header to its end. */
static void cookies_there_and_back(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 18; len++) {
		uint8_t data[40] = {34, (uint8_t)(2 + len), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
		                    18};
		bool good = len % 2 == 0 && len <= 16 && len != 2;
		struct tcp_options opt = parse(data, 2u + len, true), all = {
		                                                          .has_mss = true,
		                                                          .mss_bytes = 1460,
		                                                          .has_wscale = true,
		                                                          .has_timestamps = true,
		                                                          .sack_permitted = true,
		                                                      };
		uint8_t out[40];
		size_t bytes;

		assert_int_equal(opt.has_cookie, good);
		data[2 + len] = 2; /* what follows is read */
		data[3 + len] = 4;
		assert_true(parse(data, 6u + len, true).has_mss);
		assert_false(parse(data, 2u + len, false).has_cookie);
		if (!good)
			continue;
		assert_int_equal(opt.cookie_bytes, len);
		assert_memory_equal(opt.cookie, data + 2, len);
		all.has_cookie = true;
		all.cookie_bytes = len;
		memcpy(all.cookie, opt.cookie, len);
		bytes = wire_tcp_options_emit(out, &all, true);
		assert_int_equal(bytes, wire_tcp_options_bytes(&all, true));
		assert_int_equal(bytes, 20 + (2u + len + 3) / 4 * 4);
		opt = parse(out, bytes, true);
		assert_true(opt.has_mss && opt.has_wscale && opt.has_timestamps && opt.sack_permitted &&
		            opt.has_cookie);
		assert_int_equal(opt.cookie_bytes, len);
		assert_memory_equal(opt.cookie, all.cookie, len);
		assert_int_equal(wire_tcp_options_bytes(&all, false), 12);
	}
}

static void truncated_at_every_byte(void **state)
{
	const uint8_t data[] = "\2\4\5\xb4\4\2\x08\x0a\1\2\3\4\5\6\7\x08\1\3\3\7";

	(void)state;
	for (size_t len = 0; len <= 20; len++) {
		struct tcp_options opt = parse(data, len, true);

		assert_int_equal(opt.has_mss, len >= 4);
		assert_int_equal(opt.sack_permitted, len >= 6);
		assert_int_equal(opt.has_timestamps, len >= 16);
		assert_int_equal(opt.has_wscale, len >= 20);
	}
}

/* [P-10] */
static void malformed_blocks_are_left_out_one_by_one(void **state)
{
	struct tcp_options opt;
	uint8_t data[40];

	(void)state;
	opt = parse(ALL("\1\1\5\x22"
	                "\0\0\0\5\0\0\0\5"
	                "\0\0\0\5\0\0\0\6"
	                "\0\0\0\7\0\0\0\6"
	                "\xff\xff\xff\xff\0\0\0\1"),
	            false);
	assert_int_equal(opt.sack_blocks, 2);
	assert_int_equal(seq_raw(opt.sack[0].start), 5);
	assert_int_equal(seq_raw(opt.sack[1].start), 0xffffffff);
	/* A length that is no whole number of blocks: none of them. */
	for (unsigned len = 2; len <= 38; len++) {
		memset(data, 0, sizeof(data));
		data[0] = 5;
		data[1] = (uint8_t)len;
		for (size_t i = 2; i + 8 <= 40; i += 8)
			data[i + 7] = 9;
		opt = parse(data, 40, false);
		assert_int_equal(opt.sack_blocks, (len - 2) % 8 == 0 ? (len - 2) / 8 : 0);
	}
}

/* The shape of nearly every segment takes a short way: it must end where the long one does. */
static void short_way_equals_the_long_way(void **state)
{
	const uint8_t data[] = "\1\1\x08\x0a\xde\xad\xbe\xef\xca\xfe\xba\xbe\1\1\1\1";
	struct tcp_options fast, slow;

	(void)state;
	for (int syn = 0; syn < 2; syn++) {
		fast = parse(data, 12, syn);
		slow = parse(data, 16, syn);
		assert_memory_equal(&fast, &slow, offsetof(struct tcp_options, sack));
		assert_int_equal(fast.ts_val, 0xdeadbeef);
		assert_int_equal(fast.ts_ecr, 0xcafebabe);
	}
}

/* [9293 MUST-68] Every kind but 0 and 1 has a length, known or not: what stands behind it is found. */
static void every_kind_has_a_length(void **state)
{
	(void)state;
	for (unsigned kind = 2; kind < 256; kind++) {
		uint8_t data[12] = {(uint8_t)kind, 5, 2, 4, 9, 2, 4, 0x12, 0x34};
		struct tcp_options opt = parse(data, sizeof(data), true);

		assert_true(opt.has_mss);
		assert_int_equal(opt.mss_bytes, 0x1234);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(syn_has_the_usual_order),
	    cmocka_unit_test(user_timeout),
	    cmocka_unit_test(other_segments_have_timestamps_and_sack_only),
	    cmocka_unit_test(as_many_blocks_as_there_is_room_for),
	    cmocka_unit_test(every_combination_there_and_back),
	    cmocka_unit_test(any_order_alignment_and_unknown_kinds),
	    cmocka_unit_test(syn_options_count_on_a_syn_only),
	    cmocka_unit_test(shift_is_limited_to_14),
	    cmocka_unit_test(every_length_at_every_place),
	    cmocka_unit_test(wrong_fixed_length_is_passed_over),
	    cmocka_unit_test(syn_may_have_the_other_order),
	    cmocka_unit_test(other_order_fits),
	    cmocka_unit_test(cookies_there_and_back),
	    cmocka_unit_test(truncated_at_every_byte),
	    cmocka_unit_test(malformed_blocks_are_left_out_one_by_one),
	    cmocka_unit_test(short_way_equals_the_long_way),
	    cmocka_unit_test(every_kind_has_a_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
