/*
 * The auditor's page: `nrm audit serve`. Three kinds of process, so that no damaged file can end the page and no long work holds
 * it up: this one speaks HTTP and holds the credentials, and never opens the trail; a reader holds it open and answers queries; a
 * verifier checks it, once in a while. README.md has the contract with the page.
 */
#ifndef NRM_PAGE_SERVE_H
#define NRM_PAGE_SERVE_H

#include "agents/auditor/trust.h"
#include "agents/page/credentials.h"
#include "proto/glossary/glossary.h"

struct nrm_serve_options {
	const char *trail;	  /* the broker's data folder */
	const char *keys_file;	  /* of the case keys; NULL: records stay closed */
	const uint8_t *authority; /* NULL: the directory is taken from the trail on trust */
	const struct nrm_note_key
		*given; /* keys in place of the directory's, as nrm_trust_make() */
	size_t n_given;
	uint32_t quorum; /* of witnesses that verification wants; 0: none */
	const char *
		tsa_ca; /* certificates (PEM) of timestamping authorities; NULL: timestamps are counted only */

	const char
		*state_file; /* what is remembered of verifications over restarts; NULL: nothing */
	const char *host
		[NRM_MAX_PAGE_NAMES]; /* by which the page may be called, besides the loopback's names */
	size_t n_hosts;
	const struct nrm_glossary *glossary;
	struct nrm_credentials *credentials; /* borrowed; what is in the children's copy is wiped */
};

/*
 * Makes the listening socket of "127.0.0.1:8088" or "[::1]:8088", port 0: any. Another address than the loopback's only where
 * `anywhere`. *ret_port: which it became. On failure `why` has a line: NRM_ERR_FORMAT, NRM_ERR_PERMISSION, NRM_ERR_IO.
 */
#define NRM_SERVE_WHY_LEN 256
enum nrm_err nrm_serve_listen(const char *text, bool anywhere, int *ret_fd, unsigned *ret_port,
			      char why[static NRM_SERVE_WHY_LEN]) NRM_MUST_USE;

/*
 * Serves on the socket until SIGTERM or SIGINT, then ends its children and returns NRM_OK. Logs through proto/base/log.h: a program's
 * main loop. NRM_ERR_IO, NRM_ERR_NOMEM.
 */
enum nrm_err nrm_serve(const struct nrm_serve_options *options, int listening) NRM_MUST_USE;

#endif
