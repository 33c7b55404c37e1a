#include "tests/naive/tables.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The lists of policy.md, in its words. "all" is every code; among services the name of an area is its
 * services, among fields that of a category its fields; a word with a minus takes out again.
 */
#define S                                                                                      \
	"shelter health psychosocial education vocational employment_service social_services " \
	"child_protection guardian ngo_case_manager legal_aid labour_inspection interpreter"
#define S_AND_STATUS S " asylum_authority residence_authority foreign_nrm"
#define OPEN_TO_JUSTICE                                                                     \
	"criminal_statement witness_protection police_protection security_risk_assessment " \
	"legal_status_update compensation_claim labour_claim record_clearance"

static const struct {
	const char *from, *to, *except;
} walls[NAIVE_WALLS] = {
	{"anyone", "immigration_enforcement", ""},
	{S_AND_STATUS, "police prosecutor", OPEN_TO_JUSTICE " safety_plan"},
	{S_AND_STATUS, "court",
	 OPEN_TO_JUSTICE " guardianship_appointment civil_status best_interests_assessment "
			 "foster_or_kinship_care family_reunification"},
	{S, "residence_authority asylum_authority",
	 "residence_permit reflection_period asylum_referral victim_certification "
	 "identity_document"},
	{"police prosecutor court", "labour_inspection", "labour_claim"},
};

/* The first row that names the service counts. */
static const struct {
	const char *services, *purposes;
} purposes[] = {
	{"criminal_statement", "justice"},
	{"witness_protection", "justice protection"},
	{"police_protection security_risk_assessment", "protection"},
	{"safe_return", "return"},
	{"follow_up", "assistance return"},
	{"legal", "assistance justice"},
	{"all", "assistance"},
};

/* All rows that apply are joined; "" is any recipient. */
static const struct {
	const char *services, *recipients, *fields;
} needs[] = {
	{"all -interpretation", "",
	 "given_name preferred_name age_years gender languages interpreter_needs literacy "
	 "safe_contact disability_and_access guardian_contact support_needs wishes"},
	{"interpretation", "", "languages interpreter_needs gender"},
	{"housing", "",
	 "family_name dependants housing_needs immediate_needs risk_level risk_sources safety_plan "
	 "urgent_health_needs present_location handover_point"},
	{"emergency_shelter transit_shelter long_term_housing foster_or_kinship_care", "",
	 "religion orientation_and_identity"},
	{"rent_support", "", "finances"},
	{"medical", "",
	 "family_name birth_date urgent_health_needs health_conditions reproductive_health "
	 "mental_health substance_use medical_records present_location handover_point dependants"},
	{"infection_testing chronic_care sexual_reproductive_health", "", "infection_status"},
	{"psychosocial -recreation", "",
	 "mental_health family risk_level exploitation_form substance_use"},
	{"education", "", "family_name birth_date education_level dependants"},
	{"economic", "", "family_name education_level skills work_preferences"},
	{"financial_aid business_support", "", "finances"},
	{"material_assistance", "", "dependants immediate_needs"},
	{"childcare", "", "dependants"},
	{"administrative", "",
	 "family_name birth_date place_of_birth nationality identity_document documents_missing "
	 "home_address"},
	{"birth_registration", "", "parents_names"},
	{"residence_permit", "", "residence_status asylum_claim"},
	{"reflection_period", "", "residence_status exploitation_form"},
	{"victim_certification", "", "exploitation_form"},
	{"guardianship_appointment", "", "family dependants risk_level"},
	{"legal", "legal_aid",
	 "family_name birth_date nationality exploitation_form exploitation_history suspects "
	 "evidence_reference recruitment_and_route offence_record entry_and_stay residence_status "
	 "asylum_claim legal_case_status claim_details finances"},
	{"legal", "compensation_fund",
	 "family_name birth_date exploitation_form evidence_reference legal_case_status "
	 "claim_details finances"},
	{"criminal_statement witness_protection", "police prosecutor court",
	 "family_name exploitation_form evidence_reference suspects risk_level risk_sources "
	 "legal_case_status"},
	{"compensation_claim labour_claim record_clearance", "police prosecutor court",
	 "family_name birth_date legal_case_status claim_details"},
	{"labour_claim", "labour_inspection",
	 "family_name exploitation_form evidence_reference claim_details"},
	{"asylum_referral", "asylum_authority",
	 "family_name birth_date nationality exploitation_form risk_sources asylum_claim"},
	{"legal_status_update", "", "legal_case_status claim_details"},
	{"safety", "",
	 "family_name risk_level risk_sources safety_plan present_location handover_point family "
	 "suspects"},
	{"family", "", "family_name family place_of_birth parents_names home_address"},
	{"case_management -interpretation", "",
	 "family_name birth_date nationality dependants family housing_needs education_level "
	 "skills immediate_needs inclusion_plan outcome_notes risk_level safety_plan "
	 "legal_case_status residence_status urgent_health_needs present_location "
	 "shelter_address"},
	{"safe_return", "", "risk_sources documents_missing claim_details"},
	{"resettlement", "", "risk_sources documents_missing"},
};

