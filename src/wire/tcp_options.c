/* SPDX-License-Identifier: Apache-2.0
 *
 * See tcp_options.h. An illegal length ends the reading and nothing else [9293 MUST-7]; options may stand at any byte
 * [MUST-64] and on any segment [MUST-5].
 */
#include "wire/tcp_options.h"

#include "base/bytes.h"

enum {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_PERMITTED = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMPS = 8,
	LEN_TIMESTAMPS = 10,
	MAX_WSCALE = 14,
};

static void take_sack(const uint8_t *p, size_t len, struct tcp_options *opt)
{
	if (len % 8 != 0)
		return;
	for (size_t at = 0; at < len && opt->sack_blocks < TCP_MAX_SACK_BLOCKS; at += 8) {
		struct tcp_sack_block *block = &opt->sack[opt->sack_blocks++];

		block->start = seq_make(load_be32(p + at));
		block->end = seq_make(load_be32(p + at + 4));
	}
}

/* One option: kind, and its len bytes of value at p. A wrong length for a known kind makes it unknown. */
static void take(uint8_t kind, const uint8_t *p, size_t len, bool syn, struct tcp_options *opt)
{
	switch (kind) {
	case KIND_MSS:
		if (syn && len == 2) {
			opt->has_mss = true;
			opt->mss_bytes = load_be16(p);
		}
		break;
	case KIND_WSCALE:
		if (syn && len == 1) {
			opt->has_wscale = true;
			opt->wscale = p[0] > MAX_WSCALE ? MAX_WSCALE : p[0]; /* [7323 s2.3] */
		}
		break;
	case KIND_SACK_PERMITTED:
		if (syn && len == 0)
			opt->sack_permitted = true;
		break;
	case KIND_SACK:
		take_sack(p, len, opt);
		break;
	case KIND_TIMESTAMPS:
		if (len == LEN_TIMESTAMPS - 2) {
			opt->has_timestamps = true;
			opt->ts_val = load_be32(p);
			opt->ts_ecr = load_be32(p + 4);
		}
		break;
	default: /* [9293 MUST-6] */
		break;
	}
}

void wire_tcp_options_parse(const uint8_t *option, size_t len, struct tcp_segment *seg)
{
	struct tcp_options *opt = &seg->opt;
	size_t at = 0;

	opt->has_mss = opt->has_wscale = opt->has_timestamps = opt->sack_permitted = false;
	opt->sack_blocks = 0;
	/* What a bulk transfer carries: NOP NOP timestamps. */
	if (len == 2 + LEN_TIMESTAMPS && load_be32(option) == UINT32_C(0x0101080a)) {
		opt->has_timestamps = true;
		opt->ts_val = load_be32(option + 4);
		opt->ts_ecr = load_be32(option + 8);
		return;
	}
	while (at < len && option[at] != KIND_END) {
		if (option[at] == KIND_NOP) {
			at++;
			continue;
		}
		if (len - at < 2 || option[at + 1] < 2 || option[at + 1] > len - at)
			return;
		take(option[at], option + at + 2, option[at + 1] - 2u, (seg->flags & TCP_SYN) != 0, opt);
		at += option[at + 1];
	}
}

static uint8_t *put(uint8_t *out, uint8_t kind, uint8_t len)
{
	*out++ = kind;
	*out++ = len;
	return out;
}

static uint8_t *pad(uint8_t *out)
{
	*out++ = KIND_NOP;
	*out++ = KIND_NOP;
	return out;
}

static uint8_t *put_timestamps(uint8_t *out, const struct tcp_options *opt)
{
	out = put(out, KIND_TIMESTAMPS, LEN_TIMESTAMPS);
	store_be32(out, opt->ts_val);
	store_be32(out + 4, opt->ts_ecr);
	return out + 8;
}

static uint8_t *put_syn_options(uint8_t *out, const struct tcp_options *opt)
{
	if (opt->has_mss) {
		out = put(out, KIND_MSS, 4);
		store_be16(out, opt->mss_bytes);
		out += 2;
	}
	if (opt->sack_permitted) {
		if (!opt->has_timestamps)
			out = pad(out);
		out = put(out, KIND_SACK_PERMITTED, 2);
	}
	if (opt->has_timestamps) {
		if (!opt->sack_permitted)
			out = pad(out);
		out = put_timestamps(out, opt);
	}
	if (opt->has_wscale) {
		*out++ = KIND_NOP;
		out = put(out, KIND_WSCALE, 3);
		*out++ = opt->wscale;
	}
	return out;
}

static uint8_t *put_sack(uint8_t *out, const struct tcp_options *opt)
{
	unsigned blocks = opt->sack_blocks;

	if (opt->has_timestamps && blocks == TCP_MAX_SACK_BLOCKS)
		blocks--; /* 40 bytes hold no more */
	out = put(pad(out), KIND_SACK, (uint8_t)(2 + 8 * blocks));
	for (unsigned i = 0; i < blocks; i++, out += 8) {
		store_be32(out, seq_raw(opt->sack[i].start));
		store_be32(out + 4, seq_raw(opt->sack[i].end));
	}
	return out;
}

size_t wire_tcp_options_emit(uint8_t *out, const struct tcp_options *opt, bool syn)
{
	uint8_t *at = out;

	if (syn) {
		at = put_syn_options(at, opt);
	} else {
		if (opt->has_timestamps)
			at = put_timestamps(pad(at), opt);
		if (opt->sack_blocks > 0)
			at = put_sack(at, opt);
	}
	while ((at - out) % 4 != 0)
		*at++ = KIND_END; /* [9293 MUST-69] */
	return (size_t)(at - out);
}

size_t wire_tcp_options_bytes(const struct tcp_options *opt, bool syn)
{
	uint8_t scratch[TCP_MAX_HEADER_BYTES - TCP_HEADER_BYTES];

	return wire_tcp_options_emit(scratch, opt, syn);
}
