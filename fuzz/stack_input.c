/* SPDX-License-Identifier: Apache-2.0
 *
 * One stack under libFuzzer. The input is a list of steps, each a byte that says what, and the few
 * bytes it needs: raw bytes, bare or under a good header; a segment that fits a connection (peer.h); an ICMP error
 * about one; time that passes; a call of the program. The harness demands what holds whatever comes in: no finding of a
 * sanitizer, no failed assertion of the stack's own, the invariants of every connection after every step,
 * an end to what is due and to what is sent, and
 * every byte back in the allocator when the stack is gone.
 */
#include "peer.h"
#include "sock/sock.h"

#include <weir/weir.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	IF_IP = 2, /* a bare IP interface, the peer's */
	IF_ETHERNET = 3,
	SOCKETS = 24,
	BATCH = 16,
	MANY = 100000, /* no small input makes a stack send or expire as often as this */
	BUFFER_BYTES = 3000,
	TCP_LEVEL = 6,
	TCP_FAST_OPEN = 23,
};

struct fuzz {
	const uint8_t *data;
	size_t left;
	struct weir_stack *stack;
	weir_time now;
	struct weir_socket *socks[SOCKETS];
	struct fuzz_flow flows[FUZZ_FLOWS];
	size_t held;     /* bytes that the stack has from the allocator */
	unsigned refuse; /* every so many-th allocation fails; 0 = none */
	unsigned allocations;
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void *fuzz_alloc(void *ctx, size_t bytes)
{
	struct fuzz *fuzz = ctx;

	if (fuzz->refuse && ++fuzz->allocations % fuzz->refuse == 0)
		return NULL;
	fuzz->held += bytes;
	return malloc(bytes);
}

static void fuzz_free(void *ctx, void *memory, size_t bytes)
{
	struct fuzz *fuzz = ctx;

	if (!memory)
		return;
	require(fuzz->held >= bytes);
	fuzz->held -= bytes;
	free(memory);
}

static uint8_t take(struct fuzz *fuzz)
{
	if (fuzz->left == 0)
		return 0;
	fuzz->left--;
	return *fuzz->data++;
}

/* The slot of a socket that is there, or an empty slot; NULL when there is none of the kind. */
static struct weir_socket **slot(struct fuzz *fuzz, unsigned from, bool filled)
{
	unsigned i;

