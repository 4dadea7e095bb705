/* SPDX-License-Identifier: Apache-2.0
 *
 * Packet tests: a conversation between one stack, whole, and a peer made of hand-made packets, in virtual
 * time. Numbers are relative to the two initial sequence numbers; each test runs at three pairs of
 * these and over both families. See docs/HACKING.md for how to run one.
 *
 *	TEST(data_established, in_order_is_delivered)
 *	{
 *		established(.mss = 100);
 *		arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 50);
 *		readable(50);
 *		after_ms(40);
 *		emits(ACK, .seq = 1, .ack = 51);
 *	}
 *
 * Whatever the stack emits must be expected: a segment that nobody asked for fails the test at the next
 * event. After every event the invariants of all control blocks are checked, and every segment
 * emitted is checked for what always holds: checksums, no MSS without SYN, no larger text than agreed, timestamps where
 * agreed, the right edge of the window not moved left, the right bytes.
 */
#ifndef WEIR_TESTS_SUPPORT_PACKET_TEST_H
#define WEIR_TESTS_SUPPORT_PACKET_TEST_H

#include "support/test.h"

#include "sock/sock.h"
#include "tcp/internal.h"

#include <weir/weir.h>

/* Defaults are overridden by what a test names. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

enum {
	FIN = TCP_FIN,
	SYN = TCP_SYN,
	RST = TCP_RST,
	PSH = TCP_PSH,
	ACK = TCP_ACK,
	URG = TCP_URG,
	ECE = TCP_ECE,
	CWR = TCP_CWR
};

enum {
	ESTABLISHED = WEIR_TCP_ESTABLISHED,
	SYN_SENT = WEIR_TCP_SYN_SENT,
	SYN_RCVD = WEIR_TCP_SYN_RECEIVED,
	FIN_WAIT_1 = WEIR_TCP_FIN_WAIT_1,
	FIN_WAIT_2 = WEIR_TCP_FIN_WAIT_2,
	TIME_WAIT = WEIR_TCP_TIME_WAIT,
	CLOSED = WEIR_TCP_CLOSED,
	CLOSE_WAIT = WEIR_TCP_CLOSE_WAIT,
	LAST_ACK = WEIR_TCP_LAST_ACK,
	LISTEN = WEIR_TCP_LISTEN,
	CLOSING = WEIR_TCP_CLOSING,
};

enum { OUR_PORT = 5000, PEER_PORT = 40000, PEER_WINDOW = 60000, TEST_RQS = 10000, TEST_SQS = 65536 };

enum { NONE = -1, ANY = -2 };

extern const struct test_kind packet_test_kind;

#define TEST(group, name) TEST_OF_KIND(&packet_test_kind, group, name)

/* A block of a SACK option, relative as ACKs of its direction; end 0 = none. */
struct sack_spec {
	long long start, end;
};

/* One segment, arriving or expected. */
struct segment_spec {
	uint8_t flags;
	long long seq, ack; /* relative to the ISN of their side */
	uint32_t len;       /* text */
	int wnd;            /* the field, unscaled; expected: ANY */
	uint16_t up;
	int mss, wscale;          /* options; NONE = absent, expected: ANY */
	long long ts_val, ts_ecr; /* arriving: ANY = the peer's clock and our last value, when agreed */
	struct sack_spec sack[4]; /* in this order; expected: none named = any */
	bool no_sack;             /* expected: no block; arriving on a SYN: see open_spec.sack */
	bool no_ts;               /* arriving: leave the agreed timestamps out */
	bool absolute;            /* seq is absolute (RST for nothing) */
	uint16_t port;            /* the peer's; PEER_PORT */
	bool ae;                  /* the ninth flag */
	int ecn;                  /* of the IP header; expected: ANY */
	int user_timeout_s;       /* expected: 0 = none */
	const uint8_t *options;   /* raw, added behind the others */
	unsigned options_bytes;
	int fill; /* arriving: all text bytes are this one; ANY = the pattern */
};

/* How a connection comes about. */
struct open_spec {
	int mss, wscale;   /* the peer's options; NONE = absent */
	bool sack;         /* the peer permits it */
	bool timestamps;   /* the peer's */
	int wnd;           /* window field of the peer's segments */
	uint32_t sqs, rqs; /* our bounds */
	bool active;       /* we connect; else the peer does */
	bool quick_acks;   /* keep the first acknowledgements quick: otherwise already used up */
	bool no_delay;
	int backlog;
};

