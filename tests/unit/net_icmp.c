/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP in both families: echo [W-ICMP-3], what is ignored [I-4, I-8, MUST-55], errors that go up [W-ICMP-4], errors
 * that are sent, never sent, and sent no more [W-ICMP-1, W-ICMP-2, I-1, I-5, I-6].
 */
#include "net_fixture.h"

struct family {
	const char *own, *peer, *everybody;
	uint8_t protocol, echo, reply, unreachable, port, headers;
	size_t most; /* of an error, headers included */
};

static const struct family four = {"10.9.0.1", "10.9.0.2", "10.9.0.255", IP_ICMP, 8, 0, 3, 3, IPV4_HEADER_BYTES, 576};
static const struct family six = {"fd09::1", "fd09::2", "ff02::1", IP_ICMPV6, 128, 129, 1, 4, IPV6_HEADER_BYTES, 1280};
static const struct family *const families[] = {&four, &six};

/* A message from the peer to dst over the interface without link headers. */
static enum net_verdict icmp_arrives(struct fixture *f, const struct family *a, const char *dst, uint8_t type,
                                     uint8_t code, uint32_t rest, const uint8_t *body, size_t len)
{
	uint8_t message[2000];
	weir_addr from = ip(a->peer), to = ip(dst);
	size_t bytes = wire_icmp_emit(message, &from, &to, type, code, rest, body, len);

	bytes = ip_packet(f, a->peer, dst, a->protocol, message, bytes);
	return input(f, TUN, f->frame + ETH_HEADER_BYTES, bytes);
}

static struct wire_icmp icmp_leaves(struct fixture *f, const struct family *a, struct weir_slice *payload)
{
	struct wire_ip header = ip_leaves(f, TUN, NULL, payload);
	weir_addr own = ip(a->own), peer = ip(a->peer);
	struct wire_icmp icmp;

	assert_int_equal(header.protocol, a->protocol);
	assert_true(weir_addr_equal(&header.src, &own)); /* [W-ICMP-3, I-7] from the address asked, to the IP source */
	assert_true(weir_addr_equal(&header.dst, &peer));
	assert_true(header.ttl > 0);
	assert_int_equal(wire_icmp_parse(payload->data, payload->len, &header, false, &icmp), DROP_NONE);
	return icmp;
}

static void echo_is_answered_with_the_same_data(void **state)
{
	static const size_t lengths[] = {0, 1, 56, 1400, 1452};
	struct fixture *f = *state;
	uint8_t data[1452];

	for (unsigned k = 0; k < sizeof(data); k++)
		data[k] = (uint8_t)(k * 7);
	for (unsigned v = 0; v < 2; v++) {
		for (unsigned k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			const struct family *a = families[v];
			struct weir_slice payload;
			struct wire_icmp icmp;

			assert_int_equal(icmp_arrives(f, a, a->own, a->echo, 0, 0x12345678, data, lengths[k]),
			                 NET_DONE);
			icmp = icmp_leaves(f, a, &payload);
			assert_int_equal(icmp.type, a->reply);
			assert_int_equal(icmp.code, 0);
			assert_int_equal(icmp.rest, 0x12345678);
			assert_int_equal(payload.len, ICMP_HEADER_BYTES + lengths[k]);
			assert_memory_equal(payload.data + ICMP_HEADER_BYTES, data, lengths[k]);
			silent(f);
		}
	}
}

static void echo_over_ethernet_waits_for_the_neighbour(void **state)
{
	struct fixture *f = *state;
	weir_addr from = ip("10.0.0.2"), to = ip("10.0.0.1");
	uint8_t message[ICMP_HEADER_BYTES + 4], mac[6];
	size_t len = wire_icmp_emit(message, &from, &to, ICMP4_ECHO, 0, 1, own_mac, 4);
	struct weir_slice payload;

	assert_int_equal(ip_arrives(f, "10.0.0.2", "10.0.0.1", IP_ICMP, message, len), NET_DONE);
	arp_leaves(f, all_mac, ARP_REQUEST, "10.0.0.1", "10.0.0.2");
	silent(f);
	arp_arrives(f, own_mac, ARP_REPLY, peer_mac, "10.0.0.2", "10.0.0.1");
	assert_int_equal(ip_leaves(f, ETH, mac, &payload).protocol, IP_ICMP);
	assert_memory_equal(mac, peer_mac, 6);
	assert_int_equal(payload.data[0], ICMP4_ECHO_REPLY);
}

