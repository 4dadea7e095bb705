/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact queues and close() that waits, as the world sees them: questions of room, what is lent, and nonsense.
 */
#include "world_fixture.h"

#include "world/world.h"

#include <weir/error.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER = 100, CLIENT = 200, SQS = 300, RQS = 500 };

struct pair {
	struct fixture f;
	int on_a, on_b, listener, client, server;
	struct world_accepted accepted;
};

static int exact_program_on(struct fixture *f, const char *host)
{
	struct world_request hello = {.kind = WORLD_HELLO, .flags = WORLD_EXACT, .hello = {.version = WORLD_PROTOCOL}};
	int control = dial(f);

	snprintf(hello.hello.host, sizeof(hello.hello.host), "%s", host);
	assert_int_equal(ask(f, control, hello).result, 0);
	return control;
}

static void set_size(struct pair *p, int control, uint64_t id, int name, int size)
{
	struct world_request request = {
	    .kind = WORLD_SETSOCKOPT, .id = id, .option = {.level = SOL_SOCKET, .name = name, .len = sizeof(size)}};

	memcpy(request.option.value, &size, sizeof(size));
	assert_int_equal(ask(&p->f, control, request).result, 0);
}

/* A client with SQS, a server with RQS. */
static void establish(struct pair *p)
{
	fixture_up(&p->f, weir_ms(0));
	p->on_a = exact_program_on(&p->f, "a");
	p->on_b = exact_program_on(&p->f, "b");
	p->listener = new_socket(&p->f, p->on_a, SERVER, AF_INET);
	set_size(p, p->on_a, SERVER, SO_RCVBUF, RQS);
	ask(&p->f, p->on_a, (struct world_request){.kind = WORLD_BIND, .id = SERVER, .end = at("0.0.0.0", 80)});
	ask(&p->f, p->on_a, (struct world_request){.kind = WORLD_LISTEN, .id = SERVER, .number = 5});
	p->client = new_socket(&p->f, p->on_b, CLIENT, AF_INET);
	set_size(p, p->on_b, CLIENT, SO_SNDBUF, SQS);
	assert_int_equal(ask(&p->f, p->on_b,
	                     (struct world_request){
	                         .kind = WORLD_CONNECT, .flags = WORLD_WAIT, .id = CLIENT, .end = at("10.0.0.1", 80)})
	                     .result,
	                 0);
	p->server = take_accepted(p->listener, &p->accepted);
	settle(&p->f);
}

static void finish(struct pair *p)
{
	close(p->client);
	close(p->server);
	close(p->listener);
	close(p->on_a);
	close(p->on_b);
	settle(&p->f);
	assert_int_equal(p->f.world->stream_count, 0);
	assert_int_equal(p->f.world->program_count, 0);
	fixture_down(&p->f);
}

static struct world_reply ask_room(struct pair *p, uint64_t bytes, uint32_t flags)
{
	return ask(&p->f, p->on_b,
	           (struct world_request){.kind = WORLD_SEND, .flags = flags, .id = CLIENT, .bytes = bytes});
}

/* The client writes n bytes that it was allowed. */
static void write_bytes(struct pair *p, size_t n)
{
	static const char bytes[SQS + RQS];

	assert_int_equal(send(p->client, bytes, n, MSG_DONTWAIT), n);
	settle(&p->f);
}

/* The server reads n bytes and says so. */
static void read_bytes(struct pair *p, size_t n)
{
	char bytes[SQS + RQS];

	assert_int_equal(recv(p->server, bytes, n, MSG_DONTWAIT), n);
	post(&p->f, p->on_a, (struct world_request){.kind = WORLD_READ, .id = p->accepted.id}, -1);
	settle(&p->f);
}

/* A reply that has come late: how many bytes it allows, or -1 when none has come. */
static int64_t late_reply(struct pair *p, int control)
{
	struct world_reply reply;

	settle(&p->f);
	if (recv(control, &reply, sizeof(reply), MSG_DONTWAIT) != (ssize_t)sizeof(reply))
		return -1;
	return reply.result != 0 ? reply.result : (int64_t)reply.bytes;
}

