#include "broker/door/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "broker/door/letter.h"

struct nrm_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct nrm_parcel *first, **last;
	size_t weight; /* of all that was put and is not settled */
	bool woken, closed;
};

enum nrm_err nrm_queue_new(struct nrm_queue **ret_queue)
{
	struct nrm_queue *queue = calloc(1, sizeof(*queue));
	pthread_condattr_t monotonic;

	if (!queue)
		return NRM_ERR_NOMEM;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, &monotonic);
	pthread_cond_init(&queue->emptied, NULL);
	pthread_condattr_destroy(&monotonic);
	queue->last = &queue->first;
	*ret_queue = queue;
	return NRM_OK;
}

void nrm_queue_free(struct nrm_queue *queue)
{
	if (!queue)
		return;
	for (struct nrm_parcel *p = queue->first, *next; p; p = next) {
		next = p->next;
		p->release(p);
	}
	pthread_cond_destroy(&queue->emptied);
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

void nrm_queue_put(struct nrm_queue *queue, struct nrm_parcel *parcel)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->weight >= NRM_MAX_UNDECIDED && !queue->closed)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	if (!queue->closed) {
		parcel->next = NULL;
		*queue->last = parcel;
		queue->last = &parcel->next;
		queue->weight += nrm_parcel_weight(parcel);
		parcel = NULL;
		pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	if (parcel)
		parcel->release(parcel);
}

static size_t items(const struct nrm_parcel *p)
{
	if (p->kind != NRM_PARCEL_FRAME || p->err != NRM_OK)
		return 1;
	return p->frame.kind == NRM_SUBMIT	  ? p->frame.is.submit.n
	       : p->frame.kind == NRM_ACKNOWLEDGE ? p->frame.is.acknowledge.ack.n
						  : 1;
}

void nrm_queue_take(struct nrm_queue *queue, uint64_t until_ms, struct nrm_batch *ret_batch)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ms / 1000),
		.tv_nsec = (long)(until_ms % 1000 * 1000000),
	};
	struct nrm_batch *batch = ret_batch;
	size_t n_items = 0;
	int rc = 0;

	batch->n = batch->weight = 0;
	pthread_mutex_lock(&queue->lock);
	while (!queue->first && !queue->woken && rc == 0)
		rc = pthread_cond_timedwait(&queue->filled, &queue->lock, &until);
	queue->woken = false;
	while (queue->first && batch->n < NRM_BATCH_PARCELS && n_items < NRM_BATCH_PARCELS) {
		struct nrm_parcel *p = queue->first;
		queue->first = p->next;
		n_items += items(p);
		batch->weight += nrm_parcel_weight(p);
		batch->parcel[batch->n++] = p;
	}
	if (!queue->first)
		queue->last = &queue->first;
	pthread_mutex_unlock(&queue->lock);
}

void nrm_queue_settle(struct nrm_queue *queue, struct nrm_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		batch->parcel[i]->release(batch->parcel[i]);
	pthread_mutex_lock(&queue->lock);
	queue->weight -= batch->weight;
	pthread_cond_broadcast(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
	batch->n = batch->weight = 0;
}

void nrm_queue_wake(struct nrm_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->woken = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

void nrm_queue_close(struct nrm_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
}
