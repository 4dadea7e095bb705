/* SPDX-License-Identifier: Apache-2.0
 *
 * A world on paper: hosts, the links that join them, their faults, TAP devices. A world file or a scenario (Lua)
 * becomes a plan; the daemon makes a world in real time from it, the simulator one in virtual time.
 */
#ifndef WEIR_PLAN_PLAN_H
#define WEIR_PLAN_PLAN_H

#include "link/fault.h"
#include "plan/complaint.h"

#include <weir/stack.h>

enum {
	PLAN_HOSTS_MAX = 16384,
	PLAN_LINKS_MAX = 16384,
	PLAN_TAPS_MAX = 16,
	PLAN_MEMBERS_MAX = 4000,  /* of one link */
	PLAN_ADDRS_MAX = 8,       /* of one host, of one attachment */
	PLAN_ROUTES_MAX = 16,     /* of one host */
	PLAN_NEIGHBOURS_MAX = 16, /* of one tap */
	PLAN_NAME = 64,           /* with its NUL */
	PLAN_IFNAME = 16,
};

struct plan_addr {
	weir_addr addr;
	unsigned prefix_len;
};

struct plan_route {
	struct plan_addr to;
	weir_addr via;
};

struct plan_neighbour {
	weir_addr addr;
	uint8_t mac[6];
};

/* Values of a host's configuration that the file gave; the others are weir_config_init()'s. */
struct plan_host {
	char name[PLAN_NAME];
	struct plan_addr addr[PLAN_ADDRS_MAX];
	unsigned addrs;
	struct plan_route route[PLAN_ROUTES_MAX];
	unsigned routes;
	struct weir_config config; /* allocator, secret and observer unset */
	bool attached;             /* on a link or a TAP that took its addresses */
};

/* A host on a link. With no address of its own here the host's are used: on one link only. */
struct plan_member {
	unsigned host;
	struct plan_addr addr[PLAN_ADDRS_MAX];
	unsigned addrs;
};

struct plan_link {
	char name[PLAN_NAME];
	struct plan_member *member;
	unsigned members;
	uint16_t mtu_bytes;
	bool faulty;
	struct link_fault_spec fault; /* of each direction; the seed differs by direction */
	unsigned group;               /* links with one number are joined by trunks */
};

/* A wire between two links, which makes one network of them: so flows of many hosts meet at one bottleneck. */
struct plan_trunk {
	char name[PLAN_NAME];
	unsigned link[2];
	struct link_fault_spec fault; /* of each direction */
};

struct plan_tap {
	struct plan_member member;
	char name[PLAN_IFNAME];
	uint16_t mtu_bytes;
	struct plan_neighbour neighbour[PLAN_NEIGHBOURS_MAX];
	unsigned neighbours;
};

struct plan {
	char name[PLAN_NAME];
	struct plan_host *host;
	unsigned hosts;
	struct plan_link *link;
	unsigned links;
	struct plan_trunk *trunk;
	unsigned trunks;
	struct plan_tap *tap;
	unsigned taps;
};

/* Empty, with name "default". */
void plan_init(struct plan *plan);
void plan_deinit(struct plan *plan);

/* Two hosts, a and b, on one link. false: no memory. */
bool plan_default(struct plan *plan);

/* Reads a world file. 0, or the exit status with *complaint filled in and *plan empty. */
int plan_read(struct plan *plan, const char *path, struct complaint *complaint);

/* Index of a host, or -1. */
int plan_find_host(const struct plan *plan, const char *name);
/* Adds one; NULL when there is no room or no memory. The pointer is valid until the next addition. */
struct plan_host *plan_add_host(struct plan *plan, const char *name);
struct plan_link *plan_add_link(struct plan *plan, const char *name);
struct plan_tap *plan_add_tap(struct plan *plan, const char *name);
/* Joins two links by number. NULL also when they are joined already: a frame would go round for ever. */
struct plan_trunk *plan_add_trunk(struct plan *plan, const char *name, unsigned a, unsigned b);
struct plan_member *plan_add_member(struct plan_link *link, unsigned host);

/* "10.0.0.1/24"; without a prefix length all bits. false: it is not an address. */
bool plan_parse_addr(const char *text, struct plan_addr *addr);
bool plan_parse_mac(const char *text, uint8_t mac[6]);
/* "20ms", "1.5s", "100us". false: it is not a duration of 0 or more. */
bool plan_parse_duration(const char *text, weir_duration *duration);
/* "10Mbit/s", "1Gbit/s", "500kB/s" to bytes per second. */
bool plan_parse_rate(const char *text, uint64_t *bytes_per_s);
/* "64KiB", "1MB", "1500". */
bool plan_parse_size(const char *text, uint64_t *bytes);
/* "1%" or "0.01" to the injector's fraction. */
bool plan_parse_chance(const char *text, uint32_t *chance);

#endif
