/* Who may get what, on a terminal and for a spreadsheet. */
#include "agents/cli/policy_show.h"

#include <string.h>

#define ROLE_WIDTH 24
#define WIDE	   36u /* columns that still have room for a space each */
#define LEGEND	   3   /* entries a line */

static const char letters[] = {' ', 'N', 's', 'B'};
static const char *const colours[] = {"", "\033[42;30m", "\033[2m", "\033[43;30m"};
static const char *const words[] = {"not_needed", "needed", "secret", "needed_but_secret"};

static const struct nrm_policy *policy_of(const struct nrm_show *show)
{
	return nrm_policy_source_policy(show->source);
}

/* Fields that somebody needs, and roles that get one of them. */
static void select(const struct nrm_show *show, uint32_t service, nrm_mask *ret_fields,
		   nrm_mask *ret_roles)
{
	*ret_fields = *ret_roles = 0;
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++) {
		const struct nrm_reach reach = nrm_policy_reach(policy_of(show), r, service);
		*ret_fields |= reach.needed;
		*ret_roles |= reach.needed & ~reach.secret ? nrm_bit(r) : 0;
	}
}

/* One of the two lines of column numbers. */
static void print_head(FILE *out, nrm_mask fields, bool tens, const char *gap)
{
	fprintf(out, "%-*s", ROLE_WIDTH, "");
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (nrm_has(fields, f))
			fprintf(out, "%s%c", gap,
				!tens	 ? (char)('0' + f % 10)
				: f < 10 ? ' '
					 : (char)('0' + f / 10));
	fputc('\n', out);
}

static void print_row(const struct nrm_show *show, FILE *out, uint32_t service, uint32_t role,
		      nrm_mask fields, const char *gap)
{
	const struct nrm_reach reach = nrm_policy_reach(policy_of(show), role, service);

	fprintf(out, "%-*s", ROLE_WIDTH, nrm_code_name(NRM_VOCABULARY_ROLE, role));
	for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
		if (!nrm_has(fields, f))
			continue;
		const enum nrm_cell cell = nrm_cell(reach, f);
		const char *colour = show->colour ? colours[cell] : "";
		fprintf(out, "%s%s%c%s", gap, colour, letters[cell], *colour ? "\033[0m" : "");
	}
	fputc('\n', out);
}

static void print_legend(FILE *out, nrm_mask fields)
{
	uint32_t n = 0;

	for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
		if (nrm_has(fields, f))
			fprintf(out, "%s%3u %-28s", n++ % LEGEND ? "" : "\n", f,
				nrm_code_name(NRM_VOCABULARY_FIELD, f));
	fputc('\n', out);
}

static void print_left_out(FILE *out, nrm_mask roles)
{
	const nrm_mask none = (nrm_bit(NRM_ROLE_END_) - 2) & ~roles;
	int column = fprintf(out, "get nothing:");

	for (uint32_t r = 1; r < NRM_ROLE_END_; r++) {
		const char *name = nrm_code_name(NRM_VOCABULARY_ROLE, r);
		if (!nrm_has(none, r))
			continue;
		if (column + (int)strlen(name) + 1 > 100)
			column = fprintf(out, "\n           ") - 1;
		column += fprintf(out, " %s", name);
	}
	fputs(none ? "\n\n" : " no role\n\n", out);
}

static void print_service(const struct nrm_show *show, FILE *out, uint32_t service)
{
	const enum nrm_vocabulary kind = NRM_VOCABULARY_SERVICE;
	nrm_mask fields, roles;

	select(show, service, &fields, &roles);
	const char *gap = __builtin_popcountll(fields) <= (int)WIDE ? " " : "";
	fprintf(out, "%s  %s\n", nrm_code_name(kind, service),
		nrm_label(show->glossary, kind, service, show->language));
	print_head(out, fields, true, gap);
	print_head(out, fields, false, gap);
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		if (nrm_has(roles, r))
			print_row(show, out, service, r, fields, gap);
	print_legend(out, fields);
	print_left_out(out, roles);
}

void nrm_show_table(const struct nrm_show *show, FILE *out)
{
	fprintf(out, "%s, version %llu. N needed, B needed but secret, s secret.\n\n",
		nrm_policy_source_name(show->source), (unsigned long long)policy_of(show)->version);
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_has(show->services, s))
			print_service(show, out, s);
}

void nrm_show_csv(const struct nrm_show *show, FILE *out)
{
	fputs("service,role,field,state\n", out);
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		for (uint32_t r = 1; r < NRM_ROLE_END_ && nrm_has(show->services, s); r++) {
			const struct nrm_reach reach = nrm_policy_reach(policy_of(show), r, s);
			for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
				fprintf(out, "%s,%s,%s,%s\n",
					nrm_code_name(NRM_VOCABULARY_SERVICE, s),
					nrm_code_name(NRM_VOCABULARY_ROLE, r),
					nrm_code_name(NRM_VOCABULARY_FIELD, f),
					words[nrm_cell(reach, f)]);
		}
}
