/* SPDX-License-Identifier: Apache-2.0
 *
 * The peer's side of a packet test: what arrives and what is expected, and the clock.
 */
#include "support/talk.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

static void fill_text(uint8_t *text, const struct segment_spec *spec)
{
	long long offset = spec->seq - 1 + ((spec->flags & SYN) != 0);

	for (uint32_t i = 0; i < spec->len; i++)
		text[i] = spec->fill == ANY ? talk_pattern((uint64_t)(offset + i)) : (uint8_t)spec->fill;
}

static void fill_sack(struct packet_segment *seg, const struct segment_spec *spec)
{
	uint8_t option[36] = {1, 1, 5, 2};
	unsigned n = 4;

	for (unsigned i = 0; i < 4 && spec->sack[i].end != 0; i++, n += 8) {
		store_be32(option + n, talk.iss + (uint32_t)spec->sack[i].start);
		store_be32(option + n + 4, talk.iss + (uint32_t)spec->sack[i].end);
		option[3] = (uint8_t)(option[3] + 8);
	}
	if (n > 4)
		packet_option_raw(seg, option, n);
}

static void fill_options(struct packet_segment *seg, const struct segment_spec *spec)
{
	bool explicit_ts = spec->ts_val != ANY || spec->ts_ecr != ANY;

	if (spec->mss != NONE)
		packet_option_mss(seg, (uint16_t)spec->mss);
	if (spec->wscale != NONE)
		packet_option_wscale(seg, (uint8_t)spec->wscale);
	if (explicit_ts || (talk.timestamps && !spec->no_ts && !(spec->flags & RST)))
		packet_option_timestamps(seg, spec->ts_val == ANY ? talk.ts_val : (uint32_t)spec->ts_val,
		                         spec->ts_ecr == ANY ? talk.ts_ecr : (uint32_t)spec->ts_ecr);
	if ((spec->flags & SYN) && talk.spec.sack)
		packet_option_raw(seg, (const uint8_t[]){1, 1, 4, 2}, 4);
	fill_sack(seg, spec);
	if (spec->options)
		packet_option_raw(seg, spec->options, spec->options_bytes);
}

size_t talk_make_packet(uint8_t *out, const struct segment_spec *spec)
{
	static uint8_t text[PACKET_MAX_BYTES];
	struct packet_segment seg = {
	    .src = peer_end(0).addr,
	    .dst = our_end(0).addr,
	    .src_port = spec->port,
	    .dst_port = OUR_PORT,
	    .seq = spec->absolute ? (uint32_t)spec->seq : talk.irs + (uint32_t)spec->seq,
	    .ack = spec->flags & ACK ? talk.iss + (uint32_t)spec->ack : 0,
	    .flags = spec->flags,
	    .wnd = (uint16_t)(spec->wnd == ANY ? talk.peer_wnd : spec->wnd),
	    .up = spec->up,
	    .ae = spec->ae,
	    .tos = (uint8_t)spec->ecn,
	    .text = text,
	    .text_bytes = spec->len,
	};

	fill_text(text, spec);
	fill_options(&seg, spec);
	return packet_build(out, &seg);
}

static void deliver(const struct weir_packet *packets, size_t n)
{
	weir_input(talk.stack, talk.ifindex, packets, n, talk.now);
	talk_settle();
}

static struct weir_packet packet_of(const uint8_t *data, size_t len)
{
	return (struct weir_packet){.slice = {{data, len}}, .slices = 1, .len = (uint32_t)len};
}

void arrives_raw(const uint8_t *data, size_t len)
{
	struct weir_packet packet = packet_of(data, len);

	talk_start();
	talk_note(">  a packet of %zu bytes", len);
	deliver(&packet, 1);
}

static void add_to_batch(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);

	CHECK(talk.batch_count < TALK_BATCH);
	CHECK(copy != NULL);
	memcpy(copy, data, len);
	talk.batch_data[talk.batch_count] = copy;
	talk.batch[talk.batch_count++] = packet_of(copy, len);
}

