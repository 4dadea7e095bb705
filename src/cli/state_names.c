/* SPDX-License-Identifier: Apache-2.0
 *
 * The eleven states of TCP in every spelling that a reader may expect: RFC 9293's, net-tools', the textbook's,
 * iproute2's column and iproute2's filters. [T1.4]
 */
#include "cli/look.h"

#include <string.h>
#include <strings.h>

enum { SPELLINGS = 5, STATES = WEIR_TCP_CLOSING + 1 };

/* The columns stand in the order of enum state_spelling. */
static const char *const names[STATES][SPELLINGS] = {
    [WEIR_TCP_ESTABLISHED] = {"ESTABLISHED", "ESTABLISHED", "ESTABLISHED", "ESTAB", "established"},
    [WEIR_TCP_SYN_SENT] = {"SYN_SENT", "SYN_SENT", "SYN_SENT", "SYN-SENT", "syn-sent"},
    [WEIR_TCP_SYN_RECEIVED] = {"SYN_RCVD", "SYN_RECV", "SYN_RCVD", "SYN-RECV", "syn-recv"},
    [WEIR_TCP_FIN_WAIT_1] = {"FIN_WAIT_1", "FIN_WAIT1", "FIN_WAIT_1", "FIN-WAIT-1", "fin-wait-1"},
    [WEIR_TCP_FIN_WAIT_2] = {"FIN_WAIT_2", "FIN_WAIT2", "FIN_WAIT_2", "FIN-WAIT-2", "fin-wait-2"},
    [WEIR_TCP_TIME_WAIT] = {"TIME_WAIT", "TIME_WAIT", "TIME_WAIT", "TIME-WAIT", "time-wait"},
    [WEIR_TCP_CLOSED] = {"CLOSED", "CLOSE", "CLOSED", "UNCONN", "unconnected"},
    [WEIR_TCP_CLOSE_WAIT] = {"CLOSE_WAIT", "CLOSE_WAIT", "CLOSE_WAIT", "CLOSE-WAIT", "close-wait"},
    [WEIR_TCP_LAST_ACK] = {"LAST_ACK", "LAST_ACK", "LAST_ACK", "LAST-ACK", "last-ack"},
    [WEIR_TCP_LISTEN] = {"LISTEN", "LISTEN", "LISTENING", "LISTEN", "listening"},
    [WEIR_TCP_CLOSING] = {"CLOSING", "CLOSING", "CLOSING", "CLOSING", "closing"},
};

#define BIT(state) (1u << WEIR_TCP_##state)
#define ALL_STATES (((1u << STATES) - 1) & ~1u)

/* Words for sets, and second names. */
static const struct {
	const char *word;
	unsigned set;
} sets[] = {
    {"all", ALL_STATES},
    {"connected", ALL_STATES & ~(BIT(CLOSED) | BIT(LISTEN))},
    {"synchronized", ALL_STATES & ~(BIT(CLOSED) | BIT(LISTEN) | BIT(SYN_SENT))},
    {"bucket", BIT(SYN_RECEIVED) | BIT(TIME_WAIT)},
    {"big", ALL_STATES & ~(BIT(SYN_RECEIVED) | BIT(TIME_WAIT))},
    {"close", BIT(CLOSED)},
    {"closed", BIT(CLOSED)},
    {"syn-rcv", BIT(SYN_RECEIVED)},
};

enum { SETS = sizeof(sets) / sizeof(sets[0]) };

const char *state_name(enum weir_tcp_state state, enum state_spelling spelling)
{
	return names[state][spelling];
}

bool state_read(const char *name, enum weir_tcp_state *state)
{
	for (unsigned i = 1; i < STATES; i++) {
		if (strcmp(names[i][STATE_RFC], name) == 0) {
			*state = (enum weir_tcp_state)i;
			return true;
		}
	}
	return false;
}

unsigned state_set_read(const char *word)
{
	for (size_t i = 0; i < SETS; i++) {
		if (strcasecmp(sets[i].word, word) == 0)
			return sets[i].set;
	}
	for (unsigned i = 1; i < STATES; i++) {
		if (strcasecmp(names[i][STATE_FILTER], word) == 0)
			return 1u << i;
	}
	return 0;
}

const char *state_set_word(const void *ctx, size_t i)
{
	(void)ctx;
	if (i < SETS)
		return sets[i].word;
	i = i - SETS + 1;
	return i < STATES ? names[i][STATE_FILTER] : NULL;
}
