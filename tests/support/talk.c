/* SPDX-License-Identifier: Apache-2.0
 *
 * The conversation: one stack, its clock, what it emits, and the record that a failure prints.
 */
#include "support/talk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct talk talk;

enum { ISNS = 4, VARIANTS = 2 * ISNS };

static const char *const variant_name[VARIANTS] = {
    "IPv4, ISN 0", "IPv4, ISN under 2^31", "IPv4, ISN under 2^32", "IPv4, ISN far behind 0",
    "IPv6, ISN 0", "IPv6, ISN under 2^31", "IPv6, ISN under 2^32", "IPv6, ISN far behind 0",
};

/* Ours, the peer's: one wraps with the SYN, the other some bytes later. To numbers in the last quarter a 0 that nobody
 * set is one of the future. */
static const uint32_t isn[ISNS][2] = {
    {0, 0}, {0x7fffff80, 0x7fffffff}, {0xffffffff, 0xffffff80}, {0xc0000000, 0xc0001000}};

static void *counted_alloc(void *ctx, size_t bytes)
{
	void *p = talk.no_memory ? NULL : malloc(bytes ? bytes : 1);

	(void)ctx;
	if (p)
		talk.allocated += bytes;
	return p;
}

static void counted_free(void *ctx, void *p, size_t bytes)
{
	(void)ctx;
	if (p)
		talk.allocated -= bytes;
	free(p);
}

static void begin(unsigned variant)
{
	memset(&talk, 0, sizeof(talk));
	talk.variant = variant;
	talk.v6 = variant >= ISNS;
	talk.iss = isn[variant % ISNS][0];
	talk.irs = isn[variant % ISNS][1];
	talk.mtu = 1500;
	talk.peer_wnd = PEER_WINDOW;
	talk.ts_val = 1000;
	talk.promised = -1;
	talk.now = (weir_time){1000 * WEIR_NS_PER_S};
	weir_config_init(&talk.config);
	talk.config.allocator = (struct weir_allocator){counted_alloc, counted_free, NULL};
	for (unsigned i = 0; i < sizeof(talk.config.secret); i++)
		talk.config.secret[i] = (uint8_t)(i * 17 + 3);
	talk.config.fixed_iss = true;
	talk.config.iss = talk.iss;
}

struct weir_config *config(void)
{
	CHECK(talk.stack == NULL);
	return &talk.config;
}

void mtu_is(uint16_t bytes)
{
	CHECK(talk.stack == NULL);
	talk.mtu = bytes;
}

static weir_addr address(unsigned host)
{
	if (!talk.v6)
		return weir_addr_v4(10, 0, 0, (uint8_t)host);
	return (weir_addr){.b = {0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)host}};
}

struct weir_endpoint our_end(uint16_t port)
{
	return (struct weir_endpoint){.addr = address(1), .port = port};
}

struct weir_endpoint peer_end(uint16_t port)
{
	return (struct weir_endpoint){.addr = address(2), .port = port};
}

/* The table of sockets is reached through a socket: one is made for that and given back. */
static void find_table(void)
{
	struct weir_socket *s;

	CHECK_EQ(weir_socket_new(talk.stack, talk.v6 ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s), 0);
	talk.table = s->table;
	weir_close(s);
}

void talk_start(void)
{
	struct weir_interface link = {.name = "tun0", .kind = WEIR_LINK_IP, .mtu_bytes = talk.mtu};
	weir_addr ours = address(1);
	int index;

	if (talk.stack)
		return;
	CHECK_EQ(weir_stack_new(&talk.config, talk.now, &talk.stack), 0);
	index = weir_interface_add(talk.stack, &link);
	CHECK(index >= 2);
	talk.ifindex = (unsigned)index;
	CHECK_EQ(weir_address_add(talk.stack, talk.ifindex, &ours, talk.v6 ? 64 : 24), 0);
	find_table();
}

