/* SPDX-License-Identifier: Apache-2.0
 *
 * Cutting large segments: what comes out is parsed and verified by wire, byte for byte what went in, over both
 * families and both kinds of link; delivery to ports that take less than was sent; checksums left to the link.
 */
#include "link/gso.h"

#include "base/bytes.h"
#include "link/fault.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/tcp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "link_fake.h"

enum { PAYLOAD_MAX = 64000, OPTIONS_BYTES = 12, FIRST_ID = 0xfffe };

static const uint32_t first_seq = 0xfffffc00; /* wraps on the way */

struct large {
	uint8_t header[LINK_GSO_HEADER_MAX];
	uint8_t payload[PAYLOAD_MAX];
	enum weir_link_kind kind;
	weir_addr src, dst;
	struct weir_packet packet;
};

struct shape {
	bool v6;
	enum weir_link_kind kind;
	uint16_t gso_bytes;
	uint32_t len;
	uint8_t flags;
	bool trusted;
};

static size_t emit_headers(struct large *large, const struct shape *shape)
{
	struct wire_ip ip = {.protocol = IP_TCP, .ttl = 64, .id = FIRST_ID, .dont_fragment = true};
	struct tcp_segment seg = {
	    .src_port = 1234,
	    .dst_port = 80,
	    .seq = seq_make(first_seq),
	    .ack = seq_make(77),
	    .wnd = 500,
	    .flags = shape->flags,
	    .opt = {.has_timestamps = true, .ts_val = 5, .ts_ecr = 6},
	};
	size_t at = 0;

	large->src = shape->v6 ? (weir_addr){.b = {0xfd, [15] = 1}} : weir_addr_v4(10, 0, 0, 1);
	large->dst = shape->v6 ? (weir_addr){.b = {0xfd, [15] = 2}} : weir_addr_v4(10, 0, 0, 2);
	if (shape->kind == WEIR_LINK_ETHERNET) {
		struct wire_eth eth = {{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 0, 1}, shape->v6 ? ETH_IPV6 : ETH_IPV4};

		wire_eth_emit(large->header, &eth);
		at = ETH_HEADER_BYTES;
	}
	ip.src = large->src;
	ip.dst = large->dst;
	ip.payload_bytes = (uint16_t)(TCP_HEADER_BYTES + OPTIONS_BYTES + shape->len);
	at += wire_ip_emit(large->header + at, &ip);
	return at + wire_tcp_emit(large->header + at, &seg, &large->src, &large->dst, true);
}

/* A large segment in three pieces of payload, of odd lengths where there is enough. */
static void make_large(struct large *large, const struct shape *shape)
{
	size_t header_bytes = emit_headers(large, shape), first = shape->len / 3 | 1, second = shape->len / 4 | 1;

	if (shape->len < 3)
		first = second = 0;
	large->kind = shape->kind;
	for (size_t i = 0; i < shape->len; i++)
		large->payload[i] = (uint8_t)(i * 7 + i / 256);
	large->packet = (struct weir_packet){
	    .slice = {{large->header, header_bytes},
	              {large->payload, first},
	              {large->payload + first, second},
	              {large->payload + first + second, shape->len - first - second}},
	    .slices = 4,
	    .flags = shape->trusted ? WEIR_PACKET_TRUSTED : 0,
	    .gso_bytes = shape->gso_bytes,
	    .len = (uint32_t)(header_bytes + shape->len),
	};
}

/* Parses a segment as a receiver would, checksums verified unless it is marked trusted. */
static enum drop parse(const uint8_t *data, size_t len, enum weir_link_kind kind, bool trusted, struct wire_ip *ip,
                       struct tcp_segment *seg)
{
	size_t at = link_header_bytes(kind);
	struct weir_slice text;
	enum drop drop;
	bool more = false;

	drop = wire_ip_parse(data + at, len - at, len - at, false, ip, &more);
	if (drop != DROP_NONE)
		return drop;
	text = (struct weir_slice){data + at + ip->header_bytes, ip->payload_bytes};
	return wire_tcp_parse(&text, 1, ip, trusted, seg, &more);
}

