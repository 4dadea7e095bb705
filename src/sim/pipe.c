/* SPDX-License-Identifier: Apache-2.0
 *
 * See pipe.h.
 */
#include "sim/pipe.h"

int sim_pipe_init(struct sim_pipe *pipe, struct sim_queue *queue, const struct link_fault_spec *spec)
{
	pipe->queue = queue;
	return link_fault_new(spec, WEIR_LINK_ETHERNET, &pipe->fault);
}

void sim_pipe_deinit(struct sim_pipe *pipe)
{
	link_fault_free(pipe->fault);
	pipe->fault = NULL;
}

static void plan_next(struct sim_pipe *pipe)
{
	sim_queue_set(pipe->queue, pipe->source, link_fault_deadline(pipe->fault));
}

void sim_pipe_push(struct sim_pipe *pipe, const struct weir_packet *packets, size_t n, weir_time now)
{
	link_fault_push(pipe->fault, packets, n, now);
	plan_next(pipe);
}

void sim_pipe_release(struct sim_pipe *pipe, weir_time now)
{
	link_fault_release(pipe->fault, now);
	plan_next(pipe);
}

void sim_pipe_due(struct sim_pipe *pipe, weir_time now)
{
	struct weir_packet batch[LINK_BATCH];
	size_t n;

	while ((n = link_fault_pull(pipe->fault, now, batch, LINK_BATCH)) > 0)
		link_switch_forward(pipe->to, pipe->port, batch, n, now);
	plan_next(pipe);
}
