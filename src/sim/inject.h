/* SPDX-License-Identifier: Apache-2.0
 *
 * Segments that no stack has sent: forged, from an old connection, or from a host that has no stack at all. They enter
 * the link where a host's own segments do, and suffer its faults.
 */
#ifndef WEIR_SIM_INJECT_H
#define WEIR_SIM_INJECT_H

#include "sim/sim.h"

/* Sends a segment; its text is copied. Relative numbers have been settled. 0, -WEIR_ENETUNREACH (no link leads to the
 * destination from another host), -WEIR_EMSGSIZE, -WEIR_ENOMEM, -WEIR_ENOSPC (no room for the stranger's address). */
int sim_inject(struct sim *sim, const weir_addr *src, const weir_addr *dst, const struct tcp_segment *segment);

#endif
