#include "proto/store/tree.h"

#include <stdlib.h>
#include <string.h>

struct nrm_node {
	struct nrm_node *left, *right;
	struct nrm_row *row;
	uint64_t writer; /* who made it, and may change it */
	uint32_t priority;
	unsigned refs;
};

struct nrm_row *nrm_row_new(struct nrm_slice key, struct nrm_slice value)
{
	struct nrm_row *row = malloc(sizeof(*row) + key.len + value.len);

	if (!row)
		return NULL;
	*row = (struct nrm_row){.refs = 1, .key_len = key.len, .value_len = value.len};
	memcpy(row->bytes, key.data, key.len);
	if (value.data && value.len)
		memcpy(row->bytes + key.len, value.data, value.len);
	return row;
}

void nrm_row_drop(struct nrm_row *row)
{
	if (--row->refs == 0)
		free(row);
}

static struct nrm_node *node_keep(struct nrm_node *node)
{
	if (node)
		node->refs++;
	return node;
}

static void node_drop(struct nrm_node *node)
{
	if (!node || --node->refs > 0)
		return;
	node_drop(node->left);
	node_drop(node->right);
	nrm_row_drop(node->row);
	free(node);
}

struct nrm_tree nrm_tree_share(struct nrm_tree tree)
{
	return (struct nrm_tree){node_keep(tree.root)};
}

void nrm_tree_drop(struct nrm_tree tree)
{
	node_drop(tree.root);
}

/*
 * Heights stay logarithmic as long as priorities look random. FNV-1a of the key, well mixed: the
 * same rows make the same tree in every run.
 */
static uint32_t priority_of(struct nrm_slice key)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.data[i]) * 16777619u;
	h = (h ^ h >> 16) * 0x85ebca6bu;
	h = (h ^ h >> 13) * 0xc2b2ae35u;
	return h ^ h >> 16;
}

/* Makes the node at `link` this writer's own. */
static bool own(uint64_t writer, struct nrm_node **link)
{
	struct nrm_node *node = *link;

	if (node->writer == writer)
		return true;
	struct nrm_node *copy = malloc(sizeof(*copy));
	if (!copy)
		return false;
	*copy = *node;
	copy->writer = writer;
	copy->refs = 1;
	node_keep(copy->left);
	node_keep(copy->right);
	copy->row->refs++;
	node_drop(node);
	*link = copy;
	return true;
}

/* Turns a child of greater priority above its parent; both are the writer's own. */
static void lift(struct nrm_node **link, bool left)
{
	struct nrm_node *parent = *link, *child = left ? parent->left : parent->right;

	if (left) {
		parent->left = child->right;
		child->right = parent;
	} else {
		parent->right = child->left;
		child->left = parent;
	}
	*link = child;
}

/* Puts a row in its place; the tree takes over the caller's reference when it returns true. */
static bool insert(uint64_t writer, struct nrm_node **link, struct nrm_row *row)
{
	if (!*link) {
		struct nrm_node *node = malloc(sizeof(*node));
		if (node)
			*node = (struct nrm_node){.row = row,
						  .writer = writer,
						  .priority = priority_of(nrm_row_key(row)),
						  .refs = 1};
		*link = node;
		return node;
	}
	if (!own(writer, link))
		return false;

	struct nrm_node *node = *link;
	int order = nrm_slice_compare(nrm_row_key(row), nrm_row_key(node->row));
	if (order == 0) {
		nrm_row_drop(node->row);
		node->row = row;
		return true;
	}
	struct nrm_node **child = order < 0 ? &node->left : &node->right;
	if (!insert(writer, child, row))
		return false;
	if ((*child)->priority > node->priority)
		lift(link, order < 0);
	return true;
}

/* Sinks the node at `link` until it has at most one child, then takes it out. */
static bool take_out(uint64_t writer, struct nrm_node **link)
{
	if (!own(writer, link))
		return false;
	struct nrm_node *node = *link;
	if (node->left && node->right) {
		bool left = node->left->priority > node->right->priority;
		if (!own(writer, left ? &node->left : &node->right))
			return false;
		lift(link, left);
		return take_out(writer, left ? &(*link)->right : &(*link)->left);
	}
	*link = node_keep(node->left ? node->left : node->right);
	node_drop(node);
	return true;
}

static bool take_out_key(uint64_t writer, struct nrm_node **link, struct nrm_slice key)
{
	int order = nrm_slice_compare(key, nrm_row_key((*link)->row));

	if (order == 0)
		return take_out(writer, link);
	if (!own(writer, link))
		return false;
	return take_out_key(writer, order < 0 ? &(*link)->left : &(*link)->right, key);
}

/*
 * The first row whose key is after `key`, or, where `equal` allows it, the same; NULL past the
 * end.
 */
static struct nrm_row *first_from(const struct nrm_node *node, struct nrm_slice key, bool equal)
{
	struct nrm_row *best = NULL;

	while (node) {
		int order = nrm_slice_compare(nrm_row_key(node->row), key);
		if (order > 0 || (equal && order == 0)) {
			best = node->row;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

bool nrm_tree_put(struct nrm_tree *tree, uint64_t writer, struct nrm_row *row)
{
	return insert(writer, &tree->root, row);
}

bool nrm_tree_delete(struct nrm_tree *tree, uint64_t writer, struct nrm_slice key)
{
	return take_out_key(writer, &tree->root, key);
}

struct nrm_row *nrm_tree_from(struct nrm_tree tree, struct nrm_slice key)
{
	return first_from(tree.root, key, true);
}

struct nrm_row *nrm_tree_after(struct nrm_tree tree, struct nrm_slice key)
{
	return first_from(tree.root, key, false);
}

struct nrm_row *nrm_tree_find(struct nrm_tree tree, struct nrm_slice key)
{
	struct nrm_row *row = nrm_tree_from(tree, key);

	return row && nrm_slice_equal(nrm_row_key(row), key) ? row : NULL;
}

struct nrm_row *nrm_tree_last(struct nrm_tree tree)
{
	const struct nrm_node *node = tree.root;

	while (node && node->right)
		node = node->right;
	return node ? node->row : NULL;
}
