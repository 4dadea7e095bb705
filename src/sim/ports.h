/* SPDX-License-Identifier: Apache-2.0
 *
 * A host's interface as the switch and the host's pipe see it: where aimed faults befall segments, and the timeline and
 * expect_segment() see them. The owner of each is a struct sim_interface.
 */
#ifndef WEIR_SIM_PORTS_H
#define WEIR_SIM_PORTS_H

#include "sim/sim.h"

extern const struct link_port_ops sim_port_ops;
link_aim_fn sim_port_aim;
link_report_fn sim_port_lost;

#endif
