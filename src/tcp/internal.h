/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this room share among themselves.
 */
#ifndef WEIR_TCP_INTERNAL_H
#define WEIR_TCP_INTERNAL_H

#include "tcp/accurate.h"
#include "tcp/cc.h"
#include "tcp/ecn.h"
#include "tcp/mtu.h"
#include "tcp/pace.h"
#include "tcp/rare.h"
#include "tcp/recovery.h"
#include "tcp/tcp.h"
#include "tcp/urgent.h"

#include <weir/error.h>

enum {
	TCP_DEFAULT_MSS_V4 = 536, /* [9293 MUST-15] */
	TCP_DEFAULT_MSS_V6 = 1220,
	TCP_MIN_MSS = 64, /* a peer's smaller value is raised: no division by it, no flood of tiny segments */
	TCP_MAX_WSCALE = 14,
	TCP_TS_OPTION_BYTES = 12,
	TCP_DUP_ACKS_MAX = 64,     /* acknowledgements owed at most for one batch */
	TCP_DUP_THRESHOLD = 3,     /* [5681 s3.2] */
	TCP_OLD_ANSWERS_MAX = 128, /* to text outside the window, in one challenge_interval */
};

#define TCP_INITIAL_RTO weir_s(1) /* [6298 2.1] */
#define TCP_MAX_RTO weir_s(120)
#define TCP_PAWS_IDLE weir_s(24 * 86400) /* [7323 s5.5] */

/* What arrived out of order. The array of ranges grows from AHEAD_ORDER_FIRST to AHEAD_ORDER_LAST; with a RecvQ of
 * megabytes, in which thousands of segments may be missing at once, to AHEAD_ORDER_HUGE. */
enum {
	AHEAD_ORDER_FIRST = 8,
	AHEAD_ORDER_LAST = 13,
	AHEAD_ORDER_HUGE = 16,
	AHEAD_RANGES_MAX = (1 << AHEAD_ORDER_LAST) / sizeof(struct range)
};

struct ahead {
	struct ranges ranges;
	uint8_t order;                     /* of the array's buffer */
	seq_t recent[TCP_MAX_SACK_BLOCKS]; /* in the ranges that changed lately, the latest first */
	uint8_t recent_count;
	/* TS.Recent when the window ended at ts_edge, and a window earlier: what the window may still bring is not
	 * older than that. */
	seq_t ts_edge;
	uint32_t ts_then, ts_before;
};

/* tcb.c */
void tcb_set_state(struct tcb *tcb, enum weir_tcp_state state);
/* The connection is over: error (0 = orderly) for the program, SendQ emptied, timers off, CLOSED. RecvQ stays readable.
 */
