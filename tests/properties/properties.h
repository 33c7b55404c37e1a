/*
 * The properties that hold for every input (policy.md), each a function and a line of the table. A property looks
 * at one input and its verdict; one that compares makes a second input, or a second policy, and decides on that too.
 */
#ifndef NRM_TESTS_PROPERTIES_H
#define NRM_TESTS_PROPERTIES_H

#include "tests/properties/input.h"

enum finding {
	IDLE,  /* it holds, but of such an input it says nothing */
	HOLDS, /* it holds where it might have failed */
	FAILS,
};

struct trial {
	const struct nrm_policy *policy;
	const struct input *in;
	struct nrm_verdict verdict; /* on `in` */
	struct random random;	    /* from which a property draws its change */

	/* what it was compared with, for who reads of a failure: set by properties that compare */
	struct input start,
		other; /* `start` stands for `in` where that had to be made ready first */
	struct nrm_policy narrower;
	bool other_policy;
	bool compared; /* `other` and `after` are set */
	struct nrm_verdict after;
};

typedef enum finding property_check(struct trial *t);

struct property {
	const char *name, *sentence;
	property_check *check;
};

extern const struct property properties[];
extern const uint32_t n_properties;

/* Tries a property on an input whose verdict is known. The trial's memory is the caller's and may be used again. */
enum finding property_try(const struct property *property, struct trial *t,
			  const struct nrm_policy *policy, const struct input *in,
			  const struct nrm_verdict *verdict);

bool same_verdict(const struct nrm_verdict *a, const struct nrm_verdict *b);

/* verdict_properties.c */
property_check forwarded_declared, forwarded_needed, forwarded_not_secret, forwarded_consented,
	forwarded_emergency, forwarded_on_a_ground, withheld_for_a_reason, nothing_unless_forward,
	enforcement_no_field, enforcement_no_message, zeroed_policy_refuses, verdict_whole;
/* less_properties.c */
property_check consent_withdrawn, consent_to_fewer_fields, consent_to_fewer_services,
	consent_to_fewer_recipients, consent_to_fewer_countries, consent_ends_earlier,
	consent_taken_away, smaller_needed, more_walls, more_secrets, sender_excluded,
	recipient_excluded, time_past_an_end, time_past_all_ends;
/* order_properties.c */
property_check order_of_consents, order_of_lists, order_of_handles, behind_the_lists;
/* naive_property.c */
property_check as_the_naive_one;

#endif
