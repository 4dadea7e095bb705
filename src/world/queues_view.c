/* SPDX-License-Identifier: Apache-2.0
 *
 * The view behind weir queues: where the bytes of one direction are, by write (Fig. 6.2 to 6.4). The sender's stream
 * counts from 0: [0, delivered) is Delivered, behind it RecvQ, and what is written and not acknowledged is SendQ.
 */
#include "world/history.h"
#include "world/views.h"

#include <string.h>

struct search {
	uint64_t id; /* or 0: by addresses */
	const struct weir_socket_info *mirror;
	struct weir_socket_info found;
	bool ok;
};

static bool same(const struct weir_endpoint *a, const struct weir_endpoint *b)
{
	return a->port == b->port && weir_addr_equal(&a->addr, &b->addr);
}

static bool match(void *ctx, const struct weir_socket_info *info)
{
	struct search *search = ctx;

	if (search->id != 0 ? info->id == search->id
	                    : info->type == WEIR_STREAM && same(&info->local, &search->mirror->remote) &&
	                          same(&info->remote, &search->mirror->local)) {
		search->found = *info;
		search->ok = true;
	}
	return !search->ok;
}

/* The socket at the connection's other end, wherever in the world. */
static const struct world_host *find_peer(const struct view *view, const struct weir_socket_info *info,
                                          struct weir_socket_info *peer)
{
	struct search search = {.mirror = info};

	if (info->type != WEIR_STREAM || info->state == WEIR_TCP_LISTEN || info->remote.port == 0)
		return NULL;
	for (unsigned i = 0; i < view->world->hosts; i++) {
		weir_sockets_each(view->world->host[i].stack, match, &search);
		if (search.ok) {
			*peer = search.found;
			return &view->world->host[i];
		}
	}
	return NULL;
}

/* Bytes [from, to) of the stream, cut at the ends of writes. Write 0 = not told apart: before those that are known, or
 * still in the program's stream. */
static json_t *parts(const struct history *history, uint64_t from, uint64_t to)
{
	json_t *list = json_array();

	while (from < to) {
		uint64_t end = UINT64_MAX, n = history != NULL ? history_find(history, from, &end) : 0;

		if (end > to)
			end = to;
		json_array_append_new(
		    list, json_pack("{s:I, s:I}", "write", (json_int_t)n, "bytes", (json_int_t)(end - from)));
		from = end;
	}
	return list;
}

/* The writes that still have a byte at or behind `from`, or all when they are few. */
static json_t *writes(const struct history *history, uint64_t from)
{
	json_t *list = json_array();
	uint64_t first, before = 0;

	if (history == NULL)
		return list;
	first = history->count > HISTORY_WRITES ? history->count - HISTORY_WRITES + 2 : 1;
	for (uint64_t n = first; n <= history->count; n++) {
		uint64_t end = history->end[(n - 1) % HISTORY_WRITES];

		if (n > 1)
			before = history->end[(n - 2) % HISTORY_WRITES];
		if (history->count <= HISTORY_WRITES || end > from)
			json_array_append_new(
			    list, json_pack("{s:I, s:I}", "n", (json_int_t)n, "bytes", (json_int_t)(end - before)));
	}
	return list;
}

static json_t *queue(const char *name, const char *host, uint64_t from, uint64_t to, uint64_t limit, uint64_t hidden,
                     const struct history *history)
{
	json_t *object =
	    json_pack("{s:s, s:s, s:I, s:I, s:o}", "name", name, "host", host, "bytes", (json_int_t)(to - from),
	              "hidden", (json_int_t)hidden, "parts", parts(history, from, to));

	if (limit > 0)
		json_object_set_new(object, "limit", json_integer((json_int_t)limit));
	return object;
}

