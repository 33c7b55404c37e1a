/*
 * Frames through the door: in order, without one peer holding up another, and with pressure instead of memory.
 */
#include <stdatomic.h>

#include "tests/unit/door_world.h"

static void keeps_the_order_of_a_connection(void **state)
{
	struct peer p[NRM_MAX_CONNECTIONS_PER_KEY];

	(void)state;
	for (size_t i = 0; i < NRM_MAX_CONNECTIONS_PER_KEY; i++)
		p[i] = connect_as(i / 2, NULL);
	for (uint32_t n = 0; n < 300; n++)
		for (size_t i = 0; i < NRM_MAX_CONNECTIONS_PER_KEY; i++) {
			uint8_t frame[5] = {ECHO};
			nrm_store_u32(frame + 1, n);
			peer_send(&p[i], frame, sizeof(frame));
			if (n >= 20) { /* as many on their way */
				nrm_store_u32(frame + 1, n - 20);
				expect_answer(&p[i], i / 2, frame, sizeof(frame));
			}
		}
	for (size_t i = 0; i < NRM_MAX_CONNECTIONS_PER_KEY; i++)
		peer_close(&p[i]);
}

/* More than the high-water mark of frames at once waits in the door until the peer takes it. */
static void a_late_reader_gets_everything(void **state)
{
	static uint8_t got[MANY_LEN];
	static const uint8_t many[] = {MANY, 30};
	struct peer p = connect_as(0, &(struct peer_ways){.rcvhwm = 1}),
		    other = connect_as(1, NULL);

	(void)state;
	for (int round = 0; round < 4; round++) {
		peer_send(&p, many, sizeof(many));
		for (int i = 0; i < 20; i++)
			ask(&other, 1);
		for (uint8_t i = 0; i < many[1]; i++) {
			assert_int_equal(peer_receive(&p, got, sizeof(got)), MANY_LEN);
			assert_memory_equal(got, country.agency[0].transport_public, NRM_KEY_LEN);
			assert_int_equal(got[NRM_KEY_LEN], i);
		}
	}
	ask(&p, 0);
	peer_close(&p);
	peer_close(&other);
}

static void who_does_not_read_is_cut_off_and_stops_nobody(void **state)
{
	static const uint8_t many[] = {MANY, 255};
	struct peer p = connect_as(0, &(struct peer_ways){.rcvhwm = 1}),
		    other = connect_as(1, NULL);

	(void)state;
	ask(&other, 1);
	for (int i = 0; i < 8; i++) /* 128 MiB, beyond what the kernel buffers */
		peer_send(&p, many, sizeof(many));
	await(&core.gone, 1);
	for (int i = 0; i < 50; i++)
		ask(&other, 1);
	peer_close(&p);
	peer_close(&other);
}

static atomic_bool flooding;
static atomic_size_t flooded;

static void *flood(void *arg)
{
	static uint8_t frame[128 * 1024] = {SILENCE};
	const struct peer *p = arg;

	while (atomic_load(&flooding) && zmq_send(p->socket, frame, sizeof(frame), 0) > 0)
		atomic_fetch_add(&flooded, 1);
	return NULL;
}

static void a_flooder_stops_nobody_else(void **state)
{
	struct peer flooder = connect_as(0, NULL), other = connect_as(1, NULL);
	pthread_t thread;

	(void)state;
	atomic_store(&flooding, true);
	assert_int_equal(pthread_create(&thread, NULL, flood, &flooder), 0);
	for (size_t i = 0; i < 300 || atomic_load(&flooded) < 300; i++)
		ask(&other, 1);
	atomic_store(&flooding, false);
	pthread_join(thread, NULL);
	ask(&other, 1);
	peer_close(&flooder);
	peer_close(&other);
}

/* While the core stands still, senders are held up instead of memory growing; afterwards everything has arrived. */
static void a_slow_core_holds_senders_up(void **state)
{
	enum { ENOUGH = 512 }; /* 64 MiB, several times what all queues hold */
	struct peer flooder = connect_as(0, NULL);
	pthread_t thread;

	(void)state;
	hold(true);
	atomic_store(&flooded, 0);
	atomic_store(&flooding, true);
	assert_int_equal(pthread_create(&thread, NULL, flood, &flooder), 0);
	while (atomic_load(&flooded) < 128)
		sched_yield();
	/* libzmq's own buffer at the sender, 1000 frames, is not the door's: only what left it counts. */
	hold(false);
	while (atomic_load(&flooded) < ENOUGH)
		sched_yield();
	atomic_store(&flooding, false);
	pthread_join(thread, NULL);
	await(&core.frames, atomic_load(&flooded));
	assert_int_equal(read_count(&core.frames), atomic_load(&flooded));
	peer_close(&flooder);
}

static void the_core_is_called_when_it_wants(void **state)
{
	struct peer p = connect_as(0, NULL);

	(void)state;
	await(&core.ticks, 1);
	pthread_mutex_lock(&core.lock);
	core.pending = true;
	pthread_mutex_unlock(&core.lock);
	await(&core.empty_applies, 1); /* after the next tick, without a frame */
	ask(&p, 0);
	peer_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DOOR_TEST(keeps_the_order_of_a_connection),
		DOOR_TEST(a_late_reader_gets_everything),
		DOOR_TEST(who_does_not_read_is_cut_off_and_stops_nobody),
		DOOR_TEST(a_flooder_stops_nobody_else),
		DOOR_TEST(a_slow_core_holds_senders_up),
		DOOR_TEST(the_core_is_called_when_it_wants),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
