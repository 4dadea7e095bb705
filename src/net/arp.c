/* SPDX-License-Identifier: Apache-2.0
 *
 * ARP (RFC 826, RFC 1122 s2.3.2) and the defence of our addresses (RFC 5227 s2.4).
 *
 * Entries come only from answers to our questions and from requests for us [W-ARP-1]; all else may at
 * most touch an entry that exists, by neighbour.c's rules. Senders that cannot be a host are refused [N-3]. A probe
 * (sender 0.0.0.0, RFC 5227 s2.1.1) for an address of ours is answered, or the prober would take the address; it leaves
 * no entry. An address of ours in somebody else's hands is defended, at most once in ten seconds [N-4], and never given
 * up. RARP is no type of ours.
 */
#include "net/net_internal.h"

enum { DEFEND_INTERVAL_S = 10 };

static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t zero_mac[6];

static void arp_send(struct net *net, struct interface *i, const uint8_t dst[6], const struct wire_arp *arp)
{
	struct outgoing *packet = outgoing_new(net, i, ARP_BYTES);
	struct wire_eth eth = {.type = ETH_ARP};

	if (!packet)
		return;
	memcpy(eth.dst, dst, 6);
	memcpy(eth.src, i->config.mac, 6);
	wire_eth_emit(packet->data, &eth);
	wire_arp_emit(packet->data + ETH_HEADER_BYTES, arp);
	outgoing_queue_frame(net, i, packet);
}

static void arp_request(struct net *net, struct interface *i, const weir_addr *sender, const weir_addr *target,
                        const uint8_t dst[6])
{
	struct wire_arp arp = {.operation = ARP_REQUEST};

	memcpy(arp.sender_mac, i->config.mac, 6);
	memcpy(arp.sender_ip, sender->b + 12, 4);
	memcpy(arp.target_ip, target->b + 12, 4);
	arp_send(net, i, dst, &arp);
}

bool arp_ask(struct net *net, struct interface *i, const weir_addr *addr, const uint8_t *mac)
{
	const struct interface_address *own = NULL;

	/* An address the asked one knows as its neighbour: one in its subnet. */
	for (unsigned k = 0; k < i->addresses; k++) {
		const struct interface_address *a = &i->address[k];

		if (weir_addr_is_v4(&a->addr) && (!own || (!prefix_same(&own->addr, addr, own->prefix_bits) &&
		                                           prefix_same(&a->addr, addr, a->prefix_bits))))
			own = a;
	}
	if (!own)
		return false;
	arp_request(net, i, &own->addr, addr, mac ? mac : broadcast_mac);
	return true;
}

void arp_announce(struct net *net, struct interface *i, const weir_addr *addr)
{
	arp_request(net, i, addr, addr, broadcast_mac);
}

static void arp_answer(struct net *net, struct interface *i, const struct wire_arp *request)
{
	struct wire_arp arp = {.operation = ARP_REPLY};

	memcpy(arp.sender_mac, i->config.mac, 6);
	memcpy(arp.sender_ip, request->target_ip, 4);
	memcpy(arp.target_mac, request->sender_mac, 6);
	memcpy(arp.target_ip, request->sender_ip, 4);
	arp_send(net, i, request->sender_mac, &arp);
}

static void defend(struct net *net, struct interface *i, const weir_addr *addr)
{
	weir_time now = net->host->now;

	if (!interface_has(i, addr))
		return;
	if (i->defended && weir_time_before(now, weir_time_add(i->defended_at, weir_s(DEFEND_INTERVAL_S))))
		return;
	i->defended = true;
	i->defended_at = now;
	arp_announce(net, i, addr);
}

/* Nobody can have this address on this link. */
static bool bad_sender(const struct interface *i, const struct wire_arp *arp, const weir_addr *sender)
{
	if ((arp->sender_mac[0] & 1) || memcmp(arp->sender_mac, zero_mac, 6) == 0 ||
	    memcmp(arp->sender_mac, i->config.mac, 6) == 0)
		return true;
	return weir_addr_is_loopback(sender) || addr_is_high4(sender) || interface_broadcast(i, sender) ||
	       (addr_is_zero_net4(sender) && !weir_addr_is_any(sender));
}

static weir_addr addr_from4(const uint8_t ip[4])
{
	return weir_addr_v4(ip[0], ip[1], ip[2], ip[3]);
}

static enum drop arp_packet(struct net *net, struct interface *i, const struct wire_arp *arp)
{
	weir_addr sender = addr_from4(arp->sender_ip), target = addr_from4(arp->target_ip);
	bool for_us = interface_has(i, &target), request = arp->operation == ARP_REQUEST;
	enum drop reason;

	if (!request && arp->operation != ARP_REPLY)
		return drop_arp_not_ours; /* RFC 5494 */
	if (bad_sender(i, arp, &sender))
		return drop_arp_bad_sender;
	if (weir_addr_is_any(&sender)) {
		if (!request)
			return drop_arp_bad_sender;
		if (!for_us)
			return drop_arp_not_ours;
		arp_answer(net, i, arp);
		return DROP_NONE;
	}
	if (net_is_local(net, &sender)) {
		defend(net, i, &sender);
		return drop_arp_conflict;
	}
	reason = neighbour_learn(net, i, &sender, arp->sender_mac, !request && for_us,
	                         request && for_us && route_on_link(net, i->ifindex, &sender));
	if (!request || !for_us)
		return reason;
	arp_answer(net, i, arp);
	return reason == drop_arp_not_ours ? DROP_NONE : reason;
}

void arp_input(struct net *net, struct interface *i, const uint8_t *data, size_t len)
{
	struct wire_arp arp;
	enum drop reason = wire_arp_parse(data, len, &arp);

	if (reason == DROP_NONE)
		reason = arp_packet(net, i, &arp);
	if (reason != DROP_NONE)
		host_drop(net->host, reason, 0);
}
