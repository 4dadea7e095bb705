/* SPDX-License-Identifier: Apache-2.0
 *
 * A second, independent idea of what TCP does: one connection, written from RFC 9293 s3.10 as tables (table.c) and not
 * from Weir's code. The walk (walk.c) plays random segments, calls and waits to a real stack and to this model, and
 * stops at the first step after which they do not agree.
 *
 * The model says of every segment which state it leads to, which numbers move, and what must, may or must not be
 * answered. When text is sent is not its business: it watches what is emitted, and says whether that was allowed.
 */
#ifndef WEIR_TESTS_MODEL_MODEL_H
#define WEIR_TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_state {
	M_CLOSED,
	M_LISTEN,
	M_SYN_SENT,
	M_SYN_RECEIVED,
	M_ESTABLISHED,
	M_FIN_WAIT_1,
	M_FIN_WAIT_2,
	M_CLOSE_WAIT,
	M_CLOSING,
	M_LAST_ACK,
	M_TIME_WAIT,
	M_STATES,
	M_SAME, /* in the table: the state stays */
};

/* What a segment is to a state: the first that fits, in the RFC's order. */
enum model_event {
	/* CLOSED, LISTEN, SYN-SENT: before both numbers are known */
	E_RST,     /* a RST that refuses nothing */
	E_REFUSAL, /* RST with the acknowledgement of our SYN */
	E_BAD_ACK, /* an acknowledgement of nothing that we sent */
	E_SYN,     /* SYN without ACK */
	E_SYN_FIN, /* ... with FIN */
	E_SYN_ACK, /* SYN and the acknowledgement of ours */
	E_OTHER,   /* nothing of all that */
	/* the others: checks that end the segment */
	E_OLD_CLOCK,       /* its timestamp is older than the last one, and it takes up a number */
	E_OLD_CLOCK_EMPTY, /* ... takes up none */
	E_SYN_AGAIN,       /* in SYN-RECEIVED: the SYN that led there */
	E_OUTSIDE_RST,     /* outside the window, with RST */
	E_OUTSIDE_FIN,     /* the FIN that has been taken, again */
	E_OUTSIDE,         /* ... anything else that takes up a number */
	E_OUTSIDE_EMPTY,   /* ... nothing that does */
	E_RST_NEXT,        /* RST at RCV.NXT */
	E_RST_PASSIVE,     /* ... for the child of a listener */
	E_RST_INSIDE,      /* RST elsewhere in the window */
	E_SYN_INSIDE,
	E_NO_ACK,
	E_ACK_BEFORE,    /* further behind SND.UNA than the largest window */
	E_ACK_BEYOND,    /* of what was never sent */
	E_ACK_OPENS_NOT, /* SYN-RECEIVED: not the acknowledgement of our SYN */
	/* ... and steps that go on to the next */
	E_ACK_OPENS,   /* SYN-RECEIVED: the acknowledgement of our SYN */
	E_ACK_OUR_FIN, /* now all is acknowledged, our FIN too */
	E_ACK,         /* any other */
	E_TEXT_NEXT,   /* text in its turn */
	E_TEXT_FILLS,  /* ... and what lies ahead joins it */
	E_TEXT_AHEAD,  /* text ahead of its turn */
	E_TEXT_UNREAD, /* text for a program that has closed */
	E_TEXT_LATE,   /* text behind the peer's FIN */
	E_SHUT,        /* text or FIN at a closed window */
	E_PROBE,       /* nothing, just left of the window */
	E_FIN_NEXT,    /* the FIN in its turn */
	E_FIN_AHEAD,   /* ... ahead of it */
	M_EVENTS,
};