static void echo_to_everybody_is_not_answered(void **state)
{
	struct fixture *f = *state;

	for (unsigned v = 0; v < 2; v++) { /* */
		assert_int_equal(
		    icmp_arrives(f, families[v], families[v]->everybody, families[v]->echo, 0, 1, own_mac, 6),
		    NET_DONE);
		assert_int_equal(counted(f, drop_icmp_broadcast), v + 1);
		silent(f);
	}
}

static void what_is_deprecated_is_ignored(void **state)
{
	/* source quench [9293 MUST-55], redirect, timestamp, information, mask; reply to an echo nobody sent */
	static const uint8_t types4[] = {4, 5, 9, 10, 13, 14, 15, 16, 17, 18, 0, 99};
	/* solicitations, advertisements, redirect: not yet; echo reply; unknown */
	static const uint8_t types6[] = {133, 134, 135, 136, 137, 129, 200};
	struct fixture *f = *state;
	uint8_t body[40] = {0};
	uint64_t n = 0;

	for (unsigned k = 0; k < sizeof(types4); k++) {
		assert_int_equal(icmp_arrives(f, &four, four.own, types4[k], 0, 0, body, sizeof(body)), NET_DONE);
		assert_int_equal(counted(f, drop_icmp_type), ++n);
	}
	for (unsigned k = 0; k < sizeof(types6); k++) {
		assert_int_equal(icmp_arrives(f, &six, six.own, types6[k], 0, 0, body, sizeof(body)), NET_DONE);
		assert_int_equal(counted(f, drop_icmp_type), ++n);
	}
	silent(f);
}

static void bad_icmp_is_dropped(void **state)
{
	struct fixture *f = *state;

	for (unsigned v = 0; v < 2; v++) {
		const struct family *a = families[v];
		uint8_t message[64];
		weir_addr from = ip(a->peer), to = ip(a->own);
		size_t len = wire_icmp_emit(message, &from, &to, a->echo, 0, 1, own_mac, 6);

		message[len - 1] ^= 1;
		len = ip_packet(f, a->peer, a->own, a->protocol, message, len);
		assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
		assert_int_equal(counted(f, drop_icmp_checksum), v + 1);
		len = ip_packet(f, a->peer, a->own, a->protocol, message, 7);
		assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
		assert_int_equal(counted(f, drop_icmp_malformed), v + 1);
	}
	silent(f);
}

/* The start of a packet of ours, as an error would quote it. */
static size_t quoted_packet(uint8_t *out, const char *src, const char *dst)
{
	struct wire_ip header = {.src = ip(src), .dst = ip(dst), .protocol = IP_TCP, .ttl = 1, .payload_bytes = 20};
	size_t len;

	header.version = weir_addr_is_v4(&header.src) ? 4 : 6;
	len = wire_ip_emit(out, &header);
	memset(out + len, 0, 20);
	store_be16(out + len, 1000);
	store_be16(out + len + 2, 80);
	store_be32(out + len + 4, 0xfeedbeef);
	return len + 20;
}

