/*
 * How a public key is shown to people: in hexadecimal digits, and as the fingerprint they compare.
 */
#ifndef NRM_CLI_PUBLIC_KEY_H
#define NRM_CLI_PUBLIC_KEY_H

#include <jansson.h>
#include <stdint.h>

#include "proto/crypto/crypto.h"

struct nrm_cli_key_text {
	char hex[2 * NRM_KEY_LEN + 1];
	char fingerprint[16 + 1]; /* first digits of SHA-256 of the key */
};

void nrm_cli_key_text(const uint8_t key[static NRM_KEY_LEN], struct nrm_cli_key_text *ret_text);

/* {"kind", "key", "fingerprint"}; a new reference. */
json_t *nrm_cli_key_json(const char *kind, const uint8_t key[static NRM_KEY_LEN]);

#endif
