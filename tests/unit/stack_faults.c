/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers between two hosts over a bad link, both ways at once: loss, duplication, reordering, delay and damage, from
 * a seed; small queues and large ones. What arrives is what was sent, the invariants of every snapshot hold, and
 * nothing is left over.
 */
#include "stack_hosts.h"

enum { HELD_MAX = 4096, FRAME_MAX = 2048 };

struct frame {
	weir_time due;
	bool to_b;
	uint32_t len;
	uint8_t data[FRAME_MAX];
};

struct path {
	struct hosts h;
	uint64_t random;
	unsigned loss, twice, late, damage; /* of 1000 */
	struct frame *frame;
	unsigned held;
};

static uint32_t draw(struct path *p, uint32_t below)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return (uint32_t)(p->random >> 32) % below;
}

static void hold(struct path *p, const struct weir_packet *packet, bool to_b)
{
	struct frame *f;

	if (p->held == HELD_MAX || draw(p, 1000) < p->loss)
		return;
	f = &p->frame[p->held++];
	f->to_b = to_b;
	f->len = 0;
	f->due = weir_time_add(p->h.now, weir_us(5000 + (draw(p, 1000) < p->late ? draw(p, 20000) : 0)));
	assert_true(packet->len <= FRAME_MAX);
	for (unsigned i = 0; i < packet->slices; i++) {
		memcpy(f->data + f->len, packet->slice[i].data, packet->slice[i].len);
		f->len += (uint32_t)packet->slice[i].len;
	}
	assert_int_equal(f->len, packet->len);
	if (draw(p, 1000) < p->damage)
		f->data[draw(p, f->len)] ^= (uint8_t)(1 + draw(p, 255));
}

static void take(struct path *p, struct weir_stack *stack, unsigned ifindex, bool to_b)
{
	struct weir_packet packets[16];
	size_t n;

	while ((n = weir_output(stack, ifindex, p->h.now, packets, 16)) > 0) {
		for (size_t i = 0; i < n; i++) {
			hold(p, &packets[i], to_b);
			if (draw(p, 1000) < p->twice)
				hold(p, &packets[i], to_b);
		}
	}
}

/* Delivers what is due, earliest first. */
static void deliver(struct path *p)
{
	for (;;) {
		struct weir_packet packet = {.slices = 1};
		struct frame f;
		unsigned first = 0;

		for (unsigned i = 1; i < p->held; i++)
			if (weir_time_before(p->frame[i].due, p->frame[first].due))
				first = i;
		if (!p->held || weir_time_before(p->h.now, p->frame[first].due))
			return;
		f = p->frame[first];
		p->held--;
		memmove(&p->frame[first], &p->frame[first + 1], (p->held - first) * sizeof(f));
		packet.slice[0] = (struct weir_slice){f.data, f.len};
		packet.len = f.len;
		weir_input(f.to_b ? p->h.b : p->h.a, f.to_b ? p->h.if_b : p->h.if_a, &packet, 1, p->h.now);
	}
}

static void step(struct path *p)
{
	weir_time next;

	take(p, p->h.a, p->h.if_a, true);
	take(p, p->h.b, p->h.if_b, false);
	next = weir_time_min(weir_deadline(p->h.a), weir_deadline(p->h.b));
	for (unsigned i = 0; i < p->held; i++)
		next = weir_time_min(next, p->frame[i].due);
	if (weir_time_is_never(next))
		next = weir_time_add(p->h.now, weir_ms(1));
	if (weir_time_before(p->h.now, next))
		p->h.now = next;
	weir_expire(p->h.a, p->h.now);
	weir_expire(p->h.b, p->h.now);
	deliver(p);
}

struct flow {
	struct weir_socket *from, *to;
	uint64_t total, written, read;
	bool shut, ended;
};

static uint8_t pattern(uint64_t i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 13 + (i >> 16));
}

static void move(struct path *p, struct flow *f)
{
	static uint8_t data[100000];
	uint64_t left = f->total - f->written;
	size_t want = 1 + draw(p, sizeof(data));
	int64_t n;

	if (want > left)
		want = (size_t)left;
	for (size_t i = 0; i < want; i++)
		data[i] = pattern(f->written + i);
	if (want) {
		n = say(f->from, data, want);
		assert_true(n > 0 || n == -WEIR_EAGAIN);
		f->written += n > 0 ? (uint64_t)n : 0;
	} else if (!f->shut) {
		assert_int_equal(weir_shutdown(f->from, WEIR_SHUT_WR), 0);
		f->shut = true;
	}
	if (draw(p, 3) == 0 || f->ended)
		return;
	n = weir_recv(f->to, data, 1 + draw(p, sizeof(data)), 0);
	assert_true(n >= 0 || n == -WEIR_EAGAIN);
	for (int64_t i = 0; i < n; i++)
		assert_int_equal(data[i], pattern(f->read + (uint64_t)i));
	f->read += n > 0 ? (uint64_t)n : 0;
	f->ended = n == 0;
}

