/* SPDX-License-Identifier: Apache-2.0
 *
 * See world_fixture.h.
 */
#include "world_fixture.h"

#include "world/world.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static weir_time test_now(void *ctx)
{
	return *(weir_time *)ctx;
}

void fixture_up(struct fixture *f, weir_duration delay)
{
	struct complaint complaint;
	char dir[] = "/tmp/weir-test-XXXXXX";
	struct plan plan;

	memset(f, 0, sizeof(*f));
	f->now.ns = 1000;
	plan_init(&plan);
	assert_true(plan_default(&plan));
	plan.link[0].faulty = delay.ns > 0;
	plan.link[0].fault.delay = delay;
	assert_non_null(mkdtemp(dir));
	snprintf(f->path, sizeof(f->path), "%s/sock", dir);
	if (world_new(&plan, (struct clock){.now = test_now, .ctx = &f->now}, &f->world, &complaint) != 0)
		fail_msg("%s: %s", complaint.what, complaint.saw);
	if (world_listen(f->world, f->path, &complaint) != 0)
		fail_msg("%s: %s", complaint.what, complaint.saw);
}

void fixture_down(struct fixture *f)
{
	char lock[80];

	world_free(f->world);
	assert_int_not_equal(access(f->path, F_OK), 0);
	snprintf(lock, sizeof(lock), "%s.lock", f->path);
	unlink(lock);
	*strrchr(f->path, '/') = '\0';
	assert_int_equal(rmdir(f->path), 0);
}

void settle(struct fixture *f)
{
	for (int i = 0; i < 4; i++)
		world_turn(f->world, weir_us(0));
}

void pass(struct fixture *f, weir_duration time)
{
	weir_time end = weir_time_add(f->now, time);

	settle(f);
	while (weir_time_before(f->now, end)) {
		weir_time next = world_deadline(f->world);

		if (!weir_time_before(f->now, next))
			next = weir_time_add(f->now, weir_us(1));
		f->now = weir_time_min(next, end);
		settle(f);
	}
}

static int connect_to(const char *path, int type)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

int dial(struct fixture *f)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s.run", f->path);
	fd = connect_to(path, SOCK_SEQPACKET);
	settle(f);
	return fd;
}

int program_on(struct fixture *f, const char *host)
{
	struct world_request hello = {.kind = WORLD_HELLO, .hello = {.version = WORLD_PROTOCOL}};
	int fd = dial(f);

	snprintf(hello.hello.host, sizeof(hello.hello.host), "%s", host);
	assert_int_equal(ask(f, fd, hello).result, 0);
	return fd;
}

struct world_reply ask(struct fixture *f, int control, struct world_request request)
{
	struct world_reply reply;

	assert_int_equal(send(control, &request, sizeof(request), MSG_NOSIGNAL), sizeof(request));
	settle(f);
	assert_int_equal(recv(control, &reply, sizeof(reply), MSG_DONTWAIT), sizeof(reply));
	return reply;
}

void post(struct fixture *f, int control, struct world_request request, int attached)
{
	struct iovec iov = {&request, sizeof(request)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg = {0};

	request.flags |= WORLD_POSTED;
	if (attached >= 0) {
		cmsg.header = (struct cmsghdr){
		    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&cmsg.header), &attached, sizeof(attached));
		msg.msg_control = &cmsg;
		msg.msg_controllen = sizeof(cmsg.space);
	}
	assert_int_equal(sendmsg(control, &msg, MSG_NOSIGNAL), sizeof(request));
	settle(f);
}

int new_socket(struct fixture *f, int control, uint64_t id, int family)
{
	int end[2], sndbuf = WORLD_PAIR_SNDBUF;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end), 0);
	assert_int_equal(setsockopt(end[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf)), 0);
	assert_int_equal(send(end[0], "", 1, 0), 1);
	post(f, control, (struct world_request){.kind = WORLD_NEW, .id = id, .family = (uint32_t)family}, end[1]);
	close(end[1]);
	return end[0];
}

struct weir_endpoint at(const char *addr, uint16_t port)
{
	struct weir_endpoint end = {.port = port};

	assert_int_equal(weir_addr_parse(addr, &end.addr), 0);
	return end;
}

int take_accepted(int listener, struct world_accepted *accepted)
{
	struct iovec iov = {accepted, sizeof(*accepted)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} cmsg;
	struct msghdr msg = {
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &cmsg, .msg_controllen = sizeof(cmsg.space)};
	int fd;

	assert_int_equal(recvmsg(listener, &msg, MSG_DONTWAIT), sizeof(*accepted));
	assert_non_null(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(&cmsg.header), sizeof(fd));
	assert_int_equal(send(fd, "", 1, MSG_DONTWAIT), 1);
	return fd;
}

int events_of(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};

	assert_true(poll(&p, 1, 0) >= 0);
	return p.revents;
}

int look_only(struct fixture *f, const char *request)
{
	int fd = connect_to(f->path, SOCK_STREAM);

	settle(f);
	assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
	settle(f);
	return fd;
}

const char *look(struct fixture *f, const char *request)
{
	static char answer[1 << 18];
	int fd = look_only(f, request);
	size_t len = 0;
	ssize_t n;

	do {
		settle(f);
		n = recv(fd, answer + len, sizeof(answer) - len - 1, MSG_DONTWAIT);
		assert_true(n > 0);
		len += (size_t)n;
	} while (answer[len - 1] != '\n');
	answer[len] = '\0';
	close(fd);
	settle(f);
	return answer;
}