void tcb_end(struct host *h, struct tcb *tcb, int error);
void tcb_leave_listener(struct tcb *tcb);
/* listen.c: from the incomplete list to the accept list (T5.5). */
void tcp_listener_completed(struct tcb *tcb);
/* ... and the third message, if it is to wait for text: then it is as if it had not come. */
bool tcp_third_message_waits(const struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
/* Why an opening ended, for a program that knows of it: a listener's child nobody has seen ends without a word [9293
 * MUST-11]. */
static inline int tcp_opening_error(const struct tcb *tcb, int error)
{
	return tcb->passive && tcb->state == WEIR_TCP_SYN_RECEIVED && !tcb->fast_child ? 0 : error;
}
void tcb_enter_time_wait(struct host *h, struct tcb *tcb);
/* The connection is over, and no program is left that could ask. */
void tcb_forget_measured(struct host *h, struct tcb *tcb);
void tcb_timer_start(struct tcb *tcb, enum tcb_timer timer, weir_time at);
void tcb_timer_stop(struct tcb *tcb, enum tcb_timer timer);

static inline bool tcb_timer_runs(const struct tcb *tcb, enum tcb_timer timer)
{
	return !weir_time_is_never(tcb->timer[timer]);
}

/* Sequence number of the first byte in SendQ, and the one behind the last (= that of our FIN). */
static inline seq_t tcb_send_head(const struct tcb *tcb)
{
	return seq_add(tcb->iss, 1 + (uint32_t)tcb->sndq.head);
}

static inline seq_t tcb_send_end(const struct tcb *tcb)
{
	return seq_add(tcb->iss, 1 + (uint32_t)tcb->sndq.tail);
}

/* Sent and not acknowledged, SYN and FIN counted. */
static inline uint32_t tcb_flight(const struct tcb *tcb)
{
	return seq_dist(tcb->snd.una, tcb->snd.nxt);
}

/* RCV.WND: what the peer may still send. */
static inline uint32_t tcb_receive_window(const struct tcb *tcb)
{
	return seq_dist(tcb->rcv.nxt, tcb->rcv.adv);
}

/* Has our FIN been acknowledged? */
static inline bool tcb_fin_acked(const struct tcb *tcb)
{
	return unlikely(tcb->fin_queued) && seq_gt(tcb->snd.una, tcb_send_end(tcb));
}

/* Since that instant; never 0, which stands for "none". */
static inline weir_duration tcp_round_trip(const struct host *h, weir_time sent)
{
	weir_duration rtt = weir_time_since(h->now, sent);

	return (weir_duration){rtt.ns > 0 ? rtt.ns : 1};
}

static inline uint32_t tcp_header_bytes(const struct tcb *tcb)
{
	return (tcb->is_v6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES) + TCP_HEADER_BYTES;
}

/* reset.c: RSTs [9293 s3.5.2] */
void tcp_reset_for(const struct tcp_segment *seg, struct tcp_segment *rst);
void tcp_reset_at(seq_t seq, struct tcp_segment *rst);
void tcp_reset_now(const struct host *h, const struct tcb *tcb, struct tcp_segment *rst);

/* options.c: what the SYNs agree on */
/* What may be agreed on: until it is, the control block's bits say what is offered. */
void tcp_options_offer(const struct host *h, struct tcb *tcb);
void tcp_options_for_syn(const struct host *h, const struct tcb *tcb, struct tcp_options *opt);
void tcp_options_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn);
uint8_t tcp_window_shift(const struct host *h, uint32_t rqs);
uint32_t tcp_ts_now(const struct host *h, const struct tcb *tcb);
uint32_t tcp_ts_offset(seq_t iss);
/* What the peer takes: its option, or the default [9293 MUST-15]. */
uint32_t tcp_mss_told(const struct tcp_options *opt, bool v6);
void tcp_set_path(struct tcb *tcb, uint16_t mtu, uint32_t gso_max);

/* window.c: the receive window */
bool tcp_window_update_worth(const struct tcb *tcb);
/* Asked after each call on a connection, and mostly the edge could move by less than a segment. */
static inline bool tcp_window_update_due(const struct tcb *tcb)
{
	uint32_t shut = tcb->rqs - tcb_receive_window(tcb), least = tcb->rqs / 2;

	if (tcb->rcv.mss < least)
		least = tcb->rcv.mss;
	if ((int32_t)(shut + (UINT32_C(1) << tcb->rcv.shift)) <= (int32_t)least && !tcb->tuning)
		return false;
	return tcp_window_update_worth(tcb);
}
/* Moves the right edge where the rules allow; the window field to send. */
uint16_t tcp_window_advertise(const struct host *h, struct tcb *tcb, bool syn);
void tcp_window_fit_limit(struct tcb *tcb);

/* rtt.c [6298] */
void tcp_rtt_sample(const struct host *h, struct tcb *tcb, weir_duration rtt, bool round);
void tcp_rto_from_rtt(const struct host *h, struct tcb *tcb);
void tcp_rto_back_off(struct tcb *tcb);
weir_duration tcp_rto_max(const struct tcb *tcb);

/* ack.c: the fifth check */
struct tcp_verdict;
/* Starts the one timer of what is under way: for the end of the reordering window, for the probe of the tail, or for
 * the repetition. */
