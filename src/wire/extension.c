/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv6 extension headers [8200 s4]: hop-by-hop and destination options, routing, fragment. The walk is
 * bounded in headers and options (attacks of class ), and every length is checked before it is used.
 */
#include "base/bytes.h"
#include "wire/internal.h"

enum { MAX_HEADERS = 8, MAX_OPTIONS = 32 };
enum { OPTION_PAD1 = 0, OPTION_PADN = 1 };

/* Unknown options act by their top two bits: 00 is skipped, the others end the packet. */
static enum drop check_options(const uint8_t *option, size_t len, unsigned *seen)
{
	size_t at = 0;

	while (at < len) {
		if (++*seen > MAX_OPTIONS)
			return drop_ip_extension;
		if (option[at] == OPTION_PAD1) {
			at++;
			continue;
		}
		if (len - at < 2 || option[at + 1] > len - at - 2)
			return drop_ip_extension;
		if (option[at] != OPTION_PADN && (option[at] & 0xc0) != 0)
			return drop_ip_extension;
		at += 2u + option[at + 1];
	}
	return DROP_NONE;
}

static bool is_extension(uint8_t next)
{
	return next == IPV6_HOP_BY_HOP || next == IPV6_ROUTING || next == IPV6_FRAGMENT || next == IPV6_DESTINATION;
}

/* One header at p with `there` bytes of it. */
static enum drop check_header(uint8_t kind, const uint8_t *p, size_t bytes, struct wire_ip *ip, unsigned *options)
{
	switch (kind) {
	case IPV6_ROUTING: /* [5095; 8200 s4.4] no type is known here: only a finished one may pass */
		return p[3] == 0 ? DROP_NONE : drop_ip_extension;
	case IPV6_FRAGMENT: /* an atomic fragment is whole [6946] */
		if ((load_be16(p + 2) & 0xfff9) != 0)
			ip->fragment = true;
		return DROP_NONE;
	default:
		return check_options(p + 2, bytes - 2, options);
	}
}

enum drop wire_ip_extensions(const uint8_t *head, size_t head_len, size_t length, struct wire_ip *ip, bool *more)
{
	size_t at = IPV6_HEADER_BYTES, end = IPV6_HEADER_BYTES + length;
	uint8_t next = head[6];
	unsigned headers = 0, options = 0;

	while (is_extension(next) && !ip->fragment) {
		size_t bytes;
		enum drop reason;

		if (++headers > MAX_HEADERS || (next == IPV6_HOP_BY_HOP && headers > 1) || end - at < 8)
			return drop_ip_extension;
		if (head_len < at + 8) {
			*more = true;
			return drop_ip_short;
		}
		bytes = next == IPV6_FRAGMENT ? 8 : ((size_t)head[at + 1] + 1) * 8;
		if (bytes > end - at)
			return drop_ip_extension;
		if (head_len < at + bytes) {
			*more = true;
			return drop_ip_short;
		}
		reason = check_header(next, head + at, bytes, ip, &options);
		if (reason != DROP_NONE)
			return reason;
		next = head[at];
		at += bytes;
	}
	ip->protocol = next;
	ip->header_bytes = (uint16_t)at;
	ip->payload_bytes = (uint16_t)(end - at);
	return DROP_NONE;
}
