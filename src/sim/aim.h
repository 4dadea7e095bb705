/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults aimed at single segments: "drop the first FIN from A", "delay the second SYN,ACK by 5 s", "cut the link from
 * 1 s to 3 s". A rule says which segments; each segment suffers the first rule that fits. Also what is known of each
 * flow, so that sequence numbers can be told as places in its stream.
 */
#ifndef WEIR_SIM_AIM_H
#define WEIR_SIM_AIM_H

#include "link/fault.h"
#include "wire/tcp.h"

/* Which segments, and what befalls them. */
struct sim_aim_rule {
	enum link_aim_action action;
	weir_duration extra; /* LINK_AIM_DELAY */
	int from, to;        /* hosts; -1 = any */
	int link;            /* -1 = any */
	bool any_packet;     /* not only TCP */
	bool udp;            /* UDP instead of TCP */
	uint16_t port;       /* the destination's; 0 = any */
	uint8_t flags;       /* all of these are set; SYN without ACK means a SYN alone */
	bool data;           /* it bears bytes */
	bool has_byte;
	uint64_t byte;    /* ... among them this one of the stream, counted from 0 */
	uint32_t nth;     /* of those that fit, counted from 1; 0 = each */
	bool onward;      /* ... and all that fit after it */
	weir_time after;  /* from this instant */
	weir_time before; /* to this one, not included */
	uint32_t fitted;  /* so far */
	bool ended;
};

struct sim_flow {
	struct weir_endpoint from, to;
	seq_t iss;
	bool has_scale;
	uint8_t scale;
	uint32_t next; /* in its chain, counted from 1 */
};

struct sim_aims {
	struct sim_aim_rule *rule;
	unsigned rules;
	struct sim_flow *flow;
	uint32_t *chain; /* first of each chain of flows, counted from 1; a power of two of them */
	uint32_t flows, chains;
};

/* A TCP segment that neither begins a flow nor needs to be told of: a quick look, so that a simulation without rules
 * and without a timeline does not read each segment once more. */
bool sim_segment_is_plain(const struct weir_packet *packet);

/* A segment as people see it. */
struct sim_segment {
	bool tcp;
	bool damaged; /* its checksum is wrong */
	bool udp, icmp;
	uint16_t payload_bytes; /* of UDP */
	uint8_t icmp_type, icmp_code;
	struct weir_endpoint src, dst;
	struct tcp_segment seg;
	uint64_t seq, ack; /* relative to the flow's SYN: 1 is the first byte */
	uint32_t window_bytes;
};

void sim_aims_init(struct sim_aims *aims);
void sim_aims_deinit(struct sim_aims *aims);
bool sim_aims_add(struct sim_aims *aims, const struct sim_aim_rule *rule);

/* Reads a frame, learns from its SYN, and tells places relative to it. false: neither IPv4 nor IPv6. */
bool sim_segment_read(struct sim_aims *aims, const struct weir_packet *packet, struct sim_segment *segment);
/* A number of a flow, relative to its SYN; where no SYN was seen the number itself. */
seq_t sim_flow_seq(struct sim_aims *aims, const struct weir_endpoint *from, const struct weir_endpoint *to,
                   uint32_t relative);
/* "SYN", "FIN,ACK 2 win 500", "500 bytes 0..499 ACK 1". text holds SIM_SEGMENT_TEXT bytes. */
enum { SIM_SEGMENT_TEXT = 120 };
const char *sim_segment_text(const struct sim_segment *segment, char *text);

/* What is to befall a packet. */
struct link_aim sim_aims_at(struct sim_aims *aims, const struct sim_segment *segment, int from, int to, int link,
                            weir_time now);

#endif
