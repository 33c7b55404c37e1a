/* Making paths of inclusion, and roots: any index, any sizes. */
#include "tests/prove/hashes.h"

void every_input(void)
{
	struct nrm_hash path[NRM_MAX_TREE_PATH], root;
	size_t len;

	(void)nrm_root_at(any_u64(), any_node, NULL, &root);
	(void)nrm_inclusion_path(any_u64(), any_u64(), any_node, NULL, path, &len);
}
