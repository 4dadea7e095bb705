/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open, what the client remembers of a server beyond its cookie: the form in which it may be asked [7413 s4.1.1],
 * a late answer, a path too narrow for the first SYN.
 */
#include "fast_open.h"

enum { CLIENT_NO_COOKIE = 16 };

/* A cookie in the form from before the RFC. */
static const uint8_t old_form[] = {254, 12, 0xf9, 0x89, 9, 9, 9, 9, 9, 9, 9, 9};

/* A request in this form, and the server's answer. */
static void asks(bool experimental, const uint8_t *answer)
{
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0);
	CHECK(last_emitted()->opt.has_cookie);
	CHECK_EQ(last_emitted()->opt.cookie_bytes, 0);
	CHECK_EQ(last_emitted()->opt.cookie_experimental, experimental);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000, .options = answer, .options_bytes = answer ? 12 : 0);
	emits(ACK, .seq = 1, .ack = 1);
	ends();
}

/* Once, and then never again. */
TEST(fast_open_memory, the_old_form_is_tried_once)
{
	asks(false, NULL);
	asks(true, NULL);
	for (int i = 0; i < 3; i++)
		asks(false, NULL);
}

/* A cookie is shown in the form in which it came, until one comes in the other. */
TEST(fast_open_memory, a_cookie_keeps_its_form)
{
	asks(false, NULL);
	asks(true, old_form);
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	CHECK(last_emitted()->opt.cookie_experimental);
	CHECK_EQ(last_emitted()->opt.cookie[0], 9);
	arrives(SYN | ACK, .seq = 0, .ack = 101, .mss = 1000, .options = gives, .options_bytes = 12);
	emits(ACK, .seq = 101, .ack = 1);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	shows_cookie(last_emitted());
	CHECK(!last_emitted()->opt.cookie_experimental);
	ends();
}

/* A SYN,ACK that answers the repeated SYN, which asked for nothing, says nothing of what the server knows. */
TEST(fast_open_memory, a_lost_request_is_made_again_in_the_same_form)
{
	fresh_bound();
	CHECK_EQ(sends_open(100), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0);
	after_ms(1000);
	emits(SYN, .seq = 0);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	ends();
	asks(false, gives);
}

/* [7413 s4.1.3.1] A cookie that comes late has come: nothing swallows it on the way. */
TEST(fast_open_memory, a_late_cookie_is_no_black_hole)
{
	for (int i = 0; i < 2; i++) {
		fresh_bound();
		CHECK_EQ(sends_open(100), i == 0 ? -WEIR_EINPROGRESS : 100);
		emits(SYN, .seq = 0, .len = i == 0 ? 0 : 100);
		after_ms(1000);
		emits(SYN, .seq = 0, .len = 0);
		arrives(SYN | ACK, .seq = 0, .ack = i == 0 ? 1 : 101, .mss = 1000, .options = gives,
		        .options_bytes = 12);
		emits(ACK, .seq = i == 0 ? 1 : 101, .ack = 1);
		ends();
	}
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	shows_cookie(last_emitted());
	ends();
}

TEST(fast_open_memory, a_refusal_leaves_the_segment_size)
{
	learns();
	for (int i = 0; i < 2; i++) {
		fresh_bound();
		CHECK_EQ(sends_open(5000), 1000 - 40);
		emits(SYN, .seq = 0, .len = 1000 - 40);
		arrives(RST | ACK, .seq = 0, .ack = 1);
		error_is(WEIR_ECONNREFUSED);
		ends();
	}
}

/* [1191 s3] The SYN without its text goes at once, and the text in segments that fit. */
TEST(fast_open_memory, too_big_for_a_router)
{
	learns();
	fresh_bound();
	CHECK_EQ(sends_open(960), 960);
	emits(SYN, .seq = 0, .len = 960);
	icmp_too_big(5, 800);
	emits_nothing();
	icmp_too_big(0, over_ipv6() ? 1280 : 800);
	emits(SYN, .seq = 0, .len = 0);
	if (over_ipv6()) /* no path carries less */
		return;
	icmp_too_big(0, 700);
	emits_nothing();
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1, .len = 760);
	arrives(ACK, .seq = 1, .ack = 761);
	emits(ACK | PSH, .seq = 761, .ack = 1, .len = 200);
	arrives(ACK, .seq = 1, .ack = 961);
	ends();
	fresh_bound();
	CHECK_EQ(sends_open(5000), 760 - 40);
	emits(SYN, .seq = 0, .len = 760 - 40);
	ends();
}

/* TCP_FASTOPEN_CONNECT: an empty write opens the connection, and is not done. */
TEST(fast_open_memory, an_empty_write_sends_the_syn)
{
	learns();
	fresh_bound();
	set(OPT_FASTOPEN_CONNECT, 1);
	CHECK_EQ(user_connects(), 0);
	CHECK_EQ(user_send_result(0), -WEIR_EINPROGRESS);
	emits(SYN, .seq = 0, .len = 0);
	shows_cookie(last_emitted());
	CHECK_EQ(user_send_result(0), 0);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(fast_open_memory, a_host_may_need_no_cookie)
{
	config()->fast_open |= CLIENT_NO_COOKIE;
	fresh_bound();
	CHECK_EQ(sends_open(100), 100);
	emits(SYN, .seq = 0, .len = 100);
	CHECK(!last_emitted()->opt.has_cookie);
	ends();
}

TEST(fast_open_memory, what_is_forgotten_is_asked_for_again)
{
	learns();
	weir_fast_open_forget(stack());
	asks(false, gives);
}
