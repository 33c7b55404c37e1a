#include "proto/wire/frame_message.h"

/* What is not listed is malformed. */
static const enum nrm_refusal refusals[NRM_ERR_END_] = {
	[NRM_ERR_NOMEM] = NRM_REFUSAL_BUSY,
	[NRM_ERR_CANONICAL] = NRM_REFUSAL_NOT_CANONICAL,
	[NRM_ERR_UNKNOWN_ELEMENT] = NRM_REFUSAL_UNKNOWN_ELEMENT,
	[NRM_ERR_UNKNOWN_CODE] = NRM_REFUSAL_UNKNOWN_CODE,
	[NRM_ERR_DUPLICATE] = NRM_REFUSAL_DUPLICATE_FIELD,
	[NRM_ERR_LIMIT] = NRM_REFUSAL_TOO_LARGE,
	[NRM_ERR_VERSION] = NRM_REFUSAL_VERSION_TOO_NEW,
	[NRM_ERR_BODY] = NRM_REFUSAL_BODY_MISMATCH,
	[NRM_ERR_ID] = NRM_REFUSAL_BAD_ID,
	[NRM_ERR_KEY] = NRM_REFUSAL_BAD_SIGNATURE,
	[NRM_ERR_SIGNATURE] = NRM_REFUSAL_BAD_SIGNATURE,
	[NRM_ERR_PROOF] = NRM_REFUSAL_BAD_PATH,
	[NRM_ERR_COMMITMENT] = NRM_REFUSAL_COMMITMENT_MISMATCH,
};

enum nrm_refusal nrm_refusal_of(enum nrm_err err)
{
	if (err == NRM_OK)
		return NRM_REFUSAL_ABSENT;
	if (err >= NRM_ERR_END_ || refusals[err] == NRM_REFUSAL_ABSENT)
		return NRM_REFUSAL_MALFORMED;
	return refusals[err];
}

enum nrm_err nrm_indexes_check(const uint64_t *index, size_t n)
{
	if (n > NRM_MAX_FRAME_ITEMS)
		return NRM_ERR_LIMIT;
	for (size_t i = 1; i < n; i++)
		if (index[i] <= index[i - 1])
			return index[i] == index[i - 1] ? NRM_ERR_DUPLICATE : NRM_ERR_CANONICAL;
	return NRM_OK;
}
