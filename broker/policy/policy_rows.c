/* The tables of the file whose rows say something of services. */
#include <assert.h>
#include <stdio.h>

#include "broker/policy/policy_source.h"
#include "broker/policy/policy_text.h"

#define HOUR_MINUTES 60u
#define MAX_HOURS    (24u * 365)
#define DAY_MS	     (24ull * 3600 * 1000)
#define MAX_DAYS     36500u

/* What a row says of one service. */
typedef void set_service(struct nrm_policy *policy, uint32_t service,
			 const struct nrm_policy_row *row);

static enum nrm_err compile_row(struct nrm_policy_draft *draft, const char *path,
				const struct nrm_row_text *text, struct nrm_policy_row *row)
{
	nrm_mask except = 0;
	const struct {
		const char *key;
		enum nrm_vocabulary kind;
		const struct nrm_words *words;
		nrm_mask *mask;
	} columns[] = {
		{"services", NRM_VOCABULARY_SERVICE, &text->services, &row->services},
		{"except", NRM_VOCABULARY_SERVICE, &text->except, &except},
		{"recipients", NRM_VOCABULARY_ROLE, &text->recipients, &row->recipients},
		{"fields", NRM_VOCABULARY_FIELD, &text->fields, &row->fields},
		{"purposes", NRM_VOCABULARY_PURPOSE, &text->purposes, &row->purposes},
	};
	char at[NRM_YAML_PATH_LEN];

	*row = (struct nrm_policy_row){.days = text->days, .hours = text->hours};
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		snprintf(at, sizeof(at), "%s.%s", path, columns[i].key);
		enum nrm_err err = nrm_policy_mask(draft, at, columns[i].kind, columns[i].words,
						   columns[i].mask);
		if (err != NRM_OK)
			return err;
	}
	if (except & ~row->services)
		return nrm_yaml_fail(draft->yaml, nrm_yaml_at(draft->yaml, "%s.except", path),
				     "excepts what the row does not name");
	row->services &= ~except;
	if (row->services == 0)
		return nrm_yaml_fail(draft->yaml, path, "can never apply: no service is left");
	return NRM_OK;
}

enum nrm_err nrm_policy_row(struct nrm_policy_draft *draft, const char *list,
			    const struct nrm_rows *rows, uint32_t index,
			    struct nrm_policy_row *ret_row)
{
	char at[NRM_POLICY_PATH_LEN];

	snprintf(at, sizeof(at), "%s[%u]", list, index);
	return compile_row(draft, at, &rows->row[index], ret_row);
}

struct nrm_policy_row nrm_policy_source_row(struct nrm_policy_source *source, const char *list,
					    const struct nrm_rows *rows, uint32_t index)
{
	struct nrm_policy_row row;
	const enum nrm_err err = nrm_policy_row(&source->draft, list, rows, index, &row);

	assert(err == NRM_OK);
	return err == NRM_OK ? row : (struct nrm_policy_row){0};
}

static enum nrm_err compile_rows(struct nrm_policy_draft *draft, const char *list,
				 const struct nrm_rows *rows, bool each_once, set_service *set)
{
	nrm_mask seen = 0;
	struct nrm_policy_row row;

	for (uint32_t i = 0; i < rows->n; i++) {
		enum nrm_err err = nrm_policy_row(draft, list, rows, i, &row);
		if (err != NRM_OK)
			return err;
		if (each_once && (seen & row.services))
			return nrm_yaml_fail(draft->yaml,
					     nrm_yaml_at(draft->yaml, "%s[%u].services", list, i),
					     "a row above says something else of one of these");
		seen |= row.services;
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
			if (nrm_has(row.services, s))
				set(draft->policy, s, &row);
	}
	return NRM_OK;
}

static void set_purposes(struct nrm_policy *policy, uint32_t service,
			 const struct nrm_policy_row *row)
{
	policy->purposes[service] = row->purposes;
}

static void set_emergency(struct nrm_policy *policy, uint32_t service,
			  const struct nrm_policy_row *row)
{
	policy->emergency.recipients[service] = row->recipients;
}

static void set_minimum(struct nrm_policy *policy, uint32_t service,
			const struct nrm_policy_row *row)
{
	policy->emergency.minimum[service] |= row->fields;
}

static void set_lifetime(struct nrm_policy *policy, uint32_t service,
			 const struct nrm_policy_row *row)
{
	policy->lifetime_ms[service] = row->days * DAY_MS;
}

