/* SPDX-License-Identifier: Apache-2.0
 *
 * One measurement of the experiment on queues (T4.1, T4.2): a program writes, another one on another host reads, as
 * fast as they can, over one link under virtual time. What limits them is known in each part: the sizes of SendQ and
 * RecvQ, the link's rate and delay, and what calls cost the programs. The same numbers come out on every machine.
 *
 * The programs' processors are a model: a call costs `call_ns`, going to sleep in it and being woken `wake_ns` more,
 * each byte copied `byte_ps`; TCP itself costs nothing.
 */
#ifndef WEIR_SIM_EXPERIMENT_H
#define WEIR_SIM_EXPERIMENT_H

#include <weir/time.h>

#include <stdbool.h>
#include <stdint.h>

enum { EXPERIMENT_MTU = 1500, EXPERIMENT_LARGEST = 64 << 20 };

struct experiment_costs {
	uint32_t call_ns, wake_ns, byte_ps;
};

struct experiment_spec {
	uint64_t rate_bytes_per_s; /* of the link, headers included */
	weir_duration delay;       /* one way */
	uint32_t sqs, rqs;         /* bytes, up to EXPERIMENT_LARGEST */
	uint32_t write_bytes, read_bytes;
	struct experiment_costs costs; /* call_ns at least 1 */
	weir_duration warm_up, run;    /* what happens in warm_up is not counted */
};

struct experiment_result {
	uint64_t bytes;           /* read within `run` */
	uint64_t bytes_per_s;     /* the same, a second */
	uint64_t writes;          /* calls that returned within `run` */
	uint64_t chunks;          /* how often a write copied something into SendQ */
	uint64_t written;         /* bytes that they copied */
	uint64_t busy_ns;         /* of the writer's processor */
	weir_duration round_trip; /* as TCP measures it, at the end: the link's queue included */
};

/* 0, or a negative error (-WEIR_ENOMEM, -WEIR_EINVAL). */
int experiment_run(const struct experiment_spec *spec, struct experiment_result *result);

#endif