static void an_error_about_a_packet_of_ours_goes_up(void **state)
{
	struct fixture *f = *state;
	uint8_t quoted[80];

	for (unsigned v = 0; v < 2; v++) {
		const struct family *a = families[v];
		weir_addr far = ip(v ? "2001:db8::9" : "192.0.2.9");
		size_t len = quoted_packet(quoted, a->own, v ? "2001:db8::9" : "192.0.2.9");

		assert_int_equal(icmp_arrives(f, a, a->own, a->unreachable, a->port, 0, quoted, len), NET_ERROR);
		assert_int_equal(f->in.icmp.kind, ICMP_PORT_UNREACHABLE);
		assert_true(weir_addr_equal(&f->in.icmp.quoted_dst, &far));
		assert_int_equal(f->in.icmp.quoted_protocol, IP_TCP);
		assert_int_equal(f->in.icmp.quoted_src_port, 1000);
		assert_int_equal(f->in.icmp.quoted_dst_port, 80);
		assert_int_equal(f->in.icmp.quoted_seq, 0xfeedbeef);

		/* too little of it, or none of ours, or of another address than the error was sent to */
		assert_int_equal(icmp_arrives(f, a, a->own, a->unreachable, a->port, 0, quoted, len - 13), NET_DONE);
		len = quoted_packet(quoted, v ? "fd09::7" : "10.9.0.7", a->peer);
		assert_int_equal(icmp_arrives(f, a, a->own, a->unreachable, a->port, 0, quoted, len), NET_DONE);
		len = quoted_packet(quoted, v ? "fd00::1" : "10.0.0.1", a->peer);
		assert_int_equal(icmp_arrives(f, a, a->own, a->unreachable, a->port, 0, quoted, len), NET_DONE);
		len = quoted_packet(quoted, a->own, a->peer);
		assert_int_equal(icmp_arrives(f, a, a->everybody, a->unreachable, a->port, 0, quoted, len), NET_DONE);
		assert_int_equal(counted(f, drop_icmp_error_no_match), 4 * (v + 1));
	}
	silent(f);
}

/* A datagram to a closed port, as net_input() and then the sockets see it. */
static void closed_port(struct fixture *f, const struct family *a, const char *dst, size_t len)
{
	static uint8_t data[60000];
	size_t bytes = ip_packet(f, a->peer, dst, IP_UDP, data, len);
	struct weir_packet packet = {
	    .slice = {{f->frame + ETH_HEADER_BYTES, bytes}}, .slices = 1, .len = (uint32_t)bytes};
	struct net_packet in;

	assert_int_equal(net_input(f->net, TUN, &packet, &in), NET_UDP);
	net_port_unreachable(f->net, &in);
}

static void an_unreachable_quotes_what_fits(void **state)
{
	static const size_t lengths[] = {8, 100, 528, 529, 1192, 1193, 1400};
	struct fixture *f = *state;

	for (unsigned v = 0; v < 2; v++) {
		const struct family *a = families[v];

		for (unsigned k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) { /* [I-1, W-ICMP-2] */
			size_t quoted = a->headers + lengths[k], most = a->most - a->headers - ICMP_HEADER_BYTES;
			struct weir_slice payload;
			struct wire_icmp icmp;

			closed_port(f, a, a->own, lengths[k]);
			icmp = icmp_leaves(f, a, &payload);
			assert_int_equal(icmp.type, a->unreachable);
			assert_int_equal(icmp.code, a->port);
			assert_int_equal(icmp.rest, 0);
			quoted = quoted < most ? quoted : most;
			assert_int_equal(payload.len, ICMP_HEADER_BYTES + quoted);
			assert_memory_equal(payload.data + ICMP_HEADER_BYTES, f->frame + ETH_HEADER_BYTES, quoted);
		}
	}
}

static void no_error_about_what_everybody_got(void **state)
{
	struct fixture *f = *state;

	for (unsigned v = 0; v < 2; v++) /* [W-ICMP-1, I-5] */
		closed_port(f, families[v], families[v]->everybody, 100);
	silent(f);
}

static void a_protocol_nobody_has_is_reported(void **state)
{
	struct fixture *f = *state;
	/* hop-by-hop options, then protocol 99: the pointer names the field that says 99 [W-IP-7] */
	static const uint8_t chain[16] = {99, 0, 1, 4};
	struct weir_slice payload;
	struct wire_icmp icmp;
	size_t len = ip_packet(f, four.peer, four.own, 99, chain, sizeof(chain));

	assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
	icmp = icmp_leaves(f, &four, &payload);
	assert_int_equal(icmp.kind, ICMP_PROTOCOL_UNREACHABLE);
	len = ip_packet(f, six.peer, six.own, 99, chain, sizeof(chain));
	assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
	icmp = icmp_leaves(f, &six, &payload);
	assert_int_equal(icmp.kind, ICMP_PROTOCOL_UNREACHABLE);
	assert_int_equal(icmp.rest, 6);
	len = ip_packet(f, six.peer, six.own, 0, chain, sizeof(chain));
	assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
	icmp = icmp_leaves(f, &six, &payload);
	assert_int_equal(icmp.rest, 40);
	assert_int_equal(counted(f, drop_ip_protocol), 3);
	/* "no next header" is no protocol to complain about */
	len = ip_packet(f, six.peer, six.own, 59, chain, sizeof(chain));
	assert_int_equal(input(f, TUN, f->frame + ETH_HEADER_BYTES, len), NET_DONE);
	assert_int_equal(counted(f, drop_ip_protocol), 4);
	silent(f);
}

