/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv6 (RFC 8200): the fixed header and the chain of extension headers behind it. The chain is walked with a bound
 * on headers and on options (RFC 8504 s5.3), each step moves on, and nothing is read past what the
 * payload length claims. Not offered: jumbograms (RFC 2675), whose option is refused by its action bits,
 * and AH, which is an unknown protocol here.
 */
#include "wire/ipv6.h"

#include "base/bytes.h"

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };
enum { MAX_EXTENSIONS = 8, MAX_OPTIONS = 32 };
enum { OPTION_PAD1 = 0, ACTION_MASK = 0xc0 };

struct chain {
	const uint8_t *head;
	size_t head_len;  /* bytes at head */
	size_t at;        /* where the next header begins */
	size_t end;       /* of the packet, by its own claim */
	uint8_t next;     /* kind of the header at `at` */
	unsigned options; /* seen so far, in all headers */
	bool more;
};

/* Options of a hop-by-hop or destination header. None is known here but padding, so the two top bits decide: 0 is
 * passed over. */
static enum drop check_options(struct chain *c, const uint8_t *option, size_t len)
{
	struct reader r = reader_make(option, len);

	while (reader_left(&r) > 0) {
		uint8_t kind = read_u8(&r);

		if (++c->options > MAX_OPTIONS)
			return drop_ip_extension;
		if (kind == OPTION_PAD1)
			continue;
		if (!read_bytes(&r, read_u8(&r)) || (kind & ACTION_MASK) != 0)
			return drop_ip_extension;
	}
	return DROP_NONE;
}

/* The header at c->at is whole and in reach: its length, or 0 with *reason. */
static size_t take(struct chain *c, enum drop *reason)
{
	size_t len = 8;

	*reason = drop_ip_extension;
	if (c->end - c->at < len)
		return 0;
	*reason = drop_ip_short;
	c->more = c->head_len < c->at + len;
	if (c->more)
		return 0;
	if (c->next != FRAGMENT)
		len += c->head[c->at + 1] * 8u;
	*reason = drop_ip_extension;
	if (c->end - c->at < len)
		return 0;
	*reason = drop_ip_short;
	c->more = c->head_len < c->at + len;
	return c->more ? 0 : len;
}

/* One extension header; *fragment is set when what follows is part of a larger packet. */
static enum drop extension(struct chain *c, struct wire_ip *ip)
{
	const uint8_t *header = c->head + c->at;
	enum drop reason;
	size_t len = take(c, &reason);
	unsigned offset_and_more;

	if (len == 0)
		return reason;
	reason = DROP_NONE;
	switch (c->next) {
	case HOP_BY_HOP:
		/* Only right behind the fixed header. */
		reason = c->at == IPV6_HEADER_BYTES ? check_options(c, header + 2, len - 2) : drop_ip_extension;
		break;
	case DESTINATION:
		reason = check_options(c, header + 2, len - 2);
		break;
	case ROUTING:
		/* With segments left it asks us to forward, which no host does (RFC 5095, for type 0). */
		reason = header[3] > 0 ? drop_ip_source_route : DROP_NONE;
		break;
	default:
		offset_and_more = load_be16(header + 2) & 0xfff9u;
		ip->fragment = offset_and_more != 0;
		ip->id = ip->fragment ? load_be16(header + 6) : 0;
	}
	c->next = header[0];
	c->at += len;
	return reason;
}

static bool is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == DESTINATION || next == ROUTING || next == FRAGMENT;
}

enum drop ipv6_parse(const uint8_t *head, size_t head_len, size_t total, struct wire_ip *ip, bool *more)
{
	struct chain c = {.head = head, .head_len = head_len, .at = IPV6_HEADER_BYTES};
	enum drop reason;

	if (head_len < IPV6_HEADER_BYTES) {
		*more = total >= IPV6_HEADER_BYTES;
		return drop_ip_short;
	}
	c.end = (size_t)IPV6_HEADER_BYTES + load_be16(head + 4);
	if (c.end > total)
		return drop_ip_total_length;
	c.next = head[6];
	*ip = (struct wire_ip){
	    .version = 6,
	    .ttl = head[7],
	    .tos = (uint8_t)(load_be16(head) >> 4),
	    .dont_fragment = true,
	};
	memcpy(ip->src.b, head + 8, 16);
	memcpy(ip->dst.b, head + 24, 16);
	for (unsigned n = 0; is_extension(c.next) && !ip->fragment; n++) {
		if (n == MAX_EXTENSIONS)
			return drop_ip_extension;
		reason = extension(&c, ip);
		*more = c.more;
		if (reason != DROP_NONE)
			return reason;
	}
	ip->protocol = c.next;
	ip->header_bytes = (uint16_t)c.at;
	ip->payload_bytes = (uint16_t)(c.end - c.at);
	return DROP_NONE;
}

void ipv6_emit(uint8_t *out, const struct wire_ip *ip)
{
	store_be32(out, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20);
	store_be16(out + 4, ip->payload_bytes);
	out[6] = ip->protocol;
	out[7] = ip->ttl;
	memcpy(out + 8, ip->src.b, 16);
	memcpy(out + 24, ip->dst.b, 16);
}
