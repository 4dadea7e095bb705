/* SPDX-License-Identifier: Apache-2.0
 *
 * See reopen.h.
 */
#include "tcp/reopen.h"

#include "tcp/internal.h"

#include <string.h>

struct rare *tcp_quiet_time_keep(struct host *h, struct tcb *old)
{
	struct rare *r;

	tcp_rare_free(h, old);
	r = tcp_rare_get(h, old);
	if (!r)
		return NULL;
	old->rare = NULL;
	r->quiet = (struct quiet_time){
	    .there = true,
	    .timestamps = old->timestamps,
	    .sack = old->sack,
	    .scaling = old->scaling,
	    .snd_shift = old->snd.shift,
	    .rcv_shift = old->rcv.shift,
	    .snd_nxt = old->snd.max,
	    .wl1 = old->snd.wl1,
	    .wl2 = old->snd.wl2,
	    .rcv_nxt = old->rcv.nxt,
	    .rcv_adv = old->rcv.adv,
	    .snd_wnd = old->snd.wnd,
	    .max_wnd = old->snd.max_wnd,
	    .ts_recent = old->ts_recent,
	    .ts_offset = old->ts_offset,
	    .ts_recent_at = old->ts_recent_at,
	    .until = old->timer[TCB_TIMER_WAIT],
	};
	return r;
}

void tcp_reopened(struct host *h, struct tcb *tcb, struct rare *kept)
{
	if (!tcb) {
		memory_buffer_put(&h->memory, kept, RARE_ORDER);
		return;
	}
	tcp_rare_free(h, tcb);
	tcb->rare = kept;
}

void tcp_reopen_proved(struct host *h, struct tcb *tcb)
{
	if (tcb->rare && tcb->rare->quiet.there)
		tcp_rare_free(h, tcb);
}

/* Both FINs have been sent and acknowledged, and no byte is in a queue: so its numbers are made up backwards. */
static void restore(struct tcb *tcb, const struct quiet_time *q)
{
	tcb->iss = seq_sub(q->snd_nxt, 2);
	tcb->snd.una = tcb->snd.nxt = tcb->snd.max = q->snd_nxt;
	tcb->snd.wl1 = q->wl1;
	tcb->snd.wl2 = q->wl2;
	tcb->snd.wnd = q->snd_wnd;
	tcb->snd.max_wnd = q->max_wnd;
	tcb->snd.shift = q->snd_shift;
	tcb->fin_queued = true;
	tcb->irs = seq_sub(q->rcv_nxt, 2);
	tcb->rcv.nxt = tcb->last_ack_sent = q->rcv_nxt;
	tcb->rcv.adv = q->rcv_adv;
	tcb->rcv.shift = q->rcv_shift;
	tcb->fin_seen = tcb->fin_received = true;
	tcb->fin_seq = seq_sub(q->rcv_nxt, 1);
	tcb->timestamps = q->timestamps;
	tcb->sack = q->sack;
	tcb->scaling = q->scaling;
	tcb->ts_recent = q->ts_recent;
	tcb->ts_recent_at = q->ts_recent_at;
	tcb->ts_offset = q->ts_offset;
	tcb->ecn = tcb->ecn_sends = tcb->ecn_echo = tcb->ecn_cwr = tcb->ecn_reducing = false;
	tcb->retransmits = 0;
	tcb->keepalive = false;
	tcb_timer_start(tcb, TCB_TIMER_WAIT, q->until);
}

bool tcp_reopen_failed(struct host *h, struct tcb *tcb)
{
	struct quiet_time quiet;

	if (tcb->state != WEIR_TCP_SYN_RECEIVED || !tcb->rare || !tcb->rare->quiet.there)
		return false;
	quiet = tcb->rare->quiet;
	if (!weir_time_before(h->now, quiet.until))
		return false;
	tcb->orphan = true; /* no program has ever seen it */
	tcb_end(h, tcb, 0);
	restore(tcb, &quiet);
	tcb_set_state(tcb, WEIR_TCP_TIME_WAIT);
	host_count(h, drop_tcp_reopen_failed);
	return true;
}
