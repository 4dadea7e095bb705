/* SPDX-License-Identifier: Apache-2.0
 *
 * The control block of one connection: RFC 9293 s3.3.1 in the RFC's words, the two queues, and the
 * state of the algorithms. It knows no addresses and no sockets: the room above routes segments to it
 * and takes them from it. It never sends: it says what it wants (tcp_output_wanted, tcp_deadline,
 * tcb->changed) and the room above asks.
 *
 * Invariants (tcb_check() holds all of them): UNA <= NXT <= MAX; SND.UNA stands for the head of SendQ;
 * RCV.NXT for the tail of RecvQ; the right edge told to the peer never moves left.
 */
#ifndef WEIR_TCP_TCB_H
#define WEIR_TCP_TCB_H

#include "base/host.h"
#include "base/ranges.h"
#include "base/ring.h"
#include "tcp/tuning.h"
#include "wire/tcp.h"

#include <weir/view.h>

struct tcp_listener;
struct tcp_cc_ops;
struct pace;
struct recovery;
struct accurate;
struct mtu_search;
struct rare;
struct urgent;
struct fast_open;
struct rounds;

enum tcb_timer { TCB_TIMER_RETRANSMIT, TCB_TIMER_DELAYED_ACK, TCB_TIMER_WAIT, TCB_TIMER_KEEPALIVE, TCB_TIMERS };

struct tcb {
	uint64_t id; /* of the socket, for events */

	/* send sequence variables */
	struct {
		seq_t una;         /* oldest not acknowledged */
		seq_t nxt;         /* next to send; behind max only while a SYN is to be sent again */
		seq_t max;         /* next never sent: SND.NXT as the peer could know it */
		seq_t wl1, wl2;    /* SEG.SEQ and SEG.ACK of the last window update */
		uint32_t wnd;      /* scaled, from una: 32 bits [9293 REC-1] */
		uint32_t max_wnd;  /* largest ever seen */
		uint16_t mss;      /* largest text we may send, options taken off [9293 MUST-16] */
		uint16_t peer_mss; /* what the peer said that it takes */
		uint8_t shift;     /* the peer's window scale */
	} snd;

	seq_t iss;

	/* receive sequence variables */
	struct {
		seq_t nxt;
		seq_t adv;              /* right edge told to the peer: NXT + WND */
		uint16_t mss;           /* largest text seen (estimate of the peer's segments) */
		uint8_t shift;          /* ours, told on the SYN */
		uint8_t quick_acks;     /* segments still to be acknowledged at once */
		uint16_t dup_acks_owed; /* out-of-order or duplicate arrivals: one ACK each */
		uint8_t old_answers;    /* answers to text outside the window since... */
		uint32_t old_since_ms;  /* ... this millisecond of the clock */
		uint32_t unacked;       /* text bytes received and not acknowledged yet */
		weir_time text_at;      /* when text last came in its turn */
	} rcv;

	seq_t fin_seq; /* of the peer's FIN, once seen (possibly ahead of its turn) */

	uint8_t state;           /* enum weir_tcp_state */
	uint8_t error;           /* pending WEIR_E*, positive; 0 = none */
	uint8_t soft_error;      /* what ICMP said of a connection that goes on, until the peer is heard of again */
	uint8_t retransmits;     /* time-outs in a row */
	uint8_t probes;          /* zero-window probes or keep-alives without an answer */
	uint8_t persist_backoff; /* doublings of the interval between zero-window probes */

	/* What each segment and each call looks at or changes stands together, eight to a byte: a byte that was just
	 * written is read again as one, not as part of a wider word, which would wait for it. */

	/* what is wanted, and what a timer stands for */
	bool ack_now : 1;
	bool probe_now : 1;    /* a zero-window probe or keep-alive is due */
	bool timeout_due : 1;  /* the peer is to be told of our user time-out [5482] */
	bool changed : 1;      /* readiness may have changed: the room above clears it */
	bool persist : 1;      /* the retransmission timer stands for zero-window probes, */
	bool tail_probe : 1;   /* ... for the probe of a lost tail, */
	bool reorder_wait : 1; /* ... for the end of the reordering window [8985 s6.3] */
	bool pace_wait : 1;    /* what has left is not paid for yet (pace.h): pace is there */

