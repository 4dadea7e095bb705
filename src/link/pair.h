/* SPDX-License-Identifier: Apache-2.0
 *
 * Two ports joined directly, each direction with faults or without. Without, packets pass from one port's output()
 * to the other's input() at once and without a copy.
 */
#ifndef WEIR_LINK_PAIR_H
#define WEIR_LINK_PAIR_H

#include "link/fault.h"
#include "link/link.h"
#include "link/port.h"

struct link_pair {
	struct link link;
	struct link_port port[2];
	struct link_fault *fault[2];    /* by the direction's origin; NULL = none. The pair's own */
	struct link_traffic traffic[2]; /* delivered, by the direction's origin */
};

/* Joins two ports of one kind. a_to_b and b_to_a: faults, or NULL for none. Free with link_free(&pair->link).
 * 0, -WEIR_EINVAL (kinds differ, or a bad specification), -WEIR_ENOMEM. */
int link_pair_new(const struct link_port *a, const struct link_port *b, const struct link_fault_spec *a_to_b,
                  const struct link_fault_spec *b_to_a, struct link_pair **pair);

/* Gives the direction from port `from` (0 or 1) these faults, or none (NULL), from now on; a direction that has once
 * had an injector keeps it. 0, -WEIR_EINVAL, -WEIR_ENOMEM. */
int link_pair_set_fault(struct link_pair *pair, unsigned from, const struct link_fault_spec *spec);

#endif
