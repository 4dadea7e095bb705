/* SPDX-License-Identifier: Apache-2.0
 *
 * The program's side of a packet test: socket calls, and looking at what they changed.
 */
#include "support/talk.h"

#include <string.h>

enum { IO_MAX = 1 << 20 };

static uint8_t buffer[IO_MAX];

static void note_result(const char *call, long long result)
{
	talk_note("   %s = %lld", call, result);
	talk_settle();
}

struct weir_socket *sock(void)
{
	CHECK(talk.sock != NULL);
	return talk.sock;
}

bool has_listener(void)
{
	return talk.listener != NULL;
}

bool has_sock(void)
{
	return talk.sock != NULL;
}

struct weir_socket *listener(void)
{
	CHECK(talk.listener != NULL);
	return talk.listener;
}

static void set_option(struct weir_socket *s, int level, int name, int value)
{
	CHECK_EQ(weir_setsockopt(s, level, name, &value, sizeof(value)), 0);
}

static struct weir_socket *new_socket(const struct open_spec *spec)
{
	struct weir_endpoint ours = our_end(OUR_PORT);
	struct weir_socket *s;

	talk_start();
	CHECK_EQ(weir_socket_new(talk.stack, talk.v6 ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &s), 0);
	set_option(s, LEVEL_SOCKET, OPT_SNDBUF, (int)spec->sqs);
	set_option(s, LEVEL_SOCKET, OPT_RCVBUF, (int)spec->rqs);
	set_option(s, LEVEL_TCP, OPT_NODELAY, spec->no_delay);
	CHECK_EQ(weir_bind(s, &ours), 0);
	return s;
}

void user_listens(const struct open_spec *spec)
{
	talk.spec = *spec;
	talk.peer_wnd = spec->wnd;
	talk.listener = new_socket(spec);
	CHECK_EQ(weir_listen(talk.listener, spec->backlog), 0);
	note_result("listen()", 0);
}

static int connect_again(void)
{
	struct weir_endpoint peer = peer_end(PEER_PORT);
	int result;

	weir_stack_now(talk.stack, talk.now);
	result = weir_connect(talk.sock, &peer);
	note_result("connect()", result);
	return result;
}

int user_connects(void)
{
	return connect_again();
}

void user_opens(const struct open_spec *spec)
{
	talk.spec = *spec;
	talk.peer_wnd = spec->wnd;
	talk.sock = new_socket(spec);
	CHECK_EQ(connect_again(), -WEIR_EINPROGRESS);
}

int user_accept_result(void)
{
	struct weir_socket *s;
	int result = weir_accept(listener(), &s);

	if (result == 0)
		talk.sock = s;
	note_result("accept()", result);
	return result;
}

void user_accepts(void)
{
	CHECK_EQ(user_accept_result(), 0);
}

static int64_t send_with(uint32_t n, unsigned flags)
{
	struct weir_slice vec = {buffer, n};
	int64_t result;

	CHECK(n <= IO_MAX);
	for (uint32_t i = 0; i < n; i++)
		buffer[i] = talk_pattern(talk.sent_bytes + i);
	weir_stack_now(talk.stack, talk.now);
	result = weir_send(sock(), &vec, 1, flags);
	if (result > 0)
		talk.sent_bytes += (uint64_t)result;
	note_result("send()", result);
	return result;
}

int64_t user_send_result(uint32_t n)
{
	return send_with(n, 0);
}

void user_send_with(uint32_t n, unsigned flags)
{
	talk_nothing_left(__FILE__, __LINE__);
	CHECK_EQ(send_with(n, flags), n);
}

void user_send(uint32_t n)
{
	talk_nothing_left(__FILE__, __LINE__);
	CHECK_EQ(user_send_result(n), n);
}

int64_t user_read_result(void *out, uint32_t n)
{
	int64_t result;

	weir_stack_now(talk.stack, talk.now);
	result = weir_recv(sock(), out, n, 0);
	note_result("recv()", result);
	return result;
}

void user_reads_up_to(uint32_t buffer_bytes, uint32_t n)
{
	CHECK(buffer_bytes <= IO_MAX);
	talk_nothing_left(__FILE__, __LINE__);
	memset(buffer, 0, n);
	CHECK_EQ(user_read_result(buffer, buffer_bytes), n);
	for (uint32_t i = 0; i < n; i++)
		if (buffer[i] != talk_pattern(talk.read_bytes + i))
			test_fail(__FILE__, __LINE__, "byte %u of what was read is wrong", i);
	talk.read_bytes += n;
}

