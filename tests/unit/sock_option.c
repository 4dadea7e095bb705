/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket options: defaults, ranges, what connections inherit from their listener, and that the options do what they
 * say.
 */
#include "stack_hosts.h"

enum { SOCKET = 1, IP = 0, TCP = 6, IPV6 = 41 };

static int get_int(struct weir_socket *sock, int level, int name)
{
	int32_t value = INT32_MIN;
	uint32_t len = sizeof(value);
	int r = weir_getsockopt(sock, level, name, &value, &len);

	return r < 0 ? r : value;
}

struct row {
	int level, name;
	int32_t before;    /* default, or INT32_MIN: not looked at */
	int32_t good, bad; /* bad INT32_MIN: every value is good */
	int refusal;
};

static const struct row stream_rows[] = {
    {SOCKET, 2, 0, 1, INT32_MIN, 0},
    {SOCKET, 6, 0, 1, INT32_MIN, 0},
    {SOCKET, 7, 262144, 12345, INT32_MIN, 0},
    {SOCKET, 8, 262144, 1, INT32_MIN, 0},
    {SOCKET, 9, 0, 1, INT32_MIN, 0},
    {SOCKET, 10, 0, 1, INT32_MIN, 0},
    {SOCKET, 12, 0, 6, 7, -WEIR_EINVAL},
    {SOCKET, 15, 0, 1, INT32_MIN, 0},
    {SOCKET, 18, 1, 100, INT32_MIN, 0},
    {TCP, 1, 0, 1, INT32_MIN, 0},
    {TCP, 2, 536, 88, 87, -WEIR_EINVAL},
    {TCP, 2, 88, 32767, 32768, -WEIR_EINVAL},
    {TCP, 3, 0, 1, INT32_MIN, 0},
    {TCP, 4, 7200, 32767, 32768, -WEIR_EINVAL},
    {TCP, 5, 75, 1, 0, -WEIR_EINVAL},
    {TCP, 6, 9, 127, 128, -WEIR_EINVAL},
    {TCP, 7, 7, 127, 0, -WEIR_EINVAL},
    {TCP, 8, 60, -1, INT32_MIN, 0},
    {TCP, 10, 0, 2000, INT32_MIN, 0},
    {TCP, 18, 0, 5000, -1, -WEIR_EINVAL},
    {TCP, 25, 0, 16384, INT32_MIN, 0},
    {TCP, 44, 120000, 1000, 999, -WEIR_EINVAL},
    {TCP, 44, 1000, 120000, 120001, -WEIR_EINVAL},
    {TCP, 45, 200000, 5000, 200001, -WEIR_EINVAL},
    {TCP, 46, 200000, 5000, 200001, -WEIR_EINVAL},
    {IP, 1, 0, 252, 256, -WEIR_EINVAL},
    {IP, 2, 64, 255, 0, -WEIR_EINVAL},
    {IP, 2, 255, 1, 256, -WEIR_EINVAL},
    {IP, 10, 1, 2, 6, -WEIR_EINVAL},
    {IP, 11, 0, 1, INT32_MIN, 0},
    {IPV6, 16, 64, 255, 256, -WEIR_EINVAL},
    {IPV6, 26, 0, 1, INT32_MIN, 0},
    {IPV6, 67, 0, 252, 256, -WEIR_EINVAL},
};

static void ranges(void **state)
{
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	for (unsigned i = 0; i < sizeof(stream_rows) / sizeof(stream_rows[0]); i++) {
		const struct row *row = &stream_rows[i];

		assert_int_equal(get_int(sock, row->level, row->name), row->before);
		if (row->bad != INT32_MIN) {
			assert_int_equal(set_int(sock, row->level, row->name, row->bad), row->refusal);
			assert_int_equal(get_int(sock, row->level, row->name), row->before);
		}
		assert_int_equal(set_int(sock, row->level, row->name, row->good), 0);
		assert_int_equal(get_int(sock, row->level, row->name), row->good);
	}
	assert_int_equal(set_int(sock, TCP, 8, 121), 0); /* Linux's most */
	assert_int_equal(get_int(sock, TCP, 8), 120);
	assert_int_equal(set_int(sock, IP, 2, -1), 0);
	assert_int_equal(get_int(sock, IP, 2), 64);
	/* Out of range is the most there can be, without a word, as on Linux; 0 is the least. */
	assert_int_equal(set_int(sock, SOCKET, 8, -1), 0);
	assert_int_equal(get_int(sock, SOCKET, 8), 16 * 1024 * 1024);
	assert_int_equal(set_int(sock, SOCKET, 8, 0), 0);
	assert_int_equal(get_int(sock, SOCKET, 8), 1);
	hosts_done(&h);
}

