/* SPDX-License-Identifier: Apache-2.0
 *
 * See tcp_info.h.
 */
#include "sock/tcp_info.h"

#include "sock/option.h"
#include "tcp/pace.h"

#include <string.h>

static uint32_t us(weir_duration d)
{
	return (uint32_t)(d.ns / WEIR_NS_PER_US);
}

/* Linux's names: open, disorder, CWR, recovery, loss. */
static uint8_t ca_state(const struct tcb *tcb, const struct weir_socket_info *info)
{
	enum { OPEN = 0, DISORDER = 1, REDUCED = 2, RECOVERY = 3, LOSS = 4 };

	if (tcb->in_loss)
		return LOSS;
	if (tcb->in_recovery)
		return RECOVERY;
	if (tcb->ecn_reducing)
		return REDUCED;
	return info->sacked_bytes > 0 || tcb->dup_acks > 0 ? DISORDER : OPEN;
}

static uint32_t ms(weir_duration d)
{
	return (uint32_t)(d.ns / WEIR_NS_PER_MS);
}

/* The degree is in segments, and three at least, though a path that reorders is waited for by time. */
static void fill_order(struct sock_tcp_info *to, const struct weir_socket_info *info, uint32_t mss)
{
	uint32_t late = (info->reorder_most_bytes + mss - 1) / mss;

	to->reordering = late > 3 ? late : 3;
	to->reord_seen = info->reorderings;
	to->rcv_ooopack = info->out_of_order_segs;
	to->dsack_dups = info->dsacks;
}

static void fill_totals(struct sock_tcp_info *to, const struct weir_socket_info *info)
{
	to->last_data_sent = ms(info->since_sent);
	to->last_data_recv = ms(info->since_text);
	to->last_ack_recv = ms(info->since_heard);
	to->data_segs_in = (uint32_t)info->text_segs_in;
	to->data_segs_out = (uint32_t)info->text_segs_out;
	to->delivered = (uint32_t)info->delivered_segs;
	to->busy_time = us(info->busy);
	to->rwnd_limited = us(info->window_limited);
	to->sndbuf_limited = us(info->queue_limited);
	to->total_rto = info->timeouts < UINT16_MAX ? (uint16_t)info->timeouts : UINT16_MAX;
	to->total_rto_recoveries = info->timeout_episodes < UINT16_MAX ? (uint16_t)info->timeout_episodes : UINT16_MAX;
	to->total_rto_time = ms(info->timeout_time);
}

static void fill_marks(struct sock_tcp_info *to, const struct weir_socket_info *info)
{
	enum { COUNTERS_SEEN = 2 }; /* TCP_ACCECN_OPT_COUNTER_SEEN */

	to->received_ce = info->marked_in;
	to->delivered_ce = info->marked_out;
	to->received_e0_bytes = info->ect0_bytes_in;
	to->received_e1_bytes = info->ect1_bytes_in;
	to->received_ce_bytes = info->ce_bytes_in;
	to->delivered_e0_bytes = info->ect0_bytes_out;
	to->delivered_e1_bytes = info->ect1_bytes_out;
	to->delivered_ce_bytes = info->ce_bytes_out;
	to->accecn_opt_seen = info->accurate_bytes ? COUNTERS_SEEN : 0;
}

/* 0: it does not pace; no limit is the greatest number, as on Linux. */
static void fill_pace(struct sock_tcp_info *to, const struct pace *pace)
{
	to->pacing_rate = pace ? tcp_pace_rate(pace) : 0;
	to->max_pacing_rate = pace && pace->limit ? pace->limit : UINT64_MAX;
}

