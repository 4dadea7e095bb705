/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP options [9293 MUST-4, MUST-5, MUST-64]: MSS, window scale and timestamps (RFC 7323), SACK (RFC 2018), Fast
 * Open cookies (RFC 7413), the user time-out (RFC 5482). All kinds but 0 and 1 have a length, read and written,
 * whatever kind may come [MUST-68]. All that we emit together is a multiple of four bytes by the choice of the NOPs, so
 * that there is never an end-of-list to pad behind [9293 MUST-69].
 */
#include "wire/tcp.h"

#include "base/assert.h"
#include "base/bytes.h"

enum { KIND_END = 0, KIND_NOP = 1, KIND_MSS = 2, KIND_WSCALE = 3, KIND_SACK_OK = 4, KIND_SACK = 5, KIND_TS = 8 };
enum { KIND_USER_TIMEOUT = 28, LEN_USER_TIMEOUT = 4 };
enum { KIND_COOKIE = 34, LEN_COOKIE_BASE = 2 };
enum { KIND_ACCURATE0 = 172, KIND_ACCURATE1 = 174, ACCURATE_BYTES = 3 };
enum { LEN_MSS = 4, LEN_WSCALE = 3, LEN_SACK_OK = 2, LEN_TS = 10, LEN_SACK_BLOCK = 8 };
enum { MAX_WSCALE = 14, MAX_OPTIONS_BYTES = TCP_MAX_HEADER_BYTES - TCP_HEADER_BYTES };

/* Of the shared experimental kind, by the number behind its length [6994]. */
enum { KIND_EXPERIMENT = 254, EXPERIMENT_COOKIE = 0xf989 };

static unsigned cookie_base(const struct tcp_options *opt)
{
	return opt->cookie_experimental ? LEN_COOKIE_BASE + 2u : LEN_COOKIE_BASE;
}

/* Blocks that are empty or run backwards are left out one by one. */
static void parse_sack(const uint8_t *value, size_t len, struct tcp_options *opt)
{
	if (len == 0 || len % LEN_SACK_BLOCK != 0)
		return;
	opt->sack_blocks = 0;
	for (; len > 0 && opt->sack_blocks < TCP_MAX_SACK_BLOCKS; value += LEN_SACK_BLOCK, len -= LEN_SACK_BLOCK) {
		struct tcp_sack_block block = {seq_make(load_be32(value)), seq_make(load_be32(value + 4))};

		if (seq_lt(block.start, block.end))
			opt->sack[opt->sack_blocks++] = block;
	}
}

/* [9768 s3.2.3] Up to three counters; the kind tells whose comes first, and what is not there is left out at the end.
 */
static void parse_accurate(uint8_t kind, const uint8_t *value, size_t len, struct tcp_options *opt)
{
	if (len % ACCURATE_BYTES != 0 || len > TCP_ACCURATE_COUNTERS * ACCURATE_BYTES)
		return;
	opt->accurate = 0;
	for (unsigned i = 0; len > 0; i++, value += ACCURATE_BYTES, len -= ACCURATE_BYTES) {
		unsigned counter = kind == KIND_ACCURATE0 ? i : TCP_ACCURATE_COUNTERS - 1 - i;

		opt->accurate |= (uint16_t)(1u << counter);
		opt->accurate_bytes[counter] = (uint32_t)value[0] << 16 | (uint32_t)value[1] << 8 | value[2];
	}
}

static void parse_timestamps(const uint8_t *value, struct tcp_options *opt)
{
	opt->has_timestamps = true;
	opt->ts_val = load_be32(value);
	opt->ts_ecr = load_be32(value + 4);
}

/* [7413 s4.1.1] */
static void parse_cookie(const uint8_t *value, size_t len, struct tcp_options *opt)
{
	if (len % 2 != 0 || len > TCP_MAX_COOKIE_BYTES || (len > 0 && len < TCP_MIN_COOKIE_BYTES))
		return;
	opt->has_cookie = true;
	opt->cookie_bytes = (uint8_t)len;
	memcpy(opt->cookie, value, len);
}

/* [5482 s2] Seconds, or with the first bit minutes; 0 is not for use. */
static void parse_user_timeout(uint16_t value, struct tcp_options *opt)
{
	opt->user_timeout_s = value & 0x8000 ? (value & 0x7fffu) * 60 : value;
}

