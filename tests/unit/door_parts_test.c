/*
 * Parts of the door by themselves: the gate with a clock of the test's own, the ZAP handler asked directly, the lanes of the
 * verify pool, and the door's trial of itself against a listener that is not guarded.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/door/gate.h"
#include "broker/door/letter.h"
#include "broker/door/listener.h"
#include "broker/door/pool.h"
#include "broker/door/selftest.h"
#include "broker/door/zap.h"
#include "proto/base/hex.h"
#include "tests/unit/agencies.h"

static struct country country;
static struct nrm_directory *directory;

static int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	country_init(&country, 8);
	country.agency[7].suspended = true;
	directory = country_directory(&country, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nrm_directory_free(directory);
	country_done(&country);
	return 0;
}

static struct nrm_gate *new_gate(void)
{
	struct nrm_gate *gate;

	assert_int_equal(nrm_gate_new(directory, &gate), NRM_OK);
	return gate;
}

static enum nrm_admission admit(struct nrm_gate *gate, size_t agency, uint64_t monotonic_ms)
{
	uint64_t number;

	return nrm_gate_admit(gate, country.agency[agency].transport_public, 1000, monotonic_ms,
			      &number);
}

static void gate_numbers_connections(void **state)
{
	struct nrm_gate *gate = new_gate();

	(void)state;
	for (uint64_t i = 1, number = 0; i <= 6; i++) {
		assert_int_equal(
			nrm_gate_admit(gate, country.agency[i].transport_public, 1000, 0, &number),
			NRM_ADMITTED);
		assert_int_equal(number, i);
	}
	nrm_gate_free(gate);
}

static void gate_admits_active_participants_only(void **state)
{
	struct nrm_gate *gate = new_gate();
	struct nrm_gate_figures figures;
	uint64_t number;

	(void)state;
	assert_int_equal(admit(gate, 0, 0), NRM_ADMITTED);
	assert_int_equal(admit(gate, 7, 0), NRM_STRANGER);
	assert_int_equal(nrm_gate_admit(gate, country.broker_public, 1000, 0, &number),
			 NRM_STRANGER);
	nrm_gate_figures(gate, &figures);
	assert_int_equal(figures.strangers, 2);

	/* Not before nor after its validity. */
	assert_int_equal(
		nrm_gate_admit(gate, country.agency[0].transport_public, 1ull << 48, 0, &number),
		NRM_STRANGER);
	nrm_gate_free(gate);
}

static void gate_follows_the_directory(void **state)
{
	struct nrm_gate *gate = new_gate();
	struct nrm_directory *next;

	(void)state;
	country.agency[0].suspended = true;
	country.agency[7].suspended = false;
	next = country_directory(&country, 2);
	assert_int_equal(admit(gate, 0, 0), NRM_ADMITTED);
	nrm_gate_set_directory(gate, next);
	assert_int_equal(admit(gate, 0, 0), NRM_STRANGER);
	assert_int_equal(admit(gate, 7, 0), NRM_ADMITTED);
	country.agency[0].suspended = false;
	country.agency[7].suspended = true;
	nrm_gate_free(gate);
	nrm_directory_free(next);
}

static void gate_allows_ten_handshakes_then_one_a_second(void **state)
{
	struct nrm_gate *gate = new_gate();

	(void)state;
	for (unsigned i = 0; i < NRM_HANDSHAKE_BURST; i++)
		assert_int_equal(admit(gate, 0, 5000), NRM_ADMITTED);
	assert_int_equal(admit(gate, 0, 5000), NRM_CROWDED);
	assert_int_equal(admit(gate, 0, 5999), NRM_CROWDED); /* a refused one costs nothing */
	assert_int_equal(admit(gate, 0, 6000), NRM_ADMITTED);
	assert_int_equal(admit(gate, 0, 6000), NRM_CROWDED);
	assert_int_equal(admit(gate, 1, 6000), NRM_ADMITTED); /* another key's */
	for (unsigned i = 0; i < NRM_HANDSHAKE_BURST; i++)
		assert_int_equal(admit(gate, 0, 600000), NRM_ADMITTED);
	assert_int_equal(admit(gate, 0, 600000), NRM_CROWDED);
	nrm_gate_free(gate);
}

static void gate_allows_four_connections(void **state)
{
	const uint8_t *key = country.agency[0].transport_public;
	struct nrm_gate *gate = new_gate();

	(void)state;
	for (unsigned i = 0; i < NRM_MAX_CONNECTIONS_PER_KEY; i++)
		assert_true(nrm_gate_enter(gate, key, 0));
	assert_false(nrm_gate_enter(gate, key, 0));
	assert_int_equal(admit(gate, 0, 0), NRM_CROWDED);
	assert_int_equal(admit(gate, 1, 0), NRM_ADMITTED);
	nrm_gate_leave(gate, key);
	assert_int_equal(admit(gate, 0, 0), NRM_ADMITTED);
	assert_true(nrm_gate_enter(gate, key, 0));
	assert_false(nrm_gate_enter(gate, key, 0));
	nrm_gate_free(gate);
}

