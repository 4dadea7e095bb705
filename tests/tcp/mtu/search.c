/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths that drop what is too big without a word [4821, 8899].
 */
#include "support/packet_test.h"

static int text_of(int mtu)
{
	return mtu - (over_ipv6() ? 60 : 40);
}

static void under_way(int segments)
{
	int full = text_of(1500);

	established(.mss = 1460, .sack = true, .wnd = 65000);
	user_send((uint32_t)(segments * full));
	CHECK_EQ(take_emitted(), segments);
}

/* [8899 s4.3] Lost twice, full segments give way to what every link carries. */
TEST(mtu_search, full_segments_lost_twice_become_smaller)
{
	under_way(4);
	ms_until_emitted(1000); /* the probe of the tail */
	take_emitted();
	ms_until_emitted(2000); /* the time-out */
	emits(ACK, .seq = 1, .len = (uint32_t)text_of(1500), .ack = 1);
	ms_until_emitted(4000); /* once more: it may be the size */
	emits(ACK, .seq = 1, .len = (uint32_t)text_of(1280), .ack = 1);
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
}

/* IPv4 goes on down, IPv6 need not. */
TEST(mtu_search, the_least_is_the_family_s)
{
	static const int size[] = {1280, 1024, 552, 552};

	under_way(4);
	ms_until_emitted(1000);
	take_emitted();
	ms_until_emitted(2000);
	take_emitted();
	for (int i = 0; i < 4; i++) {
		ms_until_emitted(20000);
		emits(ACK, .seq = 1, .len = (uint32_t)text_of(over_ipv6() ? 1280 : size[i]), .ack = 1);
	}
}

/* Small segments are lost for other reasons. */
TEST(mtu_search, lost_small_segments_prove_nothing)
{
	established(.mss = 1460, .sack = true, .wnd = 65000);
	user_send(1000);
	take_emitted();
	for (int i = 0; i < 5; i++) {
		ms_until_emitted(20000);
		emits(ACK | PSH, .seq = 1, .len = 1000, .ack = 1);
	}
	CHECK_EQ(tcb()->snd.mss, text_of(1500));
	CHECK(tcb()->search == NULL);
}

TEST(mtu_search, it_can_be_left_off)
{
	config()->mtu_probing = false;
	under_way(4);
	for (int i = 0; i < 5; i++) {
		ms_until_emitted(20000);
		take_emitted();
	}
	CHECK_EQ(tcb()->snd.mss, text_of(1500));
}

/* Until smaller segments are sent, and everything that was under way has arrived. */
static void into_the_hole(void)
{
	int full = text_of(1500);

	under_way(4);
	for (int i = 0; i < 3; i++) {
		ms_until_emitted(4000);
		take_emitted();
	}
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
	arrives(ACK, .seq = 1, .ack = 1 + text_of(1280));
	take_emitted();
	arrives(ACK, .seq = 1, .ack = 1 + 4 * full);
	CHECK_EQ(take_emitted(), 0);
}

/* Data flows and is acknowledged until the window has room for a probe: it is the last thing that is under way, with
 * some segments behind it. Returns its length. */
static uint32_t probe(long long *at)
{
	uint32_t len = 0;

	for (int round = 0; round < 60 && len == 0; round++) {
		arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
		if (info().sendq_bytes < 20000)
			CHECK_EQ(user_send_result(20000), 20000);
		while (talk_emitted() > 0) {
			const struct tcp_segment *seg = next_emitted();

			if (seg->text_bytes <= tcb()->snd.mss)
				continue;
			len = seg->text_bytes;
			*at = relative_seq(seg->seq);
		}
	}
	CHECK(len > 0);
	return len;
}

/* [8899 s5.3] An outage, not the size: one probe, and all is as before. */
TEST(mtu_search, after_an_outage_the_full_size_comes_back)
{
	long long at;

	into_the_hole();
	CHECK_EQ(probe(&at), (uint32_t)text_of(1500));
	arrives(ACK, .seq = 1, .ack = at + text_of(1500));
	CHECK_EQ(tcb()->snd.mss, text_of(1500));
	counter_is(tcp_black_holes, 0);
	CHECK_EQ(sock()->path.mtu_bytes, 1500);
	take_emitted();
}

/* ... and says nothing of the path to anybody, whatever the peer takes. */
TEST(mtu_search, an_outage_teaches_nothing)
{
	long long at;
	int full = 1300;

	established(.mss = full, .sack = true, .wnd = 65000);
	user_send((uint32_t)(4 * full));
	take_emitted();
	for (int i = 0; i < 3; i++) {
		ms_until_emitted(4000);
		take_emitted();
	}
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
	CHECK_EQ(sock()->path.mtu_bytes, 1500);
	CHECK_EQ(probe(&at), (uint32_t)full);
	arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
	CHECK_EQ(tcb()->snd.mss, full);
	CHECK_EQ(tcb()->path_mtu, 1500);
	CHECK_EQ(sock()->path.mtu_bytes, 1500);
	take_emitted();
}