	/* what is to be sent, and what holds it back */
	bool fin_queued : 1; /* our FIN follows the last byte of SendQ */
	bool no_delay : 1;   /* TCP_NODELAY */
	bool cork : 1;       /* TCP_CORK */
	bool more : 1;       /* the last write said that more follows: it waits for that, or for news */
	bool no_push : 1;    /* ... and is not pushed either */
	bool force_send : 1; /* the override timer of silly-window avoidance went off [9293 MUST-38] */
	bool resend_now : 1; /* one segment again, whatever the windows say [9293 MAY-7] */
	bool answers : 1;    /* the program answers text with text, which carries the acknowledgement */

	/* what was agreed, and what has arrived */
	bool timestamps : 1;
	bool sack : 1;         /* [2018] */
	bool ecn : 1;          /* [3168]; see ecn.h */
	bool dsack_due : 1;    /* dsack is to be told [2883] */
	bool fin_seen : 1;     /* fin_seq is valid */
	bool fin_received : 1; /* ... and its turn has come: RCV.NXT is behind it */
	bool orphan : 1;       /* the program has closed: nobody will read */
	bool rcv_auto : 1;     /* RQS grows (autotune.h), */

	bool snd_auto : 1;     /* ... SQS grows */
	bool ecn_reducing : 1; /* cwnd is on its way to ssthresh; until UNA is beyond ecn_recover */
	bool sent_again : 1;   /* what is under way left more than once; while rec is NULL */
	bool in_recovery : 1;  /* until UNA reaches recover: fast recovery, */
	bool in_loss : 1;      /* ... or slow start after a time-out */
	bool is_v6 : 1;        /* 40-byte IP header, default MSS 1220 */
	bool path_learned : 1; /* path_mtu is for others to know: the room above clears it */
	bool fast_child : 1;   /* in use before the third message [7413] */

	/* what is rare */
	bool scaling : 1;        /* agreed */
	bool passive : 1;        /* came from LISTEN [9293 MUST-11] */
	bool reset : 1;          /* ended by RST */
	bool receive_shut : 1;   /* shutdown(SHUT_RD) */
	bool keepalive : 1;      /* SO_KEEPALIVE */
	bool in_accept_list : 1; /* of listener: completed */
	bool reordering : 1;     /* the path has overtaken itself [8985 s6.2 step 3] */
	bool syn_text : 1;       /* the SYN's text was taken [7413] */

	bool third_waits : 1; /* the third message came without text: TCP_DEFER_ACCEPT */
	bool oob_inline : 1;  /* SO_OOBINLINE */
	bool mtu_fixed : 1;   /* the program does not want the path's MTU to be found */
	bool ecn_sends : 1;   /* new data leave as ECN-capable */
	bool ecn_seen : 1;    /* the peer's do */
	bool ecn_echo : 1;    /* a mark has come: ECE until CWR */
	bool ecn_cwr : 1;     /* CWR goes with the next new data */

	uint32_t rqs;           /* RQS as set; rcvq.limit is above it only while bytes are promised beyond it */
	struct ring sndq, rcvq; /* SendQ, RecvQ; limits SQS, RQS */
	struct ahead *ahead;    /* arrived out of order, placed in rcvq behind its tail; NULL = none */
	struct rare *rare;      /* ends of records, counts of what went wrong (rare.h); mostly NULL */
	struct urgent *urgent;  /* urgent data, either way; NULL = none */

	weir_time timer[TCB_TIMERS]; /* WEIR_NEVER = not running */
	weir_time last_received;     /* anything, for keep-alive */

	/* round trip [6298] */
	weir_duration srtt, rttvar, rto, min_rtt; /* srtt 0 = no sample */
	seq_t rtt_seq;                            /* a round of samples ends with what is sent from here on */

