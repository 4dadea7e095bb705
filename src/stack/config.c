/* SPDX-License-Identifier: Apache-2.0
 *
 * Defaults of the configuration, and the ranges of its values.
 */
#include "stack/stack.h"

#include <string.h>

void weir_config_init(struct weir_config *config)
{
	memset(config, 0, sizeof(*config));
	config->sndbuf_bytes = 256 * 1024;
	config->rcvbuf_bytes = 256 * 1024;
	config->max_buffer_bytes = 16 * 1024 * 1024;
	config->max_sockets = 1048576;
	config->max_time_wait = 262144;
	config->max_neighbours = 1024;
	config->max_backlog = 4096;
	config->time_wait = weir_s(60); /* [9293 MUST-13] */
	config->fin_wait_2 = weir_s(60);
	config->min_rto = weir_ms(200);
	config->delayed_ack = weir_ms(40); /* [9293 MUST-40, SHLD-18] */
	config->syn_retries = 7;
	config->synack_retries = 5;
	config->user_timeout_least = weir_s(100); /* [5482 s3.1] */
	config->user_timeout_most = weir_s(3600);
	config->orphan_probes = 8;
	config->max_orphans = 65536;
	config->data_retries = 15; /* [9293 SHLD-11] 13 minutes and more */
	config->timestamps = true;
	config->window_scaling = true;
	config->sack = true;
	config->ecn = WEIR_ECN_ACCEPT;
	config->mtu_probing = true;
	config->ttl = 64; /* [9293 MUST-49] configurable */
	config->port_low = 32768;
	config->port_high = 60999;
	config->quick_acks = 8;
	config->syn_cookies = 1;
	config->gso_segments = 2;
	config->fast_open = 3;
	config->slow_start_after_silence = true;
	config->challenge_interval = weir_ms(500); /* [5961 s7] */
	config->reset_rate = 1000;
}

static bool duration_valid(weir_duration d, int64_t least_ns, weir_duration most)
{
	return d.ns >= least_ns && d.ns <= most.ns;
}

int stack_config_check(const struct weir_config *c)
{
	bool good = c->allocator.alloc && c->allocator.free;

	/* A ring holds at most 1 GiB: half the circle of sequence numbers, and RFC 7323's largest window. */
	good = good && c->max_buffer_bytes >= 1 && c->max_buffer_bytes <= UINT32_C(1) << 30;
	good = good && c->sndbuf_bytes >= 1 && c->sndbuf_bytes <= c->max_buffer_bytes;
	good = good && c->rcvbuf_bytes >= 1 && c->rcvbuf_bytes <= c->max_buffer_bytes;
	good = good && c->sndbuf_auto_max_bytes <= c->max_buffer_bytes;
	good = good && c->rcvbuf_auto_max_bytes <= c->max_buffer_bytes;
	good = good && c->max_sockets >= 1 && c->max_neighbours >= 1 && c->max_neighbours <= UINT16_MAX;
	good = good && duration_valid(c->time_wait, 0, weir_s(3600)) && duration_valid(c->fin_wait_2, 0, weir_s(86400));
	good = good && duration_valid(c->min_rto, 1, weir_s(60));
	good = good && duration_valid(c->delayed_ack, 0, weir_ms(500)); /* [9293 MUST-40] */
	good = good && duration_valid(c->challenge_interval, 0, weir_s(3600));
	good = good && c->reset_rate <= 1000000;
	good = good && c->ecn <= WEIR_ECN_ACCEPT_ACCURATE;
	good = good && duration_valid(c->user_timeout_most, 1, weir_s(UINT16_MAX));
	good = good && duration_valid(c->user_timeout_least, 0, c->user_timeout_most);
	good = good && c->min_window_shift <= 14; /* [7323 s2.3] */
	good = good && c->syn_cookies <= 2 && c->gso_segments >= 1 && c->gso_time.ns >= 0 &&
	       c->gso_time.ns <= WEIR_NS_PER_S;
	good = good && c->fast_open <= 31;
	good = good && c->ttl >= 1 && c->port_low > 1023 && c->port_low <= c->port_high;
	return good ? 0 : -WEIR_EINVAL;
}
