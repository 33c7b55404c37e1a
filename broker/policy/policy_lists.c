/* The plain lists and numbers of the file: each is one member of the policy. */
#include "broker/policy/policy_text.h"

#define DAY_MS	 (24ull * 3600 * 1000)
#define MAX_DAYS 36500u

struct list {
	const char *path;
	enum nrm_vocabulary kind;
	size_t words, mask; /* where in struct nrm_policy_text and in struct nrm_policy */
};

struct span {
	const char *path;
	size_t days, ms;
	uint32_t otherwise; /* days when the file does not say; 0: it must */
};

#define LIST(path, kind, words, mask)                                                 \
	{                                                                             \
		path, NRM_VOCABULARY_##kind, offsetof(struct nrm_policy_text, words), \
			offsetof(struct nrm_policy, mask)                             \
	}
#define SPAN(path, days, ms)                                                                     \
	{                                                                                        \
		path, offsetof(struct nrm_policy_text, days), offsetof(struct nrm_policy, ms), 0 \
	}
/* One that the file may leave out: a pointer in the text. */
#define SPAN_OR(path, days, ms, otherwise)                                                     \
	{                                                                                      \
		path, offsetof(struct nrm_policy_text, days), offsetof(struct nrm_policy, ms), \
			otherwise                                                              \
	}

static const struct list lists[] = {
	LIST("complaints.recipients", ROLE, complaints.recipients, oversight),
	LIST("complaints.fields", FIELD, complaints.fields, complaint_fields),
	LIST("declines.conditional", DECLINE, declines.conditional, declines.conditional),
	LIST("declines.discriminatory", DECLINE, declines.discriminatory, declines.discriminatory),
	LIST("declines.by_the_person", DECLINE, declines.by_the_person, declines.by_the_person),
	LIST("declines.for_capacity", DECLINE, declines.for_capacity, declines.for_capacity),
	LIST("declines.status_services", SERVICE, declines.status_services, status_services),
	LIST("consulates", ROLE, consulates, consulates),
	LIST("reflection.messages", NOTICE_KIND, reflection.messages, expulsions),
	LIST("reflection.told", ROLE, reflection.told, defenders),
	LIST("without_ground.services", SERVICE, without_ground.services, groundless_services),
	LIST("without_ground.fields", FIELD, without_ground.fields, groundless_fields),
	LIST("emergency.reasons", EMERGENCY, emergency.reasons, emergency.reasons),
	LIST("emergency.against_her_own_no", EMERGENCY, emergency.against_her_own_no,
	     emergency.against_refusal),
	LIST("child_protection.services", SERVICE, child_protection.services,
	     child_protection.services),
	LIST("child_protection.recipients", ROLE, child_protection.recipients,
	     child_protection.recipients),
	LIST("consent.any_never_covers", SERVICE, consent.any_never_covers, any_covers),
	LIST("consent.pressed.services", SERVICE, consent.pressed.services, pressure.services),
	LIST("consent.pressed.recorders", ROLE, consent.pressed.recorders, pressure.recorders),
	LIST("consent.sent_away_by", ROLE, consent.sent_away_by, return_recorders),
	LIST("consent.never_recorded_by", ROLE, consent.never_recorded_by, consent_not_by),
	LIST("consent.withdrawn_also_by", ROLE, consent.withdrawn_also_by, withdrawal_also_by),
	LIST("children.own_word", SERVICE, children.own_word, child_decides),
	LIST("children.without_guardian", SERVICE, children.without_guardian, without_guardian),
	LIST("children.without_best_interests", SERVICE, children.without_best_interests,
	     without_best_interests),
	LIST("children.asks_for_guardian", SERVICE, children.asks_for_guardian, asks_for_guardian),
	LIST("return.services", SERVICE, return_.services, returns),
	LIST("return.evidence", ASSESSMENT, return_.evidence, evidence),
	LIST("return.evidence_for_a_child", ASSESSMENT, return_.evidence_for_a_child,
	     child_evidence),
	LIST("replies.fields", FIELD, replies.fields, reply_fields),
	LIST("replies.carers", ROLE, replies.carers, reply_carers),
	LIST("replies.carers_fields", FIELD, replies.carers_fields, carers_fields),
	LIST("replies.told_to_all", SERVICE, replies.told_to_all, told_to_all),
	LIST("age.decided_by", ROLE, age.decided_by, age_decided_by),
	LIST("age.adult_never_said_by", ROLE, age.adult_never_said_by, adult_not_by),
	LIST("parents_as_guardians.by", ROLE, parents_as_guardians.by, parents_by),
	LIST("parents_as_guardians.after", ASSESSMENT, parents_as_guardians.after, parents_after),
	LIST("case_managers", ROLE, case_managers, managers),
	LIST("forgetting.by", ROLE, forgetting.by, forgotten_by),
};

static const struct span spans[] = {
	SPAN("reflection.days", reflection.days, reflection_ms),
	SPAN("consent.crisis_days", consent.crisis_days, crisis_lifetime_ms),
	SPAN("consent.review_days", consent.review_days, review_ms),
	SPAN("consent.young_adult_days", consent.young_adult_days, young_adult_ms),
	SPAN("return.fresh_days", return_.fresh_days, evidence_ms),
	SPAN_OR("retention.days_after_expiry", retention.days_after_expiry, keep_ms, 1),
};

static uint32_t days_of(const struct span *span, const char *text)
{
	const uint32_t *days = (const uint32_t *)(text + span->days);

	if (span->otherwise)
		days = *(const uint32_t *const *)(text + span->days);
	return days ? *days : span->otherwise;
}

enum nrm_err nrm_policy_lists(struct nrm_policy_draft *draft)
{
	const char *text = (const char *)draft->text;
	char *policy = (char *)draft->policy;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct list *l = &lists[i];
		enum nrm_err err = nrm_policy_mask(draft, l->path, l->kind,
						   (const struct nrm_words *)(text + l->words),
						   (nrm_mask *)(policy + l->mask));
		if (err != NRM_OK)
			return err;
	}
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		const uint32_t days = days_of(&spans[i], text);
		if (days == 0 || days > MAX_DAYS)
			return nrm_yaml_fail(draft->yaml, spans[i].path, "expected 1 to %u days",
					     MAX_DAYS);
		*(uint64_t *)(policy + spans[i].ms) = days * DAY_MS;
	}
	/* the file says which services "any" never covers, the decision asks which it does */
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		draft->policy->any_covers ^= nrm_bit(s);
	return NRM_OK;
}

bool nrm_policy_value(struct nrm_policy_source *source, size_t index,
		      struct nrm_policy_value *ret_value)
{
	const char *text = source->decoded;
	const size_t n_lists = sizeof(lists) / sizeof(lists[0]);

	*ret_value = (struct nrm_policy_value){0};
	if (index >= n_lists + sizeof(spans) / sizeof(spans[0]))
		return false;
	if (index < n_lists) {
		const struct list *l = &lists[index];
		ret_value->path = l->path;
		ret_value->kind = l->kind;
		return nrm_policy_mask(&source->draft, l->path, l->kind,
				       (const struct nrm_words *)(text + l->words),
				       &ret_value->value) == NRM_OK;
	}
	const struct span *s = &spans[index - n_lists];
	ret_value->path = s->path;
	ret_value->is_days = true;
	ret_value->value = days_of(s, text);
	return true;
}