void talk_note(const char *format, ...)
{
	char *line = talk.trace[talk.traced++ % TALK_TRACE_LINES];
	long long ns = (long long)talk.now.ns - 1000 * WEIR_NS_PER_S;
	int n = snprintf(line, TALK_LINE, "%5lld.%06lld  ", ns / WEIR_NS_PER_S, ns % WEIR_NS_PER_S / 1000);
	va_list args;

	va_start(args, format);
	vsnprintf(line + n, TALK_LINE - (size_t)n, format, args);
	va_end(args);
}

void talk_describe(const struct tcp_segment *seg, bool from_peer, char *line)
{
	char flags[PACKET_FLAGS_TEXT];
	int n;

	packet_flags_text(seg->flags, flags);
	n = snprintf(line, TALK_LINE, "%s%s seq=%lld", flags, seg->ae ? ",AE" : "",
	             from_peer ? relative_ack(seg->seq) : relative_seq(seg->seq));
	if (seg->flags & TCP_ACK)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " ack=%lld",
		              from_peer ? relative_seq(seg->ack) : relative_ack(seg->ack));
	n += snprintf(line + n, TALK_LINE - (size_t)n, " len=%u wnd=%u", seg->text_bytes, seg->wnd);
	if (seg->flags & TCP_URG)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " up=%u", seg->up);
	if (seg->opt.has_cookie)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " cookie=%u bytes", seg->opt.cookie_bytes);
	if (seg->opt.has_mss)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " mss=%u", seg->opt.mss_bytes);
	if (seg->opt.has_wscale)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " wscale=%u", seg->opt.wscale);
	if (seg->opt.has_timestamps)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " ts=%u:%u", seg->opt.ts_val, seg->opt.ts_ecr);
	for (unsigned i = 0; i < seg->opt.sack_blocks; i++)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " sack=%lld-%lld",
		              from_peer ? relative_seq(seg->opt.sack[i].start) : relative_ack(seg->opt.sack[i].start),
		              from_peer ? relative_seq(seg->opt.sack[i].end) : relative_ack(seg->opt.sack[i].end));
	if (seg->ecn)
		n += snprintf(line + n, TALK_LINE - (size_t)n, " ecn=%u", seg->ecn);
	if (seg->dst_port != PEER_PORT && seg->src_port != PEER_PORT)
		snprintf(line + n, TALK_LINE - (size_t)n, " port=%u", from_peer ? seg->src_port : seg->dst_port);
}

/* [9293 SHLD-14] What was promised stays promised. */
static void check_promise(const struct tcp_segment *seg, const char *line)
{
	bool syn = seg->flags & TCP_SYN;
	long long edge = relative_ack(seg->ack) + ((long long)seg->wnd << (syn ? 0 : talk.shift));

	/* A scaled window has a grain; what is lost by rounding is less than that, and does not add up [7323 s2.4]. */
	if (edge <= talk.promised - (1ll << talk.shift) && !syn)
		test_fail(__FILE__, __LINE__, "right edge of the window moved left, from %lld to %lld: %s",
		          talk.promised, edge, line);
	if (syn || edge > talk.promised)
		talk.promised = edge;
}

/* What holds for every segment of ours, whatever the test is about. */
static void check_emitted(const struct tcp_segment *seg, const char *line)
{
	bool syn = seg->flags & TCP_SYN;

	if (seg->opt.has_mss && !syn) /* [9293 MUST-65] */
		test_fail(__FILE__, __LINE__, "MSS on a segment without SYN: %s", line);
	if (syn && !seg->opt.has_mss) /* [9293 MUST-14, SHLD-5] */
		test_fail(__FILE__, __LINE__, "SYN without MSS: %s", line);
	if (seg->ecn && (syn || (seg->flags & TCP_RST) || seg->text_bytes == 0)) /* [3168 s6.1.1, s6.1.4] */
		test_fail(__FILE__, __LINE__, "ECN-capable, and not data: %s", line);
	if ((seg->flags & TCP_RST) || seg->dst_port != PEER_PORT || talk.anything_goes)
		return;
	if (talk.timestamps && !seg->opt.has_timestamps) /* [7323 s3.2] */
		test_fail(__FILE__, __LINE__, "segment without the agreed timestamps: %s", line);
	if (seg->opt.has_timestamps)
		talk.ts_ecr = seg->opt.ts_val;
	for (uint32_t i = 0, at = 0; i < seg->text_slices; i++)
		for (size_t k = 0; k < seg->text[i].len; k++, at++)
			if (seg->text[i].data[k] != talk_pattern((uint64_t)(relative_seq(seg->seq) - 1 + syn + at)))
				test_fail(__FILE__, __LINE__, "wrong byte %u of the text of %s", at, line);
	if (seg->flags & TCP_ACK)
		check_promise(seg, line);
}

