/*
 * Makes an input on which a property fails as plain as it can while it still fails: fewer consents, roles, fields,
 * services and list entries, facts back to what they mostly are, times to the day before or after.
 */
#ifndef NRM_TESTS_SHRINK_H
#define NRM_TESTS_SHRINK_H

#include "tests/properties/properties.h"

/* *in fails before and after. `t` is left as of the last failure. */
void shrink(const struct property *property, struct trial *t, const struct nrm_policy *policy,
	    struct input *in);

#endif
