#include "broker/door/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/door/listener.h"
#include "broker/door/reception.h"
#include "broker/door/selftest.h"
#include "broker/door/zap.h"

#define ERROR_LEN 256

struct nrm_door {
	void *context, *router, *monitor; /* the sockets are NULL once they are the reception's */
	int wake;
	struct nrm_gate *gate;
	struct nrm_zap *zap;
	struct nrm_queue *queue;
	struct nrm_pool *pool;
	struct nrm_writer *writer;
	struct nrm_reception *reception;
	size_t n;
	char (*endpoint)[NRM_ENDPOINT_LEN];
};

/*
 * libzmq takes the routing ids of peers without one from rand(), which it leaves unseeded: who knew the next one could claim it
 * and make libzmq abort (architecture.md, traps).
 */
static void seed_routing_ids(void)
{
	unsigned seed;

	nrm_random(&seed, sizeof(seed));
	srand(seed);
}

/* The sockets, tried and guarded, but not listening yet. */
static enum nrm_err guard(struct nrm_door *door, const struct nrm_door_options *options,
			  char *error)
{
	enum nrm_err err;

	seed_routing_ids();
	door->context = zmq_ctx_new();
	door->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	door->endpoint = calloc(options->n_listen, sizeof(*door->endpoint));
	if (!door->context || door->wake < 0 || !door->endpoint)
		return NRM_ERR_NOMEM;
	if ((err = nrm_gate_new(options->directory, &door->gate)) != NRM_OK ||
	    (err = nrm_zap_start(door->context, door->gate, &door->zap)) != NRM_OK)
		return err;
	err = nrm_listener_new(door->context, options->secret, &door->router);
	if (err != NRM_OK) {
		snprintf(error, ERROR_LEN, "door: libzmq does not take an option that guards it");
		return err;
	}
	err = nrm_door_selftest(door->router, options->secret, door->gate);
	if (err != NRM_OK)
		snprintf(error, ERROR_LEN, "door: %s",
			 err == NRM_ERR_PERMISSION
				 ? "a stranger got in when it tried itself"
				 : "it could not try itself with a stranger's key");
	return err;
}

static enum nrm_err listen_all(struct nrm_door *door, const struct nrm_door_options *options,
			       char *error)
{
	for (; door->n < options->n_listen; door->n++) {
		const char *endpoint = options->listen[door->n];
		if (nrm_listener_bind(door->router, endpoint, door->endpoint[door->n]) != NRM_OK) {
			snprintf(error, ERROR_LEN, "door: cannot listen on %.128s: %s", endpoint,
				 zmq_strerror(errno));
			return NRM_ERR_ARGUMENT;
		}
	}
	return NRM_OK;
}

static enum nrm_err start(struct nrm_door *door, const struct nrm_door_options *options,
			  char *error)
{
	enum nrm_err err = nrm_queue_new(&door->queue);

	if (err != NRM_OK)
		return err;
	const struct nrm_writer_options writer = {
		.core = options->core,
		.queue = door->queue,
		.gate = door->gate,
		.tick_seconds = options->tick_seconds,
		.wake = door->wake,
		.report = options->report,
		.stop = options->stop,
	};
	if ((err = nrm_pool_start(options->workers, door->gate, door->queue, door->wake,
				  &door->pool)) != NRM_OK ||
	    (err = nrm_writer_start(&writer, &door->writer)) != NRM_OK ||
	    (err = nrm_monitor_open(door->context, door->router, "inproc://nrm.monitor",
				    nrm_reception_events, &door->monitor)) != NRM_OK ||
	    (err = listen_all(door, options, error)) != NRM_OK)
		return err;
	const struct nrm_reception_options reception = {
		.router = door->router,
		.monitor = door->monitor,
		.wake = door->wake,
		.gate = door->gate,
		.pool = door->pool,
		.writer = door->writer,
		.report = options->report,
	};
	err = nrm_reception_start(&reception, &door->reception);
	if (err == NRM_OK)
		door->router = door->monitor = NULL;
	return err;
}

enum nrm_err nrm_door_open(const struct nrm_door_options *options, struct nrm_door **ret_door,
			   char ret_error[static ERROR_LEN])
{
	struct nrm_door *door = calloc(1, sizeof(*door));
	char error[ERROR_LEN] = "";
	enum nrm_err err = NRM_ERR_NOMEM;

	if (!door)
		goto out;
	door->wake = -1;
	err = guard(door, options, error);
	if (err == NRM_OK)
		err = start(door, options, error);
	if (err != NRM_OK)
		goto out;
	*ret_door = door;
	door = NULL;
out:
	nrm_door_close(door);
	if (err != NRM_OK && !error[0])
		snprintf(error, sizeof(error), "door: %s", nrm_err_text(err));
	if (err != NRM_OK)
		memcpy(ret_error, error, sizeof(error));
	return err;
}

void nrm_door_close(struct nrm_door *door)
{
	if (!door)
		return;
	/* From the sockets inward; those who wait for room further in are let go first. */
	if (door->queue)
		nrm_queue_close(door->queue);
	nrm_reception_stop(door->reception);
	nrm_pool_stop(door->pool);
	nrm_writer_stop(door->writer);
	nrm_queue_free(door->queue);
	if (door->monitor) {
		zmq_socket_monitor(door->router, NULL, 0);
		zmq_close(door->monitor);
	}
	if (door->router)
		zmq_close(door->router);
	if (door->context)
		zmq_ctx_shutdown(door->context);
	nrm_zap_join(door->zap);
	if (door->context)
		zmq_ctx_term(door->context);
	nrm_gate_free(door->gate);
	if (door->wake >= 0)
		close(door->wake);
	free(door->endpoint);
	free(door);
}

const char *nrm_door_endpoint(const struct nrm_door *door, size_t i)
{
	return door->endpoint[i];
}

enum nrm_err nrm_door_adopt(struct nrm_door *door, const struct nrm_documents *documents)
{
	return nrm_writer_adopt(door->writer, documents);
}