/* A ZAP request, frame by frame; `n` of them are sent. */
struct zap_request {
	struct nrm_slice frame[8];
	size_t n;
};

static struct zap_request good_request(void)
{
	return (struct zap_request){
		{nrm_slice_str("1.0"), nrm_slice_str("7"), nrm_slice_str("nrm"),
		 nrm_slice_str("127.0.0.1"), nrm_slice_str(""), nrm_slice_str("CURVE"),
		 nrm_slice(country.agency[0].transport_public, NRM_KEY_LEN), nrm_slice_str("more")},
		7};
}

static void ask_zap(void *socket, const struct zap_request *request, const char *status,
		    char user[65])
{
	char reply[6][128];
	int len[6], more;
	size_t more_len = sizeof(more);

	for (size_t i = 0; i < request->n; i++)
		assert_int_not_equal(zmq_send(socket, request->frame[i].data, request->frame[i].len,
					      i + 1 < request->n ? ZMQ_SNDMORE : 0),
				     -1);
	for (int i = 0; i < 6; i++) {
		len[i] = zmq_recv(socket, reply[i], sizeof(reply[i]), 0);
		assert_in_range(len[i], 0, 127);
		reply[i][len[i]] = '\0';
		assert_int_equal(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_len), 0);
		assert_int_equal(more, i < 5);
	}
	assert_string_equal(reply[0], "1.0");
	assert_string_equal(reply[2], status);
	strcpy(user, reply[4]);
	assert_int_equal(len[5] > 0, user[0] != '\0');
}

static void zap_refuses_unless_everything_is_right(void **state)
{
	const char *const wrong[] = {"2.0", NULL, "other", NULL, NULL, "NULL", "short"};
	void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_REQ);
	struct nrm_gate *gate = new_gate();
	struct zap_request request;
	struct nrm_zap *zap;
	char user[129], hex[65], large[300] = "";

	(void)state;
	assert_int_equal(nrm_zap_start(context, gate, &zap), NRM_OK);
	assert_int_equal(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
	request = good_request();
	ask_zap(socket, &request, "200", user);
	nrm_hex(country.agency[0].transport_public, NRM_KEY_LEN, hex);
	assert_string_equal(user, hex);

	for (size_t i = 0; i < 7; i++) {
		if (!wrong[i])
			continue;
		request = good_request();
		request.frame[i] = nrm_slice_str(wrong[i]);
		ask_zap(socket, &request, "400", user);
		assert_string_equal(user, "");
	}
	request = good_request();
	request.frame[2] = nrm_slice_str(""); /* no domain */
	ask_zap(socket, &request, "400", user);
	request = good_request();
	request.frame[3] = nrm_slice(large, sizeof(large));
	ask_zap(socket, &request, "400", user);
	for (size_t n = 1; n <= 8; n++) {
		request = good_request();
		request.n = n;
		ask_zap(socket, &request, n == 7 ? "200" : "400", user);
	}
	request = good_request();
	request.frame[6] = nrm_slice(country.agency[7].transport_public, NRM_KEY_LEN);
	ask_zap(socket, &request, "400", user);
	zmq_close(socket);
	zmq_ctx_shutdown(context);
	nrm_zap_join(zap);
	zmq_ctx_term(context);
	nrm_gate_free(gate);
}

static struct nrm_parcel *parcel(uint64_t session, struct nrm_slice bytes)
{
	struct nrm_letter *letter = nrm_letter_new(NRM_PARCEL_FRAME);

	assert_non_null(letter);
	letter->parcel.session = session;
	letter->parcel.bytes = bytes;
	return &letter->parcel;
}

