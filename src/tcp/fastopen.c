/* SPDX-License-Identifier: Apache-2.0
 *
 * See fastopen.h.
 */
#include "tcp/fastopen.h"

#include "tcp/internal.h"

#include <string.h>

#define HELD_AFTER_RST weir_s(60)

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct fast_open *get(struct host *h, struct tcb *tcb)
{
	if (tcb->fast)
		return tcb->fast;
	tcb->fast = memory_buffer_get(&h->memory, TCP_FAST_OPEN_ORDER);
	if (!tcb->fast)
		return NULL;
	memset(tcb->fast, 0, sizeof(*tcb->fast));
	list_init(&tcb->fast->link);
	return tcb->fast;
}

static void leave(struct fast_open *fast)
{
	if (!fast->listener)
		return;
	fast->listener->fast_pending--;
	fast->listener = NULL;
	list_remove(&fast->link);
}

void tcp_fast_open_free(struct host *h, struct tcb *tcb)
{
	if (!tcb->fast)
		return;
	leave(tcb->fast);
	memory_buffer_put(&h->memory, tcb->fast, TCP_FAST_OPEN_ORDER);
	tcb->fast = NULL;
}

/* -- active */

bool tcp_fast_open_begin(struct host *h, struct tcb *tcb, const struct tcp_fast_open_known *known)
{
	struct fast_open *fast = get(h, tcb);

	if (!fast)
		return false;
	fast->option = !known->text || known->cookie_bytes > 0;
	fast->experimental = known->experimental;
	fast->cookie_bytes = known->cookie_bytes;
	memcpy(fast->cookie, known->cookie, sizeof(fast->cookie));
	fast->mss = known->mss;
	fast->deferred = known->text;
	tcb->fast_open_fail = known->text ? WEIR_FAST_OPEN_NO_FAIL : WEIR_FAST_OPEN_NO_COOKIE;
	return known->text;
}

static void put_option(const struct fast_open *fast, struct tcp_options *opt)
{
	opt->has_cookie = true;
	opt->cookie_experimental = fast->experimental;
	opt->cookie_bytes = fast->cookie_bytes;
	memcpy(opt->cookie, fast->cookie, sizeof(opt->cookie));
}

/* Text that goes with the SYN: a segment of the peer's size, less the most that options may take: how much they take
 * when it leaves may differ by then. */
static uint32_t syn_room(const struct tcb *tcb)
{
	uint32_t mss = least(tcb->fast->mss, least(tcb->mtu, tcb->path_mtu) - tcp_header_bytes(tcb)),
	         most = TCP_MAX_HEADER_BYTES - TCP_HEADER_BYTES;

	return mss > most ? mss - most : 0;
}

uint32_t tcp_fast_open_room(struct tcb *tcb)
{
	uint32_t room = tcp_fast_open_waits(tcb) ? syn_room(tcb) : 0;

	if (room == 0)
		tcp_fast_open_go(tcb);
	return room;
}

void tcp_fast_open_go(struct tcb *tcb)
{
	if (!tcp_fast_open_waits(tcb))
		return;
	tcb->fast->deferred = false;
	tcb->changed = true;
}

int64_t tcp_fast_open_write(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n)
{
	uint32_t room = tcp_fast_open_room(tcb);
	size_t taken = 0, wanted = 0;

	for (size_t i = 0; i < n; i++) {
		struct weir_slice piece = {vec[i].data, vec[i].len < room - taken ? vec[i].len : room - taken};

		wanted += vec[i].len;
		if (piece.len > 0)
			taken += ring_write(&tcb->sndq, &h->memory, &piece, 1);
	}
	if (wanted == 0 && tcp_fast_open_waits(tcb)) {
		tcp_fast_open_go(tcb);
		return -WEIR_EINPROGRESS;
	}
	tcp_fast_open_go(tcb);
	return taken > 0 || wanted == 0 ? (int64_t)taken : -WEIR_EAGAIN;
}

