/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP (RFC 792, RFC 1122 s3.2.2) and ICMPv6 (RFC 4443): echo is answered, errors go up, unreachables go out.
 * All else is ignored by a counter: timestamps and masks [I-8], redirects [I-4, W-ICMP-5], source quench [9293
 * MUST-55], for now also neighbour discovery.
 *
 * An error goes up only when it quotes a packet that we could have sent, to the address it was
 * sent from; whether a connection recognises it is the sockets' business [W-ICMP-4].
 *
 * Limits on errors sent [W-ICMP-2, I-5, I-6]: limit.h, with a bucket for each destination. What goes to ourselves is
 * not limited. The quote is bounded: in all 576 bytes over IPv4, 1280 over IPv6, and never more than was there [I-1].
 */
#include "net/net_internal.h"

#include <string.h>

enum {
	ALL_BURST = 50,
	ALL_PER_SECOND = 1000,
	PEER_BURST = 10,
	PEER_PER_SECOND = 10,
	ERROR4_BYTES = 576,
	ERROR6_BYTES = 1280,
};

static bool error_allowed(struct net *net, const weir_addr *peer)
{
	static const struct net_limit_rates rates = {PEER_BURST, PEER_PER_SECOND, ALL_BURST, ALL_PER_SECOND};

	return net_limit_allows(&net->icmp_limit, net->host, peer, &rates);
}

/* The network that a source is in, as far as anybody can choose addresses in it: /24, /64. */
static weir_addr neighbourhood(const weir_addr *source)
{
	weir_addr a = *source;
	unsigned keep = weir_addr_is_v4(source) ? 15 : 8;

	memset(a.b + keep, 0, sizeof(a.b) - keep);
	return a;
}

bool net_reset_allowed(struct net *net, const struct net_packet *p)
{
	const struct interface *in = interface_get(net, p->ifindex);
	uint32_t rate = net->host->config.reset_rate;
	struct net_limit_rates rates = {rate, rate, 10 * rate, 10 * rate};
	weir_addr to = neighbourhood(&p->ip.src);

	return rate == 0 || (in && in->loopback) || net_limit_allows(&net->reset_limit, net->host, &to, &rates);
}

/* Path for an answer to p: from the address it was sent to, to where it came from, nowhere else [W-ICMP-3, I-7]. */
static bool answer_path(struct net *net, const struct net_packet *p, struct net_path *path)
{
	unsigned zone = weir_addr_is_link_local6(&p->ip.src) ? p->ifindex : 0;

	if (net_route(net, &p->ip.src, &p->ip.dst, zone, false, path) == 0)
		return true;
	host_drop(net->host, drop_no_route, 0);
	return false;
}

/* An empty ICMP message of this length towards p's sender, with its header in ip; NULL when there is no way. */
static struct outgoing *answer_new(struct net *net, const struct net_packet *p, size_t bytes, struct net_path *path,
                                   struct wire_ip *ip)
{
	size_t header = p->ip.version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;

	/* An IPv4 answer may be cut on its way; an IPv6 one may not. */
	if (!answer_path(net, p, path) ||
	    header + bytes > (p->ip.version == 4 ? path->link_mtu_bytes : path->mtu_bytes))
		return NULL;
	*ip = (struct wire_ip){
	    .src = p->ip.dst,
	    .dst = p->ip.src,
	    .version = p->ip.version,
	    .protocol = p->ip.version == 4 ? IP_ICMP : IP_ICMPV6,
	    .ttl = net->host->config.ttl,
	    .payload_bytes = (uint16_t)bytes,
	};
	return outgoing_new(net, net->interface[path->ifindex], header + bytes);
}

static void echo_answer(struct net *net, const struct net_packet *p, const struct wire_icmp *request)
{
	const struct weir_slice *message = &p->payload[0];
	uint8_t type = p->ip.version == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY;
	struct net_path path;
	struct wire_ip ip;
	struct outgoing *packet = answer_new(net, p, message->len, &path, &ip);

	if (!packet)
		return;
	ip.tos = p->ip.tos & 0xfc; /* RFC 1349 s5.1: as the request; its ECN bits are not ours to repeat */
	wire_icmp_emit(outgoing_payload(packet, net->interface[path.ifindex], &ip), &ip.src, &ip.dst, type, 0,
	               request->rest, message->data + ICMP_HEADER_BYTES, message->len - ICMP_HEADER_BYTES);
	outgoing_send(net, &path, &ip, packet);
}

static enum net_verdict dropped(struct net *net, enum drop reason)
{
	host_drop(net->host, reason, 0);
	return NET_DONE;
}

static bool error_plausible(const struct net *net, const struct net_packet *p)
{
	return p->icmp.quoted_valid && !p->broadcast && weir_addr_equal(&p->icmp.quoted_src, &p->ip.dst) &&
	       net_is_local(net, &p->icmp.quoted_src);
}

enum net_verdict icmp_input(struct net *net, struct net_packet *p)
{
	enum drop reason;

