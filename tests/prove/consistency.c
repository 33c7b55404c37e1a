/* Making paths of consistency: any sizes, apart those beyond LARGEST, of which none is made. */
#include "tests/prove/hashes.h"

#define LARGEST (1ull << 63)

void every_input(void)
{
	const uint64_t beyond = any_between(LARGEST + 1, UINT64_MAX);
	const uint64_t within = any_between(0, LARGEST);
	struct nrm_hash path[NRM_MAX_TREE_PATH];
	size_t len;

	(void)nrm_consistency_path(any_u64(), beyond, any_node, NULL, path, &len);
	(void)nrm_consistency_path(any_u64(), within, any_node, NULL, path, &len);
}
