/*
 * What the audit commands share: where the trail is (a broker's data folder, or an export), whose keys are believed, how
 * the reading process is kept apart, and how progress and faults are shown.
 */
#ifndef NRM_CLI_AUDIT_SOURCE_H
#define NRM_CLI_AUDIT_SOURCE_H

#include <argp.h>
#include <stdbool.h>

#include "agents/auditor/fault.h"
#include "agents/auditor/progress.h"
#include "proto/store/case_keys.h"
#include "proto/store/store.h"
#include "proto/trail/note.h"

/* Keys of the commands' own long options start here. */
#define NRM_AUDIT_OPTION 400

/* --trail, --export, --keys, --without-keys. Exactly one of the first two, or only the first. */
struct nrm_audit_source {
	bool export_too; /* set by the command: --export is understood */
	bool optional;	 /* set by the command: it does without either */
	const char *trail, *export;
	const char *keys_file;
	bool without_keys;
	/* open while the work is done: */
	struct nrm_store *store;    /* NULL for an export */
	struct nrm_case_keys *keys; /* NULL: none at hand */
};
extern const struct argp nrm_audit_source_argp; /* input: struct nrm_audit_source */

#define NRM_MAX_GIVEN_KEYS 64

/* --authority, --key, --witness, --quorum */
struct nrm_audit_belief {
	const char *authority_text;
	uint8_t authority[NRM_KEY_LEN]; /* once it is loaded */
	struct nrm_note_key key[NRM_MAX_GIVEN_KEYS];
	size_t n_keys;
	uint32_t quorum;
	bool quorum_given;
};
extern const struct argp nrm_audit_belief_argp; /* input: struct nrm_audit_belief */

/* Loads the authority's key: *ret_authority points at it, NULL when none was named. Says what is wrong and returns 2, else 0. */
int nrm_audit_authority(struct nrm_audit_belief *belief, const uint8_t **ret_authority);

/*
 * Opens the source and does the work in a child process: reading a file that was cut short can end a process with a signal,
 * which is answered as "could not check", exit status 2. SIGINT is passed on to the child. Returns the work's exit status.
 */
int nrm_audit_run(struct nrm_audit_source *source, int (*work)(void *context), void *context);

/* The bar on standard error, when that is a terminal; NULL when it is not. One for the process. */
const struct nrm_audit_progress *nrm_audit_bar(void);

/* Prints a fault, what was expected and what was found, with `answer` in front ("does not verify"). Returns 1. */
int nrm_audit_print_fault(const char *answer, const struct nrm_audit_fault *fault);

/* Reads a file of at most `most` bytes, "-" for standard input, into `out`; says what went wrong and returns 2, else 0. */
int nrm_audit_read_file(const char *path, size_t most, struct nrm_buf *out);

#endif
