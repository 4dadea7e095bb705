/* SPDX-License-Identifier: Apache-2.0
 *
 * weir_stack_configure(): other settings while the stack runs. They hold for what begins; what was offered or agreed
 * stays.
 */
#include "support/talk.h"

#include <string.h>

static struct weir_config next;

/* The settings as they are, to be changed. */
static void changing(void)
{
	next = talk.config;
}

static void changed(void)
{
	CHECK_EQ(weir_stack_configure(stack(), &next), 0);
}

static void nothing_offered(void)
{
	changing();
	next.timestamps = next.window_scaling = next.sack = false;
	next.ecn = WEIR_ECN_OFF;
	changed();
}

TEST(config_changes, next_connection_has_the_new_settings)
{
	listening(.timestamps = true, .sack = true);
	nothing_offered();
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7, .ts_val = 5);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = NONE);
	CHECK(!last_emitted()->opt.has_timestamps);
	CHECK(!last_emitted()->opt.sack_permitted);
	arrives(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
}

TEST(config_changes, what_was_agreed_stays)
{
	established(.timestamps = true, .sack = true, .wscale = 7);
	nothing_offered();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	CHECK(last_emitted()->opt.has_timestamps);
	CHECK(info().sack);
	CHECK_EQ(info().snd_wscale, 7);
}

/* The peer has seen the SYN: its answer means what that offered. */
TEST(config_changes, what_the_syn_offered_stays)
{
	config()->ecn = WEIR_ECN_ON;
	user_opens(OPEN_SPEC(.timestamps = true, .sack = true, .wscale = 7));
	emits(SYN | ECE | CWR, .seq = 0);
	CHECK(!info().timestamps);
	CHECK(!info().sack);
	nothing_offered();
	arrives(SYN | ACK | ECE, .seq = 0, .ack = 1, .mss = 1000, .wscale = 7, .ts_val = 5);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK(last_emitted()->opt.has_timestamps);
	CHECK(info().timestamps);
	CHECK(info().sack);
	CHECK_EQ(info().snd_wscale, 7);
	CHECK(tcb()->ecn);
}

TEST(config_changes, what_the_syn_did_not_offer_is_not_taken)
{
	config()->timestamps = config()->window_scaling = config()->sack = false;
	config()->ecn = WEIR_ECN_OFF;
	syn_sent(.sack = true);
	changing();
	next.timestamps = next.window_scaling = next.sack = true;
	next.ecn = WEIR_ECN_ACCURATE;
	changed();
	arrives(SYN | ACK | ECE, .seq = 0, .ack = 1, .mss = 1000, .wscale = 7, .ts_val = 5);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK(!last_emitted()->opt.has_timestamps);
	CHECK(!info().sack);
	CHECK_EQ(info().snd_wscale, 0);
	CHECK(!tcb()->ecn);
}

/* A SYN cookie has promised what is not to be had any more: the peer learns that at once. */
TEST(config_changes, cookie_of_other_settings_is_refused)
{
	config()->syn_cookies = 2;
	listening(.timestamps = true);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7, .ts_val = 5);
	our_isn_is(seq_raw(next_emitted()->seq));
	changing();
	next.window_scaling = false;
	changed();
	arrives(ACK, .seq = 1, .ack = 1);
	emits(RST, .seq = 1);
	gone();
}

TEST(config_changes, value_out_of_range_changes_nothing)
{
	listening();
	changing();
	next.window_scaling = false;
	next.ttl = 0;
	CHECK_EQ(weir_stack_configure(stack(), &next), -WEIR_EINVAL);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 0);
}

/* What a listener of ours gives to one that asks. */
static void asks_for_cookie(uint8_t cookie[8])
{
	static const uint8_t asks[] = {34, 2, 1, 1};

	arrives(SYN, .seq = 0, .mss = 1000, .options = asks, .options_bytes = sizeof(asks));
	emits(SYN | ACK, .seq = 0, .ack = 1);
	CHECK_EQ(last_emitted()->opt.cookie_bytes, 8);
	memcpy(cookie, last_emitted()->opt.cookie, 8);
	arrives(RST, .seq = 1);
	gone();
}

/* Memory and secret are the stack's for good; a key for cookies is a setting. */
TEST(config_changes, secret_and_allocator_are_not_taken)
{
	uint8_t before[8], after[8];

	config()->fast_open = 15;
	listening();
	asks_for_cookie(before);
	changing();
	next.allocator = (struct weir_allocator){0};
	memset(next.secret, 0x55, sizeof(next.secret));
	changed();
	asks_for_cookie(after);
	CHECK(memcmp(before, after, 8) == 0);
	next.fast_open_key[0] = 1;
	changed();
	asks_for_cookie(after);
	CHECK(memcmp(before, after, 8) != 0);
}
