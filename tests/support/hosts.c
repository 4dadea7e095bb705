/* SPDX-License-Identifier: Apache-2.0
 *
 * The two hosts, their clock and their link.
 */
#include "support/hosts_state.h"

#include <stdlib.h>
#include <string.h>

struct hosts hosts;

static const char *const variant_name[2] = {"IPv4", "IPv6"};

static void *counted_alloc(void *ctx, size_t bytes)
{
	size_t *held = ctx;
	bool fails = hosts.fail_every && ++hosts.allocations % hosts.fail_every == 0;
	void *p = fails ? NULL : malloc(bytes ? bytes : 1);

	if (p)
		*held += bytes;
	return p;
}

static void counted_free(void *ctx, void *p, size_t bytes)
{
	size_t *held = ctx;

	if (p)
		*held -= bytes;
	free(p);
}

static void begin(unsigned variant)
{
	memset(&hosts, 0, sizeof(hosts));
	hosts.v6 = variant == 1;
	hosts.mtu = 1500;
	hosts.now = (weir_time){100 * WEIR_NS_PER_S};
	for (int i = 0; i < 2; i++) {
		struct weir_config *c = &hosts.config[i];

		weir_config_init(c);
		c->allocator = (struct weir_allocator){counted_alloc, counted_free, &hosts.allocated[i]};
		for (unsigned k = 0; k < sizeof(c->secret); k++)
			c->secret[k] = (uint8_t)(k * 31 + 7 + (unsigned)i * 101);
		hosts.pass[i] = UNLIMITED;
	}
}

struct weir_config *hosts_config(int host)
{
	CHECK(!hosts.started);
	return &hosts.config[host];
}

void hosts_mtu(uint16_t bytes)
{
	CHECK(!hosts.started);
	hosts.mtu = bytes;
}

void hosts_large_segments(uint32_t bytes)
{
	CHECK(!hosts.started);
	hosts.gso_max = bytes;
}

struct link_fault_spec *hosts_faults(int from)
{
	CHECK(!hosts.started);
	return &hosts.spec[from];
}

bool hosts_over_ipv6(void)
{
	return hosts.v6;
}

enum weir_family hosts_family(void)
{
	return hosts.v6 ? WEIR_INET6 : WEIR_INET;
}

static weir_addr address(int host)
{
	if (!hosts.v6)
		return weir_addr_v4(10, 0, 0, (uint8_t)(host + 1));
	return (weir_addr){.b = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(host + 1)}};
}

struct weir_endpoint hosts_end(int host, uint16_t port)
{
	return (struct weir_endpoint){.addr = address(host), .port = port};
}

struct weir_endpoint hosts_any(uint16_t port)
{
	return (struct weir_endpoint){.addr = hosts.v6 ? WEIR_ADDR_ANY6 : WEIR_ADDR_ANY4, .port = port};
}

static struct link_aim aimed_at(int from, const struct wire_ip *ip, const struct tcp_segment *seg)
{
	struct link_aim aim = {.action = LINK_AIM_NONE};

	if (hosts.cut[from])
		return (struct link_aim){.action = LINK_AIM_DROP};
	if (hosts.aim)
		aim = hosts.aim(hosts.aim_ctx, from, ip, seg);
	if (aim.action != LINK_AIM_NONE || hosts.pass[from] == UNLIMITED)
		return aim;
	if (hosts.pass[from] == 0)
		return (struct link_aim){.action = LINK_AIM_HOLD};
	if (seg->text_bytes > 0)
		hosts.pass[from]--;
	return aim;
}

static struct link_aim look(void *ctx, const struct weir_packet *packet, uint64_t index, weir_time now)
{
	static uint8_t bytes[PACKET_MAX_BYTES];
	int from = *(const int *)ctx;
	size_t len = packet_linear(bytes, packet);
	struct wire_ip ip;
	struct tcp_segment seg;

	(void)index;
	memset(&seg, 0, sizeof(seg));
	if (!packet_parse(bytes, len, &ip, &seg))
		return (struct link_aim){.action = LINK_AIM_NONE};
	if (packet_wrong(bytes, len))
		hosts.wrong = packet_wrong(bytes, len);
	if (hosts.seen_count < HOSTS_SEEN)
		hosts.seen[hosts.seen_count] = (struct hosts_seen){from, now, seg};
	hosts.seen_count++;
	return aimed_at(from, &ip, &seg);
}

/* The table of sockets is reached through a socket: one is made for that and given back. */
static struct sock_table *table_of(struct weir_stack *stack)
{
	struct weir_socket *s;
	struct sock_table *table;

	CHECK_EQ(weir_socket_new(stack, WEIR_INET, WEIR_STREAM, &s), 0);
	table = s->table;
	weir_close(s);
	return table;
}

static void start(void)
{
	static const int origin[2] = {A, B};
	struct weir_interface link = {
	    .name = "lan", .kind = WEIR_LINK_IP, .mtu_bytes = hosts.mtu, .gso_max_bytes = hosts.gso_max};
	struct link_port port[2];

	if (hosts.started)
		return;
	hosts.started = true;
	for (int i = 0; i < 2; i++) {
		weir_addr addr = address(i);
		int index;

		CHECK_EQ(weir_stack_new(&hosts.config[i], hosts.now, &hosts.stack[i]), 0);
		index = weir_interface_add(hosts.stack[i], &link);
		CHECK(index >= 2);
		hosts.ifindex[i] = (unsigned)index;
		CHECK_EQ(weir_address_add(hosts.stack[i], (unsigned)index, &addr, hosts.v6 ? 64 : 24), 0);
		hosts.table[i] = table_of(hosts.stack[i]);
		port[i] = link_port_stack(hosts.stack[i], (unsigned)index, &link);
	}
	CHECK_EQ(link_pair_new(&port[A], &port[B], &hosts.spec[A], &hosts.spec[B], &hosts.pair), 0);
	for (int i = 0; i < 2; i++)
		link_fault_aim(hosts.pair->fault[i], look, (void *)(uintptr_t)&origin[i]);
}

