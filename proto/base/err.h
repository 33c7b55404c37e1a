/*
 * The one result type. Every function that can fail returns it; results come through `ret_` pointers
 * that are written last and left alone on failure.
 */
#ifndef NRM_BASE_ERR_H
#define NRM_BASE_ERR_H

#define NRM_MUST_USE __attribute__((warn_unused_result))

/* clang-format off */
#define NRM_ERRS(X) \
	X(OK, "ok") \
	X(ERR_NOMEM, "out of memory") \
	X(ERR_IO, "input or output failed") \
	X(ERR_ARGUMENT, "argument out of range") \
	X(ERR_FORMAT, "malformed") \
	X(ERR_CANONICAL, "not in its one canonical encoding") \
	X(ERR_UNKNOWN_ELEMENT, "carries an element this version does not know") \
	X(ERR_UNKNOWN_CODE, "carries a code this version does not know") \
	X(ERR_DUPLICATE, "occurs twice") \
	X(ERR_LIMIT, "over a limit") \
	X(ERR_VERSION, "of a version this program does not speak") \
	X(ERR_BODY, "body does not match its type") \
	X(ERR_ID, "not a valid identifier") \
	X(ERR_TIME, "not valid at this time") \
	X(ERR_CRYPTO, "the cryptographic library failed") \
	X(ERR_KEY, "not an acceptable key") \
	X(ERR_SIGNATURE, "signature does not verify") \
	X(ERR_PROOF, "proof does not verify") \
	X(ERR_COMMITMENT, "fields do not match their commitments") \
	X(ERR_OPEN, "cannot be opened with this key") \
	X(ERR_PADDING, "padding is not well-formed") \
	X(ERR_NOT_FOUND, "not found") \
	X(ERR_EXISTS, "exists already") \
	X(ERR_FULL, "no room") \
	X(ERR_PERMISSION, "permissions are too loose") \
	X(ERR_CORRUPT, "stored data is damaged") \
	X(ERR_CLOSED, "closed") \
	X(ERR_AGAIN, "not now")
/* clang-format on */

#define NRM_X_(name, text) NRM_##name,
enum nrm_err { NRM_ERRS(NRM_X_) NRM_ERR_END_ };
#undef NRM_X_

/* What an error means, in a few words without a capital: a static string, never NULL. */
const char *nrm_err_text(enum nrm_err err);

#endif
