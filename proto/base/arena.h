/*
 * An arena: many small allocations, one release, a ceiling. Decoding bad input can cost no more
 * memory than the ceiling says. Not for secrets; not shared between threads.
 */
#ifndef NRM_BASE_ARENA_H
#define NRM_BASE_ARENA_H

#include <stddef.h>

#include "proto/base/err.h"

struct nrm_arena_block;
struct nrm_arena {
	struct nrm_arena_block *blocks;
	size_t used;	/* bytes handed out since the last reset */
	size_t ceiling; /* most bytes it ever hands out between resets */
	size_t want;	/* size of the next first block, learned at resets */
};

/* Makes an empty arena on the caller's storage; allocates nothing yet. */
void nrm_arena_init(struct nrm_arena *arena, size_t ceiling);

/* `len` zeroed bytes, aligned for any type, living until reset or done; NULL over the ceiling or without memory. */
void *nrm_arena_alloc(struct nrm_arena *arena, size_t len);

/* A copy of `len` bytes with a zero byte after them; NULL as above. */
void *nrm_arena_copy(struct nrm_arena *arena, const void *bytes, size_t len);

/* Takes everything back. Memory is kept for reuse: one block, at most 4 MiB, as large as what was used needs. */
void nrm_arena_reset(struct nrm_arena *arena);

/* Frees all of it. The arena may be initialised again. */
void nrm_arena_done(struct nrm_arena *arena);

#endif
