/*
 * The door: all of the broker's sockets and threads. Frames come in over ZeroMQ and CURVE from connections whose key is in
 * the directory, are verified on all cores, and are applied to the core by one writer, in batches; what the core answers
 * goes out again. The door knows nothing of what frames mean.
 *
 *     ZeroMQ -> reception -> verify pool -> queue -> writer -> core
 *            <- reception <------------- outbox <-'
 *
 * Every queue is bounded; a full one stops reading from the sockets, so that pressure reaches the senders.
 */
#ifndef NRM_DOOR_DOOR_H
#define NRM_DOOR_DOOR_H

#include "broker/books/books.h"
#include "proto/base/log.h"

struct nrm_door;

/* What the writer drives: the books, or their twin in a test. All calls come from one thread. See books.h. */
struct nrm_core {
	enum nrm_err (*apply)(void *self, struct nrm_parcel *const *parcel, size_t n,
			      uint64_t now_ms, const uint8_t entropy[static 32],
			      struct nrm_effects *ret_effects);
	enum nrm_err (*tick)(void *self, uint64_t now_ms, const uint8_t entropy[static 32],
			     struct nrm_effects *ret_effects);
	enum nrm_err (*adopt)(void *self, const struct nrm_documents *documents, uint64_t now_ms,
			      const uint8_t entropy[static 32], struct nrm_effects *ret_effects);
	bool (*pending)(const void *self);
	/* Whether too few agencies have vouched for the trail for too long. May be NULL. */
	bool (*unvouched)(const void *self);
	void *self;
};

struct nrm_door_options {
	const char *const *listen; /* endpoints, tcp://ADDRESS:PORT; port * takes any free one */
	size_t n_listen;
	uint8_t secret
		[NRM_KEY_LEN]; /* the broker's transport key; copied into libzmq, wipe yours */
	const struct nrm_directory
		*directory;    /* outlives the door, as those of nrm_door_adopt() do */
	unsigned workers;      /* threads that verify; 0: one a core */
	unsigned tick_seconds; /* between the core's ticks; 0: one */
	struct nrm_core core;
	/* Told what an operator should know, as logfmt pairs, from any thread; never a field, name or case. */
	void (*report)(enum nrm_log_level level, const char *event, const char *pairs);
	/* Called from the writer's thread when the core answers NRM_ERR_CORRUPT: it must not go on. May be NULL. */
	void (*stop)(void);
};

/*
 * Starts the threads, tries the door with a stranger's key, then listens. Call it once a process, before anything else
 * uses ZeroMQ. On failure nothing runs and `ret_error` has one line: NRM_ERR_ARGUMENT for an endpoint that cannot be
 * bound, NRM_ERR_PERMISSION when a stranger got in, NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_door_open(const struct nrm_door_options *options, struct nrm_door **ret_door,
			   char ret_error[static 256]) NRM_MUST_USE;

/* Ends every connection and all threads; frames not yet applied are dropped (their senders have no receipt). NULL is allowed. */
void nrm_door_close(struct nrm_door *door);

/* Where endpoint `i` of the options listens, its port filled in; lives as long as the door. */
const char *nrm_door_endpoint(const struct nrm_door *door, size_t i);

/*
 * Brings other documents into force: in the core first, then a directory for handshakes and verification. Waits until that is
 * done and returns the core's answer; on failure the old ones stay. From one thread at a time.
 */
enum nrm_err nrm_door_adopt(struct nrm_door *door,
			    const struct nrm_documents *documents) NRM_MUST_USE;

#endif