static void fill_both_queues(struct pair *p)
{
	for (size_t left = SQS + RQS; left > 0;) {
		struct world_reply reply = ask_room(p, left, WORLD_BEGIN | WORLD_WAIT);

		assert_int_equal(reply.result, 0);
		assert_in_range(reply.bytes, 1, SQS);
		write_bytes(p, (size_t)reply.bytes);
		pass(&p->f, weir_s(2)); /* small windows take their time */
		left -= (size_t)reply.bytes;
	}
}

static void post_question(struct pair *p, uint64_t bytes)
{
	struct world_request request = {.kind = WORLD_SEND, .flags = WORLD_WAIT, .id = CLIENT, .bytes = bytes};

	assert_int_equal(send(p->on_b, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	settle(&p->f);
}

/* T3.2: SQS + RQS bytes can be written, and not one more until some are read. */
static void room_is_exact(void **state)
{
	struct pair p;

	(void)state;
	establish(&p);
	fill_both_queues(&p);
	post_question(&p, 1);
	pass(&p.f, weir_s(10));
	assert_int_equal(late_reply(&p, p.on_b), -1);
	read_bytes(&p, RQS);
	pass(&p.f, weir_s(2));
	assert_int_equal(late_reply(&p, p.on_b), 1);
	write_bytes(&p, 1);
	finish(&p);
}

/* What has not been read keeps its place in RecvQ, to the byte, though the kernel has it too. */
static void what_is_not_read_stays_in_recvq(void **state)
{
	struct pair p;

	(void)state;
	establish(&p);
	fill_both_queues(&p);
	read_bytes(&p, 1);
	assert_non_null(strstr(look(&p.f, "{\"view\":\"sockets\",\"host\":\"a\"}\n"),
	                       "\"recvq\":{\"bytes\":499,\"limit\":500,\"hidden\":0,\"exact\":true}"));
	finish(&p);
}

/* A write that may not wait and leaves no room: what was allowed arrives, what fills A does not, and A is not writable
 * until there is room. */
static void non_blocking_writer_sees_a_full_sendq(void **state)
{
	static const char zeros[65536];
	struct world_request filled = {.kind = WORLD_FILLED, .id = CLIENT};
	struct world_reply reply;
	struct pair p;
	ssize_t n;

	(void)state;
	establish(&p);
	fill_both_queues(&p);
	read_bytes(&p, RQS);
	pass(&p.f, weir_s(2)); /* SendQ is empty, RecvQ has SQS bytes */
	reply = ask_room(&p, 1000, WORLD_BEGIN);
	assert_int_equal(reply.bytes, SQS);
	assert_int_equal(reply.flags, WORLD_FILL);
	assert_int_equal(send(p.client, zeros, SQS, MSG_DONTWAIT), SQS);
	while ((n = send(p.client, zeros, sizeof(zeros), MSG_DONTWAIT)) > 0)
		filled.number += (int32_t)n;
	settle(&p.f);
	post(&p.f, p.on_b, filled, -1);
	settle(&p.f);
	assert_int_equal(events_of(p.client), 0);
	pass(&p.f, weir_s(2)); /* 200 move on: there is room */
	assert_int_equal(events_of(p.client), POLLOUT);
	reply = ask_room(&p, 1000, WORLD_BEGIN);
	assert_int_equal(reply.flags, WORLD_FILL);
	assert_int_equal(reply.bytes, RQS - SQS);
	filled.number = 0;
	assert_int_equal(send(p.client, zeros, RQS - SQS, MSG_DONTWAIT), RQS - SQS);
	while ((n = send(p.client, zeros, sizeof(zeros), MSG_DONTWAIT)) > 0)
		filled.number += (int32_t)n;
	post(&p.f, p.on_b, filled, -1);
	settle(&p.f);
	assert_int_equal(events_of(p.client), 0);
	read_bytes(&p, RQS);
	pass(&p.f, weir_s(2));
	assert_int_equal(events_of(p.client), POLLOUT);
	read_bytes(&p, SQS);
	pass(&p.f, weir_s(2));
	assert_int_equal(recv(p.server, &reply, 1, MSG_DONTWAIT), -1); /* nothing of what filled A */
	finish(&p);
}

/* Numbers that no program would send change nothing that they should not. */
static void nonsense_is_survived(void **state)
{
	struct world_request unused = {.kind = WORLD_UNUSED, .id = CLIENT, .bytes = UINT64_MAX};
	struct world_request linger = {
	    .kind = WORLD_LINGER, .id = 12345, .linger = {.socket = UINT64_MAX, .ns = INT64_MAX}};
	struct pair p;

	(void)state;
	establish(&p);
	assert_int_equal(ask_room(&p, UINT64_MAX, WORLD_BEGIN | WORLD_WAIT).bytes, SQS);
	post(&p.f, p.on_b, unused, -1);
	assert_int_equal(ask_room(&p, UINT64_MAX - 1, WORLD_WAIT).bytes, SQS);
	post(&p.f, p.on_b, unused, -1);
	assert_int_not_equal(ask_room(&p, 0, 0).result, 0);
	assert_int_equal(ask(&p.f, p.on_b, linger).result, 0); /* such a socket is not closing */
	linger.linger.socket = 0;
	assert_int_equal(ask(&p.f, p.on_b, linger).result, -WEIR_ENOTCONN);
	fill_both_queues(&p);
	post_question(&p, UINT64_MAX);
	post_question(&p, 1); /* the first question is forgotten */
	assert_int_equal(late_reply(&p, p.on_b), -1);
	finish(&p); /* while the second one waits */
}

/* The peer's reset ends the wait; then the program's own call tells why. */
static void a_reset_ends_the_wait(void **state)
{
	struct pair p;

	(void)state;
	establish(&p);
	fill_both_queues(&p);
	post_question(&p, 1);
	close(p.server); /* with unread bytes */
	assert_int_equal(late_reply(&p, p.on_b), -WEIR_EPIPE);
	assert_int_equal(send(p.client, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL), -1);
	assert_in_set(errno, ((unsigned long[]){ECONNRESET, EPIPE}), 2);
	p.server = dup(p.listener);
	finish(&p);
}

/* T6.8: the wait ends when the other side has everything, or when the time is up, to the millisecond. */
static void close_waits(bool peer_reads)
{
	struct world_request linger = {.kind = WORLD_LINGER, .id = CLIENT};
	struct pair p;
	int other;

	establish(&p);
	fill_both_queues(&p);
	linger.linger.socket = ask(&p.f, p.on_b, linger).socket;
	assert_int_not_equal(linger.linger.socket, 0);
	linger.linger.ns = weir_s(30).ns;
	other = dup(p.client);
	close(p.client);
	assert_int_equal(ask(&p.f, p.on_b, linger).result, 0); /* another descriptor has it: nothing is closed yet */
	close(other);
	assert_int_equal(send(p.on_b, &linger, sizeof(linger), MSG_DONTWAIT), sizeof(linger));
	settle(&p.f);
	pass(&p.f, weir_ms(29990));
	assert_int_equal(late_reply(&p, p.on_b), -1);
	if (peer_reads) {
		read_bytes(&p, RQS);
		read_bytes(&p, SQS);
		assert_int_equal(late_reply(&p, p.on_b), 0);
	} else {
		pass(&p.f, weir_ms(10));
		assert_int_equal(late_reply(&p, p.on_b), -WEIR_EAGAIN);
		assert_non_null(
		    strstr(look(&p.f, "{\"view\":\"sockets\",\"host\":\"b\"}\n"), "\"linger\":\"time is up\""));
	}
	p.client = dup(p.listener);
	finish(&p);
}

static void close_waits_for_the_peer(void **state)
{
	(void)state;
	close_waits(true);
}

static void close_waits_until_the_time_is_up(void **state)
{
	(void)state;
	close_waits(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(room_is_exact),
	    cmocka_unit_test(what_is_not_read_stays_in_recvq),
	    cmocka_unit_test(non_blocking_writer_sees_a_full_sendq),
	    cmocka_unit_test(nonsense_is_survived),
	    cmocka_unit_test(a_reset_ends_the_wait),
	    cmocka_unit_test(close_waits_for_the_peer),
	    cmocka_unit_test(close_waits_until_the_time_is_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
