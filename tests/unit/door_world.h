/*
 * A door over loopback, with a core that answers every frame with the key it came from and the frame itself.
 */
#ifndef NRM_TESTS_DOOR_WORLD_H
#define NRM_TESTS_DOOR_WORLD_H

#include <pthread.h>
#include <stdlib.h>

#include "broker/door/door.h"
#include "tests/unit/peers.h"

#define AGENCIES 201

/* A frame begins with what the core is to do about it. */
enum {
	ECHO = 'e',    /* answer with key and frame */
	SILENCE = 's', /* nothing */
	LAST = 'l',    /* echo, then end the connection */
	CUT = 'c',     /* end the connection */
	MANY = 'm' /* answer with as many frames as the next byte says, of 64 KiB each, all with key and number */
};

#define MANY_LEN (64u * 1024)

static struct core {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t frames, gone, ticks, empty_applies, directories, policies;
	bool held, pending;
	uint64_t last_gone;
	enum nrm_err documents_verdict;
} core = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct country country;
static struct nrm_directory *directory;
static struct nrm_door *door;
static void *context;
static const char *endpoint;

static inline struct nrm_effect *add_effect(struct nrm_effects *effects, uint64_t session)
{
	effects->effect = reallocarray(effects->effect, effects->n + 1, sizeof(*effects->effect));
	assert_non_null(effects->effect);
	effects->cap = effects->n + 1;
	effects->effect[effects->n] = (struct nrm_effect){.session = session};
	return &effects->effect[effects->n++];
}

static inline void answer(const struct nrm_parcel *p, struct nrm_effects *effects)
{
	uint8_t what = p->bytes.len ? p->bytes.data[0] : SILENCE;
	static const uint8_t zeros[MANY_LEN - NRM_KEY_LEN - 1];

	for (uint8_t i = 0; what == MANY && i < p->bytes.data[1]; i++) {
		struct nrm_effect *e = add_effect(effects, p->session);
		nrm_buf_put(&e->frame, p->transport, NRM_KEY_LEN);
		nrm_buf_put_u8(&e->frame, i);
		nrm_buf_put(&e->frame, zeros, sizeof(zeros));
	}
	if (what != ECHO && what != LAST && what != CUT)
		return;
	struct nrm_effect *e = add_effect(effects, p->session);
	e->close = what != ECHO;
	if (what != CUT) {
		nrm_buf_put(&e->frame, p->transport, NRM_KEY_LEN);
		nrm_buf_put(&e->frame, p->bytes.data, p->bytes.len);
	}
}

static inline enum nrm_err apply(void *self, struct nrm_parcel *const *parcel, size_t n,
				 uint64_t now_ms, const uint8_t entropy[static 32],
				 struct nrm_effects *ret_effects)
{
	struct core *c = self;

	(void)now_ms;
	(void)entropy;
	pthread_mutex_lock(&c->lock);
	while (c->held)
		pthread_cond_wait(&c->changed, &c->lock);
	for (size_t i = 0; i < n; i++) {
		if (parcel[i]->kind == NRM_PARCEL_GONE) {
			c->gone++;
			c->last_gone = parcel[i]->session;
			continue;
		}
		c->frames++;
		answer(parcel[i], ret_effects);
	}
	c->empty_applies += n == 0;
	c->pending = false;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	return NRM_OK;
}

static inline enum nrm_err tick(void *self, uint64_t now_ms, const uint8_t entropy[static 32],
				struct nrm_effects *ret_effects)
{
	struct core *c = self;

	(void)now_ms;
	(void)entropy;
	(void)ret_effects;
	pthread_mutex_lock(&c->lock);
	c->ticks++;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	return NRM_OK;
}

static inline enum nrm_err adopt(void *self, const struct nrm_documents *documents, uint64_t now_ms,
				 const uint8_t entropy[static 32], struct nrm_effects *ret_effects)
{
	struct core *c = self;

	(void)now_ms;
	(void)entropy;
	(void)ret_effects;
	c->directories += documents->directory != NULL;
	c->policies += documents->policy != NULL;
	return c->documents_verdict;
}

static inline bool pending(const void *self)
{
	struct core *c = (struct core *)(uintptr_t)self;

	pthread_mutex_lock(&c->lock);
	bool yes = c->pending;
	pthread_mutex_unlock(&c->lock);
	return yes;
}

/* Waits until one of the core's counts is at least `least`. */
static inline void await(const size_t *count, size_t least)
{
	pthread_mutex_lock(&core.lock);
	while (*count < least)
		pthread_cond_wait(&core.changed, &core.lock);
	pthread_mutex_unlock(&core.lock);
}

static inline size_t read_count(const size_t *count)
{
	pthread_mutex_lock(&core.lock);
	size_t n = *count;
	pthread_mutex_unlock(&core.lock);
	return n;
}

static inline void hold(bool held)
{
	pthread_mutex_lock(&core.lock);
	core.held = held;
	pthread_cond_broadcast(&core.changed);
	pthread_mutex_unlock(&core.lock);
}

static inline void report(enum nrm_log_level level, const char *event, const char *pairs)
{
	(void)level;
	assert_non_null(event);
	assert_non_null(pairs);
}

static inline struct nrm_door_options door_options(const char *const *listen)
{
	struct nrm_door_options options = {
		.listen = listen,
		.n_listen = 1,
		.directory = directory,
		.workers = 3,
		.core = {apply, tick, adopt, pending, NULL, &core},
		.report = report,
	};

	memcpy(options.secret, country.broker, NRM_KEY_LEN);
	return options;
}

static inline int start(void **state)
{
	static const char *const listen[] = {"tcp://127.0.0.1:*"};
	struct nrm_door_options options = door_options(listen);
	char error[256];

	(void)state;
	core.frames = core.gone = core.ticks = core.empty_applies = core.directories =
		core.policies = 0;
	core.documents_verdict = NRM_OK;
	if (nrm_door_open(&options, &door, error) != NRM_OK) {
		print_error("%s\n", error);
		return -1;
	}
	endpoint = nrm_door_endpoint(door, 0);
	context = zmq_ctx_new();
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	nrm_door_close(door);
	zmq_ctx_term(context);
	return 0;
}

static inline int setup(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	country_init(&country, AGENCIES);
	country.agency[AGENCIES - 1].suspended = true;
	directory = country_directory(&country, 1);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	nrm_directory_free(directory);
	country_done(&country);
	return 0;
}

static inline struct peer knock_as(size_t agency, const struct peer_ways *ways)
{
	return peer_open(context, endpoint, country.agency[agency].transport, country.broker_public,
			 ways);
}

static inline struct peer connect_as(size_t agency, const struct peer_ways *ways)
{
	struct peer p = knock_as(agency, ways);

	assert_int_equal(peer_outcome(&p), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	return p;
}

/* The next answer is to `len` bytes of this agency. */
static inline void expect_answer(const struct peer *p, size_t agency, const void *bytes, size_t len)
{
	static uint8_t got[NRM_MAX_FRAME + NRM_KEY_LEN];

	assert_int_equal(peer_receive(p, got, sizeof(got)), NRM_KEY_LEN + len);
	assert_memory_equal(got, country.agency[agency].transport_public, NRM_KEY_LEN);
	assert_memory_equal(got + NRM_KEY_LEN, bytes, len);
}

static inline void ask(const struct peer *p, size_t agency)
{
	peer_send(p, "e?", 2);
	expect_answer(p, agency, "e?", 2);
}

#define DOOR_TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

#endif