#define SEGMENT_ARRIVES(flag_bits, ...)                                                                                \
	(&(const struct segment_spec){.flags = (flag_bits),                                                            \
	                              .wnd = ANY,                                                                      \
	                              .mss = NONE,                                                                     \
	                              .wscale = NONE,                                                                  \
	                              .ts_val = ANY,                                                                   \
	                              .ts_ecr = ANY,                                                                   \
	                              .fill = ANY,                                                                     \
	                              .port = PEER_PORT,                                                               \
	                              ##__VA_ARGS__})
#define SEGMENT_EMITTED(flag_bits, ...)                                                                                \
	(&(const struct segment_spec){.flags = (flag_bits),                                                            \
	                              .wnd = ANY,                                                                      \
	                              .mss = ANY,                                                                      \
	                              .wscale = ANY,                                                                   \
	                              .ts_val = ANY,                                                                   \
	                              .ts_ecr = ANY,                                                                   \
	                              .ecn = ANY,                                                                      \
	                              .port = PEER_PORT,                                                               \
	                              ##__VA_ARGS__})
#define OPEN_SPEC(...)                                                                                                 \
	(&(const struct open_spec){.mss = 1000,                                                                        \
	                           .wscale = NONE,                                                                     \
	                           .wnd = PEER_WINDOW,                                                                 \
	                           .sqs = TEST_SQS,                                                                    \
	                           .rqs = TEST_RQS,                                                                    \
	                           .backlog = 5,                                                                       \
	                           ##__VA_ARGS__})

/* -- the wire */
#define arrives(flag_bits, ...) talk_arrives(__FILE__, __LINE__, SEGMENT_ARRIVES(flag_bits, ##__VA_ARGS__))
#define emits(flag_bits, ...) talk_emits(__FILE__, __LINE__, SEGMENT_EMITTED(flag_bits, ##__VA_ARGS__))
#define emits_nothing() talk_emits_nothing(__FILE__, __LINE__)

void talk_arrives(const char *file, int line, const struct segment_spec *spec);
void talk_emits(const char *file, int line, const struct segment_spec *spec);
void talk_emits_nothing(const char *file, int line);
/* Takes whatever was emitted; returns how many segments. */
unsigned take_emitted(void);
/* Its IP header. */
const struct wire_ip *last_ip(void);
/* How many segments have been emitted and not taken. */
unsigned talk_emitted(void);
/* The next emitted segment (taken), for a test that looks closer; fails when there is none. */
const struct tcp_segment *next_emitted(void);
/* The one that was taken last. */
const struct tcp_segment *last_emitted(void);
/* Arrivals until the end of the batch are handed in as one. */
void batch_begin(void);
void batch_end(void);
/* From here on numbers, bytes and timestamps of what is emitted are not checked: for random walks. */
void anything_goes(void);
/* One packet as it is. */
void arrives_raw(const uint8_t *packet, size_t len);
/* The packet that arrives() would make, to be spoilt; returns its length. */
#define make_packet(out, flag_bits, ...) talk_make_packet(out, SEGMENT_ARRIVES(flag_bits, ##__VA_ARGS__))
size_t talk_make_packet(uint8_t *out, const struct segment_spec *spec);
/* What the peer's clock says in TSval. */
void peer_clock(uint32_t ts_val);
/* An ICMP error about the last segment that we sent. */
void icmp_arrives(uint8_t type, uint8_t code, long long quoted_seq);
/* A router says that a packet of ours as large as the interface takes was too big for a link that carries mtu bytes. */
void icmp_too_big(long long quoted_seq, uint32_t mtu);

/* -- time */
void after_ns(long long ns);
void after_us(long long us);
void after_ms(long long ms);
void after_s(long long s);
/* When the last segment taken by emits() left, in ms since the test began. */
long long emitted_at_ms(void);
/* Runs until something is emitted or the limit passes; returns the milliseconds that took. Fails at the limit. */
long long ms_until_emitted(long long limit_ms);
weir_time now(void);

/* -- into a state; all leave nothing to be emitted. SND.NXT and RCV.NXT: 1, and 2 where a FIN has been sent or received
 */
void closed(void);
#define listening(...) talk_listening(OPEN_SPEC(__VA_ARGS__))
#define syn_sent(...) talk_syn_sent(OPEN_SPEC(__VA_ARGS__))
#define syn_received(...) talk_syn_received(OPEN_SPEC(__VA_ARGS__))
/* Both opened at once. */
#define syn_received_active(...) talk_syn_received_active(OPEN_SPEC(__VA_ARGS__))
#define established(...) talk_established(OPEN_SPEC(__VA_ARGS__))
#define fin_wait_1(...) talk_fin_wait_1(OPEN_SPEC(__VA_ARGS__))
#define fin_wait_2(...) talk_fin_wait_2(OPEN_SPEC(__VA_ARGS__))
#define close_wait(...) talk_close_wait(OPEN_SPEC(__VA_ARGS__))
#define closing(...) talk_closing(OPEN_SPEC(__VA_ARGS__))
#define last_ack(...) talk_last_ack(OPEN_SPEC(__VA_ARGS__))
#define time_wait(...) talk_time_wait(OPEN_SPEC(__VA_ARGS__))

void talk_listening(const struct open_spec *spec);
void talk_syn_sent(const struct open_spec *spec);
void talk_syn_received(const struct open_spec *spec);
void talk_syn_received_active(const struct open_spec *spec);
void talk_established(const struct open_spec *spec);
void talk_fin_wait_1(const struct open_spec *spec);
void talk_fin_wait_2(const struct open_spec *spec);
void talk_close_wait(const struct open_spec *spec);
void talk_closing(const struct open_spec *spec);
void talk_last_ack(const struct open_spec *spec);
void talk_time_wait(const struct open_spec *spec);

/* Ends this conversation, with the checks that end a test, and begins another. */
void start_again(void);

/* The configuration, to be changed before the first line of a conversation. */
struct weir_config *config(void);
/* MTU of the interface, likewise. */
void mtu_is(uint16_t bytes);

/* -- the program */
/* A socket of ours binds OUR_PORT and connects to the peer. */
void user_opens(const struct open_spec *spec);
void user_listens(const struct open_spec *spec);
int user_connects(void);
/* Takes the connection off the accept list: it becomes the socket of this conversation. */
void user_accepts(void);
int user_accept_result(void);
/* All n bytes go into SendQ. */
void user_send(uint32_t n);
int64_t user_send_result(uint32_t n);
/* WEIR_MSG_MORE, WEIR_MSG_EOR */
void user_send_with(uint32_t n, unsigned flags);
/* A read with a buffer this large gives exactly n bytes, the right ones. */
void user_reads(uint32_t n);
void user_reads_up_to(uint32_t buffer_bytes, uint32_t n);
int64_t user_read_result(void *buffer, uint32_t n);
void user_reads_end(void);
void user_shuts(enum weir_shutdown_how how);
void user_closes(void);
void user_closes_listener(void);
void user_aborts(void);
void user_sets(int level, int name, int value);
/* TCP_CONGESTION */
void user_chooses(const char *algorithm);
/* SO_LINGER {on, 0} */
void user_sets_linger_zero(void);

enum { LEVEL_SOCKET = 1, LEVEL_TCP = 6 };
enum { OPT_REUSEADDR = 2, OPT_ERROR = 4, OPT_SNDBUF = 7, OPT_RCVBUF = 8, OPT_KEEPALIVE = 9, OPT_LINGER = 13 };
enum {
	OPT_NODELAY = 1,
	OPT_MAXSEG = 2,
	OPT_CORK = 3,
	OPT_KEEPIDLE = 4,
	OPT_KEEPINTVL = 5,
	OPT_KEEPCNT = 6,
	OPT_SYNCNT = 7,
	OPT_USER_TIMEOUT = 18
};

/* -- looking */
#define state_is(state) talk_state_is(__FILE__, __LINE__, (int)(state))
#define readable(n) talk_number(__FILE__, __LINE__, "RecvQ", (long long)info().recvq_bytes, (n))
#define sendq_is(n) talk_number(__FILE__, __LINE__, "SendQ", (long long)info().sendq_bytes, (n))
#define error_is(n) talk_number(__FILE__, __LINE__, "pending error", (long long)info().error, (n))
/* No structure of the connection is left. */
#define gone() talk_gone(__FILE__, __LINE__)
#define counter_is(name, n) talk_number(__FILE__, __LINE__, "counter " #name, counter_value(drop_##name), (n))
void talk_state_is(const char *file, int line, int state);
void talk_number(const char *file, int line, const char *what, long long actual, long long expected);
void talk_gone(const char *file, int line);
long long counter_value(enum drop name);
/* Of the conversation's connection (LISTEN: the listener's); all zero with state CLOSED when there is none. */
struct weir_socket_info info(void);
struct weir_socket_info listener_info(void);
/* The connection's control block; fails when there is none. */
struct tcb *tcb(void);
struct weir_stack *stack(void);
struct weir_socket *sock(void);
bool has_sock(void);
bool has_listener(void);
struct weir_socket *listener(void);
bool over_ipv6(void);
/* Relative numbers of the conversation. */
long long relative_seq(seq_t seq);
long long relative_ack(seq_t ack);
uint32_t our_isn(void);
uint32_t peer_isn(void);
/* From here on our numbers are relative to this one. */
void our_isn_is(uint32_t iss);
struct weir_endpoint our_end(uint16_t port);
struct weir_endpoint peer_end(uint16_t port);

#endif
