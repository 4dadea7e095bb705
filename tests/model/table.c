/* SPDX-License-Identifier: Apache-2.0
 *
 * The model's tables: for each state and each kind of segment, what is answered and which state follows, as RFC 9293
 * s3.10.7 says, with the judgement calls of docs/DEVIATIONS.md. Kinds that are not named cannot be in that state.
 */
#include "model.h"

#include <weir/error.h>

#include <stdio.h>

#define CELL(reply, next)                                                                                              \
	{                                                                                                              \
		true, reply, next, 0                                                                                   \
	}
#define ENDS(reply, error)                                                                                             \
	{                                                                                                              \
		true, reply, M_CLOSED, error                                                                           \
	}

/* What all states from SYN-RECEIVED on have in common [W-SM-13, W-SM-30, W-SM-32, W-SM-34 ... W-SM-36, W-SM-38]. */
#define CHECKS                                                                                                         \
	[E_OLD_CLOCK] = CELL(R_ANSWER, M_SAME), [E_OLD_CLOCK_EMPTY] = CELL(R_CHALLENGE, M_SAME),                       \
	[E_OUTSIDE_RST] = CELL(R_NONE, M_SAME), [E_OUTSIDE] = CELL(R_ANSWER, M_SAME),                                  \
	[E_OUTSIDE_EMPTY] = CELL(R_CHALLENGE, M_SAME), [E_SYN_INSIDE] = CELL(R_CHALLENGE, M_SAME),                     \
	[E_NO_ACK] = CELL(R_NONE, M_SAME), [E_PROBE] = CELL(R_PROBED, M_SAME)

/* What states have in common in which the acknowledgement is that of text. */
#define SYNCHRONISED                                                                                                   \
	CHECKS, [E_ACK_BEFORE] = CELL(R_CHALLENGE, M_SAME), [E_ACK_BEYOND] = CELL(R_CHALLENGE, M_SAME),                \
	        [E_SHUT] = CELL(R_ACK, M_SAME)

/* States that take text [W-SM-42]. */
#define TAKES_TEXT                                                                                                     \
	[E_TEXT_NEXT] = CELL(R_MAY, M_SAME), [E_TEXT_FILLS] = CELL(R_ACK, M_SAME),                                     \
	[E_TEXT_AHEAD] = CELL(R_ACK, M_SAME), [E_FIN_AHEAD] = CELL(R_ACK, M_SAME)

/* States that come after the peer's FIN. */
#define AFTER_FIN(next) [E_TEXT_LATE] = CELL(R_NONE, M_SAME), [E_OUTSIDE_FIN] = CELL(R_ANSWER, next)

