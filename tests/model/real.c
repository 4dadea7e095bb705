/* SPDX-License-Identifier: Apache-2.0
 *
 * See real.h: the stack, packets and time, and the comparison.
 */
#include "real.h"

#include "base/bytes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS_AT_S = 1000, BATCH = 8, STEP_MOST = 2000 };

weir_addr real_address(const struct real *r, unsigned host)
{
	if (!r->v6)
		return weir_addr_v4(10, 0, 0, (uint8_t)host);
	return (weir_addr){.b = {0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)host}};
}

static void *counted_alloc(void *ctx, size_t bytes)
{
	((struct real *)ctx)->allocated += bytes;
	return malloc(bytes ? bytes : 1);
}

static void counted_free(void *ctx, void *p, size_t bytes)
{
	if (p)
		((struct real *)ctx)->allocated -= bytes;
	free(p);
}

static enum model_state state_of(int state)
{
	static const enum model_state of[] = {
	    [WEIR_TCP_CLOSED] = M_CLOSED,           [WEIR_TCP_LISTEN] = M_LISTEN,
	    [WEIR_TCP_SYN_SENT] = M_SYN_SENT,       [WEIR_TCP_SYN_RECEIVED] = M_SYN_RECEIVED,
	    [WEIR_TCP_ESTABLISHED] = M_ESTABLISHED, [WEIR_TCP_FIN_WAIT_1] = M_FIN_WAIT_1,
	    [WEIR_TCP_FIN_WAIT_2] = M_FIN_WAIT_2,   [WEIR_TCP_CLOSE_WAIT] = M_CLOSE_WAIT,
	    [WEIR_TCP_CLOSING] = M_CLOSING,         [WEIR_TCP_LAST_ACK] = M_LAST_ACK,
	    [WEIR_TCP_TIME_WAIT] = M_TIME_WAIT,
	};

	return of[state];
}

/* Every change of state is one of the diagram. */
static void observe(void *ctx, const struct weir_event *event)
{
	struct real *r = ctx;

	if (event->kind != WEIR_EVENT_STATE || model_may_follow(state_of(event->from), state_of(event->to)))
		return;
	r->wrong_step = "a change of state that is not in the diagram";
	r->wrong_from = state_of(event->from);
	r->wrong_to = state_of(event->to);
}

void real_note(struct real *r, const char *format, ...)
{
	char *line = r->trace[r->traced % REAL_TRACE];
	int64_t us = (r->now.ns - STARTS_AT_S * WEIR_NS_PER_S) / WEIR_NS_PER_US;
	va_list args;
	int n;

	if (!r->tracing)
		return;
	r->traced++;
	n = snprintf(line, REAL_LINE, "%6lld.%06lld ", (long long)us / 1000000, (long long)us % 1000000);
	va_start(args, format);
	vsnprintf(line + n, REAL_LINE - (size_t)n, format, args);
	va_end(args);
}

static struct weir_socket *new_socket(struct real *r, const struct model_setting *rules)
{
	struct weir_endpoint ours = {.addr = real_address(r, 1), .port = REAL_OUR_PORT};
	const int sndbuf = (int)rules->sqs, rcvbuf = (int)rules->rqs, on = 1;
	struct weir_socket *s;
	enum { SOCKET = 1, SNDBUF = 7, RCVBUF = 8, OOBINLINE = 10 };

	if (weir_socket_new(r->stack, r->v6 ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s) < 0 ||
	    weir_setsockopt(s, SOCKET, SNDBUF, &sndbuf, sizeof(sndbuf)) < 0 ||
	    weir_setsockopt(s, SOCKET, RCVBUF, &rcvbuf, sizeof(rcvbuf)) < 0 ||
	    weir_setsockopt(s, SOCKET, OOBINLINE, &on, sizeof(on)) < 0 || weir_bind(s, &ours) < 0)
		abort();
	r->table = s->table;
	return s;
}

static struct weir_config config_of(struct real *r, const struct real_setting *set)
{
	struct weir_config c;

