/* SPDX-License-Identifier: Apache-2.0
 *
 * How much one large segment may stand for, when weir_config.gso_time bounds it: what the connection sends in that time
 * at its present rate. A slow connection then does not hold a link for long, and its receiver hears of it sooner; near
 * peers, where a packet more costs little time, get more.
 */
#include "tcp/internal.h"

/* Twice a window a round trip while the window grows fast, else somewhat more than one. */
enum { FAST_TENTHS = 20, STEADY_TENTHS = 12 };

/* 512 us */
enum { NEAR_SHIFT = 9 };

uint32_t tcp_burst(const struct host *h, const struct tcb *tcb, uint32_t mss)
{
	uint32_t window = tcb->cwnd / 10, near = (uint32_t)(tcb->min_rtt.ns / WEIR_NS_PER_US) >> NEAR_SHIFT;
	uint64_t bytes;

	if (tcb->srtt.ns == 0)
		return UINT32_MAX;
	bytes = (uint64_t)window * (tcb->cwnd < tcb->ssthresh / 2 ? FAST_TENTHS : STEADY_TENTHS) *
	        (uint64_t)h->config.gso_time.ns / (uint64_t)tcb->srtt.ns;
	bytes += near < 32 ? tcb->gso_max >> near : 0;
	bytes -= bytes % mss;
	if (bytes < (uint64_t)h->config.gso_segments * mss)
		bytes = (uint64_t)h->config.gso_segments * mss;
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}
