/* SPDX-License-Identifier: Apache-2.0
 *
 * The model's user calls and time-outs [9293 s3.10.1 ... s3.10.5, s3.10.8], with the results that a socket layer gives.
 */
#include "model.h"

#include <weir/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ONE_SECOND = 1000000000 };

void model_complain(struct model *m, const char *format, ...)
{
	va_list args;

	if (m->complaint[0]) /* the first says most */
		return;
	va_start(args, format);
	vsnprintf(m->complaint, sizeof(m->complaint), format, args);
	va_end(args);
}

void model_begin(struct model *m, const struct model_setting *set, bool listener)
{
	memset(m, 0, sizeof(*m));
	m->set = *set;
	m->listener = listener;
	m->rqs = set->rqs;
	m->state = listener ? M_LISTEN : M_CLOSED;
}

void model_rest(struct model *m)
{
	struct model fresh;

	model_begin(&fresh, &m->set, m->listener);
	fresh.now = m->now;
	fresh.seg = m->seg;
	*m = fresh;
}

uint8_t model_peer_byte(uint64_t offset)
{
	return (uint8_t)(offset * 11 + (offset >> 8) * 5);
}

uint8_t model_our_byte(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) * 3);
}

uint32_t model_send_end(const struct model *m)
{
	return m->iss + 1 + (uint32_t)m->written;
}

/* In RecvQ, in order. */
uint32_t model_queued(const struct model *m)
{
	if (!m->rcv_known)
		return 0;
	return m->rcv_nxt - m->fin_taken - (m->irs + 1) - (uint32_t)m->read;
}

uint32_t model_ahead_bytes(const struct model *m)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < m->ahead_count; i++)
		bytes += m->ahead[i].end - m->ahead[i].start;
	return bytes;
}

void model_enters(struct model *m, enum model_state state)
{
	if (!model_may_follow(m->state, state) && m->state != state)
		model_complain(m, "the model itself: from %s to %s", model_state_name(m->state),
		               model_state_name(state));
	m->state = state;
	if (state == M_TIME_WAIT) /* [9293 MUST-13] */
		m->wait_until = m->now + m->set.time_wait;
	if (state == M_FIN_WAIT_2 && m->orphan) /* [W-SM-44] */
		m->wait_until = m->now + m->set.fin_wait_2;
}

/* What is in RecvQ stays readable. */
void model_ends(struct model *m, uint8_t error)
{
	if (model_quiet_again(m))
		return;
	m->state = M_CLOSED;
	m->ahead_count = 0;
	m->wait_until = 0;
	m->unacked_since = 0;
	if (error)
		m->error = error;
}

void model_step(struct model *m, enum model_reply reply)
{
	m->reply = reply;
	m->timely = false;
	m->rsts = m->acks = m->syns = m->others = m->repeats = 0;
	m->acked = false;
}

/* [W-SM-1] */
void model_connects(struct model *m)
{
	m->passive = false;
	m->has_handle = m->accepted = true;
	m->stuck_since = m->now;
	m->state = M_SYN_SENT;
	m->reply = R_MAY;
}

bool model_acceptable(const struct model *m)
{
	return m->passive && !m->accepted && m->state >= M_ESTABLISHED;
}

void model_accepts(struct model *m)
{
	m->accepted = m->has_handle = true;
}

static int take_error(struct model *m)
{
	int error = m->error;

	m->error = 0;
	return -error;
}

/* [W-SM-2] */
int64_t model_sends(struct model *m, uint32_t n)
{
	uint32_t queued = model_send_end(m) - (before(m->una, m->iss + 1) ? m->iss + 1 : m->una), room;

	m->reply = R_MAY;
	if (m->error)
		return take_error(m);
	if (m->fin_wanted)
		return -WEIR_EPIPE;
	if (m->state == M_SYN_SENT || m->state == M_SYN_RECEIVED)
		return -WEIR_EAGAIN;
	if (m->state != M_ESTABLISHED && m->state != M_CLOSE_WAIT)
		return -WEIR_EPIPE;
	room = m->set.sqs > queued ? m->set.sqs - queued : 0;
	if (room == 0)
		return -WEIR_EAGAIN;
	n = n < room ? n : room;
	m->written += n;
	return n;
}

