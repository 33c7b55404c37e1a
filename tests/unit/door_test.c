/*
 * Who may come in at the door, who they are, and what ends a connection.
 */
#include "proto/base/time.h"
#include "tests/unit/door_world.h"

/*
 * Without a seed it is known where libzmq's automatic routing ids begin. Peers claim the first ones, then some without an
 * id connect: a libzmq whose ids were not seeded aborts here.
 */
static void routing_ids_cannot_be_guessed(void **state)
{
	/* Made of two results of glibc's rand() each, unseeded: the first three sockets with such ids. */
	static const uint32_t begin[] = {1804289383, 3829176425, 4105231441};
	enum { CLAIMS = 12 };
	struct peer claim[CLAIMS], plain[4];

	(void)state;
	for (uint32_t i = 0; i < CLAIMS; i++) {
		uint8_t id[5] = {0};
		nrm_store_u32(id + 1, begin[i % 3] + i / 3);
		claim[i] = connect_as(i, &(struct peer_ways){id, sizeof(id), 0});
		ask(&claim[i], i);
	}
	for (size_t i = 0; i < 4; i++) {
		plain[i] = connect_as(100 + i, NULL);
		ask(&plain[i], 100 + i);
	}
	for (size_t i = 0; i < CLAIMS; i++)
		ask(&claim[i], i);
	for (size_t i = 0; i < CLAIMS; i++)
		peer_close(&claim[i]);
	for (size_t i = 0; i < 4; i++)
		peer_close(&plain[i]);
}

static void answers_participants(void **state)
{
	struct peer a = connect_as(0, NULL), b = connect_as(1, NULL);

	(void)state;
	ask(&a, 0);
	ask(&b, 1);
	ask(&a, 0);
	peer_close(&a);
	await(&core.gone, 1);
	ask(&b, 1);
	peer_close(&b);
	await(&core.gone, 2);
}