/* One option whose length is sound as such. With another than its kind has it is passed over, like an unknown one [9293
 * MUST-6]. */
static void parse_option(uint8_t kind, const uint8_t *value, size_t len, bool syn, struct tcp_options *opt)
{
	if (kind == KIND_TS && len == LEN_TS - 2) {
		parse_timestamps(value, opt);
	} else if (kind == KIND_SACK && !syn) {
		parse_sack(value, len, opt);
	} else if (kind == KIND_MSS && len == LEN_MSS - 2 && syn) {
		opt->has_mss = true;
		opt->mss_bytes = load_be16(value);
	} else if (kind == KIND_WSCALE && len == LEN_WSCALE - 2 && syn) {
		opt->has_wscale = true;
		opt->wscale = value[0] < MAX_WSCALE ? value[0] : MAX_WSCALE;
	} else if (kind == KIND_SACK_OK && len == LEN_SACK_OK - 2 && syn) {
		opt->sack_permitted = true;
	} else if (kind == KIND_USER_TIMEOUT && len == LEN_USER_TIMEOUT - 2) {
		parse_user_timeout(load_be16(value), opt);
	} else if (kind == KIND_COOKIE && syn) {
		parse_cookie(value, len, opt);
		opt->cookie_experimental = false;
	} else if (kind == KIND_EXPERIMENT && syn && len >= 2 && load_be16(value) == EXPERIMENT_COOKIE) {
		if (!opt->has_cookie)
			parse_cookie(value + 2, len - 2, opt);
		opt->cookie_experimental = opt->has_cookie;
	} else if (kind == KIND_ACCURATE0 || kind == KIND_ACCURATE1) {
		parse_accurate(kind, value, len, opt);
	}
}

void wire_tcp_options_parse(const uint8_t *data, size_t len, bool syn, struct tcp_options *opt)
{
	struct reader r = reader_make(data, len);

	memset(opt, 0, offsetof(struct tcp_options, sack));
	if (likely(len == TCP_TIMESTAMPS_BYTES && load_be32(data) == TCP_NOP_NOP_TIMESTAMPS)) {
		parse_timestamps(data + 4, opt);
		return;
	}
	while (reader_left(&r) > 0) {
		uint8_t kind = read_u8(&r), option_len;
		const uint8_t *value;

		if (kind == KIND_END)
			return;
		if (kind == KIND_NOP)
			continue;
		option_len = read_u8(&r);
		/* [9293 MUST-7] */
		if (option_len < 2)
			return;
		value = read_bytes(&r, option_len - 2u);
		if (!value)
			return;
		parse_option(kind, value, option_len - 2u, syn, opt);
	}
}

/* How many blocks go out beside what else there is. */
static unsigned sack_blocks(const struct tcp_options *opt, bool syn)
{
	unsigned room = MAX_OPTIONS_BYTES - 4 - (opt->has_timestamps ? TCP_TIMESTAMPS_BYTES : 0);

	if (likely(syn || opt->sack_blocks == 0))
		return 0;
	return opt->sack_blocks <= room / LEN_SACK_BLOCK ? opt->sack_blocks : room / LEN_SACK_BLOCK;
}

/* How many counters fit behind what else there is; they take a multiple of four bytes with their NOPs. */
static unsigned accurate_counters(const struct tcp_options *opt, size_t others)
{
	if (!opt->accurate || others + 8 > MAX_OPTIONS_BYTES)
		return 0;
	return others + 12 > MAX_OPTIONS_BYTES ? 2 : 3;
}

static size_t accurate_bytes(unsigned counters)
{
	return counters == 0 ? 0 : (2 + counters * ACCURATE_BYTES + 3) / 4 * 4;
}

/* The next place at which FreeBSD lets an option begin: so far behind a multiple of four. */
static size_t bsd_place(size_t at, size_t behind)
{
	while (at % 4 != behind)
		at++;
	return at;
}

/* On a SYN in FreeBSD's order: MSS, window scale, SACK permitted, timestamps, cookie, user time-out. */
static size_t bsd_bytes(const struct tcp_options *opt)
{
	size_t bytes = opt->has_mss ? LEN_MSS : 0;

	if (opt->has_wscale)
		bytes = bsd_place(bytes, 1) + LEN_WSCALE;
	if (opt->sack_permitted)
		bytes += bytes % 2 + LEN_SACK_OK;
	if (opt->has_timestamps)
		bytes = bsd_place(bytes, 2) + LEN_TS;
	if (opt->has_cookie)
		bytes += cookie_base(opt) + opt->cookie_bytes;
	bytes += opt->user_timeout_s > 0 ? LEN_USER_TIMEOUT : 0;
	return bsd_place(bytes, 0);
}

