/* SPDX-License-Identifier: Apache-2.0
 *
 * lwIP, the Debian package, through its raw API: callbacks, no threads.
 */
#include "engine.h"

#include "lwip_link.h"

#include "lwip/init.h"
#include "lwip/ip4.h"
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 5001, SINK_BYTES = 65536, CONNECTIONS_MAX = 20000 };

/* Segments of the large row. lwIP cuts at half of the largest window that its peer has shown, so more is not to be had.
 */
enum { LARGE_SEGMENT = 32767 };

static struct {
	bool simd;
	struct tcp_pcb *listener;
	struct tcp_pcb **client, **server;
	unsigned connections, accepted, connected;
	uint64_t received, echoed, closed;
	size_t held_before;
	uint8_t source[BENCH_WRITE_BYTES], sink[SINK_BYTES];
} lwip;

static void turn(void)
{
	sys_check_timeouts();
	lwip_link_pump();
}

static void check(err_t error, const char *what)
{
	if (error != ERR_OK)
		bench_fail("lwIP: %s: error %d", what, error);
}

static void on_error(void *arg, err_t error)
{
	(void)arg;
	bench_fail("lwIP: a connection was lost: error %d", error);
}

/* Copies what arrived out, as a program's read would. */
static u16_t take(struct tcp_pcb *pcb, struct pbuf *p)
{
	u16_t len = p->tot_len;

	if (pbuf_copy_partial(p, lwip.sink, len, 0) != len)
		bench_fail("lwIP: cannot read %u bytes", len);
	tcp_recved(pcb, len);
	pbuf_free(p);
	return len;
}

static err_t server_counts(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	(void)arg;
	check(error, "receive");
	if (p != NULL)
		lwip.received += take(pcb, p);
	return ERR_OK;
}

static err_t server_echoes(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	u16_t len;

	(void)arg;
	check(error, "receive");
	if (p == NULL)
		return ERR_OK;
	len = take(pcb, p);
	check(tcp_write(pcb, lwip.sink, len, TCP_WRITE_FLAG_COPY), "write");
	return tcp_output(pcb);
}

static err_t server_answers_and_closes(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	(void)server_echoes(arg, pcb, p, error);
	if (p != NULL)
		check(tcp_close(pcb), "close");
	return ERR_OK;
}

static err_t client_counts(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	(void)arg;
	check(error, "receive");
	if (p != NULL)
		lwip.echoed += take(pcb, p);
	return ERR_OK;
}

static err_t client_closes_at_end(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	(void)client_counts(arg, pcb, p, error);
	if (p == NULL) {
		check(tcp_close(pcb), "close");
		lwip.closed++;
	}
	return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
	(void)arg;
	check(error, "accept");
	tcp_nagle_disable(pcb);
	tcp_recv(pcb, server_answers_and_closes);
	if (lwip.accepted < lwip.connections) {
		tcp_err(pcb, on_error);
		tcp_recv(pcb, server_echoes);
		lwip.server[lwip.accepted++] = pcb;
	}
	return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
	(void)arg;
	check(error, "connect");
	tcp_nagle_disable(pcb);
	lwip.connected++;
	return ERR_OK;
}

static err_t on_connected_asks(void *arg, struct tcp_pcb *pcb, err_t error)
{
	(void)on_connected(arg, pcb, error);
	check(tcp_write(pcb, lwip.source, 1, TCP_WRITE_FLAG_COPY), "write");
	return tcp_output(pcb);
}

static struct tcp_pcb *start_connect(tcp_connected_fn connected, tcp_recv_fn received)
{
	struct tcp_pcb *pcb = tcp_new();

	if (pcb == NULL)
		bench_fail("lwIP: no control block");
	tcp_bind_netif(pcb, &lwip_link_client);
	tcp_recv(pcb, received);
	check(tcp_connect(pcb, netif_ip_addr4(&lwip_link_server), PORT, connected), "connect");
	return pcb;
}

static void start_listen(void)
{
	struct tcp_pcb *pcb = tcp_new();

	tcp_bind_netif(pcb, &lwip_link_server);
	check(tcp_bind(pcb, netif_ip_addr4(&lwip_link_server), PORT), "bind");
	lwip.listener = tcp_listen_with_backlog(pcb, 255);
	if (lwip.listener == NULL)
		bench_fail("lwIP: cannot listen");
	tcp_accept(lwip.listener, on_accept);
}

