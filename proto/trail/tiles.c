/* Where tiles lie, and the right edge of a tree that grows in them (C2SP tlog-tiles). */
#include "proto/trail/tiles.h"

#include <inttypes.h>
#include <stdio.h>

void nrm_tile_path(unsigned level, uint64_t number, unsigned width, char out[static NRM_TILE_PATH])
{
	unsigned groups = 1;
	size_t at;

	at = (size_t)(level == NRM_TILE_ENTRIES ? snprintf(out, NRM_TILE_PATH, "tile/entries")
						: snprintf(out, NRM_TILE_PATH, "tile/%u", level));
	for (uint64_t rest = number / 1000; rest > 0; rest /= 1000)
		groups++;
	while (groups-- > 0) {
		uint64_t unit = 1;

		for (unsigned i = 0; i < groups; i++)
			unit *= 1000;
		at += (size_t)snprintf(out + at, NRM_TILE_PATH - at, "/%s%03" PRIu64,
				       groups ? "x" : "", number / unit % 1000);
	}
	if (width < NRM_TILE_WIDTH)
		snprintf(out + at, NRM_TILE_PATH - at, ".p/%u", width);
}

/* A level's hashes in a tree of `size`: each of 256^level leaves. Bundles lie as level 0 does. */
static uint64_t hashes(unsigned level, uint64_t size)
{
	return level == NRM_TILE_ENTRIES ? size : size >> 8 * level;
}

unsigned nrm_tile_width(unsigned level, uint64_t number, uint64_t size)
{
	const uint64_t all = hashes(level, size), full = all / NRM_TILE_WIDTH;

	if (number < full)
		return NRM_TILE_WIDTH;
	return number == full ? (unsigned)(all % NRM_TILE_WIDTH) : 0;
}

enum nrm_err nrm_tile_edge_append(struct nrm_tile_edge *edge, const struct nrm_hash *leaf,
				  nrm_tile_sink sink, void *to)
{
	struct nrm_hash hash = *leaf;

	for (unsigned level = 0; level < NRM_TILE_LEVELS; level++) {
		const unsigned width = nrm_tile_edge_width(edge, level);

		edge->tile[level][width] = hash;
		if (width + 1 < NRM_TILE_WIDTH)
			break;
		enum nrm_err err = sink(to, level, edge->size >> 8 * level >> 8, edge->tile[level],
					NRM_TILE_WIDTH);
		if (err != NRM_OK)
			return err;
		hash = nrm_tree_root(edge->tile[level], NRM_TILE_WIDTH);
	}
	edge->size++;
	return NRM_OK;
}

enum nrm_err nrm_tile_edge_partials(const struct nrm_tile_edge *edge, nrm_tile_sink sink, void *to)
{
	enum nrm_err err = NRM_OK;

	for (unsigned level = 0; err == NRM_OK && level < NRM_TILE_LEVELS; level++) {
		const unsigned width = nrm_tile_edge_width(edge, level);

		if (width > 0)
			err = sink(to, level, edge->size >> 8 * level >> 8, edge->tile[level],
				   width);
	}
	return err;
}

/* A node of an edge: all of the peaks that a root is made of lie in its partial tiles. */
static enum nrm_err edge_node(void *from, unsigned level, uint64_t index, struct nrm_hash *ret_hash)
{
	const struct nrm_tile_edge *edge = from;
	const unsigned of = level / 8, n = 1u << level % 8;

	*ret_hash = nrm_tree_root(edge->tile[of] + (index << level % 8) % NRM_TILE_WIDTH, n);
	return NRM_OK;
}

struct nrm_hash nrm_tile_edge_root(const struct nrm_tile_edge *edge)
{
	struct nrm_hash root;

	/* A source that never fails makes a root that never does. */
	if (nrm_root_at(edge->size, edge_node, (void *)(uintptr_t)edge, &root) != NRM_OK)
		root = nrm_tree_root(NULL, 0);
	return root;
}

enum nrm_err nrm_tile_edge_load(struct nrm_tile_edge *edge, uint64_t size, nrm_node_source source,
				void *from)
{
	edge->size = size;
	for (unsigned level = 0; level < NRM_TILE_LEVELS; level++) {
		const unsigned width = nrm_tile_edge_width(edge, level);
		const uint64_t first = (size >> 8 * level) - width;

		for (unsigned i = 0; i < width; i++) {
			enum nrm_err err =
				source(from, 8 * level, first + i, &edge->tile[level][i]);
			if (err != NRM_OK)
				return err;
		}
	}
	return NRM_OK;
}

enum nrm_err nrm_tile_node(void *source, unsigned level, uint64_t index, struct nrm_hash *ret_hash)
{
	const struct nrm_tile_source *tiles = source;
	const unsigned of = level / 8, n = 1u << level % 8;
	const uint64_t first = index << level % 8, number = first / NRM_TILE_WIDTH;
	struct nrm_hash hash[NRM_TILE_WIDTH];

	if (of >= NRM_TILE_LEVELS || first >> level % 8 != index)
		return NRM_ERR_NOT_FOUND;
	const unsigned width = nrm_tile_width(of, number, tiles->size);
	if (first % NRM_TILE_WIDTH + n > width)
		return NRM_ERR_NOT_FOUND;
	enum nrm_err err = tiles->read(tiles->from, of, number, width, hash);
	if (err == NRM_OK)
		*ret_hash = nrm_tree_root(hash + first % NRM_TILE_WIDTH, n);
	return err;
}