void talk_arrives(const char *file, int line, const struct segment_spec *spec)
{
	static uint8_t data[PACKET_MAX_BYTES];
	struct weir_packet packet;
	struct wire_ip ip;
	struct tcp_segment seg;
	char text[TALK_LINE];
	size_t len;

	talk_start();
	talk_nothing_left(file, line);
	len = talk_make_packet(data, spec);
	packet = packet_of(data, len);
	if (packet_parse(data, len, &ip, &seg)) {
		talk_describe(&seg, true, text);
		talk_note(">  %s%s", text, talk.in_batch ? " (batch)" : "");
	} else {
		talk_note(">  a segment that does not parse");
	}
	if (talk.in_batch)
		add_to_batch(data, len);
	else
		deliver(&packet, 1);
}

void batch_begin(void)
{
	talk.in_batch = true;
}

void batch_end(void)
{
	CHECK(talk.in_batch);
	talk.in_batch = false;
	deliver(talk.batch, talk.batch_count);
	for (unsigned i = 0; i < talk.batch_count; i++)
		free(talk.batch_data[i]);
	talk.batch_count = 0;
}

void anything_goes(void)
{
	talk.anything_goes = true;
}

void peer_clock(uint32_t ts_val)
{
	talk.ts_val = ts_val;
}

/* -- what is expected */

static bool option_matches(int expected, bool has, uint32_t value)
{
	if (expected == ANY)
		return true;
	return expected == NONE ? !has : has && value == (uint32_t)expected;
}

static bool sack_matches(const struct segment_spec *spec, const struct tcp_options *opt)
{
	unsigned n = 0;

	for (; n < 4 && spec->sack[n].end != 0; n++)
		if (n >= opt->sack_blocks || relative_ack(opt->sack[n].start) != spec->sack[n].start ||
		    relative_ack(opt->sack[n].end) != spec->sack[n].end)
			return false;
	return (n == 0 && !spec->no_sack) || n == opt->sack_blocks;
}

static bool matches(const struct segment_spec *spec, const struct tcp_segment *seg)
{
	const struct tcp_options *opt = &seg->opt;
	uint32_t seq = spec->absolute ? (uint32_t)spec->seq : talk.iss + (uint32_t)spec->seq;
	bool ts_matches = (spec->ts_val == ANY || (opt->has_timestamps && opt->ts_val == (uint32_t)spec->ts_val)) &&
	                  (spec->ts_ecr == ANY || (opt->has_timestamps && opt->ts_ecr == (uint32_t)spec->ts_ecr)) &&
	                  !(spec->no_ts && opt->has_timestamps);

	return seg->flags == spec->flags && opt->user_timeout_s == (uint32_t)spec->user_timeout_s &&
	       seg->ae == spec->ae && (spec->ecn == ANY || seg->ecn == spec->ecn) && sack_matches(spec, opt) &&
	       seq_raw(seg->seq) == seq && seg->text_bytes == spec->len && seg->dst_port == spec->port &&
	       seg->src_port == OUR_PORT && (!(spec->flags & ACK) || relative_ack(seg->ack) == spec->ack) &&
	       (spec->wnd == ANY || seg->wnd == spec->wnd) && (!(spec->flags & URG) || seg->up == spec->up) &&
	       option_matches(spec->mss, opt->has_mss, opt->mss_bytes) &&
	       option_matches(spec->wscale, opt->has_wscale, opt->wscale) && ts_matches;
}

