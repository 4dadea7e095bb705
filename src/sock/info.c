/* SPDX-License-Identifier: Apache-2.0
 *
 * One socket's snapshot (weir/view.h).
 */
#include "sock/sock.h"

#include <string.h>

static void fill_connection(const struct weir_socket *s, struct weir_socket_info *info)
{
	struct tcp_listener *l = s->u.tcb.listener;

	tcp_fill_info(sock_host(s), &s->u.tcb, info);
	info->in_accept_list = s->u.tcb.in_accept_list;
	info->listener_id = l ? sock_of_listener(l)->id : 0;
}

static void fill_listener(const struct weir_socket *s, struct weir_socket_info *info)
{
	const struct tcp_listener *l = &s->u.listener;

	info->state = WEIR_TCP_LISTEN;
	info->backlog = l->backlog;
	info->accept_len = l->accept_len;
	info->incomplete_len = l->incomplete_len;
	info->accept_dropped = l->dropped;
	info->recvq_limit = s->opt.rcvbuf;
	info->sendq_limit = s->opt.sndbuf;
}

static void fill_datagram(const struct weir_socket *s, struct weir_socket_info *info)
{
	const struct udp_queue *q = &s->u.udp;

	info->state = s->connected ? WEIR_TCP_ESTABLISHED : WEIR_TCP_CLOSED;
	info->recvq_bytes = q->bytes;
	info->recvq_limit = q->limit;
	info->recvq_datagrams = q->count;
	info->recvq_dropped = q->dropped;
	info->sendq_limit = s->opt.sndbuf;
	info->written_bytes = q->sent;
	info->delivered_bytes = q->delivered;
	info->error = s->error;
}

void weir_socket_get_info(const struct weir_socket *s, struct weir_socket_info *info)
{
	memset(info, 0, sizeof(*info));
	info->id = s->id;
	info->family = (enum weir_family)s->family;
	info->type = (enum weir_type)s->type;
	info->state = WEIR_TCP_CLOSED;
	info->has_handle = s->has_handle;
	info->local = s->local;
	info->remote = s->remote;
	info->v6only = s->opt.v6only;
	info->user = s->user;
	info->ssthresh_bytes = UINT32_MAX;
	switch (s->kind) {
	case SOCK_CONNECTION:
		fill_connection(s, info);
		break;
	case SOCK_LISTENER:
		fill_listener(s, info);
		break;
	case SOCK_DATAGRAM:
		fill_datagram(s, info);
		break;
	default:
		info->recvq_limit = s->opt.rcvbuf;
		info->sendq_limit = s->opt.sndbuf;
		info->error = s->error;
	}
}
