/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack's reply to "sockets", read into plain values. A reply may have more keys than are read here (it only
 * grows); numbers that are missing are 0, but what a socket is, its state and its two ends must be there.
 */
#include "cli/look.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

static bool read_end(const json_t *object, struct look_end *end)
{
	const char *addr = json_string_value(json_object_get(object, "addr"));
	uint64_t port = number(object, "port");

	if (!addr || strlen(addr) >= sizeof(end->addr) || port > UINT16_MAX)
		return false;
	cli_clean(end->addr, sizeof(end->addr), addr);
	end->port = (unsigned)port;
	end->any = strcmp(addr, "0.0.0.0") == 0 || strcmp(addr, "::") == 0 || strcmp(addr, "::ffff:0.0.0.0") == 0;
	return true;
}

static void read_queue(const json_t *object, struct look_queue *queue)
{
	queue->bytes = number(object, "bytes");
	queue->unsent = number(object, "unsent");
	queue->limit = number(object, "limit");
	queue->hidden = number(object, "hidden");
	queue->exact = !json_is_false(json_object_get(object, "exact"));
}

static void read_program(const json_t *object, struct look_program *program)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	const json_t *fd = json_object_get(object, "fd");

	program->known = json_is_object(object);
	program->pid = json_integer_value(json_object_get(object, "pid"));
	program->has_fd = json_is_integer(fd);
	program->fd = json_integer_value(fd);
	cli_clean(program->name, sizeof(program->name), name ? name : "");
}

static const char *read_linger(const json_t *said)
{
	static const char *const known[] = {"waits", "time is up"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (json_is_string(said) && strcmp(json_string_value(said), known[i]) == 0)
			return known[i];
	return NULL;
}

static void read_timer(const json_t *object, struct look_timer *timer)
{
	static const char *const kinds[] = {
	    [WEIR_TIMER_NONE] = "none",          [WEIR_TIMER_RETRANSMIT] = "on",   [WEIR_TIMER_KEEPALIVE] = "keepalive",
	    [WEIR_TIMER_TIME_WAIT] = "timewait", [WEIR_TIMER_PERSIST] = "persist",
	};
	const char *kind = json_string_value(json_object_get(object, "kind"));

	for (unsigned i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i]) == 0)
			timer->kind = (enum weir_timer_kind)i;
	}
	timer->left_ns = number(object, "left_ns");
	timer->retransmits = number(object, "retransmits");
}

static void read_tcp(const json_t *object, struct look_tcp *tcp)
{
	tcp->known = json_is_object(object);
	tcp->cwnd_bytes = number(object, "cwnd_bytes");
	tcp->ssthresh_bytes = number(object, "ssthresh_bytes");
	tcp->snd_mss = number(object, "snd_mss");
	tcp->rcv_mss = number(object, "rcv_mss");
	tcp->srtt_ns = number(object, "srtt_ns");
	tcp->rttvar_ns = number(object, "rttvar_ns");
	tcp->rto_ns = number(object, "rto_ns");
	tcp->snd_wnd = number(object, "snd_wnd");
	tcp->rcv_wnd = number(object, "rcv_wnd");
	tcp->snd_wscale = number(object, "snd_wscale");
	tcp->rcv_wscale = number(object, "rcv_wscale");
	tcp->segs_in = number(object, "segs_in");
	tcp->segs_out = number(object, "segs_out");
	tcp->text_segs_in = number(object, "text_segs_in");
	tcp->text_segs_out = number(object, "text_segs_out");
	tcp->delivered_segs = number(object, "delivered_segs");
	tcp->delivery_bytes_per_s = number(object, "delivery_bytes_per_s");
	tcp->delivery_limited = json_is_true(json_object_get(object, "delivery_limited"));
	tcp->rcv_rtt_ns = number(object, "rcv_rtt_ns");
	tcp->marked_out = number(object, "marked_out");
	tcp->since_sent_ns = number(object, "since_sent_ns");
	tcp->since_text_ns = number(object, "since_text_ns");
	tcp->since_heard_ns = number(object, "since_heard_ns");
	tcp->busy_ns = number(object, "busy_ns");
	tcp->window_limited_ns = number(object, "window_limited_ns");
	tcp->queue_limited_ns = number(object, "queue_limited_ns");
	tcp->dsacks = number(object, "dsacks");
	tcp->reorderings = number(object, "reorderings");
	tcp->out_of_order_segs = number(object, "out_of_order_segs");
	tcp->timeouts = number(object, "timeouts");
	tcp->min_rtt_ns = number(object, "min_rtt_ns");
	tcp->bytes_resent = number(object, "bytes_resent");
	tcp->resent = number(object, "resent");
	tcp->timestamps = json_is_true(json_object_get(object, "timestamps"));
}

