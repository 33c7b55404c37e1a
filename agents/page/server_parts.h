/*
 * The serving process, for the sources that do its parts. Internal to agents/page. One thread: libmicrohttpd runs when the loop calls
 * it, and a connection that waits for the reader is suspended.
 */
#ifndef NRM_PAGE_SERVER_PARTS_H
#define NRM_PAGE_SERVER_PARTS_H

#include <microhttpd.h>

#include "agents/page/query.h"
#include "agents/page/verifier.h"

/* One connection: slow ones are cut off. */
struct nrm_place {
	int fd; /* -1: free */
	uint64_t deadline_ms;
};

enum nrm_visit_state {
	NRM_VISIT_NEW,
	NRM_VISIT_REFUSED, /* waits to be told that the password is wrong */
	NRM_VISIT_ASKING,  /* waits for the reader */
	NRM_VISIT_ANSWERED /* the answer can go out */
};

/* One request, from its first line until its answer has gone out. */
struct nrm_visit {
	struct nrm_server *server;
	struct MHD_Connection *connection;
	enum nrm_visit_state state;
	char path[NRM_MAX_PAGE_URI + 1]; /* as it came; escapes are not undone, ours have none */
	bool too_long;
	struct nrm_page_query query;
	uint64_t until_ms; /* REFUSED: when it is told */
	unsigned status;
	const char *type;	/* of the body */
	const char *attachment; /* a name to save it under; NULL: none */
	struct nrm_buf body;
	struct nrm_slice file;	/* in place of a body: part of the program */
	struct nrm_visit *next; /* in the line of those that wait */
};

struct nrm_server {
	const struct nrm_serve_options *options;
	struct MHD_Daemon *daemon;
	int signals; /* signalfd */
	struct nrm_place place[NRM_MAX_PAGE_CONNECTIONS];
	struct nrm_verifier verifier;
	struct nrm_visit *refused; /* those that wait for a 401 */
	unsigned n_refused;
	struct {
		struct nrm_child child;
		struct nrm_visit *first; /* waiting; the first has been asked when `asked` */
		bool asked;
		uint64_t asked_ms, began_ms;
		char why[NRM_CHILD_END_LEN]; /* the last one ended */
	} reader;
};

/* visit.c: microhttpd's callbacks. */
void *nrm_visit_begin(void *server, const char *uri, struct MHD_Connection *connection);
enum MHD_Result nrm_visit_handle(void *server, struct MHD_Connection *connection, const char *url,
				 const char *method, const char *version, const char *upload,
				 size_t *upload_len, void **visit);
void nrm_visit_end(void *server, struct MHD_Connection *connection, void **visit,
		   enum MHD_RequestTerminationCode how);
/* The answer is there: lets a connection that waits go on. */
void nrm_visit_answer(struct nrm_visit *visit, unsigned status, const char *type,
		      struct nrm_slice body);
void nrm_visit_fail(struct nrm_visit *visit, unsigned status,
		    const struct nrm_page_failure *failure);

/* door.c: who may come in. */
bool nrm_door_host_ok(const struct nrm_serve_options *options, const char *host);
enum nrm_door { NRM_DOOR_OPEN, NRM_DOOR_ASK, NRM_DOOR_WRONG, NRM_DOOR_BUSY };
enum nrm_door nrm_door(struct nrm_server *server, struct MHD_Connection *connection);
/* Tells those that waited long enough; milliseconds until the next one, or `most`. */
int nrm_door_step(struct nrm_server *server, uint64_t now, int most);

/* asking.c: the reader. */
void nrm_asking_add(struct nrm_server *server, struct nrm_visit *visit);
void nrm_asking_remove(struct nrm_server *server, struct nrm_visit *visit);
void nrm_asking_step(struct nrm_server *server, uint64_t now);
void nrm_asking_hear(struct nrm_server *server);

#endif
