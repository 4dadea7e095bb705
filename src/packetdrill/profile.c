/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two families of public scripts presume, as ordinary configuration of the stack; and settings by the names
 * that Linux and FreeBSD have for them.
 */
#include "packetdrill/adapter.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void profile_configure(const struct adapter_flags *flags, struct weir_config *config)
{
	weir_config_init(config);
	if (flags->profile == PROFILE_LINUX) {
		config->min_window_shift = 8;
		config->gso_time = weir_us(977);
		config->mtu_probing = false;
		return;
	}
	config->rcvbuf_bytes = 65536;
	config->sndbuf_bytes = 32768;
	config->max_buffer_bytes = 2 * 1024 * 1024;
	config->min_window_shift = 6; /* what a buffer of that size needs */
	config->min_rto = weir_ms(230);
	config->quick_acks = 0;
	config->bsd_syn_options = true;
	config->eager_window = true;
	config->challenge_interval = weir_ms(0);
}

enum unit {
	TRUTH,
	COUNT,
	BYTES,
	HALF_BYTES,
	SECONDS,
	MILLISECONDS,
	TWICE_MILLISECONDS,
	MICROSECONDS,
	FAST_OPEN,
	BSD_ECN,
	BSD_SHIFT
};

/* One of the numbers of a setting, and the field that it goes to. */
struct setting {
	const char *name;
	uint8_t number; /* which of them, from 0 */
	uint8_t unit;
	uint8_t bytes; /* of the field */
	uint16_t offset;
	uint64_t low, high; /* in the field; else the setting is passed over */
};

#define FIELD(field) sizeof(((struct weir_config *)0)->field), offsetof(struct weir_config, field)
#define BUFFER 1, UINT32_C(1) << 30
#define RETRIES 0, 127
#define ANY_TRUTH 0, 1
#define UP_TO_S(s) 1, (uint64_t)(s)*1000000000

static const struct setting settings[] = {
    {"net.ipv4.tcp_timestamps", 0, TRUTH, FIELD(timestamps), ANY_TRUTH},
    {"net.ipv4.tcp_window_scaling", 0, TRUTH, FIELD(window_scaling), ANY_TRUTH},
    {"net.ipv4.tcp_mtu_probing", 0, TRUTH, FIELD(mtu_probing), ANY_TRUTH},
    {"net.ipv4.tcp_ecn", 0, COUNT, FIELD(ecn), WEIR_ECN_OFF, WEIR_ECN_ACCEPT_ACCURATE},
    {"net.ipv4.tcp_rmem", 1, HALF_BYTES, FIELD(rcvbuf_bytes), BUFFER},
    {"net.ipv4.tcp_wmem", 1, BYTES, FIELD(sndbuf_bytes), BUFFER},
    {"net.ipv4.tcp_syn_retries", 0, COUNT, FIELD(syn_retries), RETRIES},
    {"net.ipv4.tcp_synack_retries", 0, COUNT, FIELD(synack_retries), RETRIES},
    {"net.ipv4.tcp_fastopen", 0, FAST_OPEN, FIELD(fast_open), 0, 31},
    {"net.ipv4.tcp_syncookies", 0, COUNT, FIELD(syn_cookies), 0, 2},
    {"net.ipv4.tcp_retries2", 0, COUNT, FIELD(data_retries), RETRIES},
    {"net.ipv4.tcp_slow_start_after_idle", 0, TRUTH, FIELD(slow_start_after_silence), ANY_TRUTH},
    {"net.ipv4.tcp_min_tso_segs", 0, COUNT, FIELD(gso_segments), 1, 255},
    {"net.ipv4.tcp_fin_timeout", 0, SECONDS, FIELD(fin_wait_2), UP_TO_S(86400)},
    {"net.ipv4.tcp_rto_min_us", 0, MICROSECONDS, FIELD(min_rto), UP_TO_S(60)},
    {"net.ipv4.tcp_max_tw_buckets", 0, COUNT, FIELD(max_time_wait), 0, UINT32_MAX},
    {"net.ipv4.ip_default_ttl", 0, COUNT, FIELD(ttl), 1, 255},
    {"net.ipv4.ip_local_port_range", 0, COUNT, FIELD(port_low), 1024, 65535},
    {"net.ipv4.ip_local_port_range", 1, COUNT, FIELD(port_high), 1024, 65535},
    {"net.core.somaxconn", 0, COUNT, FIELD(max_backlog), 0, UINT32_MAX},
    {"net.inet.tcp.rfc1323", 0, TRUTH, FIELD(timestamps), ANY_TRUTH},
    {"net.inet.tcp.rfc1323", 0, TRUTH, FIELD(window_scaling), ANY_TRUTH},
    {"net.inet.tcp.sack.enable", 0, TRUTH, FIELD(sack), ANY_TRUTH},
    {"net.inet.tcp.ecn.enable", 0, BSD_ECN, FIELD(ecn), WEIR_ECN_OFF, WEIR_ECN_ACCEPT_ACCURATE},
    {"net.inet.tcp.recvspace", 0, BYTES, FIELD(rcvbuf_bytes), BUFFER},
    {"net.inet.tcp.sendspace", 0, BYTES, FIELD(sndbuf_bytes), BUFFER},
    {"net.inet.tcp.syncache.rexmtlimit", 0, COUNT, FIELD(synack_retries), RETRIES},
    {"net.inet.tcp.msl", 0, TWICE_MILLISECONDS, FIELD(time_wait), UP_TO_S(3600)},
    {"net.inet.tcp.finwait2_timeout", 0, MILLISECONDS, FIELD(fin_wait_2), UP_TO_S(86400)},
    {"net.inet.tcp.rexmit_min", 0, MILLISECONDS, FIELD(min_rto), UP_TO_S(60)},
    {"net.inet.tcp.delacktime", 0, MILLISECONDS, FIELD(delayed_ack), 0, 500000000},
    {"net.inet.ip.ttl", 0, COUNT, FIELD(ttl), 1, 255},
    {"net.inet.ip.portrange.first", 0, COUNT, FIELD(port_low), 1024, 65535},
    {"net.inet.ip.portrange.last", 0, COUNT, FIELD(port_high), 1024, 65535},
    {"kern.ipc.maxsockbuf", 0, BSD_SHIFT, FIELD(min_window_shift), 0, 14},
    {"kern.ipc.maxsockbuf", 0, BYTES, FIELD(max_buffer_bytes), BUFFER},
    {"kern.ipc.somaxconn", 0, COUNT, FIELD(max_backlog), 0, UINT32_MAX},
};