static const struct model_cell table[M_STATES][M_EVENTS] =
    {
        [M_CLOSED] =
            {
                /* [W-SM-10, W-SM-11] */
                [E_RST] = CELL(R_NONE, M_SAME),
                [E_BAD_ACK] = CELL(R_RST_FOR, M_SAME),
                [E_SYN] = CELL(R_RST_FOR, M_SAME),
                [E_SYN_FIN] = CELL(R_RST_FOR, M_SAME),
                [E_OTHER] = CELL(R_RST_FOR, M_SAME),
            },
        [M_LISTEN] =
            {
                /* [W-SM-20] */
                [E_RST] = CELL(R_NONE, M_SAME),
                [E_BAD_ACK] = CELL(R_RST_AT, M_SAME),
                [E_SYN] = CELL(R_SYN_ACK, M_SYN_RECEIVED),
                [E_SYN_FIN] = CELL(R_NONE, M_SAME),
                [E_OTHER] = CELL(R_NONE, M_SAME),
            },
        [M_SYN_SENT] =
            {
                /* [W-SM-22 ... W-SM-26] */
                [E_BAD_ACK] = CELL(R_RST_AT, M_SAME),
                [E_RST] = CELL(R_NONE, M_SAME),
                [E_REFUSAL] = ENDS(R_NONE, WEIR_ECONNREFUSED),
                [E_SYN_ACK] = CELL(R_ACK, M_ESTABLISHED),
                [E_SYN] = CELL(R_SYN_ACK, M_SYN_RECEIVED),
                [E_OTHER] = CELL(R_NONE, M_SAME),
            },
        [M_SYN_RECEIVED] =
            {
                CHECKS,
                [E_SYN_AGAIN] = CELL(R_SYN_ACK, M_SAME),
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNREFUSED),
                [E_RST_PASSIVE] = ENDS(R_NONE, 0),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK_OPENS_NOT] = CELL(R_RST_AT, M_SAME), /* [W-SM-12, W-SM-37] */
                [E_ACK_OPENS] = CELL(R_MAY, M_ESTABLISHED),
            },
        [M_ESTABLISHED] =
            {
                SYNCHRONISED,
                TAKES_TEXT,
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNRESET),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_MAY, M_SAME),
                [E_FIN_NEXT] = CELL(R_ACK, M_CLOSE_WAIT),
            },
        [M_FIN_WAIT_1] =
            {
                SYNCHRONISED,
                TAKES_TEXT,
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNRESET),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_MAY, M_SAME),
                [E_ACK_OUR_FIN] = CELL(R_NONE, M_FIN_WAIT_2),
                [E_TEXT_UNREAD] = ENDS(R_RST_AT, 0),
                [E_FIN_NEXT] = CELL(R_ACK, M_CLOSING),
            },
        [M_FIN_WAIT_2] =
            {
                SYNCHRONISED,
                TAKES_TEXT,
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNRESET),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_NONE, M_SAME),
                [E_TEXT_UNREAD] = ENDS(R_RST_AT, 0),
                [E_FIN_NEXT] = CELL(R_ACK, M_TIME_WAIT),
            },
        [M_CLOSE_WAIT] =
            {
                SYNCHRONISED,
                AFTER_FIN(M_SAME),
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_EPIPE),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_MAY, M_SAME),
            },
        [M_CLOSING] =
            {
                SYNCHRONISED,
                AFTER_FIN(M_SAME),
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNRESET),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_MAY, M_SAME),
                [E_ACK_OUR_FIN] = CELL(R_NONE, M_TIME_WAIT),
            },
        [M_LAST_ACK] =
            {
                SYNCHRONISED,
                AFTER_FIN(M_SAME),
                [E_RST_NEXT] = ENDS(R_NONE, WEIR_ECONNRESET),
                [E_RST_INSIDE] = CELL(R_CHALLENGE, M_SAME),
                [E_ACK] = CELL(R_MAY, M_SAME),
                [E_ACK_OUR_FIN] = ENDS(R_NONE, 0),
            },
        [M_TIME_WAIT] =
            {
                SYNCHRONISED,
                AFTER_FIN(M_TIME_WAIT), /* [W-SM-40] 2 MSL begin anew */
                /* [1337] */
                [E_RST_NEXT] = CELL(R_NONE, M_SAME),
                [E_RST_INSIDE] = CELL(R_NONE, M_SAME),
                [E_ACK] = CELL(R_NONE, M_SAME),
            },
};

/* Figure 5, with the ends that a call or time makes; a child of a listener begins in SYN-RECEIVED. */
static const uint16_t follows[M_STATES] = {
    [M_CLOSED] = 1 << M_LISTEN | 1 << M_SYN_SENT | 1 << M_SYN_RECEIVED,
    [M_LISTEN] = 1 << M_SYN_RECEIVED | 1 << M_CLOSED,
    [M_SYN_SENT] = 1 << M_SYN_RECEIVED | 1 << M_ESTABLISHED | 1 << M_CLOSED,
    /* TIME_WAIT: again, when the SYN that ended it was an old duplicate */
    [M_SYN_RECEIVED] = 1 << M_ESTABLISHED | 1 << M_FIN_WAIT_1 | 1 << M_TIME_WAIT | 1 << M_CLOSED,
    [M_ESTABLISHED] = 1 << M_FIN_WAIT_1 | 1 << M_CLOSE_WAIT | 1 << M_CLOSED,
    [M_FIN_WAIT_1] = 1 << M_FIN_WAIT_2 | 1 << M_CLOSING | 1 << M_TIME_WAIT | 1 << M_CLOSED,
    [M_FIN_WAIT_2] = 1 << M_TIME_WAIT | 1 << M_CLOSED,
    [M_CLOSE_WAIT] = 1 << M_LAST_ACK | 1 << M_CLOSED,
    [M_CLOSING] = 1 << M_TIME_WAIT | 1 << M_CLOSED,
    [M_LAST_ACK] = 1 << M_CLOSED,
    [M_TIME_WAIT] = 1 << M_CLOSED,
};

enum { MISTAKE_NEXT, MISTAKE_REPLY, MISTAKE_KINDS };

static uint64_t visits[M_STATES][M_EVENTS];
static struct model_cell wrong_cell;
static const struct model_cell *mistaken; /* the cell that wrong_cell stands for */

const struct model_cell *model_cell(enum model_state state, enum model_event event)
{
	const struct model_cell *cell = &table[state][event];

	visits[state][event]++;
	return cell == mistaken ? &wrong_cell : cell;
}

uint64_t model_cell_visits(enum model_state state, enum model_event event)
{
	return visits[state][event];
}

bool model_may_follow(enum model_state from, enum model_state to)
{
	uint16_t reached = follows[from];

	/* One segment may take a connection through several states: SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT. CLOSED is an
	 * end: nothing is passed through it. */
	for (int i = 0; i < 3; i++)
		for (int s = M_LISTEN; s < M_STATES; s++)
			if (reached & 1u << s)
				reached |= follows[s];
	return reached & 1u << to;
}

