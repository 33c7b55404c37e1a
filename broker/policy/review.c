#include "broker/policy/review.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "broker/policy/review_parts.h"
#include "broker/policy/space.h"

static void tell(struct nrm_review *r, struct nrm_remark *remark, const char *format, va_list args)
{
	vsnprintf(remark->text, sizeof(remark->text), format, args);
	if (remark->wrong)
		r->summary.wrong++;
	else
		r->summary.warnings++;
	r->visit(r->of, remark);
}

void nrm_review_warn(struct nrm_review *r, const char *path, const char *other, const char *format,
		     ...)
{
	struct nrm_remark remark = {.path = path, .other = other};
	va_list args;

	va_start(args, format);
	tell(r, &remark, format, args);
	va_end(args);
}

void nrm_review_wrong(struct nrm_review *r, const char *path, const char *format, ...)
{
	struct nrm_remark remark = {.wrong = true, .path = path, .other = ""};
	va_list args;

	va_start(args, format);
	tell(r, &remark, format, args);
	va_end(args);
}

const char *nrm_review_names(enum nrm_vocabulary kind, nrm_mask mask, char out[static 128])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t code = 1; code <= nrm_code_count(kind) && len < 128; code++)
		if (nrm_has(mask, code))
			len += (size_t)snprintf(out + len, 128 - len, "%s%s", len ? ", " : "",
						nrm_code_name(kind, code));
	return out;
}

/*
 * What the decision let through although a pair that is no longer read for itself stands against
 * it.
 */
struct breach {
	const struct nrm_policy *policy;
	nrm_mask recipients[NRM_MAX_WALLS];
	nrm_mask reached; /* roles behind an absolute wall that a message reached */
};

static void try_walls(void *of, const struct nrm_space_point *point,
		      const struct nrm_verdict *verdict)
{
	struct breach *b = of;

	if (verdict->outcome != NRM_OUTCOME_FORWARD)
		return;
	if (nrm_has(nrm_policy_walled_off(b->policy), point->recipient) ||
	    point->recipient == NRM_ROLE_IMMIGRATION_ENFORCEMENT)
		b->reached |= nrm_bit(point->recipient);
	for (uint32_t i = 0; i < b->policy->n_walls; i++) {
		const struct nrm_wall *wall = &b->policy->wall[i];
		if ((wall->from & point->senders) && nrm_has(wall->to, point->recipient) &&
		    !nrm_has(wall->except, point->service) &&
		    (verdict->forwarded != 0 || wall->absolute))
			b->recipients[i] |= nrm_bit(point->recipient);
	}
}

void nrm_review_walls(struct nrm_review *r)
{
	struct breach b = {.policy = r->policy};
	char path[NRM_POLICY_PATH_LEN], names[128];

	r->summary.examined = nrm_space_walk(&r->policy, 1, ~0ull, false, try_walls, &b);
	if (b.reached)
		nrm_review_wrong(r, "firewall", "something reaches %s",
				 nrm_review_names(NRM_VOCABULARY_ROLE, b.reached, names));
	for (uint32_t i = 0; i < r->policy->n_walls; i++) {
		if (b.recipients[i] == 0)
			continue;
		snprintf(path, sizeof(path), "firewall[%u]", i);
		nrm_review_wrong(r, path, "does not hold: a field reaches %s",
				 nrm_review_names(NRM_VOCABULARY_ROLE, b.recipients[i], names));
	}
}

static void count_rows(struct nrm_review *r)
{
	struct nrm_policy_summary *s = &r->summary;

	s->walls = r->policy->n_walls;
	s->secrecies = r->policy->n_secrecies;
	s->needed = r->text->needed.n;
	s->purposes = r->text->purposes.rows.n;
	s->emergencies = r->text->emergency.services.n;
	s->duties = r->policy->n_duties;
	s->longer = r->text->consent.longer.n;
	s->deadlines = r->text->deadlines.rows.n;
	s->facts = r->text->facts_count;
}

static bool gets_something(const struct nrm_policy *policy, uint32_t role, uint32_t service)
{
	const struct nrm_reach reach = nrm_policy_reach(policy, role, service);

	return (reach.needed & ~reach.secret) != 0;
}

static void count_reach(struct nrm_review *r)
{
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
		nrm_mask needed = 0;
		for (uint32_t role = 0; role < NRM_ROLE_END_; role++) {
			needed |= r->policy->needed[s][role];
			if (role && gets_something(r->policy, role, s))
				r->summary.receivers |= nrm_bit(role);
		}
		if (needed == 0)
			r->summary.unneeded |= nrm_bit(s);
	}
}

void nrm_policy_review(struct nrm_policy_source *source, nrm_remark_visit *visit, void *of,
		       struct nrm_policy_summary *ret_summary)
{
	struct nrm_review r = {.source = source,
			       .policy = source->draft.policy,
			       .text = source->draft.text,
			       .visit = visit,
			       .of = of};

	count_rows(&r);
	count_reach(&r);
	nrm_review_rows(&r);
	nrm_review_lists(&r);
	nrm_review_walls(&r);
	*ret_summary = r.summary;
}
