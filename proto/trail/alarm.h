/*
 * Alarms: what an agency that was shown a trail which contradicts itself hands to the coordinator and the auditor. A small
 * text file with both checkpoint notes as they came, signed by the agency (PROTOCOL.md, "Witnesses"), so that it convinces
 * somebody who has nothing but the directory, by whatever way it travels.
 *
 *	nrm/v1/alarm
 *	reporter TH.police-bangkok
 *	time 1770000000000
 *	found forked
 *	kept <base64 of the note that the agency had found good>
 *	shown <base64 of the note that it was shown later>
 *	signature <base64, Ed25519 over "nrm/v1/alarm" 0x00 and the lines above>
 */
#ifndef NRM_TRAIL_ALARM_H
#define NRM_TRAIL_ALARM_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/crypto.h"

/* clang-format off */
#define NRM_ALARMS(X) \
	X(FORKED, "forked", "two heads of one size") \
	X(SHORTENED, "shortened", "the trail has become shorter") \
	X(INCONSISTENT, "inconsistent", "a head that does not follow")
/* clang-format on */
#define NRM_X_(name, word, text) NRM_ALARM_##name,
enum nrm_alarm_kind { NRM_ALARMS(NRM_X_) NRM_ALARM_END_ };
#undef NRM_X_

/* The word in the file, and what it means; static strings. */
const char *nrm_alarm_word(enum nrm_alarm_kind kind);
const char *nrm_alarm_text(enum nrm_alarm_kind kind);

struct nrm_alarm {
	struct nrm_slice reporter; /* participant id */
	uint64_t time_ms;
	enum nrm_alarm_kind kind;
	struct nrm_slice kept, shown; /* notes, as they came */
};

/* The largest file. */
#define NRM_MAX_ALARM (2 * NRM_MAX_NOTE / 3 * 4 + 1024)

/* Appends the file. NRM_ERR_ID, NRM_ERR_LIMIT for a note over NRM_MAX_NOTE. */
enum nrm_err nrm_alarm_write(const struct nrm_alarm *alarm, const struct nrm_signing_key *key,
			     struct nrm_buf *out) NRM_MUST_USE;

/*
 * Takes a file apart, which must be exactly in the form above: NRM_ERR_FORMAT, NRM_ERR_ID, NRM_ERR_LIMIT. The notes lie in
 * `notes` (empty; nrm_buf_done() it, on failure too), the rest in `file`. Nothing is verified.
 */
enum nrm_err nrm_alarm_read(struct nrm_slice file, struct nrm_buf *notes,
			    struct nrm_alarm *ret_alarm) NRM_MUST_USE;

/* Whether a file that was read is signed by `key`. NRM_ERR_SIGNATURE. */
enum nrm_err nrm_alarm_verify(struct nrm_slice file,
			      const struct nrm_verifying_key *key) NRM_MUST_USE;

#endif
