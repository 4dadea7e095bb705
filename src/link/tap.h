/* SPDX-License-Identifier: Apache-2.0
 *
 * A TAP or TUN device of Linux as a port: what the kernel sends into the device leaves the port for the link, what the
 * link delivers the kernel receives. Join it to a host with a pair, or to many with a switch. Non-blocking: the
 * descriptor is for an event loop, which steps the link when it is readable.
 *
 * Leaves out: addresses and routes on the kernel's side (ip addr, ip route), multiple queues, and the vnet header
 * (large segments are cut before they are written).
 */
#ifndef WEIR_LINK_TAP_H
#define WEIR_LINK_TAP_H

#include "link/port.h"

struct link_tap;

struct link_tap_config {
	const char *name;         /* 1 .. 15 bytes; "weir%d" lets the kernel number it */
	enum weir_link_kind kind; /* ETHERNET = TAP, IP = TUN */
	uint16_t mtu_bytes;       /* 68 .. 65521; set on the device when it differs */
	bool up;                  /* bring the device up */
};

/* For people: what failed, what was seen, what to try. */
struct link_tap_error {
	char failed[160];
	char saw[160];
	char try[240];
};

struct link_tap_stats {
	uint64_t read_packets, read_bytes;
	uint64_t written_packets, written_bytes;
	uint64_t read_errors;  /* other than "nothing there" */
	uint64_t write_full;   /* dropped: the kernel's queue was full, or it had no memory */
	uint64_t write_down;   /* dropped: the device is down */
	uint64_t write_errors; /* dropped: anything else */
};

/* Opens (and creates, when it does not exist) the device. 0; or an error (-WEIR_EPERM, -WEIR_EINVAL, -WEIR_ENOMEM, or
 * another errno negated) with *error filled in. */
int link_tap_open(const struct link_tap_config *config, struct link_tap **tap, struct link_tap_error *error);
/* The device goes away unless it was made persistent by others. */
void link_tap_close(struct link_tap *tap);

int link_tap_fd(const struct link_tap *tap);
const char *link_tap_name(const struct link_tap *tap);
const struct link_tap_stats *link_tap_stats(const struct link_tap *tap);

/* The port; valid until link_tap_close(). */
struct link_port link_tap_port(struct link_tap *tap);

#endif
