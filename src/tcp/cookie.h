/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN cookies (RFC 4987 s3.6): what a listener without a place for a connection would have to remember stands in the
 * numbers of its SYN,ACK, and comes back with the peer's acknowledgement. Nothing is kept meanwhile.
 *
 *	ISS    28 bits of a keyed hash | 1 bit of the minute | 3 bits: which of eight segment sizes
 *	TSval  its last six bits: ECN, SACK, four bits of the peer's window scale
 *
 * The hash is over the four-tuple, the peer's ISN, the minute and all that the other bits say, so that none of them
 * can be changed. A cookie is good for one to two of its minutes, and only while the listener has sent some lately.
 *
 * Lost by it: segment sizes between the eight; without timestamps window scaling, SACK and ECN; the SYN,ACK is not
 * sent again; no round trip is measured by it; the ISN has no clock in it.
 */
#ifndef WEIR_TCP_COOKIE_H
#define WEIR_TCP_COOKIE_H

#include "tcp/tcp.h"

enum { TCP_COOKIES_NEVER = 0, TCP_COOKIES_WHEN_FULL = 1, TCP_COOKIES_ALWAYS = 2 };

/* Has it sent cookies that may still come back? */
bool tcp_cookies_out(const struct host *h, const struct tcp_listener *l);

/* The SYN,ACK that answers syn, ports not filled in; mtu, rqs and the most that it may grow to as the connection will
 * have them. */
void tcp_cookie_answer(struct host *h, struct tcp_listener *l, const struct weir_endpoint *local,
                       const struct weir_endpoint *remote, const struct tcp_segment *syn, uint16_t mtu, uint32_t rqs,
                       uint32_t largest_rqs, struct tcp_segment *answer);

/* Is this the acknowledgement of one of ours? Then syn is the SYN as far as the cookie tells. */
bool tcp_cookie_good(const struct host *h, const struct weir_endpoint *local, const struct weir_endpoint *remote,
                     const struct tcp_segment *ack, struct tcp_segment *syn);

/* After tcp_open_passive() with that SYN and the acknowledged ISS: the SYN,ACK has been sent. */
void tcp_cookie_opened(const struct host *h, struct tcb *tcb);

#endif