	/* timestamps [7323] */
	uint32_t ts_recent, ts_offset;
	seq_t last_ack_sent;
	weir_time ts_recent_at;

	/* congestion */
	const struct tcp_cc_ops *cc;
	uint32_t cwnd, ssthresh;   /* bytes */
	struct pace *pace;         /* NULL = as fast as the windows allow */
	struct accurate *accurate; /* accurate feedback is agreed [9768]; NULL = the plain one, or none */
	/* The most bytes under way in this round trip, which ends when flight_round is acknowledged. */
	uint32_t flight_most;
	seq_t flight_round;
	uint16_t dup_acks;

	/* loss recovery [8985]; see recovery.h */
	uint8_t reorder_factor; /* of the reordering window: quarters of the least round trip */
	uint8_t reorder_rounds; /* recoveries that it is kept for */
	uint32_t gso_max;       /* of the path: 0, or largest IP packet to hand to the link */
	struct recovery *rec;   /* NULL = one run is under way, or nothing, and nothing is lost */
	weir_time sent_at;      /* when something left last: all that is under way, while rec is NULL */

	/* path; see mtu.h */
	struct mtu_search *search; /* NULL = nothing is known to be in the way */
	uint16_t path_mtu;         /* largest IP packet that gets through, as far as we know */
	uint16_t mtu;              /* of the interface, or less where TCP_MAXSEG says so */

	uint16_t peer_timeout_s; /* of the user time-out option, within our bounds [5482]; 0 = none */
	uint16_t keep_idle_s, keep_interval_s;
	uint8_t keep_count;
	uint8_t syn_retries;
	uint8_t defer_accept;            /* while opening: so many time-outs the third message may wait for text */
	uint8_t fast_open_fail;          /* enum weir_fast_open_fail */
	const struct tcp_tuning *tuning; /* NULL = nothing out of the ordinary */
	weir_time stuck_since;           /* when UNA last moved, or data was first left unacknowledged */

	/* totals, for views */
	uint32_t segs_in, segs_out, resent; /* of large segments one each */
	uint32_t text_in, text_out;         /* segments with text */
	uint32_t busy_ticks, busy_from;     /* (rare.h) with bytes in SendQ; since when there are some */

	uint32_t user_timeout_ms; /* stands here to fill a gap */

	struct rounds *rounds; /* what is measured once a round trip; NULL = too little is sent */

	/* on a listener's incomplete or accept list */
	struct tcp_listener *listener;

	/* What a segment in the middle of a conversation does not touch stands at the end: among many thousands of
	 * connections each line costs a journey to memory, and sock_prefetch() stops here. */
	uint32_t cc_state[9]; /* the algorithm's own (cc.h) */
	seq_t recover;
	seq_t irs;
	seq_t ecn_recover;           /* SND.NXT when a mark reduced the window, */
	uint32_t ecn_prior;          /* ... and cwnd before that */
	weir_time challenge_at;      /* next challenge ACK not before [5961 s7] */
	struct tcp_sack_block dsack; /* what arrived twice */
	struct fast_open *fast;      /* while opening: Fast Open (fastopen.h); mostly NULL */
	struct list listener_link;
};

void tcb_init(struct tcb *tcb, const struct host *h, uint64_t id, bool is_v6);
/* Frees the queues, takes it off a listener's list. */
void tcb_deinit(struct tcb *tcb, struct host *h);
/* Asserts the invariants. */
void tcb_check(const struct tcb *tcb);

/* States in which both sequence spaces are known. */
static inline bool tcb_synchronised(const struct tcb *tcb)
{
	switch (tcb->state) {
	case WEIR_TCP_CLOSED:
	case WEIR_TCP_LISTEN:
	case WEIR_TCP_SYN_SENT:
	case WEIR_TCP_SYN_RECEIVED:
		return false;
	default:
		return true;
	}
}

#endif
