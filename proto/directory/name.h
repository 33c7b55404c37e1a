/*
 * Text in a directory that people and programs take at its word: display names, endpoints.
 */
#ifndef NRM_DIRECTORY_NAME_H
#define NRM_DIRECTORY_NAME_H

#include "proto/base/slice.h"

/*
 * 1 to NRM_MAX_DISPLAY_NAME bytes of well-formed UTF-8 (RFC 3629) without control characters, which
 * a terminal would obey.
 */
bool nrm_display_name_ok(struct nrm_slice name);

/*
 * "tcp://HOST:PORT", printable ASCII without spaces, a port from 1 to 65535, at most
 * NRM_MAX_ENDPOINT bytes.
 */
bool nrm_endpoint_ok(struct nrm_slice endpoint);

#endif
