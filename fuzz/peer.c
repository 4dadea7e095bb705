/* SPDX-License-Identifier: Apache-2.0
 *
 * See peer.h. TCP checksums are left out: the fuzzer's packets come in as WEIR_PACKET_TRUSTED. The IPv4
 * header has its own, which is always verified, and which is right here.
 */
#include "peer.h"

#include <string.h>

enum { FIN = 1, SYN = 2, ACK = 16 };
enum { IPV4_HEADER = 20, IPV6_HEADER = 40, ICMP_HEADER = 8, TCP_HEADER = 20, PROTOCOL_TCP = 6 };

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

enum { MORE_SACK_OK = 1, MORE_SACK = 2, MORE_FAST_OPEN = 4, MORE_ACCURATE = 8, MORE_CE = 64, MORE_AE = 128 };
enum { SACK_BYTES = 12, ACCURATE_BYTES = 8, MOST_OPTIONS = 40 };

/* A block around what the stack has under way. */
static size_t put_sack(uint8_t *at, const struct fuzz_flow *flow, unsigned more)
{
	uint32_t start = flow->stack_next - (more >> 4) * 100;

	put32(at, 0x0101050a);
	put32(at + 4, start);
	put32(at + 8, start + 100);
	return SACK_BYTES;
}

/* With the cookie that the stack gave, or asking for one. */
static size_t put_fast_open(uint8_t *at, const struct fuzz_flow *flow, unsigned more)
{
	size_t n = more & 16 ? flow->cookie_bytes : 0;

	at[0] = 34;
	at[1] = (uint8_t)(2 + n);
	memcpy(at + 2, flow->cookie, n);
	memset(at + 2 + n, 1, 2);
	return n + 4; /* cookies have an even length, most of them a multiple of four */
}

/* Counters of accurate feedback, in the order that the kind says. */
static size_t put_accurate(uint8_t *at, unsigned more)
{
	at[0] = more & 16 ? 172 : 174;
	at[1] = ACCURATE_BYTES;
	memset(at + 2, (int)more, ACCURATE_BYTES - 2);
	return ACCURATE_BYTES;
}

/* What else there is, as far as it fits. */
static size_t put_more(uint8_t *at, size_t room, const struct fuzz_flow *flow, unsigned more)
{
	uint8_t *start = at;

	if ((more & MORE_SACK_OK) && room >= 4)
		put32(at, 0x01010402), at += 4, room -= 4;
	if ((more & MORE_SACK) && room >= SACK_BYTES)
		at += put_sack(at, flow, more), room -= SACK_BYTES;
	if ((more & MORE_ACCURATE) && room >= ACCURATE_BYTES)
		at += put_accurate(at, more), room -= ACCURATE_BYTES;
	if ((more & MORE_FAST_OPEN) && room >= FUZZ_COOKIE_BYTES + 4)
		at += put_fast_open(at, flow, more);
	while ((at - start) % 4)
		*at++ = 0;
	return (size_t)(at - start);
}

/* MSS, window scale, timestamps, and one of a length that lies: each bit of which adds one. */
static size_t put_options(uint8_t *at, const struct fuzz_flow *flow, unsigned which, unsigned more)
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
	at += put_more(at, MOST_OPTIONS - (size_t)(at - start) - 4, flow, more);
	if ((which & 0x88) == 0x88)
		memcpy(at, liar, 4), at += 4;
	return (size_t)(at - start);
}

/* [3168 s5] Congestion experienced. */
static void mark_congestion(uint8_t *packet)
{
	if (packet[0] >> 4 == 6) {
		packet[1] |= 0x30;
		return;
	}
	packet[1] |= 3;
	put16(packet + 10, 0);
	put16(packet + 10, header_checksum(packet));
}

/* From the stack to the peer instead of the other way. */
static void swap_ends(uint8_t *packet, bool ipv6)
{
	packet[ipv6 ? 23 : 15] = 1;
	packet[ipv6 ? 39 : 19] = 2;
	if (!ipv6) {
		put16(packet + 10, 0);
		put16(packet + 10, header_checksum(packet));
	}
}

