/*
 * A verification under way, for the sources that do its parts. Internal to agents/auditor.
 */
#ifndef NRM_AUDITOR_VERIFY_PARTS_H
#define NRM_AUDITOR_VERIFY_PARTS_H

#include "agents/auditor/rules.h"
#include "agents/auditor/verify.h"

struct nrm_check {
	const struct nrm_audit_options *options;
	struct nrm_audit_report report;
	struct nrm_faults faults;
	struct nrm_trust trust;
	struct nrm_rules rules;
	struct nrm_checkpoint since; /* size 0: none */
	struct nrm_arena arena;	     /* of one leaf */
	struct nrm_buf view;	     /* being encoded */
	uint64_t minute;	     /* of the leaf before */

	/* of a store: */
	struct nrm_audit_reader reader;
	const struct nrm_case_keys *keys;
	uint8_t *
		unread; /* a bit a leaf: its record is sealed and has not been opened; NULL without keys */
	struct nrm_signers *signers; /* NULL: signatures are not checked */
};

/*
 * Opens the head and the remembered one, and compares them; `note` and `signed_directory` are borrowed. Faults are
 * recorded. Errors of nrm_trust_make().
 */
enum nrm_err nrm_check_begin(struct nrm_check *check, struct nrm_slice signed_directory,
			     struct nrm_slice note) NRM_MUST_USE;

/* Frees what the members above hold, the reader's included. */
void nrm_check_done(struct nrm_check *check);

/*
 * A leaf in its order: its encoding, its time, and that the rules it names are at hand. *ret_leaf lives as long as the arena's content. False, with a fault, when it does
 * not decode.
 */
bool nrm_check_leaf(struct nrm_check *check, uint64_t index, struct nrm_slice bytes,
		    struct nrm_leaf *ret_leaf);
/* The root of the leaves up to the remembered checkpoint, and up to the signed one. */
void nrm_check_since(struct nrm_check *check, const struct nrm_hash *root);
void nrm_check_root(struct nrm_check *check, const struct nrm_hash *root);

/*
 * verify_vouched.c: of the checkpoint and the head that a quorum vouched for last (empty: none), which more witnesses vouch
 * for; the latter's root must be that of the tree.
 */
enum nrm_err nrm_check_vouched(struct nrm_check *check, struct nrm_slice note,
			       struct nrm_slice vouched, nrm_node_source node,
			       void *from) NRM_MUST_USE;

/* verify_stamps.c: the timestamps in a folder; a damaged one is a fault. NRM_ERR_KEY without certificates. */
struct nrm_folder;
enum nrm_err nrm_check_stamps(struct nrm_check *check, const struct nrm_folder *folder,
			      nrm_node_source node, void *from) NRM_MUST_USE;

/* verify_records.c: a record against its leaf, and all records of cases. *ret_view (or NULL) is oversight's view when it decodes. */
void nrm_check_record(struct nrm_check *check, uint64_t index, const struct nrm_leaf *leaf,
		      const struct nrm_record *record, struct nrm_view *ret_view);
enum nrm_err nrm_check_cases(struct nrm_check *check) NRM_MUST_USE;

/* verify_signatures.c: the signers that directories name, and what they signed. */
struct nrm_signers;
enum nrm_err nrm_signers_load(struct nrm_check *check) NRM_MUST_USE;
void nrm_signers_free(struct nrm_signers *signers);
enum nrm_err nrm_check_signatures(struct nrm_check *check, uint64_t index,
				  const struct nrm_leaf *leaf,
				  const struct nrm_view *view) NRM_MUST_USE;

#endif