static void assert_segment(const struct large *large, const struct shape *shape, const struct weir_packet *packet,
                           uint32_t index)
{
	uint32_t at = index * shape->gso_bytes, left = shape->len - at;
	uint32_t expected = left < shape->gso_bytes ? left : shape->gso_bytes;
	uint8_t flags = shape->flags, *data = malloc(packet->len);
	struct tcp_segment seg;
	struct wire_ip ip;

	assert_non_null(data);
	link_frame_copy(packet, data);
	assert_int_equal(parse(data, packet->len, shape->kind, shape->trusted, &ip, &seg), DROP_NONE);
	if (index > 0)
		flags &= (uint8_t)~TCP_CWR;
	if (at + expected < shape->len)
		flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	assert_int_equal(seg.flags, flags);
	assert_int_equal(seq_raw(seg.seq), first_seq + at);
	assert_int_equal(seg.text_bytes, expected);
	assert_int_equal(seg.opt.ts_val, 5);
	assert_int_equal(seg.wnd, 500);
	if (!shape->v6)
		assert_int_equal(ip.id, (uint16_t)(FIRST_ID + index));
	assert_true(weir_addr_equal(&ip.src, &large->src) && weir_addr_equal(&ip.dst, &large->dst));
	if (expected > 0)
		assert_memory_equal(seg.text[0].data, large->payload + at, expected);
	assert_int_equal(packet->gso_bytes, 0);
	assert_int_equal(packet->flags, shape->trusted ? WEIR_PACKET_TRUSTED : 0);
	free(data);
}

static void cut_and_check(const struct shape *shape)
{
	static struct large large;
	uint8_t header[LINK_GSO_HEADER_MAX];
	struct weir_packet segment;
	struct link_gso gso;
	uint32_t n = 0, expected = (shape->len + shape->gso_bytes - 1) / shape->gso_bytes;

	make_large(&large, shape);
	assert_true(link_gso_start(&gso, &large.packet, shape->kind, false));
	while (link_gso_next(&gso, header, &segment))
		assert_segment(&large, shape, &segment, n++);
	assert_int_equal(n, expected > 0 ? expected : 1);
}

static void segments_are_what_was_sent(void **state)
{
	static const uint32_t lengths[] = {0, 1, 2, 99, 100, 101, 1460, 4381, 17520, PAYLOAD_MAX};
	static const uint16_t sizes[] = {100, 536, 1460, 32767};
	static const uint8_t flags[] = {TCP_ACK, TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR};

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		for (unsigned l = 0; l < sizeof lengths / sizeof *lengths; l++) {
			cut_and_check(&(struct shape){
			    .v6 = (i & 1) != 0,
			    .kind = (i & 2) != 0 ? WEIR_LINK_IP : WEIR_LINK_ETHERNET,
			    .trusted = (i & 4) != 0,
			    .flags = flags[i >> 3],
			    .gso_bytes = sizes[(i + l) % 4],
			    .len = lengths[l],
			});
		}
	}
}

static void urgent_pointer_counts_from_each_segment(void **state)
{
	static struct large large;
	struct shape shape = {.kind = WEIR_LINK_IP, .gso_bytes = 100, .len = 300, .flags = TCP_ACK | TCP_URG};
	uint8_t header[LINK_GSO_HEADER_MAX];
	uint16_t pointer[3], urgent[3];
	struct weir_packet segment;
	struct link_gso gso;

	(void)state;
	make_large(&large, &shape);
	store_be16(large.header + IPV4_HEADER_BYTES + 18, 150);
	assert_true(link_gso_start(&gso, &large.packet, shape.kind, false));
	for (unsigned i = 0; i < 3; i++) {
		assert_true(link_gso_next(&gso, header, &segment));
		urgent[i] = header[IPV4_HEADER_BYTES + 13] & TCP_URG;
		pointer[i] = load_be16(header + IPV4_HEADER_BYTES + 18);
	}
	assert_true(urgent[0] && urgent[1] && !urgent[2]);
	assert_int_equal(pointer[0], 150);
	assert_int_equal(pointer[1], 50);
	assert_int_equal(pointer[2], 0);
}

static void what_is_no_large_segment_is_refused(void **state)
{
	static struct large large;
	struct shape shape = {.kind = WEIR_LINK_IP, .gso_bytes = 100, .len = 300, .flags = TCP_ACK};
	struct link_gso gso;

	(void)state;
	make_large(&large, &shape);
	large.packet.gso_bytes = 0;
	assert_false(link_gso_start(&gso, &large.packet, shape.kind, false));
	make_large(&large, &shape);
	large.header[9] = IP_UDP;
	assert_false(link_gso_start(&gso, &large.packet, shape.kind, false));
	make_large(&large, &shape);
	large.header[IPV4_HEADER_BYTES + 12] = 0x40; /* a header of 16 bytes */
	assert_false(link_gso_start(&gso, &large.packet, shape.kind, false));
	make_large(&large, &shape);
	large.header[IPV4_HEADER_BYTES + 12] = 0xf0; /* a header longer than slice[0] */
	assert_false(link_gso_start(&gso, &large.packet, shape.kind, false));
	make_large(&large, &shape);
	large.packet.slice[0].len -= 4;
	assert_false(link_gso_start(&gso, &large.packet, shape.kind, false));
}

