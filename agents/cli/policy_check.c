/* nrm policy check: what is to be said of a policy before it is signed. */
#include <argp.h>
#include <jansson.h>
#include <stdio.h>

#include "agents/cli/cli.h"
#include "agents/cli/policy.h"
#include "broker/policy/review.h"

struct arguments {
	const char *policy;
	bool json;
};

struct report {
	const struct nrm_policy_source *source;
	json_t *remarks; /* NULL: print them */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 0)
			argp_error(state, "one policy at a time");
		a->policy = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void tell(void *of, const struct nrm_remark *remark)
{
	const struct report *report = of;
	const char *kind = remark->wrong ? "error" : "warning";
	const uint32_t line = nrm_policy_source_line(report->source, remark->path);
	const uint32_t other =
		*remark->other ? nrm_policy_source_line(report->source, remark->other) : 0;

	if (report->remarks) {
		json_array_append_new(
			report->remarks,
			json_pack("{s:s, s:s, s:i, s:s, s:s*, s:i}", "kind", kind, "path",
				  remark->path, "line", (int)line, "text", remark->text, "other",
				  *remark->other ? remark->other : NULL, "other_line", (int)other));
		return;
	}
	printf("%s:%u: %s: %s: %s", nrm_policy_source_name(report->source), line, kind,
	       remark->path, remark->text);
	if (other)
		printf(" (%s, line %u)", remark->other, other);
	putchar('\n');
}

static json_t *names(enum nrm_vocabulary kind, nrm_mask mask)
{
	json_t *list = json_array();

	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code))
			json_array_append_new(list, json_string(nrm_code_name(kind, code)));
	return list;
}

static nrm_mask unreached(const struct nrm_policy_summary *s)
{
	return (nrm_bit(NRM_ROLE_END_) - 2) & ~s->receivers;
}

static void print_names(const char *what, enum nrm_vocabulary kind, nrm_mask mask)
{
	printf("%s:", what);
	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code))
			printf(" %s", nrm_code_name(kind, code));
	puts(mask ? "" : " none");
}

static void print_summary(const struct nrm_policy_summary *s)
{
	printf("rows: %u firewall, %u secrecy, %u needed, %u purposes, %u emergency, %u legal "
	       "duty, %u consent.longer, %u deadlines, %u facts\n",
	       s->walls, s->secrecies, s->needed, s->purposes, s->emergencies, s->duties, s->longer,
	       s->deadlines, s->facts);
	print_names("services without a row of needed", NRM_VOCABULARY_SERVICE, s->unneeded);
	print_names("roles that can receive nothing", NRM_VOCABULARY_ROLE, unreached(s));
	printf("walls: %s on %llu messages\n", s->wrong ? "DO NOT HOLD" : "hold",
	       (unsigned long long)s->examined);
	printf("%u warnings, %u errors\n", s->warnings, s->wrong);
}

static void dump_summary(const struct nrm_policy_source *source, const struct nrm_policy_summary *s,
			 json_t *remarks)
{
	json_t *all = json_pack(
		"{s:s, s:o, s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}, s:o, s:o, s:I, s:i, "
		"s:i}",
		"policy", nrm_policy_source_name(source), "remarks", remarks, "rows", "firewall",
		s->walls, "secrecy", s->secrecies, "needed", s->needed, "purposes", s->purposes,
		"emergency", s->emergencies, "legal_duty", s->duties, "consent_longer", s->longer,
		"deadlines", s->deadlines, "facts", s->facts, "services_without_needed",
		names(NRM_VOCABULARY_SERVICE, s->unneeded), "roles_that_receive_nothing",
		names(NRM_VOCABULARY_ROLE, unreached(s)), "examined", (json_int_t)s->examined,
		"warnings", s->warnings, "errors", s->wrong);

	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

int nrm_policy_cmd_check(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"json", 'j', NULL, 0, "as JSON", 0},
		{0},
	};
	static const struct argp argp = {options,
					 parse,
					 "[FILE]",
					 "Checks a policy: errors, warnings, a summary. Warnings "
					 "leave the exit status 0.",
					 NULL,
					 NULL,
					 NULL};
	struct arguments a = {.policy = nrm_policy_default()};
	struct nrm_policy_source *source = NULL;
	struct nrm_policy_summary summary;
	char error[NRM_POLICY_ERROR_LEN];

	argp_err_exit_status = 2;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return 2;
	if (nrm_policy_source_open(a.policy, &source, error) != NRM_OK)
		return nrm_cli_fail("%s", error);
	struct report report = {source, a.json ? json_array() : NULL};
	nrm_policy_review(source, tell, &report, &summary);
	if (a.json)
		dump_summary(source, &summary, report.remarks);
	else
		print_summary(&summary);
	nrm_policy_source_close(source);
	return summary.wrong ? 2 : 0;
}
