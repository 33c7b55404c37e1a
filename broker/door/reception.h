/*
 * The reception: the one thread that reads and writes the listening socket. Frames in, to the lanes of the verify pool; what the writer
 * put out, to the peers; the monitor's news, to the table of connections. It never waits for one peer.
 */
#ifndef NRM_DOOR_RECEPTION_H
#define NRM_DOOR_RECEPTION_H

#include "broker/door/pool.h"
#include "broker/door/writer.h"

struct nrm_reception;

struct nrm_reception_options {
	void *router,
		*monitor; /* used by the thread alone from now on; nrm_reception_stop() closes them */
	int wake;	  /* eventfd */
	struct nrm_gate *gate;
	struct nrm_pool *pool;
	struct nrm_writer *writer;
	void (*report)(enum nrm_log_level level, const char *event, const char *pairs);
};

/* Events that the monitor has to be opened for. */
extern const int nrm_reception_events;

/* Starts the thread. NRM_ERR_IO, NRM_ERR_NOMEM. */
enum nrm_err nrm_reception_start(const struct nrm_reception_options *options,
				 struct nrm_reception **ret_reception) NRM_MUST_USE;
/* Ends the thread. The queue and the pool must still be there. NULL is allowed. */
void nrm_reception_stop(struct nrm_reception *reception);

#endif