/* The probe is lost alone: what follows it arrives, then it goes again. */
static void probe_lost(void)
{
	long long at;
	uint32_t len = probe(&at), cwnd = tcb()->cwnd, ssthresh = tcb()->ssthresh;

	arrives(ACK, .seq = 1, .ack = at, .sack = {{at + len, relative_seq(tcb()->snd.max)}});
	CHECK(!tcb()->in_recovery && !tcb()->in_loss);
	CHECK(tcb()->cwnd >= cwnd && tcb()->ssthresh >= ssthresh);
	emits(ACK, .seq = at, .len = (uint32_t)text_of(1280), .ack = 1);
	take_emitted();
}

/* [4821 s7.6.2] The loss of a probe is no sign of congestion; two of the largest prove what it is. */
TEST(mtu_search, a_lost_probe_is_no_congestion)
{
	into_the_hole();
	CHECK(tcb()->ssthresh != UINT32_MAX);
	probe_lost();
	counter_is(tcp_black_holes, 0);
	probe_lost();
	counter_is(tcp_black_holes, 1);
	CHECK_EQ(tcb()->ssthresh, UINT32_MAX); /* nothing was congested: it is put back */
	CHECK_EQ(tcb()->search->failed, 1500);
	CHECK_EQ(sock()->path.mtu_bytes, 1280); /* and others know */
}

/* What comes between is searched by halves, and the end is found. */
TEST(mtu_search, the_size_is_searched_upwards)
{
	enum { CARRIES = 1420 };
	unsigned losses = 0;

	into_the_hole();
	for (int i = 0; i < 12 && tcb()->search->state != MTU_DONE; i++) {
		long long at;
		uint32_t len = probe(&at);

		if (len <= (uint32_t)text_of(CARRIES)) {
			arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
		} else {
			losses++;
			arrives(ACK, .seq = 1, .ack = at, .sack = {{at + len, relative_seq(tcb()->snd.max)}});
			CHECK(!tcb()->in_recovery);
		}
		take_emitted();
	}
	CHECK_EQ(tcb()->snd.mss, text_of(CARRIES));
	CHECK_EQ(tcb()->search->state, MTU_DONE);
	CHECK_EQ(sock()->path.mtu_bytes, CARRIES);
	CHECK(losses <= 4);
}

/* A loss beside the probe is one. */
TEST(mtu_search, another_loss_is_congestion)
{
	long long at;
	uint32_t len;

	into_the_hole();
	len = probe(&at);
	arrives(ACK, .seq = 1, .ack = at, .sack = {{at + len + text_of(1280), relative_seq(tcb()->snd.max)}});
	after_ms(10);
	CHECK(tcb()->in_recovery);
	take_emitted();
}

/* A probe that was lost amid others, and has arrived in pieces: that is no proof of its size. */
TEST(mtu_search, pieces_of_a_probe_prove_nothing)
{
	long long at, end;
	uint32_t len;

	into_the_hole();
	len = probe(&at);
	end = relative_seq(tcb()->snd.max);
	arrives(ACK, .seq = 1, .ack = at, .sack = {{at + len + text_of(1280), end}});
	after_ms(10);
	take_emitted();
	arrives(ACK, .seq = 1, .ack = end);
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
	take_emitted();
}

/* [8899 s5.1.1] After ten minutes the path may carry more. */
TEST(mtu_search, after_ten_minutes_it_is_searched_again)
{
	long long at;

	into_the_hole();
	probe_lost();
	while (tcb()->search->state != MTU_DONE)
		probe_lost();
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
	arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
	while (take_emitted() > 0)
		arrives(ACK, .seq = 1, .ack = relative_seq(tcb()->snd.max));
	after_s(601);
	CHECK_EQ(probe(&at), (uint32_t)text_of(1500));
}

/* A connection whose path carries what its interface does has none of this. */
TEST(mtu_search, without_losses_it_costs_nothing)
{
	under_way(4);
	arrives(ACK, .seq = 1, .ack = 1 + 4 * text_of(1500));
	CHECK(tcb()->search == NULL);
}

/* Without SACK the third duplicate tells of the probe. */
TEST(mtu_search, duplicates_tell_of_a_lost_probe_too)
{
	int full = text_of(1500);
	long long at;
	uint32_t ssthresh;

	established(.mss = 1460, .wnd = 65000);
	user_send((uint32_t)(4 * full));
	take_emitted();
	for (int i = 0; i < 2; i++) {
		ms_until_emitted(4000);
		take_emitted();
	}
	CHECK_EQ(tcb()->snd.mss, text_of(1280));
	CHECK_EQ(probe(&at), (uint32_t)full);
	arrives(ACK, .seq = 1, .ack = at);
	take_emitted();
	ssthresh = tcb()->ssthresh;
	for (int i = 0; i < 3; i++) {
		arrives(ACK, .seq = 1, .ack = at);
		take_emitted();
	}
	CHECK(!tcb()->in_recovery);
	CHECK(tcb()->ssthresh >= ssthresh);
	CHECK_EQ(tcb()->search->losses, 1);
}
