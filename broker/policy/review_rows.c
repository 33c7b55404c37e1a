/* Rows and lines that say nothing, or what another line keeps back. */
#include <stdio.h>
#include <string.h>

#include "broker/policy/review_parts.h"

static nrm_mask hidden_alone(const struct nrm_policy *policy, uint32_t secrecy, nrm_mask roles,
			     uint32_t service)
{
	struct nrm_policy one = {.n_secrecies = 1, .secrecy = {policy->secrecy[secrecy]}};
	const struct nrm_party party = {.roles = roles, .offers = nrm_bit(service)};

	return nrm_secret(&one, &party, service);
}

/*
 * The first line of secrecy that hides a field from a role, and whether no other than a liftable
 * one does.
 */
static const char *hidden_by(struct nrm_review *r, uint32_t field, uint32_t role, uint32_t service,
			     char path[static NRM_POLICY_PATH_LEN], bool *ret_liftable)
{
	bool liftable = true;

	path[0] = '\0';
	for (uint32_t i = 0; i < r->policy->n_secrecies; i++) {
		if (!nrm_has(hidden_alone(r->policy, i, nrm_bit(role), service), field))
			continue;
		if (!*path || (liftable && !r->policy->secrecy[i].liftable))
			snprintf(path, NRM_POLICY_PATH_LEN, "secrecy[%u]", i);
		liftable &= r->policy->secrecy[i].liftable;
	}
	*ret_liftable = liftable;
	return *path ? path : NULL;
}

/* Roles among `roles` for which a field is secret, for every service of a row. */
static nrm_mask kept_from(const struct nrm_policy *policy, uint32_t field, nrm_mask roles,
			  nrm_mask services)
{
	nrm_mask kept = 0;

	for (uint32_t role = 1; role < NRM_ROLE_END_; role++) {
		bool secret = nrm_has(roles, role);
		for (uint32_t s = 1; s < NRM_SERVICE_END_ && secret; s++) {
			const struct nrm_party party = {.roles = nrm_bit(role),
							.offers = nrm_bit(s)};
			if (nrm_has(services, s))
				secret = nrm_has(nrm_secret(policy, &party, s), field);
		}
		kept |= secret ? nrm_bit(role) : 0;
	}
	return kept;
}

static uint32_t lowest(nrm_mask mask)
{
	return mask ? (uint32_t)__builtin_ctzll(mask) : 0;
}

/*
 * A field that a row names for a role that may not have it. A row for whoever offers the service
 * says so only where no role at all may have the field: to sort out the others is what secrecy is
 * for.
 */
static void check_secret(struct nrm_review *r, const char *path, const struct nrm_policy_row *row)
{
	const nrm_mask all = nrm_bit(NRM_ROLE_END_) - 2;
	const bool whoever = row->recipients == 0 || row->recipients == NRM_ANYONE;
	const nrm_mask roles = (whoever ? all : row->recipients) &
			       ~nrm_policy_walled_off(r->policy);
	char other[NRM_POLICY_PATH_LEN], names[128];
	bool liftable;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		if (!nrm_has(row->fields, f))
			continue;
		const nrm_mask kept = kept_from(r->policy, f, roles, row->services);
		if (kept == 0 || (whoever && kept != roles))
			continue;
		if (!hidden_by(r, f, lowest(kept), lowest(row->services), other, &liftable))
			continue;
		nrm_review_warn(r, path, other, "%s is secret for %s%s",
				nrm_code_name(NRM_VOCABULARY_FIELD, f),
				whoever ? "every role"
					: nrm_review_names(NRM_VOCABULARY_ROLE, kept, names),
				liftable ? ", but for a consent that names it" : "");
	}
}

/* Roles to which a wall from everybody stops one of the services. */
static bool stopped_by_all(const struct nrm_policy *policy, uint32_t role, uint32_t service)
{
	for (uint32_t sender = 1; sender < NRM_ROLE_END_; sender++) {
		bool stopped = false;
		for (uint32_t i = 0; i < policy->n_walls && !stopped; i++) {
			const struct nrm_wall *wall = &policy->wall[i];
			stopped = nrm_has(wall->from, sender) && nrm_has(wall->to, role) &&
				  !nrm_has(wall->except, service);
		}
		if (!stopped)
			return false;
	}
	return true;
}

static void check_reachable(struct nrm_review *r, const char *path,
			    const struct nrm_policy_row *row)
{
	if (row->recipients == 0 || row->recipients == NRM_ANYONE)
		return;
	for (uint32_t role = 1; role < NRM_ROLE_END_; role++)
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
			if (nrm_has(row->recipients, role) && nrm_has(row->services, s) &&
			    stopped_by_all(r->policy, role, s))
				nrm_review_warn(r, path, "firewall",
						"can never apply to %s: no role may write to %s "
						"about it",
						nrm_code_name(NRM_VOCABULARY_SERVICE, s),
						nrm_code_name(NRM_VOCABULARY_ROLE, role));
}

