/*
 * The connections of the listening socket, by their descriptor, as the monitor and their frames tell of them.
 *
 * A session number is the connection's number, which the ZAP handler gave it, above its descriptor: it is never used
 * again, and leads to the connection without a search. A routing id is chosen by the peer and says nothing; it is kept only
 * because libzmq wants it for sending.
 */
#ifndef NRM_DOOR_CONNECTIONS_H
#define NRM_DOOR_CONNECTIONS_H

#include "broker/door/letter.h"
#include "broker/door/pool.h"

#define NRM_DESCRIPTOR_BITS 20

enum nrm_connection_state {
	NRM_CONNECTION_SILENT, /* accepted; no frame came of it yet */
	NRM_CONNECTION_OPEN,
	NRM_CONNECTION_ENDING /* what still comes of it is dropped, and it is shut down at `since_ms` */
};

/* A frame that its peer did not take yet. */
struct nrm_backlog {
	struct nrm_backlog *next;
	size_t len; /* of the message, which libzmq empties when it takes it */
	zmq_msg_t message;
};

struct nrm_connection {
	int descriptor;
	enum nrm_connection_state state;
	uint64_t since_ms;
	uint64_t session; /* 0 while silent */
	uint8_t key[NRM_KEY_LEN];
	bool entered; /* counted by the gate */
	struct nrm_lane *lane;
	struct nrm_letter *gone; /* made beforehand: its end is told even without memory */
	uint8_t routing_id[255];
	size_t routing_id_len;
	struct nrm_backlog *first, **last;
	size_t backlog_bytes;
	struct nrm_connection *next_late,
		**late; /* those with a backlog; `late` NULL: not among them */
};

struct nrm_connections {
	struct nrm_gate *gate;
	struct nrm_pool *pool;
	struct nrm_connection **at; /* by descriptor */
	size_t n;
	struct nrm_connection *late;
};

void nrm_connections_init(struct nrm_connections *c, struct nrm_gate *gate, struct nrm_pool *pool);
void nrm_connections_done(struct nrm_connections *c);

/* The monitor's news. Without memory a connection stays unknown, and is shut down. */
void nrm_connection_accepted(struct nrm_connections *c, int descriptor, uint64_t now_ms);
void nrm_connection_closed(struct nrm_connections *c, int descriptor);

/* The connection at a descriptor, and the one of a session; NULL when there is none. */
struct nrm_connection *nrm_connection_at(const struct nrm_connections *c, int descriptor);
struct nrm_connection *nrm_connection_find(const struct nrm_connections *c, uint64_t session);

/* Makes an open session of a connection at its first frame; false when the gate or memory does not allow it. */
bool nrm_connection_open(struct nrm_connections *c, struct nrm_connection *connection,
			 uint64_t session, const uint8_t key[static NRM_KEY_LEN],
			 struct nrm_slice routing_id);

/*
 * Ends a session: tells the core, and drops what comes of it from now on. The connection is shut down at `when_ms`, at once when that
 * is 0.
 */
void nrm_connection_end(struct nrm_connections *c, struct nrm_connection *connection,
			uint64_t when_ms);

/* Shuts down what has been silent for too long and what has come to its end. */
void nrm_connections_sweep(struct nrm_connections *c, uint64_t now_ms);

/* Keeps a frame for later, which is moved; false when the peer has too many, or there is no memory (it is closed then). */
bool nrm_backlog_put(struct nrm_connections *c, struct nrm_connection *connection,
		     zmq_msg_t *message);
/* Forgets the first one, which has been sent. */
void nrm_backlog_drop(struct nrm_connection *connection);

#endif
