/*
 * Files that people write (referral, consent, case card) as JSON requests: each member is held to
 * its kind where its line is known, so that a mistake is told with file, line, key and what was
 * expected, before the agent is asked.
 */
#ifndef NRM_CLI_FORM_H
#define NRM_CLI_FORM_H

#include <jansson.h>

#include "proto/yaml/yaml.h"

struct nrm_form_list {
	char **item;
	unsigned count;
};

enum nrm_form_kind {
	NRM_FORM_TEXT,	      /* char * */
	NRM_FORM_TIME,	      /* char *: RFC 3339 */
	NRM_FORM_ID,	      /* char *: 32 hexadecimal digits */
	NRM_FORM_PARTICIPANT, /* char * */
	NRM_FORM_REGION,      /* char * */
	NRM_FORM_CODE,	      /* char *: of the member's vocabulary */
	NRM_FORM_YES,	      /* bool *: NULL when left out */
	NRM_FORM_NUMBER,      /* uint32_t *: likewise */
	NRM_FORM_CODES /* struct nrm_form_list: codes of the vocabulary, or what `also` says */
};

enum {
	NRM_ALSO_ANY = 1,
	NRM_ALSO_PARTICIPANTS = 2,
	NRM_ALSO_CATEGORIES = 4,
	NRM_ONLY_PARTICIPANTS = 8,
	NRM_ONLY_COUNTRIES = 16
};

struct nrm_form_member {
	const char *key;
	enum nrm_form_kind kind;
	size_t offset; /* in the decoded struct */
	enum nrm_vocabulary vocabulary;
	unsigned also;
};

/* For schemas. */
#define NRM_FORM_OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define NRM_FORM_NEEDED	  CYAML_FLAG_POINTER
extern const cyaml_schema_value_t nrm_form_word;

/*
 * Adds to `request` every member that is there, under its own key; the list ends with a NULL key.
 * On failure nrm_yaml_error() has the line.
 */
enum nrm_err nrm_form_fill(struct nrm_yaml *yaml, const struct nrm_form_member *member,
			   const void *text, json_t *request) NRM_MUST_USE;

/* A form: its schema, and how the decoded struct becomes a request. */
struct nrm_form {
	const char *op;	  /* of the request */
	const char *what; /* in a sentence: "referral" */
	const char *doc;  /* for --help */
	const cyaml_schema_value_t *schema;
	const char *path; /* or NULL: when this path is in the document, it has the other schema */
	const cyaml_schema_value_t *other;
	enum nrm_err (*request)(struct nrm_yaml *yaml, const void *text, json_t *request);
};

/* refer.c: of a referral, which is sent or previewed. */
extern const struct nrm_form nrm_referral_form;

/* Reads a file into a new request {"op": …, …}; after printing the error returns NULL. */
json_t *nrm_form_read(const char *path, const struct nrm_form *form);

/*
 * A whole command: `nrm … FILE [--case CASE]` and the agent's options; sends the form and prints
 * the answer.
 */
int nrm_form_send(int argc, char **argv, const struct nrm_form *form);

#endif