static uint32_t displaced(uint32_t base, int distance, bool far)
{
	return base + ((uint32_t)distance << (far ? 24 : 0));
}

size_t fuzz_build(const struct fuzz_flow *flow, const struct fuzz_segment *segment, uint8_t *packet)
{
	bool ipv6 = segment->flow >= FUZZ_FLOWS / 2, opened_by_stack = segment->flow % 4 == 3;
	uint8_t *tcp = packet + (ipv6 ? IPV6_HEADER : IPV4_HEADER);
	size_t options = put_options(tcp + TCP_HEADER, flow, segment->options, segment->more);
	size_t len = TCP_HEADER + options + segment->payload_bytes, header;

	put16(tcp, FUZZ_PEER_PORT + segment->flow);
	put16(tcp + 2, opened_by_stack ? FUZZ_CLIENT_PORT : FUZZ_SERVER_PORT);
	put32(tcp + 4, displaced(flow->peer_next, segment->seq_distance, segment->far));
	put32(tcp + 8, displaced(flow->stack_next, segment->ack_distance, segment->far));
	tcp[12] = (uint8_t)((TCP_HEADER + options) / 4 << 4 | !!(segment->more & MORE_AE));
	tcp[13] = segment->flags;
	put16(tcp + 14, segment->window * 64u);
	put16(tcp + 16, 0);
	put16(tcp + 18, segment->urgent);
	memset(tcp + TCP_HEADER + options, 'x', segment->payload_bytes);
	header = fuzz_ip_header(packet, ipv6, PROTOCOL_TCP, len);
	if (segment->more & MORE_CE)
		mark_congestion(packet);
	return len + header;
}

size_t fuzz_build_error(const struct fuzz_flow *flow, unsigned number, uint8_t kind, int8_t distance, uint8_t *payload)
{
	static const uint8_t types4[4] = {3, 3, 11, 12}, types6[4] = {1, 2, 3, 4};
	bool ipv6 = number >= FUZZ_FLOWS / 2, opened_by_stack = number % 4 == 3;
	uint8_t *quoted = payload + ICMP_HEADER, *tcp;
	size_t header = fuzz_ip_header(quoted, ipv6, PROTOCOL_TCP, TCP_HEADER);

	memset(payload, 0, ICMP_HEADER);
	payload[0] = ipv6 ? types6[kind & 3] : types4[kind & 3];
	payload[1] = kind >> 2 & 15;
	if (!ipv6 && (kind & 3) == 1)
		payload[1] = 4; /* too large */
	put16(payload + 6, kind * 8u);
	swap_ends(quoted, ipv6);
	tcp = quoted + header;
	memset(tcp, 0, TCP_HEADER);
	put16(tcp, opened_by_stack ? FUZZ_CLIENT_PORT : FUZZ_SERVER_PORT);
	put16(tcp + 2, FUZZ_PEER_PORT + number);
	put32(tcp + 4, flow->stack_next + (uint32_t)distance);
	return ICMP_HEADER + header + TCP_HEADER;
}

/* The cookie among the options of a segment of the stack. */
static void learn_cookie(struct fuzz_flow *flow, const uint8_t *options, size_t len)
{
	size_t i = 0;

	while (i + 1 < len && options[i] != 0) {
		size_t n = options[i] == 1 ? 1 : options[i + 1];

		if (n == 0 || i + n > len)
			return;
		if (options[i] == 34 && n > 2 && n <= 2 + FUZZ_COOKIE_BYTES) {
			flow->cookie_bytes = (uint8_t)(n - 2);
			memcpy(flow->cookie, options + i + 2, n - 2);
		}
		i += n;
	}
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
	if (tcp[13] & SYN)
		learn_cookie(&flows[flow], tcp + TCP_HEADER, (size_t)(tcp[12] >> 4) * 4 - TCP_HEADER);
	flows[flow].stack_next = get32(tcp + 4) + (uint32_t)data + !!(tcp[13] & SYN) + !!(tcp[13] & FIN);
	if (tcp[13] & ACK)
		flows[flow].peer_next = get32(tcp + 8);
}