	for (i = 0; i < SOCKETS; i++) {
		struct weir_socket **s = &fuzz->socks[(from + i) % SOCKETS];

		if (!!*s == filled)
			return s;
	}
	return NULL;
}

static void drain(struct fuzz *fuzz)
{
	static const unsigned interfaces[] = {1, IF_IP, IF_ETHERNET};
	struct weir_packet packets[BATCH];
	struct weir_socket *ready[BATCH];
	size_t i, j, n, rounds = 0;

	for (i = 0; i < 3; i++) {
		while ((n = weir_output(fuzz->stack, interfaces[i], fuzz->now, packets, BATCH)) > 0) {
			require(++rounds < MANY);
			for (j = 0; j < n; j++) {
				uint8_t flat[2048];
				size_t len = 0, k;

				for (k = 0; k < packets[j].slices; k++) {
					require(len + packets[j].slice[k].len <= sizeof flat);
					memcpy(flat + len, packets[j].slice[k].data, packets[j].slice[k].len);
					len += packets[j].slice[k].len;
				}
				require(len == packets[j].len);
				if (interfaces[i] == IF_IP)
					fuzz_follow(fuzz->flows, flat, len);
			}
		}
	}
	while (weir_ready(fuzz->stack, ready, BATCH) > 0)
		require(++rounds < MANY);
}

static void check(struct fuzz *fuzz)
{
	unsigned i;

	for (i = 0; i < SOCKETS; i++)
		if (fuzz->socks[i] && fuzz->socks[i]->kind == SOCK_CONNECTION)
			tcb_check(&fuzz->socks[i]->u.tcb);
}

static void arrive(struct fuzz *fuzz, unsigned ifindex, const uint8_t *bytes, size_t len, unsigned flags)
{
	struct weir_packet packet = {.slices = 1, .flags = (uint8_t)flags, .len = (uint32_t)len};
	uint8_t *copy = malloc(len ? len : 1); /* of just this size, so that the sanitizer sees its end */

	require(copy);
	memcpy(copy, bytes, len);
	packet.slice[0] = (struct weir_slice){copy, len};
	weir_input(fuzz->stack, ifindex, &packet, 1, fuzz->now);
	free(copy);
}

/* Raw bytes: as they are, under an IP header (where they are ICMP, UDP, …), or under an Ethernet header (ARP, IP). */
static void raw_step(struct fuzz *fuzz)
{
	static const uint8_t ethernet[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8};
	static const uint8_t protocols[4] = {1, 17, 58, 6};
	uint8_t bytes[FUZZ_PACKET_BYTES + 64], kind = take(fuzz);
	unsigned ifindex = kind & 1 ? IF_IP : IF_ETHERNET;
	size_t i, header = 0, len = take(fuzz) % FUZZ_PACKET_BYTES;

	if (ifindex == IF_IP && kind & 2) {
		header = fuzz_ip_header(bytes, kind & 4, protocols[kind >> 3 & 3], len);
	} else if (ifindex == IF_ETHERNET && kind & 2) {
		memcpy(bytes, ethernet, sizeof ethernet);
		bytes[13] = kind & 4 ? 6 : 0;
		header = sizeof ethernet;
	}
	for (i = 0; i < len; i++)
		bytes[header + i] = take(fuzz);
	arrive(fuzz, ifindex, bytes, header + len, kind & 64 ? 0 : WEIR_PACKET_TRUSTED);
}

static void segment_step(struct fuzz *fuzz)
{
	uint8_t packet[FUZZ_PACKET_BYTES + 128];
	uint8_t first = take(fuzz);
	struct fuzz_segment segment = {.flow = first % FUZZ_FLOWS, .far = first & 0x80};

	segment.flags = take(fuzz);
	segment.seq_distance = (int8_t)take(fuzz);
	segment.ack_distance = (int8_t)take(fuzz);
	segment.window = take(fuzz);
	segment.payload_bytes = take(fuzz);
	segment.options = take(fuzz);
	segment.more = take(fuzz);
	segment.urgent = take(fuzz);
	arrive(fuzz, IF_IP, packet, fuzz_build(&fuzz->flows[segment.flow], &segment, packet), WEIR_PACKET_TRUSTED);
}

static void error_step(struct fuzz *fuzz)
{
	uint8_t packet[FUZZ_PACKET_BYTES + 128], payload[FUZZ_PACKET_BYTES], kind = take(fuzz);
	unsigned flow = take(fuzz) % FUZZ_FLOWS;
	bool ipv6 = flow >= FUZZ_FLOWS / 2;
	size_t len = fuzz_build_error(&fuzz->flows[flow], flow, kind, (int8_t)take(fuzz), payload);
	size_t header = fuzz_ip_header(packet, ipv6, ipv6 ? 58 : 1, len);

	memcpy(packet + header, payload, len);
	arrive(fuzz, IF_IP, packet, header + len, WEIR_PACKET_TRUSTED);
}

static void time_step(struct fuzz *fuzz)
{
	unsigned rounds = 0;

	fuzz->now = weir_time_add(fuzz->now, weir_ms(INT64_C(1) << (take(fuzz) & 15)));
	while (!weir_time_before(fuzz->now, weir_deadline(fuzz->stack))) {
		require(++rounds < MANY);
		weir_expire(fuzz->stack, fuzz->now);
		drain(fuzz);
	}
}

static void connect_step(struct fuzz *fuzz)
{
	struct weir_endpoint local = {.addr = WEIR_ADDR_ANY6, .port = FUZZ_CLIENT_PORT};
	struct weir_endpoint remote = {.addr = weir_addr_v4(10, 0, 0, 2), .port = FUZZ_PEER_PORT + 3};
	struct weir_socket **empty = slot(fuzz, 0, false);

	if (take(fuzz) & 1) {
		remote.addr = (weir_addr){.b = {[0] = 0xfd, [15] = 2}};
		remote.port = FUZZ_PEER_PORT + 7;
	}
	if (!empty || weir_socket_new(fuzz->stack, WEIR_INET6, WEIR_STREAM, empty) < 0)
		return;
	(void)weir_bind(*empty, &local);
	if (take(fuzz) & 1)
		(void)weir_connect_send(*empty, &(struct weir_slice){(const uint8_t *)"early", 5}, 1, &remote);
	else
		(void)weir_connect(*empty, &remote);
}

static void option_step(struct fuzz *fuzz, struct weir_socket *sock)
{
	int level = take(fuzz), name = take(fuzz);
	uint8_t value[20];
	uint32_t len = take(fuzz) % (sizeof value + 1), i;

	for (i = 0; i < len; i++)
		value[i] = take(fuzz);
	(void)weir_setsockopt(sock, level, name, value, len);
	len = sizeof value;
	(void)weir_getsockopt(sock, level, name, value, &len);
}

static void transfer_step(struct fuzz *fuzz, struct weir_socket *sock, bool out)
{
	static uint8_t buffer[BUFFER_BYTES];
	uint8_t how = take(fuzz);
	size_t len = (size_t)how * BUFFER_BYTES / 256;
	struct weir_slice slice = {buffer, len};
	static const unsigned kinds[8] = {0, 0, 0, 0, 0, WEIR_MSG_EOR, WEIR_MSG_MORE, WEIR_MSG_OOB};
	unsigned flags = kinds[how % 8];

	if (out)
		(void)weir_send(sock, &slice, 1, flags);
	else
		require(weir_recv(sock, buffer, len, flags & WEIR_MSG_OOB) <= (int64_t)len);
}

/* What only looks. */
static void look_step(struct weir_socket *sock)
{
	struct weir_error_report report;
	struct weir_socket_info info;

	(void)weir_recv_error(sock, &report);
	(void)weir_at_mark(sock);
	weir_socket_get_info(sock, &info);
	require(weir_readable(sock) <= (int64_t)info.recvq_bytes);
}

/* To the peer, which is one hop away, or to a neighbour on the Ethernet that must be asked for. */
static void datagram_step(struct fuzz *fuzz, struct weir_socket *sock)
{
	struct weir_endpoint to = {.addr = weir_addr_v4(10, 0, 0, 2), .port = FUZZ_PEER_PORT};
	uint8_t how = take(fuzz);

	if (how & 1)
		to.addr = weir_addr_v4(10, 0, 1, how >> 1);
	(void)weir_sendto(sock, "datagram", how & 8 ? 8 : 0, how & 64 ? NULL : &to);
}

static void call_step(struct fuzz *fuzz)
{
	unsigned what = take(fuzz);
	struct weir_socket **s = slot(fuzz, what >> 3, true), **empty = slot(fuzz, 0, false);

	if (!s)
		return;
	switch (what & 7) {
	case 0:
		if (empty && weir_accept(*s, empty) < 0)
			*empty = NULL;
		break;
	case 1:
	case 2:
		transfer_step(fuzz, *s, what & 1);
		break;
	case 3:
		(void)weir_shutdown(*s, (enum weir_shutdown_how)(take(fuzz) % 3));
		break;
	case 4:
		weir_close(*s);
		*s = NULL;
		break;
	case 5:
		weir_abort(*s);
		*s = NULL;
		break;
	case 6:
		option_step(fuzz, *s);
		break;
	default:
		(void)weir_poll(*s);
		if (what & 8)
			(void)weir_listen(*s, take(fuzz));
		else if (what & 16)
			look_step(*s);
		else
			datagram_step(fuzz, *s);
	}
}

static void listen_at(struct fuzz *fuzz, enum weir_type type)
{
	struct weir_endpoint local = {.addr = WEIR_ADDR_ANY6, .port = FUZZ_SERVER_PORT};
	struct weir_socket **empty = slot(fuzz, 0, false);

	require(weir_socket_new(fuzz->stack, WEIR_INET6, type, empty) == 0);
	require(weir_bind(*empty, &local) == 0);
	if (type != WEIR_STREAM)
		return;
	require(weir_listen(*empty, 3) == 0);
	(void)weir_setsockopt(*empty, TCP_LEVEL, TCP_FAST_OPEN, &(int){2}, sizeof(int));
}

static void start(struct fuzz *fuzz)
{
	struct weir_interface ip = {.name = "ip0", .kind = WEIR_LINK_IP, .mtu_bytes = 1500};
	struct weir_interface ethernet = {.name = "eth0", .kind = WEIR_LINK_ETHERNET, .mtu_bytes = 1500};
	weir_addr v4 = weir_addr_v4(10, 0, 0, 1), v6 = {.b = {[0] = 0xfd, [15] = 1}};
	weir_addr second = weir_addr_v4(10, 0, 1, 1);
	struct weir_config config;
	uint8_t features = take(fuzz);

	memcpy(ethernet.mac, "\x02\0\0\0\0\x01", 6);
	weir_config_init(&config);
	config.allocator = (struct weir_allocator){fuzz_alloc, fuzz_free, fuzz};
	memset(config.secret, 7, sizeof config.secret);
	config.fixed_iss = true;
	config.iss = UINT32_MAX - 40;
	config.sndbuf_bytes = config.rcvbuf_bytes = 4000;
	config.ecn = features % 6;
	config.syn_cookies = features / 6 % 3;
	config.timestamps = features % 7 > 0;
	config.sack = features % 5 > 0;
	require(weir_stack_new(&config, fuzz->now, &fuzz->stack) == 0);
	require(weir_interface_add(fuzz->stack, &ip) == IF_IP);
	require(weir_interface_add(fuzz->stack, &ethernet) == IF_ETHERNET);
	require(weir_address_add(fuzz->stack, IF_IP, &v4, 24) == 0);
	require(weir_address_add(fuzz->stack, IF_IP, &v6, 64) == 0);
	require(weir_address_add(fuzz->stack, IF_ETHERNET, &second, 24) == 0);
	listen_at(fuzz, WEIR_STREAM);
	listen_at(fuzz, WEIR_DGRAM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = {.data = data, .left = size, .now = {WEIR_NS_PER_S}};
	unsigned what;

	start(&fuzz);
	fuzz.refuse = take(&fuzz);
	while (fuzz.left) {
		what = take(&fuzz);
		weir_stack_now(fuzz.stack, fuzz.now);
		if (what < 128)
			segment_step(&fuzz);
		else if (what < 192)
			call_step(&fuzz);
		else if (what < 224)
			time_step(&fuzz);
		else if (what < 230)
			connect_step(&fuzz);
		else if (what < 240)
			error_step(&fuzz);
		else
			raw_step(&fuzz);
		if (what & 64)
			drain(&fuzz);
		check(&fuzz);
	}
	drain(&fuzz);
	require(weir_memory(fuzz.stack) <= fuzz.held);
	weir_stack_free(fuzz.stack);
	require(fuzz.held == 0);
	return 0;
}
