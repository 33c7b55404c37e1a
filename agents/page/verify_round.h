/* One round of verification: a child's work. Internal to agents/page. */
#ifndef NRM_PAGE_VERIFY_ROUND_H
#define NRM_PAGE_VERIFY_ROUND_H

#include "agents/page/frame.h"
#include "agents/page/serve.h"

/*
 * `since`: a struct nrm_slice with the checkpoint note to go on from, empty for the whole trail. Says its progress, its report
 * {"state", "leaves", "fault"} and the checkpoint that verified.
 */
int nrm_page_verify_round(const struct nrm_serve_options *options, void *since, int fd);

#endif
