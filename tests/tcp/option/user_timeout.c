/* SPDX-License-Identifier: Apache-2.0
 *
 * The user time-out option (RFC 5482): told to the peer, taken from the peer within bounds, and nothing of it unless
 * the configuration says so.
 */
#include "support/packet_test.h"

static const uint8_t ten_minutes[4] = {28, 4, 0x80, 10}, one_second[4] = {28, 4, 0, 1}, days[4] = {28, 4, 0xff, 0xff};
static const uint8_t none[4] = {28, 4, 0, 0};

static void connects(int timeout_ms)
{
	config()->user_timeout_option = true;
	user_opens(OPEN_SPEC());
	take_emitted();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, timeout_ms);
	/* Again, now with the option. */
	ms_until_emitted(1000);
}

/* [5482 s3.3] On the SYN, and on the first segment behind it. */
TEST(user_timeout, told_on_the_syn_and_after_it)
{
	connects(250000);
	emits(SYN, .seq = 0, .user_timeout_s = 250);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1, .user_timeout_s = 250);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
}

TEST(user_timeout, told_when_it_changes)
{
	config()->user_timeout_option = true;
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 1500);
	emits(ACK, .seq = 1, .ack = 1, .user_timeout_s = 2);
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 40000 * 1000); /* more than fits as seconds */
	emits(ACK, .seq = 1, .ack = 1, .user_timeout_s = 40020);
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 0);
	emits_nothing();
}

TEST(user_timeout, not_told_unless_configured)
{
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 250000);
	emits_nothing();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10, .options = ten_minutes, .options_bytes = 4);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
	CHECK_EQ(info().user_timeout.ns, weir_s(250).ns);
}

/* With blocks of SACK in the way it is left out, and no header grows too long. */
TEST(user_timeout, gives_way_to_sack)
{
	config()->user_timeout_option = true;
	established(.sack = true, .timestamps = true);
	for (int i = 0; i < 4; i++) {
		arrives(ACK, .seq = 200 * i + 101, .ack = 1, .len = 10);
		take_emitted();
	}
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 5000);
	CHECK(next_emitted()->opt.sack_blocks > 0);
	emits_nothing();
}

/* [5482 s3.1] Taken where the program has set nothing, and used: beyond what R2 would be. */
TEST(user_timeout, peers_is_taken)
{
	config()->user_timeout_option = true;
	config()->data_retries = 2;
	established();
	arrives(ACK, .seq = 1, .ack = 1, .options = ten_minutes, .options_bytes = 4);
	CHECK_EQ(info().user_timeout.ns, weir_s(600).ns);
	user_send(10);
	after_ms(599999);
	take_emitted();
	state_is(ESTABLISHED);
	after_ms(1);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}

TEST(user_timeout, peers_is_taken_from_its_syn)
{
	config()->user_timeout_option = true;
	listening();
	arrives(SYN, .seq = 0, .mss = 1000, .options = ten_minutes, .options_bytes = 4);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK_EQ(info().user_timeout.ns, weir_s(600).ns);
}

/* A peer may not make us give up early, nor hold our memory for days. */
TEST(user_timeout, bounds)
{
	config()->user_timeout_option = true;
	established();
	arrives(ACK, .seq = 1, .ack = 1, .options = one_second, .options_bytes = 4);
	CHECK_EQ(info().user_timeout.ns, weir_s(100).ns);
	arrives(ACK, .seq = 1, .ack = 1, .options = days, .options_bytes = 4);
	CHECK_EQ(info().user_timeout.ns, weir_s(3600).ns);
	arrives(ACK, .seq = 1, .ack = 1, .options = none, .options_bytes = 4);
	CHECK_EQ(info().user_timeout.ns, weir_s(3600).ns);
}

/* [5482 s3.1] What the program has set is not changed. */
TEST(user_timeout, programs_own_stands)
{
	config()->user_timeout_option = true;
	established();
	user_sets(LEVEL_TCP, OPT_USER_TIMEOUT, 5000);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 1, .options = ten_minutes, .options_bytes = 4);
	CHECK_EQ(info().user_timeout.ns, weir_s(5).ns);
}

/* Outside the window it says nothing. */
TEST(user_timeout, strangers_are_not_heard)
{
	config()->user_timeout_option = true;
	established();
	arrives(ACK, .seq = 100000, .ack = 1, .options = ten_minutes, .options_bytes = 4);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 5000, .options = ten_minutes, .options_bytes = 4);
	take_emitted();
	CHECK_EQ(info().user_timeout.ns, 0);
}
