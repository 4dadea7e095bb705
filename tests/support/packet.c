/* SPDX-License-Identifier: Apache-2.0
 *
 * Building and checking packets byte by byte.
 */
#include "support/packet.h"

#include "base/bytes.h"

#include <string.h>

void packet_option_raw(struct packet_segment *seg, const uint8_t *bytes, size_t n)
{
	if (seg->options_bytes + n > sizeof(seg->options))
		return;
	memcpy(seg->options + seg->options_bytes, bytes, n);
	seg->options_bytes += (unsigned)n;
}

void packet_option_mss(struct packet_segment *seg, uint16_t mss)
{
	packet_option_raw(seg, (const uint8_t[]){2, 4, (uint8_t)(mss >> 8), (uint8_t)mss}, 4);
}

void packet_option_wscale(struct packet_segment *seg, uint8_t shift)
{
	packet_option_raw(seg, (const uint8_t[]){1, 3, 3, shift}, 4);
}

void packet_option_timestamps(struct packet_segment *seg, uint32_t val, uint32_t ecr)
{
	uint8_t option[12] = {1, 1, 8, 10};

	store_be32(option + 4, val);
	store_be32(option + 8, ecr);
	packet_option_raw(seg, option, sizeof(option));
}

/* RFC 1071, two bytes at a time. */
static uint32_t sum_bytes(uint32_t sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static bool is_v4(const uint8_t *packet)
{
	return packet[0] >> 4 == 4;
}

static size_t ip_header_bytes(const uint8_t *packet)
{
	return is_v4(packet) ? (size_t)(packet[0] & 15) * 4 : 40;
}

/* Of the transport part with its pseudo-header: 0xffff when the checksum in it is right. */
static uint32_t transport_sum(const uint8_t *packet, size_t len)
{
	size_t header = ip_header_bytes(packet), text = len - header;
	uint8_t tail[8] = {0, 0, (uint8_t)(text >> 8), (uint8_t)text, 0, 0, 0, 6};
	uint32_t sum;

	if (is_v4(packet))
		sum = sum_bytes(0, packet + 12, 8);
	else
		sum = sum_bytes(0, packet + 8, 32);
	sum = sum_bytes(sum, tail, sizeof(tail));
	return sum_bytes(sum, packet + header, text);
}

void packet_fix_checksum(uint8_t *packet, size_t len)
{
	uint8_t *field = packet + ip_header_bytes(packet) + 16;

	store_be16(field, 0);
	store_be16(field, (uint16_t)~transport_sum(packet, len));
}

static size_t build_ip(uint8_t *out, const struct packet_segment *seg, size_t payload)
{
	if (weir_addr_is_v4(&seg->src)) {
		memset(out, 0, 20);
		out[0] = 0x45;
		out[1] = seg->tos;
		store_be16(out + 2, (uint16_t)(20 + payload));
		out[6] = 0x40;
		out[8] = 64;
		out[9] = 6;
		memcpy(out + 12, seg->src.b + 12, 4);
		memcpy(out + 16, seg->dst.b + 12, 4);
		store_be16(out + 10, (uint16_t)~sum_bytes(0, out, 20));
		return 20;
	}
	memset(out, 0, 8);
	store_be32(out, UINT32_C(6) << 28 | (uint32_t)seg->tos << 20);
	store_be16(out + 4, (uint16_t)payload);
	out[6] = 6;
	out[7] = 64;
	memcpy(out + 8, seg->src.b, 16);
	memcpy(out + 24, seg->dst.b, 16);
	return 40;
}

size_t packet_build(uint8_t *out, const struct packet_segment *seg)
{
	size_t options = (seg->options_bytes + 3) / 4 * 4;
	size_t header = build_ip(out, seg, 20 + options + seg->text_bytes);
	uint8_t *tcp = out + header;
	size_t len = header + 20 + options + seg->text_bytes;

	memset(tcp, 0, 20 + options);
	store_be16(tcp, seg->src_port);
	store_be16(tcp + 2, seg->dst_port);
	store_be32(tcp + 4, seg->seq);
	store_be32(tcp + 8, seg->ack);
	tcp[12] = (uint8_t)((20 + options) / 4 << 4 | seg->ae);
	tcp[13] = seg->flags;
	store_be16(tcp + 14, seg->wnd);
	store_be16(tcp + 18, seg->up);
	memcpy(tcp + 20, seg->options, seg->options_bytes);
	if (seg->text_bytes)
		memcpy(tcp + 20 + options, seg->text, seg->text_bytes);
	packet_fix_checksum(out, len);
	return len;
}

const char *packet_wrong(const uint8_t *packet, size_t len)
{
	size_t header, data_offset;

	if (len < 40)
		return "shorter than any TCP segment";
	header = ip_header_bytes(packet);
	if (is_v4(packet)) {
		if (load_be16(packet + 2) != len)
			return "total length differs from the packet's";
		if (sum_bytes(0, packet, header) != 0xffff)
			return "bad IPv4 header checksum";
		if (packet[9] != 6)
			return "not TCP";
	} else {
		if (packet[0] >> 4 != 6 || len < 60)
			return "neither IPv4 nor IPv6";
		if (load_be16(packet + 4) + 40u != len)
			return "payload length differs from the packet's";
		if (packet[6] != 6)
			return "not TCP";
	}
	data_offset = (size_t)(packet[header + 12] >> 4) * 4;
	if (data_offset < 20 || header + data_offset > len)
		return "bad data offset";
	if (transport_sum(packet, len) != 0xffff)
		return "bad TCP checksum"; /* [9293 MUST-2] */
	return NULL;
}

size_t packet_linear(uint8_t *out, const struct weir_packet *packet)
{
	size_t len = 0;

	for (unsigned i = 0; i < packet->slices; i++) {
		if (packet->slice[i].len)
			memcpy(out + len, packet->slice[i].data, packet->slice[i].len);
		len += packet->slice[i].len;
	}
	return len;
}

bool packet_parse(const uint8_t *packet, size_t len, struct wire_ip *ip, struct tcp_segment *seg)
{
	struct weir_slice payload;
	bool more = false;

	if (wire_ip_parse(packet, len, len, false, ip, &more) != DROP_NONE || ip->protocol != IP_TCP)
		return false;
	payload.data = packet + ip->header_bytes;
	payload.len = ip->payload_bytes;
	return wire_tcp_parse(&payload, 1, ip, false, seg, &more) == DROP_NONE;
}

const char *packet_flags_text(uint8_t flags, char *out)
{
	static const char *const name[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	int n = 0;

	for (unsigned i = 0; i < 8; i++)
		if (flags & 1u << i)
			n += snprintf(out + n, PACKET_FLAGS_TEXT - (size_t)n, "%s%s", n ? "," : "", name[i]);
	if (n == 0)
		snprintf(out, PACKET_FLAGS_TEXT, "none");
	return out;
}