static void strangers_get_no_connection(void **state)
{
	uint8_t secret[NRM_KEY_LEN];
	struct peer p;

	(void)state;
	nrm_random(secret, sizeof(secret));
	p = peer_open(context, endpoint, secret, country.broker_public, NULL);
	assert_int_equal(peer_outcome(&p), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	peer_close(&p);
	p = knock_as(AGENCIES - 1, NULL); /* suspended */
	assert_int_equal(peer_outcome(&p), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	peer_close(&p);
	/* To who believes in another broker's key we cannot prove ourselves. */
	p = peer_open(context, endpoint, country.agency[0].transport,
		      country.agency[1].transport_public, NULL);
	assert_int_not_equal(peer_outcome(&p), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	peer_close(&p);
	assert_int_equal(read_count(&core.frames), 0);
}

static void identity_is_the_key_not_the_routing_id(void **state)
{
	const struct peer_ways as_agency_0 = {country.agency[0].transport_public, NRM_KEY_LEN, 0};
	struct peer honest = connect_as(0, &as_agency_0), copy = connect_as(1, &as_agency_0), other;

	(void)state;
	ask(&honest, 0);
	peer_send(&copy, "e!", 2); /* libzmq ignores a second claim of an id that lives */
	ask(&honest, 0);
	peer_close(&honest);
	await(&core.gone, 1);
	other = connect_as(1, &as_agency_0); /* and now it is free */
	ask(&other, 1);
	peer_close(&other);
	peer_close(&copy);
}

static void two_hundred_at_once(void **state)
{
	static struct peer p[200];

	(void)state;
	for (size_t i = 0; i < 200; i++)
		p[i] = knock_as(i, NULL);
	for (size_t i = 0; i < 200; i++)
		peer_send(&p[i], "e?", 2);
	for (size_t i = 0; i < 200; i++)
		expect_answer(&p[i], i, "e?", 2);
	for (size_t i = 0; i < 200; i++)
		peer_close(&p[i]);
	await(&core.gone, 200);
}

static void too_many_connections_of_a_key(void **state)
{
	struct peer p[NRM_MAX_CONNECTIONS_PER_KEY], more;

	(void)state;
	for (size_t i = 0; i < NRM_MAX_CONNECTIONS_PER_KEY; i++) {
		p[i] = connect_as(0, NULL);
		ask(&p[i], 0);
	}
	more = knock_as(0, NULL);
	assert_int_not_equal(peer_outcome(&more), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	peer_close(&more);
	peer_close(&p[0]);
	await(&core.gone, 1); /* the monitor's news: it does not count any more */
	more = connect_as(0, NULL);
	ask(&more, 0);
	peer_close(&more);
	for (size_t i = 1; i < NRM_MAX_CONNECTIONS_PER_KEY; i++)
		peer_close(&p[i]);
}

/* How many get in depends on how long it takes: ten, and one for each second. */
static void too_many_handshakes_of_a_key(void **state)
{
	uint64_t began = nrm_time_monotonic_ms();
	unsigned admitted = 0;
	bool refused = false;

	(void)state;
	while (!refused) {
		struct peer p = knock_as(0, NULL);
		refused = peer_outcome(&p) != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
		admitted += !refused;
		peer_close(&p);
		assert_true(admitted <=
			    NRM_HANDSHAKE_BURST + 1 + (nrm_time_monotonic_ms() - began) / 1000);
	}
	assert_true(admitted >= NRM_HANDSHAKE_BURST);
	struct peer other = connect_as(1, NULL);
	ask(&other, 1);
	peer_close(&other);
}

static void an_oversize_frame_ends_its_own_connection_only(void **state)
{
	static uint8_t frame[NRM_MAX_FRAME + 1] = {ECHO};
	struct peer p = connect_as(0, NULL), other = connect_as(1, NULL);

	(void)state;
	ask(&other, 1);
	peer_send(&p, frame, NRM_MAX_FRAME);
	expect_answer(&p, 0, frame, NRM_MAX_FRAME);
	peer_send(&p, frame, NRM_MAX_FRAME + 1);
	peer_await_end(&p);
	await(&core.gone, 1);
	ask(&other, 1);
	peer_close(&p);
	peer_close(&other);
	assert_int_equal(read_count(&core.frames), 3);
}

static void a_frame_of_many_parts_ends_its_connection(void **state)
{
	struct peer p = connect_as(0, NULL), other = connect_as(1, NULL);

	(void)state;
	assert_int_equal(zmq_send(p.socket, "e1", 2, ZMQ_SNDMORE), 2);
	assert_int_equal(zmq_send(p.socket, "e2", 2, ZMQ_SNDMORE), 2);
	peer_send(&p, "e3", 2);
	peer_await_end(&p);
	ask(&other, 1);
	assert_int_equal(read_count(&core.frames), 1);
	peer_close(&p);
	peer_close(&other);
}

static void the_core_ends_connections(void **state)
{
	struct peer p = connect_as(0, NULL), q = connect_as(1, NULL), other = connect_as(2, NULL);

	(void)state;
	ask(&other, 2);
	peer_send(&p, "l.", 2);
	expect_answer(&p, 0, "l.", 2); /* its last words arrive */
	peer_await_end(&p);
	peer_send(&q, "c", 1);
	peer_await_end(&q);
	await(&core.gone, 2);
	ask(&other, 2);
	peer_close(&p);
	peer_close(&q);
	peer_close(&other);
}

static void directories_change_while_it_runs(void **state)
{
	struct peer p = connect_as(0, NULL), q;
	struct nrm_directory *next;

	(void)state;
	country.agency[1].suspended = true;
	next = country_directory(&country, 2);
	country.agency[1].suspended = false;

	core.documents_verdict = NRM_ERR_VERSION; /* the core does not want it: nothing changes */
	const struct nrm_documents documents = {.directory = next};
	assert_int_equal(nrm_door_adopt(door, &documents), NRM_ERR_VERSION);
	q = connect_as(1, NULL);
	ask(&q, 1);
	peer_close(&q);

	core.documents_verdict = NRM_OK;
	assert_int_equal(nrm_door_adopt(door, &documents), NRM_OK);
	q = knock_as(1, NULL);
	assert_int_equal(peer_outcome(&q), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
	peer_close(&q);
	ask(&p, 0);
	peer_close(&p);
	assert_int_equal(core.directories, 2);
	assert_int_equal(core.policies, 0);
	nrm_door_close(door);
	nrm_directory_free(next);
	door = NULL;
}

static void policies_change_while_it_runs(void **state)
{
	const struct nrm_signed_policy policy = {NULL, {{NULL, 0}, {NULL, 0}}};
	const struct nrm_documents documents = {.policy = &policy};
	struct peer p = connect_as(0, NULL);

	(void)state;
	assert_int_equal(nrm_door_adopt(door, &documents), NRM_OK);
	core.documents_verdict = NRM_ERR_VERSION;
	assert_int_equal(nrm_door_adopt(door, &documents), NRM_ERR_VERSION);
	assert_int_equal(core.policies, 2);
	assert_int_equal(core.directories, 0);
	/* Who may connect, and who is connected, is as before. */
	ask(&p, 0);
	peer_close(&p);
	p = connect_as(1, NULL);
	ask(&p, 1);
	peer_close(&p);
}

static void says_why_it_cannot_listen(void **state)
{
	const char *const bad[][1] = {{"tcp://127.0.0.1:port"}, {"ipc:///tmp/nrm"}, {endpoint}};
	struct nrm_door *second = NULL;
	char error[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct nrm_door_options options = door_options(bad[i]);
		assert_int_equal(nrm_door_open(&options, &second, error), NRM_ERR_ARGUMENT);
		assert_non_null(strstr(error, bad[i][0]));
		assert_null(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(
			routing_ids_cannot_be_guessed), /* first: the ids of the first door are known */
		DOOR_TEST(answers_participants),
		DOOR_TEST(strangers_get_no_connection),
		DOOR_TEST(identity_is_the_key_not_the_routing_id),
		DOOR_TEST(two_hundred_at_once),
		DOOR_TEST(too_many_connections_of_a_key),
		DOOR_TEST(too_many_handshakes_of_a_key),
		DOOR_TEST(an_oversize_frame_ends_its_own_connection_only),
		DOOR_TEST(a_frame_of_many_parts_ends_its_connection),
		DOOR_TEST(the_core_ends_connections),
		DOOR_TEST(directories_change_while_it_runs),
		DOOR_TEST(policies_change_while_it_runs),
		DOOR_TEST(says_why_it_cannot_listen),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
