/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open, the server's side [7413 s4.2.2]: cookies given and checked, text on a SYN delivered before the third
 * message, answers before it, and the bound of it all.
 */
#include "support/packet_test.h"

#include <string.h>

enum { OPT_FASTOPEN = 23, OPT_FASTOPEN_KEY = 33, OPT_FASTOPEN_NO_COOKIE = 34, SYN_DATA = 32 };

static const uint8_t asks[] = {34, 2, 1, 1};

/* The option with this host's cookie for the peer; as the peer would send it. */
static uint8_t shows[12];

static void set(int name, int value)
{
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, name, &value, sizeof(value)), 0);
}

static void listening_fast(int queue)
{
	listening();
	set(OPT_FASTOPEN, queue);
}

static void keep_cookie(const struct tcp_segment *seg)
{
	CHECK(seg->opt.has_cookie);
	CHECK_EQ(seg->opt.cookie_bytes, 8);
	shows[0] = 34;
	shows[1] = 10;
	memcpy(shows + 2, seg->opt.cookie, 8);
}

/* A first connection that only asks, over again at once. */
static void gets_cookie(void)
{
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = 4, .port = 39999);
	keep_cookie(next_emitted());
	arrives(RST, .seq = 1, .port = 39999);
	counter_is(tcp_fast_open_asked, 1);
}

static void opens_fast(uint32_t len)
{
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = len);
}

TEST(fast_open_server, who_asks_gets_a_cookie_and_an_ordinary_handshake)
{
	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = 4, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 1); /* [W-SM-21] the text is not acknowledged */
	keep_cookie(last_emitted());
	counter_is(tcp_syn_text, 1);
	CHECK_EQ(listener_info().accept_len, 0);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 101);
	user_accepts();
	user_reads(100);
}

/* The point of it: request and answer in one round trip. */
TEST(fast_open_server, text_is_delivered_and_answered_before_the_third_message)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	CHECK(!last_emitted()->opt.has_cookie);
	state_is(SYN_RCVD);
	CHECK_EQ(listener_info().accept_len, 1);
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK_EQ(weir_poll(listener()), WEIR_IN);
	user_accepts();
	CHECK_EQ(weir_poll(sock()), WEIR_IN | WEIR_OUT);
	user_reads(100);
	user_send(300);
	emits(ACK | PSH, .seq = 1, .ack = 101, .len = 300);
	state_is(SYN_RCVD);
	arrives(ACK, .seq = 101, .ack = 301);
	state_is(ESTABLISHED);
	sendq_is(0);
	counter_is(tcp_fast_opens, 1);
	arrives(ACK | PSH, .seq = 101, .ack = 301, .len = 50);
	after_ms(40);
	emits(ACK, .seq = 301, .ack = 151);
	user_reads(50);
}

/* TCP_INFO's TCPI_OPT_SYN_DATA */
/* The window of a SYN counts from behind it, and our own SYN takes nothing of it. */
TEST(fast_open_server, all_of_the_window_may_be_filled_before_the_third_message)
{
	listening_fast(5);
	gets_cookie();
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = 100, .wnd = 5000);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_send(8000);
	for (int i = 0; i < 5; i++)
		emits(ACK, .seq = 1 + 1000 * i, .ack = 101, .len = 1000);
	emits_nothing();
}

/* Nor of the initial congestion window, which is one of text. */
TEST(fast_open_server, all_of_the_initial_window_goes_before_the_third_message)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	after_ms(10);
	user_send(15000);
	CHECK_EQ(take_emitted(), 10);
	emits_nothing();
}

TEST(fast_open_server, tcp_info_tells_that_the_syn_had_text)
{
	uint8_t tcp_info[8];
	uint32_t len = sizeof(tcp_info);

	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	take_emitted();
	user_accepts();
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, 11, tcp_info, &len), 0);
	CHECK(tcp_info[5] & SYN_DATA);
}