static void describe_expected(const struct segment_spec *spec, char *out)
{
	char flags[PACKET_FLAGS_TEXT];
	int n;

	packet_flags_text(spec->flags, flags);
	n = snprintf(out, TALK_LINE, "%s seq=%lld", flags, spec->seq);
	if (spec->flags & ACK)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " ack=%lld", spec->ack);
	n += snprintf(out + n, TALK_LINE - (size_t)n, " len=%u", spec->len);
	if (spec->wnd != ANY)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " wnd=%d", spec->wnd);
	if (spec->flags & URG)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " up=%u", spec->up);
	if (spec->mss != ANY)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " mss=%d", spec->mss);
	if (spec->wscale != ANY)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " wscale=%d", spec->wscale);
	if (spec->ts_val != ANY || spec->ts_ecr != ANY)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " ts=%lld:%lld", spec->ts_val, spec->ts_ecr);
	for (unsigned i = 0; i < 4 && spec->sack[i].end != 0; i++)
		n +=
		    snprintf(out + n, TALK_LINE - (size_t)n, " sack=%lld-%lld", spec->sack[i].start, spec->sack[i].end);
	if (spec->ae)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " AE");
	if (spec->ecn != ANY)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " ecn=%d", spec->ecn);
	if (spec->no_sack)
		n += snprintf(out + n, TALK_LINE - (size_t)n, " no sack");
	if (spec->port != PEER_PORT)
		snprintf(out + n, TALK_LINE - (size_t)n, " port=%u", spec->port);
}

static struct captured *take(void)
{
	struct captured *c = &talk.captured[talk.first];

	talk.first = (talk.first + 1) % TALK_CAPTURED;
	talk.count--;
	talk.taken = c->seg;
	talk.taken_ip = c->ip;
	talk.taken_at = c->at;
	return c;
}

void talk_emits(const char *file, int line, const struct segment_spec *spec)
{
	char expected[TALK_LINE];
	struct captured *c;

	describe_expected(spec, expected);
	if (talk.count == 0)
		test_fail(file, line, "expected %s\nemitted  nothing", expected);
	c = take();
	if (!matches(spec, &c->seg))
		test_fail(file, line, "expected %s\nemitted  %s", expected, c->line);
}

void talk_emits_nothing(const char *file, int line)
{
	talk_nothing_left(file, line);
}

unsigned take_emitted(void)
{
	unsigned n = talk.count;

	while (talk.count)
		take();
	return n;
}

const struct wire_ip *last_ip(void)
{
	return &talk.taken_ip;
}

unsigned talk_emitted(void)
{
	return talk.count;
}

const struct tcp_segment *next_emitted(void)
{
	if (talk.count == 0)
		test_fail(__FILE__, __LINE__, "expected a segment\nemitted  nothing");
	take();
	return &talk.taken;
}

const struct tcp_segment *last_emitted(void)
{
	return &talk.taken;
}

long long emitted_at_ms(void)
{
	return (talk.taken_at.ns - 1000 * WEIR_NS_PER_S) / WEIR_NS_PER_MS;
}

/* -- the clock */

/* To the stack's next deadline, but not beyond the end. */
static void step_clock(weir_time until)
{
	weir_time next = weir_time_min(weir_deadline(talk.stack), until);

	if (weir_time_before(talk.now, next)) {
		talk.now = next;
		talk.idle_steps = 0;
	}
	if (++talk.idle_steps > 1000)
		test_fail(__FILE__, __LINE__, "the deadline stays in the past however often weir_expire() is called");
	weir_expire(talk.stack, talk.now);
	talk_settle();
}

void after_ns(long long ns)
{
	weir_time until = weir_time_add(talk.now, (weir_duration){ns});

	talk_start();
	talk_note("   %lld.%06lld ms pass", ns / WEIR_NS_PER_MS, ns % WEIR_NS_PER_MS);
	while (weir_time_before(talk.now, until))
		step_clock(until);
}

void after_us(long long us)
{
	after_ns(us * WEIR_NS_PER_US);
}

void after_ms(long long ms)
{
	after_ns(ms * WEIR_NS_PER_MS);
}

void after_s(long long s)
{
	after_ns(s * WEIR_NS_PER_S);
}

long long ms_until_emitted(long long limit_ms)
{
	weir_time start = talk.now, until = weir_time_add(talk.now, weir_ms(limit_ms));

	while (talk.count == 0 && weir_time_before(talk.now, until))
		step_clock(until);
	if (talk.count == 0)
		test_fail(__FILE__, __LINE__, "expected a segment within %lld ms\nemitted  nothing", limit_ms);
	return (talk.now.ns - start.ns) / WEIR_NS_PER_MS;
}
