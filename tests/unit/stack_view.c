/* SPDX-License-Identifier: Apache-2.0
 *
 * What a stack shows: snapshots in order, queues to the byte (T1.1, T2.1), events in order, names of counters.
 */
#include "stack_hosts.h"

struct order {
	uint64_t last;
	unsigned n, stop_after;
};

static bool ascending(void *ctx, const struct weir_socket_info *info)
{
	struct order *order = ctx;

	assert_true(info->id > order->last);
	order->last = info->id;
	return ++order->n != order->stop_after;
}

static void sockets_in_order(void **state)
{
	struct order all = {0, 0, 0}, some = {0, 0, 2};
	struct weir_socket_info info;
	struct weir_socket *sock[5];
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	for (int i = 0; i < 5; i++)
		sock[i] = a_socket(h.a, i & 1 ? WEIR_INET6 : WEIR_INET, i & 2 ? WEIR_DGRAM : WEIR_STREAM);
	weir_close(sock[1]);
	a_socket(h.a, WEIR_INET, WEIR_STREAM);
	weir_sockets_each(h.a, ascending, &all);
	assert_int_equal(all.n, 5);
	assert_int_equal(all.last, 6);
	weir_sockets_each(h.a, ascending, &some);
	assert_int_equal(some.n, 2);
	/* T1.1: every socket starts CLOSED, with wildcards. */
	info = info_of(sock[0]);
	assert_int_equal(info.state, WEIR_TCP_CLOSED);
	assert_true(weir_addr_is_any(&info.local.addr) && weir_addr_is_v4(&info.local.addr));
	assert_true(info.has_handle);
	hosts_done(&h);
}

/* T2.1: at every instant each byte is in exactly one of the three queues. */
static void three_queues(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct hosts h;
	char data[4000] = "";
	uint64_t written = 0;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	assert_int_equal(set_int(listener, 1, 8, 1500), 0);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(set_int(client, 1, 7, 6500), 0);
	for (unsigned i = 0; i < 60; i++) {
		int64_t n = say(client, data, 1 + i * 61 % sizeof(data));

		written += n > 0 ? (uint64_t)n : 0;
		hosts_wait(&h, weir_ms(20));
		weir_recv(server, data, i * 37 % 700, 0);
		hosts_wait(&h, weir_ms(300));
		assert_int_equal(info_of(client).written_bytes, written);
		assert_int_equal(info_of(client).sendq_bytes + info_of(server).recvq_bytes +
		                     info_of(server).delivered_bytes,
		                 written);
		assert_true(info_of(server).recvq_bytes <= 1500);
		assert_true(info_of(client).sendq_bytes <= 6500);
	}
	assert_true(written > 6500);
	hosts_done(&h);
}

struct log {
	unsigned created, gone, in, out, resets, drops;
	uint64_t written, read;
	char states[256];
};

static void record(void *ctx, const struct weir_event *event)
{
	struct log *log = ctx;
	size_t used = strlen(log->states);

	switch (event->kind) {
	case WEIR_EVENT_CREATED:
		log->created++;
		break;
	case WEIR_EVENT_GONE:
		log->gone++;
		break;
	case WEIR_EVENT_SEGMENT_IN:
		log->in++;
		break;
	case WEIR_EVENT_SEGMENT_OUT:
		log->out++;
		break;
	case WEIR_EVENT_WRITE:
		assert_int_equal(event->offset, log->written);
		log->written += event->bytes;
		break;
	case WEIR_EVENT_READ:
		assert_int_equal(event->offset, log->read);
		log->read += event->bytes;
		break;
	case WEIR_EVENT_STATE:
		snprintf(log->states + used, sizeof(log->states) - used, "%s ",
		         weir_tcp_state_name((enum weir_tcp_state)event->to));
		break;
	case WEIR_EVENT_RESET_SENT:
		assert_string_equal(event->reason, "rst_no_connection");
		log->resets++;
		break;
	case WEIR_EVENT_DROP:
		assert_string_equal(event->reason, "tcp_no_connection");
		log->drops++;
		break;
	case WEIR_EVENT_TIMEOUT:
	case WEIR_EVENT_REPORT:
	case WEIR_EVENT_URGENT:
		break;
	}
}

