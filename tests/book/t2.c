/* SPDX-License-Identifier: Apache-2.0
 *
 * T2.1 ... T2.4: SendQ, RecvQ, Delivered (Figs. 6.2 to 6.4), to the byte. Segments of 500 bytes, and a link that
 * lets as many pass as the figure needs.
 */
#include "support/hosts.h"

static void queues_are(const struct hosts_pair *pair, uint64_t sendq, uint64_t recvq, uint64_t delivered)
{
	CHECK_EQ(hosts_info(pair->client).sendq_bytes, sendq);
	CHECK_EQ(hosts_info(pair->server).recvq_bytes, recvq);
	CHECK_EQ(hosts_info(pair->server).delivered_bytes, delivered);
}

/* The two rows of a figure: of the writing side, of the reading side. */
static void netstat_is(const struct hosts_pair *pair, long sendq, long recvq)
{
	struct weir_socket_info client = hosts_info(pair->client), server = hosts_info(pair->server);
	const char *proto = hosts_over_ipv6() ? "tcp6" : "tcp ";
	const char *ours = hosts_over_ipv6() ? "fd00::1:43346" : "10.0.0.1:43346";
	const char *theirs = hosts_over_ipv6() ? "fd00::2:80" : "10.0.0.2:80";
	char row[HOSTS_ROW], expected[HOSTS_ROW];

	snprintf(expected, sizeof(expected), "%s  %6d %6ld %-23s %-23s ESTABLISHED", proto, 0, sendq, ours, theirs);
	CHECK_TEXT(hosts_netstat_row(&client, row), expected);
	snprintf(expected, sizeof(expected), "%s  %6ld %6d %-23s %-23s ESTABLISHED", proto, recvq, 0, theirs, ours);
	CHECK_TEXT(hosts_netstat_row(&server, row), expected);
}

static struct hosts_pair connect_with_small_segments(void)
{
	hosts_config(A)->timestamps = hosts_config(B)->timestamps = false;
	return hosts_connect(OPEN_HOSTS(.max_segment = 500, .client_port = 43346));
}

/* T2.1 Every byte of one direction is in exactly one of the three queues, at every instant. */
BOOK(T2_1, every_byte_is_in_exactly_one_queue)
{
	struct hosts_pair pair;
	uint64_t written = 0, read = 0;

	hosts_faults(A)->delay = weir_ms(7);
	hosts_faults(B)->delay = weir_ms(3);
	pair = hosts_connect(OPEN_HOSTS(.sqs = 5000, .rqs = 3000));
	for (int i = 0; i < 400; i++) {
		int64_t n = hosts_write(pair.client, written, (uint32_t)(1 + i * 37 % 900));
		struct weir_socket_info at_a, at_b;

		written += n > 0 ? (uint64_t)n : 0;
		hosts_run_ms(2);
		if (i % 3 == 0) {
			n = hosts_read(pair.server, read, (uint32_t)(1 + i * 53 % 2500));
			read += n > 0 ? (uint64_t)n : 0;
		}
		at_a = hosts_info(pair.client);
		at_b = hosts_info(pair.server);
		CHECK_EQ(at_a.written_bytes, written);
		CHECK_EQ(at_b.delivered_bytes, read);
		/* SendQ keeps its copy until the news of their arrival is back: the part in both is RecvQ's. */
		CHECK(at_a.sendq_bytes + at_b.recvq_bytes + at_b.delivered_bytes >= written);
		CHECK(written - at_a.sendq_bytes <= at_b.recvq_bytes + at_b.delivered_bytes);
		CHECK(at_a.sendq_bytes <= 5000 && at_b.recvq_bytes <= 3000);
	}
	while (read < written) {
		int64_t n;

		hosts_run_ms(1000);
		n = hosts_read(pair.server, read, 100000);
		CHECK(n > 0);
		read += (uint64_t)n;
	}
	hosts_run_ms(100);
	queues_are(&pair, 0, 0, written);
}

