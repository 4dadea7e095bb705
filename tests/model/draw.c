/* SPDX-License-Identifier: Apache-2.0
 *
 * What is drawn: settings, and segments of every class (flags x sequence number x acknowledgement x length x window),
 * near the numbers that matter.
 */
#include "walk.h"

enum { MS = 1000000 };

uint32_t walk_draw(struct walk *w, uint32_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)((w->random >> 32) * below >> 32);
}

bool walk_chance(struct walk *w, uint32_t one_in)
{
	return walk_draw(w, one_in) == 0;
}

#define PICK(w, list) ((list)[walk_draw(w, sizeof(list) / sizeof((list)[0]))])

static uint32_t draw_start(struct walk *w)
{
	static const uint32_t start[] = {0, 0x7fffff80, 0xffffffff, 0xffffff00, 0x12345678};

	return walk_chance(w, 3) ? walk_draw(w, UINT32_MAX) : PICK(w, start);
}

void walk_draw_setting(struct walk *w)
{
	static const uint32_t bound[] = {1, 2, 10, 100, 536, 1000, 2000, 5000, 10000, 70000};
	static const uint8_t shift[] = {0, 0, 0, 1, 4};
	struct model_setting *s = &w->set.rules;

	w->set.iss = draw_start(w);
	w->set.listener = !walk_chance(w, 3);
	s->rqs = PICK(w, bound);
	s->sqs = PICK(w, bound);
	s->v6 = walk_chance(w, 2);
	s->mtu = s->v6 ? 1280 : walk_chance(w, 2) ? 576 : 1500;
	s->timestamps = !walk_chance(w, 3);
	s->sack = !walk_chance(w, 3);
	s->scaling = !walk_chance(w, 3);
	w->set.window_shift = PICK(w, shift);
	s->time_wait = INT64_C(60000) * MS;
	s->fin_wait_2 = INT64_C(30000) * MS;
	s->challenge_interval = walk_chance(w, 4) ? 0 : INT64_C(500) * MS;
	s->delayed_ack = INT64_C(40) * MS;
}

int64_t walk_draw_time(struct walk *w)
{
	static const int64_t ms[] = {1, 3, 10, 41, 100, 200, 501, 1000, 1000, 3000, 30001, 60001, 130000};

	return PICK(w, ms) * MS + walk_draw(w, MS);
}

static uint8_t draw_flags(struct walk *w)
{
	static const uint8_t usual[] = {M_ACK,         M_ACK,         M_ACK,         M_ACK,         M_ACK | M_PSH,
	                                M_ACK | M_PSH, M_ACK | M_PSH, M_ACK | M_PSH, M_FIN | M_ACK, M_FIN | M_ACK,
	                                M_SYN,         M_SYN | M_ACK, M_RST,         M_RST | M_ACK, 0};

	return walk_chance(w, 8) ? (uint8_t)walk_draw(w, 256) : PICK(w, usual);
}

static uint32_t draw_length(struct walk *w, uint32_t wnd)
{
	switch (walk_draw(w, 8)) {
	case 0:
	case 1:
	case 2:
		return 0;
	case 3:
		return 1;
	case 4:
		return 1 + walk_draw(w, 50);
	case 5:
		return wnd < 1300 ? wnd : 1300; /* all of the window */
	case 6:
		return wnd < 1300 ? wnd + 1 : 1301;
	default:
		return walk_draw(w, 500);
	}
}

/* At RCV.NXT, around it, around the right edge, over both, far away. */
static uint32_t draw_seq(struct walk *w, uint32_t len)
{
	const struct model *m = &w->model;
	uint32_t wnd = m->edge - m->rcv_nxt;

	switch (walk_draw(w, 20)) {
	case 0:
		return m->rcv_nxt - 1;
	case 1:
		return m->rcv_nxt - len; /* wholly old, up to the edge */
	case 2:
		return m->rcv_nxt - len / 2 - 1;
	case 3:
		return m->rcv_nxt + 1;
	case 4:
		return m->edge - 1;
	case 5:
		return m->edge;
	case 6:
		return m->edge + 1;
	case 7:
		return m->edge - len;
	case 8:
		return m->edge - len / 2;
	case 9:
		return m->rcv_nxt + (wnd ? walk_draw(w, wnd) : 0);
	case 10:
		return m->irs;
	case 11:
		return m->ahead_count ? m->ahead[0].start - 1 : m->rcv_nxt + 2;
	case 12:
		return walk_chance(w, 2) ? walk_draw(w, UINT32_MAX) : m->rcv_nxt + UINT32_C(0x80000000);
	case 13:
		return m->fin_taken ? m->rcv_nxt - 1 - len : m->rcv_nxt;
	default:
		return m->rcv_nxt;
	}
}

