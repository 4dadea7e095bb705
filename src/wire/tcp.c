/* SPDX-License-Identifier: Apache-2.0
 *
 * See tcp.h. Options are read in tcp_options.c.
 */
#include "wire/tcp.h"

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/tcp_options.h"

enum drop wire_tcp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted, struct tcp_segment *seg,
                         bool *more)
{
	const uint8_t *p;
	size_t header, skip;
	unsigned slices = 0;

	*more = false;
	if (ip->payload_bytes < TCP_HEADER_BYTES || n == 0)
		return drop_tcp_malformed;
	p = payload[0].data;
	*more = payload[0].len < TCP_HEADER_BYTES;
	if (*more)
		return drop_tcp_malformed;
	header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER_BYTES || header > ip->payload_bytes)
		return drop_tcp_malformed;
	*more = payload[0].len < header;
	if (*more)
		return drop_tcp_malformed;
	if (!trusted && checksum_finish(checksum_slices(checksum_pseudo(&ip->src, &ip->dst, IP_TCP, ip->payload_bytes), payload, n)) != 0)
		return drop_tcp_checksum;
	seg->src_port = load_be16(p);
	seg->dst_port = load_be16(p + 2);
	seg->seq = seq_make(load_be32(p + 4));
	seg->flags = p[13];
	seg->ack = seq_make(seg->flags & TCP_ACK ? load_be32(p + 8) : 0);
	seg->wnd = load_be16(p + 14);
	seg->up = load_be16(p + 18);
	seg->text_bytes = (uint32_t)(ip->payload_bytes - header);
	skip = header;
	for (unsigned i = 0; i < n; i++) {
		if (payload[i].len > skip)
			seg->text[slices++] = (struct weir_slice){payload[i].data + skip, payload[i].len - skip};
		skip = 0;
	}
	seg->text_slices = (uint8_t)slices;
	wire_tcp_options_parse(p + TCP_HEADER_BYTES, header - TCP_HEADER_BYTES, seg);
	return DROP_NONE;
}

size_t wire_tcp_emit(uint8_t *out, const struct tcp_segment *seg, const weir_addr *src, const weir_addr *dst, bool no_checksum)
{
	size_t header = TCP_HEADER_BYTES + wire_tcp_options_emit(out + TCP_HEADER_BYTES, &seg->opt, (seg->flags & TCP_SYN) != 0);
	uint32_t length = (uint32_t)header + seg->text_bytes;
	uint64_t sum;
	uint16_t field;

	store_be16(out, seg->src_port);
	store_be16(out + 2, seg->dst_port);
	store_be32(out + 4, seq_raw(seg->seq));
	store_be32(out + 8, seq_raw(seg->ack));
	out[12] = (uint8_t)(header / 4 << 4);
	out[13] = seg->flags;
	store_be16(out + 14, seg->wnd);
	store_be16(out + 16, 0);
	store_be16(out + 18, seg->up);
	if (no_checksum)
		return header;
	sum = checksum_add(checksum_pseudo(src, dst, IP_TCP, length), out, header); /* [9293 MUST-2] */
	field = checksum_finish(checksum_slices(sum, seg->text, seg->text_slices));
	memcpy(out + 16, &field, 2);
	return header;
}
