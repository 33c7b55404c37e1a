/*
 * The agent's socket: one request a line, answers that wait, and a peer that never ends its line.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agents/agent/server.h"
#include "tests/unit/agent_api_world.h"

static int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static size_t hear(struct nrm_server *server, int fd, uint64_t now, char *out, size_t len)
{
	size_t n = 0;

	for (int i = 0; i < 10; i++) {
		nrm_server_step(server, &api[0], WORLD_NOW, now);
		ssize_t got = recv(fd, out + n, len - 1 - n, MSG_DONTWAIT);
		n += got > 0 ? (size_t)got : 0;
	}
	out[n] = 0;
	return n;
}

static void test_the_socket(void **state)
{
	char path[64], out[8192];
	struct nrm_server *server;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/nrm-agent-test-%d.sock", (int)getpid());
	assert_int_equal(nrm_server_open(path, &server), NRM_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	/* two requests in one go, one of them broken; the connection stays */
	int fd = dial(path);
	const char two[] = "{\"op\": \"status\"}\nnot json\n";
	assert_int_equal(send(fd, two, sizeof(two) - 1, 0), sizeof(two) - 1);
	assert_true(hear(server, fd, 0, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"id\":\"XX.agency-000\""));
	assert_non_null(strstr(out, "expected one JSON object a line"));

	/* an answer that waits comes when its time is up, or when the broker has spoken */
	const char refer[] = "{\"op\":\"refer\",\"to\":\"XX.agency-001\",\"service\":\"emergency_"
			     "shelter\",\"wait\":5,"
			     "\"purpose\":\"assistance\",\"urgency\":\"urgent\",\"basis\":"
			     "\"consent\",\"case\":\"red\","
			     "\"fields\":{\"given_name\":\"Sokha\",\"languages\":\"km\"}}\n";
	assert_int_equal(send(fd, refer, sizeof(refer) - 1, 0), sizeof(refer) - 1);
	assert_int_equal(hear(server, fd, 1000, out, sizeof(out)), 0);
	assert_int_equal(nrm_server_timeout(server, 1000), 5000);
	assert_true(hear(server, fd, 6000, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"state\":\"spooled\""));
	assert_int_equal(nrm_server_timeout(server, 6000), -1);
	struct nrm_to_broker frame = world_next(&world.side[0], WORLD_NOW);
	assert_int_equal(frame.is.submit.n, 1);
	assert_int_equal(send(fd, refer, sizeof(refer) - 1, 0), sizeof(refer) - 1);
	assert_int_equal(hear(server, fd, 7000, out, sizeof(out)), 0);
	frame = world_next(&world.side[0], WORLD_NOW);
	struct submitted m = world_submitted(&frame.is.submit.envelope[0]);
	struct entry e = world_leaf(&m.statement, NRM_EVENT_REFERRAL, world_view(&m), NULL);
	world_receipt(world_receipt_item(&m.statement, &e));
	assert_true(hear(server, fd, 7001, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"state\":\"forwarded\""));
	close(fd);

	/* a request without an end is cut off */
	fd = dial(path);
	static char endless[64 * 1024];
	memset(endless, 'x', sizeof(endless));
	bool cut = false;
	for (int i = 0; i < 64 && !cut; i++) {
		cut = send(fd, endless, sizeof(endless), MSG_NOSIGNAL | MSG_DONTWAIT) < 0;
		hear(server, fd, 8000, out, sizeof(out));
	}
	assert_int_equal(recv(fd, out, sizeof(out), MSG_DONTWAIT), 0);
	close(fd);
	nrm_server_close(server);
	assert_int_not_equal(stat(path, &st), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_the_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
