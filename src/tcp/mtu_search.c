/* SPDX-License-Identifier: Apache-2.0
 *
 * See mtu.h: paths that drop what is too big without a word [4821, 8899].
 */
#include "tcp/internal.h"

#define RAISE weir_s(600)

enum { PROBES_OF_THE_LARGEST = 2, FOLLOWERS = 3 };

/* What is tried in turn when nothing gets through: what IPv6 demands of every link, and, over IPv4, what few are below.
 */
static const uint16_t base4[] = {1280, 1024, 552}, base6[] = {1280};

/* Sizes that links and tunnels of this world have. */
static const uint16_t usual[] = {576,  1024, 1280, 1380, 1400, 1420, 1440, 1460,  1472,
                                 1480, 1492, 1500, 2002, 4352, 8166, 9000, 16384, 32768};

enum { USUAL = sizeof(usual) / sizeof(usual[0]) };

static uint32_t overhead(const struct tcb *tcb)
{
	return tcp_header_bytes(tcb) + (tcb->timestamps ? TCP_TS_OPTION_BYTES : 0);
}

/* The packets that we send now, and the largest that the interface and the peer let us send. */
static uint16_t packet_now(const struct tcb *tcb)
{
	return (uint16_t)(tcb->snd.mss + overhead(tcb));
}

static uint16_t packet_most(const struct tcb *tcb)
{
	uint32_t peer = tcb->snd.peer_mss + tcp_header_bytes(tcb);

	return peer < tcb->mtu ? (uint16_t)peer : tcb->mtu;
}

static uint16_t next_base(const struct tcb *tcb)
{
	const uint16_t *base = tcb->is_v6 ? base6 : base4;
	unsigned n = tcb->is_v6 ? sizeof(base6) / sizeof(base6[0]) : sizeof(base4) / sizeof(base4[0]);

	for (unsigned i = 0; i < n; i++)
		if (base[i] < packet_now(tcb))
			return base[i];
	return 0;
}

/* The size to try next, or 0: first the largest, as after an outage that was none of the size's doing; then between
 * what gets through and what does not. */
static uint16_t next_size(const struct tcb *tcb)
{
	const struct mtu_search *s = tcb->search;
	uint16_t low = packet_now(tcb), most = packet_most(tcb);
	unsigned first = 0, end;

	if (low >= most)
		return 0;
	if (s->failed == 0)
		return most;
	while (first < USUAL && usual[first] <= low)
		first++;
	for (end = first; end < USUAL && usual[end] < s->failed && usual[end] < most; end++)
		continue;
	return first < end ? usual[first + (end - first) / 2] : 0;
}

static void search_on(const struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;

	s->losses = 0;
	s->size = next_size(tcb);
	s->state = s->size > 0 ? MTU_PROBING : MTU_DONE;
	if (s->state == MTU_DONE)
		s->raise_at = weir_time_add(h->now, RAISE);
}

/* [8899 s4.3] Full segments are lost although they were sent again: perhaps it is their size. */
static bool is_suspicious(const struct host *h, const struct tcb *tcb)
{
	return h->config.mtu_probing && !tcb->mtu_fixed && tcb->retransmits > 0 &&
	       seq_dist(tcb->snd.una, tcb->snd.max) >= tcb->snd.mss;
}

static void suspect(struct host *h, struct tcb *tcb)
{
	uint16_t base = next_base(tcb);
	struct mtu_search *s = base ? tcp_mtu_search_get(h, tcb) : NULL;

	if (!s)
		return;
	if (s->state != MTU_SUSPECT) {
		s->prior_ssthresh = tcb->rec && tcb->rec->undo ? tcb->rec->undo_ssthresh : tcb->ssthresh;
		s->failed = 0;
		s->proven = false;
	}
	s->state = MTU_SUSPECT;
	s->suspect_una = tcb->snd.una;
	tcb->path_mtu = base;
	tcp_mtu_fit(tcb);
}

/* Nothing has been learned from it but that it is gone: not told as a loss of the size where everything was lost. */
static void forget_probe(struct mtu_search *s)
{
	s->probing = s->lost = false;
}

void tcp_mtu_timeout(struct host *h, struct tcb *tcb)
{
	if (tcb->search)
		forget_probe(tcb->search);
	if (is_suspicious(h, tcb))
		suspect(h, tcb);
}

/* It was the size: what the losses did to congestion control was for nothing. */
static void prove(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;

	tcb->path_learned = tcb->changed = true;
	if (s->proven)
		return;
	s->proven = true;
	host_count(h, drop_tcp_black_holes);
	if (tcb->ssthresh < s->prior_ssthresh) {
		tcb->ssthresh = s->prior_ssthresh;
		if (tcb->cc->undo)
			tcb->cc->undo(h, tcb);
	}
}

