/*
 * The files of the page (agents/page/web), which are part of the program.
 */
#ifndef NRM_PAGE_SITE_H
#define NRM_PAGE_SITE_H

#include "proto/base/slice.h"

struct nrm_site_file {
	const char *name; /* below the root: "page.css", "views/leaf.js" */
	const uint8_t *begin, *end;
};
/* Ends with a NULL name. Generated (embed.cmake). */
extern const struct nrm_site_file nrm_site[];

/* The file of a path ("/" is index.html), and its type. False when there is none, or an empty one, which could not be made. */
bool nrm_site_find(const char *path, struct nrm_slice *ret_bytes, const char **ret_type);

#endif
