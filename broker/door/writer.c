#include "broker/door/writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "proto/base/time.h"

struct nrm_writer {
	struct nrm_writer_options set;
	pthread_t thread;
	uint64_t now_ms; /* the core's time: never falls */
	bool failing;	 /* the last commit did not succeed */
	bool unvouched;	 /* reported */
	struct nrm_batch batch;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	bool stopped;
	bool full; /* the outbox */
	struct nrm_effects outbox;
	const struct nrm_documents *wanted; /* asked for, not yet in force */
	enum nrm_err verdict;		    /* on the last ones asked for */
};

/* What every call of the core is given. */
struct moment {
	uint64_t now_ms;
	uint8_t entropy[32];
};

static struct moment moment(struct nrm_writer *w)
{
	uint64_t now = nrm_time_now_ms();
	struct moment m;

	if (now > w->now_ms)
		w->now_ms = now;
	m.now_ms = w->now_ms;
	nrm_random(m.entropy, sizeof(m.entropy));
	return m;
}

/* Hands over what is to be sent, once the reception has taken what was before. */
static void dispatch(struct nrm_writer *w, struct nrm_effects *effects)
{
	if (effects->n > 0) {
		pthread_mutex_lock(&w->lock);
		while (w->full && !w->stopped)
			pthread_cond_wait(&w->changed, &w->lock);
		if (!w->full) {
			w->outbox = *effects;
			w->full = true;
			*effects = (struct nrm_effects){0};
		}
		pthread_mutex_unlock(&w->lock);
		eventfd_write(w->set.wake, 1);
	}
	nrm_effects_done(effects);
}

/* Tells when commits begin to fail, and when they succeed again; books that must not go on stop the broker. */
static void note(struct nrm_writer *w, enum nrm_err err)
{
	char pairs[128];

	if (err == NRM_ERR_CORRUPT && w->set.stop)
		w->set.stop();
	if (w->failing == (err != NRM_OK))
		return;
	w->failing = err != NRM_OK;
	snprintf(pairs, sizeof(pairs), "error=\"%s\"", nrm_err_text(err));
	if (w->failing)
		w->set.report(NRM_LOG_ERROR, "commit_failed", pairs);
	else
		w->set.report(NRM_LOG_INFO, "commit_resumed", "");
}

/* Tells when a quorum of witnesses has been missing for a day, and when it is there again. */
static void watch(struct nrm_writer *w)
{
	const struct nrm_core *core = &w->set.core;
	const bool unvouched = core->unvouched && core->unvouched(core->self);

	if (unvouched == w->unvouched)
		return;
	w->unvouched = unvouched;
	w->set.report(unvouched ? NRM_LOG_ERROR : NRM_LOG_INFO,
		      unvouched ? "quorum_missing" : "quorum_again",
		      unvouched
			      ? "text=\"for a day too few agencies have vouched for the trail: see "
				"nrm audit verify --witnesses\""
			      : "");
}

/* Applies the batch and settles it; whether more waits that can go out at once. */
static bool apply(struct nrm_writer *w)
{
	const struct nrm_core *core = &w->set.core;
	struct nrm_effects effects = {0};
	struct moment m = moment(w);
	enum nrm_err err =
		core->apply(core->self, w->batch.parcel, w->batch.n, m.now_ms, m.entropy, &effects);

	nrm_wipe(m.entropy, sizeof(m.entropy));
	dispatch(w, &effects);
	nrm_queue_settle(w->set.queue, &w->batch);
	note(w, err);
	/* What could not be committed is not tried again before something changes. */
	return err == NRM_OK && core->pending(core->self);
}

static bool tick(struct nrm_writer *w)
{
	const struct nrm_core *core = &w->set.core;
	struct nrm_effects effects = {0};
	struct moment m = moment(w);
	enum nrm_err err = core->tick(core->self, m.now_ms, m.entropy, &effects);

	nrm_wipe(m.entropy, sizeof(m.entropy));
	dispatch(w, &effects);
	note(w, err);
	watch(w);
	return core->pending(core->self);
}

static const struct nrm_documents *wanted(struct nrm_writer *w)
{
	pthread_mutex_lock(&w->lock);
	const struct nrm_documents *documents = w->wanted;
	pthread_mutex_unlock(&w->lock);
	return documents;
}

static void adopt(struct nrm_writer *w, const struct nrm_documents *documents)
{
	const struct nrm_core *core = &w->set.core;
	struct nrm_effects effects = {0};
	struct moment m = moment(w);
	enum nrm_err err = core->adopt(core->self, documents, m.now_ms, m.entropy, &effects);

	nrm_wipe(m.entropy, sizeof(m.entropy));
	if (err == NRM_OK && documents->directory)
		nrm_gate_set_directory(w->set.gate, documents->directory);
	dispatch(w, &effects);
	pthread_mutex_lock(&w->lock);
	w->wanted = NULL;
	w->verdict = err;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static bool stopped(struct nrm_writer *w)
{
	pthread_mutex_lock(&w->lock);
	bool yes = w->stopped;
	pthread_mutex_unlock(&w->lock);
	return yes;
}

static void *write_books(void *arg)
{
	struct nrm_writer *w = arg;
	uint64_t tick_ms = (w->set.tick_seconds ? w->set.tick_seconds : 1) * 1000u;
	uint64_t next_tick = nrm_time_monotonic_ms() + tick_ms;
	bool pending = false;

	while (!stopped(w)) {
		nrm_queue_take(w->set.queue, pending ? 0 : next_tick, &w->batch);
		const struct nrm_documents *documents = wanted(w);
		if (documents)
			adopt(w, documents);
		if (w->batch.n > 0 || pending)
			pending = apply(w);
		uint64_t now = nrm_time_monotonic_ms();
		if (now >= next_tick) {
			pending = tick(w);
			next_tick = now + tick_ms;
		}
	}
	nrm_crypto_thread_done();
	return NULL;
}

enum nrm_err nrm_writer_start(const struct nrm_writer_options *options,
			      struct nrm_writer **ret_writer)
{
	struct nrm_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NRM_ERR_NOMEM;
	w->set = *options;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	if (pthread_create(&w->thread, NULL, write_books, w) != 0) {
		free(w);
		return NRM_ERR_IO;
	}
	*ret_writer = w;
	return NRM_OK;
}

void nrm_writer_stop(struct nrm_writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopped = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	nrm_queue_wake(w->set.queue);
	pthread_join(w->thread, NULL);
	nrm_effects_done(&w->outbox);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

bool nrm_writer_collect(struct nrm_writer *w, struct nrm_effects *ret_effects)
{
	pthread_mutex_lock(&w->lock);
	bool full = w->full;
	if (full) {
		*ret_effects = w->outbox;
		w->outbox = (struct nrm_effects){0};
		w->full = false;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return full;
}

enum nrm_err nrm_writer_adopt(struct nrm_writer *w, const struct nrm_documents *documents)
{
	pthread_mutex_lock(&w->lock);
	w->wanted = documents;
	nrm_queue_wake(w->set.queue);
	while (w->wanted)
		pthread_cond_wait(&w->changed, &w->lock);
	enum nrm_err err = w->verdict;
	pthread_mutex_unlock(&w->lock);
	return err;
}