/* Port that takes large segments, port that does not, port that moreover needs checksums. */
static void ports_get_what_they_can_take(void **state)
{
	static struct large large;
	struct shape shape = {
	    .kind = WEIR_LINK_ETHERNET, .gso_bytes = 1000, .len = 60000, .flags = TCP_ACK | TCP_PSH, .trusted = true};
	struct link_traffic traffic = {0};
	struct fake host = {0};
	struct link_port port = fake_port(&host, WEIR_LINK_ETHERNET);
	struct tcp_segment seg;
	struct wire_ip ip;

	(void)state;
	make_large(&large, &shape);
	port.gso_max_bytes = 65535;
	link_port_deliver(&port, &large.packet, 1, (weir_time){0}, &traffic);
	assert_int_equal(host.received, 1);
	assert_int_equal(host.got[0].gso_bytes, 1000);
	port.gso_max_bytes = 60000; /* the headers are too much */
	link_port_deliver(&port, &large.packet, 1, (weir_time){0}, &traffic);
	assert_int_equal(host.received, 61);
	assert_int_equal(host.got[60].flags, WEIR_PACKET_TRUSTED);
	port.needs_checksums = true;
	link_port_deliver(&port, &large.packet, 1, (weir_time){0}, &traffic);
	assert_int_equal(host.received, 121);
	for (unsigned i = 61; i < 121; i++) {
		assert_int_equal(host.got[i].flags, 0);
		assert_int_equal(parse(host.got[i].data, host.got[i].len, shape.kind, false, &ip, &seg), DROP_NONE);
		assert_memory_equal(seg.text[0].data, large.payload + 1000 * (i - 61), 1000);
	}
	assert_int_equal(traffic.packets, 3);
	assert_int_equal(traffic.refused, 0);
	fake_clear(&host);
}

static void missing_checksums_are_computed_where_needed(void **state)
{
	static struct large large;
	struct link_traffic traffic = {0};
	struct fake host = {0};
	struct link_port port = fake_port(&host, WEIR_LINK_IP);
	struct tcp_segment seg;
	struct wire_ip ip;

	(void)state;
	port.needs_checksums = true;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		make_large(&large, &(struct shape){v6, WEIR_LINK_IP, 0, 1001, TCP_ACK, true});
		link_port_deliver(&port, &large.packet, 1, (weir_time){0}, &traffic);
		assert_int_equal(host.received, 1);
		assert_int_equal(host.got[0].flags, 0);
		assert_int_equal(parse(host.got[0].data, host.got[0].len, WEIR_LINK_IP, false, &ip, &seg), DROP_NONE);
		assert_memory_equal(seg.text[0].data, large.payload, 1001);
		fake_clear(&host);
	}
}

static void faults_befall_real_segments(void **state)
{
	static struct large large;
	struct shape shape = {.kind = WEIR_LINK_ETHERNET, .gso_bytes = 1000, .len = 10000, .flags = TCP_ACK};
	struct weir_packet packets[16];
	struct link_fault *fault = NULL;

	(void)state;
	make_large(&large, &shape);
	assert_int_equal(link_fault_new(NULL, shape.kind, &fault), 0);
	link_fault_push(fault, &large.packet, 1, (weir_time){0});
	assert_int_equal(link_fault_pull(fault, (weir_time){0}, packets, 16), 10);
	for (unsigned i = 0; i < 10; i++)
		assert_segment(&large, &shape, &packets[i], i);
	link_fault_free(fault);
}

static void corruption_is_found_by_checksums_even_if_none_was_sent(void **state)
{
	static struct large large;
	struct link_fault_spec spec = {.corrupt = LINK_ALWAYS, .seed = 1};
	struct link_fault *fault = NULL;
	struct weir_packet packet;
	struct tcp_segment seg;
	struct wire_ip ip;

	(void)state;
	make_large(&large, &(struct shape){false, WEIR_LINK_ETHERNET, 0, 1000, TCP_ACK, true});
	assert_int_equal(link_fault_new(&spec, WEIR_LINK_ETHERNET, &fault), 0);
	for (unsigned i = 0; i < 500; i++) {
		link_fault_push(fault, &large.packet, 1, (weir_time){0});
		assert_int_equal(link_fault_pull(fault, (weir_time){0}, &packet, 1), 1);
		assert_int_equal(packet.flags, 0);
		assert_int_not_equal(parse(packet.slice[0].data, packet.len, WEIR_LINK_ETHERNET, false, &ip, &seg),
		                     DROP_NONE);
	}
	link_fault_free(fault);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments_are_what_was_sent),
	    cmocka_unit_test(urgent_pointer_counts_from_each_segment),
	    cmocka_unit_test(what_is_no_large_segment_is_refused),
	    cmocka_unit_test(ports_get_what_they_can_take),
	    cmocka_unit_test(missing_checksums_are_computed_where_needed),
	    cmocka_unit_test(faults_befall_real_segments),
	    cmocka_unit_test(corruption_is_found_by_checksums_even_if_none_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