TEST(fast_open_server, a_cookie_without_text_opens_fast_as_well)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(0);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	user_accepts();
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

TEST(fast_open_server, a_wrong_cookie_is_replaced_and_its_text_ignored)
{
	listening_fast(5);
	gets_cookie();
	shows[9] ^= 1;
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK(last_emitted()->opt.has_cookie);
	CHECK_EQ(last_emitted()->opt.cookie[7], shows[9] ^ 1);
	CHECK_EQ(listener_info().accept_len, 0);
	counter_is(tcp_fast_open_wrong, 1);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	readable(0);
}

/* [attacks S-6] A cookie is good for one address. */
TEST(fast_open_server, of_other_lengths_and_other_hosts_none_is_right)
{
	const uint8_t shorter[] = {34, 6, 1, 2, 3, 4}, odd[] = {34, 7, 1, 2, 3, 4, 5}, longer[] = {34, 20};

	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = shorter, .options_bytes = 6, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK(last_emitted()->opt.has_cookie);
	arrives(SYN, .seq = 0, .mss = 1000, .options = odd, .options_bytes = 7, .len = 100, .port = 40001);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 40001);
	CHECK(!last_emitted()->opt.has_cookie);
	arrives(SYN, .seq = 0, .mss = 1000, .options = longer, .options_bytes = 2, .len = 100, .port = 40002);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 40002);
	CHECK(!last_emitted()->opt.has_cookie);
}

/* [W-SM-21] Text on a SYN where nobody has asked for Fast Open stays unacknowledged. */
TEST(fast_open_server, without_the_option_nothing_changes)
{
	listening();
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = 4, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK(!last_emitted()->opt.has_cookie);
	start_again();
	config()->fast_open = 1;
	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = 4, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK(!last_emitted()->opt.has_cookie);
}

/* A lost SYN,ACK: the SYN comes again without text, or the SYN,ACK goes again; both acknowledge the text. */
TEST(fast_open_server, the_syn_ack_is_repeated_as_it_was)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_send(300);
	emits(ACK | PSH, .seq = 1, .ack = 101, .len = 300);
	after_ms(1000);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	arrives(ACK, .seq = 101, .ack = 1);
	state_is(ESTABLISHED);
	sendq_is(300);
	ms_until_emitted(5000);
	emits(ACK | PSH, .seq = 1, .ack = 101, .len = 300);
	arrives(ACK, .seq = 101, .ack = 301);
	sendq_is(0);
}

/* Only what RecvQ has room for is taken; the peer sends the rest again. */
TEST(fast_open_server, text_beyond_recvq_is_not_acknowledged)
{
	listening(.rqs = 60);
	set(OPT_FASTOPEN, 5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 61, .wnd = 0);
	user_accepts();
	user_reads(60);
	arrives(ACK, .seq = 61, .ack = 1);
	emits(ACK, .seq = 1, .ack = 61, .wnd = 60);
	arrives(ACK | PSH, .seq = 61, .ack = 1, .len = 40);
	emits(ACK, .seq = 1, .ack = 101);
	user_reads(40);
	take_emitted();
}

/* [7413 s5.1] The bound of the listener; beyond it the handshake is an ordinary one. */
TEST(fast_open_server, so_many_may_be_open_before_the_third_message)
{
	listening_fast(2);
	gets_cookie();
	for (uint16_t i = 0; i < 4; i++) {
		arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = 100,
		        .port = (uint16_t)(41000 + i));
		emits(SYN | ACK, .seq = 0, .ack = i < 2 ? 101 : 1, .port = (uint16_t)(41000 + i));
	}
	counter_is(tcp_fast_open_full, 2);
	CHECK_EQ(listener_info().accept_len, 2);
	/* The third message makes room. */
	arrives(ACK, .seq = 101, .ack = 1, .port = 41000);
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
}

