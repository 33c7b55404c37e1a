#include "agents/cli/public_key.h"

#include "proto/base/hex.h"

void nrm_cli_key_text(const uint8_t key[static NRM_KEY_LEN], struct nrm_cli_key_text *ret_text)
{
	uint8_t digest[NRM_HASH_LEN];

	nrm_sha256_one(nrm_slice(key, NRM_KEY_LEN), digest);
	nrm_hex(key, NRM_KEY_LEN, ret_text->hex);
	nrm_hex(digest, (sizeof(ret_text->fingerprint) - 1) / 2, ret_text->fingerprint);
}

json_t *nrm_cli_key_json(const char *kind, const uint8_t key[static NRM_KEY_LEN])
{
	struct nrm_cli_key_text text;

	nrm_cli_key_text(key, &text);
	return json_pack("{s:s, s:s, s:s}", "kind", kind, "key", text.hex, "fingerprint",
			 text.fingerprint);
}
