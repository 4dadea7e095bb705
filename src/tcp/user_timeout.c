/* SPDX-License-Identifier: Apache-2.0
 *
 * The user time-out, local (TCP_USER_TIMEOUT [9293 MUST-21]) and on the wire [5482]: what one end has set it tells the
 * other, which then waits as long, within bounds, unless its own program has set something. Off unless
 * weir_config.user_timeout_option is on: it lets a peer say how long our memory is held.
 *
 * The option goes on SYNs, and on one segment without text after the opening and after each change; it is not repeated
 * when that is lost [5482 s3.3].
 */
#include "tcp/internal.h"

enum { MOST_IN_SECONDS = 0x7fff };

/* R2 as a time, or 0: then it is a number of repetitions. */
uint32_t tcp_user_timeout_ms(const struct tcb *tcb)
{
	return tcb->user_timeout_ms > 0 ? tcb->user_timeout_ms : tcb->peer_timeout_s * 1000u;
}

bool tcp_past_user_timeout(const struct host *h, const struct tcb *tcb)
{
	uint32_t ms = tcp_user_timeout_ms(tcb);

	return ms > 0 && weir_time_since(h->now, tcb->stuck_since).ns >= weir_ms(ms).ns;
}

weir_duration tcp_user_timeout_left(const struct host *h, const struct tcb *tcb, weir_duration wait)
{
	uint32_t ms = tcp_user_timeout_ms(tcb);
	weir_duration left;

	if (ms == 0)
		return wait;
	left.ns = weir_ms(ms).ns - weir_time_since(h->now, tcb->stuck_since).ns;
	if (left.ns < weir_ms(1).ns)
		left = weir_ms(1);
	return left.ns < wait.ns ? left : wait;
}

/* Is there something to tell the peer? */
static bool tells(const struct host *h, const struct tcb *tcb)
{
	return h->config.user_timeout_option && tcb->user_timeout_ms > 0;
}

void tcp_user_timeout_changed(const struct host *h, struct tcb *tcb)
{
	tcb->peer_timeout_s = 0;
	tcb->timeout_due = tells(h, tcb) && tcb_synchronised(tcb);
}

void tcp_user_timeout_tell(const struct host *h, struct tcb *tcb, struct tcp_options *opt)
{
	tcb->timeout_due = false;
	if (!tells(h, tcb))
		return;
	opt->user_timeout_s = (tcb->user_timeout_ms + 999) / 1000;
	if (opt->user_timeout_s > MOST_IN_SECONDS) /* told in minutes */
		opt->user_timeout_s = (opt->user_timeout_s + 59) / 60 * 60;
}

/* [5482 s3.1] Within bounds, and only where the program has left it open. */
void tcp_user_timeout_arrives(const struct host *h, struct tcb *tcb, uint32_t seconds)
{
	uint32_t least = (uint32_t)(h->config.user_timeout_least.ns / WEIR_NS_PER_S);
	uint32_t most = (uint32_t)(h->config.user_timeout_most.ns / WEIR_NS_PER_S);

	if (!h->config.user_timeout_option || tcb->user_timeout_ms > 0)
		return;
	if (seconds < least)
		seconds = least;
	tcb->peer_timeout_s = (uint16_t)(seconds < most ? seconds : most);
}
