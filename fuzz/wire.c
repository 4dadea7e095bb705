/* SPDX-License-Identifier: Apache-2.0
 *
 * The parsers of the wire room under libFuzzer. The first byte chooses a parser, the second where the rest is cut in
 * two, for what takes packets in pieces. Demanded: no finding of a sanitizer; lengths that add up; the same verdict for
 * a packet in one piece and in two; and that what was understood, emitted and parsed again, is the same.
 */
#include "base/assert.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/tcp.h"
#include "wire/udp.h"

#include <weir/addr.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHOICES = 8, TEXT_MAX = 100 };

/* 10.0.0.1 to 10.0.0.2, or fd00::1 to fd00::2. */
static struct wire_ip envelope(bool v6, uint8_t protocol, size_t len)
{
	struct wire_ip ip = {.version = v6 ? 6 : 4, .protocol = protocol, .payload_bytes = (uint16_t)len};

	ip.src = v6 ? (weir_addr){.b = {0xfd, [15] = 1}} : weir_addr_v4(10, 0, 0, 1);
	ip.dst = v6 ? (weir_addr){.b = {0xfd, [15] = 2}} : weir_addr_v4(10, 0, 0, 2);
	return ip;
}

static void fuzz_link(const uint8_t *p, size_t len)
{
	struct wire_eth eth;
	struct wire_arp arp;
	uint8_t out[ARP_BYTES];

	if (wire_eth_parse(p, len, &eth) == DROP_NONE) {
		wire_eth_emit(out, &eth);
		weir_assert(memcmp(out, p, ETH_HEADER_BYTES) == 0);
	}
	if (wire_arp_parse(p, len, &arp) == DROP_NONE) {
		wire_arp_emit(out, &arp);
		weir_assert(memcmp(out, p, ARP_BYTES) == 0);
	}
}

static void fuzz_ip(const uint8_t *p, size_t len, size_t cut, bool trusted)
{
	struct wire_ip whole, part;
	uint8_t *head;
	bool more;
	enum drop reason = wire_ip_parse(p, len, len, trusted, &whole, &more);

	weir_assert(!more);
	if (reason == DROP_NONE)
		weir_assert(whole.header_bytes + (size_t)whole.payload_bytes <= len);
	/* From a copy, so that reading on past the cut is seen. */
	head = malloc(cut + 1);
	weir_assert(head != NULL);
	memcpy(head + 1, p, cut);
	if (wire_ip_parse(head + 1, cut, len, trusted, &part, &more) == DROP_NONE)
		weir_assert(reason == DROP_NONE && part.header_bytes == whole.header_bytes);
	else
		weir_assert(more || reason != DROP_NONE);
	free(head);
}

static void fuzz_icmp(const uint8_t *p, size_t len, bool v6)
{
	struct wire_ip ip = envelope(v6, v6 ? IP_ICMPV6 : IP_ICMP, len);
	struct wire_icmp icmp, again;
	uint8_t *out;

	if (wire_icmp_parse(p, len, &ip, true, &icmp) != DROP_NONE)
		return;
	out = malloc(len);
	weir_assert(out != NULL);
	weir_assert(wire_icmp_emit(out, &ip.src, &ip.dst, icmp.type, icmp.code, icmp.rest, p + 8, len - 8) == len);
	weir_assert(wire_icmp_parse(out, len, &ip, false, &again) == DROP_NONE);
	weir_assert(again.kind == icmp.kind && again.quoted_valid == icmp.quoted_valid);
	free(out);
}

static void fuzz_udp(const uint8_t *p, size_t len, size_t cut, bool v6)
{
	struct wire_ip ip = envelope(v6, IP_UDP, len);
	struct weir_slice one = {p, len}, two[2] = {{p, cut}, {p + cut, len - cut}};
	struct wire_udp udp, again;
	enum drop reason = wire_udp_parse(&one, 1, &ip, false, &udp);

	if (cut >= UDP_HEADER_BYTES)
		weir_assert(wire_udp_parse(two, 2, &ip, false, &again) == reason);
	if (reason == DROP_NONE)
		weir_assert((size_t)udp.payload_bytes + UDP_HEADER_BYTES <= len);
}

