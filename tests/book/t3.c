/* SPDX-License-Identifier: Apache-2.0
 *
 * T3.1 ... T3.3: SendQ and RecvQ have hard bounds, and what follows from them (Fig. 6.5).
 */
#include "support/hosts.h"

/* A program in a blocking write of n bytes. */
struct writer {
	struct weir_socket *sock;
	uint64_t first, total, copied;
};

static bool writer_goes_on(struct writer *w)
{
	int64_t n;

	if (w->copied == w->total)
		return true;
	n = hosts_write(w->sock, w->first + w->copied, (uint32_t)(w->total - w->copied));
	if (n > 0)
		w->copied += (uint64_t)n;
	else
		CHECK_EQ(n, -WEIR_EAGAIN);
	return w->copied == w->total;
}

/* The writers get every chance, for this long. */
static void writers_run(struct writer *w, int count, int ms)
{
	for (int i = 0; i < ms; i += 10) {
		for (int k = 0; k < count; k++)
			writer_goes_on(&w[k]);
		hosts_run_ms(10);
	}
}

/* T3.1 RecvQ full: the sender's SendQ does not drain until the receiver reads. */
BOOK(T3_1, full_recvq_stops_the_sender)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = 2000, .rqs = 3000));
	struct writer writer = {.sock = pair.client, .total = 10000};

	writers_run(&writer, 1, 2000);
	CHECK_EQ(writer.copied, 5000);
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 2000);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 3000);
	writers_run(&writer, 1, 100000); /* for ever: nobody reads */
	CHECK_EQ(writer.copied, 5000);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 3000);
	CHECK_EQ(hosts_info(pair.client).state, WEIR_TCP_ESTABLISHED);

	CHECK_EQ(hosts_read(pair.server, 0, 3000), 3000);
	writers_run(&writer, 1, 1000);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 3000);
	CHECK_EQ(writer.copied, 8000);
}

/* The write of n bytes, with a reader that reads only when nothing moves any more. */
static void blocking_write(uint32_t n, uint32_t sqs, uint32_t rqs)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = sqs, .rqs = rqs));
	struct writer writer = {.sock = pair.client, .total = n};
	uint64_t read = 0;

	for (;;) {
		uint64_t received;
		int64_t got;

		writers_run(&writer, 1, 500);
		received = hosts_info(pair.server).recvq_bytes + read;
		CHECK(hosts_info(pair.client).sendq_bytes <= sqs);
		CHECK(hosts_info(pair.server).recvq_bytes <= rqs);
		/* It returns only when at least n - SQS bytes have reached the other side's RecvQ. */
		if (writer.copied == n) {
			CHECK(received + sqs >= n);
			CHECK(read + sqs + rqs >= n); /* ... and with n > SQS + RQS, so many have been read */
			break;
		}
		CHECK(read + sqs + rqs < n || received < read + rqs);
		got = hosts_read(pair.server, read, rqs);
		CHECK(got > 0);
		read += (uint64_t)got;
	}
	while (read < n) {
		int64_t got = hosts_read(pair.server, read, rqs);

		read += got > 0 ? (uint64_t)got : 0;
		hosts_run_ms(500);
	}
	CHECK_EQ(read, n);
	hosts_close(pair.client);
	hosts_settle();
	hosts_close(pair.server);
	hosts_close(pair.listener);
	hosts_run_ms(1000);
}

/* T3.2 Over a grid, 1 byte included. */
BOOK(T3_2, blocking_write_returns_when_n_minus_sqs_have_arrived)
{
	static const uint32_t n[] = {1, 2, 3, 10, 999, 1000, 1001, 4000}, bound[] = {1, 2, 3, 500, 1000};

	for (unsigned i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		for (unsigned s = 0; s < sizeof(bound) / sizeof(bound[0]); s++)
			for (unsigned r = 0; r < sizeof(bound) / sizeof(bound[0]); r++)
				if (n[i] <= 40 * (bound[s] + bound[r])) /* the others only take longer */
					blocking_write(n[i], bound[s], bound[r]);
}

/* T3.2 Exact at the edge: with n = SQS + RQS the write returns although nobody reads; with one byte more it does not.
 */
BOOK(T3_2, exactly_sqs_plus_rqs_needs_no_reader)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = 300, .rqs = 700));
	struct writer writer = {.sock = pair.client, .total = 1000};

	writers_run(&writer, 1, 1000);
	CHECK_EQ(writer.copied, 1000);
	writer = (struct writer){.sock = pair.client, .first = 1000, .total = 1};
	writers_run(&writer, 1, 10000);
	CHECK_EQ(writer.copied, 0);
	CHECK_EQ(hosts_read(pair.server, 0, 700), 700);
	writers_run(&writer, 1, 1000);
	CHECK_EQ(writer.copied, 1);
}

static void is_stuck(const struct hosts_pair *pair, const struct writer *w)
{
	for (int i = 0; i < 2; i++)
		CHECK_EQ(w[i].copied, 1000); /* 500 of 1500 not yet copied */
	CHECK_EQ(hosts_info(pair->client).sendq_bytes, 500);
	CHECK_EQ(hosts_info(pair->client).recvq_bytes, 500);
	CHECK_EQ(hosts_info(pair->server).sendq_bytes, 500);
	CHECK_EQ(hosts_info(pair->server).recvq_bytes, 500);
	CHECK_EQ(hosts_info(pair->client).delivered_bytes + hosts_info(pair->server).delivered_bytes, 0);
	CHECK_EQ(hosts_info(pair->client).sendq_unsent_bytes, 500);
	CHECK_EQ(hosts_info(pair->client).state, WEIR_TCP_ESTABLISHED);
}

/* T3.3 The book's deadlock: SQS = RQS = 500, both write 1500 before they read. */
BOOK(T3_3, both_write_1500_before_reading_exactly_as_figure_6_5)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = 500, .rqs = 500, .client_port = 43346));
	struct writer w[2] = {{.sock = pair.client, .total = 1500}, {.sock = pair.server, .total = 1500}};
	struct weir_socket_info info;
	char row[HOSTS_ROW];

	writers_run(w, 2, 1000);
	is_stuck(&pair, w);
	writers_run(w, 2, 3600 * 1000); /* for ever: an hour is no better */
	is_stuck(&pair, w);
	info = hosts_info(pair.client);
	if (!hosts_over_ipv6())
		CHECK_TEXT(hosts_netstat_row(&info, row),
		           "tcp      500    500 10.0.0.1:43346          10.0.0.2:80             ESTABLISHED");
	CHECK_EQ(info.timer, WEIR_TIMER_PERSIST);

	/* One side reads, and it is over. */
	CHECK_EQ(hosts_read(pair.server, 0, 500), 500);
	writers_run(w, 2, 1000);
	CHECK_EQ(w[0].copied, 1500);
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 500);
}
