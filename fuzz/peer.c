/* SPDX-License-Identifier: Apache-2.0
 *
 * See peer.h. TCP checksums are left out: the fuzzer's packets come in as WEIR_PACKET_TRUSTED. The IPv4
 * header has its own, which is always verified, and which is right here.
 */
#include "peer.h"

#include <string.h>

enum { FIN = 1, SYN = 2, ACK = 16 };
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20, PROTOCOL_TCP = 6 };

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static unsigned header_checksum(const uint8_t *header)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < IPV4_HEADER; i += 2)
		sum += get16(header + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* From 10.0.0.2 to 10.0.0.1. */
static size_t put_ipv4(uint8_t *packet, uint8_t protocol, size_t payload)
{
	static const uint8_t addresses[8] = {10, 0, 0, 2, 10, 0, 0, 1};

	memset(packet, 0, IPV4_HEADER);
	packet[0] = 0x45;
	put16(packet + 2, (unsigned)(IPV4_HEADER + payload));
	packet[8] = 64;
	packet[9] = protocol;
	memcpy(packet + 12, addresses, sizeof addresses);
	put16(packet + 10, header_checksum(packet));
	return IPV4_HEADER;
}

/* From fd00::2 to fd00::1. */
static size_t put_ipv6(uint8_t *packet, uint8_t protocol, size_t payload)
{
	memset(packet, 0, IPV6_HEADER);
	packet[0] = 0x60;
	put16(packet + 4, (unsigned)payload);
	packet[6] = protocol;
	packet[7] = 64;
	packet[8] = packet[24] = 0xfd;
	packet[23] = 2;
	packet[39] = 1;
	return IPV6_HEADER;
}

size_t fuzz_ip_header(uint8_t *packet, bool ipv6, uint8_t protocol, size_t payload)
{
	return ipv6 ? put_ipv6(packet, protocol, payload) : put_ipv4(packet, protocol, payload);
}

/* MSS, window scale, timestamps, and one of a length that lies: each bit of which adds one. */
static size_t put_options(uint8_t *at, unsigned which)
{
	static const uint8_t mss[4] = {2, 4, 0, 100}, scale[4] = {1, 3, 3, 2}, liar[4] = {1, 254, 40, 1};
	uint8_t *start = at;

	if (which & 1)
		memcpy(at, mss, 4), at += 4;
	if (which & 2)
		memcpy(at, scale, 4), at += 4;
	if (which & 4) {
		put32(at, 0x0101080a);
		put32(at + 4, which * 1000);
		put32(at + 8, which >> 3);
		at += 12;
	}
	if ((which & 0x88) == 0x88)
		memcpy(at, liar, 4), at += 4;
	return (size_t)(at - start);
}

static uint32_t displaced(uint32_t base, int distance, bool far)
{
	return base + ((uint32_t)distance << (far ? 24 : 0));
}

size_t fuzz_build(const struct fuzz_flow *flow, const struct fuzz_segment *segment, uint8_t *packet)
{
	bool ipv6 = segment->flow >= FUZZ_FLOWS / 2, opened_by_stack = segment->flow % 4 == 3;
	uint8_t *tcp = packet + (ipv6 ? IPV6_HEADER : IPV4_HEADER);
	size_t options = put_options(tcp + TCP_HEADER, segment->options);
	size_t len = TCP_HEADER + options + segment->payload_bytes;

	put16(tcp, FUZZ_PEER_PORT + segment->flow);
	put16(tcp + 2, opened_by_stack ? FUZZ_CLIENT_PORT : FUZZ_SERVER_PORT);
	put32(tcp + 4, displaced(flow->peer_next, segment->seq_distance, segment->far));
	put32(tcp + 8, displaced(flow->stack_next, segment->ack_distance, segment->far));
	tcp[12] = (uint8_t)((TCP_HEADER + options) / 4 << 4);
	tcp[13] = segment->flags;
	put16(tcp + 14, segment->window * 64u);
	put32(tcp + 16, 0);
	memset(tcp + TCP_HEADER + options, 'x', segment->payload_bytes);
	return len + fuzz_ip_header(packet, ipv6, PROTOCOL_TCP, len);
}

void fuzz_follow(struct fuzz_flow flows[FUZZ_FLOWS], const uint8_t *packet, size_t len)
{
	size_t header = len && packet[0] >> 4 == 6 ? IPV6_HEADER : IPV4_HEADER;
	const uint8_t *tcp = packet + header;
	unsigned flow;
	size_t data;

	if (len < header + TCP_HEADER || packet[header == IPV6_HEADER ? 6 : 9] != PROTOCOL_TCP)
		return;
	flow = get16(tcp + 2) - FUZZ_PEER_PORT;
	if (flow >= FUZZ_FLOWS)
		return;
	data = len - header - (size_t)(tcp[12] >> 4) * 4;
	flows[flow].stack_next = get32(tcp + 4) + (uint32_t)data + !!(tcp[13] & SYN) + !!(tcp[13] & FIN);
	if (tcp[13] & ACK)
		flows[flow].peer_next = get32(tcp + 8);
}