static size_t other_bytes(const struct tcp_options *opt, bool syn)
{
	unsigned blocks = sack_blocks(opt, syn);
	size_t bytes = blocks > 0 ? 4 + blocks * LEN_SACK_BLOCK : 0;

	if (opt->has_timestamps)
		bytes += TCP_TIMESTAMPS_BYTES;
	if (syn && opt->bsd_order)
		return bsd_bytes(opt);
	if (opt->user_timeout_s > 0)
		bytes += LEN_USER_TIMEOUT;
	if (!syn)
		return bytes;
	if (opt->has_mss)
		bytes += LEN_MSS;
	if (opt->has_wscale)
		bytes += LEN_WSCALE + 1;
	/* SACK permitted takes the place of the two NOPs before timestamps. */
	if (opt->sack_permitted && !opt->has_timestamps)
		bytes += LEN_SACK_OK + 2;
	if (opt->has_cookie)
		bytes += (cookie_base(opt) + opt->cookie_bytes + 3u) / 4 * 4;
	return bytes;
}

size_t wire_tcp_options_bytes(const struct tcp_options *opt, bool syn)
{
	size_t others = other_bytes(opt, syn);

	return others + accurate_bytes(accurate_counters(opt, others));
}

static uint8_t *emit_accurate(uint8_t *at, const struct tcp_options *opt, unsigned counters)
{
	unsigned len = 2 + counters * ACCURATE_BYTES;

	for (unsigned i = len; i % 4 != 0; i++)
		*at++ = KIND_NOP;
	*at++ = KIND_ACCURATE0;
	*at++ = (uint8_t)len;
	for (unsigned i = 0; i < counters; i++) {
		*at++ = (uint8_t)(opt->accurate_bytes[i] >> 16);
		*at++ = (uint8_t)(opt->accurate_bytes[i] >> 8);
		*at++ = (uint8_t)opt->accurate_bytes[i];
	}
	return at;
}

static uint8_t *emit_sack(uint8_t *at, const struct tcp_options *opt, unsigned blocks)
{
	*at++ = KIND_NOP;
	*at++ = KIND_NOP;
	*at++ = KIND_SACK;
	*at++ = (uint8_t)(2 + blocks * LEN_SACK_BLOCK);
	for (unsigned i = 0; i < blocks; i++, at += LEN_SACK_BLOCK) {
		store_be32(at, seq_raw(opt->sack[i].start));
		store_be32(at + 4, seq_raw(opt->sack[i].end));
	}
	return at;
}

/* [7413 s4.1.1] NOPs behind it, as Linux has them. */
static uint8_t *emit_cookie(uint8_t *at, const struct tcp_options *opt)
{
	*at++ = opt->cookie_experimental ? KIND_EXPERIMENT : KIND_COOKIE;
	*at++ = (uint8_t)(cookie_base(opt) + opt->cookie_bytes);
	if (opt->cookie_experimental) {
		store_be16(at, EXPERIMENT_COOKIE);
		at += 2;
	}
	memcpy(at, opt->cookie, opt->cookie_bytes);
	at += opt->cookie_bytes;
	for (unsigned n = cookie_base(opt) + opt->cookie_bytes; n % 4 != 0; n++)
		*at++ = KIND_NOP;
	return at;
}

static uint8_t *emit_user_timeout(uint8_t *at, uint32_t seconds)
{
	*at++ = KIND_USER_TIMEOUT;
	*at++ = LEN_USER_TIMEOUT;
	store_be16(at,
	           (uint16_t)(seconds < 0x8000 ? seconds : 0x8000 | (seconds / 60 < 0x7fff ? seconds / 60 : 0x7fff)));
	return at + 2;
}

