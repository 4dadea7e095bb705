/* SPDX-License-Identifier: Apache-2.0
 *
 * A host without sockets for tests of the network layer: interface 2 is Ethernet (10.0.0.1/24, fd00::1/64,
 * fe80::1/64), interface 3 carries bare IP (10.9.0.1/24, fd09::1/64). Time is virtual. Frames are made
 * by hand with the wire room's emitters and taken apart with its parsers.
 */
#ifndef TESTS_UNIT_NET_FIXTURE_H
#define TESTS_UNIT_NET_FIXTURE_H

#include "base/bytes.h"
#include "base/host.h"
#include "net/net.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ip.h"

#include <weir/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ETH = 2, TUN = 3, FRAME_ROOM = 70000 };

static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1}, peer_mac[6] = {2, 0, 0, 0, 0, 2},
                     other_mac[6] = {2, 0, 0, 0, 0, 3};
static const uint8_t all_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, no_mac[6];

struct fixture {
	struct host host;
	struct net *net;
	bool no_memory;            /* the allocator refuses */
	unsigned refuse;           /* n: it refuses the n-th request from now; 0 = none */
	struct net_packet in;      /* of the last input */
	uint8_t frame[FRAME_ROOM]; /* the last one built */
};

static void *fixture_alloc(void *ctx, size_t bytes)
{
	struct fixture *f = ctx;

	return f->no_memory || (f->refuse > 0 && --f->refuse == 0) ? NULL : malloc(bytes);
}

static void fixture_release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

/* Text of either family. */
static inline weir_addr ip(const char *text)
{
	weir_addr addr;

	assert_int_equal(weir_addr_parse(text, &addr), 0);
	return addr;
}

static inline uint64_t counted(const struct fixture *f, enum drop reason)
{
	return f->host.counters.value[reason];
}

static inline void interface_new(struct fixture *f, const char *name, enum weir_link_kind kind, const uint8_t mac[6])
{
	struct weir_interface config = {.kind = kind, .mtu_bytes = 1500};

	memcpy(config.name, name, strlen(name));
	memcpy(config.mac, mac, 6);
	assert_true(net_interface_add(f->net, &config) > 1);
}

static inline void address_new(struct fixture *f, unsigned ifindex, const char *addr, unsigned prefix_len)
{
	weir_addr a = ip(addr);

	assert_int_equal(net_address_add(f->net, ifindex, &a, prefix_len), 0);
}

static inline size_t drain(struct fixture *f, unsigned ifindex)
{
	struct weir_packet packet;
	size_t n = 0;

	while (net_output(f->net, ifindex, &packet, 1) == 1)
		n++;
	return n;
}

static inline struct fixture *fixture_new(uint32_t max_neighbours)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct weir_config config = {.max_neighbours = max_neighbours, .ttl = 64, .secret = "fifteen octets."};

	assert_non_null(f);
	config.allocator = (struct weir_allocator){fixture_alloc, fixture_release, f};
	host_init(&f->host, &config, (weir_time){WEIR_NS_PER_S});
	assert_int_equal(net_new(&f->host, &f->net), 0);
	interface_new(f, "eth0", WEIR_LINK_ETHERNET, own_mac);
	interface_new(f, "tun0", WEIR_LINK_IP, no_mac);
	address_new(f, ETH, "10.0.0.1", 24);
	address_new(f, ETH, "fd00::1", 64);
	address_new(f, ETH, "fe80::1", 64);
	address_new(f, TUN, "10.9.0.1", 24);
	address_new(f, TUN, "fd09::1", 64);
	drain(f, ETH);
	return f;
}

/* Every byte and every timer must be back. */
static inline void fixture_free(struct fixture *f)
{
	net_free(f->net);
	assert_true(weir_time_is_never(wheel_deadline(&f->host.wheel)));
	host_deinit(&f->host);
	assert_int_equal(f->host.memory.held_bytes, 0);
	free(f);
}

static inline int setup(void **state)
{
	*state = fixture_new(1024);
	return 0;
}

static inline int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

/* Lets time pass; timers go off at their instants. */
static inline void advance_ms(struct fixture *f, int64_t ms)
{
	weir_time end = weir_time_add(f->host.now, weir_ms(ms));
	weir_time next;

	while ((next = wheel_deadline(&f->host.wheel)).ns <= end.ns) {
		struct wheel_timer *timer;

		if (weir_time_before(f->host.now, next))
			f->host.now = next;
		while ((timer = wheel_expire(&f->host.wheel, f->host.now)) != NULL)
			net_expire(f->net, timer);
	}
	f->host.now = end;
}

static inline enum net_verdict input(struct fixture *f, unsigned ifindex, const uint8_t *data, size_t len)
{
	struct weir_packet packet = {.slice = {{data, len}}, .slices = 1, .len = (uint32_t)len};
	enum net_verdict verdict = net_input(f->net, ifindex, &packet, &f->in);

	f->in.packet = NULL;
	return verdict;
}

static inline void eth_header(uint8_t *out, const uint8_t dst[6], const uint8_t src[6], uint16_t type)
{
	struct wire_eth eth = {.type = type};

	memcpy(eth.dst, dst, 6);
	memcpy(eth.src, src, 6);
	wire_eth_emit(out, &eth);
}

