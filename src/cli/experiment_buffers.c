/* SPDX-License-Identifier: Apache-2.0
 *
 * T4.2: throughput against SO_SNDBUF and SO_RCVBUF, together and each alone. The curve bends where the queues hold as
 * much as the link: rate times round trip.
 */
#include "cli/experiment.h"

#include <string.h>

enum { KIB = 1024, LARGE = 4 << 20, ALL_IN_ONE = 1 << 20, BAR = 24, PAYLOAD = EXPERIMENT_MTU - 52 };

static const uint32_t sizes[] = {1 * KIB,   2 * KIB,    4 * KIB,    8 * KIB,   16 * KIB,  32 * KIB,
                                 64 * KIB,  96 * KIB,   128 * KIB,  192 * KIB, 256 * KIB, 384 * KIB,
                                 512 * KIB, 1024 * KIB, 2048 * KIB, LARGE};

enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };

struct rows {
	struct experiment_result both[COUNT], sndbuf[COUNT], rcvbuf[COUNT];
};

static double mbit(uint64_t bytes_per_s)
{
	return (double)bytes_per_s * 8 / 1e6;
}

static int measure(struct experiment_spec spec, uint32_t sqs, uint32_t rqs, struct experiment_result *result)
{
	spec.sqs = sqs;
	spec.rqs = rqs;
	spec.write_bytes = spec.read_bytes = ALL_IN_ONE;
	return experiment_run(&spec, result);
}

/* What a window of this size can do in a round trip, and what the link can. */
static uint64_t predicted(const struct experiment_spec *spec, uint32_t size)
{
	uint64_t window = size * (uint64_t)WEIR_NS_PER_S / (uint64_t)(2 * spec->delay.ns);
	uint64_t link = spec->rate_bytes_per_s * PAYLOAD / EXPERIMENT_MTU;

	return window < link ? window : link;
}

static void print_row(FILE *out, const struct experiment_spec *base, const struct rows *rows, size_t i)
{
	double both = mbit(rows->both[i].bytes_per_s), link = mbit(base->rate_bytes_per_s);
	char size[EXPERIMENT_TEXT], bar[BAR + 1] = "";
	int cells = link > 0 ? (int)(both / link * BAR + 0.5) : 0;

	memset(bar, '#', (size_t)(cells < BAR ? cells : BAR));
	experiment_size_text(size, sizes[i]);
	fprintf(out, "%9s %10.2f %10.2f %10.2f %10.2f %9.1f%s%s\n", size, both, mbit(rows->sndbuf[i].bytes_per_s),
	        mbit(rows->rcvbuf[i].bytes_per_s), mbit(predicted(base, sizes[i])),
	        (double)rows->both[i].round_trip.ns / 1e6, cells > 0 ? "  " : "", bar);
}

static void say(struct experiment_report *report, const struct experiment_spec *base)
{
	size_t by_sndbuf = experiment_knee(report->y[1], COUNT), by_rcvbuf = experiment_knee(report->y[2], COUNT);
	char sndbuf[EXPERIMENT_TEXT], rcvbuf[EXPERIMENT_TEXT], product[EXPERIMENT_TEXT];
	uint64_t bytes = (uint64_t)((double)base->rate_bytes_per_s * 2 * (double)base->delay.ns / WEIR_NS_PER_S);

	experiment_size_text(sndbuf, sizes[by_sndbuf]);
	experiment_size_text(rcvbuf, sizes[by_rcvbuf]);
	experiment_size_text(product, bytes);
	snprintf(report->title, sizeof(report->title),
	         "Throughput against the sizes of SendQ and RecvQ: %.0f Mbit/s, %.1f ms each way",
	         mbit(base->rate_bytes_per_s), (double)base->delay.ns / 1e6);
	snprintf(report->mark_text, sizeof(report->mark_text), "rate x round trip = %s", product);
	snprintf(
	    report->words, sizeof(report->words),
	    "The knee is at %s of RecvQ and %s of SendQ; the link holds %s in a round trip (rate x round trip, the "
	    "bandwidth-delay product). Left of it one queue's worth travels in a round trip, so throughput is size / "
	    "round trip. SendQ keeps bytes until they are acknowledged, so it is a limit as RecvQ is; its knee comes "
	    "later because a write that waits goes on when a third of SendQ is free, so SendQ is seldom full. Right of "
	    "it the link is the limit: what larger queues hold waits in front of it, and the round trip grows. Below "
	    "two segments the reader's delayed acknowledgement is waited for as well.",
	    rcvbuf, sndbuf, product);
	report->plot.mark = (double)bytes;
	json_object_set_new(report->json, "bandwidth_delay_bytes", json_integer((json_int_t)bytes));
	json_object_set_new(report->json, "knee_sndbuf_bytes", json_integer((json_int_t)sizes[by_sndbuf]));
	json_object_set_new(report->json, "knee_rcvbuf_bytes", json_integer((json_int_t)sizes[by_rcvbuf]));
}

static void fill(struct experiment_report *report, const struct experiment_spec *base, const struct rows *rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < COUNT; i++) {
		report->y[0][i] = mbit(rows->both[i].bytes_per_s);
		report->y[1][i] = mbit(rows->sndbuf[i].bytes_per_s);
		report->y[2][i] = mbit(rows->rcvbuf[i].bytes_per_s);
		json_array_append_new(list,
		                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "size_bytes", (json_int_t)sizes[i],
		                                "both_bytes_per_s", (json_int_t)rows->both[i].bytes_per_s,
		                                "sndbuf_bytes_per_s", (json_int_t)rows->sndbuf[i].bytes_per_s,
		                                "rcvbuf_bytes_per_s", (json_int_t)rows->rcvbuf[i].bytes_per_s,
		                                "predicted_bytes_per_s", (json_int_t)predicted(base, sizes[i]),
		                                "round_trip_ns", (json_int_t)rows->both[i].round_trip.ns));
	}
	json_object_set_new(report->json, "rows", list);
	experiment_set_x(report, sizes, COUNT);
	report->plot.x_name = "size of the queue (SO_SNDBUF, SO_RCVBUF)";
	report->plot.y_name = "Mbit/s that the reader gets";
	report->plot.series[0] = (struct plot_series){"both queues", report->y[0]};
	report->plot.series[1] = (struct plot_series){"SO_SNDBUF alone (RecvQ 4 MiB)", report->y[1]};
	report->plot.series[2] = (struct plot_series){"SO_RCVBUF alone (SendQ 4 MiB)", report->y[2]};
	report->plot.series_count = 3;
}

int experiment_buffers(const struct experiment_spec *base, struct experiment_report *report, FILE *out)
{
	struct rows rows;

	for (size_t i = 0; i < COUNT; i++) {
		int error = measure(*base, sizes[i], sizes[i], &rows.both[i]);

		if (error == 0)
			error = measure(*base, sizes[i], LARGE, &rows.sndbuf[i]);
		if (error == 0)
			error = measure(*base, LARGE, sizes[i], &rows.rcvbuf[i]);
		if (error != 0)
			return error;
	}
	fill(report, base, &rows);
	say(report, base);
	fprintf(out, "%s\n\n", report->title);
	fprintf(out, "%9s %10s %10s %10s %10s %9s\n", "", "both", "SO_SNDBUF", "SO_RCVBUF", "predicted", "round");
	fprintf(out, "%9s %10s %10s %10s %10s %9s\n", "size", "Mbit/s", "alone", "alone", "", "trip, ms");
	for (size_t i = 0; i < COUNT; i++)
		print_row(out, base, &rows, i);
	return 0;
}
