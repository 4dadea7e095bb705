/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP sockets (RFC 768; T1.7, T8.6): nothing is kept for resending. A datagram that was handed to the network layer
 * counts as sent, whatever becomes of it; every later drop has a counter. Datagrams over the path's MTU are refused:
 * there is no fragmentation here. Those for many are copied to this host's own sockets too (multicast.c).
 */
#include "sock/multicast.h"
#include "sock/port.h"

#include "wire/udp.h"

#include <string.h>

static int auto_bind(struct weir_socket *s)
{
	struct weir_endpoint any = {.addr = s->local.addr};
	int r;

	if (s->port)
		return 0;
	r = weir_bind(s, &any);
	if (r == 0)
		s->explicit_port = false;
	/* Nobody asked for this port by name; running out of them looks like this to a sender. */
	return r == -WEIR_EADDRINUSE ? -WEIR_EAGAIN : r;
}

/* The source address that a new path must have, or NULL. */
static const weir_addr *fixed_source(const struct weir_socket *s, bool connecting)
{
	if (!s->explicit_addr && (connecting || !s->connected))
		return NULL;
	return net_is_local(s->table->net, &s->local.addr) ? &s->local.addr : NULL;
}

static int route(struct weir_socket *s, const struct weir_endpoint *remote, bool connecting, struct net_path *path)
{
	bool group = weir_addr_is_multicast(&remote->addr);
	unsigned zone = remote->ifindex ? remote->ifindex : sock_group_interface(s, &remote->addr);

	if (net_is_broadcast(s->table->net, &remote->addr) && !s->opt.broadcast)
		return -WEIR_EACCES;
	return net_route(s->table->net, &remote->addr, fixed_source(s, connecting), zone, group || s->opt.broadcast,
	                 path);
}

/* The socket's place in the table of ports follows its new local address. */
static int move(struct weir_socket *s, const weir_addr *to)
{
	weir_addr was = s->local.addr;
	bool counted = s->port_counted;
	int r;

	if (counted && weir_addr_equal(&was, to))
		return 0;
	if (counted)
		sock_port_uncount(s, &was);
	s->local.addr = *to;
	r = sock_port_count(s);
	if (r == 0)
		return 0;
	s->local.addr = was;
	/* Its old counter was freed a moment ago; without memory even for that it is unconnected. */
	if (counted && sock_port_count(s) < 0) {
		s->connected = false;
		if (!s->explicit_addr)
			s->local.addr = sock_any(s);
	}
	return r;
}

int sock_udp_connect(struct weir_socket *s, const struct weir_endpoint *to)
{
	struct weir_endpoint remote;
	struct net_path path;
	int r = sock_normalise(s, to, &remote);

	if (r == 0)
		r = route(s, &remote, true, &path);
	if (r == 0)
		r = auto_bind(s);
	if (r < 0)
		return r;
	sock_tuples_remove(s);
	r = move(s, &path.src);
	if (r == 0) {
		s->remote = remote;
		s->path = path;
		s->connected = true;
		s->error = 0;
	}
	if (s->connected)
		sock_tuples_insert(s);
	return r;
}

int sock_udp_shutdown(struct weir_socket *s, enum weir_shutdown_how how)
{
	/* Linux: on an unconnected socket it acts, and says ENOTCONN. */
	if (how != WEIR_SHUT_WR)
		s->shut_read = true;
	if (how != WEIR_SHUT_RD)
		s->shut_write = true;
	sock_mark_ready(s);
	return s->connected ? 0 : -WEIR_ENOTCONN;
}

static int64_t take_error(struct weir_socket *s)
{
	int error = s->error;

	s->error = 0;
	return -error;
}

static size_t total(const struct weir_slice *vec, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += vec[i].len;
	return sum;
}

/* Does a datagram for this group stay on this host? Not one hop, or a scope no wider than the interface (RFC 4291
 * s2.7). */
static bool stays_here(const struct weir_socket *s, const weir_addr *group)
{
	if (weir_addr_is_v4(group))
		return s->opt.multicast_ttl == 0;
	return s->opt.multicast_hops == 0 || (group->b[1] & 0xf) <= 1;
}

static uint8_t ttl_of(const struct weir_socket *s, const weir_addr *to)
{
	bool v4 = weir_addr_is_v4(to);
	uint8_t ttl = v4 ? s->opt.ttl : s->opt.hops;

	if (weir_addr_is_multicast(to))
		return v4 ? s->opt.multicast_ttl : s->opt.multicast_hops;
	return ttl ? ttl : sock_host(s)->config.ttl;
}

/* The copies of this host's own sockets: they take the datagram as if it had come in where it leaves. */
static void loop_back(struct weir_socket *s, const struct net_path *path, const struct weir_endpoint *remote,
                      const struct weir_slice *data, unsigned n, size_t len)
{
	bool group = weir_addr_is_multicast(&remote->addr);
	bool wanted = !group || (weir_addr_is_v4(&remote->addr) ? s->opt.multicast_loop4 : s->opt.multicast_loop6);
	struct sock_tuple tuple = {
	    .protocol = IP_UDP,
	    .local = {remote->addr, remote->port, 0},
	    .remote = {path->src, s->local.port, sock_zone(&path->src, path->ifindex)},
	};

	if (!wanted || (group && !net_group_member(s->table->net, path->ifindex, &remote->addr)))
		return;
	sock_queue_for_all(s->table, &tuple, path->ifindex, data, n, (uint32_t)len);
}