	weir_config_init(&c);
	c.allocator = (struct weir_allocator){counted_alloc, counted_free, r};
	for (unsigned i = 0; i < sizeof(c.secret); i++)
		c.secret[i] = (uint8_t)(i * 7 + 1);
	c.fixed_iss = true;
	c.iss = set->iss;
	c.timestamps = set->rules.timestamps;
	c.sack = set->rules.sack;
	c.window_scaling = set->rules.scaling;
	c.min_window_shift = set->window_shift;
	c.time_wait = (weir_duration){set->rules.time_wait};
	c.fin_wait_2 = (weir_duration){set->rules.fin_wait_2};
	c.challenge_interval = (weir_duration){set->rules.challenge_interval};
	c.delayed_ack = (weir_duration){set->rules.delayed_ack};
	c.observer = &r->observer;
	return c;
}

void real_begin(struct real *r, const struct real_setting *set)
{
	struct weir_interface link = {.name = "tun0", .kind = WEIR_LINK_IP, .mtu_bytes = set->rules.mtu};
	bool tracing = r->tracing;
	struct weir_config c;
	weir_addr ours;

	memset(r, 0, offsetof(struct real, trace));
	r->tracing = tracing;
	r->traced = 0;
	r->v6 = set->rules.v6;
	r->now = (weir_time){STARTS_AT_S * WEIR_NS_PER_S};
	r->observer = (struct weir_observer){observe, r};
	c = config_of(r, set);
	ours = real_address(r, 1);
	if (weir_stack_new(&c, r->now, &r->stack) < 0)
		abort();
	r->ifindex = (unsigned)weir_interface_add(r->stack, &link);
	if (weir_address_add(r->stack, r->ifindex, &ours, r->v6 ? 64 : 24) < 0)
		abort();
	r->sock = new_socket(r, &set->rules);
	if (!set->listener)
		return;
	r->listener = r->sock;
	r->sock = NULL;
	if (weir_listen(r->listener, 8) < 0)
		abort();
}

void real_end(struct real *r, struct model *m)
{
	if (weir_memory(r->stack) != r->allocated)
		model_complain(m, "the stack says it holds %zu bytes, it holds %zu", weir_memory(r->stack),
		               r->allocated);
	weir_stack_free(r->stack);
	if (r->allocated != 0)
		model_complain(m, "%zu bytes have not come back", r->allocated);
}

/* -- packets */

static void fill_options(struct packet_segment *out, const struct model_segment *seg)
{
	if (seg->mss >= 0)
		packet_option_mss(out, (uint16_t)seg->mss);
	if (seg->wscale >= 0)
		packet_option_wscale(out, (uint8_t)seg->wscale);
	if (seg->sack_ok)
		packet_option_raw(out, (const uint8_t[]){1, 1, 4, 2}, 4);
	if (seg->has_ts)
		packet_option_timestamps(out, seg->ts_val, seg->ts_ecr);
	if (seg->sack_blocks > 0) {
		uint8_t option[28] = {1, 1, 5, (uint8_t)(2 + 8 * seg->sack_blocks)};

		for (unsigned i = 0; i < seg->sack_blocks; i++) {
			store_be32(option + 4 + 8 * i, seg->sack[i][0]);
			store_be32(option + 8 + 8 * i, seg->sack[i][1]);
		}
		packet_option_raw(out, option, 4 + 8 * seg->sack_blocks);
	}
}

static size_t make_packet(struct real *r, const struct model *m, const struct model_segment *seg, uint8_t *out)
{
	static uint8_t text[PACKET_MAX_BYTES];
	struct packet_segment p = {
	    .src = real_address(r, 2),
	    .dst = real_address(r, 1),
	    .src_port = REAL_PEER_PORT,
	    .dst_port = REAL_OUR_PORT,
	    .seq = seg->seq,
	    .ack = seg->ack,
	    .flags = seg->flags,
	    .wnd = seg->wnd,
	    .up = seg->up,
	    .text = text,
	    .text_bytes = seg->len,
	};
	uint32_t offset = m->rcv_known ? seg->seq + !!(seg->flags & M_SYN) - (m->irs + 1) : 0;
	size_t len;

	for (uint32_t i = 0; i < seg->len; i++)
		text[i] = model_peer_byte(offset + i);
	fill_options(&p, seg);
	len = packet_build(out, &p);
	if (seg->spoilt)
		out[len - 1 - (seg->ack % 16)] ^= 0x10;
	return len;
}

