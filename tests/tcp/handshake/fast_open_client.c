/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open, the client's side [7413 s4.2.1]: asking for a cookie, showing it, text on the SYN, and what happens when
 * that is not liked.
 */
#include "fast_open.h"

/* tcpi_fastopen_client_fail */
static unsigned failed(void)
{
	uint8_t raw[8];
	uint32_t len = sizeof(raw);

	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, 11, raw, &len), 0);
	return raw[7] >> 1 & 3;
}

TEST(fast_open_client, the_first_time_it_asks)
{
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0);
	CHECK(last_emitted()->opt.has_cookie);
	CHECK_EQ(last_emitted()->opt.cookie_bytes, 0);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_NO_COOKIE);
	CHECK_EQ(user_send_result(100), -WEIR_EAGAIN);
	CHECK_EQ(sends_open(100), -WEIR_EALREADY);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .options = gives, .options_bytes = 12);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK_EQ(user_connects(), 0);
	CHECK_EQ(sends_open(100), -WEIR_EISCONN);
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
}

TEST(fast_open_client, the_second_time_text_goes_with_the_syn)
{
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	shows_cookie(last_emitted());
	state_is(SYN_SENT);
	sendq_is(100);
	CHECK_EQ(user_connects(), -WEIR_EALREADY);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
	state_is(ESTABLISHED);
	sendq_is(0);
	CHECK(tcb()->syn_text);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_NO_FAIL);
	counter_is(tcp_fast_opens, 1);
	user_send(50);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 50);
}

/* A SYN carries at most one segment of what the peer said that it takes, less the most that options may take. */
TEST(fast_open_client, no_more_than_the_syn_has_room_for)
{
	uint32_t options = 40;

	learns();
	fresh_bound();
	CHECK_EQ(sends_open(5000), 1000 - options);
	emits(SYN, .seq = 0, .len = 1000 - options);
	arrives(SYN | ACK, .seq = 0, .ack = 1 + 1000 - options, .mss = 1000);
	emits(ACK, .seq = 1 + 1000 - options, .ack = 1);
}

/* The server has not taken it, or not all: it goes as if it had never been sent. */
TEST(fast_open_client, text_that_was_not_taken_goes_at_once)
{
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	CHECK(!tcb()->syn_text);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_NOT_TAKEN);
	CHECK_EQ(info().resent, 0);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(SYN | ACK, .seq = 0, .ack = 41, .mss = 1000);
	emits(ACK | PSH, .seq = 41, .ack = 1, .len = 60);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_NOT_TAKEN);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
}

/* [7413 s4.2.1] A SYN that nothing answered is repeated bare; a late answer to the first one counts. */
TEST(fast_open_client, a_repeated_syn_is_bare)
{
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	after_ms(1000);
	emits(SYN, .seq = 0, .len = 0);
	CHECK(!last_emitted()->opt.has_cookie);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_NO_FAIL);
	sendq_is(0);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	after_ms(3000);
	emits(SYN, .seq = 0, .len = 0);
	emits(SYN, .seq = 0, .len = 0);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	CHECK_EQ(failed(), WEIR_FAST_OPEN_SYN_REPEATED);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
}

/* [7413 s4.1.3.1] Two first SYNs in a row into a black hole: the path is left alone for a while. */
TEST(fast_open_client, a_path_that_swallows_it_is_left_alone)
{
	learns();
	for (int i = 0; i < 2; i++) {
		fresh_bound();
		CHECK_EQ(sends_open(100), 100);
		emits(SYN, .seq = 0, .len = 100);
		after_ms(1000);
		emits(SYN, .seq = 0, .len = 0);
		arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
		emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
		ends();
	}
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0, .len = 0);
	CHECK(!last_emitted()->opt.has_cookie);
	ends();
	after_s(240);
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	ends();
}

/* A server that changes its keys sends the new cookie. */
TEST(fast_open_client, a_new_cookie_replaces_the_old_one)
{
	uint8_t other[12];

	memcpy(other, gives, sizeof(other));
	other[2] = 99;
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .options = other, .options_bytes = 12);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	CHECK_EQ(last_emitted()->opt.cookie[0], 99);
}

/* TCP_FASTOPEN_CONNECT: connect() is done at once, and the SYN leaves with the first text. */
TEST(fast_open_client, connect_may_wait_for_the_first_text)
{
	learns();
	fresh_bound();
	set(OPT_FASTOPEN_CONNECT, 1);
	CHECK_EQ(user_connects(), 0);
	emits_nothing();
	after_s(10);
	emits_nothing();
	CHECK_EQ(weir_poll(sock()), WEIR_OUT);
	CHECK_EQ(user_connects(), -WEIR_EISCONN);
	user_send(100);
	emits(SYN, .seq = 0, .len = 100);
	shows_cookie(last_emitted());
	CHECK_EQ(weir_poll(sock()), 0);
	CHECK_EQ(user_send_result(100), -WEIR_EAGAIN);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
	user_send(10);
	emits(ACK | PSH, .seq = 101, .ack = 1, .len = 10);
}

