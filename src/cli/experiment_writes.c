/* SPDX-License-Identifier: Apache-2.0
 *
 * T4.1: throughput against the size of a write. A call costs the same whatever it writes, so small writes are paid for
 * in calls; a write that is larger than SendQ is worked off in chunks.
 */
#include "cli/experiment.h"

#include <string.h>

enum { KIB = 1024, SQS = 256 * KIB };

static const uint32_t sizes[] = {1,       4,        16,       64,        256,        512,        1 * KIB,    2 * KIB,
                                 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB, 4096 * KIB, 16384 * KIB};

enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static double mbit(uint64_t bytes_per_s)
{
	return (double)bytes_per_s * 8 / 1e6;
}

/* The processor's time for a million bytes. */
static double ms_per_mb(const struct experiment_result *r)
{
	return r->written > 0 ? (double)r->busy_ns / (double)r->written : 0;
}

static double chunk_bytes(const struct experiment_result *r)
{
	return r->chunks > 0 ? (double)r->written / (double)r->chunks : 0;
}

static void print_row(FILE *out, uint32_t size, const struct experiment_result *r)
{
	char text[EXPERIMENT_TEXT], chunk[EXPERIMENT_TEXT];
	double copied = chunk_bytes(r);

	experiment_size_text(text, size);
	experiment_size_text(chunk, (uint64_t)copied);
	fprintf(out, "%9s %11.2f %13.0f %13.3f %12.1f %11s\n", text, mbit(r->bytes_per_s), 1e6 / size, ms_per_mb(r),
	        copied > 0 ? size / copied : 0, chunk);
}

/* Where size / (call + size x byte) reaches the link's rate: from there on the link is the limit. */
static double bend(const struct experiment_spec *base)
{
	double per_ns = (double)base->rate_bytes_per_s / WEIR_NS_PER_S, byte_ns = base->costs.byte_ps / 1000.0;

	return per_ns * byte_ns < 1 ? per_ns * base->costs.call_ns / (1 - per_ns * byte_ns) : 0;
}

static void say(struct experiment_report *report, const struct experiment_spec *base,
                const struct experiment_result *results, size_t knee)
{
	const struct experiment_result *one = &results[0], *large = &results[COUNT - 1];
	char at[EXPERIMENT_TEXT], to[EXPERIMENT_TEXT], queue[EXPERIMENT_TEXT], chunk[EXPERIMENT_TEXT],
	    last[EXPERIMENT_TEXT];

	experiment_size_text(at, sizes[knee]);
	experiment_size_text(to, (uint64_t)bend(base));
	experiment_size_text(queue, SQS);
	experiment_size_text(chunk, (uint64_t)chunk_bytes(large));
	experiment_size_text(last, sizes[COUNT - 1]);
	snprintf(report->title, sizeof(report->title),
	         "Throughput against the size of a write: %.0f Mbit/s, a call %.1f us, a byte %.1f ns",
	         mbit(base->rate_bytes_per_s), base->costs.call_ns / 1e3, base->costs.byte_ps / 1e3);
	snprintf(report->mark_text, sizeof(report->mark_text), "a call writes as fast as the link: %s", to);
	snprintf(
	    report->words, sizeof(report->words),
	    "The knee is at %s. A call costs %.1f us whatever it writes, so left of the knee throughput is size x "
	    "calls "
	    "a second: a million bytes cost %.0f ms of processor time in writes of one byte, %.2f ms in writes of %s. "
	    "Right of it the link is the limit. A write larger than SendQ (%s) is worked off in chunks: it copies what "
	    "fits and sleeps until a third of SendQ is free; %s went in %.0f chunks of %s on average.",
	    at, base->costs.call_ns / 1e3, ms_per_mb(one), ms_per_mb(large), last, queue, last,
	    sizes[COUNT - 1] / (chunk_bytes(large) > 0 ? chunk_bytes(large) : 1), chunk);
	report->plot.mark = bend(base);
	json_object_set_new(report->json, "knee_bytes", json_integer((json_int_t)sizes[knee]));
	json_object_set_new(report->json, "bend_bytes", json_integer((json_int_t)bend(base)));
	json_object_set_new(report->json, "sndbuf_bytes", json_integer(SQS));
}

static void fill(struct experiment_report *report, const struct experiment_result *results)
{
	json_t *list = json_array();

	for (size_t i = 0; i < COUNT; i++) {
		const struct experiment_result *r = &results[i];

		report->y[0][i] = mbit(r->bytes_per_s);
		json_array_append_new(list,
		                      json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "size_bytes", (json_int_t)sizes[i],
		                                "bytes_per_s", (json_int_t)r->bytes_per_s, "writes",
		                                (json_int_t)r->writes, "chunks", (json_int_t)r->chunks, "written_bytes",
		                                (json_int_t)r->written, "busy_ns", (json_int_t)r->busy_ns));
	}
	json_object_set_new(report->json, "rows", list);
	experiment_set_x(report, sizes, COUNT);
	report->plot.x_name = "bytes of one write";
	report->plot.y_name = "Mbit/s that the reader gets";
	report->plot.series[0] = (struct plot_series){"SendQ and RecvQ of 256 KiB", report->y[0]};
	report->plot.series_count = 1;
}

int experiment_writes(const struct experiment_spec *base, struct experiment_report *report, FILE *out)
{
	struct experiment_result results[COUNT];

	for (size_t i = 0; i < COUNT; i++) {
		struct experiment_spec spec = *base;
		int error;

		spec.sqs = spec.rqs = SQS;
		spec.write_bytes = sizes[i];
		spec.read_bytes = SQS;
		error = experiment_run(&spec, &results[i]);
		if (error != 0)
			return error;
	}
	fill(report, results);
	say(report, base, results, experiment_knee(report->y[0], COUNT));
	fprintf(out, "%s\n\n", report->title);
	fprintf(out, "%9s %11s %13s %13s %12s %11s\n", "", "", "writes for", "processor", "chunks", "mean");
	fprintf(out, "%9s %11s %13s %13s %12s %11s\n", "a write", "Mbit/s", "a million B", "ms for them", "of a write",
	        "chunk");
	for (size_t i = 0; i < COUNT; i++)
		print_row(out, sizes[i], &results[i]);
	return 0;
}