void real_note_segment(struct real *r, const struct model_segment *seg)
{
	char flags[PACKET_FLAGS_TEXT];

	if (!r->tracing)
		return;
	packet_flags_text(seg->flags, flags);
	real_note(r, ">  %s seq=%u ack=%u len=%u wnd=%u%s", flags, seg->seq, seg->ack, seg->len, seg->wnd,
	          seg->spoilt ? " (bad checksum)" : "");
	if (seg->has_ts)
		real_note(r, ">    ts=%u:%u", seg->ts_val, seg->ts_ecr);
}

static void note_emission(struct real *r, const struct model_emission *e)
{
	char flags[PACKET_FLAGS_TEXT];

	if (!r->tracing)
		return;
	packet_flags_text(e->flags, flags);
	real_note(r, "<  %s seq=%u ack=%u len=%u wnd=%u", flags, e->seq, e->ack, e->len, e->wnd);
	if (e->has_ts)
		real_note(r, "<    ts=%u:%u", e->ts_val, e->ts_ecr);
	for (unsigned i = 0; i < e->sack_blocks; i++)
		real_note(r, "<    sack=%u-%u", e->sack[i][0], e->sack[i][1]);
}

static void tell(struct real *r, struct model *m, const struct tcp_segment *seg)
{
	struct model_emission e = {
	    .flags = (uint8_t)seg->flags,
	    .seq = seq_raw(seg->seq),
	    .ack = seq_raw(seg->ack),
	    .len = seg->text_bytes,
	    .wnd = seg->wnd,
	    .has_mss = seg->opt.has_mss,
	    .mss = seg->opt.mss_bytes,
	    .has_wscale = seg->opt.has_wscale,
	    .wscale = seg->opt.wscale,
	    .sack_ok = seg->opt.sack_permitted,
	    .has_ts = seg->opt.has_timestamps,
	    .ts_val = seg->opt.ts_val,
	    .ts_ecr = seg->opt.ts_ecr,
	    .sack_blocks = seg->opt.sack_blocks,
	    .text = seg->text_slices ? seg->text[0].data : NULL,
	};

	for (unsigned i = 0; i < e.sack_blocks; i++) {
		e.sack[i][0] = seq_raw(seg->opt.sack[i].start);
		e.sack[i][1] = seq_raw(seg->opt.sack[i].end);
	}
	note_emission(r, &e);
	model_emitted(m, &e);
}

void real_drain(struct real *r, struct model *m)
{
	static uint8_t bytes[PACKET_MAX_BYTES];
	struct weir_packet packet[BATCH];
	unsigned all = 0;
	size_t n;

	while ((n = weir_output(r->stack, r->ifindex, r->now, packet, BATCH)) > 0)
		for (size_t i = 0; i < n; i++) {
			size_t len = packet_linear(bytes, &packet[i]);
			const char *wrong = packet_wrong(bytes, len);
			struct tcp_segment seg;
			struct wire_ip ip;

			if (wrong || len > m->set.mtu || !packet_parse(bytes, len, &ip, &seg))
				model_complain(m, "emitted a bad packet: %s", wrong ? wrong : "too large, or not TCP");
			else
				tell(r, m, &seg);
			if (++all > STEP_MOST)
				model_complain(m, "more than %u segments at one instant", STEP_MOST);
			if (m->complaint[0])
				return;
		}
}

void real_arrives(struct real *r, struct model *m, const struct model_segment *seg)
{
	static uint8_t bytes[PACKET_MAX_BYTES];
	size_t len = make_packet(r, m, seg, bytes);
	struct weir_packet packet = {.slice = {{bytes, len}}, .slices = 1, .len = (uint32_t)len};

	weir_input(r->stack, r->ifindex, &packet, 1, r->now);
}

bool real_time(struct real *r, struct model *m, int64_t until)
{
	weir_time next = weir_deadline(r->stack);

	if (next.ns > until)
		next.ns = until;
	if (next.ns > r->now.ns)
		r->now = next;
	weir_expire(r->stack, r->now);
	m->now = r->now.ns;
	return r->now.ns >= until;
}

/* -- looking */

static struct weir_socket *find_connection(struct real *r)
{
	if (r->sock && r->sock->kind == SOCK_CONNECTION)
		return r->sock;
	list_each (node, &r->table->all) {
		struct weir_socket *s = weir_container(node, struct weir_socket, all_link);

		if (s->kind == SOCK_CONNECTION && s->u.tcb.state != WEIR_TCP_CLOSED)
			return s;
	}
	return NULL;
}

struct tcb *real_tcb(struct real *r)
{
	struct weir_socket *s = find_connection(r);

