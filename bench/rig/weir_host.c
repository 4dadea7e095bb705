/* SPDX-License-Identifier: Apache-2.0
 *
 * A host of Weir's on the path, with its program.
 */
#include "rig.h"

#include <weir/weir.h>

#include <stdlib.h>
#include <string.h>

enum { LEVEL_TCP = 6, OPT_CONGESTION = 13, BUFFER_MAX = 512 << 20 };

struct weir_host {
	struct rig_host host;
	struct weir_stack *stack;
	struct weir_socket *listener, *sock;
	bool shut;
};

static void *plain_alloc(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void plain_free(void *ctx, void *p, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(p);
}

static void weir_connects(struct rig_host *host, unsigned to)
{
	struct weir_host *w = (struct weir_host *)host;
	struct weir_endpoint end = {.addr = weir_addr_v4(10, 0, 0, (uint8_t)to), .port = RIG_PORT};
	const char *name = host->flow->congestion;

	rig_must(weir_socket_new(w->stack, WEIR_INET, WEIR_STREAM, &w->sock) == 0, "no socket of Weir's");
	rig_must(weir_setsockopt(w->sock, LEVEL_TCP, OPT_CONGESTION, name, (uint32_t)strlen(name)) == 0,
	         "Weir has no such congestion control");
	weir_stack_now(w->stack, rig_now());
	rig_must(weir_connect(w->sock, &end) == -WEIR_EINPROGRESS, "Weir cannot connect");
}

static void send_all(struct weir_host *w)
{
	struct rig_flow *flow = w->host.flow;
	size_t left;

	while ((left = rig_left(flow)) > 0) {
		struct weir_slice vec = {rig_bytes(flow->sent), left};
		int64_t n = weir_send(w->sock, &vec, 1, 0);

		if (n <= 0)
			return;
		flow->sent += (uint64_t)n;
	}
	if (!w->shut)
		weir_shutdown(w->sock, WEIR_SHUT_WR);
	w->shut = true;
}

static void read_all(struct weir_host *w)
{
	struct weir_slice piece[2];
	int64_t n;

	while ((n = weir_recv_view(w->sock, piece)) > 0) {
		size_t left = (size_t)n;

		for (int i = 0; i < 2 && left > 0; i++) {
			size_t len = piece[i].len < left ? piece[i].len : left;

			rig_received(w->host.flow, piece[i].data, len);
			left -= len;
		}
		rig_must(weir_recv_consume(w->sock, (size_t)n) == 0, "no bytes to consume");
	}
	w->host.flow->ended = n == 0;
}

static void weir_works(struct rig_host *host, weir_time now)
{
	struct weir_host *w = (struct weir_host *)host;

	weir_stack_now(w->stack, now);
	weir_expire(w->stack, now);
	if (host->sends && w->sock != NULL)
		send_all(w);
	if (!host->sends && w->sock == NULL && weir_accept(w->listener, &w->sock) != 0)
		w->sock = NULL;
	if (!host->sends && w->sock != NULL)
		read_all(w);
}

static weir_time next_deadline(const struct rig_host *host)
{
	return weir_deadline(((const struct weir_host *)host)->stack);
}

static unsigned waits_for_nothing(const struct rig_host *host, struct pollfd *fds)
{
	(void)host;
	(void)fds;
	return 0;
}

static uint64_t no_drops(struct rig_host *host)
{
	(void)host;
	return 0;
}

static struct rig_look weir_looks(const struct rig_host *host)
{
	const struct weir_host *w = (const struct weir_host *)host;
	struct weir_socket_info info;

	if (w->sock == NULL)
		return (struct rig_look){0};
	weir_socket_get_info(w->sock, &info);
	return (struct rig_look){info.cwnd_bytes, info.ssthresh_bytes, (uint64_t)info.srtt.ns / WEIR_NS_PER_US};
}

static void weir_closes(struct rig_host *host)
{
	struct weir_host *w = (struct weir_host *)host;
	struct weir_socket_info info;

	if (host->sends && w->sock != NULL) {
		weir_socket_get_info(w->sock, &info);
		host->flow->resent = info.resent;
	}
	weir_stack_free(w->stack);
	free(w);
}

static const struct rig_host_ops weir_ops = {
    .connect = weir_connects,
    .work = weir_works,
    .deadline = next_deadline,
    .wait = waits_for_nothing,
    .drops = no_drops,
    .look = weir_looks,
    .close = weir_closes,
};

struct rig_host *rig_weir_new(uint8_t number, bool sends, struct rig_flow *flow)
{
	struct weir_interface link = {
	    .name = "lan", .kind = WEIR_LINK_ETHERNET, .mac = {2, 0, 0, 0, 0, number}, .mtu_bytes = RIG_MTU};
	struct weir_host *w = calloc(1, sizeof(*w));
	struct weir_endpoint end = {.addr = weir_addr_v4(10, 0, 0, number), .port = RIG_PORT};
	weir_addr addr = weir_addr_v4(10, 0, 0, number);
	struct weir_config config;
	int index;

	rig_must(w != NULL, "no memory");
	w->host = (struct rig_host){.ops = &weir_ops, .flow = flow, .number = number, .sends = sends};
	weir_config_init(&config);
	config.allocator = (struct weir_allocator){plain_alloc, plain_free, NULL};
	memset(config.secret, number, sizeof(config.secret));
	config.max_buffer_bytes = BUFFER_MAX;
	config.sndbuf_bytes = config.rcvbuf_bytes = flow->buffer_bytes;
	rig_must(weir_stack_new(&config, rig_now(), &w->stack) == 0, "no stack");
	index = weir_interface_add(w->stack, &link);
	rig_must(index > 0 && weir_address_add(w->stack, (unsigned)index, &addr, 24) == 0, "no address");
	w->host.port = link_port_stack(w->stack, (unsigned)index, &link);
	if (!sends)
		rig_must(weir_socket_new(w->stack, WEIR_INET, WEIR_STREAM, &w->listener) == 0 &&
		             weir_bind(w->listener, &end) == 0 && weir_listen(w->listener, 1) == 0,
		         "no listener of Weir's");
	return &w->host;
}