static void check(const struct flow *f)
{
	struct weir_socket_info from = info_of(f->from), to = info_of(f->to);

	assert_true(from.sendq_bytes <= from.sendq_limit && to.recvq_bytes <= to.recvq_limit);
	assert_int_equal(from.written_bytes, f->written);
	assert_int_equal(to.delivered_bytes, f->read);
	/* Each byte is in SendQ until acknowledged, so it may be in RecvQ too, but never in neither. */
	assert_true(from.sendq_bytes + to.recvq_bytes + to.delivered_bytes >= from.written_bytes);
}

static void run(struct path *p, const char *to, uint32_t queue, uint64_t total)
{
	struct weir_endpoint remote = at(to, 80);
	struct weir_socket *listener = a_listener(p->h.b, WEIR_INET6, "::", 80), *client, *server = NULL;
	struct flow up, down;

	client = a_socket(p->h.a, WEIR_INET6, WEIR_STREAM);
	for (int name = 7; name <= 8; name++) {
		assert_int_equal(set_int(listener, 1, name, (int32_t)queue), 0);
		assert_int_equal(set_int(client, 1, name, (int32_t)queue), 0);
	}
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	for (unsigned i = 0; !server && i < 100000; i++) {
		step(p);
		weir_accept(listener, &server);
	}
	assert_non_null(server);
	up = (struct flow){.from = client, .to = server, .total = total};
	down = (struct flow){.from = server, .to = client, .total = total / 3};
	for (unsigned i = 0; !(up.ended && down.ended); i++) {
		assert_true(i < 3000000);
		move(p, &up);
		move(p, &down);
		step(p);
		check(&up);
		check(&down);
	}
	assert_int_equal(up.read, up.total);
	assert_int_equal(down.read, down.total);
	weir_close(client);
	weir_close(server);
	weir_close(listener);
	for (unsigned i = 0; (sockets_of(p->h.a) || sockets_of(p->h.b)) && i < 100000; i++)
		step(p);
	assert_int_equal(sockets_of(p->h.a) + sockets_of(p->h.b), 0);
}

static void over(uint64_t seed, unsigned loss, unsigned twice, unsigned late, unsigned damage, uint32_t queue,
                 uint64_t total)
{
	struct path p = {.loss = loss, .twice = twice, .late = late, .damage = damage};

	p.random = seed * 0x9e3779b97f4a7c15u + 1;
	p.frame = malloc(HELD_MAX * sizeof(*p.frame));
	assert_non_null(p.frame);
	hosts_init(&p.h, WEIR_LINK_ETHERNET);
	print_message("seed %u\n", (unsigned)seed);
	run(&p, seed & 1 ? "10.0.0.2" : "fd00::2", queue, total);
	/* The link did what it was asked to do, and only then anything had to be repeated. */
	if (loss + damage > 5 && total > 50000)
		assert_true(counter_of(p.h.a, "tcp_resent") > 0);
	if (loss + twice + late + damage == 0)
		assert_int_equal(counter_of(p.h.a, "tcp_resent") + counter_of(p.h.b, "tcp_resent"), 0);
	if (damage > 5 && total > 50000)
		assert_true(counter_of(p.h.b, "tcp_checksum") > 0);
	hosts_done(&p.h);
	free(p.frame);
}

static void clean(void **state)
{
	(void)state;
	over(1, 0, 0, 0, 0, 100000, 2000000);
	over(2, 0, 0, 0, 0, 3, 2000);
}

static void reordered(void **state)
{
	(void)state;
	for (uint64_t seed = 10; seed < 14; seed++)
		over(seed, 0, 50, 200, 0, 60000, 600000);
}

static void lossy(void **state)
{
	(void)state;
	for (uint64_t seed = 20; seed < 28; seed++)
		over(seed, 10, 10, 20, 0, 100000, 600000);
}

static void damaged(void **state)
{
	(void)state;
	for (uint64_t seed = 30; seed < 34; seed++)
		over(seed, 0, 0, 0, 20, 50000, 300000);
}

static void terrible(void **state)
{
	(void)state;
	for (uint64_t seed = 40; seed < 46; seed++)
		over(seed, 100, 100, 300, 30, 20000, 300000);
}

static void tiny_queues(void **state)
{
	(void)state;
	for (uint64_t seed = 50; seed < 56; seed++)
		over(seed, 20, 20, 50, 5, 1 + (uint32_t)(seed - 50) * 37, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clean),   cmocka_unit_test(reordered), cmocka_unit_test(lossy),
	    cmocka_unit_test(damaged), cmocka_unit_test(terrible),  cmocka_unit_test(tiny_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
