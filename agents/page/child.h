/*
 * A child process with a socket to it: what it says comes as frames (frame.h). It has none of its parent's descriptors or credentials,
 * leaves no core file, gains no privileges, and dies with its parent.
 */
#ifndef NRM_PAGE_CHILD_H
#define NRM_PAGE_CHILD_H

#include <sys/types.h>

#include "agents/page/frame.h"
#include "agents/page/serve.h"

struct nrm_child {
	pid_t pid;	   /* 0: none */
	int fd;		   /* non-blocking */
	struct nrm_buf in; /* said, and not yet taken */
	size_t taken;	   /* of it */
};

/* Begins `work` in a child, with its end of the socket; what it returns is the exit status. NRM_ERR_IO. */
enum nrm_err nrm_child_begin(struct nrm_child *child, const struct nrm_serve_options *options,
			     int (*work)(const struct nrm_serve_options *options, void *context,
					 int fd),
			     void *context) NRM_MUST_USE;
/* Reads what is there. NRM_ERR_CLOSED when the child has ended; NRM_ERR_NOMEM. */
enum nrm_err nrm_child_hear(struct nrm_child *child) NRM_MUST_USE;
/* The next whole frame, borrowed until the next call of any of these. Errors of nrm_page_frame_take(). */
enum nrm_err nrm_child_frame(struct nrm_child *child,
			     struct nrm_page_frame *ret_frame) NRM_MUST_USE;
/* Ends the child, gently or not, and says in words how it ended. */
#define NRM_CHILD_END_LEN 160
void nrm_child_end(struct nrm_child *child, bool at_once, char how[static NRM_CHILD_END_LEN]);

#endif