static void errors(void **state)
{
	struct weir_socket *sock, *udp, *four;
	struct hosts h;
	int32_t value = 1;
	uint32_t len;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	four = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	udp = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(set_int(sock, SOCKET, 9999, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(set_int(sock, 77, 1, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(get_int(sock, TCP, 9999), -WEIR_ENOPROTOOPT);
	assert_int_equal(weir_setsockopt(sock, TCP, 1, &value, 1), -WEIR_EINVAL);
	assert_int_equal(set_int(udp, TCP, 1, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(set_int(four, IPV6, 67, 1), -WEIR_ENOPROTOOPT);
	/* Read only. */
	assert_int_equal(set_int(sock, SOCKET, 3, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(set_int(sock, SOCKET, 4, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(set_int(sock, SOCKET, 30, 1), -WEIR_ENOPROTOOPT);
	assert_int_equal(get_int(sock, SOCKET, 3), WEIR_STREAM);
	assert_int_equal(get_int(udp, SOCKET, 3), WEIR_DGRAM);
	assert_int_equal(get_int(udp, SOCKET, 38), 17);
	assert_int_equal(get_int(sock, SOCKET, 39), WEIR_INET6);
	assert_int_equal(get_int(sock, IP, 14), -WEIR_ENOTCONN);
	/* A short buffer gets the beginning, and how much that is. */
	len = 2;
	assert_int_equal(weir_getsockopt(sock, SOCKET, 7, &value, &len), 0);
	assert_int_equal(len, 2);
	hosts_done(&h);
}

static void named_ones(void **state)
{
	struct weir_socket *sock;
	struct hosts h;
	int32_t linger[2] = {1, 7};
	char name[16] = "";
	uint32_t len = sizeof(linger);

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_setsockopt(sock, SOCKET, 13, linger, 4), -WEIR_EINVAL);
	assert_int_equal(weir_setsockopt(sock, SOCKET, 13, linger, 8), 0);
	memset(linger, 0, sizeof(linger));
	assert_int_equal(weir_getsockopt(sock, SOCKET, 13, linger, &len), 0);
	assert_int_equal(linger[0], 1);
	assert_int_equal(linger[1], 7);
	len = sizeof(name);
	assert_int_equal(weir_getsockopt(sock, TCP, 13, name, &len), 0);
	assert_string_equal(name, "cubic");
	assert_int_equal(weir_setsockopt(sock, TCP, 13, "reno", 4), 0);
	len = sizeof(name);
	assert_int_equal(weir_getsockopt(sock, TCP, 13, name, &len), 0);
	assert_string_equal(name, "reno");
	assert_int_equal(weir_setsockopt(sock, TCP, 13, "cubic", 6), 0); /* with its NUL */
	assert_int_equal(weir_setsockopt(sock, TCP, 13, "cub", 3), -WEIR_ENOENT);
	assert_int_equal(weir_setsockopt(sock, TCP, 13, "", 0), -WEIR_EINVAL);
	assert_int_equal(weir_setsockopt(sock, TCP, 13, "vegas", 5), -WEIR_ENOENT);
	hosts_done(&h);
}

/* What a listener was told holds for what it accepts. */
static void inherited(void **state)
{
	static const struct row rows[] = {
	    {SOCKET, 7, 0, 5000, 0, 0}, {SOCKET, 8, 0, 6000, 0, 0}, {SOCKET, 9, 0, 1, 0, 0}, {SOCKET, 2, 0, 1, 0, 0},
	    {TCP, 1, 0, 1, 0, 0},       {TCP, 4, 0, 30, 0, 0},      {TCP, 5, 0, 31, 0, 0},   {TCP, 6, 0, 32, 0, 0},
	    {TCP, 18, 0, 9000, 0, 0},   {IP, 1, 0, 16, 0, 0},       {IP, 2, 0, 9, 0, 0},
	};
	struct weir_socket *listener, *client, *server;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(set_int(listener, rows[i].level, rows[i].name, rows[i].good), 0);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(get_int(server, rows[i].level, rows[i].name), rows[i].good);
	assert_int_equal(get_int(listener, SOCKET, 30), 1);
	assert_int_equal(get_int(server, SOCKET, 30), 0);
	assert_int_equal(info_of(server).recvq_limit, 6000);
	assert_int_equal(info_of(server).sendq_limit, 5000);
	assert_int_equal(info_of(client).snd_wnd, 6000);
	hosts_done(&h);
}

/* [9293 MUST-48, MUST-49] TTL and type of service are on the wire; TCP_MAXSEG bounds the MSS that is told. */
static void on_the_wire(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80), six = at("fd00::2", 80);
	struct weir_packet packet;
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	assert_int_equal(set_int(sock, IP, 2, 9), 0);
	assert_int_equal(set_int(sock, IP, 1, 0x10), 0);
	assert_int_equal(set_int(sock, TCP, 2, 700), 0);
	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	assert_int_equal(weir_output(h.a, h.if_a, h.now, &packet, 1), 1);
	assert_int_equal(packet.slice[0].data[8], 9);
	assert_int_equal(packet.slice[0].data[1], 0x10);
	assert_int_equal(packet.slice[0].data[40], 2);
	assert_int_equal(packet.slice[0].data[42] << 8 | packet.slice[0].data[43], 700);
	sock = a_socket(h.a, WEIR_INET6, WEIR_STREAM);
	assert_int_equal(set_int(sock, IPV6, 16, 33), 0);
	assert_int_equal(set_int(sock, IPV6, 67, 0xb8), 0);
	assert_int_equal(weir_connect(sock, &six), -WEIR_EINPROGRESS);
	assert_int_equal(weir_output(h.a, h.if_a, h.now, &packet, 1), 1);
	assert_int_equal(packet.slice[0].data[7], 33);
	assert_int_equal((packet.slice[0].data[0] & 15) << 4 | packet.slice[0].data[1] >> 4, 0xb8);
	hosts_done(&h);
}

/* DSCP with the two bits of ECN, and TTL or hop limit, of the next packet that a sends. */
static void next_header(struct hosts *h, uint8_t *tos, uint8_t *ttl)
{
	struct weir_packet packet;
	const uint8_t *ip;

	assert_int_equal(weir_output(h->a, h->if_a, h->now, &packet, 1), 1);
	ip = packet.slice[0].data;
	*tos = ip[0] >> 4 == 4 ? ip[1] : (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	*ttl = ip[0] >> 4 == 4 ? ip[8] : ip[7];
	weir_input(h->b, h->if_b, &packet, 1, h->now);
	hosts_run(h);
}

/* [9293 MUST-48, MUST-49, SHLD-21, SHLD-22] From the next segment on, unchanged but for the bits of ECN, which TCP sets
 * itself. */
static void header_changes_while_connected(const char *any, const char *to, int level, int tos_name, int ttl_name)
{
	struct weir_socket *listener, *client, *server;
	struct weir_config ca, cb;
	uint8_t tos, ttl;
	struct hosts h;

	memset(&h, 0, sizeof(h));
	hosts_config(&h, &ca, 1);
	hosts_config(&h, &cb, 2);
	ca.ecn = WEIR_ECN_ON;
	hosts_start(&h, WEIR_LINK_IP, &ca, &cb);
	listener = a_listener(h.b, level == IP ? WEIR_INET : WEIR_INET6, any, 80);
	client = a_connection(&h, listener, to, 80, &server);
	assert_int_equal(say(client, "1", 1), 1);
	next_header(&h, &tos, &ttl);
	assert_int_equal(tos, 2); /* ECT(0) */
	assert_int_equal(ttl, 64);
	assert_int_equal(set_int(client, level, tos_name, 0xb9), 0);
	assert_int_equal(get_int(client, level, tos_name), 0xb8);
	assert_int_equal(set_int(client, level, ttl_name, 3), 0);
	assert_int_equal(say(client, "2", 1), 1);
	next_header(&h, &tos, &ttl);
	assert_int_equal(tos, 0xb8 | 2);
	assert_int_equal(ttl, 3);
	assert_int_equal(weir_shutdown(client, WEIR_SHUT_WR), 0);
	next_header(&h, &tos, &ttl);
	assert_int_equal(tos, 0xb8);
	assert_int_equal(set_int(client, level, ttl_name, -1), 0);
	assert_int_equal(say(server, "3", 1), 1);
	hosts_carry(&h, h.b, h.if_b, h.a, h.if_a);
	next_header(&h, &tos, &ttl); /* an acknowledgement alone */
	assert_int_equal(tos, 0xb8);
	assert_int_equal(ttl, 64);
	hosts_done(&h);
}

static void while_connected_v4(void **state)
{
	(void)state;
	header_changes_while_connected("0.0.0.0", "10.0.0.2", IP, 1, 2);
}

static void while_connected_v6(void **state)
{
	(void)state;
	header_changes_while_connected("::", "fd00::2", IPV6, 67, 16);
}

/* TCP_CORK and MSG_MORE hold a tail back until they are lifted; TCP_NODELAY lets it go behind what is under way. */
static void held_back(void **state)
{
	struct weir_slice piece = {(const uint8_t *)"half a line", 11};
	struct weir_socket *listener, *client, *server;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(set_int(client, TCP, 3, 1), 0);
	assert_int_equal(say(client, "header", 6), 6);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 0);
	assert_int_equal(set_int(client, TCP, 3, 0), 0);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 6);
	assert_int_equal(weir_send(client, &piece, 1, WEIR_MSG_MORE), 11);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 6);
	assert_int_equal(weir_send(client, &piece, 1, 0), 11);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 28);
	/* Held back for good it is not. */
	assert_int_equal(weir_send(client, &piece, 1, WEIR_MSG_MORE), 11);
	hosts_wait(&h, weir_ms(300));
	assert_int_equal(info_of(server).recvq_bytes, 39);
	/* Nagle: while something is under way a small piece waits, unless TCP_NODELAY. */
	assert_int_equal(say(client, "1", 1), 1);
	hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
	assert_int_equal(say(client, "2", 1), 1);
	hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
	assert_int_equal(info_of(server).recvq_bytes, 40);
	assert_int_equal(set_int(client, TCP, 1, 1), 0);
	hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
	assert_int_equal(info_of(server).recvq_bytes, 41);
	hosts_done(&h);
}

static void tcp_info(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct hosts h;
	uint8_t raw[512];
	uint32_t len = sizeof(raw), word;
	uint64_t acked;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(say(client, "hello", 5), 5);
	hosts_wait(&h, weir_ms(100));
	assert_int_equal(weir_getsockopt(client, TCP, 11, raw, &len), 0);
	assert_int_equal(len, 280);
	assert_int_equal(raw[0], WEIR_TCP_ESTABLISHED);
	memcpy(&word, raw + 236, 4); /* rehash, and other fields that nothing is behind */
	assert_int_equal(word, 0);
	memcpy(&word, raw + 16, 4);
	assert_int_equal(word, 1460 - 12);
	memcpy(&word, raw + 60, 4);
	assert_int_equal(word, 1500);
	memcpy(&acked, raw + 120, 8);
	assert_int_equal(acked, 5);
	memcpy(&word, raw + 156, 4); /* data_segs_out */
	assert_int_equal(word, 1);
	memcpy(&word, raw + 192, 4); /* delivered: the SYN, too */
	assert_int_equal(word, 2);
	len = 1;
	assert_int_equal(weir_getsockopt(listener, TCP, 11, raw, &len), 0);
	assert_int_equal(len, 1);
	assert_int_equal(raw[0], WEIR_TCP_LISTEN);
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ranges),
	    cmocka_unit_test(errors),
	    cmocka_unit_test(named_ones),
	    cmocka_unit_test(inherited),
	    cmocka_unit_test(on_the_wire),
	    cmocka_unit_test(tcp_info),
	    cmocka_unit_test(held_back),
	    cmocka_unit_test(while_connected_v4),
	    cmocka_unit_test(while_connected_v6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