static const struct {
	const char *fields, *only, *never;
} secrecy[] = {
	{"location", "shelter health guardian child_protection ngo_case_manager", ""},
	{"infection_status", "health", ""},
	{"exploitation", "",
	 "education vocational employment_service civil_registry interpreter consular"},
	{"offence_record entry_and_stay", "legal_aid", ""},
	{"complaint_statement", "coordinator ombudsman", ""},
};

static uint32_t number(enum nrm_vocabulary kind, const char *word, size_t len)
{
	return nrm_code_number(kind, word, len);
}

/* The codes of one word: one, or all of an area or category. */
static void mark_word(bool *set, enum nrm_vocabulary kind, const char *word, size_t len, bool value)
{
	const uint32_t code = number(kind, word, len);
	const uint32_t area = number(NRM_VOCABULARY_AREA, word, len);
	const uint32_t category = number(NRM_VOCABULARY_CATEGORY, word, len);

	if (code != 0) {
		set[code] = value;
	} else if (len == 3 && memcmp(word, "all", 3) == 0) {
		for (uint32_t i = 1; i <= nrm_code_count(kind); i++)
			set[i] = value;
	} else if (kind == NRM_VOCABULARY_SERVICE && area != 0) {
		for (uint32_t i = 1; i < NRM_SERVICE_END_; i++)
			if (nrm_service_area((enum nrm_service)i) == area)
				set[i] = value;
	} else if (kind == NRM_VOCABULARY_FIELD && category != 0) {
		for (uint32_t i = 1; i < NRM_FIELD_END_; i++)
			if (nrm_field_category((enum nrm_field)i) == category)
				set[i] = value;
	} else {
		fprintf(stderr, "tests/naive: no such %s: %.*s\n", nrm_vocabulary_name(kind),
			(int)len, word);
		abort();
	}
}

static void mark(bool *set, enum nrm_vocabulary kind, const char *words)
{
	while (*words != '\0') {
		const bool value = *words != '-';
		const char *word = value ? words : words + 1;
		const size_t len = strcspn(word, " ");

		mark_word(set, kind, word, len, value);
		words = word + len + strspn(word + len, " ");
	}
}

static void build_walls(struct nrm_naive_tables *t)
{
	for (size_t i = 0; i < NAIVE_WALLS; i++) {
		struct nrm_naive_wall *wall = &t->wall[i];

		if (strcmp(walls[i].from, "anyone") == 0)
			wall->from_anyone = true;
		else
			mark(wall->from, NRM_VOCABULARY_ROLE, walls[i].from);
		mark(wall->to, NRM_VOCABULARY_ROLE, walls[i].to);
		mark(wall->except, NRM_VOCABULARY_SERVICE, walls[i].except);
	}
}

static void build_purposes(struct nrm_naive_tables *t)
{
	bool done[NAIVE_SERVICES] = {false};

	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		bool services[NAIVE_SERVICES] = {false};

		mark(services, NRM_VOCABULARY_SERVICE, purposes[i].services);
		for (uint32_t s = 1; s < NAIVE_SERVICES; s++) {
			if (!services[s] || done[s])
				continue;
			mark(t->purpose[s], NRM_VOCABULARY_PURPOSE, purposes[i].purposes);
			done[s] = true;
		}
	}
}

static void build_needs(struct nrm_naive_tables *t)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		bool services[NAIVE_SERVICES] = {false};
		bool recipients[NAIVE_ROLES] = {false};

		mark(services, NRM_VOCABULARY_SERVICE, needs[i].services);
		mark(recipients, NRM_VOCABULARY_ROLE, needs[i].recipients);
		if (*needs[i].recipients == '\0')
			recipients[0] = true;
		for (uint32_t s = 1; s < NAIVE_SERVICES; s++)
			for (uint32_t r = 0; r < NAIVE_ROLES; r++)
				if (services[s] && recipients[r])
					mark(t->needed[s][r], NRM_VOCABULARY_FIELD,
					     needs[i].fields);
	}
}