	return s ? &s->u.tcb : NULL;
}

enum model_state real_state(struct real *r)
{
	struct tcb *tcb = real_tcb(r);

	if (tcb && tcb->state != WEIR_TCP_CLOSED)
		return state_of(tcb->state);
	return M_CLOSED;
}

/* What is promised beyond what the wire shows, by the grain of a scaled window, is promised all the same. */
static void follow_edge(const struct tcb *tcb, struct model *m)
{
	uint32_t edge = seq_raw(tcb->rcv.adv), grain = (UINT32_C(1) << m->rcv_shift) - 1;

	if (m->syn_edge && m->scaling) /* what 16 bits cannot say follows on the next segment */
		grain = m->rqs;

	if (edge - m->edge > grain)
		model_complain(m, "the window ends %u bytes behind what was told, %u is the grain", edge - m->edge,
		               grain);
	m->edge = edge;
}

static void compare_numbers(const struct tcb *tcb, struct model *m)
{
	if (seq_raw(tcb->snd.una) != m->una)
		model_complain(m, "SND.UNA is %u, should be %u", seq_raw(tcb->snd.una), m->una);
	else if (seq_raw(tcb->snd.max) != m->nxt)
		model_complain(m, "SND.NXT is %u, should be %u", seq_raw(tcb->snd.max), m->nxt);
	if (m->state == M_SYN_SENT)
		return;
	if (seq_raw(tcb->rcv.nxt) != m->rcv_nxt)
		model_complain(m, "RCV.NXT is %u, should be %u", seq_raw(tcb->rcv.nxt), m->rcv_nxt);
	else if (tcb->snd.wnd != m->snd_wnd)
		model_complain(m, "SND.WND is %u, should be %u", tcb->snd.wnd, m->snd_wnd);
	else if (ring_used(&tcb->rcvq) != model_queued(m) && !m->orphan)
		model_complain(m, "RecvQ holds %u, should hold %u", ring_used(&tcb->rcvq), model_queued(m));
	else if (m->timestamps && tcb->ts_recent != m->ts_recent)
		model_complain(m, "TS.Recent is %u, should be %u", tcb->ts_recent, m->ts_recent);
	if (!m->complaint[0])
		follow_edge(tcb, m);
}

static uint32_t ahead_bytes(const struct tcb *tcb)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; tcb->ahead && i < tcb->ahead->ranges.count; i++)
		bytes += seq_dist(tcb->ahead->ranges.range[i].start, tcb->ahead->ranges.range[i].end);
	return bytes;
}

/* Something of ours is under way, or cannot go yet: a timer must end the wait. */
static bool waits_for_peer(const struct model *m)
{
	bool all_sent = m->nxt - m->iss - 1 >= m->written + m->fin_wanted;

	return m->state != M_CLOSED && m->state != M_LISTEN && m->state != M_TIME_WAIT && m->state != M_FIN_WAIT_2 &&
	       (m->una != m->nxt || (m->state >= M_ESTABLISHED && !all_sent));
}

void real_compare(struct real *r, struct model *m)
{
	const struct tcb *tcb = real_tcb(r);
	enum model_state state = real_state(r);

	if (tcb)
		tcb_check(tcb);
	if (r->wrong_step)
		model_complain(m, "%s: from %s to %s", r->wrong_step, model_state_name(r->wrong_from),
		               model_state_name(r->wrong_to));
	if (state == M_CLOSED && m->timely && m->state > M_LISTEN) {
		real_note(r, "   the connection gave up");
		model_gave_up(m);
	}
	if (m->timely && m->rsts && state != M_CLOSED)
		model_complain(m, "a RST, and the connection goes on");
	if (state != (m->state == M_LISTEN ? M_CLOSED : m->state))
		model_complain(m, "state is %s, should be %s", model_state_name(state), model_state_name(m->state));
	if (m->complaint[0])
		return;
	if (waits_for_peer(m) && weir_time_is_never(weir_deadline(r->stack)))
		model_complain(m, "something is under way and no timer runs");
	if (state == M_CLOSED || !tcb)
		return;
	compare_numbers(tcb, m);
	if (m->state >= M_SYN_RECEIVED && ahead_bytes(tcb) != model_ahead_bytes(m))
		model_complain(m, "%u bytes lie ahead, should be %u", ahead_bytes(tcb), model_ahead_bytes(m));
}
