/*
 * What a directory has to fulfil beyond its form. The same rules hold when one is signed (faults
 * are then shown in the YAML file) and whenever one is loaded.
 */
#ifndef NRM_DIRECTORY_CHECK_H
#define NRM_DIRECTORY_CHECK_H

#include "proto/crypto/crypto.h"
#include "proto/wire/directory_wire.h"

#define NRM_FAULT_OF_THE_WHOLE SIZE_MAX

/* Where a directory is wrong, and what was expected. */
struct nrm_directory_fault {
	size_t participant; /* its index, or NRM_FAULT_OF_THE_WHOLE */
	const char *key;    /* as participants.yaml spells it: "roles", "broker.endpoint"; static */
	char text[160];
};

/*
 * Checks everything that nrm_directory_open() promises of a decoded directory. `authority` is the
 * key that signs it: no participant may have it. NRM_ERR_ID, NRM_ERR_TIME, NRM_ERR_KEY,
 * NRM_ERR_SIGNATURE (possession), NRM_ERR_DUPLICATE, NRM_ERR_LIMIT, NRM_ERR_FORMAT, NRM_ERR_NOMEM;
 * then *ret_fault says where.
 */
enum nrm_err nrm_directory_check(const struct nrm_directory_body *body,
				 const uint8_t authority[static NRM_KEY_LEN],
				 struct nrm_directory_fault *ret_fault) NRM_MUST_USE;

/*
 * Checks a participant's keys by themselves: one signing, one or two sealing, one transport, one
 * witness key, in this order, acceptable and each with its proof of possession. *ret_index is the
 * one at fault, *ret_problem what was expected (static).
 */
enum nrm_err nrm_key_entries_check(struct nrm_slice id, const struct nrm_key_entry *key, size_t n,
				   size_t *ret_index, const char **ret_problem) NRM_MUST_USE;

/*
 * Whether 32 bytes are an X25519 public key that gives a shared secret (RFC 7748 section 6.1: not
 * all zero).
 */
bool nrm_x25519_key_ok(struct nrm_slice key);

#endif