void tcp_fast_open_syn(const struct tcb *tcb, struct tcp_segment *seg)
{
	bool answer = (seg->flags & TCP_ACK) != 0;
	uint32_t len;

	if (!answer && !seq_eq(tcb->snd.max, tcb->iss)) { /* [7413 s4.2.1] the second SYN is an ordinary one */
		tcb->fast->repeated = true;
		return;
	}
	if (tcb->fast->option)
		put_option(tcb->fast, &seg->opt);
	if (answer || ring_used(&tcb->sndq) == 0)
		return;
	len = least(ring_used(&tcb->sndq), syn_room(tcb));
	seg->text_slices = (uint8_t)ring_slices(&tcb->sndq, 0, len, (struct weir_slice *)seg->text);
	seg->text_bytes = len;
}

void tcp_fast_open_answered(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	struct fast_open *fast = tcb->fast;

	fast->told_mss = (uint16_t)tcp_mss_told(&seg->opt, tcb->is_v6);
	if (seg->opt.has_cookie) {
		fast->told_bytes = seg->opt.cookie_bytes;
		fast->told_experimental = seg->opt.cookie_experimental;
		memcpy(fast->told, seg->opt.cookie, sizeof(fast->told));
	}
	tcb->syn_text = seq_gt(seg->ack, seq_add(tcb->iss, 1));
	if (tcb->syn_text)
		host_count(h, drop_tcp_fast_opens);
	if (seq_lt(seg->ack, tcb->snd.max))
		tcb->fast_open_fail = fast->repeated ? WEIR_FAST_OPEN_SYN_REPEATED : WEIR_FAST_OPEN_NOT_TAKEN;
	if (tcb->rec) { /* of a SYN that was repeated */
		tcp_recovery_free(h, tcb);
		tcb->sent_again = true;
	}
	tcb->snd.max = tcb->snd.nxt = seg->ack;
}

bool tcp_fast_open_too_big(struct host *h, struct tcb *tcb, uint16_t mtu)
{
	if (!tcb->fast || tcb->fast->repeated || mtu >= tcb->path_mtu || seq_dist(tcb->iss, tcb->snd.max) <= 1)
		return false;
	tcb->path_mtu = mtu;
	tcb->path_learned = tcb->changed = true;
	tcb->snd.nxt = tcb->iss; /* once more, bare */
	tcp_arm_retransmit(h, tcb);
	return true;
}

/* -- passive */

bool tcp_fast_open_has_room(const struct host *h, struct tcp_listener *l, uint32_t limit)
{
	if (!weir_time_before(h->now, l->fast_held_until))
		l->fast_held = 0;
	return l->fast_pending + l->fast_held < limit;
}

bool tcp_fast_open_accept(struct host *h, struct tcb *tcb, const struct tcp_segment *syn)
{
	struct tcp_listener *l = tcb->listener;
	struct fast_open *fast = get(h, tcb);

	if (!fast)
		return false;
	fast->listener = l;
	list_push_back(&l->fast, &fast->link);
	l->fast_pending++;
	tcb->fast_child = true;
	tcp_window_advertise(h, tcb, true);
	tcp_take_syn_text(h, tcb, syn);
	tcb->syn_text = tcb->rcvq.tail > 0;
	tcp_listener_completed(tcb);
	host_count(h, drop_tcp_fast_opens);
	return true;
}

void tcp_fast_open_offer(struct host *h, struct tcb *tcb, const uint8_t *cookie, uint8_t bytes, bool experimental)
{
	struct fast_open *fast = get(h, tcb);

	if (!fast)
		return;
	fast->option = true;
	fast->experimental = experimental;
	fast->cookie_bytes = bytes;
	memcpy(fast->cookie, cookie, bytes);
}

void tcp_fast_open_reset(const struct host *h, struct tcb *tcb)
{
	struct tcp_listener *l = tcb->fast ? tcb->fast->listener : NULL;

	if (!l)
		return;
	l->fast_held++;
	l->fast_held_until = weir_time_add(h->now, HELD_AFTER_RST);
}
