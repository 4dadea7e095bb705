/* SPDX-License-Identifier: Apache-2.0
 *
 * The views of a world: sockets with what lies hidden in the pairs, queues by write, errors, and the end.
 */
#include "world_fixture.h"

#include "world/world.h"

#include <jansson.h>

#include <sys/socket.h>
#include <unistd.h>

enum { SERVER = 100, CLIENT = 200 };

struct scene {
	struct fixture f;
	int on_a, on_b, listener, client, server;
};

static void establish(struct scene *s)
{
	struct world_accepted accepted;

	fixture_up(&s->f, weir_ms(0));
	s->on_a = program_on(&s->f, "a");
	s->on_b = program_on(&s->f, "b");
	s->listener = new_socket(&s->f, s->on_a, SERVER, AF_INET);
	ask(&s->f, s->on_a, (struct world_request){.kind = WORLD_BIND, .id = SERVER, .end = at("0.0.0.0", 80)});
	ask(&s->f, s->on_a, (struct world_request){.kind = WORLD_LISTEN, .id = SERVER, .number = 5});
	s->client = new_socket(&s->f, s->on_b, CLIENT, AF_INET);
	ask(&s->f, s->on_b,
	    (struct world_request){
	        .kind = WORLD_CONNECT, .flags = WORLD_WAIT, .id = CLIENT, .end = at("10.0.0.1", 80)});
	s->server = take_accepted(s->listener, &accepted);
	settle(&s->f);
}

static void finish(struct scene *s)
{
	close(s->client);
	close(s->server);
	close(s->listener);
	close(s->on_a);
	close(s->on_b);
	settle(&s->f);
	fixture_down(&s->f);
}

static json_t *view(struct scene *s, const char *request)
{
	json_t *reply = json_loads(look(&s->f, request), 0, NULL);

	assert_non_null(reply);
	assert_int_equal(json_integer_value(json_object_get(reply, "weir")), 1);
	return reply;
}

/* The socket of host `host` in this state, borrowed. */
static json_t *find(json_t *reply, size_t host, const char *state)
{
	json_t *row, *rows = json_object_get(json_array_get(json_object_get(reply, "hosts"), host), "sockets");
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "state")), state) == 0)
			return row;
	}
	fail_msg("no socket in state %s", state);
	return NULL;
}

static json_int_t number(const json_t *object, const char *key, const char *inner)
{
	const json_t *value = json_object_get(object, key);

	if (inner != NULL)
		value = json_object_get(value, inner);
	assert_non_null(value);
	return json_integer_value(value);
}

static void sockets(void **state)
{
	struct scene s;
	json_t *reply, *row;

	(void)state;
	establish(&s);
	reply = view(&s, "{\"view\":\"sockets\"}\n");
	row = find(reply, 0, "LISTEN");
	assert_int_equal(number(row, "local", "port"), 80);
	assert_int_equal(number(row, "backlog", NULL), 5);
	assert_int_equal(number(row, "accept_len", NULL), 0);
	assert_int_equal(number(row, "program", "pid"), getpid());
	assert_int_equal(number(row, "program", "fd"), s.listener);
	row = find(reply, 1, "ESTABLISHED");
	assert_int_equal(number(row, "remote", "port"), 80);
	assert_int_equal(number(row, "program", "fd"), s.client);
	assert_true(json_is_true(json_object_get(json_object_get(row, "recvq"), "exact")));
	assert_int_equal(number(row, "tcp", "snd_mss") > 500, 1);
	json_decref(reply);
	finish(&s);
}

/* Bytes that wait in the pair are counted apart, and the value is marked as inferred. */
static void hidden_bytes_are_marked(void **state)
{
	struct scene s;
	json_t *reply, *row;

	(void)state;
	establish(&s);
	assert_int_equal(send(s.client, "1234567", 7, 0), 7);
	settle(&s.f);
	reply = view(&s, "{\"view\":\"sockets\",\"host\":\"a\"}\n");
	row = find(reply, 0, "ESTABLISHED");
	assert_int_equal(number(row, "recvq", "bytes"), 0);
	assert_int_equal(number(row, "recvq", "hidden"), 7);
	assert_true(json_is_false(json_object_get(json_object_get(row, "recvq"), "exact")));
	assert_int_equal(number(row, "delivered", NULL), 0);
	json_decref(reply);
	finish(&s);
}

static void waiting_connections_are_counted(void **state)
{
	struct scene s;
	json_t *reply;
	int more;

	(void)state;
	establish(&s);
	more = new_socket(&s.f, s.on_b, CLIENT + 1, AF_INET);
	ask(&s.f, s.on_b,
	    (struct world_request){
	        .kind = WORLD_CONNECT, .flags = WORLD_WAIT, .id = CLIENT + 1, .end = at("10.0.0.1", 80)});
	reply = view(&s, "{\"view\":\"sockets\",\"host\":\"a\"}\n");
	assert_int_equal(number(find(reply, 0, "LISTEN"), "accept_len", NULL), 1);
	json_decref(reply);
	close(more);
	finish(&s);
}

