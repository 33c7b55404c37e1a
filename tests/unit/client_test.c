/*
 * The connection: against a ROUTER of the test's own, and through a relay that goes silent without
 * closing anything. Waiting is for events, with a limit far beyond what a working program needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <zmq.h>

#include "agents/client/client.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"

#define PATIENCE_MS 30000u

static const uint8_t broker_secret[NRM_KEY_LEN] = {8, 1, 2}, agent_secret[NRM_KEY_LEN] = {8, 3, 4};
static uint8_t broker_public[NRM_KEY_LEN];
static void *context;

static int setup(void **state)
{
	(void)state;
	context = zmq_ctx_new();
	return nrm_crypto_init() == NRM_OK &&
			       nrm_x25519_public(broker_secret, broker_public) == NRM_OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	zmq_ctx_term(context);
	return 0;
}

/* A broker's door without its gate: CURVE, and whoever comes is let in. */
static void *listen_on(char *endpoint, size_t len)
{
	static const int on = 1, none = 0;
	void *router = zmq_socket(context, ZMQ_ROUTER);

	zmq_setsockopt(router, ZMQ_CURVE_SERVER, &on, sizeof(on));
	zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, broker_secret, NRM_KEY_LEN);
	zmq_setsockopt(router, ZMQ_LINGER, &none, sizeof(none));
	assert_int_equal(zmq_bind(router, endpoint), 0);
	assert_int_equal(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	return router;
}

static struct nrm_client *connect_to(const char *endpoint, const uint8_t *key)
{
	struct nrm_client_options options = {.context = context, .endpoint = endpoint};
	struct nrm_client *client;

	memcpy(options.broker, key, NRM_KEY_LEN);
	memcpy(options.transport, agent_secret, NRM_KEY_LEN);
	assert_int_equal(nrm_client_new(&options, nrm_time_monotonic_ms(), &client), NRM_OK);
	return client;
}

/* Waits on the client's descriptors until a step brings the event. */
static void await(struct nrm_client *client, enum nrm_client_event wanted)
{
	uint64_t end = nrm_time_monotonic_ms() + PATIENCE_MS;
	struct pollfd fds[NRM_CLIENT_FDS];

	for (uint64_t now = 0; now < end; now = nrm_time_monotonic_ms()) {
		enum nrm_client_event event = nrm_client_step(client, nrm_time_monotonic_ms());

		if (event == wanted)
			return;
		if (event != NRM_CLIENT_QUIET)
			continue;
		int n = nrm_client_fds(client, fds),
		    timeout = nrm_client_timeout(client, nrm_time_monotonic_ms());
		poll(fds, (nfds_t)n, timeout < 1000 ? timeout : 1000);
	}
	fail_msg("waited in vain for event %d", wanted);
}

