#include "tests/naive/rules.h"

bool nrm_naive_names_recipient(const struct nrm_naive_question *q,
			       const struct nrm_consent *consent)
{
	for (uint32_t i = 0; i < consent->n_recipients && i < NRM_MAX_CONSENT_RECIPIENTS; i++)
		if (consent->recipient[i] == q->message.recipient)
			return true;
	return false;
}

static bool covers_service(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	const enum nrm_service service = q->message.service;

	if (service == NRM_SERVICE_ABSENT)
		return false;
	if ((consent->services >> service & 1) != 0)
		return true;
	return consent->any_service && !q->t->outside_any[service];
}

static bool covers_recipient(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	const struct nrm_party covered = {.roles = consent->recipient_roles};

	if (consent->any_recipient || nrm_naive_names_recipient(q, consent))
		return true;
	for (uint32_t role = 1; role < NAIVE_ROLES; role++)
		if (nrm_naive_has_role(&covered, (enum nrm_role)role) &&
		    nrm_naive_has_role(q->recipient, (enum nrm_role)role))
			return true;
	return false;
}

bool nrm_naive_covers(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	return covers_service(q, consent) && covers_recipient(q, consent);
}

bool nrm_naive_withdrawn(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	return consent->withdrawn_at != 0 && consent->withdrawn_at <= q->now;
}

uint64_t nrm_naive_end(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	const bool later_phase = consent->phase == NRM_PHASE_RECOVERY ||
				 consent->phase == NRM_PHASE_INCLUSION;
	uint64_t days = 180;
	uint64_t end;

	if (!later_phase)
		days = 30;
	else if (q->t->long_lived[q->message.service])
		days = 1095;
	end = consent->from + days * NAIVE_DAY_MS;
	if (end < consent->from) /* beyond the end of time */
		end = UINT64_MAX;
	return end < consent->until ? end : consent->until;
}

/* Without a beginning or an end it is out of its time. */
static bool in_time(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	if (consent->from == 0 || consent->until == 0)
		return false;
	return consent->from <= q->now && q->now < nrm_naive_end(q, consent);
}

static bool only_of(const struct nrm_party *party, const bool roles[NAIVE_ROLES])
{
	for (uint32_t role = 1; role < NAIVE_ROLES; role++)
		if (nrm_naive_has_role(party, (enum nrm_role)role) && !roles[role])
			return false;
	return true;
}

/* Recorded by somebody known; for legal services and a return by somebody who does not press. */
static bool well_recorded(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	const bool legal = nrm_service_area(q->message.service) == NRM_AREA_LEGAL;
	const bool going_back = q->message.service == NRM_SERVICE_SAFE_RETURN;
	bool anybody = false, no_police = false, free_of_return = false;

	for (uint32_t i = 0; i < consent->n_recorders && i < NRM_MAX_CONSENT_RECORDERS; i++) {
		const struct nrm_party *by = nrm_naive_party(q->facts, consent->recorder[i]);

		if (!by->known)
			continue;
		anybody = true;
		if (!nrm_naive_holds(by, q->t->presses))
			no_police = true;
		if (!by->detention && !only_of(by, q->t->returns))
			free_of_return = true;
	}
	return anybody && (!legal || no_police) && (!going_back || free_of_return);
}

/* An adult gives it; what a child and its guardian gave lasts 30 days into adult age. */
static bool given_by_adult(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	const uint64_t since = q->card->adult_since;

	if (consent->given_by == NRM_GIVEN_BY_ADULT ||
	    consent->given_by == NRM_GIVEN_BY_ADULT_WITH_SUPPORTER)
		return true;
	return consent->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN &&
	       consent->heard == NRM_HEARD_HEARD && since != 0 && since <= q->now &&
	       q->now - since < 30 * (uint64_t)NAIVE_DAY_MS;
}

/* The guardian it names, if any, is known and not excluded. */
static bool names_bad_guardian(const struct nrm_naive_question *q,
			       const struct nrm_consent *consent)
{
	if (consent->guardian_unknown)
		return true;
	if (consent->guardian == 0)
		return false;
	return !nrm_naive_party(q->facts, consent->guardian)->known ||
	       nrm_naive_excluded(q->card, consent->guardian);
}