/* What must be emitted at once. */
enum model_reply {
	R_NONE,      /* nothing at all */
	R_MAY,       /* what there is to send; an acknowledgement, or not yet */
	R_PROBED,    /* the same, with the acknowledgement, but that not more often than the interval */
	R_ACK,       /* something with the acknowledgement */
	R_ANSWER,    /* one acknowledgement by itself, nothing else */
	R_CHALLENGE, /* the same, not more often than the interval */
	R_SYN_ACK,   /* SYN,ACK, nothing else */
	R_RST_AT,    /* RST at SEG.ACK */
	R_RST_FOR,   /* RST,ACK for a segment without ACK, RST at SEG.ACK for one with */
	R_RST_NOW,   /* RST,ACK at SND.NXT */
	M_REPLIES,
};

struct model_cell {
	bool possible; /* false: this event cannot be in this state */
	enum model_reply reply;
	enum model_state next;
	uint8_t error; /* that the program is to learn; 0 = none */
};

/* table.c */
const struct model_cell *model_cell(enum model_state state, enum model_event event);
const char *model_state_name(enum model_state state);
const char *model_event_name(enum model_event event);
const char *model_reply_name(enum model_reply reply);
/* May one state follow another (Figure 5 of the RFC, and the ends that calls and time-outs make)? */
bool model_may_follow(enum model_state from, enum model_state to);
/* How often each cell was looked at, for the claim that all are. */
uint64_t model_cell_visits(enum model_state state, enum model_event event);
/* For the test of the test: cells are wrong in one of two ways, the state that follows or the reply. n counts them. */
unsigned model_mistakes(void);
bool model_mistake_possible(unsigned n);
void model_make_mistake(unsigned n);
void model_mend(void);
void model_mistake_name(unsigned n, char *out, size_t bytes);

/* A segment as it arrives, in absolute numbers. */
struct model_segment {
	uint8_t flags;
	uint32_t seq, ack;
	uint32_t len;
	uint16_t wnd, up;
	int mss, wscale; /* -1 = absent */
	bool has_ts, sack_ok;
	uint32_t ts_val, ts_ecr;
	unsigned sack_blocks;
	uint32_t sack[3][2];
	bool spoilt; /* its checksum is wrong */
};

/* A segment as it is emitted. */
struct model_emission {
	uint8_t flags;
	uint32_t seq, ack;
	uint32_t len;
	uint16_t wnd;
	bool has_mss, has_wscale, has_ts, sack_ok;
	uint16_t mss;
	uint8_t wscale;
	uint32_t ts_val, ts_ecr;
	unsigned sack_blocks;
	uint32_t sack[4][2];
	const uint8_t *text;
};

struct model_range {
	uint32_t start, end;
};

enum { MODEL_RANGES = 512, MODEL_COMPLAINT = 200 };

/* How the stack is set up, as far as the rules depend on it. */
struct model_setting {
	uint32_t rqs, sqs;
	uint16_t mtu;
	bool timestamps, sack, scaling, v6;
	int64_t time_wait, fin_wait_2, challenge_interval, delayed_ack; /* ns */
};

/* TIME-WAIT that a SYN has ended, until that proves to be new [9293 MAY-2]. */
struct model_quiet {
	bool there, timestamps, sack, scaling;
	uint32_t nxt, snd_wnd, wl1, wl2, max_wnd, rcv_nxt, edge, ts_recent, syn_ts;
	uint8_t snd_shift, rcv_shift;
	int64_t ts_recent_at, syn_at, until;
};

struct model {
	struct model_setting set;
	bool listener; /* somebody listens on the port */
	enum model_state state;
	bool passive;

	/* both sequence spaces [9293 s3.3.1] */
	uint32_t iss, una, nxt, snd_wnd, wl1, wl2, max_wnd;
	uint32_t irs, rcv_nxt, edge; /* edge: RCV.NXT + RCV.WND as promised */
	uint8_t snd_shift, rcv_shift;
	uint32_t peer_mss;
	bool rcv_known; /* the peer's SYN has come */
	bool seen_edge; /* edge has been told, */
	bool syn_edge;  /* ... by a SYN, whose field has 16 bits without scale */

	/* streams */
	uint64_t written, read; /* by the program */
	bool fin_wanted;        /* our FIN follows what was written */
	struct model_range ahead[MODEL_RANGES];
	unsigned ahead_count;
	bool fin_seen, fin_taken;
	bool urgent; /* a segment with URG has come */
	uint32_t fin_seq;
	uint32_t rqs; /* as set last */
	bool orphan, has_handle, accepted;
	uint8_t error;