/* "tcp", "udp6": a short word. */
static bool is_proto(const char *proto)
{
	return proto && strlen(proto) < 8 && proto[strspn(proto, "abcdefghijklmnopqrstuvwxyz46")] == '\0';
}

static bool read_socket(json_t *object, struct look_socket *sock)
{
	const char *state = json_string_value(json_object_get(object, "state"));

	sock->json = object;
	sock->proto = json_string_value(json_object_get(object, "proto"));
	if (!is_proto(sock->proto) || !state || !state_read(state, &sock->state) ||
	    !read_end(json_object_get(object, "local"), &sock->local) ||
	    !read_end(json_object_get(object, "remote"), &sock->remote))
		return false;
	sock->tcp = strncmp(sock->proto, "tcp", 3) == 0;
	sock->v6 = strchr(sock->proto, '6') != NULL;
	/* Whoever is bound to one address of IPv6 takes no IPv4, whatever the option says. */
	sock->v6only = json_is_true(json_object_get(object, "v6only")) ||
	               (sock->v6 && !sock->local.any && !strchr(sock->local.addr, '.'));
	sock->id = number(object, "id");
	read_queue(json_object_get(object, "recvq"), &sock->recvq);
	read_queue(json_object_get(object, "sendq"), &sock->sendq);
	sock->out_of_order = number(object, "out_of_order");
	sock->linger = read_linger(json_object_get(object, "linger"));
	sock->written = number(object, "written");
	sock->delivered = number(object, "delivered");
	sock->accept_len = number(object, "accept_len");
	sock->backlog = number(object, "backlog");
	sock->incomplete_len = number(object, "incomplete_len");
	sock->accept_dropped = number(object, "accept_dropped");
	sock->uid = number(object, "uid");
	sock->inode = number(object, "inode");
	read_program(json_object_get(object, "program"), &sock->program);
	read_timer(json_object_get(object, "timer"), &sock->timer);
	read_tcp(json_object_get(object, "tcp"), &sock->conn);
	return true;
}

static bool read_host(const json_t *object, struct look_host *host, const char **why)
{
	const json_t *sockets = json_object_get(object, "sockets");
	const char *name = json_string_value(json_object_get(object, "name"));

	*why = "a host";
	if (!name || !json_is_array(sockets))
		return false;
	cli_clean(host->name, sizeof(host->name), name);
	host->sockets = calloc(json_array_size(sockets) + 1, sizeof(*host->sockets));
	if (!host->sockets)
		return false;
	*why = "a socket";
	for (size_t i = 0; i < json_array_size(sockets); i++) {
		if (!read_socket(json_array_get(sockets, i), &host->sockets[i]))
			return false;
		host->count++;
	}
	return true;
}

bool look_read(struct look_view *view, json_t *take_reply, const char **why)
{
	const json_t *hosts = json_object_get(take_reply, "hosts");

	*view = (struct look_view){.reply = take_reply};
	*why = "the list of hosts";
	if (!json_is_array(hosts))
		return false;
	view->hosts = calloc(json_array_size(hosts) + 1, sizeof(*view->hosts));
	if (!view->hosts)
		return false;
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		view->count++;
		if (!read_host(json_array_get(hosts, i), &view->hosts[i], why))
			return false;
	}
	return true;
}