static void fill_connection(const struct weir_socket *s, struct sock_tcp_info *to)
{
	const struct tcb *tcb = &s->u.tcb;
	struct weir_socket_info info;
	uint32_t mss = tcb->snd.mss ? tcb->snd.mss : 1;

	memset(&info, 0, sizeof(info));
	tcp_fill_info(sock_host(s), tcb, &info);
	/* Linux shows a connection in TIME_WAIT that still has a descriptor as closed. */
	to->state = info.state == WEIR_TCP_TIME_WAIT ? WEIR_TCP_CLOSED : (uint8_t)info.state;
	to->ca_state = ca_state(tcb, &info);
	to->retransmits = (uint8_t)info.retransmits;
	to->probes = tcb->probes;
	to->backoff = tcb->retransmits;
	if (tcb->snd.peer_mss > 0) /* they are agreed */
		to->options = (uint8_t)((tcb->timestamps ? 1 : 0) | (tcb->sack ? 2 : 0) | (tcb->scaling ? 4 : 0) |
		                        (tcb->ecn ? 8 : 0));
	to->options |= (uint8_t)((tcb->ecn_seen ? 16 : 0) | (tcb->syn_text ? 32 : 0));
	to->flags = (uint8_t)((info.delivery_limited ? 1 : 0) | (unsigned)info.fast_open_fail << 1);
	to->wscale = (uint8_t)(info.snd_wscale | info.rcv_wscale << 4);
	to->rto = us(info.rto);
	to->ato = us(sock_host(s)->config.delayed_ack);
	to->snd_mss = info.snd_mss;
	to->rcv_mss = info.rcv_mss;
	to->unacked = (seq_dist(tcb->snd.una, tcb->snd.max) + mss - 1) / mss;
	to->sacked = (info.sacked_bytes + mss - 1) / mss;
	/* What was taken for lost and has been sent again is both until it has arrived. */
	to->lost = (info.lost_bytes + info.again_bytes + mss - 1) / mss;
	to->retrans = (info.again_bytes + mss - 1) / mss;
	to->pmtu = s->path.mtu_bytes;
	to->rtt = us(info.srtt);
	to->rttvar = us(info.rttvar);
	to->snd_ssthresh = info.ssthresh_bytes == UINT32_MAX ? INT32_MAX : info.ssthresh_bytes / mss;
	to->snd_cwnd = info.cwnd_bytes / mss;
	to->advmss = (uint32_t)(tcb->mtu - (tcb->is_v6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES) - TCP_HEADER_BYTES);
	to->rcv_space = to->rcv_ssthresh = (uint32_t)info.recvq_limit;
	if (tcb->tuning && tcb->tuning->window_clamp > 0 && tcb->tuning->window_clamp < to->rcv_ssthresh)
		to->rcv_ssthresh = tcb->tuning->window_clamp;
	fill_order(to, &info, mss);
	fill_totals(to, &info);
	fill_marks(to, &info);
	fill_pace(to, tcb->pace);
	to->delivery_rate = info.delivery_rate;
	to->rcv_rtt = us(info.rcv_rtt);
	to->total_retrans = (uint32_t)info.resent;
	to->bytes_acked = info.written_bytes - info.sendq_bytes;
	to->bytes_received = info.delivered_bytes + info.recvq_bytes;
	to->segs_out = (uint32_t)info.segs_out;
	to->segs_in = (uint32_t)info.segs_in;
	to->notsent_bytes = (uint32_t)info.sendq_unsent_bytes;
	to->min_rtt = us(info.min_rtt);
	to->bytes_sent = info.written_bytes - info.sendq_unsent_bytes + info.bytes_resent;
	to->bytes_retrans = info.bytes_resent;
	to->snd_wnd = info.snd_wnd;
	to->rcv_wnd = info.rcv_wnd;
}

void option_fill_tcp_info(const struct weir_socket *s, void *value, uint32_t *len)
{
	struct sock_tcp_info info;

	memset(&info, 0, sizeof(info));
	if (s->kind == SOCK_CONNECTION) {
		fill_connection(s, &info);
	} else if (s->kind == SOCK_LISTENER) {
		/* Linux puts the accept list's length and bound here. */
		info.state = WEIR_TCP_LISTEN;
		info.unacked = s->u.listener.accept_len;
		info.sacked = s->u.listener.backlog;
	} else {
		info.state = WEIR_TCP_CLOSED;
	}
	if (*len > sizeof(info))
		*len = sizeof(info);
	if (*len)
		memcpy(value, &info, *len);
}
