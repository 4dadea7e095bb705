/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers over a link that delays, loses, doubles, reorders and spoils packets: every byte arrives, once and in its
 * place, and every run ends. Ten seeds, both families.
 */
#include "stream.h"

enum { MIB = 1 << 20 };

/* 20 MiB over a link with 20 ms delay, 1 % loss, reordering and duplication. */
SIM(transfer, twenty_mebibytes_arrive_right)
{
	struct hosts_pair pair;
	struct sim_stream stream;

	sim_set_faults(&(struct sim_faults){.delay_ms = 20,
	                                    .jitter_ms = 2,
	                                    .loss = 10000,
	                                    .duplicate = 10000,
	                                    .reorder = 10000,
	                                    .reorder_delay_ms = 8});
	pair = hosts_connect(OPEN_HOSTS());
	stream = (struct sim_stream){.from = pair.client, .to = pair.server, .total = 20 * MIB, .salt = sim_seed()};
	sim_run(&stream, 1, 3600);
	CHECK(hosts_info(pair.client).resent > 0);
}

/* The same with large segments that the link cuts: sizes, tails and repetitions come out otherwise. */
SIM(transfer, large_segments_are_cut_and_arrive_right)
{
	struct hosts_pair pair;
	struct sim_stream stream;

	hosts_large_segments(65535);
	sim_set_faults(&(struct sim_faults){
	    .delay_ms = 20, .loss = 2000, .duplicate = 10000, .reorder = 5000, .reorder_delay_ms = 8});
	pair = hosts_connect(OPEN_HOSTS(.sqs = 1 << 20, .rqs = 1 << 20));
	stream = (struct sim_stream){
	    .from = pair.client, .to = pair.server, .total = 4 * MIB, .write_bytes = 30001, .salt = sim_seed()};
	sim_run(&stream, 1, 3600);
	for (unsigned i = 0; i < hosts_seen_count(); i++)
		CHECK(hosts_seen(i)->seg.text_bytes <= 1460);
	CHECK(hosts_info(pair.client).segs_out < 4u * MIB / 1400); /* large ones count as one */
}

/* Both directions at once, with damage that only the checksum sees. */
SIM(transfer, both_directions_at_once_with_corruption)
{
	struct hosts_pair pair;
	struct sim_stream stream[2];

	sim_set_faults(&(struct sim_faults){
	    .delay_ms = 5, .jitter_ms = 3, .loss = 5000, .duplicate = 20000, .reorder = 20000, .corrupt = 10000});
	pair = hosts_connect(OPEN_HOSTS());
	stream[0] = (struct sim_stream){.from = pair.client, .to = pair.server, .total = MIB, .salt = sim_seed()};
	stream[1] = (struct sim_stream){.from = pair.server, .to = pair.client, .total = MIB, .salt = ~sim_seed()};
	sim_run(stream, 2, 3600);
	CHECK(hosts_counter(A, drop_tcp_checksum) + hosts_counter(B, drop_tcp_checksum) +
	          hosts_counter(A, drop_ip_checksum) + hosts_counter(B, drop_ip_checksum) +
	          hosts_counter(B, drop_ip_not_ours) >
	      0);
}

/* A link so bad that most connections would be given up. */
SIM(transfer, very_bad_link)
{
	struct hosts_pair pair;
	struct sim_stream stream;

	sim_set_faults(&(struct sim_faults){
	    .delay_ms = 10, .loss = 150000, .duplicate = 100000, .reorder = 200000, .corrupt = 20000});
	pair = hosts_connect(OPEN_HOSTS());
	stream = (struct sim_stream){.from = pair.client, .to = pair.server, .total = 200000, .salt = sim_seed()};
	sim_run(&stream, 1, 36000);
}

/* Queues from one byte up, with loss. */
SIM(transfer, small_queues)
{
	static const uint32_t bound[] = {1, 2, 3, 500, 1461};
	unsigned which = (unsigned)sim_seed() % 5;

	sim_set_faults(&(struct sim_faults){.delay_ms = 2, .loss = 20000, .duplicate = 20000, .reorder = 50000});
	for (unsigned r = 0; r < 5; r++) {
		struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = bound[which], .rqs = bound[r]));
		struct sim_stream stream = {.from = pair.client, .to = pair.server, .salt = sim_seed()};

		stream.total = 40 * (bound[which] < bound[r] ? bound[which] : bound[r]) + 7;
		sim_run(&stream, 1, 36000);
		hosts_close(pair.client);
		hosts_close(pair.server);
		hosts_close(pair.listener);
		hosts_run_ms(300 * 1000); /* TIME_WAIT and all */
	}
}

/* A slow link with a short queue: losses by congestion alone. */
SIM(transfer, slow_link_with_a_short_queue)
{
	struct hosts_pair pair;
	struct sim_stream stream;
	long long begun_ms;

	sim_set_faults(&(struct sim_faults){.delay_ms = 10, .rate_bytes_per_s = 1250000, .queue_packets = 20});
	pair = hosts_connect(OPEN_HOSTS());
	stream = (struct sim_stream){.from = pair.client, .to = pair.server, .total = 2 * MIB, .salt = sim_seed()};
	begun_ms = hosts_now().ns / WEIR_NS_PER_MS;
	sim_run(&stream, 1, 600);
	/* At least a third of what the link could carry. */
	CHECK(hosts_now().ns / WEIR_NS_PER_MS - begun_ms < 3 * 2 * MIB / 1250);
}

