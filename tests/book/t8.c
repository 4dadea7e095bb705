/* SPDX-License-Identifier: Apache-2.0
 *
 * T8.1 ... T8.5: demultiplexing (Fig. 6.12), and who may have which port.
 */
#include "support/hosts.h"

#include "wire/ip.h"

/* T8.1 Every accepted socket has the listener's port. */
BOOK(T8_1, accepted_sockets_share_the_listeners_port)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *server[3];

	for (int i = 0; i < 3; i++) {
		CHECK_EQ(hosts_start_connect(hosts_socket(A), B, SERVER_PORT), -WEIR_EINPROGRESS);
		hosts_settle();
		server[i] = hosts_accept(listener);
		CHECK_EQ(hosts_info(server[i]).local.port, SERVER_PORT);
	}
	CHECK_EQ(hosts_info(listener).local.port, SERVER_PORT);
	CHECK(hosts_info(server[0]).remote.port != hosts_info(server[1]).remote.port);
}

/* T8.2 Among several that match, the one with the fewest wildcards. */
BOOK(T8_2, fewest_wildcards_win)
{
	struct weir_endpoint at_b = hosts_end(B, 99), at_a = hosts_end(A, 40001), other = hosts_end(A, 40002);
	struct weir_endpoint wrong_port = hosts_end(B, 98);
	struct weir_socket *any = hosts_listen(B, 99, 5), *one, *client, *server;
	unsigned wildcards = 9;

	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &at_a, &at_b, &wildcards), weir_socket_id(any));
	CHECK_EQ(wildcards, 3);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &at_a, &wrong_port, &wildcards), 0);

	client = hosts_socket(A);
	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	CHECK_EQ(hosts_start_connect(client, B, 99), -WEIR_EINPROGRESS);
	hosts_settle();
	server = hosts_accept(any);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &at_a, &at_b, &wildcards), weir_socket_id(server));
	CHECK_EQ(wildcards, 0);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &other, &at_b, &wildcards), weir_socket_id(any));

	hosts_close(any);
	one = hosts_socket(B);
	hosts_set(one, LEVEL_SOCKET, OPT_REUSEADDR, 1);
	hosts_set(server, LEVEL_SOCKET, OPT_REUSEADDR, 1);
	CHECK_EQ(hosts_bind(one, at_b), 0);
	CHECK_EQ(weir_listen(one, 5), 0);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &other, &at_b, &wildcards), weir_socket_id(one));
	CHECK_EQ(wildcards, 2);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &at_a, &at_b, &wildcards), weir_socket_id(server));
}

/* -- T8.3: a host with 10.1.2.3 and 192.168.3.2 */

struct figure {
	struct weir_socket *socket[2];             /* 0 listens on *:99, 1 on 10.1.2.3:99 */
	struct weir_socket *accepted;              /* 2: by structure 0, at 192.168.3.2:99 */
	struct weir_endpoint first, second;        /* its addresses, port 99 */
	struct weir_endpoint remote, other_remote; /* 172.16.1.10, ports 56789 and 5555 */
};

static weir_addr mapped(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	if (!hosts_over_ipv6())
		return weir_addr_v4(a, b, c, d);
	return (weir_addr){.b = {0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d}};
}

/* A is 172.16.1.10, B has the two addresses; host routes both ways. */
static void add_addresses(struct figure *f)
{
	unsigned bits = hosts_over_ipv6() ? 128 : 32;

	f->first = (struct weir_endpoint){.addr = mapped(10, 1, 2, 3), .port = 99};
	f->second = (struct weir_endpoint){.addr = mapped(192, 168, 3, 2), .port = 99};
	f->remote = (struct weir_endpoint){.addr = mapped(172, 16, 1, 10), .port = 56789};
	f->other_remote = (struct weir_endpoint){.addr = mapped(172, 16, 1, 10), .port = 5555};
	CHECK_EQ(weir_address_add(hosts_stack(B), hosts_ifindex(B), &f->first.addr, bits), 0);
	CHECK_EQ(weir_address_add(hosts_stack(B), hosts_ifindex(B), &f->second.addr, bits), 0);
	CHECK_EQ(weir_address_add(hosts_stack(A), hosts_ifindex(A), &f->remote.addr, bits), 0);
	CHECK_EQ(weir_route_add(hosts_stack(A), &f->first.addr, bits, hosts_ifindex(A), NULL), 0);
	CHECK_EQ(weir_route_add(hosts_stack(A), &f->second.addr, bits, hosts_ifindex(A), NULL), 0);
	CHECK_EQ(weir_route_add(hosts_stack(B), &f->remote.addr, bits, hosts_ifindex(B), NULL), 0);
}

static struct weir_socket *connect_from(const struct weir_endpoint *from, const struct weir_endpoint *to)
{
	struct weir_socket *s = hosts_socket(A);

	CHECK_EQ(weir_bind(s, from), 0);
	CHECK_EQ(weir_connect(s, to), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK_EQ(hosts_info(s).state, WEIR_TCP_ESTABLISHED);
	return s;
}

/*
 * Two listeners on overlapping addresses need Linux's SO_REUSEPORT; Fig. 6.12 takes it for granted.
 */
static struct figure make_figure(void)
{
	struct figure f;

