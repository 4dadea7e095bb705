/* SPDX-License-Identifier: Apache-2.0
 *
 * In: one frame or packet, through link header, IP header and address policy, to a verdict.
 *
 * Policy [W-IP-1 ... W-IP-5, A-1 ... A-8]: what is not addressed to this interface is dropped, and so is what
 * comes from an address no other host can have. TTL is not looked at [W-IP-3]. Nothing is decapsulated. What comes over
 * the loopback interface came from ourselves: its source is not questioned.
 *
 * No allocation and no clearing of struct net_packet on the way: headers are parsed where they lie.
 * A packet whose headers are spread over slices is copied into the scratch once.
 */
#include "base/likely.h"
#include "net/net_internal.h"

enum { IP_IGMP = 2, IP_NONE6 = 59 };

/* The packet as it is being looked at: as it came, or copied into one slice. */
struct arrival {
	const struct weir_slice *slice;
	unsigned slices;
	size_t len;
	struct weir_slice whole;
};

static bool scratch_ready(struct net *net)
{
	if (!net->scratch)
		net->scratch = memory_alloc(&net->host->memory, NET_SCRATCH_BYTES);
	return net->scratch != NULL;
}

/* Copies slices into the scratch. Returns their length; 0 when it does not fit or there is no memory. */
static size_t gather(struct net *net, const struct weir_slice *slice, unsigned n)
{
	size_t len = 0;

	if (!scratch_ready(net)) {
		host_count(net->host, drop_no_memory);
		return 0;
	}
	for (unsigned k = 0; k < n; k++) {
		if (slice[k].len > NET_SCRATCH_BYTES - len)
			return 0;
		if (slice[k].len)
			memcpy(net->scratch + len, slice[k].data, slice[k].len);
		len += slice[k].len;
	}
	return len;
}

static bool arrival_gather(struct net *net, struct arrival *a)
{
	a->len = gather(net, a->slice, a->slices);
	a->whole = (struct weir_slice){net->scratch, a->len};
	a->slice = &a->whole;
	a->slices = 1;
	return a->len > 0;
}

bool net_linearise(struct net *net, struct net_packet *packet)
{
	size_t len;

	if (packet->payloads == 1)
		return true;
	len = gather(net, packet->payload, packet->payloads);
	if (len == 0)
		return false;
	packet->payload[0] = (struct weir_slice){net->scratch, len};
	packet->payloads = 1;
	return true;
}

/* Finds the IP payload behind skip bytes. false: the slices hold less than the header promised. */
static bool payload_find(const struct arrival *a, size_t skip, struct net_packet *out)
{
	size_t want = out->ip.payload_bytes;
	unsigned n = 0;

	for (unsigned k = 0; k < a->slices && want > 0; k++) {
		const struct weir_slice *s = &a->slice[k];
		size_t take;

		if (unlikely(s->len <= skip)) {
			skip -= s->len;
			continue;
		}
		take = s->len - skip < want ? s->len - skip : want;
		out->payload[n++] = (struct weir_slice){s->data + skip, take};
		want -= take;
		skip = 0;
	}
	if (unlikely(n == 0))
		out->payload[n++] = (struct weir_slice){a->slice[0].data, 0};
	out->payloads = (uint8_t)n;
	return want == 0;
}

/* Is the destination one of this interface's? Sets broadcast for those that are everybody's. */
static enum drop destination_check(const struct net *net, const struct interface *i, struct net_packet *p)
{
	const weir_addr *dst = &p->ip.dst;

	if (likely(interface_has(i, dst)) || (i->loopback && net_is_local(net, dst)))
		return p->broadcast ? drop_ip_link_broadcast : DROP_NONE; /* [W-IP-4] */
	if (interface_broadcast(i, dst) || (weir_addr_is_multicast(dst) && group_heard(i, dst))) {
		p->broadcast = true;
		return DROP_NONE;
	}
	return drop_ip_not_ours;
}

/* Can this be another host's address? [W-IP-2, A-1, A-2] */
static bool source_possible(const struct net *net, const struct interface *i, const struct wire_ip *ip)
{
	const weir_addr *src = &ip->src;

	if (ip->version == 4) {
		if (unlikely(src->b[12] == 0 || src->b[12] == 127 || src->b[12] >= 224))
			return false;
		if (unlikely(interface_broadcast(i, src)))
			return false;
	} else if (weir_addr_is_any(src) || weir_addr_is_loopback(src) || src->b[0] == 0xff) {
		return false;
	}
	return !net_is_local(net, src);
}

static enum drop policy_check(const struct net *net, const struct interface *i, struct net_packet *p)
{
	enum drop reason;