static void capture(const struct weir_packet *packet)
{
	static uint8_t bytes[PACKET_MAX_BYTES];
	struct captured *c = &talk.captured[(talk.first + talk.count) % TALK_CAPTURED];
	size_t len = packet_linear(bytes, packet);
	const char *wrong = packet_wrong(bytes, len);

	CHECK_EQ(packet->len, len);
	if (wrong)
		test_fail(__FILE__, __LINE__, "emitted a bad packet: %s", wrong);
	if (!packet_parse(bytes, len, &c->ip, &c->seg))
		test_fail(__FILE__, __LINE__, "emitted something that does not parse");
	CHECK(talk.count < TALK_CAPTURED);
	CHECK(len <= talk.mtu);
	c->at = talk.now;
	talk_describe(&c->seg, false, c->line);
	talk_note("<  %s", c->line);
	check_emitted(&c->seg, c->line);
	talk.count++;
}

static void check_invariants(void)
{
	list_each (node, &talk.table->all) {
		struct weir_socket *s = weir_container(node, struct weir_socket, all_link);

		if (s->kind == SOCK_CONNECTION)
			tcb_check(&s->u.tcb);
	}
}

void talk_settle(void)
{
	struct weir_packet packet[8];
	size_t n;

	check_invariants();
	for (unsigned round = 0; (n = weir_output(talk.stack, talk.ifindex, talk.now, packet, 8)) > 0; round++) {
		for (size_t i = 0; i < n; i++)
			capture(&packet[i]);
		CHECK(round < TALK_CAPTURED);
	}
	check_invariants();
}

void talk_nothing_left(const char *file, int line)
{
	if (talk.count)
		test_fail(file, line, "emitted, and nobody expected it: %s", talk.captured[talk.first].line);
}

static void end(void)
{
	talk_nothing_left(__FILE__, __LINE__);
	if (!talk.stack)
		return;
	CHECK_EQ(weir_memory(talk.stack), talk.allocated);
	weir_stack_free(talk.stack);
	talk.stack = NULL;
	CHECK_EQ(talk.allocated, 0);
}

void talk_clear(void)
{
	for (unsigned i = 0; i < talk.batch_count; i++)
		free(talk.batch_data[i]);
	talk.batch_count = 0;
	if (talk.stack)
		weir_stack_free(talk.stack);
	talk.stack = NULL;
}

void start_again(void)
{
	end();
	begin(talk.variant);
}

static void explain(FILE *to)
{
	unsigned n = talk.traced < TALK_TRACE_LINES ? talk.traced : TALK_TRACE_LINES;

	fprintf(to, "the conversation (> arrives, < emitted):\n");
	for (unsigned i = talk.traced - n; i < talk.traced; i++)
		fprintf(to, "%s\n", talk.trace[i % TALK_TRACE_LINES]);
}

const struct test_kind packet_test_kind = {
    .variants = VARIANTS,
    .variant_names = variant_name,
    .begin = begin,
    .end = end,
    .clear = talk_clear,
    .explain = explain,
};

weir_time now(void)
{
	return talk.now;
}

struct weir_stack *stack(void)
{
	talk_start();
	return talk.stack;
}

bool over_ipv6(void)
{
	return talk.v6;
}

uint32_t our_isn(void)
{
	return talk.iss;
}

void our_isn_is(uint32_t iss)
{
	talk.iss = iss;
}

uint32_t peer_isn(void)
{
	return talk.irs;
}

long long relative_seq(seq_t seq)
{
	return (int32_t)(seq_raw(seq) - talk.iss);
}

long long relative_ack(seq_t ack)
{
	return (int32_t)(seq_raw(ack) - talk.irs);
}