/* Whether all that a row of `needed` says, the other rows say. */
static bool says_nothing(struct nrm_review *r, uint32_t index)
{
	struct nrm_policy others;
	const struct nrm_rows *rows = &r->text->needed;

	memset(others.needed, 0, sizeof(others.needed));
	for (uint32_t i = 0; i < rows->n; i++)
		if (i != index) {
			const struct nrm_policy_row row =
				nrm_policy_source_row(r->source, "needed", rows, i);
			nrm_policy_set_needed(&others, &row);
		}
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		for (uint32_t role = 0; role < NRM_ROLE_END_; role++)
			if (r->policy->needed[s][role] &
			    ~(others.needed[s][role] | others.needed[s][0]))
				return false;
	return true;
}

static void check_needed(struct nrm_review *r)
{
	const struct nrm_rows *rows = &r->text->needed;
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct nrm_policy_row row =
			nrm_policy_source_row(r->source, "needed", rows, i);
		snprintf(path, sizeof(path), "needed[%u]", i);
		check_secret(r, path, &row);
		check_reachable(r, path, &row);
		if (says_nothing(r, i))
			nrm_review_warn(r, path, "", "can never matter: other rows say all of it");
	}
}

/* Rows of the other tables that name fields or recipients. */
static void check_tables(struct nrm_review *r)
{
	const struct {
		const char *list;
		const struct nrm_rows *rows;
	} tables[] = {
		{"emergency.services", &r->text->emergency.services},
		{"emergency.minimum", &r->text->emergency.minimum},
		{"legal_duty", &r->text->legal_duty},
	};
	char path[NRM_POLICY_PATH_LEN];

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (uint32_t i = 0; i < tables[t].rows->n; i++) {
			const struct nrm_policy_row row =
				nrm_policy_source_row(r->source, tables[t].list, tables[t].rows, i);
			snprintf(path, sizeof(path), "%s[%u]", tables[t].list, i);
			check_secret(r, path, &row);
			check_reachable(r, path, &row);
		}
}

/* Rows that say of their services what holds for all others. */
static void check_exceptions(struct nrm_review *r)
{
	const struct nrm_policy_text *t = r->text;
	char path[NRM_POLICY_PATH_LEN];
	nrm_mask otherwise = 0;

	if (nrm_policy_mask(&r->source->draft, "purposes.otherwise", NRM_VOCABULARY_PURPOSE,
			    &t->purposes.otherwise, &otherwise) != NRM_OK)
		return;
	for (uint32_t i = 0; i < t->purposes.rows.n; i++) {
		snprintf(path, sizeof(path), "purposes.rows[%u]", i);
		if (nrm_policy_source_row(r->source, "purposes.rows", &t->purposes.rows, i)
			    .purposes == otherwise)
			nrm_review_warn(r, path, "purposes.otherwise",
					"can never matter: says what holds otherwise");
	}
	for (uint32_t i = 0; i < t->consent.longer.n; i++) {
		snprintf(path, sizeof(path), "consent.longer[%u]", i);
		if (t->consent.longer.row[i].days <= t->consent.days)
			nrm_review_warn(r, path, "consent.days", "is not longer");
	}
	for (uint32_t i = 0; i < t->deadlines.rows.n; i++) {
		snprintf(path, sizeof(path), "deadlines.rows[%u]", i);
		if (t->deadlines.rows.row[i].hours == t->deadlines.hours)
			nrm_review_warn(r, path, "deadlines.hours",
					"can never matter: says what holds otherwise");
	}
}

static void check_walls(struct nrm_review *r)
{
	const nrm_mask every_service = nrm_bit(NRM_SERVICE_END_) - 2;
	char path[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < r->policy->n_walls; i++) {
		snprintf(path, sizeof(path), "firewall[%u]", i);
		if ((every_service & ~r->policy->wall[i].except) == 0)
			nrm_review_warn(r, path, "", "can never fire: every service is excepted");
	}
}

/*
 * Whether line `j` hides all that line `i` hides, from all that it hides it from, and is lifted no
 * easier.
 */
static bool covers(const struct nrm_secrecy *j, const struct nrm_secrecy *i)
{
	return (i->fields & ~(j->fields & ~j->but.fields)) == 0 && (j->only & ~i->only) == 0 &&
	       (i->never & ~j->never) == 0 && (i->liftable || !j->liftable);
}

static void check_secrecy(struct nrm_review *r)
{
	const struct nrm_policy *p = r->policy;
	char path[NRM_POLICY_PATH_LEN], other[NRM_POLICY_PATH_LEN];

	for (uint32_t i = 0; i < p->n_secrecies; i++) {
		const struct nrm_secrecy *line = &p->secrecy[i];
		snprintf(path, sizeof(path), "secrecy[%u]", i);
		for (uint32_t j = 0; j < p->n_secrecies; j++) {
			snprintf(other, sizeof(other), "secrecy[%u]", j);
			if (i != j && covers(&p->secrecy[j], line) &&
			    (j < i || !covers(line, &p->secrecy[j])))
				nrm_review_warn(r, path, other,
						"can never matter: the other line hides all of it");
		}
		if (line->but.fields && line->but.roles != NRM_ANYONE && line->never == 0 &&
		    (line->but.roles & ~line->only) == 0)
			nrm_review_warn(r, path, "",
					"its \"but\" can never apply: nothing is hidden from these "
					"roles");
	}
}

void nrm_review_rows(struct nrm_review *r)
{
	check_walls(r);
	check_secrecy(r);
	check_needed(r);
	check_tables(r);
	check_exceptions(r);
}
