/* SPDX-License-Identifier: Apache-2.0
 *
 * See mtu.h: the size of segments, and what routers say of it.
 */
#include "tcp/fastopen.h"
#include "tcp/internal.h"

#include <string.h>

#define RAISE weir_s(600)

/* [9293 MUST-16] Least of what the peer takes and what the path carries, less the options of every segment. */
void tcp_mtu_fit(struct tcb *tcb)
{
	uint32_t mtu = tcb->path_mtu < tcb->mtu ? tcb->path_mtu : tcb->mtu;
	uint32_t mss = mtu - tcp_header_bytes(tcb);

	if (mss > tcb->snd.peer_mss)
		mss = tcb->snd.peer_mss;
	if (mss < TCP_MIN_MSS)
		mss = TCP_MIN_MSS;
	tcb->snd.mss = (uint16_t)(mss - (tcb->timestamps ? TCP_TS_OPTION_BYTES : 0));
}

struct mtu_search *tcp_mtu_search_get(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;

	if (s)
		return s;
	s = memory_buffer_get(&h->memory, MTU_SEARCH_ORDER);
	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->raise_at = weir_time_add(h->now, RAISE);
	tcb->search = s;
	return s;
}

void tcp_mtu_search_free(struct host *h, struct tcb *tcb)
{
	if (tcb->search)
		memory_buffer_put(&h->memory, tcb->search, MTU_SEARCH_ORDER);
	tcb->search = NULL;
}

/* A path that another connection found to be small may have grown. */
void tcp_mtu_begin(struct host *h, struct tcb *tcb)
{
	tcp_mtu_fit(tcb);
	if (tcb->path_mtu < tcb->mtu && !tcb->mtu_fixed)
		tcp_mtu_search_get(h, tcb);
}

/* [1191 s6.5; 8201 s5.4] All that is under way goes again, at once, and congestion control hears nothing of it. */
static void send_again(struct host *h, struct tcb *tcb)
{
	struct tcp_news news = {0};
	struct recovery *r;

	if (seq_eq(tcb->snd.una, tcb->snd.max))
		return;
	tcb->resend_now = true;
	r = tcp_recovery_get(h, tcb);
	if (r) {
		tcp_recovery_mark_lost(h, tcb, tcb->snd.una, tcb->snd.max, &news);
		r->probe = r->probe_now = false;
		r->reno_bytes = 0;
		r->due = WEIR_NEVER;
		if (!tcb->in_recovery && !tcb->in_loss) {
			tcb->in_loss = true;
			tcb->recover = tcb->snd.max;
			r->undo = false;
			r->frto = FRTO_NONE;
		}
	}
	tcp_arm_retransmit(h, tcb);
}

static void lower(struct host *h, struct tcb *tcb, uint16_t mtu)
{
	struct mtu_search *s = tcp_mtu_search_get(h, tcb);
	uint16_t before = tcb->snd.mss;

	if (s) {
		memset(s, 0, sizeof(*s));
		s->lowered_at = h->now;
		s->raise_at = weir_time_add(h->now, RAISE);
	}
	tcb->path_mtu = mtu;
	tcp_mtu_fit(tcb);
	tcb->path_learned = tcb->changed = true;
	host_count(h, drop_tcp_path_mtu_lowered);
	if (tcb->snd.mss < before)
		send_again(h, tcb);
}

/* [attacks C-16] Once a round trip, so that a flood of messages makes no flood of repetitions. */
static bool just_lowered(const struct host *h, const struct tcb *tcb)
{
	weir_duration least = tcb->srtt.ns > 0 ? tcb->srtt : tcb->rto;

	return tcb->search && tcb->search->lowered_at.ns > 0 &&
	       weir_time_since(h->now, tcb->search->lowered_at).ns < least.ns;
}

bool tcp_mtu_too_big(struct host *h, struct tcb *tcb, seq_t seq, uint16_t mtu)
{
	struct mtu_search *s;

	if (tcb->state == WEIR_TCP_SYN_SENT && !tcb->mtu_fixed && mtu > 0 && seq_eq(seq, tcb->iss))
		return tcp_fast_open_too_big(h, tcb, mtu);
	if (tcb->mtu_fixed || !tcb_synchronised(tcb) || mtu == 0 || mtu >= tcb->path_mtu ||
	    !seq_in(seq, tcb->snd.una, seq_dist(tcb->snd.una, tcb->snd.max)))
		return false;
	/* [5927 s7.2] As long as no full segment can have arrived, nothing speaks against it. */
	if (seq_dist(tcb->iss, tcb->snd.una) <= tcb->snd.mss && !just_lowered(h, tcb)) {
		lower(h, tcb, mtu);
		return true;
	}
	s = tcp_mtu_search_get(h, tcb);
	if (!s)
		return false;
	s->claimed = mtu;
	s->claimed_seq = seq;
	return true;
}

bool tcp_mtu_stalled(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;
	uint16_t mtu = s ? s->claimed : 0;

	if (mtu == 0)
		return false;
	s->claimed = 0;
	if (seq_gt(tcb->snd.una, s->claimed_seq) || mtu >= tcb->path_mtu)
		return false;
	lower(h, tcb, mtu);
	return true;
}
