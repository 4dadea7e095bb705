/* SPDX-License-Identifier: Apache-2.0
 *
 * See tcp.h: the fixed header. Options are in tcp_options.c.
 */
#include "wire/tcp.h"
#include "base/likely.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/checksum.h"

/* What lies behind the header, as slices of the same bytes. */
static void cut_text(const struct weir_slice *payload, unsigned n, size_t header, struct tcp_segment *seg)
{
	unsigned used = 0;

	for (unsigned i = 0; i < n; i++, header = 0) {
		if (payload[i].len > header)
			seg->text[used++] = (struct weir_slice){payload[i].data + header, payload[i].len - header};
	}
	seg->text_slices = (uint8_t)used;
}

FAST_PATH enum drop wire_tcp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted,
                                   struct tcp_segment *seg, bool *more)
{
	const uint8_t *h;
	size_t total = 0, header;

	weir_assert(n <= WEIR_PACKET_SLICES);
	for (unsigned i = 0; i < n; i++)
		total += payload[i].len;
	*more = false;
	if (unlikely(total < TCP_HEADER_BYTES))
		return drop_tcp_malformed;
	*more = payload[0].len < TCP_HEADER_BYTES;
	if (unlikely(*more))
		return drop_tcp_malformed;
	h = payload[0].data;
	header = (h[12] >> 4) * 4u;
	if (unlikely(header < TCP_HEADER_BYTES || header > total))
		return drop_tcp_malformed;
	*more = payload[0].len < header;
	if (unlikely(*more))
		return drop_tcp_malformed;
	/* [9293 MUST-3] */
	if (!trusted) {
		uint64_t sum = checksum_pseudo(&ip->src, &ip->dst, IP_TCP, (uint32_t)total);

		if (unlikely(checksum_finish(checksum_slices(sum, payload, n)) != 0))
			return drop_tcp_checksum;
	}
	seg->src_port = load_be16(h);
	seg->dst_port = load_be16(h + 2);
	seg->seq = seq_make(load_be32(h + 4));
	seg->flags = h[13];
	seg->ae = h[12] & 1;
	seg->ecn = ip->tos & IP_ECN_MASK;
	seg->ack = seq_make(seg->flags & TCP_ACK ? load_be32(h + 8) : 0);
	seg->wnd = load_be16(h + 14);
	seg->up = load_be16(h + 18);
	seg->text_bytes = (uint32_t)(total - header);
	cut_text(payload, n, header, seg);
	wire_tcp_options_parse(h + TCP_HEADER_BYTES, header - TCP_HEADER_BYTES, (seg->flags & TCP_SYN) != 0, &seg->opt);
	return DROP_NONE;
}

/* Of options as they were just emitted. */
static uint64_t options_sum(const uint8_t *emitted, size_t len, const struct tcp_options *opt, bool syn)
{
	if (likely(!syn && len == TCP_TIMESTAMPS_BYTES && opt->has_timestamps))
		return checksum_of_values((uint64_t)TCP_NOP_NOP_TIMESTAMPS + opt->ts_val + opt->ts_ecr);
	return len ? checksum_add(0, emitted, len) : 0;
}

FAST_PATH size_t wire_tcp_emit(uint8_t *out, const struct tcp_segment *seg, const weir_addr *src, const weir_addr *dst,
                               bool no_checksum)
{
	bool syn = (seg->flags & TCP_SYN) != 0;
	size_t options = wire_tcp_options_emit(out + TCP_HEADER_BYTES, &seg->opt, syn);
	size_t header = TCP_HEADER_BYTES + options;
	uint32_t ports = (uint32_t)seg->src_port << 16 | seg->dst_port, seq = seq_raw(seg->seq);
	uint32_t ack = seg->flags & TCP_ACK ? seq_raw(seg->ack) : 0;
	uint32_t control =
	    (uint32_t)(header / 4) << 28 | (uint32_t)seg->ae << 24 | (uint32_t)seg->flags << 16 | seg->wnd;
	uint64_t sum;
	uint16_t field;

	store_be32(out, ports);
	store_be32(out + 4, seq);
	store_be32(out + 8, ack);
	store_be32(out + 12, control);
	store_be32(out + 16, seg->up);
	if (no_checksum)
		return header;
	/* [9293 MUST-2] */
	sum = checksum_pseudo(src, dst, IP_TCP, (uint32_t)(header + seg->text_bytes));
	sum += checksum_of_values((uint64_t)ports + seq + ack + control + seg->up);
	sum += options_sum(out + TCP_HEADER_BYTES, options, &seg->opt, syn);
	field = checksum_finish(checksum_slices(sum, seg->text, seg->text_slices));
	memcpy(out + 16, &field, sizeof(field));
	return header;
}
