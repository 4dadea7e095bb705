/* SPDX-License-Identifier: Apache-2.0
 *
 * Out: headers for TCP's segments (net_headers, net_ready), and owned packets for all else (net_send,
 * net_output): ICMP, UDP, ARP, RSTs without a connection.
 *
 * net_headers() is called for each segment: with a cached neighbour it is two copies and the emission of one IP header.
 *
 * An owned packet is one buffer that begins with the link header. It is on exactly one queue: ready or
 * given of its interface, or waiting of a neighbour; all three are bounded or emptied by the next call.
 *
 * IPv4 identification (RFC 6864): of no meaning with DF, so the caller's value (0) stays. Without DF it
 * comes from a counter that starts, for each pair of addresses and protocol, at a place nobody else can know.
 */
#include "base/likely.h"
#include "net/net_internal.h"

struct outgoing *outgoing_new(struct net *net, const struct interface *i, size_t ip_bytes)
{
	size_t frame = i->link_bytes + ip_bytes;
	size_t bytes = sizeof(struct outgoing) + (frame < ETH_MIN_FRAME_BYTES ? (size_t)ETH_MIN_FRAME_BYTES : frame);
	unsigned order = MEMORY_MIN_CLASS;
	struct outgoing *packet;

	while ((size_t)1 << order < bytes)
		order++;
	packet = memory_buffer_get(&net->host->memory, order);
	if (!packet) {
		host_count(net->host, drop_no_memory);
		return NULL;
	}
	packet->next = NULL;
	packet->order = (uint8_t)order;
	packet->len = (uint32_t)frame;
	return packet;
}

void outgoing_free(struct net *net, struct outgoing *packet)
{
	memory_buffer_put(&net->host->memory, packet, packet->order);
}

void outgoing_append(struct outgoing_queue *queue, struct outgoing *packet)
{
	packet->next = NULL;
	if (queue->last)
		queue->last->next = packet;
	else
		queue->first = packet;
	queue->last = packet;
	queue->count++;
}

struct outgoing *outgoing_take(struct outgoing_queue *queue)
{
	struct outgoing *packet = queue->first;

	if (packet) {
		queue->first = packet->next;
		if (!queue->first)
			queue->last = NULL;
		queue->count--;
	}
	return packet;
}

void outgoing_free_all(struct net *net, struct outgoing_queue *queue)
{
	struct outgoing *packet;

	while ((packet = outgoing_take(queue)) != NULL)
		outgoing_free(net, packet);
}

int outgoing_queue_frame(struct net *net, struct interface *i, struct outgoing *take_packet)
{
	if (i->ready.count >= NET_QUEUE_PACKETS) {
		outgoing_free(net, take_packet);
		host_drop(net->host, drop_output_queue_full, 0);
		return -WEIR_ENOBUFS;
	}
	if (i->config.kind == WEIR_LINK_ETHERNET && take_packet->len < ETH_MIN_FRAME_BYTES) {
		memset(take_packet->data + take_packet->len, 0, ETH_MIN_FRAME_BYTES - take_packet->len);
		take_packet->len = ETH_MIN_FRAME_BYTES;
	}
	outgoing_append(&i->ready, take_packet);
	return 0;
}

/* Many are addressed at once, and nobody is asked. false: it is not such an address. */
static bool group_header(const struct net *net, const struct interface *i, const weir_addr *addr,
                         uint8_t out[ETH_HEADER_BYTES])
{
	bool v4 = weir_addr_is_v4(addr);
	struct wire_eth eth = {.type = v4 ? ETH_IPV4 : ETH_IPV6};

	memcpy(eth.src, i->config.mac, 6);
	if (!weir_addr_is_multicast(addr)) {
		if (!net_is_broadcast(net, addr))
			return false;
		memset(eth.dst, 0xff, 6);
	} else {
		group_mac(addr, eth.dst);
	}
	wire_eth_emit(out, &eth);
	return true;
}

/* The way with a cache miss. *neighbour is set where one is in play (never for groups). */
static enum net_resolve link_header_slow(struct net *net, struct net_path *path, uint8_t *out,
                                         struct neighbour **neighbour)
{
	struct interface *i = net->interface[path->ifindex];
	enum net_resolve resolve;

	if (group_header(net, i, &path->next_hop, out))
		return NET_RESOLVED;
	resolve = neighbour_resolve(net, path, neighbour);
	if (resolve == NET_RESOLVED)
		memcpy(out, (*neighbour)->header, ETH_HEADER_BYTES);
	return resolve;
}