static void set_deadline(struct nrm_policy *policy, uint32_t service,
			 const struct nrm_policy_row *row)
{
	policy->deadline_minutes[service] = row->hours * HOUR_MINUTES;
}

/* A row that names no recipient is for all of them: role 0. */
static void set_needed(struct nrm_policy *policy, uint32_t service,
		       const struct nrm_policy_row *row)
{
	const nrm_mask roles = row->recipients == 0 || row->recipients == NRM_ANYONE
				       ? nrm_bit(0)
				       : row->recipients;

	for (uint32_t r = 0; r < NRM_ROLE_END_; r++)
		if (roles & nrm_bit(r))
			policy->needed[service][r] |= row->fields;
}

void nrm_policy_set_needed(struct nrm_policy *policy, const struct nrm_policy_row *row)
{
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_has(row->services, s))
			set_needed(policy, s, row);
}

/* Legal duty is not by service: each row stays one. */
static enum nrm_err compile_duties(struct nrm_policy_draft *draft)
{
	const struct nrm_rows *rows = &draft->text->legal_duty;
	struct nrm_policy_row row;

	for (uint32_t i = 0; i < rows->n; i++) {
		enum nrm_err err = nrm_policy_row(draft, "legal_duty", rows, i, &row);
		if (err != NRM_OK)
			return err;
		draft->policy->duty[i] =
			(struct nrm_duty){row.services, row.recipients, row.fields};
	}
	draft->policy->n_duties = rows->n;
	return NRM_OK;
}

/* What holds for services that no row names. */
static enum nrm_err set_defaults(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	struct nrm_policy_row row = {.days = t->consent.days, .hours = t->deadlines.hours};
	enum nrm_err err = nrm_policy_mask(draft, "purposes.otherwise", NRM_VOCABULARY_PURPOSE,
					   &t->purposes.otherwise, &row.purposes);

	if (err != NRM_OK)
		return err;
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
		set_purposes(draft->policy, s, &row);
		set_lifetime(draft->policy, s, &row);
		set_deadline(draft->policy, s, &row);
	}
	return NRM_OK;
}

static enum nrm_err check_range(struct nrm_policy_draft *draft, const char *path, uint32_t value,
				uint32_t max)
{
	if (value == 0 || value > max)
		return nrm_yaml_fail(draft->yaml, path, "expected 1 to %u", max);
	return NRM_OK;
}

static enum nrm_err check_ranges(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	enum nrm_err err = check_range(draft, "consent.days", t->consent.days, MAX_DAYS);

	if (err == NRM_OK)
		err = check_range(draft, "deadlines.hours", t->deadlines.hours, MAX_HOURS);
	for (uint32_t i = 0; i < t->consent.longer.n && err == NRM_OK; i++)
		err = check_range(draft, nrm_yaml_at(draft->yaml, "consent.longer[%u].days", i),
				  t->consent.longer.row[i].days, MAX_DAYS);
	for (uint32_t i = 0; i < t->deadlines.rows.n && err == NRM_OK; i++)
		err = check_range(draft, nrm_yaml_at(draft->yaml, "deadlines.rows[%u].hours", i),
				  t->deadlines.rows.row[i].hours, MAX_HOURS);
	return err;
}

enum nrm_err nrm_policy_rows(struct nrm_policy_draft *draft)
{
	const struct nrm_policy_text *t = draft->text;
	const struct {
		const char *list;
		const struct nrm_rows *rows;
		bool each_once;
		set_service *set;
	} tables[] = {
		{"purposes.rows", &t->purposes.rows, true, set_purposes},
		{"emergency.services", &t->emergency.services, true, set_emergency},
		{"emergency.minimum", &t->emergency.minimum, false, set_minimum},
		{"consent.longer", &t->consent.longer, true, set_lifetime},
		{"needed", &t->needed, false, set_needed},
		{"deadlines.rows", &t->deadlines.rows, true, set_deadline},
	};
	enum nrm_err err = check_ranges(draft);

	if (err == NRM_OK)
		err = set_defaults(draft);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && err == NRM_OK; i++)
		err = compile_rows(draft, tables[i].list, tables[i].rows, tables[i].each_once,
				   tables[i].set);
	return err == NRM_OK ? compile_duties(draft) : err;
}
