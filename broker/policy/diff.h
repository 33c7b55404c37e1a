/*
 * What a new policy lets through that an old one did not, and the reverse: by role of the
 * recipient, service and field, over the whole space of space.h; and the numbers, lists and facts
 * of the two files that no verdict of that space shows.
 */
#ifndef NRM_POLICY_DIFF_H
#define NRM_POLICY_DIFF_H

#include "broker/policy/policy_source.h"
#include "broker/policy/space.h"

#define NRM_THE_MESSAGE 0 /* in the place of a field: whether the message goes on at all */

/* When one field of one service is let through, or stopped, to one role. All zero: never. */
struct nrm_change {
	nrm_mask senders; /* roles */
	uint32_t kinds,
		grounds;  /* masks of enum nrm_space_kind (bit 1 << kind) and nrm_space_ground */
	uint8_t ages;	  /* 1: adults, 2: children */
	uint8_t offering; /* 1: to who does not offer the service, 2: to who does */
};

typedef struct nrm_change nrm_changes[NRM_ROLE_END_][NRM_SERVICE_END_][NRM_FIELD_END_];

struct nrm_policy_diff {
	nrm_changes through, stopped;
	uint32_t n_through, n_stopped; /* role x service x field that is not zero */
	uint64_t examined;	       /* messages */
};

/*
 * Compares two policies for the services of a mask; `each` as in nrm_space_walk(). *ret_diff is the
 * caller's, to be freed with free(). NRM_ERR_NOMEM.
 */
enum nrm_err nrm_policy_compare(const struct nrm_policy *old, const struct nrm_policy *new,
				nrm_mask services, bool each,
				struct nrm_policy_diff **ret_diff) NRM_MUST_USE;

/* One value of the file that is not the same in both. */
enum nrm_value_kind { NRM_VALUE_CODES, NRM_VALUE_DAYS, NRM_VALUE_HOURS, NRM_VALUE_YES };
struct nrm_value_change {
	const char *what;	   /* "consent.crisis_days"; for a table "deadlines" */
	enum nrm_vocabulary about; /* kind of `codes`, where there are any */
	nrm_mask codes;		   /* services or facts that it is said of */
	enum nrm_value_kind kind;
	enum nrm_vocabulary values; /* of NRM_VALUE_CODES: what `before` and `after` are masks of */
	uint64_t before, after;	    /* all bits set: any */
	uint32_t old_line, new_line;
};
typedef void nrm_value_visit(void *of, const struct nrm_value_change *change);

/*
 * Tells each value that differs: every plain list and number; how long consents last and answers
 * may take, by service; who may state which fact. Returns how many there were.
 */
uint32_t nrm_policy_compare_values(struct nrm_policy_source *old, struct nrm_policy_source *new,
				   nrm_value_visit *visit, void *of);

#endif