static void queues_by_write(void **state)
{
	struct scene s;
	json_t *reply, *queue;
	char request[96];

	(void)state;
	establish(&s);
	assert_int_equal(send(s.client, "abc", 3, 0), 3);
	settle(&s.f);
	assert_int_equal(send(s.client, "defgh", 5, 0), 5);
	settle(&s.f);
	reply = view(&s, "{\"view\":\"sockets\",\"host\":\"b\"}\n");
	snprintf(request, sizeof(request), "{\"view\":\"queues\",\"host\":\"b\",\"id\":%lld}\n",
	         (long long)number(find(reply, 0, "ESTABLISHED"), "id", NULL));
	json_decref(reply);
	reply = view(&s, request);
	assert_int_equal(number(reply, "written", NULL), 8);
	assert_string_equal(json_string_value(json_object_get(json_object_get(reply, "peer"), "host")), "a");
	assert_true(json_is_false(json_object_get(reply, "exact")));
	assert_int_equal(json_array_size(json_object_get(reply, "writes")), 2);
	queue = json_array_get(json_object_get(reply, "queues"), 1);
	assert_string_equal(json_string_value(json_object_get(queue, "name")), "RecvQ");
	assert_int_equal(number(queue, "bytes", NULL), 8);
	assert_int_equal(number(json_array_get(json_object_get(queue, "parts"), 0), "bytes", NULL), 3);
	assert_int_equal(number(json_array_get(json_object_get(queue, "parts"), 1), "write", NULL), 2);
	json_decref(reply);
	finish(&s);
}

static void after_the_program(void **state)
{
	struct scene s;
	json_t *reply, *row;

	(void)state;
	establish(&s);
	close(s.client);
	settle(&s.f);
	close(s.server);
	settle(&s.f);
	reply = view(&s, "{\"view\":\"sockets\",\"host\":\"b\"}\n");
	row = find(reply, 0, "TIME_WAIT");
	assert_true(json_is_null(json_object_get(row, "program")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(row, "timer"), "kind")), "timewait");
	json_decref(reply);
	pass(&s.f, weir_s(61));
	reply = view(&s, "{\"view\":\"sockets\",\"host\":\"b\"}\n");
	assert_int_equal(
	    json_array_size(json_object_get(json_array_get(json_object_get(reply, "hosts"), 0), "sockets")), 0);
	json_decref(reply);
	s.client = s.server = -1;
	finish(&s);
}

static void refused(struct scene *s, const char *request, int status, const char *saw)
{
	json_t *reply = view(s, request);

	assert_int_equal(number(reply, "status", NULL), status);
	assert_non_null(strstr(json_string_value(json_object_get(json_object_get(reply, "error"), "saw")), saw));
	assert_non_null(json_object_get(json_object_get(reply, "error"), "what"));
	assert_non_null(json_object_get(json_object_get(reply, "error"), "try"));
	json_decref(reply);
}

static void errors(void **state)
{
	struct scene s;

	(void)state;
	establish(&s);
	refused(&s, "{\"view\":\"sockets\",\"host\":\"z\"}\n", 1, "z");
	refused(&s, "{\"view\":\"queues\",\"host\":\"a\",\"id\":9999}\n", 1, "9999");
	refused(&s, "{\"view\":\"stars\"}\n", 2, "stars");
	refused(&s, "{\"verb\":\"jump\"}\n", 2, "jump");
	refused(&s, "not JSON\n", 2, "JSON");
	refused(&s, "[1]\n", 2, "JSON");
	finish(&s);
}

/* Whoever asks for the end is answered when it has come: the path is free then. */
static void down(void **state)
{
	struct scene s;
	char answer[64] = "";
	int fd;

	(void)state;
	establish(&s);
	fd = look_only(&s.f, "{\"verb\":\"down\"}\n");
	assert_true(s.f.world->stop);
	assert_int_equal(recv(fd, answer, sizeof(answer), MSG_DONTWAIT), -1);
	finish(&s);
	assert_true(recv(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(answer, "{\"weir\":1}\n");
	close(fd);
}

/* The wire of each link, as it was described; chances as probabilities. */
static void links(void **state)
{
	struct link_fault_spec *wire;
	struct scene s;
	json_t *reply, *faults;

	(void)state;
	establish(&s);
	wire = &s.f.world->plan.link[0].fault;
	s.f.world->plan.link[0].faulty = true;
	wire->mark = UINT32_C(1) << 30;
	wire->mark_bytes = 30000;
	wire->max_packet_bytes = 1280;
	wire->too_big = true;
	wire->loss = UINT32_C(1) << 31;
	reply = view(&s, "{\"view\":\"world\"}\n");
	faults = json_object_get(json_array_get(json_object_get(reply, "links"), 0), "faults");
	assert_true(json_real_value(json_object_get(faults, "mark")) == 0.25);
	assert_int_equal(number(faults, "mark_queue_bytes", NULL), 30000);
	assert_int_equal(number(faults, "max_packet_bytes", NULL), 1280);
	assert_true(json_is_true(json_object_get(faults, "too_big")));
	assert_true(json_real_value(json_object_get(faults, "loss")) == 0.5);
	json_decref(reply);
	finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sockets),
	    cmocka_unit_test(hidden_bytes_are_marked),
	    cmocka_unit_test(waiting_connections_are_counted),
	    cmocka_unit_test(queues_by_write),
	    cmocka_unit_test(after_the_program),
	    cmocka_unit_test(links),
	    cmocka_unit_test(errors),
	    cmocka_unit_test(down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
