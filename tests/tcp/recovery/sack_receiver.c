/* SPDX-License-Identifier: Apache-2.0
 *
 * What the receiver tells: SACK blocks [2018 s3, s4] and duplicates [2883 s4].
 */
#include "support/packet_test.h"

TEST(sack_receiver, gap_is_told)
{
	established(.sack = true);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	arrives(ACK, .seq = 201, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 301}});
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 301, .no_sack = true);
	user_reads(300);
}

/* [2018 s4] The block that changed last is first; the others follow in the order of their last change. */
TEST(sack_receiver, latest_change_is_first)
{
	established(.sack = true);
	arrives(ACK, .seq = 501, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{501, 601}});
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}, {501, 601}});
	arrives(ACK, .seq = 301, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{301, 401}, {101, 201}, {501, 601}});
	arrives(ACK, .seq = 601, .ack = 1, .len = 50);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{501, 651}, {301, 401}, {101, 201}});
	arrives(ACK, .seq = 201, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}, {501, 651}});
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 401, .sack = {{501, 651}});
}

/* Four blocks fit; with timestamps three do [2018 s3]. */
TEST(sack_receiver, at_most_four_blocks)
{
	established(.sack = true);
	for (int i = 0; i < 6; i++) {
		arrives(ACK, .seq = 101 + 200 * i, .ack = 1, .len = 100);
		if (i < 5)
			CHECK_EQ(next_emitted()->opt.sack_blocks, i < 4 ? i + 1 : 4);
	}
	emits(ACK, .seq = 1, .ack = 1, .sack = {{1101, 1201}, {901, 1001}, {701, 801}, {501, 601}});
}

TEST(sack_receiver, at_most_three_blocks_with_timestamps)
{
	established(.sack = true, .timestamps = true);
	for (int i = 0; i < 5; i++) {
		arrives(ACK, .seq = 101 + 200 * i, .ack = 1, .len = 100);
		if (i < 4)
			next_emitted();
	}
	emits(ACK, .seq = 1, .ack = 1, .sack = {{901, 1001}, {701, 801}, {501, 601}});
}

TEST(sack_receiver, nothing_without_permission)
{
	established();
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .no_sack = true);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .no_sack = true);
}

/* [2018 s3] Data of ours carries blocks too; the segment stays as large as agreed, options included. */
TEST(sack_receiver, data_carries_blocks_within_the_segment_size)
{
	established(.sack = true, .mss = 100);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 201}});
	user_send(150);
	emits(ACK, .seq = 1, .ack = 1, .len = 88, .sack = {{101, 201}});
	arrives(ACK, .seq = 1, .ack = 89);
	emits(ACK | PSH, .seq = 89, .ack = 1, .len = 62, .sack = {{101, 201}});
}

/* [2883 s4.1.1] A segment that has been acknowledged: told once. */
TEST(sack_receiver, duplicate_of_old_data_is_told_once)
{
	established(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1, .len = 200);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 201, .no_sack = true);
	arrives(ACK, .seq = 101, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 201, .sack = {{101, 201}});
	arrives(ACK, .seq = 301, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 201, .sack = {{301, 401}});
}

/* [2883 s4.1.2] A duplicate while there is a gap: its block first, then the gap's. */
TEST(sack_receiver, duplicate_of_old_data_before_the_blocks)
{
	established(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	arrives(ACK, .seq = 201, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 101, .sack = {{201, 301}});
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 101, .sack = {{1, 101}, {201, 301}});
}

/* [2883 s4.1.3] A duplicate ahead of the gap: itself, then the block that holds it. */
TEST(sack_receiver, duplicate_ahead_names_its_block)
{
	established(.sack = true);
	arrives(ACK, .seq = 101, .ack = 1, .len = 300);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{101, 401}});
	arrives(ACK, .seq = 201, .ack = 1, .len = 100);
	emits(ACK, .seq = 1, .ack = 1, .sack = {{201, 301}, {101, 401}});
}

/* [2883 s4.2] Only a part of it is a duplicate. */
TEST(sack_receiver, duplicate_part_is_told)
{
	established(.sack = true);
	arrives(ACK, .seq = 1, .ack = 1, .len = 100);
	after_ms(40);
	take_emitted();
	arrives(ACK, .seq = 51, .ack = 1, .len = 100);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 151, .sack = {{51, 101}});
	user_reads(150);
}

/* No text, no duplicate: a keep-alive probe is answered without a block. */
/* What has no ACK bit is nothing: it is not told either. */
TEST(sack_receiver, duplicate_without_ack_is_not_told)
{
	established(.sack = true);
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 100);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 101);
	arrives(0, .seq = 51, .len = 100);
	arrives(ACK | PSH, .seq = 101, .ack = 1, .len = 100);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 201, .no_sack = true);
}

TEST(sack_receiver, probe_is_no_duplicate)
{
	established(.sack = true);
	arrives(ACK, .seq = 0, .ack = 1);
	emits(ACK, .seq = 1, .ack = 1, .no_sack = true);
}
