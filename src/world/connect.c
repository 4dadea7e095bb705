/* SPDX-License-Identifier: Apache-2.0
 *
 * connect() on the world's side. The handshake is tried within the call: between hosts without delay it is over when
 * the reply goes out. Else the reply says how the outcome will be told: by a token to a caller that waits, by A
 * becoming writable (or dead) to one that does not.
 */
#include "world/stream.h"

#include <weir/error.h>

#include <sys/socket.h>

static void begin_transfer(struct stream *s)
{
	s->connecting = false;
	s->connected = true;
	s->in_ready = s->room = s->net_ready = true;
	stream_name_far_end(s, WORLD_END_CONNECTED);
	stream_queue(s);
}

static void send_token(struct stream *s, int error)
{
	uint8_t token = (uint8_t)error;

	s->waiting = false;
	send(s->source.fd, &token, sizeof(token), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void stream_unfill(struct stream *s)
{
	s->stale += s->filled;
	s->filled = 0;
	stream_drain_stale(s);
}

static int pending_error(struct stream *s)
{
	int error = 0;
	uint32_t len = sizeof(error);

	weir_getsockopt(s->sock, SOL_SOCKET, SO_ERROR, &error, &len);
	return error != 0 ? error : WEIR_ECONNREFUSED;
}

/* To a caller that waited the outcome is told as connect() tells it: then, as on Linux, a failed socket may try again
 * and a connected one says EISCONN. 0 or a negative error. */
static int tell_caller(struct stream *s)
{
	static const struct weir_endpoint unused;

	return weir_connect(s->sock, &unused);
}

static void failed(struct stream *s)
{
	if (!s->waiting) {
		stream_fail(s, pending_error(s));
		return;
	}
	s->connecting = s->net_ready = s->room = false;
	send_token(s, -tell_caller(s));
}

void stream_check_connect(struct stream *s)
{
	unsigned ready;

	if (s->hung_up) {
		stream_close(s, true);
		return;
	}
	ready = weir_poll(s->sock);
	if (ready & (WEIR_ERR | WEIR_HUP)) {
		failed(s);
		return;
	}
	if ((ready & WEIR_OUT) == 0 || s->fill_asked)
		return;
	begin_transfer(s);
	stream_unfill(s);
	if (s->waiting)
		send_token(s, -tell_caller(s));
}

/* How far the attempt got within the call. */
static void report(struct stream *s, bool wait, struct world_reply *reply)
{
	unsigned ready = weir_poll(s->sock);

	if (ready & (WEIR_ERR | WEIR_HUP)) {
		s->connecting = false;
		reply->result = wait ? tell_caller(s) : -WEIR_EINPROGRESS;
		if (!wait)
			stream_fail(s, pending_error(s));
	} else if (ready & WEIR_OUT) {
		begin_transfer(s);
		reply->result = wait ? tell_caller(s) : -WEIR_EINPROGRESS;
	} else if (wait) {
		s->waiting = true;
		reply->flags = WORLD_TOKEN;
	} else {
		s->fill_asked = true;
		reply->flags = WORLD_FILL;
		reply->result = -WEIR_EINPROGRESS;
	}
}

void stream_connect(struct stream *s, const struct weir_endpoint *to, bool wait, struct world_reply *reply)
{
	int error = weir_connect(s->sock, to);

	if (error == -WEIR_EALREADY && wait) {
		s->waiting = true;
		reply->flags = WORLD_TOKEN;
		return;
	}
	if (error == 0 && !s->connected) /* TCP_FASTOPEN_CONNECT: what the program writes opens the connection */
		begin_transfer(s);
	if (error != -WEIR_EINPROGRESS) {
		reply->result = error;
		return;
	}
	s->connecting = s->in_call = true;
	world_settle(s->host->world);
	s->in_call = false;
	stream_queue(s);
	report(s, wait, reply);
}

void stream_cancel_wait(struct stream *s, struct world_reply *reply)
{
	if (!s->waiting) {
		reply->flags = WORLD_TOKEN;
		return;
	}
	s->waiting = false;
	if (s->filled > 0)
		return;
	s->fill_asked = true;
	reply->flags = WORLD_FILL;
}

void stream_filled(struct stream *s, int32_t count)
{
	if (!s->fill_asked || count < 0)
		return;
	s->fill_asked = false;
	s->filled = (uint32_t)count;
	stream_queue(s);
}