/* [W-SM-3] */
int64_t model_reads(struct model *m, uint32_t n, int64_t got)
{
	uint32_t queued = model_queued(m);

	m->reply = R_MAY;
	if (queued > 0) {
		n = n < queued ? n : queued;
		if (m->urgent && got > 0 && got < n)
			n = (uint32_t)got;
		m->read += n;
		return n;
	}
	if (m->error)
		return take_error(m);
	if (m->fin_taken)
		return 0;
	if (m->state >= M_SYN_SENT && m->state <= M_FIN_WAIT_2)
		return -WEIR_EAGAIN;
	return 0;
}

/* [W-SM-4] */
static void close_sending(struct model *m)
{
	if (m->fin_wanted)
		return;
	switch (m->state) {
	case M_SYN_SENT:
		model_ends(m, 0);
		break;
	case M_SYN_RECEIVED: /* FIN-WAIT-1 when it is open */
		m->fin_wanted = true;
		break;
	case M_ESTABLISHED:
		m->fin_wanted = true;
		model_enters(m, M_FIN_WAIT_1);
		break;
	case M_CLOSE_WAIT:
		m->fin_wanted = true;
		model_enters(m, M_LAST_ACK);
		break;
	default:
		break;
	}
}

int model_shuts(struct model *m)
{
	m->reply = R_MAY;
	if (m->state == M_CLOSED || m->state == M_TIME_WAIT)
		return -WEIR_ENOTCONN;
	if (m->state == M_SYN_SENT) {
		model_ends(m, WEIR_ECONNRESET);
		return 0;
	}
	close_sending(m);
	return 0;
}

/* [W-SM-5] */
static bool abort_is_told(const struct model *m)
{
	return m->state >= M_SYN_RECEIVED && m->state <= M_CLOSE_WAIT;
}

void model_closes(struct model *m, bool abort)
{
	bool unread = model_queued(m) > 0; /* [9293 SHLD-3] */

	m->has_handle = false;
	m->orphan = true;
	m->reply = R_MAY;
	if (abort || (unread && abort_is_told(m))) {
		m->reply = abort_is_told(m) ? R_RST_NOW : R_NONE;
		model_ends(m, 0);
		return;
	}
	close_sending(m);
	if (m->state == M_FIN_WAIT_2)
		m->wait_until = m->now + m->set.fin_wait_2;
}

void model_time(struct model *m, int64_t now)
{
	m->now = now;
	m->reply = R_MAY;
	m->timely = true;
	if (m->wait_until && now >= m->wait_until)
		model_ends(m, 0);
}

/* R2 has passed: 100 s at least, three minutes for our SYN [9293 MUST-20, MUST-23, SHLD-11]. A listener's child may go
 * sooner: nobody waits for it. */
void model_gave_up(struct model *m)
{
	int64_t patience = m->state == M_SYN_SENT                     ? 180
	                   : m->state == M_SYN_RECEIVED && m->passive ? 30
	                   : m->rsts                                  ? 50
	                                                              : 100;
	bool waits = m->nxt != m->una || m->written > m->nxt - m->iss - 1 || m->fin_wanted;

	if (!m->timely)
		model_complain(m, "the connection is gone, and no time has passed");
	else if (!waits && m->state >= M_ESTABLISHED)
		model_complain(m, "the connection is gone, and nothing was under way");
	else if (m->now - m->stuck_since < patience * ONE_SECOND)
		model_complain(m, "gave up after %lld ms", (long long)(m->now - m->stuck_since) / 1000000);
	model_ends(m, m->state == M_SYN_RECEIVED && m->passive ? 0 : WEIR_ETIMEDOUT);
}
