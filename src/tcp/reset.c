/* SPDX-License-Identifier: Apache-2.0
 *
 * RST segments [9293 s3.5.2, s3.10.7.1]. They are replies: built here, sent by the room above.
 */
#include "tcp/internal.h"

#include <string.h>

void tcp_reset_at(seq_t seq, struct tcp_segment *rst)
{
	memset(rst, 0, sizeof(*rst));
	rst->flags = TCP_RST;
	rst->seq = seq;
}

/* [W-SM-11] The answer to a segment that belongs to nothing. */
void tcp_reset_for(const struct tcp_segment *seg, struct tcp_segment *rst)
{
	if (seg->flags & TCP_ACK) {
		tcp_reset_at(seg->ack, rst);
		return;
	}
	tcp_reset_at(seq_make(0), rst);
	rst->flags |= TCP_ACK;
	rst->ack = seq_add(seg->seq, tcp_segment_len(seg));
}

/* [W-SM-5] Ends a connection of ours: at SND.NXT as the peer knows it. */
void tcp_reset_now(const struct host *h, const struct tcb *tcb, struct tcp_segment *rst)
{
	tcp_reset_at(tcb->snd.max, rst);
	rst->flags |= TCP_ACK;
	rst->ack = tcb->rcv.nxt;
	rst->opt.has_timestamps = tcb->timestamps; /* [7323 s3.2] */
	rst->opt.ts_val = tcp_ts_now(h, tcb);
	rst->opt.ts_ecr = tcb->ts_recent;
}

void tcp_closed_arrives(const struct tcp_segment *seg, struct tcp_verdict *verdict)
{
	verdict->drop = drop_tcp_no_connection;
	verdict->reset = DROP_NONE;
	if (seg->flags & TCP_RST) /* [W-SM-10] */
		return;
	verdict->reset = drop_rst_no_connection;
	tcp_reset_for(seg, &verdict->reply);
}
