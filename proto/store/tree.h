/*
 * Inside proto/store: the ordered tree of the store in memory, a treap whose nodes are shared
 * between the trees of several transactions. A node is changed only by the writer that made it;
 * another writer copies it first.
 */
#ifndef NRM_STORE_TREE_H
#define NRM_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/slice.h"

struct nrm_row {
	unsigned refs;
	size_t key_len, value_len;
	uint8_t bytes[]; /* key, value */
};

static inline struct nrm_slice nrm_row_key(const struct nrm_row *row)
{
	return nrm_slice(row->bytes, row->key_len);
}

static inline struct nrm_slice nrm_row_value(const struct nrm_row *row)
{
	return nrm_slice(row->bytes + row->key_len, row->value_len);
}

struct nrm_node;
struct nrm_tree {
	struct nrm_node *root;
};

/* Another holder of the same rows; end each with nrm_tree_drop(). */
struct nrm_tree nrm_tree_share(struct nrm_tree tree);
void nrm_tree_drop(struct nrm_tree tree);

/*
 * A row with a copy of the key and of the value; the value is left to be filled when its data is
 * NULL. NULL without memory.
 */
struct nrm_row *nrm_row_new(struct nrm_slice key, struct nrm_slice value);
void nrm_row_drop(struct nrm_row *row);

/*
 * Adds a row, or puts it in place of the one with its key, and takes it over; or takes out a key
 * that is there. `writer` tells writers apart. False without memory: the tree is then sound, and
 * the row still the caller's.
 */
bool nrm_tree_put(struct nrm_tree *tree, uint64_t writer, struct nrm_row *row);
bool nrm_tree_delete(struct nrm_tree *tree, uint64_t writer, struct nrm_slice key);

/*
 * The row of a key, the first after a key, the first whose key is not before it, the last one;
 * NULL when there is none.
 */
struct nrm_row *nrm_tree_find(struct nrm_tree tree, struct nrm_slice key);
struct nrm_row *nrm_tree_after(struct nrm_tree tree, struct nrm_slice key);
struct nrm_row *nrm_tree_from(struct nrm_tree tree, struct nrm_slice key);
struct nrm_row *nrm_tree_last(struct nrm_tree tree);

#endif
