/*
 * What a broker works under and may change while it runs: the directory and the policy, as the authority signed them. Read
 * and held against the broker's keys, brought into force, and read again on demand; whatever was once in force is kept,
 * for others may still look at it.
 */
#ifndef NRM_BROKER_DOCUMENTS_H
#define NRM_BROKER_DOCUMENTS_H

#include "broker/books/books.h"
#include "broker/config.h"
#include "proto/directory/identity.h"

struct nrm_broker_documents {
	const struct nrm_broker_config *config;
	const struct nrm_identity *identity;
	struct nrm_documents in_force;
	struct nrm_directory **directory; /* all that ever were, or may have been */
	size_t n_directories;
	struct nrm_signed_policy **policy; /* likewise */
	size_t n_policies;
};

/* Reads both, with `config` and `identity` set. On failure `error` has one line. */
enum nrm_err nrm_documents_load(struct nrm_broker_documents *d,
				char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
void nrm_documents_done(struct nrm_broker_documents *d);

/* Brings documents into force: nrm_door_adopt(), or what a test puts in its place. */
typedef enum nrm_err nrm_documents_adopt(void *with, const struct nrm_documents *documents);

/*
 * Reads one of them again and has `adopt` bring it into force, unless it is the one in force already (*ret_changed tells).
 * On failure the old one stays and `error` has one line, "FILE:LINE:COLUMN: key: …" where a line is at fault.
 */
enum nrm_err nrm_documents_reload_directory(struct nrm_broker_documents *d,
					    nrm_documents_adopt *adopt, void *with,
					    bool *ret_changed,
					    char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;
enum nrm_err nrm_documents_reload_policy(struct nrm_broker_documents *d, nrm_documents_adopt *adopt,
					 void *with, bool *ret_changed,
					 char error[static NRM_YAML_ERROR_LEN]) NRM_MUST_USE;

#endif
