/* SPDX-License-Identifier: Apache-2.0
 *
 * struct tcp_info at Linux's layout (280 bytes; readers take a prefix). Durations are in microseconds where
 * Linux has microseconds, milliseconds for the last_* fields, segments for unacked, snd_cwnd and snd_ssthresh. A field
 * that this stack has no value for is 0: fackets, last_ack_sent, rehash, accecn_fail_mode (docs/PROGRAMS.md).
 */
#ifndef WEIR_SOCK_TCP_INFO_H
#define WEIR_SOCK_TCP_INFO_H

#include <stddef.h>
#include <stdint.h>

struct sock_tcp_info {
	uint8_t state, ca_state, retransmits, probes, backoff, options;
	uint8_t wscale; /* low half: theirs, high half: ours */
	uint8_t flags;  /* the lowest bit: delivery_rate is limited by the program; two: enum weir_fast_open_fail */
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	uint16_t total_rto, total_rto_recoveries;
	uint32_t total_rto_time;
	uint32_t received_ce, delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
	uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
	uint16_t accecn_fail_mode, accecn_opt_seen;
};

_Static_assert(offsetof(struct sock_tcp_info, rto) == 8, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, pmtu) == 60, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, total_retrans) == 100, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, pacing_rate) == 104, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, segs_out) == 136, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, delivery_rate) == 160, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, bytes_sent) == 200, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, snd_wnd) == 228, "Linux's layout");
_Static_assert(offsetof(struct sock_tcp_info, received_ce) == 248, "Linux's layout");
_Static_assert(sizeof(struct sock_tcp_info) == 280, "Linux's layout");

#endif
