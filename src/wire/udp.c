/* SPDX-License-Identifier: Apache-2.0
 *
 * See udp.h.
 */
#include "wire/udp.h"

#include "base/bytes.h"
#include "wire/checksum.h"

/* The first len bytes of the slices; how many slices that takes. */
static unsigned cut(const struct weir_slice *in, unsigned n, size_t len, struct weir_slice out[WEIR_PACKET_SLICES])
{
	unsigned i;

	for (i = 0; i < n && len > 0; i++) {
		out[i] = in[i];
		if (out[i].len > len)
			out[i].len = len;
		len -= out[i].len;
	}
	return i;
}

/* [W-UDP-1] */
enum drop wire_udp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted, struct wire_udp *udp)
{
	struct weir_slice part[WEIR_PACKET_SLICES];
	const uint8_t *p;
	size_t length;

	if (n == 0 || payload[0].len < UDP_HEADER_BYTES)
		return drop_udp_malformed;
	p = payload[0].data;
	length = load_be16(p + 4);
	if (length < UDP_HEADER_BYTES || length > ip->payload_bytes)
		return drop_udp_malformed;
	udp->src_port = load_be16(p);
	udp->dst_port = load_be16(p + 2);
	udp->payload_bytes = (uint16_t)(length - UDP_HEADER_BYTES);
	if (trusted)
		return DROP_NONE;
	if (load_be16(p + 6) == 0) /* not computed: only IPv4 knows that [8200 s8.1] */
		return ip->version == 4 ? DROP_NONE : drop_udp_checksum;
	n = cut(payload, n, length, part);
	if (checksum_finish(checksum_slices(checksum_pseudo(&ip->src, &ip->dst, IP_UDP, (uint32_t)length), part, n)) != 0)
		return drop_udp_checksum;
	return DROP_NONE;
}

void wire_udp_emit(uint8_t out[UDP_HEADER_BYTES], const weir_addr *src, const weir_addr *dst, uint16_t src_port, uint16_t dst_port,
                   const struct weir_slice *data, unsigned n, bool no_checksum)
{
	size_t length = UDP_HEADER_BYTES;
	uint64_t sum;
	uint16_t field;

	for (unsigned i = 0; i < n; i++)
		length += data[i].len;
	store_be16(out, src_port);
	store_be16(out + 2, dst_port);
	store_be16(out + 4, (uint16_t)length);
	store_be16(out + 6, 0);
	if (no_checksum)
		return;
	sum = checksum_add(checksum_pseudo(src, dst, IP_UDP, (uint32_t)length), out, UDP_HEADER_BYTES);
	field = checksum_finish(checksum_slices(sum, data, n));
	if (field == 0)
		field = 0xffff; /* 0 would say "not computed" [768] */
	memcpy(out + 6, &field, 2);
}
