#include "tests/properties/properties.h"

const struct property properties[] = {
	{"forwarded_declared", "what is forwarded was declared", forwarded_declared},
	{"forwarded_needed", "what is forwarded is needed", forwarded_needed},
	{"forwarded_not_secret", "nothing forwarded is secret for the recipient",
	 forwarded_not_secret},
	{"forwarded_consented", "under consent: within the union of valid consents",
	 forwarded_consented},
	{"forwarded_emergency", "under emergency: within the emergency minimum",
	 forwarded_emergency},
	{"forwarded_on_a_ground", "what needs a ground goes on only under one that exists",
	 forwarded_on_a_ground},
	{"withheld_for_a_reason", "on forward each declared field is forwarded or has one reason",
	 withheld_for_a_reason},
	{"nothing_unless_forward", "no forward: no field", nothing_unless_forward},
	{"enforcement_no_field", "immigration_enforcement gets no field", enforcement_no_field},
	{"enforcement_no_message", "immigration_enforcement gets no message but rule 2's",
	 enforcement_no_message},
	{"zeroed_policy_refuses", "a zeroed policy refuses everything", zeroed_policy_refuses},
	{"verdict_whole", "the verdict is written whole, and the same each time", verdict_whole},

	{"consent_withdrawn", "withdrawing a consent shares no more", consent_withdrawn},
	{"consent_to_fewer_fields", "narrowing a consent's data shares no more",
	 consent_to_fewer_fields},
	{"consent_to_fewer_services", "narrowing its services shares no more",
	 consent_to_fewer_services},
	{"consent_to_fewer_recipients", "narrowing its recipients shares no more",
	 consent_to_fewer_recipients},
	{"consent_to_fewer_countries", "narrowing its countries shares no more",
	 consent_to_fewer_countries},
	{"consent_ends_earlier", "ending it earlier shares no more", consent_ends_earlier},
	{"consent_taken_away", "narrowing it to nothing shares no more", consent_taken_away},
	{"smaller_needed", "a smaller needed set shares no more", smaller_needed},
	{"more_walls", "one more wall shares no more", more_walls},
	{"more_secrets", "one more secret shares no more", more_secrets},
	{"sender_excluded", "excluding the sender shares no more", sender_excluded},
	{"recipient_excluded", "excluding the recipient shares no more", recipient_excluded},
	{"time_past_an_end", "time past the end of a consent shares no more", time_past_an_end},
	{"time_past_all_ends", "past the end of all nothing goes on that rests on consent",
	 time_past_all_ends},

	{"order_of_consents", "the order of consents does not matter", order_of_consents},
	{"order_of_lists", "nor that of recipients, recorders, countries, exclusions, nor repeats",
	 order_of_lists},
	{"order_of_handles", "nor which handle a participant has", order_of_handles},
	{"behind_the_lists", "nor what memory holds behind the lists", behind_the_lists},
	{"as_the_naive_one", "the second implementation says the same", as_the_naive_one},
};
const uint32_t n_properties = sizeof(properties) / sizeof(properties[0]);

enum finding property_try(const struct property *property, struct trial *t,
			  const struct nrm_policy *policy, const struct input *in,
			  const struct nrm_verdict *verdict)
{
	t->policy = policy;
	t->in = in;
	t->verdict = *verdict;
	t->random = (struct random){in->twist};
	t->other_policy = t->compared = false;
	return property->check(t);
}

bool same_verdict(const struct nrm_verdict *a, const struct nrm_verdict *b)
{
	return a->outcome == b->outcome && a->reason == b->reason && a->told == b->told &&
	       a->forwarded == b->forwarded && a->secret == b->secret &&
	       a->not_needed == b->not_needed && a->not_consented == b->not_consented &&
	       a->missing == b->missing && a->obligations == b->obligations &&
	       a->rules == b->rules && a->consents == b->consents;
}
