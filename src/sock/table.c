/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of one host's sockets: structures come and go here, and nowhere else.
 */
#include "sock/fastopen.h"
#include "sock/multicast.h"
#include "sock/port.h"
#include "sock/report.h"

#include <string.h>

/* TCP needs the whole structure, a datagram socket only its own part of the union. */
enum { DATAGRAM_BYTES = offsetof(struct weir_socket, u.groups) + sizeof(struct sock_groups *) };

void sock_table_init(struct sock_table *t, struct host *h, struct net *net)
{
	memset(t, 0, sizeof(*t));
	t->host = h;
	t->net = net;
	hashtab_init(&t->tuples, &h->memory);
	hashtab_init(&t->ports, &h->memory);
	slab_init(&t->streams, &h->memory, sizeof(struct weir_socket));
	slab_init(&t->datagrams, &h->memory, DATAGRAM_BYTES);
	slab_init(&t->port_slab, &h->memory, sizeof(struct sock_port));
	slab_init(&t->address_slab, &h->memory, sizeof(struct sock_port_address));
	list_init(&t->all);
	list_init(&t->ready);
	list_init(&t->time_wait);
	for (unsigned i = 0; i <= NET_MAX_INTERFACES; i++) {
		list_init(&t->output[i]);
		list_init(&t->waiting[i]);
	}
	for (unsigned i = 0; i < SOCK_EPHEMERAL_COUNTERS; i++)
		t->ephemeral[i] = (uint32_t)siphash13(&h->key_port, &i, sizeof(i)) & 0xffff;
}

static void release_contents(struct weir_socket *s)
{
	if (s->kind == SOCK_CONNECTION) {
		tcb_deinit(&s->u.tcb, sock_host(s));
	} else if (s->kind == SOCK_DATAGRAM) {
		udp_queue_deinit(&s->u.udp, &sock_host(s)->memory);
		sock_groups_free(s);
	}
}

void sock_table_deinit(struct sock_table *t)
{
	/* Listeners last: their children's tcbs point to them. */
	list_each_safe (node, &t->all) {
		struct weir_socket *s = weir_container(node, struct weir_socket, all_link);

		wheel_cancel(&t->host->wheel, &s->timer); /* others on the wheel outlive the sockets */
		if (s->kind != SOCK_LISTENER)
			release_contents(s);
		sock_tuning_free(s);
		sock_reports_free(s);
	}
	sock_fast_open_deinit(t);
	hashtab_deinit(&t->tuples);
	hashtab_deinit(&t->ports);
	slab_deinit(&t->streams);
	slab_deinit(&t->datagrams);
	slab_deinit(&t->port_slab);
	slab_deinit(&t->address_slab);
}

static void default_options(struct sock_options *opt, const struct weir_config *config)
{
	opt->sndbuf = config->sndbuf_bytes;
	opt->rcvbuf = config->rcvbuf_bytes;
	opt->rcvlowat = 1;
	opt->keepalive = 0; /* [9293 MUST-25] */
	opt->keep_idle_s = 7200;
	opt->keep_interval_s = 75;
	opt->keep_count = 9;
	opt->syn_retries = config->syn_retries;
	opt->quick_ack = 1;
	opt->mtu_discover = 1;
	opt->multicast_ttl = 1;
	opt->multicast_hops = 1;
	opt->multicast_loop4 = 1;
	opt->multicast_loop6 = 1;
}

/* The limit holds for all kinds; a TIME_WAIT is worth less than a new socket. */
static bool make_room(struct sock_table *t)
{
	struct list *oldest;

	if (t->count < t->host->config.max_sockets)
		return true;
	oldest = list_first(&t->time_wait);
	if (!oldest)
		return false;
	host_count(t->host, drop_tcp_time_wait_evicted);
	sock_end_time_wait(weir_container(oldest, struct weir_socket, time_wait_link));
	return t->count < t->host->config.max_sockets;
}

int sock_new(struct sock_table *t, uint8_t family, uint8_t type, struct weir_socket **sock)
{
	struct weir_socket *s;

	if (!make_room(t))
		return -WEIR_ENOBUFS;
	s = slab_get(type == WEIR_DGRAM ? &t->datagrams : &t->streams);
	if (!s)
		return -WEIR_ENOMEM;
	s->table = t;
	s->id = ++t->last_id;
	s->family = family;
	s->type = type;
	s->kind = type == WEIR_DGRAM ? SOCK_DATAGRAM : SOCK_FRESH;
	s->last_state = WEIR_TCP_CLOSED;
	s->local.addr = s->remote.addr = sock_any(s);
	default_options(&s->opt, &t->host->config);
	if (s->kind == SOCK_DATAGRAM)
		udp_queue_init(&s->u.udp, s->opt.rcvbuf);
	list_init(&s->port_link);
	list_init(&s->output_link);
	list_init(&s->ready_link);
	list_init(&s->time_wait_link);
	wheel_timer_init(&s->timer, HOST_TIMER_SOCKET);
	list_push_back(&t->all, &s->all_link);
	t->count++;
	sock_notice(s, WEIR_EVENT_CREATED);
	*sock = s;
	return 0;
}

/* Off everything that packets, timers and output look at. */
static void unlink_all(struct weir_socket *s)
{
	struct sock_table *t = s->table;

	sock_tuples_remove(s);
	wheel_cancel(&t->host->wheel, &s->timer);
	if (list_linked(&s->time_wait_link)) {
		list_remove(&s->time_wait_link);
		t->time_wait_count--;
	}
	list_remove(&s->output_link);
	list_remove(&s->ready_link);
}

void sock_free(struct weir_socket *s)
{
	struct sock_table *t = s->table;

	sock_notice(s, WEIR_EVENT_GONE);
	unlink_all(s);
	sock_port_release(s);
	release_contents(s);
	sock_tuning_free(s);
	sock_reports_free(s);
	list_remove(&s->all_link);
	t->count--;
	slab_put(s->type == WEIR_DGRAM ? &t->datagrams : &t->streams, s);
}

void sock_make_fresh(struct weir_socket *s)
{
	weir_addr was = s->local.addr;

	weir_assert(s->type == WEIR_STREAM && s->kind != SOCK_FRESH);
	unlink_all(s);
	release_contents(s);
	memset(&s->u, 0, sizeof(s->u));
	s->kind = SOCK_FRESH;
	s->last_state = WEIR_TCP_CLOSED;
	s->connect_reports = false;
	s->reserved = 0;
	memset(&s->remote, 0, sizeof(s->remote));
	memset(&s->path, 0, sizeof(s->path));
	s->remote.addr = sock_any(s);
	if (!s->explicit_port) {
		sock_port_release(s);
		s->local.port = 0;
	}
	if (!s->explicit_addr) {
		s->local.addr = sock_any(s);
		s->local.ifindex = 0;
	}
	if (s->port_counted)
		sock_port_uncount(s, &was);
}