static uint64_t shift_for(uint64_t bytes)
{
	uint64_t shift = 0;

	while (shift < 14 && UINT64_C(65535) << shift < bytes)
		shift++;
	return shift;
}

static uint64_t in_units(uint64_t value, enum unit unit)
{
	switch (unit) {
	case TRUTH:
		return value != 0;
	case FAST_OPEN: /* without asking, without a cookie: the kernel's bits are higher */
		return (value & 3) | (value & 0x400 ? 4 : 0) | (value & 0x200 ? 8 : 0) | (value & 4 ? 16 : 0);
	case BSD_SHIFT: /* what the largest buffer needs */
		return shift_for(value);
	case BSD_ECN: /* off, ask and grant, grant; the same with accurate feedback */
		return value == 4 ? (uint64_t)WEIR_ECN_ACCEPT_ACCURATE : value;
	case HALF_BYTES: /* the kernel's number counts the bookkeeping as well */
		return value / 2;
	case SECONDS:
		return value * 1000000000;
	case MILLISECONDS:
		return value * 1000000;
	case TWICE_MILLISECONDS:
		return value * 2000000;
	case MICROSECONDS:
		return value * 1000;
	default:
		return value;
	}
}

static void store(struct weir_config *config, const struct setting *s, uint64_t value)
{
	void *field = (uint8_t *)config + s->offset;

	switch (s->bytes) {
	case 1:
		memcpy(field, &(uint8_t){(uint8_t)value}, 1);
		break;
	case 2:
		memcpy(field, &(uint16_t){(uint16_t)value}, 2);
		break;
	case 4:
		memcpy(field, &(uint32_t){(uint32_t)value}, 4);
		break;
	default:
		memcpy(field, &value, 8);
	}
}

static bool take(struct weir_config *config, const struct setting *s, const char *value)
{
	uint64_t number = 0;

	for (unsigned i = 0; i <= s->number; i++) {
		char *end;

		number = strtoull(value, &end, 0);
		if (end == value || number > UINT32_MAX)
			return false;
		value = end;
	}
	number = in_units(number, (enum unit)s->unit);
	if (number < s->low || number > s->high)
		return false;
	store(config, s, number);
	return true;
}

/* Four numbers of 32 bits, the lowest byte first. */
static bool take_key(uint8_t key[16], const char *value)
{
	uint32_t word[4];

	if (sscanf(value, "%8" SCNx32 "-%8" SCNx32 "-%8" SCNx32 "-%8" SCNx32, &word[0], &word[1], &word[2], &word[3]) !=
	    4)
		return false;
	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)(word[i / 4] >> 8 * (i % 4));
	return true;
}

bool profile_set(struct weir_config *config, const char *name, const char *value)
{
	bool taken = false;

	if (strcmp(name, "net.ipv4.tcp_fastopen_key") == 0)
		return take_key(config->fast_open_key, value);

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].name, name) == 0)
			taken |= take(config, &settings[i], value);
	}
	return taken;
}
