/* SPDX-License-Identifier: Apache-2.0
 *
 * What the observer is told about sockets (weir/observe.h).
 */
#include "sock/sock.h"

static struct weir_event event_of(const struct weir_socket *s, enum weir_event_kind kind)
{
	return (struct weir_event){.kind = kind, .at = sock_host(s)->now, .socket_id = s->id};
}

void sock_tell(const struct weir_socket *s, enum weir_event_kind kind)
{
	struct weir_event event;

	event = event_of(s, kind);
	host_observe(sock_host(s), &event);
}

void sock_tell_bytes(const struct weir_socket *s, enum weir_event_kind kind, uint64_t offset, uint64_t bytes)
{
	struct weir_event event;

	event = event_of(s, kind);
	event.offset = offset;
	event.bytes = bytes;
	host_observe(sock_host(s), &event);
}

void sock_tell_segment(const struct weir_socket *s, enum weir_event_kind kind, const struct tcp_segment *seg)
{
	struct weir_event event;

	event = event_of(s, kind);
	event.seq = seq_raw(seg->seq);
	event.ack = seq_raw(seg->ack);
	event.window_bytes = seg->wnd;
	if (s->kind == SOCK_CONNECTION && !(seg->flags & TCP_SYN))
		event.window_bytes <<= kind == WEIR_EVENT_SEGMENT_IN ? s->u.tcb.snd.shift : s->u.tcb.rcv.shift;
	event.flags = seg->flags;
	event.bytes = seg->text_bytes;
	host_observe(sock_host(s), &event);
}

void sock_tell_state(const struct weir_socket *s, int from, int to)
{
	struct weir_event event;

	event = event_of(s, WEIR_EVENT_STATE);
	event.from = from;
	event.to = to;
	host_observe(sock_host(s), &event);
}