static size_t held(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* TCP_MSS is compiled in, so the fields are set by hand; a window that began with small segments would never let a
 * large one out. */
static void enlarge(struct tcp_pcb *pcb)
{
	pcb->mss = LARGE_SEGMENT;
	pcb->cwnd = TCP_WND;
}

static const char *open_with(enum bench_link link, unsigned connections, bool simd)
{
	if (link == BENCH_LARGE_TRUSTED)
		return "its package cannot leave checksums out by interface";
	if (connections > CONNECTIONS_MAX)
		return "its lists of connections are linear: setting them up would take minutes";
	lwip_link_init();
	lwip_link_use_simd(simd);
	if (simd && !lwip_link_simd_possible())
		return "its library binds its checksum function internally";
	lwip.connections = connections;
	lwip.accepted = lwip.connected = 0;
	lwip.client = calloc(connections + 1, sizeof(struct tcp_pcb *));
	lwip.server = calloc(connections + 1, sizeof(struct tcp_pcb *));
	if (lwip.client == NULL || lwip.server == NULL)
		bench_fail("no memory");
	start_listen();
	lwip.held_before = held();
	for (unsigned i = 0; i < connections; i++) {
		lwip.client[i] = start_connect(on_connected, client_counts);
		turn();
		if (lwip.connected != i + 1 || lwip.accepted != i + 1)
			bench_fail("lwIP: connection %u was not made", i);
		tcp_err(lwip.client[i], on_error);
		if (link == BENCH_LARGE)
			enlarge(lwip.client[i]);
	}
	return NULL;
}

static const char *open_packaged(enum bench_link link, unsigned connections)
{
	return open_with(link, connections, false);
}

static const char *open_simd(enum bench_link link, unsigned connections)
{
	return open_with(link, connections, true);
}

static void discard(struct tcp_pcb *pcb)
{
	tcp_err(pcb, NULL);
	tcp_abort(pcb);
	lwip_link_pump();
}

static void close_all(void)
{
	for (unsigned i = 0; i < lwip.accepted; i++) {
		tcp_err(lwip.server[i], NULL);
		discard(lwip.client[i]);
	}
	check(tcp_close(lwip.listener), "close");
	/* Not waited for: the next row begins with none. */
	while (tcp_tw_pcbs != NULL)
		tcp_abort(tcp_tw_pcbs);
	free(lwip.client);
	free(lwip.server);
}

static void bulk(uint64_t bytes)
{
	struct tcp_pcb *pcb = lwip.client[0];
	uint64_t written = 0;

	tcp_recv(lwip.server[0], server_counts);
	lwip.received = 0;
	while (lwip.received < bytes) {
		uint64_t left = bytes - written, room = tcp_sndbuf(pcb);
		u16_t len = (u16_t)(left < room ? left : room);

		if (len > 0 && tcp_write(pcb, lwip.source, len, TCP_WRITE_FLAG_COPY) == ERR_OK)
			written += len;
		check(tcp_output(pcb), "output");
		turn();
	}
}

static void ping(const uint32_t *connection, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tcp_pcb *pcb = lwip.client[connection[i]];

		lwip.echoed = 0;
		check(tcp_write(pcb, lwip.source, 1, TCP_WRITE_FLAG_COPY), "write");
		check(tcp_output(pcb), "output");
		turn();
		if (lwip.echoed != 1)
			bench_fail("lwIP: the echo did not come back");
	}
}

static void churn(unsigned n)
{
	lwip.closed = lwip.echoed = 0;
	for (unsigned i = 0; i < n; i++) {
		(void)start_connect(on_connected_asks, client_closes_at_end);
		turn();
		if (lwip.closed != i + 1 || lwip.echoed != i + 1)
			bench_fail("lwIP: connection %u did not come to its end", i);
	}
}

static double memory(void)
{
	return (double)(held() - lwip.held_before);
}

static void describe(void)
{
	printf("lwip       %s, Debian's liblwip0, raw API on one thread; lwipopts of the package:\n"
	       "           TCP_MSS %d, TCP_WND %d, window scale %d, TCP_SND_BUF %d, TCP_SND_QUEUELEN %d,\n"
	       "           checksum on copy %d, generated/verified %d/%d, timestamps %d, out-of-order queue %d,\n"
	       "           allocation by malloc %d, locks %d. Control blocks are bound to two interfaces, each the "
	       "other's\n"
	       "           wire; headers copied, payload by reference. Large segments: mss set to %d and cwnd to\n"
	       "           TCP_WND by the bench, since TCP_MSS is compiled in and segments are cut at half the window. "
	       "Nagle off.\n"
	       "lwip-simd  the same with Weir's vector checksum in place of its own.\n",
	       LWIP_VERSION_STRING, TCP_MSS, TCP_WND, TCP_RCV_SCALE, TCP_SND_BUF, TCP_SND_QUEUELEN,
	       LWIP_CHECKSUM_ON_COPY, CHECKSUM_GEN_TCP, CHECKSUM_CHECK_TCP, LWIP_TCP_TIMESTAMPS, TCP_QUEUE_OOSEQ,
	       MEMP_MEM_MALLOC, SYS_LIGHTWEIGHT_PROT, LARGE_SEGMENT);
}

static void describe_simd(void)
{
}

const struct bench_engine bench_lwip = {
    .name = "lwip",
    .describe = describe,
    .open = open_packaged,
    .close = close_all,
    .bulk = bulk,
    .ping = ping,
    .churn = churn,
    .memory = memory,
};

const struct bench_engine bench_lwip_simd = {
    .name = "lwip-simd",
    .describe = describe_simd,
    .open = open_simd,
    .close = close_all,
    .bulk = bulk,
    .ping = ping,
    .churn = churn,
    .memory = memory,
};
