/*
 * A tree as tiles (C2SP tlog-tiles): hashes in files of up to 256, entries in bundles of as many, each under a path that
 * follows from its place. Here is the layout and the growing right edge; who keeps the files is the caller.
 *
 * A hash of level l stands for 256^l leaves; a tile is 256 neighbouring hashes of a level. A tile that is not full yet is
 * partial: its path names its width, and nothing is built on it.
 */
#ifndef NRM_TRAIL_TILES_H
#define NRM_TRAIL_TILES_H

#include "proto/merkle/merkle.h"

#define NRM_TILE_WIDTH	256u
#define NRM_TILE_LEVELS 8u /* enough for 2^64 leaves */

/* In place of a level: the bundles of entries, which lie as tiles of level 0 do. */
#define NRM_TILE_ENTRIES NRM_TILE_LEVELS

/* Room for the longest path, "tile/entries/x072/x057/x594/x037/x927/935.p/255", with its terminator. */
#define NRM_TILE_PATH 64

/*
 * Writes the path of a tile or bundle below the log's folder. `width` is 1 to 256; NRM_TILE_WIDTH is a full one.
 */
void nrm_tile_path(unsigned level, uint64_t number, unsigned width, char out[static NRM_TILE_PATH]);

/* How many hashes (or entries) tile `number` of `level` has in a tree of `size` leaves; 0: there is no such tile. */
unsigned nrm_tile_width(unsigned level, uint64_t number, uint64_t size);

/* Takes a tile that is complete, or the last of its level. NRM_OK, or an error that ends what calls it. */
typedef enum nrm_err (*nrm_tile_sink)(void *to, unsigned level, uint64_t number,
				      const struct nrm_hash *hash, unsigned width);

/* The last, partial tile of every level: the first nrm_tile_edge_width() hashes of each count. Zeroed: of an empty tree. */
struct nrm_tile_edge {
	uint64_t size; /* leaves so far */
	struct nrm_hash tile[NRM_TILE_LEVELS][NRM_TILE_WIDTH];
};

static inline unsigned nrm_tile_edge_width(const struct nrm_tile_edge *edge, unsigned level)
{
	return (unsigned)(edge->size >> 8 * level) % NRM_TILE_WIDTH;
}

/*
 * Appends a leaf's hash. Each tile that it completes goes to `sink`, the lowest level first; its error is returned, and
 * the edge is then of no more use.
 */
enum nrm_err nrm_tile_edge_append(struct nrm_tile_edge *edge, const struct nrm_hash *leaf,
				  nrm_tile_sink sink, void *to) NRM_MUST_USE;
/* Hands every partial tile that is not empty to `sink`, the lowest level first. */
enum nrm_err nrm_tile_edge_partials(const struct nrm_tile_edge *edge, nrm_tile_sink sink,
				    void *to) NRM_MUST_USE;
/* The root of the tree so far (RFC 9162 section 2.1.1). */
struct nrm_hash nrm_tile_edge_root(const struct nrm_tile_edge *edge);
/*
 * Takes the edge of a tree of `size` leaves from where its nodes are kept. What was loaded is right if, and only if, it
 * has the right root. Errors of `source`.
 */
enum nrm_err nrm_tile_edge_load(struct nrm_tile_edge *edge, uint64_t size, nrm_node_source source,
				void *from) NRM_MUST_USE;

/* A tree of `size` leaves in tiles, which `read` fetches: it fills `hash` with `width` hashes. */
struct nrm_tile_source {
	uint64_t size;
	enum nrm_err (*read)(void *from, unsigned level, uint64_t number, unsigned width,
			     struct nrm_hash *hash);
	void *from;
};

/*
 * An nrm_node_source over tiles; `source` is a struct nrm_tile_source. NRM_ERR_NOT_FOUND for a node that a tree of
 * this size has not; errors of its `read`.
 */
enum nrm_err nrm_tile_node(void *source, unsigned level, uint64_t index, struct nrm_hash *ret_hash);

#endif
