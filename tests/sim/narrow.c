/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers over paths that carry less than the interfaces, with marks and losses besides: every byte arrives, once and
 * in its place. Ten seeds, both families.
 */
#include "stream.h"

enum { MIB = 1 << 20 };

static void both_ways(uint16_t max_packet_bytes, bool too_big, uint32_t mark)
{
	struct hosts_pair pair;
	struct sim_stream stream[2];

	sim_set_faults(&(struct sim_faults){
	    .delay_ms = 10, .loss = 5000, .duplicate = 5000, .reorder = 10000, .reorder_delay_ms = 4, .corrupt = 1000});
	for (int i = 0; i < 2; i++) {
		hosts_faults(i)->max_packet_bytes = max_packet_bytes;
		hosts_faults(i)->too_big = too_big;
		hosts_faults(i)->mark = link_chance_ppm(mark);
	}
	pair = hosts_connect(OPEN_HOSTS());
	stream[0] = (struct sim_stream){.from = pair.client, .to = pair.server, .total = MIB, .salt = sim_seed()};
	stream[1] = (struct sim_stream){.from = pair.server, .to = pair.client, .total = MIB, .salt = ~sim_seed()};
	sim_run(stream, 2, 3600);
}

SIM(narrow, a_router_that_says_so)
{
	both_ways(1300, true, 0);
	CHECK(hosts_counter(A, drop_tcp_path_mtu_lowered) + hosts_counter(B, drop_tcp_path_mtu_lowered) > 0);
}

SIM(narrow, a_black_hole)
{
	both_ways(1280, false, 0);
}

/* Large segments that the link cuts: it is the pieces that are too big. */
SIM(narrow, a_black_hole_for_large_segments)
{
	hosts_large_segments(65535);
	both_ways(1400, false, 0);
}

SIM(narrow, marks)
{
	for (int i = 0; i < 2; i++)
		hosts_config(i)->ecn = sim_seed() % 2 ? WEIR_ECN_ON : WEIR_ECN_ACCURATE;
	both_ways(0, false, 20000);
	CHECK(hosts_counter(A, drop_tcp_ecn_reduced) > 0 && hosts_counter(B, drop_tcp_ecn_reduced) > 0);
}

/* All of it together. */
SIM(narrow, marks_and_a_black_hole)
{
	hosts_large_segments(30000);
	for (int i = 0; i < 2; i++)
		hosts_config(i)->ecn = sim_seed() % 2 ? WEIR_ECN_ACCURATE : WEIR_ECN_ON;
	both_ways(1280, false, 10000);
}
