/*
 * The case keys: numbered slots of 32 random bytes in a file of their own beside LMDB, never in
 * it, because LMDB's freed pages keep old bytes (protocol.md, "Trail"). Slots are filled and
 * synced ahead, so that opening a case takes the next number and costs no disk write; forgetting a
 * case overwrites its slot and syncs. Also a twin in memory for tests.
 */
#ifndef NRM_STORE_CASE_KEYS_H
#define NRM_STORE_CASE_KEYS_H

#include "proto/crypto/crypto.h"

#define NRM_CASE_KEYS_AHEAD 1024u

struct nrm_case_keys;

/*
 * Opens, or makes with mode 0600, the file; NRM_ERR_PERMISSION when others may read it,
 * NRM_ERR_CORRUPT when its length or header is wrong. `path` NULL: in memory, for tests and simulation only: the
 * keys follow from their numbers. `read_only`: for
 * auditors.
 */
enum nrm_err nrm_case_keys_open(const char *path, bool read_only,
				struct nrm_case_keys **ret_keys) NRM_MUST_USE;
void nrm_case_keys_close(struct nrm_case_keys *keys); /* wipes what is in memory */

/*
 * Makes sure that slots below `used` + NRM_CASE_KEYS_AHEAD / 2 are filled and synced; does nothing
 * while they are. NRM_ERR_FULL, NRM_ERR_IO.
 */
enum nrm_err nrm_case_keys_fill(struct nrm_case_keys *keys, uint32_t used) NRM_MUST_USE;
/*
 * Slots below `used` that the file never had (it was restored from a copy older than the cases) become forgotten ones:
 * their keys are lost, and must not be given out anew. NRM_ERR_FULL, NRM_ERR_IO.
 */
enum nrm_err nrm_case_keys_skip(struct nrm_case_keys *keys, uint32_t used) NRM_MUST_USE;
/* Slots filled so far. */
uint32_t nrm_case_keys_count(const struct nrm_case_keys *keys);
/* The key of a slot; NRM_ERR_NOT_FOUND when it was forgotten (all zero) or never filled. */
enum nrm_err nrm_case_keys_get(const struct nrm_case_keys *keys, uint32_t slot,
			       uint8_t key[static NRM_KEY_LEN]) NRM_MUST_USE;
/* Overwrites a slot with zeros and syncs. Idempotent. */
enum nrm_err nrm_case_keys_forget(struct nrm_case_keys *keys, uint32_t slot) NRM_MUST_USE;

#endif
