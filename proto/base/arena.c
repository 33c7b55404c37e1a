#include "proto/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384
#define GROWN_BYTES (128u * 1024)
#define KEPT_BYTES  (4u * 1024 * 1024) /* a reset keeps one block of up to this size */

struct nrm_arena_block {
	struct nrm_arena_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) uint8_t bytes[];
};

void nrm_arena_init(struct nrm_arena *arena, size_t ceiling)
{
	*arena = (struct nrm_arena){.ceiling = ceiling};
}

/* Blocks double up to a size, so that there are few of them and little is left over. */
static struct nrm_arena_block *block_new(struct nrm_arena *arena, size_t need)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : arena->want;

	const size_t most = arena->blocks ? GROWN_BYTES : KEPT_BYTES;

	if (size < BLOCK_BYTES)
		size = BLOCK_BYTES;
	if (size > most)
		size = most;
	if (size < need)
		size = need;
	struct nrm_arena_block *block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	block->next = arena->blocks;
	block->size = size;
	block->used = 0;
	arena->blocks = block;
	return block;
}

static void *alloc(struct nrm_arena *arena, size_t len)
{
	const size_t align = alignof(max_align_t);
	struct nrm_arena_block *block = arena->blocks;

	if (len > arena->ceiling)
		return NULL;
	len = (len + align - 1) / align * align;
	if (len > arena->ceiling - arena->used)
		return NULL;
	if (!block || len > block->size - block->used)
		block = block_new(arena, len);
	if (!block)
		return NULL;

	void *bytes = block->bytes + block->used;
	block->used += len;
	arena->used += len;
	return bytes;
}

void *nrm_arena_alloc(struct nrm_arena *arena, size_t len)
{
	void *bytes = alloc(arena, len);

	return bytes ? memset(bytes, 0, len) : NULL;
}

void *nrm_arena_copy(struct nrm_arena *arena, const void *bytes, size_t len)
{
	uint8_t *copy = len < SIZE_MAX ? alloc(arena, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = 0;
	return copy;
}

static void free_blocks(struct nrm_arena *arena)
{
	while (arena->blocks) {
		struct nrm_arena_block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
}

void nrm_arena_reset(struct nrm_arena *arena)
{
	if (arena->blocks && (arena->blocks->next || arena->blocks->size > KEPT_BYTES)) {
		/* Next time all of it in one block. */
		arena->want = arena->used;
		free_blocks(arena);
	}
	if (arena->blocks)
		arena->blocks->used = 0;
	arena->used = 0;
}

void nrm_arena_done(struct nrm_arena *arena)
{
	free_blocks(arena);
	arena->used = 0;
}