/* [7413 s5.1] A RST does not: or who has a cookie could flood with it. */
TEST(fast_open_server, a_reset_frees_its_place_after_a_minute)
{
	listening_fast(1);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	arrives(RST, .seq = 101);
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = 100, .port = 41000);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 41000);
	arrives(RST, .seq = 1, .port = 41000);
	after_s(60);
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = 100, .port = 41001);
	emits(SYN | ACK, .seq = 0, .ack = 101, .port = 41001);
}

/* The program knows of it already, and is told. */
TEST(fast_open_server, the_program_learns_of_a_reset_of_silence_and_of_icmp)
{
	char byte;

	listening_fast(5);
	gets_cookie();
	opens_fast(0);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	user_accepts();
	arrives(RST, .seq = 1);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_ECONNRESET);
	start_again();
	listening_fast(5);
	gets_cookie();
	opens_fast(0);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	user_accepts();
	after_s(200);
	CHECK_EQ(take_emitted(), 5);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_ETIMEDOUT);
	start_again();
	listening_fast(5);
	gets_cookie();
	opens_fast(0);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	user_accepts();
	icmp_arrives(over_ipv6() ? 1 : 3, over_ipv6() ? 4 : 3, 0);
	CHECK_EQ(user_read_result(&byte, 1), -WEIR_ECONNREFUSED);
}

/* [W-SM-4] As in every opening the FIN waits for the third message. */
TEST(fast_open_server, a_close_before_the_third_message)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_reads(100);
	user_send(50);
	emits(ACK | PSH, .seq = 1, .ack = 101, .len = 50);
	user_closes();
	emits_nothing();
	arrives(ACK, .seq = 101, .ack = 51);
	emits(FIN | ACK, .seq = 51, .ack = 101);
	state_is(FIN_WAIT_1);
}

TEST(fast_open_server, who_was_opened_fast_outlives_the_listener)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_closes_listener();
	user_reads(100);
	arrives(ACK, .seq = 101, .ack = 1);
	state_is(ESTABLISHED);
}

/* One that waits on the accept list goes with it. */
TEST(fast_open_server, who_was_not_accepted_does_not)
{
	listening_fast(5);
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_closes_listener();
	emits(RST | ACK, .seq = 1, .ack = 101);
	gone();
}

static void set_keys(uint8_t first, uint8_t second, uint32_t len)
{
	uint8_t key[32];

	memset(key, first, 16);
	memset(key + 16, second, 16);
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN_KEY, key, len), 0);
}

/* [attacks R-9] Keys change with an overlap: the old one's cookies are good, and replaced. */
TEST(fast_open_server, keys_change_with_an_overlap)
{
	uint8_t key[32], old[12];
	uint32_t len = sizeof(key);

	listening_fast(5);
	set_keys(1, 0, 16);
	gets_cookie();
	memcpy(old, shows, sizeof(old));
	set_keys(2, 1, 32);
	CHECK_EQ(weir_getsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN_KEY, key, &len), 0);
	CHECK_EQ(len, 32);
	CHECK(key[0] == 2 && key[15] == 2 && key[16] == 1 && key[31] == 1);
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	keep_cookie(last_emitted());
	CHECK(memcmp(shows, old, sizeof(old)) != 0);
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows, .options_bytes = 10, .len = 100, .port = 41000);
	emits(SYN | ACK, .seq = 0, .ack = 101, .port = 41000);
	CHECK(!last_emitted()->opt.has_cookie);
	set_keys(2, 0, 16);
	arrives(SYN, .seq = 0, .mss = 1000, .options = old, .options_bytes = 10, .len = 100, .port = 41001);
	emits(SYN | ACK, .seq = 0, .ack = 1, .port = 41001);
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN_KEY, key, 15), -WEIR_EINVAL);
}