void look_free(struct look_view *view)
{
	for (size_t i = 0; i < view->count; i++)
		free(view->hosts[i].sockets);
	free(view->hosts);
	json_decref(view->reply);
	*view = (struct look_view){.reply = NULL};
}

int look_ask(struct look_view *view, const char *host)
{
	json_t *request = json_pack("{s:s}", "view", "sockets"), *reply;
	int status = CLI_NO_STACK;
	const char *why;

	if (host && json_object_set_new(request, "host", json_string(host))) {
		json_decref(request);
		return cli_fail(CLI_USAGE, "\"%s\" is no name of a host\nit is not UTF-8", host);
	}
	reply = cli_ask(request, &status);
	if (!reply)
		return status;
	if (!look_read(view, reply, &why)) {
		look_free(view);
		return cli_fail(CLI_NO_STACK,
		                "the stack's answer cannot be read\n%s in it is not as it should be\n"
		                "use the weir that started it",
		                why);
	}
	if (host && view->count == 0) {
		look_free(view);
		return cli_fail(CLI_USAGE,
		                "the world has no host \"%s\"\nthe stack knows none of this name\nweir netstat, "
		                "without a name, shows every host",
		                host);
	}
	return CLI_DONE;
}

struct ordered {
	struct look_socket sock;
	unsigned weight;
	size_t place;
};

static int by_weight(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void select_host(struct look_host *host, json_t *object,
                        bool (*shows)(const struct look_socket *, const void *ctx),
                        unsigned (*weight)(const struct look_socket *), const void *ctx)
{
	struct ordered *kept = calloc(host->count + 1, sizeof(*kept));
	json_t *sockets = json_array();
	size_t count = 0;

	for (size_t i = 0; kept && i < host->count; i++) {
		if (shows(&host->sockets[i], ctx))
			kept[count++] = (struct ordered){host->sockets[i], weight(&host->sockets[i]), i};
	}
	if (count > 1)
		qsort(kept, count, sizeof(*kept), by_weight);
	for (size_t i = 0; i < count; i++) {
		host->sockets[i] = kept[i].sock;
		json_array_append(sockets, kept[i].sock.json);
	}
	host->count = count;
	json_object_set_new(object, "sockets", sockets);
	free(kept);
}

void look_select(struct look_view *view, bool (*shows)(const struct look_socket *, const void *ctx),
                 unsigned (*weight)(const struct look_socket *), const void *ctx)
{
	json_t *hosts = json_object_get(view->reply, "hosts");

	for (size_t i = 0; i < view->count; i++)
		select_host(&view->hosts[i], json_array_get(hosts, i), shows, weight, ctx);
}

/* What waits to be read: for a listener connections, for others bytes, wherever they wait. [T1.4] */
uint64_t look_recvq(const struct look_socket *sock, bool kernel_counts)
{
	if (look_is_listening(sock))
		return sock->accept_len;
	return sock->recvq.bytes + sock->recvq.hidden + (kernel_counts && sock->state == WEIR_TCP_CLOSE_WAIT ? 1 : 0);
}

static bool has_unacknowledged_syn_or_fin(const struct look_socket *sock)
{
	return sock->state == WEIR_TCP_SYN_SENT || sock->state == WEIR_TCP_FIN_WAIT_1 ||
	       sock->state == WEIR_TCP_CLOSING || sock->state == WEIR_TCP_LAST_ACK;
}

uint64_t look_sendq(const struct look_socket *sock, bool kernel_counts)
{
	if (look_is_listening(sock))
		return 0;
	return sock->sendq.bytes + sock->sendq.hidden + (kernel_counts && has_unacknowledged_syn_or_fin(sock) ? 1 : 0);
}

void look_print_json(const json_t *document)
{
	json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
}
