/* SPDX-License-Identifier: Apache-2.0
 *
 * Aimed faults, and segments as text.
 */
#include "sim/aim.h"

#include "link/frame.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_aims_init(struct sim_aims *aims)
{
	*aims = (struct sim_aims){.rule = NULL};
}

void sim_aims_deinit(struct sim_aims *aims)
{
	free(aims->rule);
	free(aims->flow);
	free(aims->chain);
	sim_aims_init(aims);
}

bool sim_aims_add(struct sim_aims *aims, const struct sim_aim_rule *rule)
{
	struct sim_aim_rule *more = realloc(aims->rule, (aims->rules + 1) * sizeof(*more));

	if (more == NULL)
		return false;
	aims->rule = more;
	more[aims->rules++] = *rule;
	return true;
}

static bool same_end(const struct weir_endpoint *a, const struct weir_endpoint *b)
{
	return a->port == b->port && weir_addr_equal(&a->addr, &b->addr);
}

static uint32_t flow_hash(const struct weir_endpoint *from, const struct weir_endpoint *to)
{
	uint64_t h = from->addr.q[0] ^ from->addr.q[1] * 3 ^ to->addr.q[0] * 5 ^ to->addr.q[1] * 7;

	h ^= (uint64_t)from->port << 32 ^ (uint64_t)to->port << 11;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static struct sim_flow *find_flow(struct sim_aims *aims, const struct weir_endpoint *from,
                                  const struct weir_endpoint *to)
{
	uint32_t at = aims->chains > 0 ? aims->chain[flow_hash(from, to) & (aims->chains - 1)] : 0;

	for (; at != 0; at = aims->flow[at - 1].next) {
		if (same_end(&aims->flow[at - 1].from, from) && same_end(&aims->flow[at - 1].to, to))
			return &aims->flow[at - 1];
	}
	return NULL;
}

static void chain_flow(struct sim_aims *aims, uint32_t i)
{
	struct sim_flow *flow = &aims->flow[i];
	uint32_t *first = &aims->chain[flow_hash(&flow->from, &flow->to) & (aims->chains - 1)];

	flow->next = *first;
	*first = i + 1;
}

/* Twice the room when it is full; as many chains as there is room for flows. */
static bool flow_room(struct sim_aims *aims)
{
	uint32_t more = aims->chains > 0 ? 2 * aims->chains : 16;
	struct sim_flow *flow;
	uint32_t *chain;

	if (aims->flows < aims->chains)
		return true;
	flow = realloc(aims->flow, more * sizeof(*flow));
	if (flow == NULL)
		return false;
	aims->flow = flow;
	chain = calloc(more, sizeof(*chain));
	if (chain == NULL)
		return false;
	free(aims->chain);
	aims->chain = chain;
	aims->chains = more;
	for (uint32_t i = 0; i < aims->flows; i++)
		chain_flow(aims, i);
	return true;
}

static void learn(struct sim_aims *aims, const struct sim_segment *s)
{
	struct sim_flow *flow = find_flow(aims, &s->src, &s->dst);

	if (flow == NULL) {
		if (!flow_room(aims))
			return;
		flow = &aims->flow[aims->flows];
		flow->from = s->src;
		flow->to = s->dst;
		chain_flow(aims, aims->flows++);
	}
	flow->iss = s->seg.seq;
	flow->has_scale = s->seg.opt.has_wscale;
	flow->scale = s->seg.opt.wscale;
}

bool sim_segment_is_plain(const struct weir_packet *packet)
{
	enum { LEAST = ETH_HEADER_BYTES + IPV6_HEADER_BYTES + TCP_HEADER_BYTES, FLAGS_AT = 13 };
	const uint8_t *frame = packet->slice[0].data, *ip = frame + ETH_HEADER_BYTES;
	uint32_t header;

	if (packet->slice[0].len < LEAST)
		return false;
	if (ip[0] >> 4 == 6) {
		header = IPV6_HEADER_BYTES;
		if (ip[6] != IP_TCP)
			return false;
	} else {
		header = (uint32_t)(ip[0] & 15) * 4;
		if (ip[9] != IP_TCP || header > IPV6_HEADER_BYTES)
			return false;
	}
	return (ip[header + FLAGS_AT] & TCP_SYN) == 0;
}

/* What is not TCP. */
static void read_other(const struct wire_ip *ip, const struct weir_slice *payload, bool trusted, struct sim_segment *s)
{
	struct wire_udp udp;

	s->icmp = (ip->protocol == IP_ICMP || ip->protocol == IP_ICMPV6) && payload->len >= 2;
	if (s->icmp) {
		s->icmp_type = payload->data[0];
		s->icmp_code = payload->data[1];
	} else if (ip->protocol == IP_UDP) {
		s->udp = wire_udp_parse(payload, 1, ip, trusted, &udp) == DROP_NONE;
		s->damaged = !s->udp;
	}
	if (s->udp) {
		s->src.port = udp.src_port;
		s->dst.port = udp.dst_port;
		s->payload_bytes = udp.payload_bytes;
	}
}

bool sim_segment_read(struct sim_aims *aims, const struct weir_packet *packet, struct sim_segment *s)
{
	const struct weir_slice *whole = &packet->slice[0];
	const struct sim_flow *flow, *back;
	struct link_frame frame;
	struct weir_slice payload;
	enum drop wrong;
	bool more = false;

	*s = (struct sim_segment){.tcp = false};
	if (packet->slices != 1 || !link_frame_parse(whole->data, whole->len, whole->len, WEIR_LINK_ETHERNET, &frame))
		return false;
	s->src.addr = frame.ip.src;
	s->dst.addr = frame.ip.dst;
	payload = (struct weir_slice){whole->data + frame.transport_at, frame.ip.payload_bytes};
	if (frame.ip.protocol != IP_TCP || frame.ip.fragment) {
		if (!frame.ip.fragment)
			read_other(&frame.ip, &payload, (packet->flags & WEIR_PACKET_TRUSTED) != 0, s);
		return true;
	}
	wrong = wire_tcp_parse(&payload, 1, &frame.ip, (packet->flags & WEIR_PACKET_TRUSTED) != 0, &s->seg, &more);
	if (wrong != DROP_NONE) {
		s->damaged = true;
		return true;
	}
	s->tcp = true;
	s->src.port = s->seg.src_port;
	s->dst.port = s->seg.dst_port;
	if (s->seg.flags & TCP_SYN)
		learn(aims, s);
	flow = find_flow(aims, &s->src, &s->dst);
	back = find_flow(aims, &s->dst, &s->src);
	s->seq = flow != NULL ? seq_raw(s->seg.seq) - seq_raw(flow->iss) : seq_raw(s->seg.seq);
	s->seq = (uint32_t)s->seq;
	s->ack = back != NULL ? (uint32_t)(seq_raw(s->seg.ack) - seq_raw(back->iss)) : seq_raw(s->seg.ack);
	s->window_bytes = s->seg.wnd;
	if (!(s->seg.flags & TCP_SYN) && flow != NULL && back != NULL && flow->has_scale && back->has_scale)
		s->window_bytes <<= flow->scale;
	return true;
}

seq_t sim_flow_seq(struct sim_aims *aims, const struct weir_endpoint *from, const struct weir_endpoint *to,
                   uint32_t relative)
{
	const struct sim_flow *flow = find_flow(aims, from, to);

	return flow == NULL ? seq_make(relative) : seq_add(flow->iss, relative);
}

static const char *other_text(const struct sim_segment *s, char *text)
{
	/* Destination unreachable: type and code of port unreachable in the two families. */
	bool v4 = weir_addr_is_v4(&s->dst.addr);
	bool refuses =
	    s->icmp && (v4 ? s->icmp_type == 3 && s->icmp_code == 3 : s->icmp_type == 1 && s->icmp_code == 4);
	char to[WEIR_ADDR_TEXT];

	weir_addr_format(&s->dst.addr, to);
	if (s->udp && weir_addr_is_multicast(&s->dst.addr))
		snprintf(text, SIM_SEGMENT_TEXT, "UDP %u bytes for %s:%u", s->payload_bytes, to, s->dst.port);
	else if (s->udp)
		snprintf(text, SIM_SEGMENT_TEXT, "UDP %u bytes to port %u", s->payload_bytes, s->dst.port);
	else if (refuses)
		snprintf(text, SIM_SEGMENT_TEXT, "ICMP port unreachable");
	else if (s->icmp)
		snprintf(text, SIM_SEGMENT_TEXT, "ICMP type %u code %u", s->icmp_type, s->icmp_code);
	else
		snprintf(text, SIM_SEGMENT_TEXT, s->damaged ? "damaged" : "packet");
	return text;
}

const char *sim_segment_text(const struct sim_segment *s, char *text)
{
	static const struct {
		uint8_t flag;
		const char *name;
	} names[] = {{TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}};
	size_t n = 0;

	text[0] = '\0';
	if (!s->tcp)
		return other_text(s, text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (s->seg.flags & names[i].flag)
			n += (size_t)snprintf(text + n, SIM_SEGMENT_TEXT - n, "%s%s", n > 0 ? "," : "", names[i].name);
	}
	if (s->seg.text_bytes > 0)
		n += (size_t)snprintf(text + n, SIM_SEGMENT_TEXT - n, "%s%" PRIu32 " bytes %" PRIu64 "..%" PRIu64,
		                      n > 0 ? " " : "", s->seg.text_bytes, s->seq - 1, s->seq - 2 + s->seg.text_bytes);
	if (s->seg.flags & TCP_ACK)
		n += (size_t)snprintf(text + n, SIM_SEGMENT_TEXT - n, "%sACK %" PRIu64,
		                      n == 0                  ? ""
		                      : s->seg.text_bytes > 0 ? " "
		                                              : ",",
		                      s->ack);
	if (!(s->seg.flags & (TCP_SYN | TCP_RST)) && s->seg.text_bytes == 0)
		snprintf(text + n, SIM_SEGMENT_TEXT - n, " win %" PRIu32, s->window_bytes);
	return text;
}

static bool fits(const struct sim_aim_rule *r, const struct sim_segment *s, int from, int to, int link, weir_time now)
{
	uint8_t flags = s->seg.flags;

	if (r->ended || (r->from >= 0 && r->from != from) || (r->to >= 0 && r->to != to) ||
	    (r->link >= 0 && r->link != link))
		return false;
	if (weir_time_before(now, r->after) || !weir_time_before(now, r->before))
		return false;
	if (r->udp && !r->any_packet)
		return s->udp && (r->port == 0 || r->port == s->dst.port);
	if (!s->tcp)
		return r->any_packet;
	if (r->port != 0 && r->port != s->dst.port)
		return false;
	if ((flags & r->flags) != r->flags)
		return false;
	if ((r->flags & TCP_SYN) && !(r->flags & TCP_ACK) && (flags & TCP_ACK))
		return false;
	if ((r->data || r->has_byte) && s->seg.text_bytes == 0)
		return false;
	return !r->has_byte || (s->seq - 1 <= r->byte && r->byte < s->seq - 1 + s->seg.text_bytes);
}

struct link_aim sim_aims_at(struct sim_aims *aims, const struct sim_segment *segment, int from, int to, int link,
                            weir_time now)
{
	struct link_aim aim = {LINK_AIM_NONE, {0}};

	for (unsigned i = 0; i < aims->rules; i++) {
		struct sim_aim_rule *r = &aims->rule[i];

		if (!fits(r, segment, from, to, link, now))
			continue;
		r->fitted++;
		if (aim.action != LINK_AIM_NONE) /* each rule counts for itself */
			continue;
		if (r->nth == 0 || r->fitted == r->nth || (r->onward && r->fitted > r->nth))
			aim = (struct link_aim){r->action, r->extra};
	}
	return aim;
}