TEST(fast_open_server, a_listener_may_do_without_cookies)
{
	listening_fast(5);
	set(OPT_FASTOPEN_NO_COOKIE, 1);
	arrives(SYN, .seq = 0, .mss = 1000, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_reads(100);
}

/* Under a flood that calls for SYN cookies there is no Fast Open. */
TEST(fast_open_server, syn_cookies_come_first)
{
	config()->syn_cookies = 2;
	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = 4, .len = 100);
	CHECK_EQ(relative_ack(next_emitted()->ack), 1);
	CHECK(!last_emitted()->opt.has_cookie);
	counter_is(tcp_syn_text, 1);
}

/* Options of the wrong socket, values out of range. */
TEST(fast_open_server, options_have_their_places)
{
	int value = 1;

	established();
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, OPT_FASTOPEN, &value, sizeof(value)), -WEIR_EINVAL);
	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, OPT_FASTOPEN_NO_COOKIE, &value, sizeof(value)), -WEIR_EINVAL);
	value = -1;
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN, &value, sizeof(value)), -WEIR_EINVAL);
	value = 1000000;
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN, &value, sizeof(value)), 0);
	{
		uint32_t len = sizeof(value);

		CHECK_EQ(weir_getsockopt(listener(), LEVEL_TCP, OPT_FASTOPEN, &value, &len), 0);
		CHECK_EQ(value, 4096);
	}
}

/* [7413 s4.1.1; 6994] The form from before the RFC is answered in kind, and its cookie is taken. */
TEST(fast_open_server, the_older_form_is_answered_in_kind)
{
	static const uint8_t asks_as_then[] = {254, 4, 0xf9, 0x89};
	uint8_t shows_as_then[12] = {254, 12, 0xf9, 0x89};

	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = asks_as_then, .options_bytes = 4, .port = 39999);
	keep_cookie(next_emitted());
	CHECK(last_emitted()->opt.cookie_experimental);
	arrives(RST, .seq = 1, .port = 39999);
	memcpy(shows_as_then + 4, shows + 2, 8);
	arrives(SYN, .seq = 0, .mss = 1000, .options = shows_as_then, .options_bytes = 12, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_reads(100);
}

/* Of the same kind, another experiment. */
TEST(fast_open_server, other_experiments_are_passed_over)
{
	static const uint8_t other[] = {254, 4, 0xf9, 0x88}, cut[] = {254, 2, 1, 1};

	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .options = other, .options_bytes = 4, .port = 39999);
	CHECK(!next_emitted()->opt.has_cookie);
	arrives(RST, .seq = 1, .port = 39999);
	arrives(SYN, .seq = 0, .mss = 1000, .options = cut, .options_bytes = 4);
	CHECK(!next_emitted()->opt.has_cookie);
}

/* weir_config.fast_open, bit 4: without TCP_FASTOPEN. */
TEST(fast_open_server, every_listener_may_be_one)
{
	config()->fast_open = 2 | 4;
	listening();
	gets_cookie();
	opens_fast(100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_reads(100);
}

/* Bit 8: without a cookie. */
TEST(fast_open_server, cookies_may_be_needless)
{
	config()->fast_open = 2 | 8;
	listening_fast(5);
	arrives(SYN, .seq = 0, .mss = 1000, .len = 100);
	emits(SYN | ACK, .seq = 0, .ack = 101);
	user_accepts();
	user_reads(100);
}

/* Hosts with one key give one cookie: not the seed's, the same after a restart, another with another key. */
TEST(fast_open_server, the_key_may_be_given)
{
	uint8_t first[12];

	memset(config()->fast_open_key, 0xa1, 16);
	memset(config()->secret, 1, 16);
	listening_fast(5);
	gets_cookie();
	memcpy(first, shows, sizeof(first));
	start_again();
	memset(config()->fast_open_key, 0xa1, 16);
	memset(config()->secret, 2, 16);
	listening_fast(5);
	gets_cookie();
	CHECK(memcmp(first, shows, 10) == 0);
	start_again();
	memset(config()->fast_open_key, 0xa2, 16);
	listening_fast(5);
	gets_cookie();
	CHECK(memcmp(first, shows, 10) != 0);
}
