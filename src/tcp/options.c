/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two SYNs agree on: segment size, window scale, timestamps, SACK.
 */
#include "tcp/internal.h"

/* The smallest shift with which RQS fits the 16-bit field [7323 s2.2], but not less than the configuration's: RQS may
 * grow later, the shift may not. */
uint8_t tcp_window_shift(const struct host *h, uint32_t rqs)
{
	uint8_t shift = h->config.min_window_shift;

	while (shift < TCP_MAX_WSCALE && (UINT32_C(65535) << shift) < rqs)
		shift++;
	while (shift > 0 && UINT32_C(1) << shift > rqs) /* else the field could say nothing but 0 */
		shift--;
	return shift;
}

/* Every connection's clock has its own, which the ISS tells us and nobody else. */
uint32_t tcp_ts_offset(seq_t iss)
{
	return seq_raw(iss) * UINT32_C(2654435761);
}

/* A millisecond clock with an offset of its own for every connection, so that it tells no uptime [7323 s5.4]. */
uint32_t tcp_ts_now(const struct host *h, const struct tcb *tcb)
{
	return (uint32_t)(h->now.ns / WEIR_NS_PER_MS) + tcb->ts_offset;
}

void tcp_options_offer(const struct host *h, struct tcb *tcb)
{
	tcb->timestamps = h->config.timestamps;
	tcb->sack = h->config.sack;
	tcb->scaling = h->config.window_scaling;
	tcp_ecn_offer(h, tcb);
}

/* [9293 MUST-14, MUST-67, SHLD-5, MAY-3] MSS goes on every SYN. */
void tcp_options_for_syn(const struct host *h, const struct tcb *tcb, struct tcp_options *opt)
{
	uint32_t mss = tcb->mtu - tcp_header_bytes(tcb);

	opt->has_mss = true;
	opt->bsd_order = h->config.bsd_syn_options;
	opt->mss_bytes = (uint16_t)mss;
	if (tcb->scaling) {
		opt->has_wscale = true;
		opt->wscale = tcb->rcv.shift;
	}
	opt->sack_permitted = tcb->sack;
	if (tcb->timestamps) {
		opt->has_timestamps = true;
		opt->ts_val = tcp_ts_now(h, tcb);
		opt->ts_ecr = tcb->ts_recent;
	}
}

void tcp_set_path(struct tcb *tcb, uint16_t mtu, uint32_t gso_max)
{
	tcb->mtu = mtu;
	if (tcb->path_mtu == 0)
		tcb->path_mtu = mtu;
	tcb->gso_max = gso_max;
	tcb->rcv.mss = tcb->is_v6 ? TCP_DEFAULT_MSS_V6 : TCP_DEFAULT_MSS_V4;
}

uint32_t tcp_mss_told(const struct tcp_options *opt, bool v6)
{
	if (opt->has_mss)
		return opt->mss_bytes;
	return v6 ? TCP_DEFAULT_MSS_V6 : TCP_DEFAULT_MSS_V4; /* [9293 MUST-15] */
}

void tcp_options_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn)
{
	const struct tcp_options *opt = &syn->opt;

	tcb->timestamps = tcb->timestamps && opt->has_timestamps;
	tcb->sack = tcb->sack && opt->sack_permitted;
	tcb->scaling = tcb->scaling && opt->has_wscale;
	if (tcb->scaling) {
		tcb->snd.shift = opt->wscale;
	} else {
		tcb->snd.shift = 0;
		tcb->rcv.shift = 0;
	}
	if (tcb->timestamps) {
		tcb->ts_recent = opt->ts_val;
		tcb->ts_recent_at = h->now;
	}
	tcb->snd.peer_mss = (uint16_t)tcp_mss_told(opt, tcb->is_v6);
	tcp_mtu_begin(h, tcb);
	if (opt->user_timeout_s > 0)
		tcp_user_timeout_arrives(h, tcb, opt->user_timeout_s);
	tcp_ecn_agree(h, tcb, syn);
	tcp_cc_set(h, tcb, tcb->cc);
}
