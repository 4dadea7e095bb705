/* SPDX-License-Identifier: Apache-2.0
 *
 * The view behind netstat and ss: every socket structure of every host.
 */
#include "world/program.h"
#include "world/views.h"

#include <string.h>
#include <unistd.h>

struct table {
	const struct view *view;
	const struct world_host *host;
	json_t *rows;
};

static void put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

/* The wildcard and addresses of an AF_INET6 socket are spelt in that family. */
static json_t *endpoint(const struct weir_endpoint *end, enum weir_family family)
{
	char text[WEIR_ADDR_TEXT + 8] = "::ffff:";
	bool v4 = weir_addr_is_v4(&end->addr);

	if (family == WEIR_INET6 && weir_addr_is_any(&end->addr))
		snprintf(text, sizeof(text), "::");
	else
		weir_addr_format(&end->addr, text + (family == WEIR_INET6 && v4 ? strlen("::ffff:") : 0));
	return json_pack("{s:s, s:i}", "addr", text, "port", (int)end->port);
}

static const char *proto(const struct weir_socket_info *info)
{
	if (info->type == WEIR_STREAM)
		return info->family == WEIR_INET6 ? "tcp6" : "tcp";
	return info->family == WEIR_INET6 ? "udp6" : "udp";
}

static json_t *program(const struct view *view, const struct stream *s, const struct view_pair *pair)
{
	const struct owner *owner = pair->inode != 0 ? owners_find(&view->owners, pair->inode) : NULL;
	char name[64];

	if (s == NULL || s->hung_up)
		return json_null();
	if (owner != NULL && owners_name(owner->pid, name, sizeof(name)))
		return json_pack("{s:i, s:s, s:i}", "pid", (int)owner->pid, "name", name, "fd", owner->fd);
	if (owners_name(s->pid, name, sizeof(name)))
		return json_pack("{s:i, s:s}", "pid", (int)s->pid, "name", name);
	return json_null();
}

static json_t *timer(const struct weir_socket_info *info)
{
	static const char *const name[] = {[WEIR_TIMER_NONE] = "none",
	                                   [WEIR_TIMER_RETRANSMIT] = "on",
	                                   [WEIR_TIMER_KEEPALIVE] = "keepalive",
	                                   [WEIR_TIMER_TIME_WAIT] = "timewait",
	                                   [WEIR_TIMER_PERSIST] = "persist"};

	return json_pack("{s:s, s:I, s:i}", "kind", name[info->timer], "left_ns",
	                 info->timer == WEIR_TIMER_NONE ? (json_int_t)0 : (json_int_t)info->timer_left.ns,
	                 "retransmits", (int)info->retransmits);
}

static json_t *tcp(const struct weir_socket_info *info)
{
	json_t *t = json_object();

	put(t, "cwnd_bytes", info->cwnd_bytes);
	json_object_set_new(t, "ssthresh_bytes",
	                    info->ssthresh_bytes == UINT32_MAX ? json_null() : json_integer(info->ssthresh_bytes));
	put(t, "snd_mss", info->snd_mss);
	put(t, "rcv_mss", info->rcv_mss);
	put(t, "srtt_ns", (uint64_t)info->srtt.ns);
	put(t, "rttvar_ns", (uint64_t)info->rttvar.ns);
	put(t, "min_rtt_ns", (uint64_t)info->min_rtt.ns);
	put(t, "rto_ns", (uint64_t)info->rto.ns);
	put(t, "snd_wnd", info->snd_wnd);
	put(t, "rcv_wnd", info->rcv_wnd);
	put(t, "snd_wscale", info->snd_wscale);
	put(t, "rcv_wscale", info->rcv_wscale);
	json_object_set_new(t, "timestamps", json_boolean(info->timestamps));
	put(t, "segs_in", info->segs_in);
	put(t, "segs_out", info->segs_out);
	put(t, "text_segs_in", info->text_segs_in);
	put(t, "text_segs_out", info->text_segs_out);
	put(t, "delivered_segs", info->delivered_segs);
	put(t, "delivery_bytes_per_s", info->delivery_rate);
	json_object_set_new(t, "delivery_limited", json_boolean(info->delivery_limited));
	put(t, "rcv_rtt_ns", (uint64_t)info->rcv_rtt.ns);
	put(t, "marked_in", info->marked_in);
	put(t, "marked_out", info->marked_out);
	put(t, "since_sent_ns", (uint64_t)info->since_sent.ns);
	put(t, "since_text_ns", (uint64_t)info->since_text.ns);
	put(t, "since_heard_ns", (uint64_t)info->since_heard.ns);
	put(t, "busy_ns", (uint64_t)info->busy.ns);
	put(t, "window_limited_ns", (uint64_t)info->window_limited.ns);
	put(t, "queue_limited_ns", (uint64_t)info->queue_limited.ns);
	put(t, "dsacks", info->dsacks);
	put(t, "reorderings", info->reorderings);
	put(t, "out_of_order_segs", info->out_of_order_segs);
	put(t, "timeouts", info->timeouts);
	put(t, "bytes_resent", info->bytes_resent);
	put(t, "resent", info->resent);
	put(t, "iss", info->iss);
	put(t, "irs", info->irs);
	put(t, "snd_nxt", info->snd_nxt);
	put(t, "snd_una", info->snd_una);
	put(t, "rcv_nxt", info->rcv_nxt);
	return t;
}