/* The queue is full, so the only worker waits with the flooder's first frame; then another's frame comes last of all. */
static void lanes_take_turns(void **state)
{
	static uint8_t large[NRM_MAX_UNDECIDED];
	struct nrm_gate *gate = new_gate();
	int wake = eventfd(0, EFD_NONBLOCK);
	struct nrm_batch batch;
	struct nrm_queue *queue;
	struct nrm_pool *pool;
	size_t before = 0, seen = 0;
	bool other = false;

	(void)state;
	assert_int_equal(nrm_queue_new(&queue), NRM_OK);
	assert_int_equal(nrm_pool_start(1, gate, queue, wake, &pool), NRM_OK);
	struct nrm_lane *flooder = nrm_pool_lane(pool, country.agency[0].transport_public);
	struct nrm_lane *quiet = nrm_pool_lane(pool, country.agency[1].transport_public);
	assert_ptr_equal(flooder, nrm_pool_lane(pool, country.agency[0].transport_public));
	assert_ptr_not_equal(flooder, quiet);

	nrm_queue_put(queue, parcel(0, nrm_slice(large, sizeof(large))));
	for (uint64_t i = 1; i <= 1000; i++)
		nrm_pool_put(pool, flooder, parcel(i, nrm_slice("x", 1)));
	nrm_pool_put(pool, quiet, parcel(5000, nrm_slice("y", 1)));
	for (uint64_t last = 0; seen < 1002;) {
		nrm_queue_take(queue, UINT32_MAX, &batch);
		for (size_t i = 0; i < batch.n; i++, seen++) {
			uint64_t session = batch.parcel[i]->session;
			if (session == 5000) {
				other = true;
				continue;
			}
			assert_true(seen == 0 || session == last + 1); /* in order */
			last = session;
			before += !other;
		}
		nrm_queue_settle(queue, &batch);
	}
	assert_true(other);
	assert_in_range(before, 1, 4);
	nrm_queue_close(queue);
	nrm_pool_stop(pool);
	nrm_queue_free(queue);
	nrm_gate_free(gate);
	close(wake);
}

static void a_full_pool_says_so_and_tells_when_there_is_room(void **state)
{
	static uint8_t large[NRM_MAX_UNVERIFIED];
	struct nrm_gate *gate = new_gate();
	int wake = eventfd(0, 0);
	struct nrm_batch batch;
	struct nrm_queue *queue;
	struct nrm_pool *pool;
	eventfd_t count;

	(void)state;
	assert_int_equal(nrm_queue_new(&queue), NRM_OK);
	nrm_queue_put(queue, parcel(0, nrm_slice(large, sizeof(large)))); /* the worker will wait */
	assert_int_equal(nrm_pool_start(1, gate, queue, wake, &pool), NRM_OK);
	struct nrm_lane *lane = nrm_pool_lane(pool, country.agency[0].transport_public);
	assert_true(nrm_pool_room(pool));
	nrm_pool_put(pool, lane, parcel(1, nrm_slice("x", 1)));
	nrm_pool_put(pool, lane, parcel(2, nrm_slice(large, sizeof(large))));
	assert_false(nrm_pool_room(pool));
	for (int seen = 0; seen < 2; seen += (int)batch.n, nrm_queue_settle(queue, &batch))
		nrm_queue_take(queue, UINT32_MAX, &batch);
	assert_int_equal(eventfd_read(wake, &count), 0); /* waits for it */
	assert_true(nrm_pool_room(pool));
	nrm_queue_close(queue);
	nrm_pool_stop(pool);
	nrm_queue_free(queue);
	nrm_gate_free(gate);
	close(wake);
}

/* What libzmq does when CURVE is on and nothing else: the self-test must see it. */
static void selftest_sees_an_open_door(void **state)
{
	void *context = zmq_ctx_new(), *router = zmq_socket(context, ZMQ_ROUTER);
	struct nrm_gate *gate = new_gate();
	int yes = 1;

	(void)state;
	assert_int_equal(zmq_setsockopt(router, ZMQ_CURVE_SERVER, &yes, sizeof(yes)), 0);
	assert_int_equal(zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, country.broker, NRM_KEY_LEN),
			 0);
	assert_int_equal(nrm_door_selftest(router, country.broker, gate), NRM_ERR_PERMISSION);
	zmq_close(router);
	zmq_ctx_term(context);
	nrm_gate_free(gate);
}

static void selftest_wants_our_handler(void **state)
{
	void *context = zmq_ctx_new(), *router;
	struct nrm_gate *gate = new_gate();
	struct nrm_zap *zap;

	(void)state;
	assert_int_equal(nrm_listener_new(context, country.broker, &router), NRM_OK);
	assert_int_equal(nrm_door_selftest(router, country.broker, gate), NRM_ERR_IO);
	assert_int_equal(nrm_zap_start(context, gate, &zap), NRM_OK);
	assert_int_equal(nrm_door_selftest(router, country.broker, gate), NRM_OK);
	zmq_close(router);
	zmq_ctx_shutdown(context);
	nrm_zap_join(zap);
	zmq_ctx_term(context);
	nrm_gate_free(gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_admits_active_participants_only),
		cmocka_unit_test(gate_numbers_connections),
		cmocka_unit_test(gate_follows_the_directory),
		cmocka_unit_test(gate_allows_ten_handshakes_then_one_a_second),
		cmocka_unit_test(gate_allows_four_connections),
		cmocka_unit_test(zap_refuses_unless_everything_is_right),
		cmocka_unit_test(lanes_take_turns),
		cmocka_unit_test(a_full_pool_says_so_and_tells_when_there_is_room),
		cmocka_unit_test(selftest_sees_an_open_door),
		cmocka_unit_test(selftest_wants_our_handler),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