static void a_peer_gets_few_errors(void **state)
{
	struct fixture *f = *state;
	size_t sent;

	for (unsigned k = 0; k < 100; k++)
		closed_port(f, &four, four.own, 20);
	sent = drain(f, TUN);
	assert_int_equal(sent, 10);
	assert_int_equal(counted(f, drop_icmp_rate_limited), 90);
	advance_ms(f, 99);
	closed_port(f, &four, four.own, 20);
	silent(f);
	advance_ms(f, 1);
	closed_port(f, &four, four.own, 20);
	closed_port(f, &four, four.own, 20);
	assert_int_equal(drain(f, TUN), 1);
	advance_ms(f, 3600 * 1000);
	for (unsigned k = 0; k < 100; k++)
		closed_port(f, &four, four.own, 20);
	assert_int_equal(drain(f, TUN), 10);
}

static size_t errors_to_many(struct fixture *f, unsigned peers)
{
	for (unsigned k = 0; k < peers; k++) {
		char peer[] = "10.9.0.000";
		struct family a = four;

		peer[7] = (char)('0' + (k + 2) / 100);
		peer[8] = (char)('0' + (k + 2) / 10 % 10);
		peer[9] = (char)('0' + (k + 2) % 10);
		/* no leading zeros in an address */
		a.peer = peer;
		if (peer[7] == '0') {
			memmove(peer + 7, peer + 8, 3);
			if (peer[7] == '0')
				memmove(peer + 7, peer + 8, 2);
		}
		closed_port(f, &a, four.own, 20);
	}
	return drain(f, TUN);
}

static void all_peers_together_get_a_bounded_number(void **state)
{
	struct fixture *f = *state;
	size_t least = SIZE_MAX, most = 0;

	for (unsigned round = 0; round < 20; round++) { /* 200 peers, one probe each, all at one instant */
		size_t sent = errors_to_many(f, 200);

		least = sent < least ? sent : least;
		most = sent > most ? sent : most;
		advance_ms(f, 3600 * 1000);
	}
	assert_true(least >= 25 && most <= 150);
	assert_true(least < most); /* [I-6] the number is not to be counted on */
}

static void errors_to_ourselves_are_not_limited(void **state)
{
	struct fixture *f = *state;

	for (unsigned k = 0; k < 200; k++) {
		size_t bytes = ip_packet(f, "127.0.0.1", "127.0.0.1", IP_UDP, peer_mac, 6);
		struct weir_packet packet = {
		    .slice = {{f->frame + ETH_HEADER_BYTES, bytes}}, .slices = 1, .len = (uint32_t)bytes};
		struct net_packet in;

		assert_int_equal(net_input(f->net, NET_LOOPBACK, &packet, &in), NET_UDP);
		net_port_unreachable(f->net, &in);
	}
	assert_int_equal(drain(f, NET_LOOPBACK), 200);
}

int main(void)
{
#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    NET_TEST(echo_is_answered_with_the_same_data),
	    NET_TEST(echo_over_ethernet_waits_for_the_neighbour),
	    NET_TEST(echo_to_everybody_is_not_answered),
	    NET_TEST(what_is_deprecated_is_ignored),
	    NET_TEST(bad_icmp_is_dropped),
	    NET_TEST(an_error_about_a_packet_of_ours_goes_up),
	    NET_TEST(an_unreachable_quotes_what_fits),
	    NET_TEST(no_error_about_what_everybody_got),
	    NET_TEST(a_protocol_nobody_has_is_reported),
	    NET_TEST(a_peer_gets_few_errors),
	    NET_TEST(all_peers_together_get_a_bounded_number),
	    NET_TEST(errors_to_ourselves_are_not_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
