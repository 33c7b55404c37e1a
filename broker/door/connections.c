#include "broker/door/connections.h"

#include <stdlib.h>
#include <sys/socket.h>

void nrm_connections_init(struct nrm_connections *c, struct nrm_gate *gate, struct nrm_pool *pool)
{
	*c = (struct nrm_connections){.gate = gate, .pool = pool};
}

void nrm_connections_done(struct nrm_connections *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i])
			nrm_connection_closed(c, (int)i);
	free(c->at);
	*c = (struct nrm_connections){0};
}

struct nrm_connection *nrm_connection_at(const struct nrm_connections *c, int descriptor)
{
	return descriptor >= 0 && (size_t)descriptor < c->n ? c->at[descriptor] : NULL;
}

struct nrm_connection *nrm_connection_find(const struct nrm_connections *c, uint64_t session)
{
	int descriptor = (int)(session & ((1u << NRM_DESCRIPTOR_BITS) - 1));
	struct nrm_connection *connection = nrm_connection_at(c, descriptor);

	return connection && connection->session == session ? connection : NULL;
}

/*
 * Between the last look at the monitor and this call, libzmq may have closed the descriptor and given it to another connection,
 * which is then the one shut down: its peer comes again, and nothing is lost.
 */
static void hang_up(int descriptor)
{
	shutdown(descriptor, SHUT_RDWR);
}

static bool make_room(struct nrm_connections *c, size_t descriptor)
{
	if (descriptor >= 1u << NRM_DESCRIPTOR_BITS)
		return false;
	if (descriptor < c->n)
		return true;
	size_t n = descriptor + 64;
	struct nrm_connection **at = reallocarray(c->at, n, sizeof(*at));
	if (!at)
		return false;
	for (size_t i = c->n; i < n; i++)
		at[i] = NULL;
	c->at = at;
	c->n = n;
	return true;
}

void nrm_connection_accepted(struct nrm_connections *c, int descriptor, uint64_t now_ms)
{
	nrm_connection_closed(c, descriptor);
	struct nrm_connection *connection = calloc(1, sizeof(*connection));
	if (!connection || !make_room(c, (size_t)descriptor)) {
		free(connection);
		hang_up(descriptor);
		return;
	}
	connection->descriptor = descriptor;
	connection->since_ms = now_ms;
	connection->last = &connection->first;
	c->at[descriptor] = connection;
}

/* Tells the core that no more comes of a session, after what came of it. */
static void tell_end(struct nrm_connections *c, struct nrm_connection *connection)
{
	if (connection->state != NRM_CONNECTION_OPEN)
		return;
	nrm_pool_put(c->pool, connection->lane, &connection->gone->parcel);
	connection->gone = NULL;
}

void nrm_connection_closed(struct nrm_connections *c, int descriptor)
{
	struct nrm_connection *connection = nrm_connection_at(c, descriptor);

	if (!connection)
		return;
	tell_end(c, connection);
	if (connection->gone)
		connection->gone->parcel.release(&connection->gone->parcel);
	if (connection->entered)
		nrm_gate_leave(c->gate, connection->key);
	while (connection->first)
		nrm_backlog_drop(connection);
	c->at[descriptor] = NULL;
	free(connection);
}

bool nrm_connection_open(struct nrm_connections *c, struct nrm_connection *connection,
			 uint64_t session, const uint8_t key[static NRM_KEY_LEN],
			 struct nrm_slice routing_id)
{
	connection->session = session;
	memcpy(connection->key, key, NRM_KEY_LEN);
	connection->entered = nrm_gate_enter(c->gate, key, connection->since_ms);
	connection->lane = nrm_pool_lane(c->pool, key);
	connection->gone = nrm_letter_new(NRM_PARCEL_GONE);
	if (!connection->entered || !connection->lane || !connection->gone ||
	    routing_id.len > sizeof(connection->routing_id)) {
		nrm_connection_end(c, connection, 0);
		return false;
	}
	connection->gone->parcel.session = session;
	memcpy(connection->routing_id, routing_id.data, routing_id.len);
	connection->routing_id_len = routing_id.len;
	connection->state = NRM_CONNECTION_OPEN;
	return true;
}

void nrm_connection_end(struct nrm_connections *c, struct nrm_connection *connection,
			uint64_t when_ms)
{
	tell_end(c, connection);
	connection->state = NRM_CONNECTION_ENDING;
	connection->since_ms = when_ms;
	if (when_ms == 0)
		hang_up(connection->descriptor);
}

void nrm_connections_sweep(struct nrm_connections *c, uint64_t now_ms)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct nrm_connection *connection = c->at[i];
		if (!connection || connection->state == NRM_CONNECTION_OPEN)
			continue;
		uint64_t patience = connection->state == NRM_CONNECTION_SILENT ? NRM_MAX_SILENCE_MS
									       : 0;
		if (now_ms >= connection->since_ms + patience)
			hang_up(connection->descriptor);
	}
}

static void be_late(struct nrm_connections *c, struct nrm_connection *connection)
{
	connection->next_late = c->late;
	connection->late = &c->late;
	if (c->late)
		c->late->late = &connection->next_late;
	c->late = connection;
}

bool nrm_backlog_put(struct nrm_connections *c, struct nrm_connection *connection,
		     zmq_msg_t *message)
{
	size_t len = zmq_msg_size(message);
	struct nrm_backlog *frame = NULL;

	if (connection->backlog_bytes + len <= NRM_MAX_BACKLOG)
		frame = malloc(sizeof(*frame));
	if (!frame) {
		zmq_msg_close(message);
		return false;
	}
	zmq_msg_init(&frame->message);
	zmq_msg_move(&frame->message, message);
	frame->next = NULL;
	frame->len = len;
	*connection->last = frame;
	connection->last = &frame->next;
	connection->backlog_bytes += len;
	if (!connection->late)
		be_late(c, connection);
	return true;
}

void nrm_backlog_drop(struct nrm_connection *connection)
{
	struct nrm_backlog *frame = connection->first;

	connection->backlog_bytes -= frame->len;
	zmq_msg_close(&frame->message);
	connection->first = frame->next;
	free(frame);
	if (connection->first)
		return;
	connection->last = &connection->first;
	*connection->late = connection->next_late;
	if (connection->next_late)
		connection->next_late->late = connection->late;
	connection->late = NULL;
}
