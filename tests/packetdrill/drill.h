/* SPDX-License-Identifier: Apache-2.0
 *
 * The adapter as the packetdrill tool uses it: loaded as a shared object, driven through its table of calls, with a
 * peer made of hand-made packets. Sequence numbers are relative to the initial ones of their side. Calls that block are
 * made on a second thread, and the first goes on when that thread sleeps or is done, as the tool does it.
 */
#ifndef WEIR_TESTS_PACKETDRILL_DRILL_H
#define WEIR_TESTS_PACKETDRILL_DRILL_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "packetdrill/interface.h"
#include "wire/tcp.h"

#include <netinet/in.h>

enum { F = TCP_FIN, S = TCP_SYN, R = TCP_RST, P = TCP_PSH, A = TCP_ACK, U = TCP_URG };
enum { OUR_PORT = 8080, PEER_PORT = 41000, PEER_WINDOW = 60000 };

/* How a script may be run: the tool's --ip_version. */
struct way {
	const char *flags;
	int domain;      /* of the sockets */
	bool v6;         /* packets */
	const char *any; /* for bind() */
	const char *us, *peer;
};

extern const struct way way_v4, way_v6, way_mapped;

struct drill {
	struct packetdrill_interface ifc;
	void *u; /* ifc.userdata */
	void *handle;
	const struct way *way;
	uint16_t our_port, peer_port;
	uint32_t our_isn, peer_isn;
	bool know_our_isn;
	uint16_t up;          /* urgent pointer of what is injected */
	uint8_t cookie_bytes; /* of Fast Open, on its SYNs: so many bytes, each 0xc0 */
	/* last packet that expect() took */
	struct tcp_segment seg;
	uint8_t options[40]; /* as they stand there */
	long long left_us;   /* on the adapter's clock */
};

/* The path of the object: the test's first argument. */
extern const char *drill_object;

/* more: flags behind those of the way, or "". */
void drill_open(struct drill *d, const struct way *way, const char *more);
void drill_close(struct drill *d);
long long drill_now_us(struct drill *d);
void drill_wait_ms(struct drill *d, unsigned ms);

struct sockaddr_storage drill_address(const struct way *way, const char *ip, uint16_t port, socklen_t *len);
int drill_socket(struct drill *d);
/* A listener at OUR_PORT. */
int drill_listener(struct drill *d, int backlog);
int drill_connect(struct drill *d, int fd);
void drill_nonblocking(struct drill *d, int fd);

/* A segment from the peer: PEER_WINDOW, MSS 1000 on a SYN. */
void inject(struct drill *d, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len);
void inject_window(struct drill *d, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, uint16_t window);
/* The next packet has these flags and numbers. */
void expect_at(struct drill *d, const char *file, int line, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len);
#define expect(d, flags, seq, ack, len) expect_at(d, __FILE__, __LINE__, flags, seq, ack, len)
/* Nothing leaves, now or ever. */
void expect_silence(struct drill *d);

/* Established with the peer, listener closed; nothing left to be taken. */
int drill_accepted(struct drill *d);
/* The same, over a round trip that long. */
int drill_accepted_after(struct drill *d, unsigned ms);
int drill_connected(struct drill *d);

/* A call on the second thread. */
struct call {
	struct drill *d;
	long long (*make)(struct call *c);
	int fd;
	void *buffer;
	size_t len;
	int timeout_ms;
	long long result;
	int error;
	long long ended_us;

	pthread_t thread;
	atomic_int tid;
	atomic_bool done;
};

/* Returns when the thread sleeps in the call, or is done. */
void call_start(struct call *c);
bool call_blocks(const struct call *c);
/* The call ends by itself now. */
long long call_end(struct call *c);

long long call_accept(struct call *c);
long long call_connect(struct call *c);
long long call_read(struct call *c);
long long call_write(struct call *c);

int drill_run(const struct CMUnitTest *tests, size_t n, int argc, char **argv);
#define DRILL_MAIN(tests)                                                                                              \
	int main(int argc, char **argv)                                                                                \
	{                                                                                                              \
		return drill_run(tests, sizeof(tests) / sizeof((tests)[0]), argc, argv);                               \
	}

#endif