	if (!net_linearise(net, p))
		return dropped(net, drop_no_memory);
	reason = wire_icmp_parse(p->payload[0].data, p->payload[0].len, &p->ip, p->trusted, &p->icmp);
	if (reason != DROP_NONE)
		return dropped(net, reason);
	switch (p->icmp.kind) {
	case ICMP_ECHO_REQUEST:
		if (p->broadcast)
			return dropped(net, drop_icmp_broadcast); /* */
		echo_answer(net, p, &p->icmp);
		return NET_DONE;
	case ICMP_ECHO_ANSWER:
	case ICMP_OTHER:
		return dropped(net, drop_icmp_type);
	case ICMP_NET_UNREACHABLE:
	case ICMP_HOST_UNREACHABLE:
	case ICMP_PROTOCOL_UNREACHABLE:
	case ICMP_PORT_UNREACHABLE:
	case ICMP_PROHIBITED:
	case ICMP_PACKET_TOO_BIG:
	case ICMP_TTL_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		break;
	}
	return error_plausible(net, p) ? NET_ERROR : dropped(net, drop_icmp_error_no_match);
}

/* Copies bytes of the packet as it arrived, from its IP header on; they are there, net_input() has seen them. */
static void quote(const struct net_packet *p, size_t link_bytes, uint8_t *out, size_t bytes)
{
	const struct weir_packet *packet = p->packet;
	size_t skip = link_bytes;

	for (unsigned k = 0; k < packet->slices && bytes > 0; k++) {
		const struct weir_slice *s = &packet->slice[k];
		size_t take;

		if (s->len <= skip) {
			skip -= s->len;
			continue;
		}
		take = s->len - skip < bytes ? s->len - skip : bytes;
		memcpy(out, s->data + skip, take);
		out += take;
		bytes -= take;
		skip = 0;
	}
}

static void error_send(struct net *net, const struct net_packet *p, uint8_t type, uint8_t code, uint32_t rest)
{
	uint8_t body[ERROR6_BYTES - IPV6_HEADER_BYTES - ICMP_HEADER_BYTES];
	size_t most = p->ip.version == 4 ? ERROR4_BYTES - IPV4_HEADER_BYTES - ICMP_HEADER_BYTES : sizeof(body);
	size_t there = (size_t)p->ip.header_bytes + p->ip.payload_bytes;
	size_t quoted = there < most ? there : most;
	const struct interface *in = net->interface[p->ifindex];
	struct net_path path;
	struct wire_ip ip;
	struct outgoing *packet;

	/* [W-ICMP-1] Sources that are no host and fragments never come this far. */
	if (p->broadcast)
		return;
	if (!in->loopback && !error_allowed(net, &p->ip.src)) {
		host_count(net->host, drop_icmp_rate_limited);
		return;
	}
	packet = answer_new(net, p, ICMP_HEADER_BYTES + quoted, &path, &ip);
	if (!packet)
		return;
	quote(p, in->link_bytes, body, quoted);
	wire_icmp_emit(outgoing_payload(packet, net->interface[path.ifindex], &ip), &ip.src, &ip.dst, type, code, rest,
	               body, quoted);
	outgoing_send(net, &path, &ip, packet);
}

void net_port_unreachable(struct net *net, const struct net_packet *packet)
{
	enum { PORT4 = 3, PORT6 = 4 };

	if (packet->ip.version == 4)
		error_send(net, packet, ICMP4_UNREACHABLE, PORT4, 0);
	else
		error_send(net, packet, ICMP6_UNREACHABLE, PORT6, 0);
}

/* Where in an IPv6 header chain, already found right, the last next-header field is. */
static uint32_t last_next_header(const struct net_packet *p, size_t link_bytes)
{
	enum { FRAGMENT = 44, FRAGMENT_BYTES = 8, NEXT_HEADER_AT = 6 };
	uint8_t head[ERROR6_BYTES];
	size_t at = IPV6_HEADER_BYTES, bytes = p->ip.header_bytes, field = NEXT_HEADER_AT;

	if (bytes > sizeof(head))
		return NEXT_HEADER_AT;
	quote(p, link_bytes, head, bytes);
	while (at + 1 < bytes) {
		size_t len = head[field] == FRAGMENT ? (size_t)FRAGMENT_BYTES : (head[at + 1] + 1u) * 8u;

		field = at;
		at += len;
	}
	return (uint32_t)field;
}

void icmp_protocol_unreachable(struct net *net, const struct net_packet *packet)
{
	enum { PROTOCOL4 = 2, NEXT_HEADER6 = 1 };

	if (packet->ip.version == 4)
		error_send(net, packet, ICMP4_UNREACHABLE, PROTOCOL4, 0);
	else /* [W-IP-7] */
		error_send(net, packet, ICMP6_PARAMETER, NEXT_HEADER6,
		           last_next_header(packet, net->interface[packet->ifindex]->link_bytes));
}