struct weir_stack *hosts_stack(int host)
{
	start();
	return hosts.stack[host];
}

unsigned hosts_ifindex(int host)
{
	start();
	return hosts.ifindex[host];
}

weir_time hosts_now(void)
{
	return hosts.now;
}

static void check_invariants(void)
{
	for (int i = 0; i < 2; i++) {
		list_each (node, &hosts.table[i]->all) {
			struct weir_socket *s = weir_container(node, struct weir_socket, all_link);

			if (s->kind == SOCK_CONNECTION)
				tcb_check(&s->u.tcb);
		}
	}
}

void hosts_settle(void)
{
	unsigned rounds = 0;

	start();
	for (;;) {
		weir_expire(hosts.stack[A], hosts.now);
		weir_expire(hosts.stack[B], hosts.now);
		if (link_step(&hosts.pair->link, hosts.now, 4096) == 0)
			break;
		check_invariants();
		CHECK(++rounds < 10000); /* else something goes back and forth for ever */
	}
	check_invariants();
	if (hosts.wrong)
		test_fail(__FILE__, __LINE__, "a bad packet on the link: %s", hosts.wrong);
}

/* To the next instant at which something happens, but not beyond the end. */
static void step_clock(weir_time until)
{
	weir_time next = weir_time_min(weir_deadline(hosts.stack[A]), weir_deadline(hosts.stack[B]));

	next = weir_time_min(weir_time_min(next, link_deadline(&hosts.pair->link)), until);
	if (weir_time_before(hosts.now, next)) {
		hosts.now = next;
		hosts.idle_steps = 0;
	}
	CHECK(++hosts.idle_steps < 1000); /* else a deadline stays in the past */
	hosts_settle();
}

void hosts_run_ms(long long ms)
{
	weir_time until = weir_time_add(hosts.now, weir_ms(ms));

	hosts_settle();
	while (weir_time_before(hosts.now, until))
		step_clock(until);
}

long long hosts_run_until(bool (*done)(void *ctx), void *ctx, long long limit_ms)
{
	weir_time begun = hosts.now, until = weir_time_add(hosts.now, weir_ms(limit_ms));

	hosts_settle();
	while (!done(ctx)) {
		if (!weir_time_before(hosts.now, until))
			test_fail(__FILE__, __LINE__, "not done within %lld ms", limit_ms);
		step_clock(until);
	}
	return weir_time_since(hosts.now, begun).ns / WEIR_NS_PER_MS;
}

static bool has_connections(int host)
{
	list_each (node, &hosts.table[host]->all) {
		if (weir_container(node, struct weir_socket, all_link)->kind == SOCK_CONNECTION)
			return true;
	}
	return false;
}

bool hosts_run_until_quiet(long long limit_s)
{
	weir_time until = weir_time_add(hosts.now, weir_s(limit_s));

	hosts_settle();
	while (has_connections(A) || has_connections(B)) {
		if (!weir_time_before(hosts.now, until))
			return false;
		step_clock(until);
	}
	return true;
}

void hosts_fail_allocations(unsigned every)
{
	hosts.fail_every = every;
	hosts.allocations = 0;
}

void hosts_hold(int from, unsigned passed)
{
	start();
	hosts.pass[from] = passed;
}

void hosts_release(int from)
{
	hosts.pass[from] = UNLIMITED;
	link_fault_release(hosts.pair->fault[from], hosts.now);
	hosts_settle();
}

void hosts_cut(int from, bool cut)
{
	start();
	hosts.cut[from] = cut;
}

void hosts_aim(hosts_aim_fn *aim, void *ctx)
{
	start();
	hosts.aim = aim;
	hosts.aim_ctx = ctx;
}

static void end(void)
{
	for (int i = 0; i < 2 && hosts.started; i++) {
		CHECK_EQ(weir_memory(hosts.stack[i]), hosts.allocated[i]);
		weir_stack_free(hosts.stack[i]);
		hosts.stack[i] = NULL;
		CHECK_EQ(hosts.allocated[i], 0);
	}
}

static void clear(void)
{
	if (hosts.pair)
		link_free(&hosts.pair->link);
	hosts.pair = NULL;
	for (int i = 0; i < 2; i++) {
		if (hosts.stack[i])
			weir_stack_free(hosts.stack[i]);
		hosts.stack[i] = NULL;
	}
}

static void explain(FILE *to)
{
	unsigned n = hosts.seen_count < HOSTS_SEEN ? hosts.seen_count : HOSTS_SEEN;
	char flags[PACKET_FLAGS_TEXT];

	fprintf(to, "segments on the link:\n");
	for (unsigned i = n > 40 ? n - 40 : 0; i < n; i++) {
		const struct hosts_seen *s = &hosts.seen[i];

		fprintf(to, "%10.6f %s %u>%u %s seq=%u ack=%u len=%u wnd=%u\n", (double)s->at.ns / 1e9 - 100,
		        s->from == A ? "A" : "B", s->seg.src_port, s->seg.dst_port,
		        packet_flags_text(s->seg.flags, flags), seq_raw(s->seg.seq), seq_raw(s->seg.ack),
		        s->seg.text_bytes, s->seg.wnd);
	}
}

const struct test_kind hosts_kind = {
    .variants = 2,
    .variant_names = variant_name,
    .begin = begin,
    .end = end,
    .clear = clear,
    .explain = explain,
};
