#include "broker/door/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/door/letter.h"

struct nrm_lane {
	struct nrm_lane *sibling;    /* all lanes */
	struct nrm_lane *next_ready; /* those whose turn is to come */
	struct nrm_parcel *first, **last;
	bool busy; /* ready, or worked on */
	uint8_t key[NRM_KEY_LEN];
};

struct nrm_pool {
	const struct nrm_gate *gate;
	struct nrm_queue *queue;
	int wake;
	pthread_mutex_t lock; /* of all below, and of the lanes */
	pthread_cond_t filled;
	struct nrm_lane *lanes, *ready, **last_ready;
	size_t weight; /* of the parcels in all lanes */
	bool starved;  /* the door was told that there is no room */
	bool stopped;
	unsigned n_workers;
	pthread_t worker[];
};

static void make_ready(struct nrm_pool *pool, struct nrm_lane *lane)
{
	lane->next_ready = NULL;
	*pool->last_ready = lane;
	pool->last_ready = &lane->next_ready;
}

static struct nrm_lane *next_lane(struct nrm_pool *pool)
{
	struct nrm_lane *lane = pool->ready;

	pool->ready = lane->next_ready;
	if (!pool->ready)
		pool->last_ready = &pool->ready;
	return lane;
}

static struct nrm_parcel *take(struct nrm_pool *pool, struct nrm_lane *lane)
{
	struct nrm_parcel *parcel = lane->first;

	lane->first = parcel->next;
	if (!lane->first)
		lane->last = &lane->first;
	pool->weight -= nrm_parcel_weight(parcel);
	if (pool->starved && pool->weight < NRM_MAX_UNVERIFIED) {
		pool->starved = false;
		eventfd_write(pool->wake, 1);
	}
	return parcel;
}

static void *work(void *arg)
{
	struct nrm_pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->ready && !pool->stopped)
			pthread_cond_wait(&pool->filled, &pool->lock);
		if (pool->stopped)
			break;
		struct nrm_lane *lane = next_lane(pool);
		struct nrm_parcel *parcel = take(pool, lane);
		pthread_mutex_unlock(&pool->lock);

		if (parcel->kind == NRM_PARCEL_FRAME)
			nrm_intake(parcel, nrm_gate_directory(pool->gate));
		nrm_queue_put(pool->queue, parcel);

		pthread_mutex_lock(&pool->lock);
		lane->busy = lane->first != NULL;
		if (lane->busy)
			make_ready(pool, lane);
	}
	pthread_mutex_unlock(&pool->lock);
	nrm_crypto_thread_done();
	return NULL;
}

enum nrm_err nrm_pool_start(unsigned workers, const struct nrm_gate *gate, struct nrm_queue *queue,
			    int wake, struct nrm_pool **ret_pool)
{
	if (workers == 0)
		workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	struct nrm_pool *pool = calloc(1, sizeof(*pool) + workers * sizeof(pool->worker[0]));
	if (!pool)
		return NRM_ERR_NOMEM;
	pool->gate = gate;
	pool->queue = queue;
	pool->wake = wake;
	pool->last_ready = &pool->ready;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->filled, NULL);
	for (; pool->n_workers < workers; pool->n_workers++)
		if (pthread_create(&pool->worker[pool->n_workers], NULL, work, pool) != 0) {
			nrm_pool_stop(pool);
			return NRM_ERR_IO;
		}
	*ret_pool = pool;
	return NRM_OK;
}

static void free_lane(struct nrm_lane *lane)
{
	for (struct nrm_parcel *p = lane->first, *next; p; p = next) {
		next = p->next;
		p->release(p);
	}
	free(lane);
}

void nrm_pool_stop(struct nrm_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopped = true;
	pthread_cond_broadcast(&pool->filled);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->n_workers; i++)
		pthread_join(pool->worker[i], NULL);
	for (struct nrm_lane *lane = pool->lanes, *next; lane; lane = next) {
		next = lane->sibling;
		free_lane(lane);
	}
	pthread_cond_destroy(&pool->filled);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

struct nrm_lane *nrm_pool_lane(struct nrm_pool *pool, const uint8_t key[static NRM_KEY_LEN])
{
	struct nrm_lane *lane;

	pthread_mutex_lock(&pool->lock);
	for (lane = pool->lanes; lane; lane = lane->sibling)
		if (memcmp(lane->key, key, NRM_KEY_LEN) == 0)
			break;
	if (!lane && (lane = calloc(1, sizeof(*lane)))) {
		memcpy(lane->key, key, NRM_KEY_LEN);
		lane->last = &lane->first;
		lane->sibling = pool->lanes;
		pool->lanes = lane;
	}
	pthread_mutex_unlock(&pool->lock);
	return lane;
}

bool nrm_pool_room(struct nrm_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool room = pool->weight < NRM_MAX_UNVERIFIED;
	pool->starved = !room;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

void nrm_pool_put(struct nrm_pool *pool, struct nrm_lane *lane, struct nrm_parcel *parcel)
{
	pthread_mutex_lock(&pool->lock);
	parcel->next = NULL;
	*lane->last = parcel;
	lane->last = &parcel->next;
	pool->weight += nrm_parcel_weight(parcel);
	if (!lane->busy) {
		lane->busy = true;
		make_ready(pool, lane);
		pthread_cond_signal(&pool->filled);
	}
	pthread_mutex_unlock(&pool->lock);
}