void user_reads(uint32_t n)
{
	user_reads_up_to(n, n);
}

void user_reads_end(void)
{
	CHECK_EQ(user_read_result(buffer, sizeof(buffer)), 0);
}

void user_shuts(enum weir_shutdown_how how)
{
	int result;

	weir_stack_now(talk.stack, talk.now);
	result = weir_shutdown(sock(), how);
	note_result("shutdown()", result);
	CHECK_EQ(result, 0);
}

void user_closes(void)
{
	weir_stack_now(talk.stack, talk.now);
	weir_close(sock());
	talk.sock = NULL;
	note_result("close()", 0);
}

void user_closes_listener(void)
{
	weir_stack_now(talk.stack, talk.now);
	weir_close(listener());
	talk.listener = NULL;
	note_result("close() of the listener", 0);
}

void user_aborts(void)
{
	weir_stack_now(talk.stack, talk.now);
	weir_abort(sock());
	talk.sock = NULL;
	note_result("abort()", 0);
}

void user_sets(int level, int name, int value)
{
	weir_stack_now(talk.stack, talk.now);
	set_option(sock(), level, name, value);
	note_result("setsockopt()", 0);
}

void user_chooses(const char *algorithm)
{
	enum { OPT_CONGESTION = 13 };

	CHECK_EQ(weir_setsockopt(sock(), LEVEL_TCP, OPT_CONGESTION, algorithm, (uint32_t)strlen(algorithm)), 0);
	note_result("setsockopt(TCP_CONGESTION)", 0);
}

void user_sets_linger_zero(void)
{
	const int linger[2] = {1, 0};

	CHECK_EQ(weir_setsockopt(sock(), LEVEL_SOCKET, OPT_LINGER, linger, sizeof(linger)), 0);
	note_result("setsockopt(SO_LINGER)", 0);
}

/* -- looking */

static struct weir_socket *find_connection(void)
{
	list_each (node, &talk.table->all) {
		struct weir_socket *s = weir_container(node, struct weir_socket, all_link);

		if (s->kind == SOCK_CONNECTION && s->remote.port == PEER_PORT && s->local.port == OUR_PORT)
			return s;
	}
	return NULL;
}

struct tcb *tcb(void)
{
	struct weir_socket *s = talk.sock && talk.sock->kind == SOCK_CONNECTION ? talk.sock : find_connection();

	CHECK(s != NULL);
	return &s->u.tcb;
}

struct weir_socket_info listener_info(void)
{
	struct weir_socket_info found;

	weir_socket_get_info(listener(), &found);
	return found;
}

struct weir_socket_info info(void)
{
	struct weir_socket_info found = {.state = WEIR_TCP_CLOSED};
	struct weir_socket *s;

	talk_start();
	s = talk.sock ? talk.sock : find_connection();
	if (s)
		weir_socket_get_info(s, &found);
	else if (talk.listener)
		found = listener_info();
	return found;
}

void talk_state_is(const char *file, int line, int state)
{
	enum weir_tcp_state actual = info().state;

	if ((int)actual != state)
		test_fail(file, line, "expected state %s\nis             %s",
		          weir_tcp_state_name((enum weir_tcp_state)state), weir_tcp_state_name(actual));
}

void talk_number(const char *file, int line, const char *what, long long actual, long long expected)
{
	if (actual != expected)
		test_fail(file, line, "%s: expected %lld, is %lld", what, expected, actual);
}

void talk_gone(const char *file, int line)
{
	if (find_connection())
		test_fail(file, line, "expected no structure of the connection, there is one in %s",
		          weir_tcp_state_name((enum weir_tcp_state)find_connection()->u.tcb.state));
}

long long counter_value(enum drop name)
{
	const char *wanted = drop_name(name), *found;

	talk_start();
	for (unsigned i = 0; (found = weir_counter_name(i)) != NULL; i++)
		if (strcmp(found, wanted) == 0)
			return (long long)weir_counter(talk.stack, i);
	test_fail(__FILE__, __LINE__, "no counter is called %s", wanted);
}
