/*
 * A service manager hears what a program says; without one nothing happens.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proto/base/notify.h"
#include "tests/unit/folder.h"

static int listen_at(const struct sockaddr_un *address, size_t path_len)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_len)),
			 0);
	return fd;
}

static void hears(int fd, const char *state)
{
	char heard[64] = "";

	assert_int_equal(recv(fd, heard, sizeof(heard) - 1, 0), (ssize_t)strlen(state));
	assert_string_equal(heard, state);
}

static void test_a_path(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char heard[8];

	(void)state;
	folder_make();
	strcpy(address.sun_path, in_folder("notify"));
	int fd = listen_at(&address, strlen(address.sun_path));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	nrm_notify("READY=1");
	nrm_notify("STOPPING=1");
	hears(fd, "READY=1");
	hears(fd, "STOPPING=1");
	unsetenv("NOTIFY_SOCKET");
	nrm_notify("READY=1");
	assert_int_equal(recv(fd, heard, sizeof(heard), 0), -1);
	close(fd);
	folder_remove();
}

static void test_an_abstract_name(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@nrm-notify-test-%d", (int)getpid());
	strcpy(address.sun_path, name);
	address.sun_path[0] = '\0';
	int fd = listen_at(&address, strlen(name));
	setenv("NOTIFY_SOCKET", name, 1);
	nrm_notify("READY=1");
	hears(fd, "READY=1");
	close(fd);
	nrm_notify("READY=1"); /* nobody is there any more */
}

static void test_names_of_no_socket(void **state)
{
	char longest[256];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	nrm_notify("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	nrm_notify("READY=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_path),
		cmocka_unit_test(test_an_abstract_name),
		cmocka_unit_test(test_names_of_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
