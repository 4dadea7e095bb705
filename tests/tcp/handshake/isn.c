/* SPDX-License-Identifier: Apache-2.0
 *
 * Initial sequence numbers: a clock plus a keyed function of the four-tuple [9293 MUST-8, MUST-9, SHLD-1; RFC 6528;
 * attacks R-1].
 */
#include "support/packet_test.h"

enum { PORTS = 1024 };

/* The ISN that a SYN from this port of the peer gets now; the attempt is forgotten again. */
static uint32_t isn_for(uint16_t port)
{
	uint32_t isn;

	arrives(SYN, .seq = 0, .mss = 1000, .port = port);
	isn = seq_raw(next_emitted()->seq);
	arrives(RST, .seq = 1, .port = port);
	return isn;
}

static void listen_with_real_numbers(uint8_t secret)
{
	config()->fixed_iss = false;
	config()->secret[0] ^= secret;
	listening();
}

/* [9293 MUST-8] About one every 4 microseconds. */
TEST(handshake, isn_of_one_pair_follows_the_clock)
{
	uint32_t first, second;

	listen_with_real_numbers(0);
	first = isn_for(41000);
	after_ms(1000);
	second = isn_for(41000);
	CHECK(second - first >= 249000 && second - first <= 251000);
	after_s(3600);
	first = second;
	second = isn_for(41000);
	CHECK(second - first >= 899900000u && second - first <= 900100000u);
}

/* [9293 SHLD-1] Between pairs nothing can be read off: the upper bits are spread evenly, steps are not constant. */
TEST(handshake, isns_of_different_pairs_are_unrelated)
{
	unsigned bucket[16] = {0};
	uint32_t last = 0, last_step = 0;
	double chi = 0;

	listen_with_real_numbers(0);
	for (unsigned i = 0; i < PORTS; i++) {
		uint32_t isn = isn_for((uint16_t)(20000 + i)), step = isn - last;

		CHECK(i < 2 || step != last_step);
		bucket[isn >> 28]++;
		last_step = step;
		last = isn;
	}
	for (unsigned i = 0; i < 16; i++) {
		double off = bucket[i] - PORTS / 16.0;

		chi += off * off / (PORTS / 16.0);
	}
	CHECK(chi < 45); /* 15 degrees of freedom: one in ten thousand is higher */
}

static uint32_t isn_under_secret(uint8_t secret)
{
	static struct host h;
	struct weir_endpoint ours = our_end(OUR_PORT), peer = peer_end(PEER_PORT);
	uint32_t isn;

	config()->fixed_iss = false;
	config()->secret[15] = secret;
	host_init(&h, config(), now());
	isn = seq_raw(tcp_isn(&h, &ours, &peer));
	host_deinit(&h);
	return isn;
}

/* [9293 MUST-9] The secret decides, in every bit of it. */
TEST(handshake, isn_depends_on_the_secret)
{
	uint32_t first = isn_under_secret(0);

	CHECK_EQ(isn_under_secret(0), first);
	for (unsigned bit = 0; bit < 8; bit++)
		CHECK(isn_under_secret((uint8_t)(1u << bit)) != first);
}

/* The active opener's numbers come from the same function. */
TEST(handshake, isn_of_an_active_open_follows_the_clock)
{
	uint32_t first;

	config()->fixed_iss = false;
	user_opens(OPEN_SPEC());
	first = seq_raw(next_emitted()->seq);
	user_closes();
	after_ms(1000);
	user_opens(OPEN_SPEC());
	CHECK(seq_raw(next_emitted()->seq) - first >= 249000);
	CHECK(seq_raw(last_emitted()->seq) - first <= 251000);
}