/* Timestamps and their kind, and what only a SYN has. */
static uint8_t *emit_usual(uint8_t *at, const struct tcp_options *opt, bool syn)
{
	bool sack_ok = syn && opt->sack_permitted;

	/* [9293 MUST-14, MUST-65] */
	if (syn && opt->has_mss) {
		*at++ = KIND_MSS;
		*at++ = LEN_MSS;
		store_be16(at, opt->mss_bytes);
		at += 2;
	}
	if (opt->has_timestamps || sack_ok) {
		bool together = opt->has_timestamps && sack_ok;

		*at++ = together ? KIND_SACK_OK : KIND_NOP;
		*at++ = together ? LEN_SACK_OK : KIND_NOP;
		*at++ = opt->has_timestamps ? KIND_TS : KIND_SACK_OK;
		*at++ = opt->has_timestamps ? LEN_TS : LEN_SACK_OK;
	}
	if (opt->has_timestamps) {
		store_be32(at, opt->ts_val);
		store_be32(at + 4, opt->ts_ecr);
		at += LEN_TS - 2;
	}
	if (syn && opt->has_wscale) {
		*at++ = KIND_NOP;
		*at++ = KIND_WSCALE;
		*at++ = LEN_WSCALE;
		*at++ = opt->wscale;
	}
	if (syn && opt->has_cookie)
		at = emit_cookie(at, opt);
	return at;
}

static uint8_t *emit_nops(uint8_t *at, size_t n)
{
	while (n-- > 0)
		*at++ = KIND_NOP;
	return at;
}

static uint8_t *emit_bsd(uint8_t *out, const struct tcp_options *opt)
{
	uint8_t *at = out, *end = out + bsd_bytes(opt);
	size_t used;

	if (opt->has_mss) { /* [9293 MUST-14, MUST-65] */
		*at++ = KIND_MSS;
		*at++ = LEN_MSS;
		store_be16(at, opt->mss_bytes);
		at += 2;
	}
	if (opt->has_wscale) {
		used = (size_t)(at - out);
		at = emit_nops(at, bsd_place(used, 1) - used);
		*at++ = KIND_WSCALE;
		*at++ = LEN_WSCALE;
		*at++ = opt->wscale;
	}
	if (opt->sack_permitted) {
		at = emit_nops(at, (size_t)(at - out) % 2);
		*at++ = KIND_SACK_OK;
		*at++ = LEN_SACK_OK;
	}
	if (opt->has_timestamps) {
		used = (size_t)(at - out);
		at = emit_nops(at, bsd_place(used, 2) - used);
		*at++ = KIND_TS;
		*at++ = LEN_TS;
		store_be32(at, opt->ts_val);
		store_be32(at + 4, opt->ts_ecr);
		at += LEN_TS - 2;
	}
	if (opt->has_cookie) {
		*at++ = opt->cookie_experimental ? KIND_EXPERIMENT : KIND_COOKIE;
		*at++ = (uint8_t)(cookie_base(opt) + opt->cookie_bytes);
		if (opt->cookie_experimental) {
			store_be16(at, EXPERIMENT_COOKIE);
			at += 2;
		}
		memcpy(at, opt->cookie, opt->cookie_bytes);
		at += opt->cookie_bytes;
	}
	if (opt->user_timeout_s > 0)
		at = emit_user_timeout(at, opt->user_timeout_s);
	while (at < end)
		*at++ = KIND_END;
	return at;
}

size_t wire_tcp_options_emit(uint8_t *out, const struct tcp_options *opt, bool syn)
{
	unsigned blocks = sack_blocks(opt, syn);
	uint8_t *at = out;

	if (likely(!syn && opt->has_timestamps && (blocks | opt->accurate | opt->user_timeout_s) == 0)) {
		store_be32(at, TCP_NOP_NOP_TIMESTAMPS);
		store_be32(at + 4, opt->ts_val);
		store_be32(at + 8, opt->ts_ecr);
		return TCP_TIMESTAMPS_BYTES;
	}
	if (syn && opt->bsd_order)
		at = emit_bsd(at, opt);
	else
		at = emit_usual(at, opt, syn);
	if (opt->user_timeout_s > 0 && !(syn && opt->bsd_order))
		at = emit_user_timeout(at, opt->user_timeout_s);
	if (blocks > 0)
		at = emit_sack(at, opt, blocks);
	if (opt->accurate) {
		unsigned counters = accurate_counters(opt, (size_t)(at - out));

		if (counters > 0)
			at = emit_accurate(at, opt, counters);
	}
	weir_assert((at - out) % 4 == 0 && at - out <= MAX_OPTIONS_BYTES);
	return (size_t)(at - out);
}