/* The receiving half. Returns the offset up to which bytes are Delivered. */
static uint64_t put_receiver(const struct view *view, const struct world_host *host,
                             const struct weir_socket_info *peer, const struct history *history, json_t *queues,
                             bool *exact)
{
	struct view_pair pair = views_pair(view, peer->user);
	uint64_t taken = peer->delivered_bytes, delivered = taken > pair.hidden_in ? taken - pair.hidden_in : 0;

	json_array_append_new(queues, queue("RecvQ", host->plan->name, delivered, taken + peer->recvq_bytes,
	                                    peer->recvq_limit, pair.hidden_in, history));
	json_array_append_new(queues, queue("Delivered", host->plan->name, 0, delivered, 0, 0, history));
	*exact = *exact && pair.known && pair.hidden_in == 0;
	return delivered;
}

/* A byte is in one queue only (T2.1): in SendQ until the other end has it, whether its ACK is back or not. */
static uint64_t received(const struct weir_socket_info *sender, const struct weir_socket_info *peer)
{
	uint64_t acknowledged = sender->written_bytes - sender->sendq_bytes, there = 0;

	if (peer != NULL)
		there = peer->delivered_bytes + peer->recvq_bytes;
	return acknowledged > there ? acknowledged : there;
}

static bool pair_is_empty(const struct stream *s)
{
	return s == NULL || s->exact || s->hung_up;
}

/* How much can be written before somebody reads (T3.2): SQS + RQS, and what the programs' own streams hold. */
static json_t *bounds(const struct weir_socket_info *info, const struct weir_socket_info *peer)
{
	const struct stream *s = info->user;
	json_t *object = json_pack("{s:I}", "sendq", (json_int_t)info->sendq_limit);

	if (s != NULL && s->exact && !list_empty(&s->senders))
		json_object_set_new(object, "uncopied", json_integer((json_int_t)exact_uncopied(s)));
	if (peer == NULL)
		return object;
	json_object_set_new(object, "recvq", json_integer((json_int_t)peer->recvq_limit));
	json_object_set_new(object, "sum", json_integer((json_int_t)(info->sendq_limit + peer->recvq_limit)));
	json_object_set_new(object, "exact", json_boolean(pair_is_empty(s) && pair_is_empty(peer->user)));
	return object;
}

static json_t *describe(const struct view *view, const struct world_host *host, const struct weir_socket_info *info)
{
	const struct history *history = history_of(view->world, host, info->id, info->user);
	struct view_pair pair = views_pair(view, info->user);
	json_t *queues = json_array(), *peer_name = json_null();
	uint64_t written = info->written_bytes + pair.hidden_out; /* hidden: by the program, not taken yet */
	bool exact = pair.known && pair.hidden_out == 0;
	struct weir_socket_info peer;
	const struct world_host *peer_host = find_peer(view, info, &peer);
	uint64_t there = received(info, peer_host != NULL ? &peer : NULL), delivered = there;

	json_array_append_new(
	    queues, queue("SendQ", host->plan->name, there, written, info->sendq_limit, pair.hidden_out, history));
	if (peer_host != NULL) {
		peer_name = json_pack("{s:s, s:I}", "host", peer_host->plan->name, "id", (json_int_t)peer.id);
		delivered = put_receiver(view, peer_host, &peer, history, queues, &exact);
	}
	/* Where writes end is what the world saw of them, unless the program tells. */
	exact = exact && (info->written_bytes == 0 || (history != NULL && history->exact));
	return json_pack("{s:i, s:s, s:I, s:o, s:b, s:I, s:o, s:o, s:o}", "weir", 1, "host", host->plan->name, "id",
	                 (json_int_t)info->id, "peer", peer_name, "exact", exact, "written", (json_int_t)written,
	                 "writes", writes(history, delivered), "queues", queues, "bounds",
	                 bounds(info, peer_host != NULL ? &peer : NULL));
}

json_t *queues_view(const struct view *view, const char *host, uint64_t id)
{
	struct search search = {.id = id};
	char saw[64];

	for (unsigned i = 0; i < view->world->hosts && id != 0; i++) {
		const struct world_host *h = &view->world->host[i];

		if (host != NULL && strcmp(host, h->plan->name) != 0)
			continue;
		weir_sockets_each(h->stack, match, &search);
		if (search.ok)
			return describe(view, h, &search.found);
	}
	snprintf(saw, sizeof(saw), "id %llu", (unsigned long long)id);
	return views_error(1, "there is no such socket", saw, "weir netstat --more (it shows the ids)");
}
