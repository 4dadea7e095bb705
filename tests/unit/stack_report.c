/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports across layers: what becomes of datagrams without a connection, and what the network layer is told when TCP
 * repeats in vain.
 */
#include "stack_hosts.h"

enum { IP = 0, IPV6 = 41, RECVERR = 11, RECVERR6 = 25 };

static void datagram_is_refused(enum weir_family family, const char *to)
{
	bool v4 = family == WEIR_INET;
	struct weir_endpoint nobody = at(to, 9), other = at(to, 10);
	struct weir_error_report report;
	struct weir_socket *sock;
	struct hosts h;
	char byte;

	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, family, WEIR_DGRAM);
	/* Not asked for: nothing is told, as on Linux. */
	assert_int_equal(weir_sendto(sock, "x", 1, &nobody), 1);
	hosts_run(&h);
	assert_int_equal(weir_poll(sock), WEIR_OUT);
	assert_int_equal(counter_of(h.a, "icmp_error_no_match"), 1);
	assert_int_equal(set_int(sock, v4 ? IP : IPV6, v4 ? RECVERR : RECVERR6, 1), 0);
	assert_int_equal(weir_sendto(sock, "x", 1, &nobody), 1);
	assert_int_equal(weir_sendto(sock, "x", 1, &other), 1);
	hosts_run(&h);
	assert_int_equal(weir_poll(sock), WEIR_OUT | WEIR_ERR);
	assert_int_equal(weir_recvfrom(sock, &byte, 1, 0, NULL), -WEIR_ECONNREFUSED);
	assert_int_equal(weir_recvfrom(sock, &byte, 1, 0, NULL), -WEIR_EAGAIN);
	assert_int_equal(weir_recv_error(sock, &report), 0);
	assert_int_equal(report.error, WEIR_ECONNREFUSED);
	assert_int_equal(report.origin, v4 ? WEIR_ORIGIN_ICMP : WEIR_ORIGIN_ICMP6);
	assert_int_equal(report.remote.port, 9);
	assert_true(weir_addr_equal(&report.remote.addr, &nobody.addr));
	assert_true(weir_addr_equal(&report.offender, &nobody.addr));
	assert_int_equal(weir_sendto(sock, "x", 1, &nobody), -WEIR_ECONNREFUSED); /* that of the next report */
	assert_int_equal(weir_recv_error(sock, &report), 0);
	assert_int_equal(report.remote.port, 10);
	assert_int_equal(weir_poll(sock), WEIR_OUT);
	weir_close(sock);
	hosts_done(&h);
}

static void datagram_is_refused_v4(void **state)
{
	(void)state;
	datagram_is_refused(WEIR_INET, "10.0.0.2");
}

static void datagram_is_refused_v6(void **state)
{
	(void)state;
	datagram_is_refused(WEIR_INET6, "fd00::2");
}

/* With reports that nobody reads, a stack that goes away leaves nothing behind. */
static void unread_reports_are_freed(void **state)
{
	struct weir_endpoint nobody = at("10.0.0.2", 9);
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(set_int(sock, IP, RECVERR, 1), 0);
	assert_int_equal(weir_sendto(sock, "x", 1, &nobody), 1);
	hosts_run(&h);
	assert_int_equal(weir_poll(sock), WEIR_OUT | WEIR_ERR);
	hosts_done(&h);
}

struct heard {
	unsigned arp, tcp;
};

/* What a sends for so long, into nothing. */
static struct heard listen_for(struct hosts *h, weir_duration d)
{
	weir_time end = weir_time_add(h->now, d);
	struct weir_packet packets[8];
	struct heard heard = {0};
	size_t n;

	for (;;) {
		weir_expire(h->a, h->now);
		while ((n = weir_output(h->a, h->if_a, h->now, packets, 8)) > 0) {
			for (size_t i = 0; i < n; i++) {
				const uint8_t *frame = packets[i].slice[0].data;
				bool arp = frame[12] == 8 && frame[13] == 6;

				heard.arp += arp;
				heard.tcp += !arp;
			}
		}
		if (weir_time_before(end, weir_deadline(h->a)))
			break;
		if (weir_time_before(h->now, weir_deadline(h->a)))
			h->now = weir_deadline(h->a);
	}
	h->now = end;
	return heard;
}

/* [9293 MUST-20] At R1, the third repetition, the next hop is asked whether it is still there; at R2 it is over. */
static void silence_makes_ip_look_again(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct heard heard;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(say(client, "lost", 4), 4);
	heard = listen_for(&h, weir_ms(1000));
	assert_int_equal(info_of(client).retransmits, 2);
	assert_int_equal(heard.arp, 0);
	heard = listen_for(&h, weir_ms(1500));
	assert_int_equal(info_of(client).retransmits, 3);
	assert_true(heard.arp > 0);
	listen_for(&h, weir_s(4000));
	assert_int_equal(info_of(client).state, WEIR_TCP_CLOSED);
	hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(datagram_is_refused_v4),
	    cmocka_unit_test(datagram_is_refused_v6),
	    cmocka_unit_test(unread_reports_are_freed),
	    cmocka_unit_test(silence_makes_ip_look_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