static void put_queues(json_t *row, const struct weir_socket_info *info, const struct view_pair *pair, bool listening)
{
	uint64_t hidden_in = listening ? 0 : pair->hidden_in;

	json_object_set_new(row, "recvq",
	                    json_pack("{s:I, s:I, s:I, s:b}", "bytes", (json_int_t)info->recvq_bytes, "limit",
	                              (json_int_t)info->recvq_limit, "hidden", (json_int_t)hidden_in, "exact",
	                              pair->known && hidden_in == 0));
	json_object_set_new(row, "sendq",
	                    json_pack("{s:I, s:I, s:I, s:I, s:b}", "bytes", (json_int_t)info->sendq_bytes, "unsent",
	                              (json_int_t)info->sendq_unsent_bytes, "limit", (json_int_t)info->sendq_limit,
	                              "hidden", (json_int_t)pair->hidden_out, "exact", pair->hidden_out == 0));
}

/* What has become of a close() with SO_LINGER {1,n} [T6.8]. */
static void put_linger(json_t *row, const struct table *table, uint64_t id)
{
	const char *said = linger_said(table->view->world, table->host, id);

	if (said != NULL)
		json_object_set_new(row, "linger", json_string(said));
}

static bool add_row(void *ctx, const struct weir_socket_info *info)
{
	struct table *table = ctx;
	const struct stream *s = info->user;
	struct view_pair pair = views_pair(table->view, s);
	bool listening = info->type == WEIR_STREAM && info->state == WEIR_TCP_LISTEN;
	json_t *row = json_object();

	put(row, "id", info->id);
	json_object_set_new(row, "proto", json_string(proto(info)));
	json_object_set_new(row, "state", json_string(weir_tcp_state_name(info->state)));
	json_object_set_new(row, "local", endpoint(&info->local, info->family));
	json_object_set_new(row, "remote", endpoint(&info->remote, info->family));
	put_queues(row, info, &pair, listening);
	put(row, "out_of_order", info->out_of_order_bytes);
	put(row, "written", info->written_bytes);
	put(row, "delivered",
	    info->delivered_bytes - (info->delivered_bytes < pair.hidden_in || listening ? 0 : pair.hidden_in));
	json_object_set_new(row, "program", program(table->view, s, &pair));
	json_object_set_new(row, "has_handle", json_boolean(info->has_handle));
	put_linger(row, table, info->id);
	put(row, "listener", info->listener_id);
	put(row, "accept_len", info->accept_len + (listening ? pair.hidden_in : 0));
	put(row, "backlog", listening && s != NULL ? (uint64_t)s->backlog : info->backlog);
	put(row, "incomplete_len", info->incomplete_len);
	put(row, "accept_dropped", info->accept_dropped);
	json_object_set_new(row, "timer", timer(info));
	if (info->type == WEIR_STREAM && !listening && info->state != WEIR_TCP_CLOSED)
		json_object_set_new(row, "tcp", tcp(info));
	put(row, "uid", (uint64_t)geteuid());
	put(row, "inode", pair.inode);
	return json_array_append_new(table->rows, row) == 0;
}

static json_t *counters(const struct weir_stack *stack)
{
	json_t *object = json_object();
	const char *name;

	for (unsigned i = 0; (name = weir_counter_name(i)) != NULL; i++)
		put(object, name, weir_counter(stack, i));
	return object;
}

json_t *sockets_view(const struct view *view, const char *host)
{
	struct world *world = view->world;
	json_t *hosts = json_array();

	for (unsigned i = 0; i < world->hosts; i++) {
		struct table table = {.view = view, .host = &world->host[i]};
		const char *name = table.host->plan->name;

		if (host != NULL && strcmp(host, name) != 0)
			continue;
		table.rows = json_array();
		weir_sockets_each(table.host->stack, add_row, &table);
		json_array_append_new(hosts, json_pack("{s:s, s:o, s:o}", "name", name, "sockets", table.rows,
		                                       "counters", counters(table.host->stack)));
	}
	return json_pack("{s:i, s:I, s:s, s:o}", "weir", 1, "time_ns", (json_int_t)world->now.ns, "world",
	                 world->plan.name, "hosts", hosts);
}
