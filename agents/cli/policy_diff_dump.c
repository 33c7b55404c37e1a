/* Differences as JSON: nothing grouped. */
#include <jansson.h>
#include <stdio.h>

#include "agents/cli/policy_diff.h"

static json_t *names(enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code))
			json_array_append_new(list, json_string(nrm_code_name(kind, code)));
	return list;
}

static json_t *words(uint32_t bits, const char *(*word)(uint32_t))
{
	json_t *list = json_array();

	for (uint32_t bit = 0; bit < 32; bit++)
		if (bits >> bit & 1)
			json_array_append_new(list, json_string(word(bit)));
	return list;
}

static json_t *ages(uint8_t mask)
{
	json_t *list = json_array();

	if (mask & 1)
		json_array_append_new(list, json_string("adult"));
	if (mask & 2)
		json_array_append_new(list, json_string("child"));
	return list;
}

/* "field" is null where it is the message itself. */
static json_t *change(uint32_t role, uint32_t service, uint32_t field, const struct nrm_change *c)
{
	return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:b, s:b}", "role",
			 nrm_code_name(NRM_VOCABULARY_ROLE, role), "service",
			 nrm_code_name(NRM_VOCABULARY_SERVICE, service), "field",
			 nrm_code_name(NRM_VOCABULARY_FIELD, field), "from",
			 names(NRM_VOCABULARY_ROLE, c->senders), "by",
			 words(c->kinds, nrm_diff_kind), "grounds",
			 words(c->grounds, nrm_diff_ground), "ages", ages(c->ages), "offering",
			 (c->offering & 2) != 0, "not_offering", (c->offering & 1) != 0);
}

static json_t *changes(const nrm_changes *all)
{
	json_t *list = json_array();

	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
			for (uint32_t f = 0; f < NRM_FIELD_END_; f++)
				if ((*all)[r][s][f].senders)
					json_array_append_new(list,
							      change(r, s, f, &(*all)[r][s][f]));
	return list;
}

static json_t *value(const struct nrm_value_change *c, uint64_t v)
{
	if (c->kind == NRM_VALUE_YES)
		return json_boolean(v != 0);
	if (c->kind != NRM_VALUE_CODES)
		return json_integer((json_int_t)v);
	return v == NRM_ANYONE ? json_string("any") : names(c->values, v);
}

static void add_value(void *of, const struct nrm_value_change *c)
{
	json_array_append_new(of,
			      json_pack("{s:s, s:o, s:o, s:o, s:i, s:i}", "what", c->what, "of",
					names(c->about, c->codes), "before", value(c, c->before),
					"after", value(c, c->after), "old_line", (int)c->old_line,
					"new_line", (int)c->new_line));
}

uint32_t nrm_diff_dump(const struct nrm_policy_diff *diff, struct nrm_policy_source *old,
		       struct nrm_policy_source *new)
{
	json_t *values = json_array();
	const uint32_t n = nrm_policy_compare_values(old, new, add_value, values);
	json_t *all = json_pack("{s:s, s:s, s:o, s:o, s:o, s:I}", "old",
				nrm_policy_source_name(old), "new", nrm_policy_source_name(new),
				"newly_let_through", changes(&diff->through), "newly_stopped",
				changes(&diff->stopped), "changed", values, "examined",
				(json_int_t)diff->examined);

	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return diff->n_through + diff->n_stopped + n;
}
