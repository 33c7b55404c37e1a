#include "broker/terms/terms.h"

static uint64_t mask_of(struct nrm_codes codes)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < codes.n; i++)
		mask |= nrm_bit(codes.code[i]);
	return mask;
}

void nrm_terms_consent(const struct nrm_consent_grant *g, enum nrm_phase phase, nrm_handle_of *find,
		       const void *roll, struct nrm_consent *ret_consent)
{
	struct nrm_consent consent = {
		.given_by = g->given_by,
		.services = mask_of(g->service),
		.any_service = g->any_service,
		.recipient_roles = mask_of(g->recipient_role),
		.any_recipient = g->any_recipient,
		.named_fields = mask_of(g->field),
		.categories = mask_of(g->category),
		.any_field = g->any_field,
		.purpose = g->purpose,
		.phase = phase,
		.from = g->from_ms,
		.until = g->until_ms,
		.heard = g->heard,
		.understood = g->understood,
		.interpreter_conflict = g->interpreter_conflict,
		.guardian = find(roll, g->guardian),
	};
	consent.guardian_unknown = g->guardian.len > 0 && consent.guardian == 0;
	for (size_t i = 0; i < g->recipient.n && i < NRM_MAX_CONSENT_RECIPIENTS; i++) {
		uint32_t handle = find(roll, g->recipient.item[i]);
		if (handle)
			consent.recipient[consent.n_recipients++] = handle;
	}
	for (size_t i = 0; i < g->country.n && i < NRM_MAX_CONSENT_COUNTRIES; i++)
		consent.country[consent.n_countries++] = nrm_country_code(g->country.item[i]);
	*ret_consent = consent;
}

bool nrm_terms_claim(const struct nrm_stated_fact *fact, nrm_handle_of *find, const void *roll,
		     struct nrm_claim *ret_claim)
{
	struct nrm_claim claim = {.kind = fact->kind};
	struct nrm_slice participant = nrm_slice(NULL, 0);

	switch (fact->kind) {
	case NRM_FACT_AGE_CLASS:
		claim.age_class = fact->is.age_class;
		break;
	case NRM_FACT_ADULT_SINCE:
	case NRM_FACT_LAST_THREAT:
	case NRM_FACT_REFLECTION_UNTIL:
		claim.time = fact->is.time_ms;
		break;
	case NRM_FACT_GUARDIAN:
		claim.guardian = fact->is.guardian.kind;
		participant = fact->is.guardian.participant;
		break;
	case NRM_FACT_EXCLUDED:
	case NRM_FACT_RECEIVING_MANAGER:
		participant = fact->is.participant;
		break;
	case NRM_FACT_COMPLICIT_PARENT:
	case NRM_FACT_ASYLUM_SEEKER:
	case NRM_FACT_CONSULATE_WISHED:
		claim.yes = fact->is.yes;
		break;
	case NRM_FACT_REFUSED:
	case NRM_FACT_CONTACT:
		claim.codes = mask_of(fact->is.codes);
		break;
	case NRM_FACT_ASSESSMENT:
		claim.assessment = fact->is.assessment.kind;
		claim.time = fact->is.assessment.date_ms;
		break;
	default:
		return false;
	}
	claim.participant = find(roll, participant);
	if (participant.len > 0 && claim.participant == 0)
		return false;
	*ret_claim = claim;
	return true;
}