/* Hands one datagram to the network layer. */
static int emit(struct weir_socket *s, struct net_path *path, const struct weir_endpoint *remote,
                const struct weir_slice *data, unsigned n, size_t len)
{
	uint8_t header[UDP_HEADER_BYTES];
	struct weir_slice slice[1 + WEIR_PACKET_SLICES];
	bool v4 = weir_addr_is_v4(&remote->addr), group = weir_addr_is_multicast(&remote->addr);
	struct wire_ip ip = {
	    .src = path->src,
	    .dst = remote->addr,
	    .version = v4 ? 4 : 6,
	    .protocol = IP_UDP,
	    .ttl = ttl_of(s, &remote->addr),
	    .tos = v4 ? s->opt.tos : s->opt.tclass,
	    .dont_fragment = sock_dont_fragment(s),
	    .payload_bytes = (uint16_t)(UDP_HEADER_BYTES + len),
	};

	sock_datagram_mtu(s, path, &ip);
	if (UDP_HEADER_BYTES + len + (v4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES) > path->mtu_bytes)
		return -WEIR_EMSGSIZE;
	if (group || net_is_broadcast(s->table->net, &remote->addr))
		loop_back(s, path, remote, data, n, len);
	if (group && stays_here(s, &remote->addr))
		return 0;
	wire_udp_emit(header, &ip.src, &ip.dst, s->local.port, remote->port, data, n, path->no_checksum);
	slice[0] = (struct weir_slice){header, sizeof(header)};
	for (unsigned i = 0; i < n; i++)
		slice[1 + i] = data[i];
	return net_send(s->table->net, path, &ip, slice, 1 + n);
}

static int64_t send_one(struct weir_socket *s, const struct weir_slice *vec, unsigned n, size_t len,
                        const struct weir_endpoint *to)
{
	struct weir_endpoint remote;
	struct net_path path;
	int r;

	if (to) {
		r = sock_normalise(s, to, &remote);
		if (r == 0)
			r = route(s, &remote, false, &path);
		if (r < 0)
			return r;
		r = auto_bind(s);
		if (r == 0)
			r = emit(s, &path, &remote, vec, n, len);
	} else {
		r = emit(s, &s->path, &s->remote, vec, n, len);
		if (r == -WEIR_EHOSTUNREACH)
			s->error = WEIR_EHOSTUNREACH;
	}
	/* A full queue or a silent next hop is the network's doing: counted there, not told (T1.7). */
	if (r < 0 && r != -WEIR_ENOBUFS && r != -WEIR_EHOSTUNREACH)
		return r;
	host_count(sock_host(s), drop_udp_out);
	sock_notice_bytes(s, WEIR_EVENT_WRITE, s->u.udp.sent, len);
	s->u.udp.sent += len;
	return (int64_t)len;
}

int64_t sock_udp_send(struct weir_socket *s, const struct weir_slice *vec, size_t n, const struct weir_endpoint *to)
{
	struct memory *m = &sock_host(s)->memory;
	size_t len = total(vec, n), at = 0;
	struct weir_slice whole;
	uint8_t *copy;
	int64_t r;

	if (s->error)
		return take_error(s);
	if (s->shut_write)
		return -WEIR_EPIPE;
	if (!to && !s->connected)
		return -WEIR_EDESTADDRREQ;
	if (to && to->port == 0)
		return -WEIR_EINVAL;
	if (len > UDP_MAX_PAYLOAD_BYTES)
		return -WEIR_EMSGSIZE;
	if (n <= WEIR_PACKET_SLICES - 1)
		return send_one(s, vec, (unsigned)n, len, to);
	copy = memory_alloc(m, len + 1);
	if (!copy)
		return -WEIR_ENOMEM;
	for (size_t i = 0; i < n; at += vec[i++].len)
		if (vec[i].len)
			memcpy(copy + at, vec[i].data, vec[i].len);
	whole = (struct weir_slice){copy, len};
	r = send_one(s, &whole, 1, len, to);
	memory_free(m, copy, len + 1);
	return r;
}

int64_t weir_sendto(struct weir_socket *s, const void *data, size_t len, const struct weir_endpoint *to)
{
	struct weir_slice vec = {data, len};

	/* Linux: an address on a stream socket is ignored. */
	if (s->kind != SOCK_DATAGRAM)
		return weir_send(s, &vec, 1, 0);
	return sock_udp_send(s, &vec, 1, to);
}

int64_t weir_recvfrom(struct weir_socket *s, void *buffer, size_t len, unsigned flags, struct weir_endpoint *from)
{
	uint64_t before;
	int64_t r;

	if (s->kind != SOCK_DATAGRAM) {
		if (from && weir_getpeername(s, from) < 0)
			*from = s->remote;
		return weir_recv(s, buffer, len, flags);
	}
	if (s->error)
		return take_error(s);
	before = s->u.udp.delivered;
	r = udp_queue_get(&s->u.udp, &sock_host(s)->memory, buffer, len, flags & WEIR_MSG_PEEK, from);
	if (r == -WEIR_EAGAIN)
		return s->shut_read ? 0 : r;
	if (!(flags & WEIR_MSG_PEEK))
		sock_notice_bytes(s, WEIR_EVENT_READ, before, s->u.udp.delivered - before);
	return (flags & WEIR_MSG_TRUNC) || (uint64_t)r <= len ? r : (int64_t)len;
}
