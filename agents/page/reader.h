/* The process that holds the trail open and answers queries. */
#ifndef NRM_PAGE_READER_H
#define NRM_PAGE_READER_H

#include "agents/page/answer.h"

/*
 * Reads queries from a socket and answers them there, until it is closed; in between it follows the trail. Says why as NRM_FRAME_CANNOT where it
 * cannot go on. A child's work: returns its exit status.
 */
int nrm_page_reader(const struct nrm_serve_options *options, void *unused, int fd);

/* One answer. */
void nrm_page_answer(struct nrm_reading *reading, const struct nrm_page_query *query,
		     struct nrm_reply *reply);

#endif
