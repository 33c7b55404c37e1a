/* What the tree stands on, as the analysis takes it. */
#ifndef NRM_TESTS_PROVE_HASHES_H
#define NRM_TESTS_PROVE_HASHES_H

#include "proto/base/limits.h"
#include "proto/merkle/internal.h"
#include "tests/prove/any.h"

struct nrm_hash any_hash(void);

/* A place where hashes are kept: any hash, or any error and nothing written. It may be asked for no node beyond 2^64 leaves. */
enum nrm_err any_node(void *from, unsigned level, uint64_t index, struct nrm_hash *out);

#endif
