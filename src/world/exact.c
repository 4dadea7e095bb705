/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams whose queues are exact to the byte (weir run --exact): nothing waits in the pair uncounted.
 *
 * Theory of operation.
 *	SendQ	A write first asks how much SendQ has room for, and writes so much to A: the world has allowed it, and
 *takes it at once. A write that gets no room waits for the reply; what it has not copied is still the program's. A
 *		write that may not wait leaves A filled, so that poll() says "not writable" until there is room.
 *	RecvQ	What is written to D is lent: it stays in RecvQ, and closes the window, until the kernel says that the
 *		program has read it. The kernel knows best: unix_diag tells how much of A's queue is unread. It is asked
 *when D becomes writable (a buffer was read to its end) and when the shim says that the program has read.
 *
 * What the shim does not see (sendfile, writes by stdio) is taken as on any stream, and then waits in the pair.
 */
#include "world/hidden.h"
#include "world/program.h"
#include "world/stream.h"

#include <weir/error.h>

#include <sys/ioctl.h>
#include <sys/stat.h>

bool exact_possible(struct world *world)
{
	if (world->diag < 0)
		world->diag = hidden_open();
	return world->diag >= 0;
}

static uint32_t far_inode(struct stream *s)
{
	struct hidden_entry d;
	struct stat st;

	if (!s->looked && fstat(s->source.fd, &st) == 0) {
		s->looked = true;
		if (hidden_ask(s->host->world->diag, (uint32_t)st.st_ino, &d))
			s->far_inode = d.peer;
	}
	return s->far_inode;
}

static bool take_back(struct stream *s, uint64_t unread)
{
	uint64_t read = s->lent > unread ? s->lent - unread : 0;

	if (read == 0)
		return false;
	s->lent -= read;
	weir_recv_consume(s->sock, read);
	return true;
}

bool exact_settle(struct stream *s)
{
	struct hidden_entry a;

	if (s->lent == 0 || far_inode(s) == 0 || !hidden_ask(s->host->world->diag, s->far_inode, &a))
		return false;
	return take_back(s, a.unread_bytes);
}

void exact_settle_all(struct stream *s)
{
	take_back(s, 0);
}

/* -- what programs may write */

static void tell_refusal(struct program *program)
{
	program_reply(program, &(struct world_reply){.result = -WEIR_EPIPE});
}

void exact_dismiss(struct stream *s)
{
	while (!list_empty(&s->senders))
		tell_refusal(weir_container(list_first(&s->senders), struct program, wait_node));
}

uint64_t exact_uncopied(const struct stream *s)
{
	uint64_t bytes = 0;

	list_each (node, &s->senders) {
		bytes += weir_container(node, struct program, wait_node)->wait_bytes;
	}
	return bytes;
}

void exact_taken(struct stream *s, uint64_t bytes)
{
	if (bytes > s->allowed) { /* some of it nobody has asked for */
		history_note(s, bytes - s->allowed);
		bytes = s->allowed;
	}
	s->allowed -= bytes;
}

void exact_give_back(struct stream *s, uint64_t bytes)
{
	bytes = bytes < s->allowed ? bytes : s->allowed;
	s->allowed -= bytes;
	history_extend(s, -(int64_t)bytes);
	stream_queue(s);
}

/* A write is never larger (MAX_RW_COUNT), so sums of such numbers do not overflow. */
static uint64_t sane(uint64_t bytes)
{
	return bytes < INT32_MAX ? bytes : INT32_MAX;
}

/* Allows up to `want` bytes: how many, or a negative error, after which the stream is gone. */
static int64_t allow(struct stream *s, uint64_t want, bool begins)
{
	struct weir_mut_slice piece[2];
	int64_t room = weir_send_reserve(s->sock, sane(want) + s->allowed, piece);

	if (room < 0 && room != -WEIR_EAGAIN) {
		stream_fail(s, (int)-room); /* the program's own write learns why */
		return room;
	}
	room = room < 0 || (uint64_t)room <= s->allowed ? 0 : room - (int64_t)s->allowed;
	if (room > 0) {
		s->allowed += (uint64_t)room;
		if (begins)
			history_note(s, (uint64_t)room);
		else
			history_extend(s, room);
	}
	return room;
}

/* A write that may not wait leaves no room: A is to look unwritable behind it, unless bytes that nobody has asked for
 * are on their way through it. */
static void fill_if_full(struct stream *s, uint64_t just_allowed, struct world_reply *reply)
{
	struct weir_mut_slice piece[2];
	int64_t room = weir_send_reserve(s->sock, s->allowed + 1, piece);

	if (s->fill_asked || s->filled > 0 || room > (int64_t)s->allowed ||
	    stream_hidden_out(s) > s->allowed - just_allowed)
		return;
	s->fill_asked = true;
	reply->flags = WORLD_FILL;
}

static void wait_for_room(struct stream *s, struct program *program, uint64_t bytes)
{
	program->waits = PROGRAM_SENDS;
	program->wait_bytes = sane(bytes);
	list_push_back(&s->senders, &program->wait_node);
	stream_queue(s);
}

void exact_ask(struct stream *s, struct program *program, const struct world_request *request,
               struct world_reply *reply)
{
	bool begins = request->flags & WORLD_BEGIN, waits = request->flags & WORLD_WAIT;
	int64_t room = 0;

	if (!s->exact || !s->connected || s->ended || s->error != 0 || request->bytes == 0) {
		reply->result = -WEIR_EPIPE; /* the program's own call will say what is wrong */
		return;
	}
	if (s->filled == 0 && !s->fill_asked && list_empty(&s->senders))
		room = allow(s, request->bytes, begins);
	if (room < 0) {
		reply->result = -WEIR_EPIPE;
	} else if (room > 0 || !waits) {
		reply->bytes = (uint64_t)room;
		if (!waits)
			fill_if_full(s, (uint64_t)room, reply);
	} else {
		if (begins) /* weir queues shows it, with what it has copied: nothing yet */
			history_note(s, 0);
		wait_for_room(s, program, request->bytes);
	}
}

void exact_serve(struct stream *s)
{
	if (s->filled > 0 && !s->fill_asked && weir_poll(s->sock) & (WEIR_OUT | WEIR_ERR | WEIR_HUP)) {
		stream_unfill(s);
		s->in_ready = true;
	}
	while (!list_empty(&s->senders) && s->filled == 0 && !s->fill_asked) {
		struct program *program = weir_container(list_first(&s->senders), struct program, wait_node);
		int64_t room = allow(s, program->wait_bytes, false);

		if (room <= 0)
			return;
		program_reply(program, &(struct world_reply){.bytes = (uint64_t)room});
	}
}
