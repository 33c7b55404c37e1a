/*
 * A country for measuring and breaking: a folder with the keys of an authority, a broker, a number of police units that
 * refer and a number of shelters that are referred to, and their signed directory and policy. The keys are files
 * as `nrm key new` makes them, so that real programs run on them.
 *
 *	DIR/authority  DIR/broker  DIR/police-000 …  DIR/shelter-000 …  DIR/participants.yaml  DIR/directory.signed
 *	DIR/policy.signed
 */
#ifndef NRM_TESTS_LIVE_COUNTRY_H
#define NRM_TESTS_LIVE_COUNTRY_H

#include "broker/policy/policy_signed.h"
#include "proto/directory/directory.h"
#include "proto/directory/identity.h"

#define COUNTRY_BROKER	 "XX.nrm"
#define COUNTRY_ENDPOINT 64 /* bytes of an endpoint on loopback */

struct country {
	struct nrm_identity **police, **shelter;
	size_t n_police, n_shelters;
	struct nrm_identity *broker;
	struct nrm_directory *directory;
	struct nrm_signed_policy *policy;
};

struct country_options {
	size_t police, shelters;
	const char *endpoint; /* where the broker listens */
	const char *police_endpoint,
		*shelter_endpoint; /* where agents look for it, when that is elsewhere */
	const char *policy;	   /* plain file to sign; NULL: config/policy.yaml */
	const char *more;	   /* lines for broker.yaml, or NULL */
};

/* Makes a country in a new folder. */
void country_make(const char *dir, const struct country_options *options);
/* Makes one that answers on a free port of loopback, unless it is there already; `policy` as above. */
void country_need(const char *dir, size_t police, size_t shelters, const char *policy);
/* An endpoint on loopback that nobody listens on. */
void country_endpoint(char endpoint[static COUNTRY_ENDPOINT]);
/* Loads what country_make() made. */
void country_load(struct country *country, const char *dir);
void country_done(struct country *country);

#endif