static void passed(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;

	forget_probe(s);
	/* Nothing larger has failed: it was an outage, and nothing is known of the path. */
	tcb->path_mtu = s->proven || s->size < packet_most(tcb) ? s->size : tcb->mtu;
	tcp_mtu_fit(tcb);
	if (tcb->cwnd < 2u * tcb->snd.mss)
		tcb->cwnd = 2u * tcb->snd.mss;
	if (s->proven)
		tcb->path_learned = tcb->changed = true;
	search_on(h, tcb);
}

void tcp_mtu_acknowledged(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;

	if (s->state == MTU_SUSPECT && seq_gt(tcb->snd.una, s->suspect_una))
		search_on(h, tcb);
	if (!s->probing || seq_lt(tcb->snd.una, s->probe_end))
		return;
	if (s->lost)
		forget_probe(s);
	else
		passed(h, tcb);
}

/* May a probe go at all? Nothing else must be in doubt. */
static bool may_probe(const struct host *h, const struct tcb *tcb)
{
	const struct mtu_search *s = tcb->search;

	if (s->state != MTU_PROBING || s->probing || tcb->in_recovery || tcb->in_loss || !h->config.mtu_probing)
		return false;
	return !tcb->rec || (tcb->rec->sent.lost_bytes == 0 && tcb->rec->sent.sacked_bytes == 0);
}

/* Behind the probe enough must follow that its loss shows at once: there must be bytes and room for that. */
uint32_t tcp_mtu_probe_bytes(const struct host *h, struct tcb *tcb, uint32_t sendable)
{
	struct mtu_search *s = tcb->search;
	uint32_t len, all;

	if (s->state == MTU_DONE && !weir_time_before(h->now, s->raise_at) && !tcb->mtu_fixed) {
		s->failed = 0;
		search_on(h, tcb);
	}
	if (!may_probe(h, tcb) || tcp_sack_bytes(tcb) > 0)
		return 0;
	len = s->size - overhead(tcb);
	all = len + FOLLOWERS * tcb->snd.mss;
	if (seq_dist(tcb->snd.nxt, tcb_send_end(tcb)) < all || tcb->cwnd < all || tcb->snd.wnd < all)
		return 0;
	if (sendable >= len)
		return len;
	/* The windows open by less than a probe: what would go now waits for the next acknowledgement. */
	return tcb_flight(tcb) > 0 ? MTU_PROBE_WAITS : 0;
}

void tcp_mtu_probe_sent(struct tcb *tcb, seq_t seq, uint32_t len)
{
	struct mtu_search *s = tcb->search;

	s->probing = true;
	s->lost = false;
	s->probe_seq = seq;
	s->probe_end = seq_add(seq, len);
}

/* A part of the probe goes again, for whatever reason: what is acknowledged may be that, and tells nothing of the size.
 */
void tcp_mtu_resent(struct tcb *tcb, seq_t seq, uint32_t len)
{
	struct mtu_search *s = tcb->search;

	if (s->probing && seq_lt(seq, s->probe_end) && seq_lt(s->probe_seq, seq_add(seq, len)))
		s->lost = true;
}

static void failed(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;
	bool largest = s->failed == 0;

	s->lost = true;
	if (++s->losses < (largest ? PROBES_OF_THE_LARGEST : 1))
		return;
	s->failed = s->size;
	if (largest)
		prove(h, tcb);
	search_on(h, tcb);
}

/* Bytes of the probe that are taken for lost and were sent once. */
static uint32_t lost_of_probe(const struct tcb *tcb)
{
	const struct sent *sent = &tcb->rec->sent;
	const struct mtu_search *s = tcb->search;
	seq_t from = seq_max(s->probe_seq, tcb->snd.una);
	uint32_t bytes = 0;

	if (!seq_lt(from, s->probe_end) || sent->chunks == 0)
		return 0;
	for (struct sent_place p = sent_find(sent, from); !sent_at_end(sent, p); p = sent_next(sent, p)) {
		const struct sent_run *run = sent_run(sent, p);
		seq_t start = seq_max(run->start, from), end = sent_run_end(sent, p);

		if (seq_ge(start, s->probe_end))
			break;
		if (seq_gt(end, s->probe_end))
			end = s->probe_end;
		if ((run->flags & (SENT_LOST | SENT_AGAIN)) == SENT_LOST)
			bytes += seq_dist(start, end);
	}
	return bytes;
}

/* [4821 s7.6.2] */
bool tcp_mtu_probe_lost(struct host *h, struct tcb *tcb)
{
	struct mtu_search *s = tcb->search;
	uint32_t bytes = s->probing ? lost_of_probe(tcb) : 0;

	if (bytes == 0)
		return false;
	if (!s->lost)
		failed(h, tcb);
	return bytes == tcb->rec->sent.lost_bytes;
}
