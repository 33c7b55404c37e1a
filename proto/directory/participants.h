/*
 * participants.yaml, as the national authority's administrator writes it, compiled to the bytes of
 * a directory. The example with explanations is config/demo/participants.yaml; README.md here lists
 * the keys.
 */
#ifndef NRM_DIRECTORY_PARTICIPANTS_H
#define NRM_DIRECTORY_PARTICIPANTS_H

#include "proto/base/buf.h"
#include "proto/crypto/crypto.h"
#include "proto/yaml/yaml.h"

struct nrm_participants_options {
	const char *keys;     /* folder that relative `keys:` start from; NULL: that of the file */
	const char *endpoint; /* the broker's, in place of the file's; or NULL */
};

/*
 * Appends the canonical directory that a file describes, checked whole as nrm_directory_open() will
 * check it, ready to be signed by the key whose public half is `authority`. `options` may be NULL.
 * On failure `error` has one line with file, line, key and what was expected, and `out` is as it
 * was.
 */
enum nrm_err nrm_participants_compile(const char *path,
				      const struct nrm_participants_options *options,
				      const uint8_t authority[static NRM_KEY_LEN],
				      struct nrm_buf *out,
				      char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
/* The same from bytes, which errors call `name`: a path, from whose folder relative `keys:` start. */
enum nrm_err nrm_participants_compile_bytes(const char *name, struct nrm_slice bytes,
					    const struct nrm_participants_options *options,
					    const uint8_t authority[static NRM_KEY_LEN],
					    struct nrm_buf *out,
					    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