/* T2.2 One write reaches several reads; one read takes several writes' bytes. */
BOOK(T2_2, writes_and_reads_need_not_match)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	CHECK_EQ(hosts_write(pair.client, 0, 1000), 1000);
	hosts_run_ms(100);
	CHECK_EQ(hosts_read(pair.server, 0, 300), 300);
	CHECK_EQ(hosts_read(pair.server, 300, 300), 300);
	CHECK_EQ(hosts_read(pair.server, 600, 300), 300);
	CHECK_EQ(hosts_write(pair.client, 1000, 10), 10);
	CHECK_EQ(hosts_write(pair.client, 1010, 20), 20);
	hosts_run_ms(100);
	CHECK_EQ(hosts_read(pair.server, 900, 1000), 130);
}

/* The last 500 of the 8000 bytes are lost on the way as long as this is true. */
static struct link_aim lose_the_last(void *ctx, int from, const struct wire_ip *ip, const struct tcp_segment *seg)
{
	const bool *losing = ctx;
	seq_t end = seq_add(hosts_seen(0)->seg.seq, 1 + 8000);

	(void)ip;
	if (from == A && *losing && seg->text_bytes > 0 && seq_eq(seq_add(seg->seq, seg->text_bytes), end))
		return (struct link_aim){.action = LINK_AIM_DROP};
	return (struct link_aim){.action = LINK_AIM_NONE};
}

/* T2.3 The book's example: writes of 1000, 2000 and 5000 bytes. */
BOOK(T2_3, three_writes_exactly_as_figures_6_2_to_6_4)
{
	struct hosts_pair pair = connect_with_small_segments();
	bool losing = true;

	hosts_aim(lose_the_last, &losing);
	hosts_hold(A, 3); /* three segments of 500 bytes arrive */
	CHECK_EQ(hosts_write(pair.client, 0, 1000), 1000);
	CHECK_EQ(hosts_write(pair.client, 1000, 2000), 2000);
	CHECK_EQ(hosts_write(pair.client, 3000, 5000), 5000);
	hosts_run_ms(50);
	/* Fig. 6.2 */
	queues_are(&pair, 6500, 1500, 0);
	netstat_is(&pair, 6500, 1500);

	/* A read with a 2000-byte buffer: all of the first write, 500 bytes of the second. */
	CHECK_EQ(hosts_read(pair.server, 0, 2000), 1500);
	queues_are(&pair, 6500, 0, 1500);

	hosts_release(A); /* all but the last segment arrive */
	hosts_run_ms(50);
	/* Fig. 6.3 */
	queues_are(&pair, 500, 6000, 1500);
	netstat_is(&pair, 500, 6000);

	/* A read with a 4000-byte buffer: 1500 bytes of the second write, 2500 of the third. */
	CHECK_EQ(hosts_read(pair.server, 1500, 4000), 4000);
	/* Fig. 6.4 */
	queues_are(&pair, 500, 2000, 5500);
	netstat_is(&pair, 500, 2000);

	losing = false;
	hosts_run_ms(5000);
	queues_are(&pair, 0, 2500, 5500);
	CHECK_EQ(hosts_read(pair.server, 5500, 4000), 2500); /* 8000 in all */
	queues_are(&pair, 0, 0, 8000);
}

/* T2.4 The pieces that travel are not those that were written. */
BOOK(T2_4, pieces_on_the_link_do_not_follow_the_writes)
{
	struct hosts_pair pair = connect_with_small_segments();
	unsigned text_segments = 0, other_sizes = 0;

	CHECK_EQ(hosts_write(pair.client, 0, 30), 30);
	hosts_settle(); /* in flight until acknowledged: what follows is gathered */
	for (int i = 0; i < 100; i++)
		CHECK_EQ(hosts_write(pair.client, (uint64_t)(30 + i * 37), 37), 37);
	CHECK_EQ(hosts_write(pair.client, 3730, 1300), 1300);
	hosts_run_ms(200);
	for (unsigned i = 0; i < hosts_seen_count(); i++) {
		const struct hosts_seen *seen = hosts_seen(i);

		if (seen->from != A || seen->seg.text_bytes == 0)
			continue;
		text_segments++;
		other_sizes += seen->seg.text_bytes != 37 && seen->seg.text_bytes != 1300;
		CHECK(seen->seg.text_bytes <= 500);
	}
	CHECK(text_segments >= 11 && text_segments <= 20);
	CHECK(other_sizes >= 10);
	CHECK_EQ(hosts_read(pair.server, 0, 10000), 5030);
}
