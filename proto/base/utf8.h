/*
 * UTF-8 (RFC 3629), a code point at a time.
 */
#ifndef NRM_BASE_UTF8_H
#define NRM_BASE_UTF8_H

#include "proto/base/slice.h"

#define NRM_UTF8_BAD UINT32_MAX

/*
 * The next code point, taken off `rest`, which must not be empty. NRM_UTF8_BAD where the bytes are not well-formed
 * (cut short, overlong, a surrogate, above U+10FFFF); how much of `rest` is left then is not said.
 */
uint32_t nrm_utf8_take(struct nrm_slice *rest);

/*
 * Whether `text` is well-formed and fit to be shown on one line: no control characters (a terminal would obey them),
 * no line separators, and nothing that turns the direction of what stands around it (Unicode TR36, 2.5.1).
 */
bool nrm_utf8_line_ok(struct nrm_slice text);

#endif
