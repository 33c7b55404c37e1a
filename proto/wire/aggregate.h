/*
 * An agency's monthly statement of whom it was asked to help: by sex, age class and form of exploitation, which only agencies can
 * read (PROTOCOL.md, "What oversight counts"). Of each service each of the three is told whole or not at all: where one of its
 * counts is 1 to 4, none is told, so that nothing can be computed from what others know of the whole.
 */
#ifndef NRM_WIRE_AGGREGATE_H
#define NRM_WIRE_AGGREGATE_H

#include "proto/wire/frame.h"

/* What is counted by, and the codes of each: values that agencies write in these words are understood, others are "unknown". */
/* clang-format off */
#define NRM_SEXES(X) \
	X(FEMALE, 1, "female") X(MALE, 2, "male") X(OTHER, 3, "other") X(UNKNOWN, 4, "unknown")
#define NRM_AGES(X) \
	X(CHILD, 1, "child") X(ADULT, 2, "adult") X(UNKNOWN, 3, "unknown")
#define NRM_FORMS(X) \
	X(SEXUAL_EXPLOITATION, 1, "sexual_exploitation") X(FORCED_LABOUR, 2, "forced_labour") \
	X(DOMESTIC_SERVITUDE, 3, "domestic_servitude") X(FORCED_MARRIAGE, 4, "forced_marriage") \
	X(FORCED_BEGGING, 5, "forced_begging") X(FORCED_CRIMINALITY, 6, "forced_criminality") \
	X(ORGAN_REMOVAL, 7, "organ_removal") X(OTHER, 8, "other") X(UNKNOWN, 9, "unknown")
/* clang-format on */

enum nrm_aggregate_kind {
	NRM_AGGREGATE_SEX = 1,
	NRM_AGGREGATE_AGE,
	NRM_AGGREGATE_FORM,
	NRM_AGGREGATE_END_
};
#define NRM_AGGREGATE_CODES  9u /* of a kind, at most */
#define NRM_AGGREGATE_BELOW  5u /* such counts, but for zero, are not told */
#define NRM_AGGREGATE_GROUPS (3u * NRM_SERVICE_END_)

/* "sex", "age", "form"; how many codes it has, from 1; the spelling of one. The last one is "unknown". */
const char *nrm_aggregate_kind_code(enum nrm_aggregate_kind kind);
uint32_t nrm_aggregate_codes(enum nrm_aggregate_kind kind);
const char *nrm_aggregate_code(enum nrm_aggregate_kind kind, uint32_t code);

struct nrm_aggregate_group {
	enum nrm_service service;
	enum nrm_aggregate_kind kind;
	bool withheld;			     /* not told; else: */
	uint32_t count[NRM_AGGREGATE_CODES]; /* by code - 1: 0, or at least NRM_AGGREGATE_BELOW */
};

struct nrm_aggregate {
	struct nrm_slice message_id; /* 16 bytes, UUIDv7 */
	struct nrm_slice agency;     /* participant id */
	uint16_t month;		     /* since January 1970 */
	uint64_t made_ms;
	const struct nrm_aggregate_group
		*group; /* ascending by service and kind; ≤ NRM_AGGREGATE_GROUPS */
	size_t n_groups;
};

/* Withholds a group, wiping its counts, when one of them is small. */
void nrm_aggregate_withhold(struct nrm_aggregate_group *group);

/* Appends the canonical encoding. NRM_ERR_LIMIT, NRM_ERR_NOMEM. It does not check what decoding checks. */
enum nrm_err nrm_aggregate_encode(const struct nrm_aggregate *aggregate,
				  struct nrm_buf *out) NRM_MUST_USE;
/*
 * Its inverse; slices live as long as `bytes` and `arena`. NRM_ERR_FORMAT for a count that should not be told, groups out of order, or of
 * nothing; NRM_ERR_ID, NRM_ERR_VERSION, NRM_ERR_LIMIT, NRM_ERR_UNKNOWN_CODE and other errors of decoding.
 */
enum nrm_err nrm_aggregate_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_aggregate *ret_aggregate) NRM_MUST_USE;

#endif
