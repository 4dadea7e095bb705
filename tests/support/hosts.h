/* SPDX-License-Identifier: Apache-2.0
 *
 * Two hosts, A and B, joined by a link with faults, under virtual time: for tests of what programs see. The link can be
 * held, and a finger laid on single segments, so that an instant of a figure can be reached exactly.
 *
 *	BOOK(T1_5, a_write_only_copies) { hosts_connect(OPEN_HOSTS()); ... }
 *
 * Every body runs over IPv4 and over IPv6. The invariants of all control blocks are checked after every step.
 */
#ifndef WEIR_TESTS_SUPPORT_HOSTS_H
#define WEIR_TESTS_SUPPORT_HOSTS_H

#include "link/pair.h"
#include "sock/sock.h"
#include "support/packet.h"
#include "support/test.h"

#include <weir/weir.h>

/* Defaults are overridden by what a test names. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

enum { A = 0, B = 1, SERVER_PORT = 80 };

extern const struct test_kind hosts_kind;

#define BOOK(id, name) TEST_OF_KIND(&hosts_kind, id, name)

/* -- before the first socket */
struct weir_config *hosts_config(int host);
void hosts_mtu(uint16_t bytes);
/* Both interfaces hand out large segments, to be cut by the link. */
void hosts_large_segments(uint32_t bytes);
struct link_fault_spec *hosts_faults(int from);

/* -- the hosts */
struct weir_stack *hosts_stack(int host);
unsigned hosts_ifindex(int host);
struct weir_endpoint hosts_end(int host, uint16_t port);
struct weir_endpoint hosts_any(uint16_t port);
bool hosts_over_ipv6(void);
enum weir_family hosts_family(void);
long long hosts_counter(int host, enum drop name);

/* -- time */
/* Moves what can move at this instant. */
void hosts_settle(void);
void hosts_run_ms(long long ms);
weir_time hosts_now(void);
/* Runs until done() says so; fails when the limit passes first. Returns the milliseconds that took. */
long long hosts_run_until(bool (*done)(void *ctx), void *ctx, long long limit_ms);
/* Until no host has a connection any more, not even in TIME_WAIT. false: the limit (in seconds) has passed. */
bool hosts_run_until_quiet(long long limit_s);
/* Every so many allocations of the stacks one fails from now on; 0 = none. */
void hosts_fail_allocations(unsigned every);

/* -- the link */
/* Segments of this host are kept from now on, after `passed` more of them with text have gone by (0 = at once;
 * segments without text pass until then as well). */
void hosts_hold(int from, unsigned passed);
/* What was held goes, and nothing is held any more. */
void hosts_release(int from);
/* Segments of this host are lost from now on, or no more. */
void hosts_cut(int from, bool cut);

/* A test's finger on one segment; ctx as given. */
typedef struct link_aim hosts_aim_fn(void *ctx, int from, const struct wire_ip *ip, const struct tcp_segment *seg);
void hosts_aim(hosts_aim_fn *aim, void *ctx);

/* What has passed the link, in order. */
struct hosts_seen {
	int from;
	weir_time at;
	struct tcp_segment seg; /* text slices not valid */
};
unsigned hosts_seen_count(void);
const struct hosts_seen *hosts_seen(unsigned i);
/* How many segments of this host had all of these flags. */
unsigned hosts_seen_flags(int from, uint8_t flags);

/* -- programs; calls that must succeed do so or fail the test */
struct weir_socket *hosts_socket(int host);
struct weir_socket *hosts_datagram(int host);
void hosts_set(struct weir_socket *s, int level, int name, int value);
int hosts_bind(struct weir_socket *s, struct weir_endpoint end);
struct weir_socket *hosts_listen(int host, uint16_t port, int backlog);
int hosts_start_connect(struct weir_socket *s, int to, uint16_t port);
struct weir_socket *hosts_accept(struct weir_socket *listener);
/* The first byte is number `from` of a stream whose bytes tell their places. Returns as weir_send(). */
int64_t hosts_write(struct weir_socket *s, uint64_t from, uint32_t n);
/* Reads with a buffer of n bytes; checks them against their places. Returns as weir_recv(). */
int64_t hosts_read(struct weir_socket *s, uint64_t from, uint32_t n);
void hosts_shut(struct weir_socket *s);
void hosts_close(struct weir_socket *s);
struct weir_socket_info hosts_info(const struct weir_socket *s);
/* The connection of this host from local to remote port; false: there is none. Also without a handle. */
bool hosts_find(int host, uint16_t local, uint16_t remote, struct weir_socket_info *info);
/* -1 = none. */
int hosts_state(int host, uint16_t local, uint16_t remote);
/* A row as netstat prints it (T1.4). */
enum { HOSTS_ROW = 160 };
const char *hosts_netstat_row(const struct weir_socket_info *info, char *row);

/* A connected pair: client on A, server on B. */
struct hosts_pair {
	struct weir_socket *listener, *client, *server;
	uint16_t client_port;
};

struct hosts_open {
	uint32_t sqs, rqs;    /* of both ends */
	int max_segment;      /* text of a segment; 0 = as the link allows */
	uint16_t client_port; /* 0 = picked */
};

#define OPEN_HOSTS(...) (&(const struct hosts_open){.sqs = 262144, .rqs = 262144, ##__VA_ARGS__})
struct hosts_pair hosts_connect(const struct hosts_open *open);

enum { LEVEL_SOCKET = 1, LEVEL_TCP = 6 };
enum { OPT_REUSEADDR = 2, OPT_SNDBUF = 7, OPT_RCVBUF = 8, OPT_LINGER = 13 };
enum { OPT_NODELAY = 1, OPT_MAXSEG = 2 };

#endif
