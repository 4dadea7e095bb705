/* SPDX-License-Identifier: Apache-2.0
 *
 * What is reported to programs besides the results of their calls [9293 s3.9.1.8]: ICMP errors, and repetitions beyond
 * R1. Everybody gets it as an event and, of connections, as a soft error (SO_ERROR); who asked for it (IP_RECVERR,
 * IPV6_RECVERR) as an entry of a bounded queue, which weir_recv_error() reads.
 */
#ifndef WEIR_SOCK_REPORT_H
#define WEIR_SOCK_REPORT_H

#include "sock/sock.h"

enum { SOCK_REPORTS = 16, SOCK_R1 = 3 /* [9293 SHLD-10] */ };

struct sock_reports {
	uint8_t first, count;
	struct weir_error_report report[SOCK_REPORTS];
};

/* The error that an ICMP error stands for, as on Linux; 0: it says nothing to a program. */
int sock_icmp_errno(const struct wire_icmp *icmp, unsigned version);
/* An ICMP error about something that this socket has sent, and what it stands for. */
void sock_report_icmp(struct weir_socket *s, const struct net_packet *packet, int error);
/* Something has been sent SOCK_R1 times in vain. */
void sock_report_silence(struct weir_socket *s);
/* Did the program ask for reports about packets of this family? */
bool sock_wants_reports(const struct weir_socket *s, bool v4);
/* For weir_recv_error(); one too many is counted. */
void sock_report_queue(struct weir_socket *s, const struct weir_error_report *report);
void sock_reports_free(struct weir_socket *s);

static inline bool sock_has_reports(const struct weir_socket *s)
{
	return unlikely(s->reports != NULL) && s->reports->count > 0;
}

#endif