/* Emits what was understood and parses it: the same, but for what a segment of its kind may not carry. */
static void again_tcp(const struct tcp_segment *seg, const struct wire_ip *ip)
{
	uint8_t *out = malloc(TCP_MAX_HEADER_BYTES + seg->text_bytes);
	struct tcp_segment again;
	struct weir_slice slice = {out, 0};
	bool more;

	weir_assert(out != NULL);
	slice.len = wire_tcp_emit(out, seg, &ip->src, &ip->dst, false);
	weir_assert(slice.len == TCP_HEADER_BYTES + wire_tcp_options_bytes(&seg->opt, seg->flags & TCP_SYN));
	for (unsigned i = 0; i < seg->text_slices; i++) {
		memcpy(out + slice.len, seg->text[i].data, seg->text[i].len);
		slice.len += seg->text[i].len;
	}
	weir_assert(wire_tcp_parse(&slice, 1, ip, false, &again, &more) == DROP_NONE && !more);
	weir_assert(seq_eq(again.seq, seg->seq) && seq_eq(again.ack, seg->ack) && again.text_bytes == seg->text_bytes);
	weir_assert(again.opt.has_timestamps == seg->opt.has_timestamps && again.opt.ts_val == seg->opt.ts_val);
	weir_assert(again.opt.has_mss == seg->opt.has_mss && again.opt.mss_bytes == seg->opt.mss_bytes);
	weir_assert(again.opt.has_wscale == seg->opt.has_wscale && again.opt.wscale == seg->opt.wscale);
	weir_assert(again.opt.sack_permitted == seg->opt.sack_permitted);
	weir_assert(again.opt.sack_blocks <= seg->opt.sack_blocks);
	free(out);
}

static void fuzz_tcp(const uint8_t *p, size_t len, size_t cut, bool v6)
{
	struct wire_ip ip = envelope(v6, IP_TCP, len);
	struct weir_slice one = {p, len}, two[2] = {{p, cut}, {p + cut, len - cut}};
	struct tcp_segment seg, part;
	bool more;
	enum drop verified = wire_tcp_parse(&one, 1, &ip, false, &seg, &more), reason;

	weir_assert(!more);
	reason = wire_tcp_parse(two, 2, &ip, false, &part, &more);
	weir_assert(more || reason == verified);
	if (wire_tcp_parse(&one, 1, &ip, true, &seg, &more) == DROP_NONE)
		again_tcp(&seg, &ip);
}

static void fuzz_text(const uint8_t *p, size_t len)
{
	char text[TEXT_MAX + 1], out[WEIR_ADDR_TEXT];
	weir_addr addr, again;

	if (len > TEXT_MAX)
		len = TEXT_MAX;
	memcpy(text, p, len);
	text[len] = '\0';
	if (weir_addr_parse(text, &addr) != 0)
		return;
	weir_assert(weir_addr_format(&addr, out) < WEIR_ADDR_TEXT);
	weir_assert(weir_addr_parse(out, &again) == 0 && weir_addr_equal(&addr, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 2;
	size_t len = size - 2, cut;

	if (size < 2 || len > UINT16_MAX)
		return 0;
	cut = data[1] < len ? data[1] : len;
	switch (data[0] % CHOICES) {
	case 0:
		fuzz_link(p, len);
		break;
	case 1:
		fuzz_ip(p, len, cut, true);
		break;
	case 2:
		fuzz_ip(p, len, cut, false);
		break;
	case 3:
		fuzz_icmp(p, len, data[0] & 0x80);
		break;
	case 4:
		fuzz_udp(p, len, cut, data[0] & 0x80);
		break;
	case 5:
	case 6:
		fuzz_tcp(p, len, cut, data[0] & 0x80);
		break;
	default:
		fuzz_text(p, len);
	}
	return 0;
}