	bool timestamps, sack, scaling;
	uint32_t ts_recent, last_ack_sent, syn_ts; /* syn_ts: TSval of our first SYN, */
	int64_t syn_at;                            /* ... and when it left; 0 = not yet */
	int64_t ts_recent_at;

	int64_t now, wait_until; /* wait_until: of TIME-WAIT or of FIN-WAIT-2 without a program; 0 = none */
	int64_t challenge_at;    /* the last challenge or answer that was sent */
	int64_t stuck_since;     /* when something was last acknowledged, or first sent with nothing under way */
	int64_t unacked_since;   /* when something came that is not acknowledged yet; 0 = none */
	uint32_t iss_floor;      /* of the next connection, when floor is set */
	bool floor;
	struct model_quiet quiet;

	/* what is expected of the present step */
	enum model_reply reply;
	struct model_segment seg; /* what is answered */
	bool timely;              /* time passed: repetitions and probes may go */
	bool dropped;             /* the segment changes nothing */
	unsigned rsts, acks, syns, others, repeats;
	uint32_t rst_seq, rst_ack;
	uint8_t rst_flags;
	bool acked; /* something was emitted that acknowledges RCV.NXT */
	char complaint[MODEL_COMPLAINT];
};

/* A model without a connection. */
void model_begin(struct model *m, const struct model_setting *set, bool listener);
/* The connection is over, and its place free for another. */
void model_rest(struct model *m);
/* arrive.c: what a segment does. */
void model_arrives(struct model *m, const struct model_segment *seg);
/* quiet.c: a SYN in TIME-WAIT that opens anew leaves a model without a connection; the opening ends: true when the SYN
 * was an old duplicate, and it is TIME-WAIT again. */
void model_opens_anew(struct model *m, const struct model_segment *seg);
bool model_quiet_again(struct model *m);
/* icmp.c: an error that quotes this number, and tells of that error. */
void model_icmp(struct model *m, uint32_t seq, uint8_t error);
/* Does the segment contradict what the peer has said before (text behind its FIN)? Nobody says what is to happen then.
 */
bool model_contradiction(const struct model *m, const struct model_segment *seg);

/* calls.c: results of calls, as the API gives them, and time. A step begins with what may be emitted in it. */
void model_step(struct model *m, enum model_reply reply);
void model_connects(struct model *m);
bool model_acceptable(const struct model *m);
void model_accepts(struct model *m);
int64_t model_sends(struct model *m, uint32_t n);
/* got: what it gave; a read may end early at urgent data. */
int64_t model_reads(struct model *m, uint32_t n, int64_t got);
int model_shuts(struct model *m);
void model_closes(struct model *m, bool abort);
void model_time(struct model *m, int64_t now);
/* The connection gave up: was it time? */
void model_gave_up(struct model *m);

/* emit.c: what the stack says. All complain when it must not. */
void model_emitted(struct model *m, const struct model_emission *seg);
void model_settled(struct model *m);

/* The rest of what they share. */
void model_complain(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void model_ends(struct model *m, uint8_t error);
void model_enters(struct model *m, enum model_state state);
uint32_t model_queued(const struct model *m);
uint32_t model_send_end(const struct model *m);
uint32_t model_ahead_bytes(const struct model *m);
uint8_t model_peer_byte(uint64_t offset);
uint8_t model_our_byte(uint64_t offset);

enum { M_FIN = 1, M_SYN = 2, M_RST = 4, M_PSH = 8, M_ACK = 16, M_URG = 32 };

/* Numbers on the circle [9293 s3.4]. Half of it apart, neither is before the other. */
static inline bool before(uint32_t a, uint32_t b)
{
	return b - a - 1 < UINT32_C(0x7fffffff);
}

static inline bool within(uint32_t n, uint32_t low, uint32_t length)
{
	return n - low < length;
}

#endif