void tcp_arm_retransmit(struct host *h, struct tcb *tcb);
/* SND.UNA <= SEG.ACK <= SND.NXT */
void tcp_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
void tcp_update_send_window(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
bool tcp_window_limited(struct tcb *tcb);
/* user_timeout.c. The time, 0 = none; is it over; a wait, but no longer than it leaves. */
uint32_t tcp_user_timeout_ms(const struct tcb *tcb);
bool tcp_past_user_timeout(const struct host *h, const struct tcb *tcb);
weir_duration tcp_user_timeout_left(const struct host *h, const struct tcb *tcb, weir_duration wait);
/* Its option: into a segment that has room for it; and as the peer sent it. */
void tcp_user_timeout_tell(const struct host *h, struct tcb *tcb, struct tcp_options *opt);
void tcp_user_timeout_arrives(const struct host *h, struct tcb *tcb, uint32_t seconds);
/* Starts or stops the persist timer as the window and SendQ ask. */
void tcp_persist_check(struct host *h, struct tcb *tcb);

/* ahead.c. NULL: no memory. */
struct ahead *tcp_ahead_get(struct host *h, struct tcb *tcb);
void tcp_ahead_free(struct host *h, struct tcb *tcb);
/* RCV.NXT has moved, and a gap remains. */
void tcp_ahead_advanced(struct tcb *tcb);
/* A segment with an older timestamp than TS.Recent: may it be a late one, not one of a former round of the numbers? */
bool tcp_ahead_may_be_late(const struct tcb *tcb, const struct tcp_segment *seg);
enum drop tcp_ahead_add(struct host *h, struct tcb *tcb, seq_t start, seq_t end);

/* sack.c, the receiver's side. Something arrived ahead of its turn, or twice; the blocks for the next segment (from
 * opt->sack_blocks 0), and the bytes that they will take in its options. */
void tcp_sack_note(struct ahead *ahead, seq_t seq);
void tcp_sack_duplicate(struct tcb *tcb, seq_t start, seq_t end);
void tcp_sack_fill(struct tcb *tcb, struct tcp_options *opt);
uint32_t tcp_sack_blocks_bytes(const struct tcb *tcb);
static inline uint32_t tcp_sack_bytes(const struct tcb *tcb)
{
	return unlikely(tcb->ahead || tcb->dsack_due) ? tcp_sack_blocks_bytes(tcb) : 0;
}

/* record.c. Those before SND.UNA are forgotten (when there are any). */
void tcp_records_acknowledged(struct host *h, struct tcb *tcb);
void tcp_records_free(struct host *h, struct tcb *tcb);
/* For a connection with records: how much of len bytes from seq on lies in one; is there an end? */
uint32_t tcp_record_limit(const struct tcb *tcb, seq_t seq, uint32_t len);
/* ... and how much of their end. */
uint32_t tcp_record_last(const struct tcb *tcb, seq_t seq, uint32_t len);
bool tcp_record_ends_at(const struct tcb *tcb, seq_t seq);
void tcp_records_check(const struct tcb *tcb);

/* text.c: the seventh and eighth check */
enum drop tcp_take_text(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
/* The text of a SYN that has been taken, as the segment behind it, as much as was promised room for. False: not all. */
bool tcp_take_syn_text(struct host *h, struct tcb *tcb, const struct tcp_segment *syn);
/* The FIN at fin_seq, if its turn has come. True when it was taken now. */
bool tcp_take_fin(struct host *h, struct tcb *tcb);
void tcp_ack_in_order(struct host *h, struct tcb *tcb, uint32_t bytes);

/* tuning.c: TCP_NOTSENT_LOWAT of a connection with a tuning. Is a write refused; is it writable; len bytes have left
 * for the first time. */
bool tcp_unsent_full(const struct tcb *tcb);
bool tcp_unsent_writable(const struct tcb *tcb);
void tcp_unsent_left(struct tcb *tcb, uint32_t len);

/* queue.c: bytes have been read; what follows from the room in RecvQ. */
void tcp_receive_taken(struct host *h, struct tcb *tcb, size_t len);

/* call.c: an orphan comes to FIN_WAIT_2. False: it is not to wait there. */
bool tcp_orphan_waits(struct host *h, struct tcb *tcb);

/* arrive.c */
void tcp_challenge_ack(struct host *h, struct tcb *tcb);

/* syn_sent.c */
void tcp_syn_sent_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_verdict *verdict);
void tcp_established(struct host *h, struct tcb *tcb);

/* burst.c. The most text of one large segment, where weir_config.gso_time is set. */
uint32_t tcp_burst(const struct host *h, const struct tcb *tcb, uint32_t mss);

/* output.c */
/* Bytes of text that may go out now by the windows and by Nagle's and silly-window rules; *fin: our FIN may go with or
 * after them. */
uint32_t tcp_sendable(const struct tcb *tcb, bool *fin);

#endif