/* Takes a message of two parts at the router: who, and what. */
static void take(void *router, uint8_t id[static 32], char *text, size_t len)
{
	int patience = PATIENCE_MS;

	zmq_setsockopt(router, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(zmq_recv(router, id, 32, 0), 32);
	int n = zmq_recv(router, text, len - 1, 0);
	assert_true(n >= 0);
	text[n] = 0;
}

static void await_frame(struct nrm_client *client, struct nrm_buf *frame)
{
	uint64_t end = nrm_time_monotonic_ms() + PATIENCE_MS;
	struct pollfd fds[NRM_CLIENT_FDS];

	while (nrm_client_recv(client, frame) != NRM_OK) {
		assert_true(nrm_time_monotonic_ms() < end);
		assert_int_equal(nrm_client_step(client, nrm_time_monotonic_ms()),
				 NRM_CLIENT_QUIET);
		poll(fds, (nfds_t)nrm_client_fds(client, fds), 1000);
	}
}

static void test_frames_go_both_ways(void **state)
{
	char endpoint[64] = "tcp://127.0.0.1:*", text[16];
	void *router = listen_on(endpoint, sizeof(endpoint));
	struct nrm_client *client = connect_to(endpoint, broker_public);
	struct nrm_buf frame = {0};
	uint8_t id[32];
	static uint8_t large[NRM_MAX_FRAME + 1];

	(void)state;
	assert_false(nrm_client_connected(client));
	assert_int_equal(nrm_client_send(client, nrm_slice_str("early")), NRM_ERR_AGAIN);
	await(client, NRM_CLIENT_FRESH);
	assert_true(nrm_client_connected(client));
	assert_int_equal(nrm_client_recv(client, &frame), NRM_ERR_AGAIN);
	assert_int_equal(nrm_client_send(client, nrm_slice_str("hello")), NRM_OK);
	take(router, id, text, sizeof(text));
	assert_string_equal(text, "hello");
	for (int i = 0; i < 3; i++) {
		zmq_send(router, id, sizeof(id), ZMQ_SNDMORE);
		zmq_send(router, "welcome", 7, 0);
		await_frame(client, &frame);
		assert_true(nrm_slice_equal(nrm_buf_slice(&frame), nrm_slice_str("welcome")));
	}
	assert_int_equal(nrm_client_send(client, nrm_slice(large, sizeof(large))), NRM_ERR_LIMIT);
	nrm_client_free(client);
	zmq_close(router);
	nrm_buf_done(&frame);
}

static void test_the_broker_comes_and_goes(void **state)
{
	char endpoint[64] = "tcp://127.0.0.1:*", text[16];
	void *router = listen_on(endpoint, sizeof(endpoint));
	uint8_t first[32], second[32];

	(void)state;
	zmq_close(router); /* nobody listens there now */
	struct nrm_client *client = connect_to(endpoint, broker_public);
	await(client, NRM_CLIENT_LOST);
	router = listen_on(endpoint, sizeof(endpoint));
	await(client, NRM_CLIENT_FRESH);
	assert_int_equal(nrm_client_send(client, nrm_slice_str("one")), NRM_OK);
	take(router, first, text, sizeof(text));
	zmq_close(router);
	await(client, NRM_CLIENT_LOST);
	assert_false(nrm_client_connected(client));
	assert_int_equal(nrm_client_send(client, nrm_slice_str("two")), NRM_ERR_AGAIN);
	router = listen_on(endpoint, sizeof(endpoint));
	await(client, NRM_CLIENT_FRESH);
	assert_int_equal(nrm_client_send(client, nrm_slice_str("three")), NRM_OK);
	take(router, second, text, sizeof(text));
	assert_string_equal(text, "three");
	assert_memory_not_equal(first, second, sizeof(first)); /* another routing id each time */
	nrm_client_free(client);
	zmq_close(router);
}

static void test_a_dropped_connection_is_made_anew(void **state)
{
	char endpoint[64] = "tcp://127.0.0.1:*";
	void *router = listen_on(endpoint, sizeof(endpoint));
	struct nrm_client *client = connect_to(endpoint, broker_public);

	(void)state;
	await(client, NRM_CLIENT_FRESH);
	nrm_client_drop(client, nrm_time_monotonic_ms());
	assert_false(nrm_client_connected(client));
	await(client, NRM_CLIENT_FRESH);
	nrm_client_free(client);
	zmq_close(router);
}

/* Whoever has not the broker's secret is not the broker. */
static void test_another_broker_is_not_taken_for_ours(void **state)
{
	char endpoint[64] = "tcp://127.0.0.1:*";
	void *router = listen_on(endpoint, sizeof(endpoint));
	uint8_t other[NRM_KEY_LEN];

	(void)state;
	assert_int_equal(nrm_x25519_public(agent_secret, other), NRM_OK);
	struct nrm_client *client = connect_to(endpoint, other);
	await(client, NRM_CLIENT_LOST);
	assert_false(nrm_client_connected(client));
	nrm_client_free(client);
	zmq_close(router);
}

static void test_a_bad_endpoint(void **state)
{
	struct nrm_client_options options = {.context = context, .endpoint = "nowhere"};
	struct nrm_client *client;

	(void)state;
	memcpy(options.broker, broker_public, NRM_KEY_LEN);
	memcpy(options.transport, agent_secret, NRM_KEY_LEN);
	assert_int_equal(nrm_client_new(&options, 0, &client), NRM_ERR_ARGUMENT);
}

/* ---- a relay that goes silent ---- */

struct relay {
	int listener, to_agent, to_broker; /* -1: none */
	struct sockaddr_in broker;
};

static void relay_open(struct relay *r, const char *endpoint, char *own, size_t len)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	*r = (struct relay){.to_agent = -1, .to_broker = -1, .broker = address};
	r->broker.sin_port = htons((uint16_t)atoi(strrchr(endpoint, ':') + 1));
	r->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(r->listener, 8), 0);
	assert_int_equal(getsockname(r->listener, (struct sockaddr *)&address, &size), 0);
	snprintf(own, len, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
}

