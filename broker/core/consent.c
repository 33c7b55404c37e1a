/* Rules 15 and 16: what the consents on file are worth for one message (C1-C8, K3, X1). */
#include "broker/core/matter.h"

static bool names_recipient(const struct nrm_matter *m, const struct nrm_consent *c)
{
	for (uint32_t i = 0; i < c->n_recipients && i < NRM_MAX_CONSENT_RECIPIENTS; i++)
		if (c->recipient[i] == m->message->recipient)
			return true;
	return false;
}

/* Service and recipient. To consent to "any" service is not to consent to the graver ones (C8). */
static bool covers(const struct nrm_matter *m, const struct nrm_consent *c)
{
	const enum nrm_service service = m->message->service;

	return (nrm_has(c->services, service) ||
		(c->any_service && nrm_has(m->policy->any_covers, service))) &&
	       (c->any_recipient || (c->recipient_roles & m->recipient->roles) ||
		names_recipient(m, c));
}

static bool withdrawn(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return c->withdrawn_at != 0 && c->withdrawn_at <= m->now;
}

/* Milliseconds until it ends; 0 when it is not in force. An absent start, end or phase counts against (C3). */
static uint64_t time_left(const struct nrm_matter *m, const struct nrm_consent *c)
{
	const bool later = c->phase == NRM_PHASE_RECOVERY || c->phase == NRM_PHASE_INCLUSION;
	const uint64_t lifetime = later ? m->policy->lifetime_ms[m->message->service]
					: m->policy->crisis_lifetime_ms;
	uint64_t age, left;

	if (c->from == 0 || c->from > m->now || c->until <= m->now)
		return 0;
	age = m->now - c->from;
	left = c->until - m->now;
	if (age >= lifetime)
		return 0;
	return left < lifetime - age ? left : lifetime - age;
}

static bool interpreter_in_conflict(const struct nrm_matter *m, const struct nrm_consent *c)
{
	(void)m;
	return c->interpreter_conflict;
}

static bool not_understood(const struct nrm_matter *m, const struct nrm_consent *c)
{
	(void)m;
	return !c->understood;
}

/* Whether no known recorder is left once those are set aside whose word does not count. */
static bool nobody_but(const struct nrm_matter *m, const struct nrm_consent *c,
		       bool (*discounted)(const struct nrm_policy *, const struct nrm_party *))
{
	for (uint32_t i = 0; i < c->n_recorders && i < NRM_MAX_CONSENT_RECORDERS; i++) {
		const struct nrm_party *recorder = nrm_party_of(m->facts, c->recorder[i]);
		if (recorder->known && !discounted(m->policy, recorder))
			return false;
	}
	return true;
}

static bool no_one(const struct nrm_policy *policy, const struct nrm_party *recorder)
{
	(void)policy, (void)recorder;
	return false;
}

static bool presses(const struct nrm_policy *policy, const struct nrm_party *recorder)
{
	return (recorder->roles & policy->pressure.recorders) != 0;
}

static bool sends_away(const struct nrm_policy *policy, const struct nrm_party *recorder)
{
	return recorder->detention || (recorder->roles & ~policy->return_recorders) == 0;
}

static bool recorded_by_nobody(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return nobody_but(m, c, no_one);
}

/* C6 */
static bool recorded_under_pressure(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return nrm_has(m->policy->pressure.services, m->message->service) &&
	       nobody_but(m, c, presses);
}

static bool recorded_to_send_away(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return nrm_has(m->policy->returns, m->message->service) && nobody_but(m, c, sends_away);
}

static bool adult_gave(const struct nrm_matter *m, const struct nrm_consent *c)
{
	const uint64_t since = m->card->adult_since;

	if (c->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN)
		return c->heard == NRM_HEARD_HEARD && since != 0 && since <= m->now &&
		       m->now - since < m->policy->young_adult_ms;
	return c->given_by == NRM_GIVEN_BY_ADULT ||
	       c->given_by == NRM_GIVEN_BY_ADULT_WITH_SUPPORTER;
}

/* The guardian that it names, if any, is one the directory has, and may know of the case. */
static bool guardian_may(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return !c->guardian_unknown &&
	       (c->guardian == 0 || (nrm_party_of(m->facts, c->guardian)->known &&
				     !nrm_is_excluded(m->card, c->guardian)));
}

