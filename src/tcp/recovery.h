/* SPDX-License-Identifier: Apache-2.0
 *
 * Loss recovery of one connection: which of what is under way is lost (SACK: RFC 2018, 6675; time: RFC 8985; duplicate
 * acknowledgements: RFC 6582), how fast it is repaired (RFC 9937), and whether it was lost at all (RFC 3522, 3708,
 * 5682). It costs nothing until it is needed: a connection has a struct recovery only while more than one run is under
 * way (sent.h), or something was lost.
 *
 * The files: sack.c (both sides of SACK), rack.c (losses by time, the probe of the tail), repair.c (the episodes, the
 * rate), undo.c (losses that were none).
 */
#ifndef WEIR_TCP_RECOVERY_H
#define WEIR_TCP_RECOVERY_H

#include "tcp/sent.h"
#include "tcp/tcb.h"

enum { RECOVERY_ORDER = 8 };

/* F-RTO [5682 s2.1]: the step that the next acknowledgement decides. */
enum frto { FRTO_NONE, FRTO_FIRST, FRTO_SECOND };

struct recovery {
	struct sent sent;

	/* RACK [8985 s5.3] */
	weir_time rack_at; /* when the newest of what has arrived left, */
	seq_t rack_end;    /* where it ends, */
	weir_duration rack_rtt;
	seq_t fack;        /* end of the highest that has arrived */
	seq_t dsack_round; /* the next DSACK that widens the window is about what is sent from here on */
	weir_time due;     /* end of the reordering window of something; WEIR_NEVER = none */

	uint32_t reno_bytes; /* what duplicate acknowledgements stand for, where there is no SACK */

	/* PRR [9937 s6] */
	uint32_t prr_delivered, prr_out, prr_flight;

	/* what the last reduction took, and what tells that it was for nothing */
	uint32_t undo_cwnd, undo_ssthresh;
	uint32_t undo_bytes; /* sent again in the episode, and not told of as a duplicate yet */
	uint32_t undo_ts;    /* TSval of the first of it */
	seq_t undo_from;     /* SND.UNA when it began */

	seq_t probe_end; /* SND.NXT when the probe of the tail was sent */
	uint8_t frto;
	bool rack : 1;        /* rack_at and what follows it are valid */
	bool undo : 1;        /* so are the numbers that undoing needs */
	bool sent_any : 1;    /* undo_ts is valid */
	bool has_round : 1;   /* dsack_round is valid */
	bool probe : 1;       /* a probe of the tail is under way, */
	bool probe_again : 1; /* ... and was a repetition; */
	bool probe_now : 1;   /* it is to be sent */
	bool kept : 1;        /* all is acknowledged; kept for a late DSACK */
};

_Static_assert(sizeof(struct recovery) <= 1u << RECOVERY_ORDER, "it fits its buffer");

/* What one acknowledgement told. */
struct tcp_news {
	uint32_t pipe;       /* before it, */
	seq_t fack;          /* ... and the end of the highest that had arrived */
	uint32_t acked;      /* bytes by which SND.UNA moved */
	uint32_t delivered;  /* bytes newly known to have arrived */
	uint32_t sacked;     /* of these, by SACK */
	uint32_t lost;       /* bytes newly taken for lost */
	weir_duration rtt;   /* of the newest of it that was sent once; 0 = none */
	weir_time newest;    /* when the newest of it left; 0 = not known */
	bool window_limited; /* as in struct tcp_cc_ack */
	bool duplicate;      /* [5681 s2] */
	bool dsack;
	bool original; /* something arrived that was sent before the episode and only once */
	struct tcp_sack_block dsack_block;
};

/* Bytes under way that are neither lost nor known to have arrived [6675 s3]. */
static inline uint32_t tcp_pipe(const struct tcb *tcb)
{
	const struct recovery *r = tcb->rec;
	uint32_t flight = seq_dist(tcb->snd.una, tcb->snd.max), gone;

	if (!r)
		return flight;
	gone = r->sent.sacked_bytes + r->sent.lost_bytes + r->reno_bytes;
	return flight > gone ? flight - gone : 0;
}

/* May there be something to send again, or a probe of the tail? */
static inline bool tcp_recovery_wants(const struct tcb *tcb)
{
	const struct recovery *r = tcb->rec;

	return tcb->resend_now || (unlikely(r != NULL) && (r->sent.lost_bytes > 0 || r->probe_now));
}

/* repair.c. tcp_recovery_get(): makes it when there is none; NULL = no memory. */
struct recovery *tcp_recovery_get(struct host *h, struct tcb *tcb);
void tcp_recovery_free(struct host *h, struct tcb *tcb);
/* len bytes of new data leave now, seq was SND.NXT. */
void tcp_recovery_sent(struct host *h, struct tcb *tcb, uint32_t len);
/* What to send again next, most bytes at most: true with its place and length. Looks only. */
bool tcp_recovery_next(const struct tcb *tcb, uint32_t most, seq_t *seq, uint32_t *len);
/* It leaves now. */
void tcp_recovery_resent(struct host *h, struct tcb *tcb, seq_t seq, uint32_t len);
/* What follows it comes when the scoreboard knows all of the acknowledgement; tcb->snd.una has not moved yet. */
void tcp_recovery_acknowledge(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news);
/* All that follows from an acknowledgement, once the scoreboard knows it: losses, episodes, window. */
void tcp_recovery_decide(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news);
/* Looks for losses; begins an episode for new ones. */
void tcp_recovery_lost(struct host *h, struct tcb *tcb, struct tcp_news *news);
void tcp_recovery_timeout(struct host *h, struct tcb *tcb);
/* Takes a run for lost, as far as it is not known to have arrived. */
void tcp_recovery_mark_lost(struct host *h, struct tcb *tcb, seq_t start, seq_t end, struct tcp_news *news);

/* sack.c. The sender's side: blocks into the scoreboard. */
void tcp_sack_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_news *news);
void tcp_sack_reneged(struct host *h, struct tcb *tcb);

/* rack.c */
void tcp_rack_delivered(struct host *h, struct tcb *tcb, const struct sent_run *run, seq_t end,
                        const struct tcp_segment *seg, struct tcp_news *news);
void tcp_rack_detect(struct host *h, struct tcb *tcb, struct tcp_news *news);
void tcp_rack_dsack(struct tcb *tcb);
/* The reordering window is over. */
void tcp_rack_timeout(struct host *h, struct tcb *tcb);

/* tail.c */
/* Should the timer of a connection with SACK that is started now stand for a probe? *wait when. */
bool tcp_tail_wait(const struct tcb *tcb, weir_duration *wait);
/* The bytes under way that left last, at one instant; our FIN counted. */
uint32_t tcp_tail_length(const struct tcb *tcb);
void tcp_tail_timeout(struct host *h, struct tcb *tcb);
void tcp_tail_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, const struct tcp_news *news);

/* undo.c */
void tcp_undo_save(struct tcb *tcb);
void tcp_undo_dsack(struct host *h, struct tcb *tcb, const struct tcp_news *news);
/* True when the episode is over because nothing had been lost. */
bool tcp_undo_check(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, const struct tcp_news *news);

#endif
