/*
 * public.yaml: what an agency, or the broker's office, hands to the authority. `nrm key new` writes
 * it; `keys:` in participants.yaml points to it.
 *
 *	id: TH.police-bangkok                    id: TH.nrm
 *	keys:                                    transport_key: 64 hexadecimal digits
 *	- kind: signing                          verifier_key: nrm/TH+3659004d+Af5irIK…
 *	  key: 64 hexadecimal digits
 *	  possession: 128 hexadecimal digits
 *	…
 */
#ifndef NRM_DIRECTORY_PUBLIC_KEYS_H
#define NRM_DIRECTORY_PUBLIC_KEYS_H

#include "proto/base/arena.h"
#include "proto/wire/directory_wire.h"
#include "proto/yaml/yaml.h"

#define NRM_PUBLIC_KEYS_FILE "public.yaml"

struct nrm_public_keys {
	struct nrm_slice id;
	const struct nrm_key_entry *key; /* an agency's */
	size_t n_keys;			 /* 0: the broker's office, and then the next two */
	struct nrm_slice transport_key;
	struct nrm_slice verifier_key; /* text */
};

/*
 * Reads one and checks it: an acceptable id, every key acceptable and with its proofs of
 * possession. What it says lives in `arena`. On failure `error` has one line with file, line, key
 * and what was expected. NRM_ERR_NOT_FOUND when there is no such file.
 */
enum nrm_err nrm_public_keys_read(const char *path, struct nrm_arena *arena,
				  struct nrm_public_keys *ret_keys,
				  char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

/* Appends the file's text. */
void nrm_public_keys_write(const struct nrm_public_keys *keys, struct nrm_buf *out);

/*
 * Bytes of a value of exactly 2 * len hexadecimal digits, in `arena`; NULL text gives the empty
 * slice. Else NRM_ERR_FORMAT and the error line of `path`.
 */
enum nrm_err nrm_yaml_hex(struct nrm_yaml *yaml, const char *path, const char *text, size_t len,
			  struct nrm_arena *arena, struct nrm_slice *ret_bytes) NRM_MUST_USE;

#endif
