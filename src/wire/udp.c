/* SPDX-License-Identifier: Apache-2.0
 *
 * See udp.h. The checksum is verified here, before anything is queued or anybody is woken [W-UDP-1].
 */
#include "wire/udp.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "wire/checksum.h"

static size_t total_of(const struct weir_slice *slice, unsigned n)
{
	size_t total = 0;

	for (unsigned i = 0; i < n; i++)
		total += slice[i].len;
	return total;
}

/* The sum over the first len bytes: what follows the datagram's own length is not its part. */
static uint64_t sum_of(const struct weir_slice *payload, unsigned n, size_t len, const struct wire_ip *ip)
{
	struct weir_slice cut[WEIR_PACKET_SLICES];
	unsigned used = 0;
	size_t left = len;

	weir_assert(n <= WEIR_PACKET_SLICES);
	for (; used < n && left > 0; used++) {
		cut[used] = payload[used];
		if (cut[used].len > left)
			cut[used].len = left;
		left -= cut[used].len;
	}
	return checksum_slices(checksum_pseudo(&ip->src, &ip->dst, IP_UDP, (uint32_t)len), cut, used);
}

enum drop wire_udp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted,
                         struct wire_udp *udp)
{
	const uint8_t *header;
	size_t len;

	if (n == 0 || payload[0].len < UDP_HEADER_BYTES)
		return drop_udp_malformed;
	header = payload[0].data;
	len = load_be16(header + 4);
	if (len < UDP_HEADER_BYTES || len > total_of(payload, n) || load_be16(header + 2) == 0)
		return drop_udp_malformed;
	if (!trusted) {
		bool absent = load_be16(header + 6) == 0;

		if (absent ? ip->version == 6 : checksum_finish(sum_of(payload, n, len, ip)) != 0)
			return drop_udp_checksum;
	}
	udp->src_port = load_be16(header);
	udp->dst_port = load_be16(header + 2);
	udp->payload_bytes = (uint16_t)(len - UDP_HEADER_BYTES);
	return DROP_NONE;
}

void wire_udp_emit(uint8_t out[UDP_HEADER_BYTES], const weir_addr *src, const weir_addr *dst, uint16_t src_port,
                   uint16_t dst_port, const struct weir_slice *data, unsigned n, bool no_checksum)
{
	size_t len = UDP_HEADER_BYTES + total_of(data, n);
	uint64_t sum;
	uint16_t field;

	weir_assert(len <= UINT16_MAX);
	store_be16(out, src_port);
	store_be16(out + 2, dst_port);
	store_be16(out + 4, (uint16_t)len);
	store_be16(out + 6, 0);
	if (no_checksum)
		return;
	sum = checksum_add(checksum_pseudo(src, dst, IP_UDP, (uint32_t)len), out, UDP_HEADER_BYTES);
	field = checksum_finish(checksum_slices(sum, data, n));
	/* 0 means "none": a sum that is 0 goes out as its other form. */
	if (field == 0)
		field = UINT16_MAX;
	memcpy(out + 6, &field, sizeof(field));
}