static void events(void **state)
{
	struct log a = {0}, b = {0};
	struct weir_observer see_a = {record, &a}, see_b = {record, &b};
	struct weir_endpoint nowhere = at("10.0.0.2", 81);
	struct weir_socket *listener, *client, *server;
	struct weir_config ca, cb;
	struct hosts h;
	char text[8];

	(void)state;
	memset(&h, 0, sizeof(h));
	hosts_config(&h, &ca, 1);
	hosts_config(&h, &cb, 2);
	ca.observer = &see_a;
	cb.observer = &see_b;
	hosts_start(&h, WEIR_LINK_IP, &ca, &cb);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(say(client, "12345", 5), 5);
		hosts_wait(&h, weir_ms(100));
		assert_int_equal(weir_recv(server, text, 3, 0), 3);
		assert_int_equal(weir_recv(server, text, 8, 0), 2);
	}
	weir_close(client);
	hosts_wait(&h, weir_ms(100));
	weir_close(server);
	hosts_wait(&h, weir_s(61));
	weir_close(listener);
	client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(client, &nowhere), -WEIR_EINPROGRESS);
	hosts_run(&h);
	weir_close(client);
	assert_string_equal(a.states, "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED SYN_SENT CLOSED ");
	assert_string_equal(b.states, "LISTEN SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED CLOSED ");
	assert_int_equal(a.written, 15);
	assert_int_equal(b.read, 15);
	assert_int_equal(a.created, 2);
	assert_int_equal(a.gone, 2);
	assert_int_equal(b.created, 2);
	assert_int_equal(b.gone, 2);
	assert_int_equal(b.resets, 1);
	assert_int_equal(b.drops, 1);
	assert_int_equal(a.out, b.in + 1); /* the SYN to nobody */
	assert_int_equal(b.out + 1, a.in); /* and its answer */
	hosts_done(&h);
}

static void counters(void **state)
{
	struct hosts h;
	unsigned n = 0;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	while (weir_counter_name(n)) {
		for (unsigned i = 0; i < n; i++)
			assert_string_not_equal(weir_counter_name(i), weir_counter_name(n));
		assert_int_equal(weir_counter(h.a, n), 0);
		n++;
	}
	assert_true(n > 50);
	assert_int_equal(weir_counter(h.a, n), 0);
	hosts_done(&h);
}

/* Same secret, same calls: the same packets, byte for byte; another secret: others. */
static uint64_t fingerprint(uint8_t secret)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct weir_packet packets[8];
	struct weir_config config;
	uint64_t print = 1469598103934665603u;
	struct hosts h;

	memset(&h, 0, sizeof(h));
	hosts_config(&h, &config, secret);
	hosts_start(&h, WEIR_LINK_IP, &config, &config);
	for (int i = 0; i < 8; i++)
		assert_int_equal(weir_connect(a_socket(h.a, WEIR_INET, WEIR_STREAM), &remote), -WEIR_EINPROGRESS);
	assert_int_equal(weir_output(h.a, h.if_a, h.now, packets, 8), 8);
	for (int i = 0; i < 8; i++)
		for (size_t k = 0; k < packets[i].slice[0].len; k++)
			print = (print ^ packets[i].slice[0].data[k]) * 1099511628211u;
	hosts_done(&h);
	return print;
}

static void determinism(void **state)
{
	(void)state;
	assert_true(fingerprint(7) == fingerprint(7));
	assert_true(fingerprint(7) != fingerprint(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sockets_in_order), cmocka_unit_test(three_queues), cmocka_unit_test(events),
	    cmocka_unit_test(counters),         cmocka_unit_test(determinism),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
