/*
 * Secret keys on disk: PEM (PKCS#8, RFC 5958) for Ed25519 and X25519, optionally with a passphrase
 * (PBES2); files are created with mode 0600 and refused when group or others may read them.
 */
#ifndef NRM_CRYPTO_KEYFILE_H
#define NRM_CRYPTO_KEYFILE_H

#include "proto/crypto/crypto.h"

enum nrm_key_algorithm { NRM_ED25519, NRM_X25519 };

/*
 * Writes a 32-byte seed or scalar to a new file `path`, mode 0600, synced; NRM_ERR_EXISTS when there is one.
 * `passphrase` NULL: not encrypted.
 */
enum nrm_err nrm_keyfile_write(const char *path, enum nrm_key_algorithm algorithm,
			       const uint8_t secret[static NRM_KEY_LEN],
			       const char *passphrase) NRM_MUST_USE;

/*
 * Reads it back. NRM_ERR_NOT_FOUND; NRM_ERR_PERMISSION when the file is readable or writable by group or
 * others or is no regular file; NRM_ERR_FORMAT for anything but one key of that algorithm; NRM_ERR_KEY when
 * the passphrase is wrong or missing. Wipe `secret` after use.
 */
enum nrm_err nrm_keyfile_read(const char *path, enum nrm_key_algorithm algorithm,
			      const char *passphrase,
			      uint8_t secret[static NRM_KEY_LEN]) NRM_MUST_USE;

/*
 * Reads a small file of secrets or configuration whole into `buf` (at most `max` bytes, NRM_ERR_LIMIT over it);
 * with `secret`, applies the permission rule above. Wipe a secret buffer with nrm_buf_wipe().
 */
struct nrm_buf;
enum nrm_err nrm_file_read(const char *path, size_t max, bool secret,
			   struct nrm_buf *buf) NRM_MUST_USE;

#endif
