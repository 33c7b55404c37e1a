#include "proto/trail/seal.h"

#include "proto/base/buf.h"

static const char TAG[] = "nrm/v1/tag", VIEW[] = "nrm/v1/view"; /* hashed with their zero byte */

void nrm_case_tag(const uint8_t case_key[static NRM_KEY_LEN], uint64_t leaf,
		  uint8_t out[static NRM_HASH_LEN])
{
	uint8_t index[8];

	nrm_store_u64(index, leaf);
	nrm_hmac(nrm_slice(case_key, NRM_KEY_LEN),
		 (struct nrm_slice[]){nrm_slice(TAG, sizeof(TAG)), nrm_slice(index, sizeof(index))},
		 2, out);
}

void nrm_view_digest(const uint8_t salt[static NRM_SALT_LEN], struct nrm_slice view,
		     uint8_t out[static NRM_HASH_LEN])
{
	nrm_sha256((struct nrm_slice[]){nrm_slice(VIEW, sizeof(VIEW)),
					nrm_slice(salt, NRM_SALT_LEN), view},
		   3, out);
}
