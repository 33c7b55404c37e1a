/*
 * Timestamps of checkpoints (RFC 3161), beside a trail or in an export: timestamps/<SIZE>.note is the note that was stamped, as
 * it was then, <SIZE>.tsr the authority's reply over its SHA-256 digest. Anybody checks them with
 * `openssl ts -verify -data SIZE.note -in SIZE.tsr -CAfile CA`.
 */
#ifndef NRM_AUDITOR_STAMP_H
#define NRM_AUDITOR_STAMP_H

#include "agents/auditor/folder.h"
#include "proto/crypto/timestamp.h"

struct nrm_stamp {
	uint64_t size; /* of the head */
	uint64_t time_ms;
	bool there; /* it had been stamped before: nothing was asked */
};

/*
 * Has a checkpoint stamped by the authority at `url` and keeps the reply, unless there is one for its size. `ca_file` (NULL: none)
 * must vouch for the authority. On failure nothing is kept and `why` has one line: NRM_ERR_FORMAT when the note states no
 * size, errors of nrm_timestamp_fetch(), _answers() and _verify(), NRM_ERR_IO.
 */
enum nrm_err nrm_audit_stamp(const struct nrm_folder *folder, struct nrm_slice note,
			     const char *url, unsigned seconds, const char *ca_file,
			     struct nrm_stamp *ret_stamp,
			     char why[static NRM_TIMESTAMP_WHY_LEN]) NRM_MUST_USE;

/* Copies timestamps that are not there yet. *ret_n: how many. NRM_ERR_IO, NRM_ERR_NOMEM. */
enum nrm_err nrm_audit_copy_stamps(const struct nrm_folder *from, const struct nrm_folder *to,
				   uint64_t *ret_n) NRM_MUST_USE;

#endif