/* An IP packet in f->frame behind room for an Ethernet header; returns its length. */
static inline size_t ip_packet(struct fixture *f, const char *src, const char *dst, uint8_t protocol,
                               const void *payload, size_t len)
{
	struct wire_ip header = {.src = ip(src), .dst = ip(dst), .protocol = protocol, .ttl = 64};
	size_t bytes;

	header.version = weir_addr_is_v4(&header.dst) ? 4 : 6;
	header.payload_bytes = (uint16_t)len;
	header.dont_fragment = true;
	bytes = wire_ip_emit(f->frame + ETH_HEADER_BYTES, &header);
	memcpy(f->frame + ETH_HEADER_BYTES + bytes, payload, len);
	return bytes + len;
}

/* Arrives on Ethernet in a frame from the peer to us. */
static inline enum net_verdict ip_arrives(struct fixture *f, const char *src, const char *dst, uint8_t protocol,
                                          const void *payload, size_t len)
{
	size_t bytes = ip_packet(f, src, dst, protocol, payload, len);
	weir_addr to = ip(dst);

	eth_header(f->frame, own_mac, peer_mac, weir_addr_is_v4(&to) ? ETH_IPV4 : ETH_IPV6);
	return input(f, ETH, f->frame, ETH_HEADER_BYTES + bytes);
}

static inline void arp_arrives(struct fixture *f, const uint8_t dst[6], uint16_t operation, const uint8_t sender_mac[6],
                               const char *sender, const char *target)
{
	struct wire_arp arp = {.operation = operation};
	weir_addr from = ip(sender), to = ip(target);
	uint8_t frame[ETH_MIN_FRAME_BYTES] = {0};

	memcpy(arp.sender_mac, sender_mac, 6);
	memcpy(arp.sender_ip, from.b + 12, 4);
	memcpy(arp.target_ip, to.b + 12, 4);
	eth_header(frame, dst, sender_mac, ETH_ARP);
	wire_arp_emit(frame + ETH_HEADER_BYTES, &arp);
	assert_int_equal(input(f, ETH, frame, sizeof(frame)), NET_DONE);
}

/* The next frame that leaves Ethernet must be ARP with these fields. */
static inline void arp_leaves(struct fixture *f, const uint8_t dst[6], uint16_t operation, const char *sender,
                              const char *target)
{
	struct weir_packet packet;
	struct wire_eth eth;
	struct wire_arp arp;
	weir_addr from = ip(sender), to = ip(target);

	assert_int_equal(net_output(f->net, ETH, &packet, 1), 1);
	assert_int_equal(packet.len, ETH_MIN_FRAME_BYTES);
	assert_int_equal(wire_eth_parse(packet.slice[0].data, packet.len, &eth), DROP_NONE);
	assert_int_equal(eth.type, ETH_ARP);
	assert_memory_equal(eth.dst, dst, 6);
	assert_memory_equal(eth.src, own_mac, 6);
	assert_int_equal(wire_arp_parse(packet.slice[0].data + ETH_HEADER_BYTES, packet.len - ETH_HEADER_BYTES, &arp),
	                 DROP_NONE);
	assert_int_equal(arp.operation, operation);
	assert_memory_equal(arp.sender_mac, own_mac, 6);
	assert_memory_equal(arp.sender_ip, from.b + 12, 4);
	assert_memory_equal(arp.target_ip, to.b + 12, 4);
}

/* The next packet that leaves, taken apart; *payload points into it. Its MAC destination in dst_mac unless NULL. */
static inline struct wire_ip ip_leaves(struct fixture *f, unsigned ifindex, uint8_t dst_mac[6],
                                       struct weir_slice *payload)
{
	size_t link = ifindex == ETH ? ETH_HEADER_BYTES : 0;
	struct weir_packet packet;
	struct wire_ip header;
	bool more;

	assert_int_equal(net_output(f->net, ifindex, &packet, 1), 1);
	assert_int_equal(packet.slices, 1);
	assert_int_equal(packet.slice[0].len, packet.len);
	if (dst_mac)
		memcpy(dst_mac, packet.slice[0].data, 6);
	assert_int_equal(
	    wire_ip_parse(packet.slice[0].data + link, packet.len - link, packet.len - link, false, &header, &more),
	    DROP_NONE);
	*payload = (struct weir_slice){packet.slice[0].data + link + header.header_bytes, header.payload_bytes};
	return header;
}

static inline void silent(struct fixture *f)
{
	assert_false(net_output_pending(f->net, ETH));
	assert_false(net_output_pending(f->net, TUN));
	assert_false(net_output_pending(f->net, NET_LOOPBACK));
}

static inline struct net_path path_to(struct fixture *f, const char *dst)
{
	struct net_path path;
	weir_addr to = ip(dst);

	assert_int_equal(net_route(f->net, &to, NULL, 0, false, &path), 0);
	return path;
}

/* Sends a datagram of len bytes; the first is its number. */
static inline int send_to(struct fixture *f, const char *dst, uint8_t number, size_t len)
{
	static uint8_t data[FRAME_ROOM];
	struct net_path path = path_to(f, dst);
	struct wire_ip header = {.src = path.src, .dst = ip(dst), .protocol = IP_UDP, .ttl = 64};
	struct weir_slice slice = {data, len};

	memset(data, 0x5a, len);
	data[0] = number;
	return net_send(f->net, &path, &header, &slice, 1);
}

#endif