/* Way (a): child and guardian together, or the guardian for a child that cannot be heard. */
static bool given_with_guardian(const struct nrm_naive_question *q,
				const struct nrm_consent *consent)
{
	const bool heard = consent->heard == NRM_HEARD_HEARD;
	const bool not_capable = consent->heard == NRM_HEARD_NOT_CAPABLE;

	if (!q->guarded || names_bad_guardian(q, consent))
		return false;
	if (consent->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN)
		return heard || not_capable;
	return consent->given_by == NRM_GIVEN_BY_GUARDIAN && not_capable;
}

/* Way (b): the child was heard, where there is no guardian or one is being asked for. */
static bool given_without_guardian(const struct nrm_naive_question *q,
				   const struct nrm_consent *consent)
{
	if (q->guarded && !q->t->child_service[q->message.service])
		return false;
	if (consent->heard != NRM_HEARD_HEARD)
		return false;
	return !(consent->given_by == NRM_GIVEN_BY_PARENT && q->card->complicit_parent);
}

static bool is_void(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	if (consent->interpreter_conflict || !consent->understood)
		return true;
	if (consent->given_by == NRM_GIVEN_BY_ABSENT || consent->given_by >= NRM_GIVEN_BY_END_)
		return true;
	if (!well_recorded(q, consent))
		return true;
	if (!q->child)
		return !given_by_adult(q, consent);
	return !given_with_guardian(q, consent) && !given_without_guardian(q, consent);
}

static bool reaches_country(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	bool named = false;

	if (nrm_naive_is_ours(q->facts, q->recipient))
		return true;
	if (q->recipient->country == 0)
		return false;
	for (uint32_t i = 0; i < consent->n_countries && i < NRM_MAX_CONSENT_COUNTRIES; i++)
		if (consent->country[i] == q->recipient->country)
			named = true;
	return named && (!q->card->asylum_seeker || nrm_naive_names_recipient(q, consent));
}

/* How far a consent gets, in the order in which it is checked. */
enum stage { NOT_COVERING, WITHDRAWN, OUT_OF_TIME, VOID, COUNTRY, PASSED };

static enum stage stage_of(const struct nrm_naive_question *q, const struct nrm_consent *consent)
{
	if (!nrm_naive_covers(q, consent))
		return NOT_COVERING;
	if (consent->purpose == NRM_PURPOSE_ABSENT || consent->purpose != q->message.purpose)
		return NOT_COVERING;
	if (nrm_naive_withdrawn(q, consent))
		return WITHDRAWN;
	if (!in_time(q, consent))
		return OUT_OF_TIME;
	if (is_void(q, consent))
		return VOID;
	if (!reaches_country(q, consent))
		return COUNTRY;
	return PASSED;
}

enum nrm_reason nrm_naive_rules_15_16(const struct nrm_naive_question *q, uint64_t *ret_passed)
{
	static const enum nrm_reason reasons[] = {
		[NOT_COVERING] = NRM_REASON_NO_CONSENT,
		[WITHDRAWN] = NRM_REASON_CONSENT_WITHDRAWN,
		[OUT_OF_TIME] = NRM_REASON_CONSENT_EXPIRED,
		[VOID] = NRM_REASON_CONSENT_INVALID,
		[COUNTRY] = NRM_REASON_COUNTRY_NOT_COVERED,
		[PASSED] = NRM_REASON_ABSENT,
	};
	enum stage furthest = NOT_COVERING;
	uint64_t passed = 0;

	if (q->message.basis == NRM_BASIS_CONSENT) {
		for (size_t i = 0; i < q->facts->n_consents && i < NRM_MAX_CASE_CONSENTS; i++) {
			const enum stage stage = stage_of(q, &q->facts->consent[i]);

			if (stage > furthest)
				furthest = stage;
			if (stage == PASSED)
				passed |= (uint64_t)1 << i;
		}
	}
	*ret_passed = passed;
	return reasons[furthest];
}
