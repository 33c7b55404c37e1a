/*
 * What happened, leaf by leaf, from the trail alone or, with the case keys at hand, with what oversight may know.
 * Names of fields, never a value; no case id unless it is asked for. Nothing is verified here.
 */
#ifndef NRM_AUDITOR_STORY_H
#define NRM_AUDITOR_STORY_H

#include <stdbool.h>
#include <stdio.h>

#include "agents/auditor/filter.h"

struct nrm_story_options {
	bool json;     /* one object a line instead of text */
	bool case_ids; /* show case ids in clear */
	bool at_once;  /* each leaf is written out when it is told */
	struct nrm_filter filter;
	const struct nrm_audit_progress *progress;
};

/*
 * Writes the story of all leaves that pass the filter, in order, to `out`. `keys` may be NULL: then only what leaves say.
 * NRM_ERR_CORRUPT when a leaf is missing or cannot be read (what came before it is written), NRM_ERR_IO also when `out`
 * fails, NRM_ERR_NOT_FOUND when there is no such case, or it was forgotten, NRM_ERR_ARGUMENT for a filter that asks
 * records without keys, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_story(struct nrm_store *store, const struct nrm_case_keys *keys,
		       const struct nrm_story_options *options, FILE *out) NRM_MUST_USE;

/*
 * Tells of leaves as they come, what they themselves say, until `wait` answers false: it is called before each look, with no
 * snapshot held. Errors as above.
 */
enum nrm_err nrm_story_follow(struct nrm_store *store, const struct nrm_story_options *options,
			      bool (*wait)(void), FILE *out) NRM_MUST_USE;

/* What is known of one leaf when it is told. */
struct nrm_story_leaf {
	uint64_t index;
	struct nrm_leaf leaf;
	const struct nrm_view *oversight; /* NULL: forgotten, or no key at hand */
	bool leaf_only;			  /* no key was asked for: nothing is said of its record */
	int64_t slot;			  /* of the case, -1: no case or not known */
	uint64_t acknowledged;		  /* leaf index + 1 of its acknowledgement; 0: none known */
	enum nrm_ack ack;		  /* what that, or this leaf itself, says */
};
/* story_text.c and story_json.c: one leaf each. Only writing to `out` can fail, which ferror() tells, or memory. */
void nrm_story_text(const struct nrm_story_leaf *told, bool case_ids, FILE *out);
enum nrm_err nrm_story_json(const struct nrm_story_leaf *told, bool case_ids,
			    FILE *out) NRM_MUST_USE;

#endif