/* The same without a copy. */
TEST(fast_open_client, the_first_text_may_be_written_in_place)
{
	struct weir_mut_slice piece[2];

	learns();
	fresh_bound();
	set(OPT_FASTOPEN_CONNECT, 1);
	CHECK_EQ(weir_send_reserve(sock(), 10, piece), -WEIR_EPIPE);
	CHECK_EQ(user_connects(), 0);
	CHECK_EQ(weir_send_reserve(sock(), 5000, piece), 1000 - 40);
	CHECK_EQ(piece[1].len, 0);
	for (uint32_t i = 0; i < 100; i++)
		piece[0].data[i] = talk_pattern(i);
	CHECK_EQ(weir_send_commit(sock(), 100), 0);
	talk_settle();
	emits(SYN, .seq = 0, .len = 100);
	CHECK_EQ(weir_send_reserve(sock(), 10, piece), -WEIR_EAGAIN);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
}

TEST(fast_open_client, connect_without_a_cookie_asks_for_one)
{
	fresh_bound();
	set(OPT_FASTOPEN_CONNECT, 1);
	CHECK_EQ(user_connects(), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0);
	CHECK(last_emitted()->opt.has_cookie && last_emitted()->opt.cookie_bytes == 0);
}

TEST(fast_open_client, a_deferred_opening_is_given_up_without_a_word)
{
	learns();
	fresh_bound();
	set(OPT_FASTOPEN_CONNECT, 1);
	CHECK_EQ(user_connects(), 0);
	user_closes();
	emits_nothing();
	gone();
}

TEST(fast_open_client, no_cookie_is_needed_where_the_program_says_so)
{
	fresh_bound();
	set(OPT_FASTOPEN_NO_COOKIE, 1);
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	CHECK(!last_emitted()->opt.has_cookie);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000);
	emits(ACK, .seq = 101, .ack = 1);
}

TEST(fast_open_client, a_refusal_is_a_refusal)
{
	char byte;

	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(RST | ACK, .seq = 0, .ack = 101);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_ECONNREFUSED);
}

/* [9293 MUST-10] Both SYNs cross: the text is repaired like any other. */
TEST(fast_open_client, simultaneous_opening)
{
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	take_emitted();
	state_is(ESTABLISHED);
	sendq_is(100);
	if (!talk_emitted())
		ms_until_emitted(10000);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 1, .ack = 101);
	sendq_is(0);
}

TEST(fast_open_client, switched_off_it_is_refused)
{
	int on = 1;

	config()->fast_open = 2;
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EOPNOTSUPP);
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, OPT_FASTOPEN_CONNECT, &on, sizeof(on)), -WEIR_EOPNOTSUPP);
}

/* The packet as another peer sends it. */
static void comes_from(uint8_t *packet, size_t len, const weir_addr *peer)
{
	uint32_t sum = 0;

	memcpy(packet + (over_ipv6() ? 8 : 12), peer->b + (over_ipv6() ? 0 : 12), over_ipv6() ? 16 : 4);
	if (!over_ipv6()) {
		packet[10] = packet[11] = 0;
		for (unsigned k = 0; k < 20; k += 2)
			sum += (uint32_t)packet[k] << 8 | packet[k + 1];
		sum = (sum & 0xffff) + (sum >> 16);
		packet[10] = (uint8_t)(~sum >> 8);
		packet[11] = (uint8_t)~sum;
	}
	packet_fix_checksum(packet, len);
}

/* Whom to remember is bounded: the memory does not grow with the servers met, and the latest is known. */
TEST(fast_open_client, the_memory_of_cookies_is_bounded)
{
	const uint8_t text[] = {'x'};
	struct weir_slice vec = {text, 1};
	size_t memory = 0;
	uint8_t packet[200];

	anything_goes();
	learns();
	for (uint8_t i = 0; i < 250; i++) {
		struct weir_endpoint server = peer_end(PEER_PORT);
		size_t len;

		server.addr.b[15] = (uint8_t)(i + 3);
		fresh_bound();
		CHECK_EQ(weir_connect_send(sock(), &vec, 1, &server), -WEIR_EINPROGRESS);
		talk_settle();
		take_emitted();
		len = make_packet(packet, SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .options = gives,
		                  .options_bytes = 12);
		comes_from(packet, len, &server.addr);
		arrives_raw(packet, len);
		CHECK_EQ(info().state, ESTABLISHED);
		user_aborts();
		take_emitted();
		if (i == 20)
			memory = weir_memory(stack());
		if (i > 20)
			CHECK(weir_memory(stack()) <= memory);
		fresh_bound();
		CHECK_EQ(weir_connect_send(sock(), &vec, 1, &server), 1);
		user_aborts();
		take_emitted();
	}
}
