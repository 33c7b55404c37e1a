/*
 * A scenario file opened, its cases one by one made ready for the decision: for those who run them
 * (scenario.h) and those who explain one.
 */
#ifndef NRM_POLICY_SCENARIO_FILE_H
#define NRM_POLICY_SCENARIO_FILE_H

#include "broker/core/decide.h"
#include "broker/policy/scenario.h"

struct nrm_scenarios;
struct nrm_case;

/*
 * Opens a file and reads its participants. *ret_scenarios is the caller's, to be closed with
 * nrm_scenarios_close(); on failure `ret_error` has the line. NRM_ERR_NOT_FOUND, NRM_ERR_IO,
 * NRM_ERR_FORMAT, NRM_ERR_UNKNOWN_CODE, NRM_ERR_DUPLICATE, NRM_ERR_LIMIT, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_scenarios_open(const char *path, struct nrm_scenarios **ret_scenarios,
				char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;
/* The same from bytes, which errors call `name`. */
enum nrm_err nrm_scenarios_open_bytes(const char *name, struct nrm_slice bytes,
				      struct nrm_scenarios **ret_scenarios,
				      char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;
/* Frees it; NULL is allowed. */
void nrm_scenarios_close(struct nrm_scenarios *scenarios);

/*
 * How many cases there are; name and source of one (source may be NULL). Strings live as long as
 * the file is open.
 */
uint32_t nrm_scenarios_count(const struct nrm_scenarios *scenarios);
const char *nrm_scenarios_name(const struct nrm_scenarios *scenarios, uint32_t index);
const char *nrm_scenarios_source(const struct nrm_scenarios *scenarios, uint32_t index);

/*
 * Makes one case ready: facts, message and time, valid until the next call or the close.
 * NRM_ERR_FORMAT, NRM_ERR_UNKNOWN_CODE … with the line in `ret_error`; the file is of no more use
 * then.
 */
enum nrm_err nrm_scenarios_case(struct nrm_scenarios *scenarios, uint32_t index,
				struct nrm_facts *ret_facts, const struct nrm_message **ret_message,
				uint64_t *ret_now,
				char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;
/* What the case made ready last is; for who compares a verdict with what the file expects. */
const struct nrm_case *nrm_scenarios_current(const struct nrm_scenarios *scenarios);

/* The id of a participant by its handle in the facts, "" for none. */
const char *nrm_scenarios_party(const struct nrm_scenarios *scenarios, uint32_t handle);
/* The id of a consent of a case, or NULL where the file gives none. */
const char *nrm_scenarios_consent(const struct nrm_scenarios *scenarios, uint32_t index,
				  uint32_t consent);
/*
 * The line of something of a case: "card.contact", "message.recipient"; of the case itself for "".
 */
uint32_t nrm_scenarios_line(const struct nrm_scenarios *scenarios, uint32_t index,
			    const char *path);
/* Fails a case that has no `expect`, for who needs one: NRM_ERR_FORMAT. */
enum nrm_err nrm_scenarios_expects(struct nrm_scenarios *scenarios, uint32_t index,
				   char ret_error[static NRM_SCENARIO_ERROR_LEN]) NRM_MUST_USE;

#endif