FAST_PATH enum net_resolve net_headers(struct net *net, struct net_path *path, const struct wire_ip *ip, uint8_t *out,
                                       size_t *len)
{
	size_t link_bytes = net->interface[path->ifindex]->link_bytes;

	if (link_bytes) {
		struct neighbour *n = neighbour_cached(net, path);

		if (likely(n != NULL)) {
			memcpy(out, n->header, ETH_HEADER_BYTES);
		} else {
			enum net_resolve resolve = link_header_slow(net, path, out, &n);

			if (resolve != NET_RESOLVED)
				return resolve;
		}
	}
	*len = link_bytes + wire_ip_emit(out + link_bytes, ip);
	return NET_RESOLVED;
}

FAST_PATH enum net_resolve net_ready(struct net *net, struct net_path *path)
{
	uint8_t header[ETH_HEADER_BYTES];
	struct neighbour *n;

	if (!net->interface[path->ifindex]->link_bytes || neighbour_cached(net, path))
		return NET_RESOLVED;
	return link_header_slow(net, path, header, &n);
}

uint16_t net_ip_id(struct net *net, const struct wire_ip *ip)
{
	struct {
		weir_addr src, dst;
		uint64_t protocol;
	} flow = {ip->src, ip->dst, ip->protocol};
	uint64_t hash = siphash24(&net->host->key_ip_id, &flow, sizeof(flow));

	return (uint16_t)((hash >> 32) + net->ip_id[hash % IP_ID_COUNTERS]++);
}

int outgoing_send(struct net *net, struct net_path *path, const struct wire_ip *ip, struct outgoing *take_packet)
{
	struct interface *i = net->interface[path->ifindex];
	struct neighbour *n = NULL;
	struct wire_ip header = *ip;
	enum net_resolve resolve = NET_RESOLVED;

	if (header.ttl == 0) /* W-IP-3 */
		header.ttl = net->host->config.ttl;
	if (header.version == 4 && !header.dont_fragment)
		header.id = net_ip_id(net, &header);
	wire_ip_emit(take_packet->data + i->link_bytes, &header);
	if (i->link_bytes) {
		n = neighbour_cached(net, path);
		if (n)
			memcpy(take_packet->data, n->header, ETH_HEADER_BYTES);
		else
			resolve = link_header_slow(net, path, take_packet->data, &n);
	}
	if (resolve == NET_UNRESOLVED) {
		outgoing_free(net, take_packet);
		host_drop(net->host, drop_neighbour_unresolved, 0);
		return -WEIR_EHOSTUNREACH;
	}
	if (resolve == NET_RESOLVING) {
		neighbour_wait(net, n, take_packet);
		return 0;
	}
	return outgoing_queue_frame(net, i, take_packet);
}

int net_send(struct net *net, struct net_path *path, const struct wire_ip *ip, const struct weir_slice *payload,
             unsigned n)
{
	const struct interface *i = net->interface[path->ifindex];
	struct wire_ip header = *ip;
	struct outgoing *packet;
	size_t bytes = 0, headers;
	uint8_t *to;

	header.version = weir_addr_is_v4(&ip->dst) ? 4 : 6;
	headers = header.version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
	for (unsigned k = 0; k < n; k++)
		bytes += payload[k].len;
	if (bytes > 65535 || headers + bytes > path->mtu_bytes)
		return -WEIR_EMSGSIZE;
	packet = outgoing_new(net, i, headers + bytes);
	if (!packet)
		return -WEIR_ENOBUFS;
	header.payload_bytes = (uint16_t)bytes;
	to = outgoing_payload(packet, i, &header);
	for (unsigned k = 0; k < n; k++) {
		if (payload[k].len)
			memcpy(to, payload[k].data, payload[k].len);
		to += payload[k].len;
	}
	return outgoing_send(net, path, &header, packet);
}

/* Apart from the question whether there are any, which is asked far more often. */
static __attribute__((noinline)) size_t hand_out(struct net *net, struct interface *i, struct weir_packet *packets,
                                                 size_t max)
{
	struct outgoing *packet;
	size_t n = 0;

	outgoing_free_all(net, &i->given);
	while (n < max && (packet = outgoing_take(&i->ready)) != NULL) {
		packets[n++] = (struct weir_packet){
		    .slice = {{packet->data, packet->len}},
		    .slices = 1,
		    .flags = i->unsummed ? WEIR_PACKET_TRUSTED : 0,
		    .len = packet->len,
		};
		outgoing_append(&i->given, packet);
	}
	host_count_n(net->host, drop_packets_out, n);
	return n;
}

FAST_PATH size_t net_output(struct net *net, unsigned ifindex, struct weir_packet *packets, size_t max)
{
	struct interface *i = interface_get(net, ifindex);

	return i && unlikely(i->ready.first || i->given.first) ? hand_out(net, i, packets, max) : 0;
}

bool net_output_pending(const struct net *net, unsigned ifindex)
{
	const struct interface *i = interface_get(net, ifindex);

	return i && i->ready.first;
}
