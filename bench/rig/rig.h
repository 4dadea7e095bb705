/* SPDX-License-Identifier: Apache-2.0
 *
 * Hosts on both ends of one emulated path in real time: Weir's, and the kernel's in network namespaces of their own,
 * behind TAP devices. The path is a link with faults, the same for all. What is compared is then the stacks alone.
 *
 *	sender 0 --+                                  +-- receiver 0
 *	           mux == rate, queue, delay, loss == mux
 *	sender 1 --+                                  +-- receiver 1
 *
 * Sender i has 10.0.0.(1 + i), receiver i 10.0.0.(11 + i); flow i goes from the one to the other.
 */
#ifndef WEIR_BENCH_RIG_H
#define WEIR_BENCH_RIG_H

#include "link/link.h"
#include "link/port.h"
#include "link/random.h"

#include <poll.h>
#include <stdio.h>

enum { RIG_FLOWS = 2, RIG_MTU = 1500, RIG_PORT = 5001, RIG_FDS = 2, RIG_CHUNK = 1 << 18, RIG_PERIOD = 65521 };

struct rig_host;

/* One stream; both its hosts see it. */
struct rig_flow {
	const char *congestion;
	uint32_t buffer_bytes;   /* SQS and RQS, or what tcp_wmem and tcp_rmem allow */
	uint64_t limit;          /* bytes to send; 0 = as many as go */
	uint64_t sent, received; /* by the program; to the program */
	uint64_t resent;         /* segments, once it is over */
	bool ended;              /* the receiver has seen the end */
	bool spoilt;             /* it has seen a wrong byte */
};

/* What a sender thinks of its path, in bytes and microseconds. */
struct rig_look {
	uint64_t cwnd, ssthresh, srtt_us;
};

struct rig_host_ops {
	/* Non-blocking, of the flow's sender. */
	void (*connect)(struct rig_host *host, unsigned to);
	/* The program's turn: writes or reads all that goes. */
	void (*work)(struct rig_host *host, weir_time now);
	weir_time (*deadline)(const struct rig_host *host);
	/* What to wait for: at most RIG_FDS. */
	unsigned (*wait)(const struct rig_host *host, struct pollfd *fds);
	/* Packets that the host or its device has lost on its own account. */
	uint64_t (*drops)(struct rig_host *host);
	/* Of a sender: zeros before it is connected. */
	struct rig_look (*look)(const struct rig_host *host);
	void (*close)(struct rig_host *host);
};

struct rig_host {
	const struct rig_host_ops *ops;
	struct link_port port;
	struct rig_flow *flow;
	uint8_t number; /* 10.0.0.number */
	bool sends;
};

/* End the program when they fail. */
struct rig_host *rig_linux_new(uint8_t number, bool sends, struct rig_flow *flow);
struct rig_host *rig_weir_new(uint8_t number, bool sends, struct rig_flow *flow);
void rig_must(bool good, const char *what);
weir_time rig_now(void);

/* The bytes of a stream from an offset on, RIG_CHUNK of them. */
const uint8_t *rig_bytes(uint64_t offset);
/* Bytes have arrived: notes whether they are the right ones. */
void rig_received(struct rig_flow *flow, const uint8_t *bytes, size_t n);
/* How much of a chunk the sender may still write. */
size_t rig_left(const struct rig_flow *flow);

/* Several hosts behind one port; capture: where their packets are noted, or NULL. */
struct rig_mux {
	struct rig_host *host[RIG_FLOWS];
	unsigned hosts;
	struct link_random random;
	FILE *capture;
};

struct link_port rig_mux_port(struct rig_mux *mux);

#endif
