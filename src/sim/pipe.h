/* SPDX-License-Identifier: Apache-2.0
 *
 * One direction of a wire of the simulated world: packets go in where they are sent, suffer its faults, and come out at
 * a port of a switch. It is a source of the event queue: it costs something only when a packet is due, whatever else is
 * plugged into the switch.
 */
#ifndef WEIR_SIM_PIPE_H
#define WEIR_SIM_PIPE_H

#include "link/switch.h"
#include "sim/queue.h"

struct sim_pipe {
	struct sim_queue *queue;
	uint32_t source; /* in the queue */
	struct link_fault *fault;
	struct link_switch *to;
	unsigned port; /* of `to`, by which what comes out goes in */
};

/* What is pushed leaves with link_fault_deadline(): also with NULL faults a later step of the world takes it out. 0, or
 * the errors of link_fault_new(). */
int sim_pipe_init(struct sim_pipe *pipe, struct sim_queue *queue, const struct link_fault_spec *spec);
void sim_pipe_deinit(struct sim_pipe *pipe);

void sim_pipe_push(struct sim_pipe *pipe, const struct weir_packet *packets, size_t n, weir_time now);
/* What is held back (LINK_AIM_HOLD) is due now. */
void sim_pipe_release(struct sim_pipe *pipe, weir_time now);
/* Its instant has come: what is due comes out. */
void sim_pipe_due(struct sim_pipe *pipe, weir_time now);

#endif
