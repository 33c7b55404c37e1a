/*
 * A compilation of participants.yaml in progress. Internal to proto/directory.
 */
#ifndef NRM_DIRECTORY_COMPILATION_H
#define NRM_DIRECTORY_COMPILATION_H

#include <limits.h>

#include "proto/directory/participants.h"
#include "proto/directory/participants_schema.h"
#include "proto/directory/public_keys.h"

/* An entry and where in the file it stands: entries are sorted by id, the file need not be. */
struct nrm_participant_row {
	struct nrm_participant_entry entry;
	unsigned place;
};

struct nrm_compilation {
	struct nrm_yaml yaml;
	struct nrm_arena arena;
	const struct nrm_participants_options *options;
	char folder[PATH_MAX]; /* that relative `keys:` are resolved against */
	const struct nrm_participants_text *text;
	struct nrm_participant_row *row;
	struct nrm_directory_body body;
	char *error;
};

/* "participants[3].roles": the path of a key of participant `i` of the file. */
const char *nrm_compilation_at(struct nrm_compilation *c, unsigned i, const char *key);

/*
 * Reads the public keys of `id` that the `keys:` at `where` names: a file, or a folder with
 * public.yaml in it.
 */
enum nrm_err nrm_compilation_keys(struct nrm_compilation *c, const char *where, const char *keys,
				  const char *id, struct nrm_public_keys *ret_keys) NRM_MUST_USE;

/* Reads participant `i` of the file; `body` has the directory's validity already. */
enum nrm_err nrm_compilation_participant(struct nrm_compilation *c, unsigned i,
					 struct nrm_participant_entry *entry) NRM_MUST_USE;

#endif