/* K3: the guardian agreed and the child was heard, or is too young to be. */
static bool guardian_gave(const struct nrm_matter *m, const struct nrm_consent *c)
{
	const bool not_capable = c->heard == NRM_HEARD_NOT_CAPABLE;
	const bool both = c->given_by == NRM_GIVEN_BY_CHILD_AND_GUARDIAN &&
			  (c->heard == NRM_HEARD_HEARD || not_capable);
	const bool alone = c->given_by == NRM_GIVEN_BY_GUARDIAN && not_capable;

	return m->guarded && (both || alone) && guardian_may(m, c);
}

/* Where there is no guardian yet, or one is just asked for, the child's own word. */
static bool child_gave(const struct nrm_matter *m, const struct nrm_consent *c)
{
	const bool by_someone = c->given_by != NRM_GIVEN_BY_ABSENT &&
				c->given_by < NRM_GIVEN_BY_END_;
	const bool by_complicit_parent = c->given_by == NRM_GIVEN_BY_PARENT &&
					 m->card->complicit_parent;

	return (!m->guarded || nrm_has(m->policy->child_decides, m->message->service)) &&
	       c->heard == NRM_HEARD_HEARD && by_someone && !by_complicit_parent;
}

static bool not_the_persons_own(const struct nrm_matter *m, const struct nrm_consent *c)
{
	return m->minor ? !guardian_gave(m, c) && !child_gave(m, c) : !adult_gave(m, c);
}

static bool (*const voids[])(const struct nrm_matter *, const struct nrm_consent *) = {
	interpreter_in_conflict, not_understood,	recorded_by_nobody,
	recorded_under_pressure, recorded_to_send_away, not_the_persons_own,
};

static bool is_void(const struct nrm_matter *m, const struct nrm_consent *c)
{
	for (size_t i = 0; i < sizeof(voids) / sizeof(voids[0]); i++)
		if (voids[i](m, c))
			return true;
	return false;
}

/* X1; for an asylum seeker no role or "any" abroad will do. */
static bool reaches_country(const struct nrm_matter *m, const struct nrm_consent *c)
{
	if (nrm_at_home(m->facts, m->recipient))
		return true;
	for (uint32_t i = 0; i < c->n_countries && i < NRM_MAX_CONSENT_COUNTRIES; i++)
		if (c->country[i] != 0 && c->country[i] == m->recipient->country)
			return !m->card->asylum_seeker || names_recipient(m, c);
	return false;
}

static enum nrm_standing standing(const struct nrm_matter *m, const struct nrm_consent *c)
{
	if (!covers(m, c) || c->purpose == NRM_PURPOSE_ABSENT || c->purpose != m->message->purpose)
		return NRM_STANDING_NOT_COVERING;
	if (withdrawn(m, c))
		return NRM_STANDING_WITHDRAWN;
	if (time_left(m, c) == 0)
		return NRM_STANDING_OUT_OF_TIME;
	if (is_void(m, c))
		return NRM_STANDING_VOID;
	return reaches_country(m, c) ? NRM_STANDING_PASSED : NRM_STANDING_ABROAD;
}

static nrm_mask fields_of(const struct nrm_policy *policy, const struct nrm_consent *c)
{
	nrm_mask fields = c->any_field ? ~0ull : c->named_fields;

	for (uint32_t i = 1; i < NRM_CATEGORY_END_; i++)
		if (nrm_has(c->categories, i))
			fields |= policy->category[i];
	return fields;
}

struct nrm_consented nrm_examine_consents(const struct nrm_matter *m)
{
	struct nrm_consented all = {0};

	if (m->message->service >= NRM_SERVICE_END_)
		return all;
	for (size_t i = 0; i < m->facts->n_consents; i++) {
		const struct nrm_consent *c = &m->facts->consent[i];
		const enum nrm_standing s = standing(m, c);
		if (s > all.furthest)
			all.furthest = s;
		if (s != NRM_STANDING_PASSED)
			continue;
		all.passed |= nrm_bit((uint32_t)i);
		all.fields |= fields_of(m->policy, c);
		if (names_recipient(m, c))
			all.lifted |= c->named_fields;
		all.ends_soon |= time_left(m, c) < m->policy->review_ms;
	}
	return all;
}

bool nrm_any_withdrawn(const struct nrm_matter *m)
{
	for (size_t i = 0; i < m->facts->n_consents; i++)
		if (covers(m, &m->facts->consent[i]) && withdrawn(m, &m->facts->consent[i]))
			return true;
	return false;
}
