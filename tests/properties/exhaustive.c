#include "tests/properties/exhaustive.h"

#include <stdio.h>
#include <string.h>

#include "tests/properties/allowed.h"
#include "tests/properties/print.h"

#define NOW_ (20000 * DAY)

/* One sender's role, recipient's role and service, and all fields declared. */
struct cell {
	const struct nrm_policy *policy;
	struct input in;
	struct nrm_verdict verdict;
};

/* How many verdicts it looked at; it stops at the first that is wrong and leaves that in the cell. */
typedef bool invariant(struct cell *cell, uint64_t *ret_examined);

static bool walled(const struct cell *cell)
{
	const struct nrm_policy *p = cell->policy;
	const nrm_mask from = cell->in.party[SENDER].roles, to = cell->in.party[RECIPIENT].roles;

	for (uint32_t i = 0; i < p->n_walls; i++)
		if ((p->wall[i].from & from) && (p->wall[i].to & to) &&
		    !nrm_has(p->wall[i].except, cell->in.message.service))
			return true;
	return false;
}

static bool forwarded_or_walled(struct cell *cell, uint64_t *ret_examined)
{
	const enum nrm_reason reason = walled(cell) ? NRM_REASON_FIREWALL : NRM_REASON_OK;

	*ret_examined += 1;
	return cell->verdict.reason == reason &&
	       (cell->verdict.outcome == NRM_OUTCOME_FORWARD) == (reason == NRM_REASON_OK);
}

/* The consent is to everything, so that of the fields just what is needed and not secret remains. */
static bool needed_less_secret(struct cell *cell, uint64_t *ret_examined)
{
	const nrm_mask secret = allowed_secret(cell->policy, &cell->in);
	const nrm_mask needed = allowed_needed(cell->policy, &cell->in);
	const struct nrm_verdict *v = &cell->verdict;

	*ret_examined += NRM_FIELD_END_ - 1;
	if (v->outcome != NRM_OUTCOME_FORWARD)
		return (v->forwarded | v->secret | v->not_needed | v->not_consented) == 0;
	return v->forwarded == (ALL_FIELDS & needed & ~secret) &&
	       v->secret == (ALL_FIELDS & secret) &&
	       v->not_needed == (ALL_FIELDS & ~needed & ~secret) && v->not_consented == 0;
}

static bool enforcement_gets_nothing(struct cell *cell, uint64_t *ret_examined)
{
	if (!nrm_has(cell->in.party[RECIPIENT].roles, NRM_ROLE_IMMIGRATION_ENFORCEMENT))
		return true;
	*ret_examined += NRM_FIELD_END_ - 1;
	return cell->verdict.outcome == NRM_OUTCOME_REFUSE && cell->verdict.forwarded == 0;
}

/* A field fares alone as it does among all. */
static bool each_field_by_itself(struct cell *cell, uint64_t *ret_examined)
{
	const struct nrm_verdict all = cell->verdict;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		const nrm_mask field = nrm_bit(f);
		struct nrm_verdict *v = &cell->verdict;
		cell->in.message.fields = field;
		*v = input_decide(cell->policy, &cell->in);
		*ret_examined += 1;
		if (v->reason != all.reason || v->forwarded != (all.forwarded & field) ||
		    v->secret != (all.secret & field) || v->not_needed != (all.not_needed & field))
			return false;
	}
	return true;
}

static bool naive_says_the_same(struct cell *cell, uint64_t *ret_examined)
{
	struct trial t = {.policy = cell->policy, .in = &cell->in, .verdict = cell->verdict};

	*ret_examined += NRM_FIELD_END_ - 1;
	return as_the_naive_one(&t) == HOLDS;
}

static void set_up(struct cell *cell, enum nrm_service service, bool by_name)
{
	struct input *in = &cell->in;

	memset(in, 0, sizeof(*in));
	in->now = NOW_;
	for (uint32_t i = 1; i < PARTIES; i++)
		in->party[i] = (struct nrm_party){.known = true, .active = true, .country = HOME};
	in->party[RECIPIENT].offers = nrm_bit(service);
	in->party[RECORDER].roles = nrm_bit(NRM_ROLE_SHELTER);
	in->card.age_class = NRM_AGE_CLASS_ADULT;
	in->card.consulate_wished = true;
	in->card.receiving_manager = RECIPIENT;
	for (uint32_t a = 1; a < NRM_ASSESSMENT_END_; a++)
		in->card.assessed[a] = NOW_ - DAY;
	in->message = (struct nrm_message){.type = NRM_MESSAGE_TYPE_REFERRAL,
					   .sender = SENDER,
					   .recipient = RECIPIENT,
					   .service = service,
					   .basis = NRM_BASIS_CONSENT};
	in->message.purpose = (enum nrm_purpose)__builtin_ctzll(cell->policy->purposes[service]);
	in->n_consents = 1;
	in->consent[0] = (struct nrm_consent){.given_by = NRM_GIVEN_BY_ADULT,
					      .services = nrm_bit(service),
					      .any_recipient = !by_name,
					      .recipient = {RECIPIENT},
					      .n_recipients = by_name,
					      .any_field = !by_name,
					      .named_fields = by_name ? ALL_FIELDS : 0,
					      .purpose = in->message.purpose,
					      .phase = NRM_PHASE_RECOVERY,
					      .from = NOW_ - DAY,
					      .until = NOW_ + 60 * DAY,
					      .understood = true,
					      .recorder = {RECORDER},
					      .n_recorders = 1};
}

static bool holds_for(struct cell *cell, invariant *check, uint32_t from, uint32_t to,
		      uint64_t *ret_examined)
{
	cell->in.party[SENDER].roles = nrm_bit(from);
	cell->in.party[RECIPIENT].roles = nrm_bit(to);
	cell->in.message.fields = ALL_FIELDS;
	cell->verdict = input_decide(cell->policy, &cell->in);
	return check(cell, ret_examined);
}

/* Over all cells, with a consent that says `any`, and with one that names each field and the recipient. */
static bool holds(struct cell *cell, invariant *check, uint64_t *ret_examined)
{
	for (uint32_t by_name = 0; by_name < 2; by_name++)
		for (uint32_t service = 1; service < NRM_SERVICE_END_; service++) {
			set_up(cell, service, by_name);
			for (uint32_t from = 1; from < NRM_ROLE_END_; from++)
				for (uint32_t to = 1; to < NRM_ROLE_END_; to++)
					if (!holds_for(cell, check, from, to, ret_examined))
						return false;
		}
	return true;
}

uint32_t exhaustive(const struct nrm_policy *policy, uint32_t *ret_passed)
{
	static const struct {
		const char *sentence;
		invariant *check;
	} invariants[] = {
		{"a wall stops it, and nothing else does", forwarded_or_walled},
		{"of the fields, what is needed and not secret", needed_less_secret},
		{"immigration_enforcement gets nothing", enforcement_gets_nothing},
		{"a field fares alone as it does among all", each_field_by_itself},
		{"the second implementation says the same", naive_says_the_same},
	};
	const uint32_t n = sizeof(invariants) / sizeof(invariants[0]);
	struct cell cell = {.policy = policy};
	uint32_t failed = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t examined = 0;
		const bool held = holds(&cell, invariants[i].check, &examined);
		printf("%s %9llu examined: %s\n", held ? "ok    " : "FAILED",
		       (unsigned long long)examined, invariants[i].sentence);
		if (held)
			continue;
		failed++;
		print_participants(stdout, &cell.in);
		print_case(stdout, "as decided", &cell.in, &cell.verdict);
	}
	*ret_passed = n - failed;
	return failed;
}