	add_addresses(&f);
	for (int i = 0; i < 2; i++) {
		f.socket[i] = hosts_socket(B);
		hosts_set(f.socket[i], LEVEL_SOCKET, 15 /* SO_REUSEPORT */, 1);
		CHECK_EQ(hosts_bind(f.socket[i], i == 0 ? hosts_any(99) : f.first), 0);
		CHECK_EQ(weir_listen(f.socket[i], 5), 0);
	}
	connect_from(&f.other_remote, &f.second);
	f.accepted = hosts_accept(f.socket[0]);
	return f;
}

/* T8.3 A packet from 172.16.1.10:56789 to 10.1.2.3:99 goes to structure 1. */
BOOK(T8_3, packet_of_figure_6_12_goes_to_structure_1)
{
	struct figure f = make_figure();
	unsigned wildcards = 9;

	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &f.remote, &f.first, &wildcards), weir_socket_id(f.socket[1]));
	CHECK_EQ(wildcards, 2);
	/* and the others: to structure 0 by its wildcard, to structure 2 as a connection */
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &f.remote, &f.second, &wildcards), weir_socket_id(f.socket[0]));
	CHECK_EQ(wildcards, 3);
	CHECK_EQ(weir_demux(hosts_stack(B), IP_TCP, &f.other_remote, &f.second, &wildcards),
	         weir_socket_id(f.accepted));
	CHECK_EQ(wildcards, 0);
}

/* T8.3 The same with the packet itself: the SYN makes its child at structure 1. */
BOOK(T8_3, syn_of_figure_6_12_is_accepted_by_structure_1)
{
	struct figure f = make_figure();
	struct weir_socket *taken, *none;

	connect_from(&f.remote, &f.first);
	CHECK_EQ(weir_accept(f.socket[0], &none), -WEIR_EAGAIN);
	taken = hosts_accept(f.socket[1]);
	CHECK(weir_addr_equal(&(weir_addr[]){hosts_info(taken).local.addr}[0], &f.first.addr));
	CHECK_EQ(hosts_info(taken).remote.port, 56789);
}

/* T8.4 A match on local port and local address is an error. */
BOOK(T8_4, same_local_port_and_address_is_an_error)
{
	struct weir_endpoint at_b = hosts_end(B, 99);
	struct weir_socket *any = hosts_socket(B), *one = hosts_socket(B), *udp = hosts_datagram(B);

	CHECK_EQ(hosts_bind(any, hosts_any(99)), 0);
	CHECK_EQ(hosts_bind(one, hosts_any(99)), -WEIR_EADDRINUSE);
	CHECK_EQ(hosts_bind(one, at_b), -WEIR_EADDRINUSE); /* the wildcard covers it */
	CHECK_EQ(hosts_bind(udp, hosts_any(99)), 0);       /* another protocol has its own ports */
	hosts_close(any);
	CHECK_EQ(hosts_bind(one, at_b), 0);
	CHECK_EQ(hosts_bind(hosts_socket(B), at_b), -WEIR_EADDRINUSE);
}

/* T8.5 Which of the four values are given, picked or left open, by kind of socket. */
BOOK(T8_5, addresses_by_kind_of_socket)
{
	struct weir_endpoint at_a = hosts_end(A, 0), at_b = hosts_end(B, SERVER_PORT);
	struct weir_socket *picked = hosts_listen(B, 0, 5), *listener = hosts_listen(B, SERVER_PORT, 5);
	struct weir_socket *client = hosts_socket(A), *named = hosts_socket(A), *server, *udp = hosts_datagram(A);
	struct weir_socket_info info = hosts_info(picked);

	CHECK(info.local.port > 1023); /* ServerSocket(0): one is picked */
	CHECK(weir_addr_is_any(&info.remote.addr) && info.remote.port == 0);

	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	info = hosts_info(client);
	CHECK(info.local.port > 1023);
	CHECK(weir_addr_equal(&info.local.addr, &at_a.addr));
	server = hosts_accept(listener);
	CHECK_EQ(hosts_info(server).remote.port, info.local.port); /* from the handshake */
	CHECK_EQ(hosts_info(server).local.port, SERVER_PORT);

	at_a.port = 777;
	CHECK_EQ(hosts_bind(named, at_a), 0);
	CHECK_EQ(hosts_start_connect(named, B, SERVER_PORT), -WEIR_EINPROGRESS);
	CHECK_EQ(hosts_info(named).local.port, 777);

	CHECK_EQ(hosts_bind(udp, hosts_any(4000)), 0);
	info = hosts_info(udp);
	CHECK(weir_addr_is_any(&info.remote.addr) && info.remote.port == 0); /* wildcard until connect */
	CHECK_EQ(weir_connect(udp, &at_b), 0);
	CHECK_EQ(hosts_info(udp).remote.port, SERVER_PORT);
}

/* T8.5 The picked port is one that nobody has. */
BOOK(T8_5, picked_ports_are_unused)
{
	uint16_t port[40];

	for (int i = 0; i < 40; i++) {
		struct weir_socket *s = hosts_listen(A, 0, 1);

		port[i] = hosts_info(s).local.port;
		CHECK(port[i] > 1023);
		for (int k = 0; k < i; k++)
			CHECK(port[k] != port[i]);
	}
}