static void build_secrecy(struct nrm_naive_tables *t)
{
	for (size_t i = 0; i < sizeof(secrecy) / sizeof(secrecy[0]); i++) {
		bool fields[NAIVE_FIELDS] = {false};

		mark(fields, NRM_VOCABULARY_FIELD, secrecy[i].fields);
		for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
			if (!fields[f])
				continue;
			if (*secrecy[i].only != '\0')
				t->restricted[f] = true;
			mark(t->only[f], NRM_VOCABULARY_ROLE, secrecy[i].only);
			mark(t->never[f], NRM_VOCABULARY_ROLE, secrecy[i].never);
		}
	}
	mark(t->lifted_by_name, NRM_VOCABULARY_FIELD, "location infection_status");
	/* the last not by policy.md but by config/README.md, 17 */
	mark(t->no_field, NRM_VOCABULARY_ROLE,
	     "donor national_rapporteur auditor immigration_enforcement");
	mark(t->police_may, NRM_VOCABULARY_FIELD, "present_location handover_point");
	mark(t->police_protects, NRM_VOCABULARY_SERVICE,
	     "police_protection security_risk_assessment");
}

static void build_rules(struct nrm_naive_tables *t)
{
	mark(t->oversight, NRM_VOCABULARY_ROLE,
	     "coordinator ombudsman national_rapporteur auditor");
	mark(t->conditional, NRM_VOCABULARY_DECLINE,
	     "not_cooperating no_case case_lost residence_status not_identified no_documents "
	     "cannot_pay not_caused_by_trafficking");
	mark(t->elsewhere, NRM_VOCABULARY_DECLINE, "no_capacity not_our_service out_of_area");
	mark(t->on_status, NRM_VOCABULARY_SERVICE,
	     "residence_permit reflection_period victim_certification");
	mark(t->defender, NRM_VOCABULARY_ROLE, "legal_aid guardian ngo_case_manager coordinator");
	mark(t->to_find_interpreter, NRM_VOCABULARY_FIELD, "languages interpreter_needs gender");
	mark(t->emergency_service, NRM_VOCABULARY_SERVICE,
	     "emergency_medical emergency_shelter police_protection");
	mark(t->child_service, NRM_VOCABULARY_SERVICE,
	     "guardianship_appointment best_interests_assessment");
	mark(t->child_recipient, NRM_VOCABULARY_ROLE, "child_protection guardian court");
	mark(t->outside_any, NRM_VOCABULARY_SERVICE,
	     "infection_testing safe_return legal safety family");
	mark(t->long_lived, NRM_VOCABULARY_SERVICE,
	     "legal_status_update compensation_claim labour_claim");
	mark(t->presses, NRM_VOCABULARY_ROLE, "police prosecutor");
	mark(t->returns, NRM_VOCABULARY_ROLE,
	     "police prosecutor immigration_enforcement residence_authority consular");
	mark(t->without_guardian, NRM_VOCABULARY_SERVICE,
	     "guardianship_appointment best_interests_assessment interpretation");
	mark(t->without_best_interests, NRM_VOCABULARY_SERVICE,
	     "guardianship_appointment best_interests_assessment interpretation "
	     "needs_assessment family_risk_assessment security_risk_assessment");
	mark(t->evidence, NRM_VOCABULARY_ASSESSMENT,
	     "security_risk family_risk inclusion voluntary_return receiving_manager_accepted");
	mark(t->evidence_child, NRM_VOCABULARY_ASSESSMENT,
	     "best_interests_determination court_decision");
}

static void build_sets(struct nrm_naive_tables *t)
{
	mark(t->needed_by_anyone, NRM_VOCABULARY_SERVICE, "legal_status_update");
	mark(t->carer, NRM_VOCABULARY_ROLE,
	     "shelter health psychosocial guardian child_protection ngo_case_manager");
	mark(t->return_set, NRM_VOCABULARY_FIELD,
	     "given_name preferred_name languages interpreter_needs safe_contact "
	     "disability_and_access support_needs outcome_notes");
	mark(t->return_set_carer, NRM_VOCABULARY_FIELD,
	     "urgent_health_needs immediate_needs risk_level safety_plan");
	mark(t->minimum, NRM_VOCABULARY_FIELD,
	     "given_name preferred_name age_years gender languages interpreter_needs "
	     "safe_contact dependants immediate_needs urgent_health_needs "
	     "disability_and_access risk_level present_location handover_point "
	     "guardian_contact");
	mark(t->minimum_medical, NRM_VOCABULARY_FIELD,
	     "health_conditions mental_health substance_use reproductive_health");
	mark(t->medical_emergency, NRM_VOCABULARY_SERVICE, "emergency_medical psychiatric_care");
	mark(t->complaint, NRM_VOCABULARY_FIELD,
	     "complaint_statement languages interpreter_needs safe_contact");
}

static struct nrm_naive_tables tables;

static void build(void)
{
	build_walls(&tables);
	build_rules(&tables);
	build_purposes(&tables);
	build_needs(&tables);
	build_sets(&tables);
	build_secrecy(&tables);
}

const struct nrm_naive_tables *nrm_naive_tables(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, build);
	return &tables;
}
