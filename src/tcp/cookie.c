/* SPDX-License-Identifier: Apache-2.0
 *
 * See cookie.h.
 */
#include "tcp/cookie.h"

#include "tcp/internal.h"

#include <string.h>

enum { MSS_BITS = 3, MINUTE_BIT = 1 << MSS_BITS, MAC_SHIFT = MSS_BITS + 1 };
enum {
	OPTION_MASK = 0x3f,
	OPTION_WSCALE = 0x0f,
	OPTION_SACK = 0x10,
	OPTION_ECN = 0x20,
	NO_WSCALE = 0x0f,
	NO_TIMESTAMPS = 0xff
};
enum { ECN_ASKED = TCP_ECE | TCP_CWR };
enum { MINUTE_S = 64, LIFE_S = 2 * MINUTE_S };

/* Ascending; the largest that the peer takes is remembered. The usual links with and without tunnels, of both
 * families. */
static const uint16_t sizes[1 << MSS_BITS] = {TCP_MIN_MSS, 536, 1220, 1360, 1400, 1440, 1460, 8940};

static uint64_t minute(const struct host *h)
{
	return (uint64_t)h->now.ns / (MINUTE_S * WEIR_NS_PER_S);
}

static unsigned size_for(uint32_t mss)
{
	unsigned i = (1 << MSS_BITS) - 1;

	while (i > 0 && sizes[i] > mss)
		i--;
	return i;
}

/* The ISS that goes with all this. */
static seq_t cookie_of(const struct host *h, const struct weir_endpoint *local, const struct weir_endpoint *remote,
                       seq_t irs, uint64_t at, unsigned size, uint8_t options)
{
	uint32_t raw = seq_raw(irs);
	uint8_t data[50];
	uint32_t mac;

	memcpy(data, local->addr.b, 16);
	memcpy(data + 16, remote->addr.b, 16);
	memcpy(data + 32, &local->port, 2);
	memcpy(data + 34, &remote->port, 2);
	memcpy(data + 36, &raw, 4);
	memcpy(data + 40, &at, 8);
	data[48] = (uint8_t)size;
	data[49] = options;
	mac = (uint32_t)siphash24(&h->key_cookie, data, sizeof(data));
	return seq_make(mac << MAC_SHIFT | (at & 1 ? MINUTE_BIT : 0) | size);
}

/* What the last bits of TSval say. */
static uint8_t options_of(const struct host *h, const struct tcp_segment *syn)
{
	const struct tcp_options *opt = &syn->opt;
	uint8_t bits = NO_WSCALE;

	if (!h->config.timestamps || !opt->has_timestamps)
		return NO_TIMESTAMPS;
	if (h->config.window_scaling && opt->has_wscale)
		bits = opt->wscale;
	if (h->config.sack && opt->sack_permitted)
		bits |= OPTION_SACK;
	if (h->config.ecn != WEIR_ECN_OFF && (syn->flags & ECN_ASKED) == ECN_ASKED)
		bits |= OPTION_ECN;
	return bits;
}

/* The connection's clock, a little back where the bits need it: it will never go behind this. */
static uint32_t stamp(const struct host *h, seq_t iss, uint8_t options)
{
	uint32_t now = (uint32_t)(h->now.ns / WEIR_NS_PER_MS) + tcp_ts_offset(iss);
	uint32_t value = (now & ~(uint32_t)OPTION_MASK) | options;

	return (int32_t)(value - now) > 0 ? value - (OPTION_MASK + 1) : value;
}

bool tcp_cookies_out(const struct host *h, const struct tcp_listener *l)
{
	return weir_time_before(h->now, l->cookies_until);
}

void tcp_cookie_answer(struct host *h, struct tcp_listener *l, const struct weir_endpoint *local,
                       const struct weir_endpoint *remote, const struct tcp_segment *syn, uint16_t mtu, uint32_t rqs,
                       uint32_t largest_rqs, struct tcp_segment *answer)
{
	bool v6 = !weir_addr_is_v4(&remote->addr);
	uint8_t options = options_of(h, syn);
	struct tcp_options *opt = &answer->opt;

	memset(answer, 0, sizeof(*answer));
	answer->flags = TCP_SYN | TCP_ACK;
	answer->seq = cookie_of(h, local, remote, syn->seq, minute(h), size_for(tcp_mss_told(&syn->opt, v6)), options);
	answer->ack = seq_add(syn->seq, 1);
	answer->wnd = (uint16_t)(rqs < 65535 ? rqs : 65535);
	opt->has_mss = true;
	opt->bsd_order = h->config.bsd_syn_options;
	opt->mss_bytes = (uint16_t)(mtu - (v6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES) - TCP_HEADER_BYTES);
	if (options != NO_TIMESTAMPS) {
		opt->has_timestamps = true;
		opt->ts_val = stamp(h, answer->seq, options);
		opt->ts_ecr = syn->opt.ts_val;
		answer->flags |= options & OPTION_ECN ? TCP_ECE : 0;
		opt->sack_permitted = options & OPTION_SACK;
		opt->has_wscale = (options & OPTION_WSCALE) != NO_WSCALE;
		opt->wscale = tcp_window_shift(h, largest_rqs);
	}
	l->cookies_until = weir_time_add(h->now, weir_s(LIFE_S));
	host_count(h, drop_tcp_cookies_sent);
	if (syn->text_bytes > 0) /* [W-SM-21] */
		host_count(h, drop_tcp_syn_text);
}

bool tcp_cookie_good(const struct host *h, const struct weir_endpoint *local, const struct weir_endpoint *remote,
                     const struct tcp_segment *ack, struct tcp_segment *syn)
{
	seq_t iss = seq_sub(ack->ack, 1), irs = seq_sub(ack->seq, 1);
	unsigned size = seq_raw(iss) & (MINUTE_BIT - 1);
	bool timestamps = h->config.timestamps && ack->opt.has_timestamps;
	uint8_t options = timestamps ? ack->opt.ts_ecr & OPTION_MASK : NO_TIMESTAMPS;
	uint64_t at = minute(h);

	if (((at & 1) != 0) != ((seq_raw(iss) & MINUTE_BIT) != 0))
		at--;
	if (!seq_eq(iss, cookie_of(h, local, remote, irs, at, size, options)))
		return false;
	memset(syn, 0, sizeof(*syn));
	syn->src_port = ack->src_port;
	syn->dst_port = ack->dst_port;
	syn->flags = TCP_SYN;
	syn->seq = irs;
	syn->wnd = ack->wnd;
	syn->opt.has_mss = true;
	syn->opt.mss_bytes = sizes[size];
	if (timestamps) {
		syn->opt.has_timestamps = true;
		syn->flags |= options & OPTION_ECN ? ECN_ASKED : 0;
		syn->opt.ts_val = ack->opt.ts_val;
		syn->opt.sack_permitted = options & OPTION_SACK;
		syn->opt.has_wscale = (options & OPTION_WSCALE) != NO_WSCALE;
		syn->opt.wscale = options & OPTION_WSCALE;
	}
	return options_of(h, syn) == options; /* else we have been configured otherwise since */
}

void tcp_cookie_opened(const struct host *h, struct tcb *tcb)
{
	tcb->snd.nxt = tcb->snd.max = seq_add(tcb->iss, 1);
	tcb->sent_again = true; /* when it left is not known: no round trip */
	tcb->segs_out = 1;
	tcb->defer_accept = 0; /* nothing is sent again, so nothing would end the wait */
	tcp_window_advertise(h, tcb, true);
}
