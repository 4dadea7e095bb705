/* SPDX-License-Identifier: Apache-2.0
 *
 * What few programs set for a connection. Memory for it is there only when one of the options was set; it belongs to
 * the socket, the control block points to it. 0 = as the stack has it, in each field.
 */
#ifndef WEIR_TCP_TUNING_H
#define WEIR_TCP_TUNING_H

#include <stdint.h>

enum { TUNING_LEAST_CLAMP = 1152, TUNING_LINGER2_MAX_S = 120 }; /* Linux's */

struct sock_stamps;

struct tcp_tuning {
	uint32_t rto_max_ms;        /* TCP_RTO_MAX_MS */
	uint32_t rto_min_us;        /* TCP_RTO_MIN_US */
	uint32_t delack_max_us;     /* TCP_DELACK_MAX_US */
	uint32_t window_clamp;      /* TCP_WINDOW_CLAMP: the most that is advertised */
	uint32_t notsent_lowat;     /* TCP_NOTSENT_LOWAT */
	uint32_t pacing_limit;      /* SO_MAX_PACING_RATE: bytes a second; UINT32_MAX = none */
	uint32_t stamping;          /* SO_TIMESTAMPING: enum sock_stamping */
	int32_t linger2_s;          /* TCP_LINGER2; -1 = an orphan does not wait for the peer's FIN at all */
	struct sock_stamps *stamps; /* the socket's own, of the room above; NULL = none yet */
};

#endif