/* At SND.NXT, between it and SND.UNA, around both, as far behind as the largest window, far away. */
static uint32_t draw_ack(struct walk *w)
{
	const struct model *m = &w->model;

	switch (walk_draw(w, 20)) {
	case 0:
		return m->una;
	case 1:
	case 2:
		return m->una + walk_draw(w, m->nxt - m->una + 1);
	case 3:
		return m->una - 1;
	case 4:
		return m->una - m->max_wnd;
	case 5:
		return m->una - m->max_wnd - 1;
	case 6:
		return m->nxt + 1;
	case 7:
		return m->iss;
	case 8:
		return walk_chance(w, 2) ? walk_draw(w, UINT32_MAX) : m->una + UINT32_C(0x80000000);
	default:
		return m->nxt;
	}
}

uint32_t walk_draw_quoted(struct walk *w)
{
	const struct model *m = &w->model;
	const uint32_t near[] = {m->una, m->nxt, m->una - 1, m->nxt + 1, m->iss, m->una + walk_draw(w, 1000)};

	return PICK(w, near);
}

static uint16_t draw_window(struct walk *w)
{
	static const uint16_t wnd[] = {0, 1, 10, 500, 2000, 10000, 65535, 65535};

	return walk_chance(w, 8) ? (uint16_t)walk_draw(w, 65536) : PICK(w, wnd);
}

static void draw_options(struct walk *w, struct model_segment *seg)
{
	static const int mss[] = {-1, 0, 100, 536, 1220, 1460, 65535};
	const struct model *m = &w->model;
	bool syn = seg->flags & M_SYN;

	seg->mss = syn || walk_chance(w, 20) ? PICK(w, mss) : -1;
	seg->wscale = syn && walk_chance(w, 2) ? (int)walk_draw(w, 16) : -1;
	seg->sack_ok = syn && walk_chance(w, 2);
	seg->has_ts = m->state >= M_SYN_RECEIVED && m->timestamps ? !walk_chance(w, 10) : walk_chance(w, 2);
	seg->ts_val = m->ts_recent + (walk_chance(w, 8) ? walk_draw(w, 5) - 3 : walk_draw(w, 3));
	/* Between gaps, one that is only a little older is taken: judgement call. This one is a lot older. */
	if (m->ahead_count > 0 && !before(seg->seq, m->rcv_nxt) && before(seg->ts_val, m->ts_recent))
		seg->ts_val -= 100000;
	seg->ts_ecr = m->state == M_SYN_SENT && !walk_chance(w, 8) ? m->syn_ts : walk_draw(w, UINT32_MAX);
	/* All together must fit. */
	if (!syn && seg->mss < 0 && seg->wscale < 0 && !seg->has_ts && walk_chance(w, 5))
		seg->sack_blocks = 1 + walk_draw(w, 3);
	for (unsigned i = 0; i < seg->sack_blocks; i++) {
		seg->sack[i][0] = m->una + walk_draw(w, m->nxt - m->una + 2);
		seg->sack[i][1] = seg->sack[i][0] + walk_draw(w, 300) - 10;
	}
}

void walk_draw_segment(struct walk *w, struct model_segment *seg)
{
	const struct model *m = &w->model;
	uint32_t wnd = m->edge - m->rcv_nxt;
	bool opening = m->state == M_CLOSED || m->state == M_LISTEN || m->state == M_SYN_SENT;

	*seg = (struct model_segment){.flags = draw_flags(w)};
	/* A quiet one among the wild ones, or no connection would live for long. */
	if (opening && walk_chance(w, 2))
		seg->flags = m->state == M_SYN_SENT && !walk_chance(w, 3) ? M_SYN | M_ACK : M_SYN;
	if (m->state == M_SYN_RECEIVED && walk_chance(w, 3))
		seg->flags = M_ACK;
	if ((seg->flags & M_RST) && !walk_chance(w, 4))
		seg->flags &= (uint8_t)~M_RST;
	seg->len = draw_length(w, wnd < 65536 ? wnd : 65535);
	seg->seq = opening ? draw_start(w) : draw_seq(w, seg->len);
	seg->ack = draw_ack(w);
	if (!(seg->flags & M_ACK) && !walk_chance(w, 4)) /* what stands there without ACK must not matter */
		seg->ack = 0;
	seg->wnd = draw_window(w);
	seg->up = (uint16_t)walk_draw(w, 4);
	draw_options(w, seg);
	seg->spoilt = walk_chance(w, 60);
	if (model_contradiction(m, seg)) {
		seg->len = 0;
		seg->flags &= (uint8_t)~M_FIN;
	}
}
