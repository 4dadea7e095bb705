/* SPDX-License-Identifier: Apache-2.0
 *
 * Deadlock [T3.3, T3.7]: programs that wait for each other, for ever. A program blocked in write() on a full SendQ
 * whose other end has a full RecvQ (or room for too little to be announced) waits for that end's programs to read; one
 * blocked in read() on an empty connection waits for the other end's programs to write or to close. Of all programs
 * that wait so, those drop out whom another program can still help; those left cannot be helped by anyone: certain, not
 * guessed, as long as no program uses a socket that it has not used before.
 */
#include "sim/script.h"
#include "sim/views.h"

#include <inttypes.h>
#include <stdlib.h>

struct wait {
	bool stuck;
	struct sim_host *other;
	struct weir_socket_info own, peer;
	const struct sim_socket *peer_socket;
};

/* RecvQ takes nothing more until its program reads: the window is closed, and what room there is will not be announced,
 * so that no silly windows arise [9293 MUST-39]. */
static bool takes_nothing(const struct weir_socket_info *to)
{
	uint64_t room = to->recvq_limit - to->recvq_bytes, least = (to->recvq_limit + 1) / 2;

	if (least > to->rcv_mss)
		least = to->rcv_mss;
	return to->rcv_wnd == 0 && (room == 0 || room < least);
}

/* The program waits for the programs of its peer, and the network can do nothing about it. */
static bool waits(struct script *script, const struct program *p, struct wait *wait)
{
	if (p->state != PROGRAM_BLOCKED || (p->call != CALL_READ && p->call != CALL_WRITE) || p->on->sock == NULL)
		return false;
	weir_socket_get_info(p->on->sock, &wait->own);
	if (wait->own.state != WEIR_TCP_ESTABLISHED ||
	    !view_peer(&script->sim, &wait->own, &wait->other, &wait->peer) || wait->peer.state != WEIR_TCP_ESTABLISHED)
		return false;
	wait->peer_socket = sim_socket_find(wait->other, wait->peer.id);
	if (wait->peer_socket == NULL || wait->peer_socket->sock == NULL)
		return false;
	if (p->call == CALL_WRITE)
		return wait->own.sendq_bytes == wait->own.sendq_limit && takes_nothing(&wait->peer);
	return wait->own.recvq_bytes == 0 && wait->peer.written_bytes == wait->own.delivered_bytes;
}

static bool helped(const struct script *script, const struct wait *all, const struct wait *wait)
{
	for (unsigned i = 0; i < wait->peer_socket->users; i++) {
		uint32_t user = wait->peer_socket->user[i];

		if (script->program[user]->state != PROGRAM_ENDED && !all[user].stuck)
			return true;
	}
	return false;
}

/* NULL: no memory, or nobody is stuck. To be freed. */
static struct wait *find_stuck(struct script *script)
{
	struct wait *all = calloc(script->programs + 1, sizeof(*all));
	bool changed = true, any = false;

	for (uint32_t i = 0; all != NULL && i < script->programs; i++)
		all[i].stuck = waits(script, script->program[i], &all[i]);
	while (all != NULL && changed) {
		changed = any = false;
		for (uint32_t i = 0; i < script->programs; i++) {
			if (all[i].stuck && helped(script, all, &all[i]))
				all[i].stuck = !(changed = true);
			any |= all[i].stuck;
		}
	}
	if (!any) {
		free(all);
		return NULL;
	}
	return all;
}

static void tell(const struct script *script, const struct program *p, const struct wait *wait, FILE *out)
{
	char doing[PROGRAM_TEXT];

	fprintf(out, "  %s (socket %s#%" PRIu64 ") is in %s: ", p->name, script->sim.plan.host[p->host].name,
	        wait->own.id, program_doing(p, doing));
	if (p->call == CALL_WRITE)
		fprintf(out,
		        "its SendQ is full (%" PRIu64 "/%" PRIu64 ") and cannot drain, because RecvQ of %s#%" PRIu64
		        " is full%s (%" PRIu64 "/%" PRIu64 ")\n",
		        wait->own.sendq_bytes, wait->own.sendq_limit, wait->other->plan->name, wait->peer.id,
		        wait->peer.recvq_bytes < wait->peer.recvq_limit ? ", but for less than may be announced" : "",
		        wait->peer.recvq_bytes, wait->peer.recvq_limit);
	else
		fprintf(out, "all queues from %s#%" PRIu64 " are empty\n", wait->other->plan->name, wait->peer.id);
	for (unsigned i = 0; i < wait->peer_socket->users; i++) {
		const struct program *q = script->program[wait->peer_socket->user[i]];

		if (q->state != PROGRAM_ENDED)
			fprintf(out, "    %s does not %s: it is in %s itself\n", q->name,
			        p->call == CALL_WRITE ? "read" : "write", program_doing(q, doing));
	}
}

bool stuck_tell(struct script *script, FILE *out)
{
	struct wait *all = find_stuck(script);
	bool writes = false;

	if (all == NULL)
		return false;
	fputs("DEADLOCK (certain): these programs wait for each other for ever\n", out);
	for (uint32_t i = 0; i < script->programs; i++) {
		if (!all[i].stuck)
			continue;
		tell(script, script->program[i], &all[i], out);
		writes |= script->program[i]->call == CALL_WRITE;
	}
	fputs(writes
	          ? "  cure: one side reads before it has written all, or writes and reads in two threads, or without "
	            "blocking;\n        larger queues only move the size at which it happens\n"
	          : "  cure: one side must write first\n",
	      out);
	free(all);
	return true;
}

bool stuck_all(struct script *script)
{
	struct wait *all = find_stuck(script);
	bool every = all != NULL;

	for (uint32_t i = 0; every && i < script->programs; i++)
		every = all[i].stuck || script->program[i]->state == PROGRAM_ENDED;
	free(all);
	return every;
}
