/*
 * The writer: the one thread that drives the core. It takes what waits, gives it to the core in one call with the time and
 * fresh entropy, and puts the answers into the outbox: one batch there, so that the core works on the next while the
 * reception sends this one, and no further ahead.
 */
#ifndef NRM_DOOR_WRITER_H
#define NRM_DOOR_WRITER_H

#include "broker/door/door.h"
#include "broker/door/gate.h"
#include "broker/door/queue.h"

struct nrm_writer;

struct nrm_writer_options {
	struct nrm_core core;
	struct nrm_queue *queue;
	struct nrm_gate *gate;
	unsigned tick_seconds; /* 0: one */
	int wake;	       /* eventfd, written when the outbox has something */
	void (*report)(enum nrm_log_level level, const char *event, const char *pairs);
	void (*stop)(void); /* door.h; may be NULL */
};

/* Starts the thread. NRM_ERR_IO, NRM_ERR_NOMEM. */
enum nrm_err nrm_writer_start(const struct nrm_writer_options *options,
			      struct nrm_writer **ret_writer) NRM_MUST_USE;
/* Ends the thread after the batch it works on. NULL is allowed. */
void nrm_writer_stop(struct nrm_writer *writer);

/* Moves what is in the outbox to *ret_effects; false when there is nothing. nrm_effects_done() it. */
bool nrm_writer_collect(struct nrm_writer *writer, struct nrm_effects *ret_effects);

/* nrm_door_adopt(). */
enum nrm_err nrm_writer_adopt(struct nrm_writer *writer,
			      const struct nrm_documents *documents) NRM_MUST_USE;

#endif
