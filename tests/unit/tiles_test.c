/*
 * Tiles: paths and widths as C2SP tlog-tiles states them, and the growing right edge held against the tree itself, whose
 * roots meet the published ones (merkle_test).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/trail/tiles.h"

#define TALL 66000u /* leaves: one tile of level 1 is full */

static struct nrm_hash leaf[TALL];

/* Tiles as a folder would keep them: full ones, and the partial ones of the last size. */
static struct nrm_hash kept[3][TALL];
static uint64_t kept_size;

static enum nrm_err keep(void *to, unsigned level, uint64_t number, const struct nrm_hash *hash,
			 unsigned width)
{
	int *failures = to;

	if (failures && (*failures)-- == 0)
		return NRM_ERR_IO;
	assert_true(level < 3 && width >= 1 && width <= NRM_TILE_WIDTH);
	memcpy(&kept[level][number * NRM_TILE_WIDTH], hash, width * sizeof(*hash));
	return NRM_OK;
}

static enum nrm_err fetch(void *from, unsigned level, uint64_t number, unsigned width,
			  struct nrm_hash *hash)
{
	int *failures = from;

	if (failures && (*failures)-- == 0)
		return NRM_ERR_IO;
	assert_int_equal(width, nrm_tile_width(level, number, kept_size));
	memcpy(hash, &kept[level][number * NRM_TILE_WIDTH], width * sizeof(*hash));
	return NRM_OK;
}

static void grow(struct nrm_tile_edge *edge, uint64_t size)
{
	while (edge->size < size)
		assert_int_equal(nrm_tile_edge_append(edge, &leaf[edge->size], keep, NULL), NRM_OK);
	assert_int_equal(nrm_tile_edge_partials(edge, keep, NULL), NRM_OK);
	kept_size = size;
}

static int set_up(void **state)
{
	(void)state;
	if (nrm_crypto_init() != NRM_OK)
		return -1;
	for (uint32_t i = 0; i < TALL; i++)
		leaf[i] = nrm_leaf_hash(nrm_slice(&i, sizeof(i)));
	return 0;
}

static void names_tiles_as_published(void **state)
{
	static const struct {
		unsigned level, width;
		uint64_t number;
		const char *path;
	} names[] = {
		{0, 256, 1234067, "tile/0/x001/x234/067"}, /* the specification's example */
		{0, 256, 0, "tile/0/000"},
		{0, 112, 273, "tile/0/273.p/112"},
		{1, 17, 1, "tile/1/001.p/17"},
		{2, 1, 0, "tile/2/000.p/1"},
		{7, 255, 999, "tile/7/999.p/255"},
		{3, 256, 1000, "tile/3/x001/000"},
		{NRM_TILE_ENTRIES, 256, 1234067, "tile/entries/x001/x234/067"},
		{NRM_TILE_ENTRIES, 5, 12, "tile/entries/012.p/5"},
		{NRM_TILE_ENTRIES, 255, UINT64_MAX >> 8,
		 "tile/entries/x072/x057/x594/x037/x927/935.p/255"},
	};
	char path[NRM_TILE_PATH];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		nrm_tile_path(names[i].level, names[i].number, names[i].width, path);
		assert_string_equal(path, names[i].path);
	}
}

/* "a tree of size 70,000 will be represented by …" */
static void counts_tiles_as_published(void **state)
{
	(void)state;
	assert_int_equal(nrm_tile_width(0, 272, 70000), 256);
	assert_int_equal(nrm_tile_width(0, 273, 70000), 112);
	assert_int_equal(nrm_tile_width(0, 274, 70000), 0);
	assert_int_equal(nrm_tile_width(NRM_TILE_ENTRIES, 273, 70000), 112);
	assert_int_equal(nrm_tile_width(1, 0, 70000), 256);
	assert_int_equal(nrm_tile_width(1, 1, 70000), 17);
	assert_int_equal(nrm_tile_width(2, 0, 70000), 1);
	assert_int_equal(nrm_tile_width(3, 0, 70000), 0);
	assert_int_equal(nrm_tile_width(0, 0, 256), 256);
	assert_int_equal(nrm_tile_width(0, 1, 256), 0);
	assert_int_equal(nrm_tile_width(1, 0, 256), 1);
	assert_int_equal(nrm_tile_width(0, 0, 0), 0);
	assert_int_equal(nrm_tile_width(7, 0, UINT64_MAX), 255);
}