/* A reader with pauses: the window closes and opens, and its news get lost, too. */
SIM(transfer, reader_with_pauses)
{
	struct hosts_pair pair;
	struct sim_stream stream;

	sim_set_faults(&(struct sim_faults){.delay_ms = 5, .loss = 50000, .duplicate = 10000, .reorder = 20000});
	pair = hosts_connect(OPEN_HOSTS(.sqs = 20000, .rqs = 8000));
	stream = (struct sim_stream){.from = pair.client,
	                             .to = pair.server,
	                             .total = 300000,
	                             .read_bytes = 3000,
	                             .pause_ms = 70,
	                             .salt = sim_seed()};
	sim_run(&stream, 1, 36000);
}

/* Opening and closing under loss: every attempt ends, nothing is left behind. */
SIM(transfer, connections_come_and_go)
{
	size_t before[2] = {0, 0};
	uint16_t port = 20000;

	sim_set_faults(&(struct sim_faults){.delay_ms = 3, .loss = 100000, .duplicate = 50000, .reorder = 100000});
	for (int i = 0; i < 20; i++) {
		struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.client_port = port++));
		struct sim_stream stream[2] = {
		    {.from = pair.client, .to = pair.server, .total = 3000, .salt = sim_seed()},
		    {.from = pair.server, .to = pair.client, .total = 3000, .salt = sim_seed() + 1},
		};

		sim_run(stream, 2, 36000);
		hosts_close(i % 2 ? pair.client : pair.server);
		hosts_close(i % 2 ? pair.server : pair.client);
		hosts_close(pair.listener);
		CHECK(hosts_run_until_quiet(3000));
		for (int h = 0; h < 2; h++) {
			if (i == 0)
				before[h] = weir_memory(hosts_stack(h));
			CHECK(weir_memory(hosts_stack(h)) <= before[h] + 65536);
		}
	}
}

/* Memory that runs out now and then: what cannot be kept is sent again; nothing is lost, nothing stays. */
SIM(transfer, failing_allocations_lose_nothing)
{
	struct hosts_pair pair;
	struct sim_stream stream[2];

	sim_set_faults(&(struct sim_faults){.delay_ms = 5, .loss = 20000, .duplicate = 10000, .reorder = 50000});
	pair = hosts_connect(OPEN_HOSTS(.sqs = 60000, .rqs = 60000));
	hosts_fail_allocations(2 + (unsigned)sim_seed() % 4);
	for (int i = 0; i < 2; i++)
		stream[i] = (struct sim_stream){.from = i ? pair.server : pair.client,
		                                .to = i ? pair.client : pair.server,
		                                .total = 200000,
		                                .pause_ms = 5,
		                                .salt = sim_seed() + (uint64_t)i};
	sim_run(stream, 2, 36000);
	hosts_fail_allocations(0);
}

/* The same while connections are being made. */
SIM(transfer, failing_allocations_while_opening)
{
	struct hosts_pair pair;
	unsigned opened = 0;

	sim_set_faults(&(struct sim_faults){.delay_ms = 5});
	pair = hosts_connect(OPEN_HOSTS());
	hosts_fail_allocations(2 + (unsigned)sim_seed() % 3);
	for (int i = 0; i < 40; i++) {
		struct weir_endpoint to = hosts_end(B, SERVER_PORT);
		struct weir_socket *s, *accepted;

		if (weir_socket_new(hosts_stack(A), hosts_family(), WEIR_STREAM, &s) != 0)
			continue;
		weir_stack_now(hosts_stack(A), hosts_now());
		if (weir_connect(s, &to) == -WEIR_EINPROGRESS)
			hosts_run_ms(5000);
		opened += hosts_info(s).state == WEIR_TCP_ESTABLISHED;
		hosts_close(s);
		hosts_run_ms(1000);
		while (weir_accept(pair.listener, &accepted) == 0)
			hosts_close(accepted);
	}
	hosts_fail_allocations(0);
	CHECK(opened > 0);
}

static uint64_t digest_of_a_run(void)
{
	struct hosts_pair pair;
	struct sim_stream stream;
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	sim_set_faults(
	    &(struct sim_faults){.delay_ms = 7, .jitter_ms = 3, .loss = 30000, .duplicate = 30000, .reorder = 30000});
	pair = hosts_connect(OPEN_HOSTS());
	stream = (struct sim_stream){.from = pair.client, .to = pair.server, .total = MIB / 2, .salt = sim_seed()};
	sim_run(&stream, 1, 3600);
	for (unsigned i = 0; i < hosts_seen_count(); i++) {
		const struct hosts_seen *seen = hosts_seen(i);

		digest = (digest ^ (uint64_t)seen->at.ns) * UINT64_C(0x100000001b3);
		digest = (digest ^ seq_raw(seen->seg.seq) ^ (uint64_t)seq_raw(seen->seg.ack) << 32) *
		         UINT64_C(0x100000001b3);
		digest = (digest ^ seen->seg.text_bytes ^ (uint64_t)seen->seg.flags << 32) * UINT64_C(0x100000001b3);
	}
	return digest;
}

/* The same seed gives the same run. */
SIM(transfer, same_seed_same_run)
{
	unsigned variant = (unsigned)(sim_seed() - 1) * 2 + hosts_over_ipv6();
	uint64_t digest = digest_of_a_run();

	sim_kind.clear();
	sim_kind.begin(variant);
	CHECK_EQ(digest_of_a_run(), digest);
}
