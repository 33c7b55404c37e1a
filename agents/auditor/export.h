/*
 * Exporting a trail to a plain folder (folder.h; PROTOCOL.md, "Export") that anybody can verify with programs of their own.
 * A second export into the same folder only adds. Whatever interrupts one, the folder stays the valid export that it was:
 * the checkpoint is the last thing to be replaced, and what is older goes only after that.
 */
#ifndef NRM_AUDITOR_EXPORT_H
#define NRM_AUDITOR_EXPORT_H

#include "agents/auditor/reader.h"
#include "agents/auditor/trust.h"

struct nrm_export_options {
	const struct nrm_note_key
		*given; /* keys in place of the directory's, as nrm_trust_make() */
	size_t n_given;
	/*
	 * Adds oversight's views of all leaves whose case is not forgotten: who has the folder can then read what the case keys would
	 * let them read, until the folder is destroyed. They are written anew each time, without those of cases forgotten since.
	 */
	bool views;
	const struct nrm_audit_progress *progress;
};

struct nrm_export_report {
	struct nrm_audit_fault
		fault; /* what kept the export from being made: the checkpoint is as it was */
	uint64_t before, leaves; /* in the folder, before and now */
	uint64_t after;		 /* in the trail, but not yet under a signed checkpoint */
	uint64_t views, closed;	 /* leaves whose view was written, and those that no key opens */
};

/*
 * Exports the trail up to its signed checkpoint. `keys` are needed for views only. NRM_OK when the export was made or the
 * trail does not verify (report->fault); NRM_ERR_NOT_FOUND when nothing is signed yet or no key is known, NRM_ERR_AGAIN
 * while another export writes to the folder, NRM_ERR_EXISTS when the folder has views and none are asked for, NRM_ERR_ARGUMENT for
 * views without keys; NRM_ERR_IO, NRM_ERR_FORMAT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_audit_export(struct nrm_store *store, const struct nrm_case_keys *keys,
			      const char *path, const struct nrm_export_options *options,
			      struct nrm_export_report *ret_report) NRM_MUST_USE;

#endif
