/*
 * What policy.md lists, as tables of yes and no: [code] or [code][code], codes from vocabulary.h.
 * Index 0 is "absent" and never set, but where said. Fields have 64 places, for every bit of a mask.
 */
#ifndef NRM_NAIVE_TABLES_H
#define NRM_NAIVE_TABLES_H

#include <stdbool.h>

#include "proto/vocabulary.h"

enum {
	NAIVE_ROLES = NRM_ROLE_END_,
	NAIVE_SERVICES = NRM_SERVICE_END_,
	NAIVE_FIELDS = 64,
	NAIVE_WALLS = 5,
};

/* A firewall pair (rule 5). */
struct nrm_naive_wall {
	bool from_anyone;
	bool from[NAIVE_ROLES], to[NAIVE_ROLES];
	bool except[NAIVE_SERVICES];
};

struct nrm_naive_tables {
	/* rules 5, 7, 8, 9, 12 */
	struct nrm_naive_wall wall[NAIVE_WALLS];
	bool oversight[NAIVE_ROLES];
	bool conditional[NRM_DECLINE_END_]; /* declines that make help conditional */
	bool elsewhere[NRM_DECLINE_END_];   /* declines that ask for another provider */
	bool on_status[NAIVE_SERVICES];
	bool defender[NAIVE_ROLES]; /* may hear of an expulsion */
	bool to_find_interpreter[NAIVE_FIELDS];
	/* rules 13, 14 */
	bool purpose[NAIVE_SERVICES][NRM_PURPOSE_END_];
	bool emergency_service[NAIVE_SERVICES];
	bool child_service[NAIVE_SERVICES]; /* asks for a guardian or a best-interests assessment */
	bool child_recipient[NAIVE_ROLES];
	/* rules 15, 16 */
	bool outside_any[NAIVE_SERVICES]; /* services that `any` never covers */
	bool long_lived[NAIVE_SERVICES];
	bool presses[NAIVE_ROLES]; /* whose record alone does not count for legal services */
	bool returns[NAIVE_ROLES]; /* whose record alone does not count for a return */
	/* rules 17, 18, 19 */
	bool without_guardian[NAIVE_SERVICES];
	bool without_best_interests[NAIVE_SERVICES];
	bool evidence[NRM_ASSESSMENT_END_];
	bool evidence_child[NRM_ASSESSMENT_END_]; /* besides, for a child */
	/* needed[service][role][field]: role 0 is any recipient */
	bool needed[NAIVE_SERVICES][NAIVE_ROLES][NAIVE_FIELDS];
	bool needed_by_anyone[NAIVE_SERVICES]; /* whether it offers the service or not */
	bool carer[NAIVE_ROLES];
	bool return_set[NAIVE_FIELDS];
	bool return_set_carer[NAIVE_FIELDS]; /* besides */
	bool minimum[NAIVE_FIELDS];
	bool minimum_medical[NAIVE_FIELDS]; /* besides */
	bool medical_emergency[NAIVE_SERVICES];
	bool complaint[NAIVE_FIELDS];
	/* secrecy */
	bool restricted[NAIVE_FIELDS];	       /* an "only" stands for the field: */
	bool only[NAIVE_FIELDS][NAIVE_ROLES];  /* these roles */
	bool never[NAIVE_FIELDS][NAIVE_ROLES]; /* and never these */
	bool no_field[NAIVE_ROLES];	       /* never any field */
	bool lifted_by_name[NAIVE_FIELDS]; /* a consent that names field and recipient lifts it */
	bool police_may[NAIVE_FIELDS];	   /* place fields that police may get for */
	bool police_protects[NAIVE_SERVICES]; /* these services */
};

/* The tables, built at the first call; a word that the vocabulary does not have aborts. */
const struct nrm_naive_tables *nrm_naive_tables(void);

#endif
