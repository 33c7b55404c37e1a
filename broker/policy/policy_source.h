/*
 * A policy together with the file it came from, for those who tell people which line of it is
 * behind something: `nrm policy check`, `explain`, `diff`, `show`. A place in the file is a path,
 * as in proto/yaml/yaml.h: "needed[12]", "consent.crisis_days".
 */
#ifndef NRM_POLICY_POLICY_SOURCE_H
#define NRM_POLICY_POLICY_SOURCE_H

#include "broker/policy/policy_file.h"

#define NRM_POLICY_PATH_LEN 64 /* the longest path of a line of a policy */

struct nrm_policy_source;

/* As nrm_policy_load(); the source is the caller's, to be closed with nrm_policy_source_close(). */
enum nrm_err nrm_policy_source_open(const char *path, struct nrm_policy_source **ret_source,
				    char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;
/* As nrm_policy_load_bytes(). */
enum nrm_err nrm_policy_source_open_bytes(const char *name, struct nrm_slice bytes,
					  struct nrm_policy_source **ret_source,
					  char ret_error[static NRM_POLICY_ERROR_LEN]) NRM_MUST_USE;
/* Frees a source with its policy; NULL is allowed. */
void nrm_policy_source_close(struct nrm_policy_source *source);

/* The compiled policy and the file's name; both live as long as the source. */
const struct nrm_policy *nrm_policy_source_policy(const struct nrm_policy_source *source);
const char *nrm_policy_source_name(const struct nrm_policy_source *source);
/* The line of a path, from 1; of its nearest ancestor when it is not in the file. */
uint32_t nrm_policy_source_line(const struct nrm_policy_source *source, const char *path);
/*
 * That line as it stands in the file, without the white space around it; lives as long as the
 * source.
 */
struct nrm_slice nrm_policy_source_text(const struct nrm_policy_source *source, const char *path);

#endif