/* The pair that is carried now is left as it is: open at both ends, and nothing goes through. */
static void relay_forget(struct relay *r, int kept[static 2])
{
	kept[0] = r->to_agent;
	kept[1] = r->to_broker;
	r->to_agent = r->to_broker = -1;
}

static void relay_close(struct relay *r)
{
	close(r->listener);
	if (r->to_agent >= 0)
		close(r->to_agent);
	if (r->to_broker >= 0)
		close(r->to_broker);
}

static void relay_copy(int from, int to)
{
	char bytes[4096];
	ssize_t n = recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		assert_int_equal(send(to, bytes, (size_t)n, MSG_NOSIGNAL), n);
}

/* Carries what there is, waiting a moment for it. */
static void relay_step(struct relay *r)
{
	struct pollfd fds[] = {
		{r->listener, POLLIN, 0}, {r->to_agent, POLLIN, 0}, {r->to_broker, POLLIN, 0}};

	poll(fds, 3, 10);
	if (fds[0].revents) {
		int agent = accept(r->listener, NULL, NULL);

		if (r->to_agent >= 0) {
			close(r->to_agent);
			close(r->to_broker);
		}
		r->to_agent = agent;
		r->to_broker = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(
			connect(r->to_broker, (struct sockaddr *)&r->broker, sizeof(r->broker)), 0);
		return;
	}
	if (fds[1].revents)
		relay_copy(r->to_agent, r->to_broker);
	if (fds[2].revents)
		relay_copy(r->to_broker, r->to_agent);
}

static void await_through(struct relay *r, struct nrm_client *client, enum nrm_client_event wanted)
{
	uint64_t end = nrm_time_monotonic_ms() + PATIENCE_MS;

	while (nrm_client_step(client, nrm_time_monotonic_ms()) != wanted) {
		assert_true(nrm_time_monotonic_ms() < end);
		relay_step(r);
	}
}

static void test_a_half_open_connection_is_noticed(void **state)
{
	char endpoint[64] = "tcp://127.0.0.1:*", own[64];
	void *router = listen_on(endpoint, sizeof(endpoint));
	struct relay relay;
	int silent[2];

	(void)state;
	relay_open(&relay, endpoint, own, sizeof(own));
	struct nrm_client *client = connect_to(own, broker_public);
	await_through(&relay, client, NRM_CLIENT_FRESH);
	relay_forget(&relay, silent);
	await_through(&relay, client, NRM_CLIENT_LOST);
	await_through(&relay, client, NRM_CLIENT_FRESH);
	nrm_client_free(client);
	zmq_close(router);
	close(silent[0]);
	close(silent[1]);
	relay_close(&relay);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_frames_go_both_ways),
		T(test_the_broker_comes_and_goes),
		T(test_a_dropped_connection_is_made_anew),
		T(test_another_broker_is_not_taken_for_ours),
		T(test_a_bad_endpoint),
		T(test_a_half_open_connection_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