unsigned model_mistakes(void)
{
	return M_STATES * M_EVENTS * MISTAKE_KINDS;
}

static const struct model_cell *cell_of(unsigned n)
{
	return &table[n / MISTAKE_KINDS / M_EVENTS][n / MISTAKE_KINDS % M_EVENTS];
}

bool model_mistake_possible(unsigned n)
{
	return cell_of(n)->possible;
}

static enum model_state mistaken_state(unsigned n)
{
	return (enum model_state)(n / MISTAKE_KINDS / M_EVENTS);
}

void model_make_mistake(unsigned n)
{
	enum model_state other = mistaken_state(n) == M_CLOSED ? M_LISTEN : M_CLOSED;

	mistaken = cell_of(n);
	wrong_cell = *mistaken;
	if (n % MISTAKE_KINDS == MISTAKE_NEXT)
		wrong_cell.next = wrong_cell.next == M_SAME ? other : M_SAME;
	else if (wrong_cell.reply == R_NONE)
		wrong_cell.reply = R_ANSWER;
	else /* of several cells that speak of one segment the strongest counts */
		wrong_cell.reply = wrong_cell.reply <= R_ACK ? R_SYN_ACK : R_NONE;
}

void model_mend(void)
{
	mistaken = NULL;
}

const char *model_state_name(enum model_state state)
{
	static const char *const name[M_STATES] = {
	    "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
	    "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT",
	};

	return state < M_STATES ? name[state] : "the same";
}

const char *model_event_name(enum model_event event)
{
	static const char *const name[M_EVENTS] = {
	    [E_RST] = "a RST that refuses nothing",
	    [E_REFUSAL] = "a RST that refuses",
	    [E_BAD_ACK] = "an ACK of nothing",
	    [E_SYN] = "SYN",
	    [E_SYN_FIN] = "SYN,FIN",
	    [E_SYN_ACK] = "SYN,ACK",
	    [E_OTHER] = "neither SYN, ACK nor RST",
	    [E_OLD_CLOCK] = "an old timestamp",
	    [E_OLD_CLOCK_EMPTY] = "an old timestamp, no text",
	    [E_SYN_AGAIN] = "the same SYN again",
	    [E_OUTSIDE_RST] = "RST outside the window",
	    [E_OUTSIDE_FIN] = "the same FIN again",
	    [E_OUTSIDE] = "text outside the window",
	    [E_OUTSIDE_EMPTY] = "an ACK outside the window",
	    [E_RST_NEXT] = "RST at RCV.NXT",
	    [E_RST_PASSIVE] = "RST at RCV.NXT of a child",
	    [E_RST_INSIDE] = "RST in the window",
	    [E_SYN_INSIDE] = "SYN in the window",
	    [E_NO_ACK] = "no ACK",
	    [E_ACK_BEFORE] = "an ACK far behind",
	    [E_ACK_BEYOND] = "an ACK of what was never sent",
	    [E_ACK_OPENS_NOT] = "an ACK of anything but our SYN",
	    [E_ACK_OPENS] = "the ACK of our SYN",
	    [E_ACK_OUR_FIN] = "the ACK of our FIN",
	    [E_ACK] = "an ACK",
	    [E_TEXT_NEXT] = "text in its turn",
	    [E_TEXT_FILLS] = "text that fills a gap",
	    [E_TEXT_AHEAD] = "text ahead",
	    [E_TEXT_UNREAD] = "text for nobody",
	    [E_TEXT_LATE] = "text behind the FIN",
	    [E_SHUT] = "text at a closed window",
	    [E_PROBE] = "a probe",
	    [E_FIN_NEXT] = "FIN in its turn",
	    [E_FIN_AHEAD] = "FIN ahead",
	};

	return name[event];
}

const char *model_reply_name(enum model_reply reply)
{
	static const char *const name[M_REPLIES] = {
	    [R_NONE] = "nothing",
	    [R_MAY] = "what there is to send",
	    [R_PROBED] = "an acknowledgement, if it is time",
	    [R_ACK] = "an acknowledgement",
	    [R_ANSWER] = "one ACK",
	    [R_CHALLENGE] = "a challenge ACK",
	    [R_SYN_ACK] = "SYN,ACK",
	    [R_RST_AT] = "RST at SEG.ACK",
	    [R_RST_FOR] = "RST",
	    [R_RST_NOW] = "RST at SND.NXT",
	};

	return name[reply];
}

void model_mistake_name(unsigned n, char *out, size_t bytes)
{
	unsigned cell = n / MISTAKE_KINDS;

	snprintf(out, bytes, "%s, %s: %s", model_state_name(cell / M_EVENTS),
	         model_event_name((enum model_event)(cell % M_EVENTS)),
	         n % MISTAKE_KINDS == MISTAKE_NEXT ? "a wrong state" : "a wrong answer");
}
