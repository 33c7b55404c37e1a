/*
 * The agent's Unix socket: newline-delimited JSON, one answer a request, in order. Only the
 * agency's own user can open it (mode 0600). Poll-driven, no threads.
 */
#ifndef NRM_AGENT_SERVER_H
#define NRM_AGENT_SERVER_H

#include <poll.h>

#include "agents/agent/api.h"

#define NRM_SERVER_CLIENTS 32u
#define NRM_SERVER_FDS	   (NRM_SERVER_CLIENTS + 1)

struct nrm_server;

/*
 * Listens on `path`, in place of a socket that is left over there. NRM_ERR_IO, NRM_ERR_ARGUMENT
 * (path too long), NRM_ERR_NOMEM.
 */
enum nrm_err nrm_server_open(const char *path, struct nrm_server **ret_server) NRM_MUST_USE;
/* Closes all connections and removes the socket. NULL is allowed. */
void nrm_server_close(struct nrm_server *server);

/* What to poll for; returns how many. */
int nrm_server_fds(const struct nrm_server *server, struct pollfd fds[static NRM_SERVER_FDS]);
/* Milliseconds until an answer stops waiting for its receipt; -1: none waits. */
int nrm_server_timeout(const struct nrm_server *server, uint64_t monotonic_ms);

/*
 * Accepts, reads, answers, writes whatever is possible without blocking. `now_ms` is the wall
 * clock for messages, `monotonic_ms` that of waiting. Returns whether a request was answered.
 */
bool nrm_server_step(struct nrm_server *server, struct nrm_api *api, uint64_t now_ms,
		     uint64_t monotonic_ms);

#endif