static void has_the_tree_s_root(void **state)
{
	struct nrm_tile_edge *edge = calloc(1, sizeof(*edge));
	struct nrm_frontier frontier;
	struct nrm_hash completed[64], root, expected;

	(void)state;
	nrm_frontier_init(&frontier);
	for (uint64_t size = 0; size <= TALL; size++) {
		if (size < 600 || size % 4097 == 0 || size + 3 > TALL) {
			root = nrm_tile_edge_root(edge);
			expected = nrm_frontier_root(&frontier);
			assert_memory_equal(&root, &expected, sizeof(root));
		}
		if (size == TALL)
			break;
		nrm_frontier_append(&frontier, &leaf[size], completed);
		assert_int_equal(nrm_tile_edge_append(edge, &leaf[size], keep, NULL), NRM_OK);
	}
	/* Each hash of an upper tile is that of its leaves. */
	assert_int_equal(nrm_tile_edge_partials(edge, keep, NULL), NRM_OK);
	for (size_t i = 0; i < TALL / 256; i++) {
		expected = nrm_tree_root(leaf + 256 * i, 256);
		assert_memory_equal(&kept[1][i], &expected, sizeof(expected));
	}
	expected = nrm_tree_root(leaf, 65536);
	assert_memory_equal(&kept[2][0], &expected, sizeof(expected));
	free(edge);
}

static void proves_from_tiles(void **state)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 300, 512, 65535, 65536, 65793, TALL};
	struct nrm_tile_edge *edge = calloc(1, sizeof(*edge));
	struct nrm_hash path[64], root, first;
	size_t len;

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		const uint64_t size = sizes[s];
		struct nrm_tile_source tiles = {size, fetch, NULL};

		grow(edge, size);
		root = nrm_tile_edge_root(edge);
		for (uint64_t i = 0; i < size; i += 1 + size / 100) {
			assert_int_equal(
				nrm_inclusion_path(i, size, nrm_tile_node, &tiles, path, &len),
				NRM_OK);
			assert_int_equal(nrm_inclusion_verify(&leaf[i], i, size, path, len, &root),
					 NRM_OK);
		}
		for (uint64_t i = 1; i < size; i += 1 + size / 50) {
			first = nrm_tree_root(leaf, i);
			assert_int_equal(
				nrm_consistency_path(i, size, nrm_tile_node, &tiles, path, &len),
				NRM_OK);
			assert_int_equal(nrm_consistency_verify(i, size, path, len, &first, &root),
					 NRM_OK);
		}
	}
	free(edge);
}

static void goes_on_from_any_size(void **state)
{
	struct nrm_tile_edge *edge = calloc(1, sizeof(*edge)), *again = calloc(1, sizeof(*again));

	(void)state;
	for (uint64_t size = 0; size < 600; size++) {
		struct nrm_tile_source tiles = {size, fetch, NULL};

		grow(edge, size);
		assert_int_equal(nrm_tile_edge_load(again, size, nrm_tile_node, &tiles), NRM_OK);
		for (unsigned more = 0; more < 2; more++) {
			struct nrm_hash root = nrm_tile_edge_root(again),
					expected = nrm_tree_root(leaf, size + more);
			assert_memory_equal(&root, &expected, sizeof(root));
			assert_int_equal(
				nrm_tile_edge_append(again, &leaf[size + more], keep, NULL),
				NRM_OK);
		}
	}
	free(edge);
	free(again);
}

static void has_no_node_beyond_the_tree(void **state)
{
	struct nrm_tile_edge *edge = calloc(1, sizeof(*edge));
	struct nrm_tile_source tiles = {300, fetch, NULL};
	struct nrm_hash hash;

	(void)state;
	grow(edge, 300);
	assert_int_equal(nrm_tile_node(&tiles, 0, 299, &hash), NRM_OK);
	assert_int_equal(nrm_tile_node(&tiles, 0, 300, &hash), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_tile_node(&tiles, 2, 74, &hash), NRM_OK);
	assert_int_equal(nrm_tile_node(&tiles, 2, 75, &hash), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_tile_node(&tiles, 8, 0, &hash), NRM_OK);
	assert_int_equal(nrm_tile_node(&tiles, 8, 1, &hash), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_tile_node(&tiles, 64, 0, &hash), NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_tile_node(&tiles, 7, UINT64_MAX, &hash), NRM_ERR_NOT_FOUND);
	free(edge);
}

static void passes_errors_on(void **state)
{
	struct nrm_tile_edge *edge = calloc(1, sizeof(*edge));
	struct nrm_hash hash;
	int failures = 0;
	struct nrm_tile_source tiles = {255, fetch, &failures};

	(void)state;
	grow(edge, 255);
	assert_int_equal(nrm_tile_node(&tiles, 0, 1, &hash), NRM_ERR_IO);
	failures = 100;
	assert_int_equal(nrm_tile_edge_load(edge, 255, nrm_tile_node, &tiles), NRM_ERR_IO);
	failures = 0;
	grow(edge, 255);
	assert_int_equal(nrm_tile_edge_partials(edge, keep, &failures), NRM_ERR_IO);
	failures = 0;
	assert_int_equal(nrm_tile_edge_append(edge, &leaf[255], keep, &failures), NRM_ERR_IO);
	free(edge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tiles_as_published),
		cmocka_unit_test(counts_tiles_as_published),
		cmocka_unit_test(has_the_tree_s_root),
		cmocka_unit_test(proves_from_tiles),
		cmocka_unit_test(goes_on_from_any_size),
		cmocka_unit_test(has_no_node_beyond_the_tree),
		cmocka_unit_test(passes_errors_on),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