	/* An IPv6 packet may not speak for IPv4 addresses. */
	if (p->ip.version == 6 && (weir_addr_is_v4(&p->ip.src) || weir_addr_is_v4(&p->ip.dst)))
		return drop_ip_martian_source;
	reason = destination_check(net, i, p);
	/* [9293 MUST-63] */
	if (likely(reason == DROP_NONE) && !i->loopback && unlikely(!source_possible(net, i, &p->ip)))
		reason = drop_ip_martian_source;
	if (likely(reason == DROP_NONE) && unlikely(p->ip.fragment))
		reason = drop_ip_fragment;
	return reason;
}

/* From the IP header on. */
static enum drop ip_input(struct net *net, struct interface *i, struct arrival *a, unsigned type,
                          struct net_packet *out)
{
	bool more = false;
	enum drop reason;

	for (;;) {
		size_t head = a->slice[0].len < a->len ? a->slice[0].len : a->len;

		reason = wire_ip_parse(a->slice[0].data + i->link_bytes, head - i->link_bytes, a->len - i->link_bytes,
		                       out->trusted, &out->ip, &more);
		if (likely(!more) || a->slices == 1)
			break;
		if (!arrival_gather(net, a))
			return drop_ip_short;
		more = false;
	}
	if (unlikely(reason != DROP_NONE))
		return reason;
	if (type && (type == ETH_IPV4) != (out->ip.version == 4))
		return drop_ip_version;
	if (unlikely(!payload_find(a, (size_t)i->link_bytes + out->ip.header_bytes, out)))
		return drop_ip_total_length;
	return policy_check(net, i, out);
}

/* Ethernet: DROP_NONE with *type set, or why not. */
static enum drop ethernet_input(const struct interface *i, const struct arrival *a, struct net_packet *out,
                                unsigned *type)
{
	struct wire_eth eth;
	enum drop reason = wire_eth_parse(a->slice[0].data, a->slice[0].len, &eth);

	if (reason != DROP_NONE)
		return reason;
	if (eth.dst[0] & 1) {
		if (!group_mac_heard(i, eth.dst))
			return drop_eth_not_ours;
		out->broadcast = true;
	} else if (memcmp(eth.dst, i->config.mac, 6) != 0) {
		return drop_eth_not_ours;
	}
	if (eth.type != ETH_IPV4 && eth.type != ETH_IPV6 && eth.type != ETH_ARP)
		return drop_eth_type;
	*type = eth.type;
	return DROP_NONE;
}

static enum net_verdict deliver(struct net *net, struct net_packet *p)
{
	bool v4 = p->ip.version == 4;

	if (likely(p->ip.protocol == IP_TCP))
		return NET_TCP;
	switch (p->ip.protocol) {
	case IP_UDP:
		return NET_UDP;
	case IP_ICMP:
	case IP_ICMPV6:
		if (v4 == (p->ip.protocol == IP_ICMP))
			return icmp_input(net, p);
		break;
	case IP_IGMP: /* [W-ICMP-1] no error about it */
		break;
	default:
		if (v4 || p->ip.protocol != IP_NONE6)
			icmp_protocol_unreachable(net, p);
		break;
	}
	host_drop(net->host, drop_ip_protocol, 0);
	return NET_DONE;
}

static COLD enum net_verdict dropped(struct net *net, enum drop reason)
{
	host_drop(net->host, reason, 0);
	return NET_DONE;
}

FAST_PATH enum net_verdict net_input(struct net *net, unsigned ifindex, const struct weir_packet *packet,
                                     struct net_packet *out)
{
	struct interface *i = interface_get(net, ifindex);
	struct arrival a;
	enum drop reason = DROP_NONE;
	unsigned type = 0;

	host_count(net->host, drop_packets_in);
	a.slice = packet->slice;
	a.slices = packet->slices;
	a.len = packet->len;
	if (unlikely(!i || a.slices == 0 || a.slices > WEIR_PACKET_SLICES))
		return dropped(net, drop_ip_short);
	out->packet = packet;
	out->ifindex = (uint16_t)ifindex;
	out->trusted = i->trusted || (packet->flags & WEIR_PACKET_TRUSTED);
	out->broadcast = (packet->flags & WEIR_PACKET_LINK_BROADCAST) != 0;
	if (a.slices > 1 && unlikely(a.slice[0].len < i->link_bytes + (size_t)IPV4_HEADER_BYTES) &&
	    !arrival_gather(net, &a))
		return dropped(net, drop_ip_short);
	if (i->link_bytes) {
		reason = ethernet_input(i, &a, out, &type);
		if (reason == DROP_NONE && a.len < i->link_bytes)
			reason = drop_eth_short;
		if (reason != DROP_NONE)
			return dropped(net, reason);
		if (type == ETH_ARP) {
			if (a.slices > 1 && !arrival_gather(net, &a))
				return dropped(net, drop_arp_malformed);
			arp_input(net, i, a.slice[0].data + ETH_HEADER_BYTES, a.slice[0].len - ETH_HEADER_BYTES);
			return NET_DONE;
		}
	}
	reason = ip_input(net, i, &a, type, out);
	return likely(reason == DROP_NONE) ? deliver(net, out) : dropped(net, reason);
}
