/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files behind hosts.h share.
 */
#ifndef WEIR_TESTS_SUPPORT_HOSTS_STATE_H
#define WEIR_TESTS_SUPPORT_HOSTS_STATE_H

#include "support/hosts.h"

enum { HOSTS_SEEN = 4096 };

#define UNLIMITED UINT32_MAX

struct hosts {
	bool started, v6;
	uint16_t mtu;
	uint32_t gso_max;
	struct weir_config config[2];
	struct link_fault_spec spec[2];
	struct weir_stack *stack[2];
	struct sock_table *table[2];
	unsigned ifindex[2];
	size_t allocated[2];
	unsigned fail_every, allocations; /* every so many allocations one fails; 0 = none */
	struct link_pair *pair;
	weir_time now;
	unsigned idle_steps;

	unsigned pass[2]; /* segments with text still let go */
	bool cut[2];
	hosts_aim_fn *aim;
	void *aim_ctx;
	const char *wrong; /* with a packet that was seen */

	unsigned seen_count;
	struct hosts_seen seen[HOSTS_SEEN];
};

extern struct hosts hosts;

#endif
